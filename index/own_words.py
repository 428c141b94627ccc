"""What the author of a letter, a diary or a column says in their own person: "I will pay for the repair."

Pure; knows a document and what in it is said by others. A sentence that speaks of "me" is its author's; of a text
without an outlet that does so (a letter, a mail, a report) every sentence is. What a mail answers to is theirs who
wrote it. Where "I" may be somebody else, in an interview or behind "she writes:", nobody is named.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.mails import Mail, other_mails
from index.signature import signed_by
from index.speech_units import Unit, units
from rag.text import QUOTED, STOPWORDS, words
from rag.types import Attribution, Document, Noise, Span

_I = re.compile(r"(?<![\w'’.-])(?:I(?:['’](?:m|ve|d|ll))?|[Mm]e|[Mm]y|[Mm]yself)(?![\w'’-])")
_WE = re.compile(r"(?<![\w'’.-])(?:[Ww]e(?:['’](?:re|ve|d|ll))?|[Oo]urs?|[Oo]urselves)(?![\w'’-])")
_RUSSIAN_I = re.compile(r"\b(?:[Яя]|[Мм]еня|[Мм]не|[Мм]ною?|[Мм]о(?:й|я|ё|е|и|его|ей|ему|их|им))\b")
_RUSSIAN_WE = re.compile(r"\b(?:[Мм]ы|[Нн]ас|[Нн]ам|[Нн]ами|[Нн]аш(?:а|е|и|его|ей)?)\b")
_ME = re.compile(f"{_I.pattern}|{_RUSSIAN_I.pattern}")
_FIRST_PERSON = {"en": (_I, _WE), None: (_I, _WE), "ru": (_RUSSIAN_I, _RUSSIAN_WE)}
# "World War I", "Part I": a number.
_NUMBERED = frozenset(
    "war part phase type article chapter book volume section class level stage grade table".split()
)
_REIGNS = re.compile(r"\s(?:ruled|reigned|died|of|abdicated|was|is)\b")
_NO_KINGS = frozenset(
    """
    yesterday today tomorrow perhaps maybe meanwhile sometimes monday tuesday wednesday thursday friday saturday
    sunday january february march april may june july august september october november december still once
    """.split()
)
_WORD_BEFORE = re.compile(r"([\w’'-]+)\W*$")
_PRONOUNS = frozenset("i we я мы".split())
_ENDS = re.compile(r"[.!…]['\"’”»)]*$")
_CURLY, _STRAIGHT = re.compile("[“”«»„]"), re.compile(r"(?<!\d)\"")
_SALUTES = re.compile(r"(?:dear|hello|hi|дорог|уважаем|liebe|sehr geehrte|hallo)", re.IGNORECASE)
# Quoted in single marks, which may as well be apostrophes: what is said there is not told from what is narrated.
_SINGLE = re.compile(r"(?<!\w)['‘]\w[^'‘’]*(?:['’]\w[^'‘’]*)*[,.!?]['’](?!\w)")
_DASH = re.compile(r"[—–]\s")
# "Q: ...", "Ann Ito (00:25): ...": the turns of a dialogue.
_TURN = re.compile(
    r"(?:[QA][.:]|[^\W\d_a-zа-яё][\w.’'-]*(?:\s[^\W\d_a-zа-яё][\w.’'-]*){0,3}(?:\s?\([^)]*\))?\s?:)(?:\s|$)"
)
_LABEL = re.compile(
    r"(?:to|cc|from|date|subject|attachments?|note|ps|tel|phone|mail|e-mail|кому|копия)\s?:", re.IGNORECASE
)
_FEWEST_TURNS, _FEWEST_ANSWERS, _FEWEST_WORDS = 3, 2, 2
_CAPITALISED = r"(?!(?:Mr|Mrs|Ms|Dr|Prof)\b)[^\W\d_a-zа-яё][\w’'-]+"
_ADDRESSED = re.compile(
    r"[*_]{0,2}(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Minister|Mayor|Senator|President)\.?\s"
    rf"(?P<name>{_CAPITALISED}), "
)
# The properties of a file name who made it, which need not be who writes.
_WITH_PROPERTIES = ("application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")


def own_words(
    document: Document, said: Sequence[Attribution], *, noise: Sequence[Noise] = ()
) -> list[Attribution]:
    """Return the sentences that the author of a document says, and of a mail those of the one that it answers.

    None is somebody else's in `said`, and none lies in `noise`.
    """
    text, signed = document.text, signed_by(document.text) if document.outlet is None else None
    is_typed = document.media_type in _WITH_PROPERTIES
    author = (signed or document.author) if is_typed else (document.author or signed)
    if document.language not in _FIRST_PERSON:
        return []
    of_me, of_us = _FIRST_PERSON[document.language]
    taken = _Spans([*((one.start, one.end) for one in said if not set(words(one.speaker)) <= _PRONOUNS),
                    *((one.start, one.end) for one in noise)])  # fmt: skip
    told = [one for one in _narrated(document) if not taken.touch((one.unit.start, one.unit.end))]
    mine = [one.unit for one in told if one.mail is None and not one.answers]
    with_me = [one for one in mine if _speaks(of_me, text[one.start : one.end])]
    is_interview = any(one.answers for one in told)
    if author is None or "@" in author or is_interview:  # in an interview the one who asks is no "I"
        mine = []
    elif document.outlet is not None:
        mine = with_me
    elif not with_me and (
        (signed is None and is_typed) or not any(_speaks(of_us, text[one.start : one.end]) for one in mine)
    ):
        mine = []
    answering = _answering(text) if is_interview and signed is None else None
    return [
        *(_own(one, text, author or "") for one in mine),
        *(_own(one.unit, text, answering) for one in told if one.answers and answering),
        *(_written(one.unit, text, one.mail) for one in told if one.mail is not None and one.mail.name),
    ]


class _Spans:
    """Spans of a text, to be asked whether one of them is touched."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._joined: list[Span] = []
        for start, end in sorted(spans):
            if self._joined and start <= self._joined[-1][1]:
                start, end = self._joined[-1][0], max(end, self._joined.pop()[1])
            self._joined.append((start, end))

    def touch(self, span: Span) -> bool:
        at = bisect_right(self._joined, (span[1] - 1, span[1])) - 1
        return at >= 0 and self._joined[at][1] > span[0]


