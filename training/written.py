"""Invented news, letters and minutes with questions and claims about them, written for this training by hand.

Public sets ask about encyclopaedias; people ask about the news and their own papers. One plain text a topic in
`written/`: `python -m training.written FILE` checks one. Its form, an empty line between texts:

    # Title
    @ Outlet | 2024-03-05
    1 First sentence.
    2 Second sentence.
    ? A question
    = 2 the words of sentence 2 that answer
    ? A question that the text seems to answer and does not
    = none
    + 1 2 a claim that follows from sentences 1 and 2
    - 2 number: a claim that does not, and what is wrong with it
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.text import one_line
from training.rows import Reading, Support

FOLDER = Path(__file__).parent / "written"
# Written after the others, and taught after them where they are taught (training/train.py).
_LATER = ("context", "crowded", "ownpapers", "paraphrase", "reasons", "sides")
KINDS = ("number", "date", "name", "speaker", "negation", "strength", "relation", "extra")


@dataclass(slots=True)
class Text:
    """One invented text as it stands in a file; `line` is where it begins."""

    line: int
    title: str
    outlet: str = ""
    date: str = ""
    sentences: list[str] = field(default_factory=list)
    asked: list[tuple[str, list[tuple[int, str]]]] = field(default_factory=list)
    claims: list[tuple[tuple[int, ...], str, str]] = field(default_factory=list)


class FormError(ValueError):
    """A line that does not say what it should."""


def texts(path: Path) -> list[Text]:
    """Return the texts of a file. Raises FormError, naming the line."""
    made: list[Text] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        said = line.strip()
        if not said:
            continue
        try:
            if said.startswith("#"):
                made.append(Text(number, said[1:].strip()))
            else:
                _add(made[-1], said)
        except (ValueError, IndexError) as error:
            raise FormError(f"{path.name}:{number}: {error}: {said[:80]}") from None
    return made


def _add(text: Text, said: str) -> None:
    sign, rest = said[0], said[1:].strip()
    if sign == "@":
        text.outlet, text.date = (part.strip() for part in rest.split("|"))
        if text.date and not re.fullmatch(r"\d{4}-\d\d-\d\d", text.date):
            raise FormError("a date is written 2024-03-05")
    elif sign == "?":
        text.asked.append((rest, []))
    elif sign == "=":
        if rest != "none":
            at, words = rest.split(" ", 1)
            _sentence_with(text, int(at), words)
            text.asked[-1][1].append((int(at) - 1, words))
    elif sign == "+":
        of, claim = _numbered(text, rest)
        text.claims.append((of, "", claim))
    elif sign == "-":
        of, told = _numbered(text, rest)
        kind, claim = told.split(": ", 1)
        if kind not in KINDS:
            raise FormError(f"a kind is one of {', '.join(KINDS)}")
        text.claims.append((of, kind, claim))
    else:
        at, words = said.split(" ", 1)
        if int(at) != len(text.sentences) + 1:
            raise FormError(f"sentence {len(text.sentences) + 1} is next")
        text.sentences.append(one_line(words))


def _sentence_with(text: Text, number: int, words: str) -> None:
    if not 1 <= number <= len(text.sentences) or words not in text.sentences[number - 1]:
        raise FormError(f"sentence {number} does not hold these words")


def _numbered(text: Text, rest: str) -> tuple[tuple[int, ...], str]:
    found = re.match(r"((?:\d+ )+)(.+)", rest)
    if not found:
        raise FormError("the numbers of its sentences come first")
    of = tuple(int(one) - 1 for one in found[1].split())
    if any(not 0 <= at < len(text.sentences) for at in of):
        raise FormError("no such sentence")
    return of, found[2]


def _all() -> Iterator[tuple[str, Text]]:
    for path in sorted(FOLDER.glob("*.txt")):
        for text in texts(path):
            yield f"{path.stem} {text.title}", text


def readings() -> Iterator[Reading]:
    """Yield every question with all sentences of its text."""
    for key, text in _all():
        for question, answers in text.asked:
            held_by = {at for at, _ in answers}
            labels = tuple(int(at in held_by) for at in range(len(text.sentences)))
            span = None
            if answers:
                at, words = answers[0]
                start = text.sentences[at].index(words)
                span = (at, start, start + len(words))
            said = tuple(text.sentences)
            yield Reading(
                _source(key), key, question, text.title, said, labels, span, has_span=True, date=text.date
            )


def _source(key: str) -> str:
    """Return "retold" for texts that tell of one event between them: what one lacks, its sister may tell."""
    return "retold" if key.startswith("retold") else "written"


def is_later(key: str) -> bool:
    """Return whether the text of a reading or a claim stands in one of the files that were written last."""
    return key.startswith(_LATER)


def supports() -> Iterator[Support]:
    """Yield every claim with the sentences it is held against."""
    for key, text in _all():
        for of, kind, claim in text.claims:
            quote = " ".join(text.sentences[at] for at in of)
            yield Support(_source(key), key, claim, quote, int(not kind), kind)


def main() -> None:
    """Check the files named on the command line and count what they hold."""
    for name in sys.argv[1:]:
        made = texts(Path(name))
        asked = [answers for text in made for _, answers in text.asked]
        claims = [kind for text in made for _, kind, _ in text.claims]
        print(
            f"{name}: {len(made)} texts, {len(asked)} questions ({asked.count([])} without an answer), "
            f"{len(claims)} claims ({sum(map(bool, claims))} that do not follow)"
        )


if __name__ == "__main__":
    main()
