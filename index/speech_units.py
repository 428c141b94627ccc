"""Text as units of narration: sentences with quotations folded into one token. Pure; knows no speaker.

Each token has a one-letter kind (`speech_words.WORD_KINDS`), so that a rule can be a regular expression over
the kinds of a sentence instead of over its characters.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from index.speech_words import PLURAL_OR_MASS, ROLES, VERB_KINDS, WORD_KINDS
from rag.text import paragraphs, sentences
from rag.types import Span

# Kinds that tokens of our own making have.
QUOTE, NAME, NOUN, NUMBER, POSSESSIVE = "Q", "N", "n", "0", "p"

# Longer than this is no sentence but a table or rubbish; rules would only find wrong subjects in it.
_MAX_UNIT_TOKENS = 400
# A quotation shorter than this that is part of the grammar ("a 'deep state' plot") is not what is said.
_MIN_QUOTE_WORDS = 4

_OPEN, _CLOSE = "“«„‟", "”»"
_MARK = re.compile(r"[\"“”«»„‟]|''|``")
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}|(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Jr|Sr|St|Prof|Rev|No)\.|\b[A-ZА-Я]\.(?=\s)"
    r"|[^\W_]+(?:[.,'’‑/&-][^\W_]+)*['’]?|[^\w\s]"
)
_DASH = "—–-"
_NARRATOR = re.compile(r",\s*[—–]\s*")
_SPOKEN = re.compile(r"[,!?….]\s*[—–]\s+")
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATED = re.compile(r"\b(?:Rev|Ft|Fr|Sens|Reps|Gov|Sen|Rep|Msgr|Hon|Maj|Adm|Cpl|Supt)\.$")


class Token(NamedTuple):
    """A word, a mark, or a whole quotation, with its place in the text."""

    start: int
    end: int
    kind: str
    lower: str


@dataclass(frozen=True, slots=True)
class Unit:
    """The sentence of this number; `kinds[i]` is the kind of `tokens[i]`."""

    number: int
    start: int
    end: int
    paragraph: int
    tokens: list[Token]
    kinds: str
    capitals: int

    @property
    def is_quote(self) -> bool:
        """True where nobody but the quoted speaks."""
        return QUOTE in self.kinds and not self.kinds.strip(QUOTE + ".,-")

    @property
    def is_headline(self) -> bool:
        """True for a Title Case Line: its capitals say nothing about names."""
        words = [token for token in self.tokens if len(token.lower) > 3 and token.kind not in "Q,.:;-()o0"]
        return len(words) >= 5 and self.capitals >= 0.8 * len(words) and "Q" not in self.kinds


@lru_cache(maxsize=1)  # who says what and what the author says are read of one text, one after the other
def units(text: str) -> tuple[Unit, ...]:
    """Return the sentences of `text` in order, with no cut inside a quotation."""
    found: list[Unit] = []
    lines = list(paragraphs(text))
    cuts = _sentence_ends(text)
    for number, (start, end) in enumerate(lines):
        following = text[lines[number + 1][0]] if number + 1 < len(lines) else ""
        quotes = _quotes(text, (start, end), following)
        for span in _merge(text, (start, end), cuts.get(number, []), quotes):
            inside = [quote for quote in quotes if span[0] <= quote[0] < span[1]]
            tokens = _tokens(text, span, inside)
            if tokens and len(tokens) <= _MAX_UNIT_TOKENS:
                kinds = "".join(token.kind for token in tokens)
                capitals = sum(len(t.lower) > 3 and text[t.start].isupper() for t in tokens)
                found.append(Unit(len(found), *span, number, tokens, kinds, capitals))
    return tuple(found)


def _sentence_ends(text: str) -> dict[int, list[int]]:
    """Return for each paragraph where its sentences end."""
    ends: dict[int, list[int]] = {}
    lines = list(paragraphs(text))
    number = 0
    for start, end in sentences(text):
        while start >= lines[number][1]:
            number += 1
        ends.setdefault(number, []).append(end)
    return ends


def _merge(text: str, line: Span, ends: list[int], quotes: list[Span]) -> list[Span]:
    """Return the sentences of a paragraph, leaving out ends that fall inside a quotation."""
    start, end = line
    spans = []
    at = 0
    for cut in ends:
        while at < len(quotes) and quotes[at][1] < cut:
            at += 1
        inside = at < len(quotes) and quotes[at][0] < cut < quotes[at][1]
        if cut != end and (inside or _ABBREVIATED.search(text, max(start, cut - 8), cut)):
            continue
        spans.append((start, cut))
        start = cut
    return spans


def _quotes(text: str, line: Span, following: str) -> list[Span]:
    """Return the quotations of a paragraph with their marks."""
    start, end = line
    spans: list[Span] = []
    opened: int | None = None
    dash = start if text[start] in _DASH else None
    for match in _MARK.finditer(text, start, end):
        opens = _opens(text, match, opened is not None)
        if opens and opened is None:
            opened = match.start()
        elif not opens and opened is not None:
            spans.append((opened, match.end()))
            opened = None
        elif not opens and dash is not None:  # '— We agree," said Smith.'
            spans = [(dash, match.end())]
            dash = None
    if opened is not None:
        return _unclosed(text, (opened, end), following, spans)
    if not spans and dash is not None:
        spans = _dialogue(text, start, end)
    return spans


def _opens(text: str, match: re.Match[str], inside: bool) -> bool:
    mark = match.group()
    if mark in _OPEN or mark == "``":
        return True
    if mark in _CLOSE:
        return False
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 1]
    if inside:
        return bool(after.strip()) and (not before.strip() or before in "([") and after not in ",.;:!?)"
    return not before.strip() or before in "([—–-:" or not match.start()


def _unclosed(text: str, rest: Span, following: str, spans: list[Span]) -> list[Span]:
    """Close a quotation that has no end mark: at a narrator's dash, or where the next paragraph opens again."""
    start, end = rest
    if following and following in _OPEN + '"':
        return [*spans, (start, end)]
    narrator = _NARRATOR.search(text, start, end)
    return [*spans, (start, narrator.start() + 1)] if narrator else spans