def _speaks(person: re.Pattern[str], sentence: str) -> bool:
    """Return whether a sentence speaks in the first person, outside of what it quotes."""
    narrated = QUOTED.sub(" ", sentence)
    return any(not _is_number(narrated, found) for found in person.finditer(narrated))


def _is_number(sentence: str, found: re.Match[str]) -> bool:
    """Return whether "I" is a number: "World War I", "Nicholas I ruled", and not "Yesterday I paid"."""
    before = _WORD_BEFORE.search(sentence, 0, found.start()) if found.group() == "I" else None
    if before is None:
        return False
    word = before[1]
    if word.casefold() in _NUMBERED:
        return True
    if not word[0].isupper() or word.casefold() in STOPWORDS | _NO_KINGS or word.endswith("ly"):
        return False
    is_first = not sentence[: before.start()].strip(" \"'“«(")
    return not is_first or _REIGNS.match(sentence, found.end()) is not None


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence that nobody is quoted with.

    `mail` is the other mail that it stands in, if it does; `answers` tells that it answers a question.
    """

    unit: Unit
    mail: Mail | None = None
    answers: bool = False


def _narrated(document: Document) -> Iterator[_Told]:
    """Yield the sentences that nobody is quoted with; none of a dialogue, none twice quoted in a mail."""
    text = document.text
    paragraphs = _paragraphs(text)
    said = [text[slice(*_reach(one))] for one in paragraphs]
    mails = other_mails(said, are_mails=document.outlet is None)
    mine = ["" if mail is not None else line for line, mail in zip(said, mails, strict=True)]
    if _has_turns(mine):
        return
    others, behind = _of_others(mine)
    is_interview = _is_interview(mine, paragraphs)
    for number, sentences in enumerate(paragraphs):
        mail = mails[number]
        # A question in a letter is answered by another letter.
        is_answer = number in behind and (is_interview or document.outlet is not None)
        if number in others or (mail is not None and not mail.is_body) or (is_answer and not is_interview):
            continue
        for one in sentences:
            sentence = text[one.start : one.end].strip()
            is_whole = _ENDS.search(sentence) is not None and len(words(sentence)) >= _FEWEST_WORDS
            if is_whole and not (one.is_quote or _SINGLE.search(sentence) or _DASH.match(sentence)):
                yield _Told(one, mail, is_answer)


def _paragraphs(text: str) -> list[list[Unit]]:
    found: dict[int, list[Unit]] = {}
    for one in units(text):
        found.setdefault(one.paragraph, []).append(one)
    return list(found.values())


def _reach(sentences: Sequence[Unit]) -> Span:
    return sentences[0].start, sentences[-1].end


def _of_others(said: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return the paragraphs in which "I" may be somebody else than the author, and those that may answer.

    The first stand behind a colon, or between quotation marks that another paragraph closes. Both go on as long as
    they speak of "me".
    """
    found: set[int] = set()
    answers: set[int] = set()
    is_open = is_led = is_asked = False
    for number, paragraph in enumerate(said):
        bare = paragraph.strip("*_ \n")
        stays_open = _is_open(paragraph, is_open=is_open)
        if is_open or stays_open or is_led:
            found.add(number)
        elif is_asked and not bare.endswith("?"):
            answers.add(number)
        goes_on = number + 1 < len(said) and _ME.search(paragraph) and _ME.search(said[number + 1])
        is_asked = bare.endswith("?") or (is_asked and bool(goes_on))
        is_led = (bare.endswith(":") and not _SALUTES.match(bare)) or (is_led and bool(goes_on))
        is_open = stays_open
    return found, answers


