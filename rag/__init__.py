"""The core: questions, passages, claims and answers. Knows no file format and no widget."""

__version__ = "0.1.0"