def _dialogue(text: str, start: int, end: int) -> list[Span]:
    """Return the spoken parts of "— Text, — said Smith. — More text." where a verb of saying is near the dash."""
    spans: list[Span] = []
    if text[start] == "-":  # a bullet
        return spans
    spoken: int | None = start
    for match in _SPOKEN.finditer(text, start + 1, end):
        if spoken is None:  # the narrator has spoken: the words go on
            spoken = match.start() + len(match.group().rstrip()) - 1
            continue
        near = [word.group().lower() for word in _WORD.finditer(text, match.end(), min(end, match.end() + 80))]
        if any(VERB_KINDS.get(word) in {"V", "s"} for word in near[:6]):
            spans.append((spoken, match.start() + 1))
            spoken = None
    if spans and spoken is not None:
        spans.append((spoken, end))
    return spans


def _tokens(text: str, span: Span, quotes: list[Span]) -> list[Token]:
    start, end = span
    found: list[Token] = []
    for quote_start, quote_end in quotes:
        _plain(text, start, quote_start, found)
        if _is_speech(text, (quote_start, min(quote_end, end)), found, end):
            found.append(Token(quote_start, min(quote_end, end), QUOTE, ""))
        else:
            _plain(text, quote_start, min(quote_end, end), found)
        start = min(quote_end, end)
    _plain(text, start, end, found)
    return [_settled(found, at) for at in range(len(found))]


# Forms that are a noun before another noun ("state agency") as often as a verb.
_BEFORE_NOUN = frozenset("state post report note comment view question answer charge point hope fear call".split())
_NOUN_BEFORE = frozenset("of over from about in between against by and or, ".split())


def _settled(tokens: list[Token], at: int) -> Token:
    """Return the token as a noun where the next word shows that it is no verb: "state agency", "disputes over"."""
    token = tokens[at]
    if token.kind not in ("v", "s") or token.lower in _STEADY | _STEADY_PLURAL:
        return token
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    before = tokens[at - 1] if at else None
    if after is None or before is None:
        return token
    opens = before.kind == NAME and (at == 1 or tokens[at - 2].kind == "-")
    if token.kind == "s":  # "Territorial disputes over", "Recent reports mention"
        is_noun = opens and (after.lower in _NOUN_BEFORE or after.kind in "vBAM")
    else:
        plural = before.lower.endswith("s") or before.lower in PLURAL_OR_MASS
        is_noun = after.kind in ":.;" or (after.kind in "nN" and token.lower in _BEFORE_NOUN and not plural)
    return token._replace(kind=NOUN) if is_noun else token


def _is_speech(text: str, quote: Span, before: list[Token], end: int) -> bool:
    """Return True for quoted words that stand for themselves, not for a name or a phrase of the narrator."""
    start, stop = quote
    inner = text[start:stop].strip("\"“”«»„'` —–")
    count = len(_WORD.findall(inner))
    after = text[stop : stop + 1]
    leads = not before or before[-1].kind in ",:-(Q"
    if inner[-1:] in ",.?!…":
        return count >= 2 or leads
    if (leads and after and after in ",-—–") or (before and before[-1].kind == ":"):
        return count >= 2
    return count >= _MIN_QUOTE_WORDS and (leads or stop >= end - 1 or count >= 2 * _MIN_QUOTE_WORDS)