def _is_open(paragraph: str, *, is_open: bool) -> bool:
    """Return whether a quotation is open at the end of a paragraph; of curly marks the last one tells."""
    curly = _CURLY.findall(paragraph)
    if curly:
        return curly[-1] in "“«„"
    return is_open != (len(_STRAIGHT.findall(paragraph)) % 2 == 1)


def _is_interview(said: Sequence[str], paragraphs: Sequence[Sequence[Unit]]) -> bool:
    """Return whether again and again a paragraph does nothing but ask and the next one speaks of "me"."""
    both = zip(paragraphs, said, strict=True)
    asks = [len(one) == 1 and line.strip("*_ \n").endswith("?") for one, line in both]
    pairs = zip(asks, said[1:], strict=False)
    return sum(asking and _ME.search(answer) is not None for asking, answer in pairs) >= _FEWEST_ANSWERS


def _answering(text: str) -> str | None:
    """Return who is interviewed, as far as a question addresses them by name: "Mrs Kroll, why ...?"

    None where all do: so asks an open letter.
    """
    questions = [line for line in text.split("\n") if line.rstrip("*_ ").endswith("?")]
    addressed = [match["name"] for line in questions if (match := _ADDRESSED.match(line))]
    if len(set(addressed)) != 1 or len(addressed) == len(questions):
        return None
    full = re.search(rf"(?:{_CAPITALISED}\s){{1,2}}{re.escape(addressed[0])}\b", text)
    return full.group() if full else addressed[0]


def _has_turns(openings: Iterable[str]) -> bool:
    """Return whether paragraphs open with the same few names again and again."""
    turns = [match[0] for opening in openings if (match := _TURN.match(opening)) and not _LABEL.match(opening)]
    return len(turns) >= _FEWEST_TURNS and len(set(turns)) < len(turns)


def _own(unit: Unit, text: str, author: str) -> Attribution:
    """Return a sentence as its author's own: no words stand there for who says it, or that it is said."""
    start, end = _place(unit, text)
    return Attribution(
        start=start, end=end, speaker=author, role=None, cue="", verbatim=True,
        speaker_start=end, speaker_end=end, cue_start=end, cue_end=end,
    )  # fmt: skip


def _written(unit: Unit, text: str, mail: Mail) -> Attribution:
    """Return a sentence of another mail as that of who wrote it."""
    start, end = _place(unit, text)
    at = text.rfind(mail.line, 0, start)
    speaker, cue = at + mail.line.find(mail.name), at + mail.line.find(mail.cue)
    return Attribution(
        start=start, end=end, speaker=mail.name, role=None, cue=mail.cue, verbatim=True,
        speaker_start=speaker, speaker_end=speaker + len(mail.name), cue_start=cue, cue_end=cue + len(mail.cue),
    )  # fmt: skip


def _place(unit: Unit, text: str) -> Span:
    """Return where the words of a sentence stand, without the marks of a quoted mail."""
    sentence = text[unit.start : unit.end].rstrip()
    return unit.start + len(sentence) - len(sentence.lstrip("> \t\n")), unit.start + len(sentence)
