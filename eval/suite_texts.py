"""Gathers the texts of a suite, each once and under an id of its own, and draws the cases over them.

Knows no data format and no measure. Texts are cleaned as the library cleans them, so that quotes stay verbatim.
"""

from collections.abc import Iterable, Sequence

from eval.data import digest, draw
from eval.metrics_answer import holds
from eval.types import Case, Text
from rag.text import clean, one_line, sentences

# 48 bits: among 10,000 texts, two share an id once in five million suites.
_ID_CHARS = 12


class Texts:
    """The texts of one suite, in the order in which they were added."""

    def __init__(self, suite: str) -> None:
        self._suite = suite
        self._texts: dict[str, Text] = {}

    def add(self, text: str, *, title: str = "") -> str:
        """Add a text with its title, once however often it occurs, and return its id."""
        text, title = clean(text), one_line(clean(title))
        text_id = new_id(self._suite, title, text)
        self._texts.setdefault(text_id, Text(text_id, text, title))
        return text_id

    def add_all(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Add texts that have no title, leave out empty ones, and return their ids, each once."""
        return tuple(dict.fromkeys(self.add(text) for text in texts if text.strip()))

    @property
    def all(self) -> tuple[Text, ...]:
        """Return every text that was added."""
        return tuple(self._texts.values())

    def needed(self, cases: Iterable[Case]) -> tuple[Text, ...]:
        """Return the texts that the cases may search, and no others."""
        wanted = {text_id for case in cases for text_id in case.documents or ()}
        return tuple(text for text in self._texts.values() if text.id in wanted)


def new_id(suite: str, *parts: str) -> str:
    """Return "suite/0123456789ab": the same wherever these parts come up again."""
    joined = "\n".join(parts)
    return f"{suite}/{digest(joined)[:_ID_CHARS]}"


def usable(rows: Iterable[Case | None]) -> tuple[list[Case], int]:
    """Return the cases among the rows, and how many rows are None: they hold no usable question."""
    read = list(rows)
    cases = [case for case in read if case is not None]
    return cases, len(read) - len(cases)


def drawn(cases: Iterable[Case], limit: int | None, *, seed: int) -> tuple[Case, ...]:
    """Return `limit` of the cases (None: all), drawn by their ids.

    Files may overlap: of cases with the same id the first counts.
    """
    distinct: dict[str, Case] = {}
    for case in cases:
        distinct.setdefault(case.id, case)
    return tuple(draw(list(distinct.values()), limit, seed=seed, key=lambda case: case.id))


def group(strings: Iterable[str]) -> tuple[str, ...]:
    """Return strings that are equally right, cleaned, each once, without empty ones."""
    return tuple(dict.fromkeys(filter(None, (one_line(clean(string)) for string in strings))))


def sentence_at(text: str, offset: int) -> str:
    """Return the sentence that holds the character at `offset`, cleaned, "" where there is none."""
    return next((clean(text[start:end]) for start, end in sentences(text) if start <= offset < end), "")


def sentence_with(text: str, wanted: Sequence[str]) -> str:
    """Return the first sentence that holds one of the strings, by the rule that answers are judged with, or ""."""
    parts = (clean(text[start:end]) for start, end in sentences(text))
    return next((part for part in parts if any(holds(part, string) for string in wanted)), "")
