"""How a document is called where it is searched and read. Knows its title, its outlet and who says what in it."""

from collections.abc import Iterable

from rag.types import Attribution, Document, Hit, Source


def titled(one: Document | Source, said: Iterable[Attribution]) -> str:
    """Return the title of a document, with its author where they speak themselves and no outlet is known: in a
    letter it is they who are "I".
    """
    author = next((found.speaker for found in said if not found.cue), None) if one.outlet is None else None
    return f"{one.title}, {author}" if author else one.title


def called(hit: Hit) -> str:
    """Return the title that a passage is read under: with the author where they speak in it."""
    return titled(hit.source, hit.attributions)
