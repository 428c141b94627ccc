"""Plain-text tools: cleaning, sentences, words, numbers. Pure; knows no document, model or index.

Sentences are cut here and not by a library because their spans must be exact, the rules must hold for text
scraped with its noise (bullets, headings without a full stop, dialogue dashes), and the spaCy and NLTK
segmenters cost a second of import or a download.
"""

import re
import unicodedata
from collections.abc import Iterator

from rag.types import Span

# Zero-width, bidirectional and tag characters carry no words but can hide some from a reader.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]|[\ud800-\udfff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile("\r\n|[\r\x0c\u0085\u2028\u2029]")

# A word before a full stop that does not end a sentence.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof gen sen sens rep reps rev hon maj adm ft fr gov lt col sgt capt st mt vs etc e.g i.e cf
    al inc ltd co corp jr sr no vol pp fig ca approx dept est u.s u.k u.n e.u a.m p.m jan feb mar apr jun jul
    aug sep sept oct nov dec г гг руб млн млрд тыс им ул д стр см т.е т.д т.п т.к напр
    """.split()
)
_ENDS_SENTENCE = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*")
_STARTS_SENTENCE = re.compile(r"\s+(?=[\"'“‘«(\[—–-]*\s*[^\W_])|(?<=[。！？])(?=\S)")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*\d{1,3}$")
# What stands between quotation marks, with them.
QUOTED = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"|„[^“]*“")
WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_NAME = re.compile(r"(?<![.!?…:]\s)(?<!^)(?<!\w)[^\W\d_a-zа-яё][\w’'-]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)

STOPWORDS = frozenset(
    """
    a an the of in on at to for from by with about as into over after before between during and or but nor if
    than then that this these those there here it its he she they them his her their we our you your i me my
    is are was were be been being am do does did doing done has have had having will would shall should can
    could may might must not no so such what which who whom whose when where why how much many more most very
    just also only own same other some any each both few all s t ll ve re d m и в во не что он на я с со как
    а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о из ему теперь
    когда даже ну ли если уже или ни быть был него до вас нибудь кто какой где какая какие каков сколько это
    чем для при
    """.split()
)


def clean(text: str) -> str:
    """Return `text` in NFC with one kind of line end and no invisible or control characters."""
    text = _LINE_ENDS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    text = _CONTROL.sub(" ", text)
    return unicodedata.normalize("NFC", text.replace("\u00a0", " "))


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space."""
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Return the words of `text`, case-folded, with inner hyphens, apostrophes and dots kept."""
    return [match.group().casefold() for match in WORD.finditer(text)]


def content_words(text: str) -> list[str]:
    """Return the words that carry meaning: no stop words, no possessive endings."""
    stripped = (re.sub(r"['’]s$", "", word) for word in words(text))
    return [word for word in stripped if word not in STOPWORDS]


def names(text: str) -> set[str]:
    """Return the case-folded words that are capitalised inside a sentence: mostly names."""
    found = (match.group() for match in _NAME.finditer(text))
    return {word for name in found if not name[0].islower() for word in content_words(name)}


def numbers(text: str) -> set[str]:
    """Return the numbers of `text` without thousands separators: "1,250.50" becomes "1250.50"."""
    return {re.sub(r",(?=\d{3}(?:\D|$))", "", match.group()) for match in _NUMBER.finditer(text)}


def is_cyrillic(text: str) -> bool:
    """Return whether a text is written in Cyrillic letters rather than in Latin ones."""
    return len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the spans of lines that hold words: scraped text has one paragraph, heading or bullet a line."""
    for match in re.finditer(r"[^\n]+", text):
        start, end = _strip(text, match.start(), match.end())
        if start < end:
            yield start, end


def sentences(text: str) -> list[Span]:
    """Return the spans of the sentences, in order, without overlap.

    Every character outside the spans is white space, so nothing is lost.
    """
    spans = []
    for start, end in paragraphs(text):
        cut = start
        for match in _ENDS_SENTENCE.finditer(text, start, end):
            after = match.end()
            if after < end and _is_boundary(text, match, end):
                spans.append((cut, after))
                cut, _ = _strip(text, after, end)
        if cut < end:
            spans.append((cut, end))
    return spans


def _is_boundary(text: str, mark: re.Match[str], end: int) -> bool:
    gap = _STARTS_SENTENCE.match(text, mark.end(), end)
    if gap is None:
        return False
    if gap.end() == mark.end():  # no space is due after a full stop of this script
        return True
    following = text[gap.end() : gap.end() + 3].lstrip("\"'“‘«([—–- ")
    if following[:1].islower():
        return False
    if mark.group()[0] != ".":
        return True
    before = text[max(0, mark.start() - 12) : mark.start()]
    if _LIST_NUMBER.search(before):
        return False
    token = before.split()
    last = token[-1].lstrip("(\"'“‘«[").casefold() if token else ""
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return not (is_initial or last in _ABBREVIATIONS)


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
