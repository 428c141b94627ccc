"""How good the answers are. Knows gold questions and the Answer object; knows no file format or widget."""
