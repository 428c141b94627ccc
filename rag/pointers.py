"""How a whole answer is written from numbered quotes: which numbers it may name, and how it is read.

First the numbers of the quotes that answer ("USE: 1, 3") or NONE, then sentences that each end with one of
these numbers. `answer_grammar` is this form as a grammar for llama.cpp; `AnswerReader` holds whatever was written
to it, with or without a grammar. Knows text and numbers; knows no quote and no model.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from rag.citations import Cited, parse_sentence, stream_sentences

# More quotes than this are not given: the reader sorts them, and the later ones hardly ever answer.
MOST_QUOTES = 8
# More than this are not used by one answer; it keeps the grammar of eight quotes at 92 ways to choose.
_MOST_USED = 3
_MOST_SENTENCES = 4
# A sentence in characters: long enough to be one, and an end to one that does not find its own.
_SENTENCE_CHARS = (10, 300)

_USE = re.compile(r"\s*USE:\s*(\d{1,3}(?:\s*,\s*\d{1,3})*)[ .]*(?:\n|$)")
_NONE = re.compile(r"\s*NONE\b[\s.]*$")
_ENDED = re.compile(r"[.!?…][\"'”’»)]*$")
_DEFINITION = re.compile(r"(?P<name>[a-z][a-z0-9-]*) ::= (?P<body>.+)")
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\n]|\\["\\nrt])+")|(?P<chars>\[\^?(?:[^\]\\\n]|\\[\]\[\\nrt^-])+\])|"""
    r"""(?P<name>[a-z][a-z0-9-]*)|(?P<times>[*+?]|\{\d+(?:,\d*)?\})|(?P<mark>[|()]))"""
)


def answer_grammar(quotes: int) -> str:
    """Return the GBNF of an answer from `quotes` numbered quotes, 1 to MOST_QUOTES: NONE, or USE and sentences.

    The chosen numbers bind the sentences, so that none can name a quote outside the list. One rule a line, and
    a rule names only rules below it.
    """
    if not 1 <= quotes <= MOST_QUOTES:
        message = f"An answer is written from 1 to {MOST_QUOTES} quotes, not from {quotes}."
        raise ValueError(message)
    lines = [f'root ::= "NONE" | "USE: " ({_next(quotes, ())})']
    level: list[tuple[int, ...]] = [(number,) for number in range(1, quotes + 1)]
    while level:
        lines += [_after(quotes, chosen) for chosen in level]
        lines += [_sentences(chosen) for chosen in level]
        level = [(*chosen, number) for chosen in level for number in _later(quotes, chosen)]
    low, high = _SENTENCE_CHARS
    lines.append(f"words ::= [^\\[\\]\\n ] [^\\[\\]\\n]{{{low - 1},{high - 1}}}")
    return "\n".join(lines)


def _later(quotes: int, chosen: tuple[int, ...]) -> range:
    """Return the numbers that may follow: ascending, so that each choice can be written in one way only."""
    last = chosen[-1] if chosen else 0
    return range(last + 1, quotes + 1) if len(chosen) < _MOST_USED else range(0)


def _key(chosen: tuple[int, ...]) -> str:
    return "-".join(str(number) for number in chosen)


def _next(quotes: int, chosen: tuple[int, ...]) -> str:
    return " | ".join(f'"{n}" used-{_key((*chosen, n))}' for n in _later(quotes, chosen))


def _after(quotes: int, chosen: tuple[int, ...]) -> str:
    more = _next(quotes, chosen)
    said = f"said-{_key(chosen)}"
    lines = f'"\\n" {said}{{1,{_MOST_SENTENCES}}}'
    return f"used-{_key(chosen)} ::= {lines}" + (f' | ", " ({more})' if more else "")


def _sentences(chosen: tuple[int, ...]) -> str:
    numbers = " | ".join(f'"{number}"' for number in chosen)
    return f'said-{_key(chosen)} ::= words " [" ({numbers}) "]\\n"'


def check_grammar(grammar: str) -> None:
    """Hold a grammar to the part of GBNF that is used here: llama.cpp ends its process on one it cannot read.

    Raises:
        ValueError: a line is no rule, a name is not defined below it, brackets do not match, there is no root.
    """
    defined: set[str] = set()
    for line in reversed(grammar.split("\n")):
        rule = _DEFINITION.fullmatch(line)
        if rule is None or rule["name"] in defined:
            raise ValueError(f"no rule of a grammar, or a second one of its name: {line!r}")
        _check_body(rule["body"], defined)
        defined.add(rule["name"])
    if not grammar.startswith("root ::= "):
        raise ValueError("a grammar starts with its rule root")


def _check_body(body: str, defined: set[str]) -> None:
    depth = place = 0
    before = "("  # what stands before: an item, or a mark after which one has to follow
    while place < len(body):
        token = _TOKEN.match(body, place)
        kind = token.lastgroup if token else None
        if token is None or (kind == "name" and token["name"] not in defined):
            raise ValueError(f"not understood in a grammar: {body[place:]!r}")
        mark = token["mark"] or ""
        depth += {"(": 1, ")": -1}.get(mark, 0)
        needs_item = kind == "times" or mark in ("|", ")")
        if depth < 0 or (needs_item and before in ("(", "|")) or (kind == "times" and before == "times"):
            raise ValueError(f"nothing before {token[0].strip()!r} in a grammar: {body!r}")
        before = "times" if kind == "times" else mark if mark in ("(", "|") else "item"
        place = token.end()
    if depth or before in ("(", "|"):
        raise ValueError(f"a grammar's rule does not end: {body!r}")


class AnswerReader:
    """Reads an answer as it is written. Numbers outside the list are removed and counted, never passed on.

    `declined` is True where the generator wrote NONE. A generator under no grammar may leave the list out; then
    all given quotes count as used.
    """

    def __init__(self, given: int) -> None:
        self.declined = False
        self.unknown = 0
        self._given = given
        self._used: frozenset[int] = frozenset(range(1, given + 1))

    def sentences(self, pieces: Iterable[str]) -> Iterator[Cited]:
        """Yield what each number stands behind as soon as its line is complete, and sentences without a number.

        A sentence without its full stop or number was cut off by the limit of tokens: it is left out.
        """
        lines = _lines(pieces)
        first = next(lines, "")
        if _NONE.match(first):
            self.declined = True
            return
        listed = _USE.match(first)
        if listed:
            self._use([int(number) for number in listed[1].split(",")])
        for line in lines if listed else chain([first], lines):
            yield from self._of_line(line)

    def _use(self, numbers: list[int]) -> None:
        self.unknown += sum(not 1 <= number <= self._given for number in numbers)
        # Where only numbers were listed that do not exist, the list says nothing.
        self._used = self._used & frozenset(numbers) or self._used

    def _of_line(self, line: str) -> Iterator[Cited]:
        waiting: list[str] = []
        for sentence in stream_sentences([line]):
            cited = parse_sentence(sentence, self._given)
            known = tuple(number for number in cited.numbers if number in self._used)
            self.unknown += cited.unknown + len(cited.numbers) - len(known)
            if not cited.text:
                continue
            if not known:
                waiting.append(cited.text)
                continue
            yield Cited(" ".join([*waiting, cited.text]), known, 0)
            waiting = []
        yield from (Cited(text, (), 0) for text in waiting if _ENDED.search(text))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    text = ""
    for piece in pieces:
        *complete, text = (text + piece).split("\n")
        yield from complete
    if text:
        yield text