def _plain(text: str, start: int, end: int, found: list[Token]) -> None:
    """Append the tokens of text outside of quotations."""
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        if word[0] in "\"“”«»„‟'`’":
            continue
        kind, lower = _kind(word, found)
        found.append(Token(match.start(), match.end(), kind, lower))


def _kind(word: str, before: list[Token]) -> tuple[str, str]:
    first = word[0]
    if first == "%":
        return NOUN, word
    if not first.isalnum():
        return ("-" if first in "—–-" else first if first in ",.:;()" else "." if first in "!?…" else "o"), word
    lower = word.lower()
    last = before[-1].kind if before else ""
    if lower.endswith(("'s", "’s", "s'", "s’")) and lower not in (
        "it's",
        "it’s",
        "he's",
        "he’s",
        "she's",
        "she’s",
    ):
        return POSSESSIVE, lower
    if first.isdigit():  # "46-year-old" is a noun
        return NOUN if lower[-1:].isalpha() and "-" in lower else NUMBER, lower
    lower = lower.rstrip("'’")
    if first.isupper() and ((before and last not in ".Q") or (len(word) > 1 and word.isupper())):
        return _kind_of_capital(word, lower, last), lower
    kind = WORD_KINDS.get(lower) or VERB_KINDS.get(lower)
    if kind == "v" and first.isupper():  # "State Department officials"
        return NAME, lower
    if kind is None:
        if first.isupper():
            return ("X" if _opens_like_a_verb(lower) else NAME), lower
        kind = _kind_of_unknown(lower, last)
    elif kind in "vsV" and _is_noun(kind, lower, before[-1] if before else None):
        kind = NOUN
    return kind, lower


def _kind_of_capital(word: str, lower: str, last: str) -> str:
    """A capital inside a sentence makes a name, but "On Friday" and titles in capitals keep their words."""
    if lower == "i" or (WORD_KINDS.get(lower) == "T" and last != NAME):
        return WORD_KINDS[lower]
    if WORD_KINDS.get(lower) in ("D", "I", "P") and not word.isupper():
        return WORD_KINDS[lower]
    if lower in VERB_KINDS and VERB_KINDS[lower] in "VsG" and lower not in ROLES and not word.isupper():
        return VERB_KINDS[lower] if lower not in ("states", "post", "claims", "reports", "notes") else NAME
    return NAME


def _opens_like_a_verb(lower: str) -> bool:
    """Return True for "Alarmed by ..." and "Speaking in ..." at the start of a sentence."""
    return len(lower) > 5 and lower.endswith(("ed", "ing")) and lower not in ("beijing", "boeing", "muhammed")


def _kind_of_unknown(lower: str, last: str) -> str:
    """Guess from the ending: "-ly" is an adverb, "-ed" a verb unless a determiner stands before it."""
    if lower.endswith("ly") and len(lower) > 5 and lower not in _NOT_ADVERBS:
        return "R" if last not in ("D", "p", "I") else NOUN
    return "X" if lower.endswith("ed") and len(lower) > 4 and last not in ("D", "p") else NOUN


def _is_noun(kind: str, lower: str, last: Token | None) -> bool:
    """Return True for "the claims", "his reported plan": no verb after a determiner, preposition or adjective."""
    before = last.kind if last else ""
    if kind == "V":
        return before in ("D", "p") or (lower == "thought" and before in ("D", "I", "n"))
    if before == NOUN and last is not None:
        plural = last.lower.endswith("s") or last.lower in PLURAL_OR_MASS
        return lower not in (_STEADY if kind == "s" else _STEADY_PLURAL) or plural == (kind == "s")
    if last is not None and last.lower == "to":
        return False
    return before in ("D", "p", "I", "0", "o") and last is not None and last.lower not in PLURAL_OR_MASS


# Forms that are hardly ever nouns.
_STEADY = frozenset(
    "says tells adds writes argues insists believes thinks admits announces describes hopes".split()
)
_STEADY_PLURAL = frozenset(
    "say tell write argue insist believe think admit agree acknowledge suggest note show".split()
)
_NOT_ADVERBS = frozenset(
    "family assembly monopoly anomaly butterfly italy friendly elderly deadly likely daily weekly".split()
)
