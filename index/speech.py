"""Who says what in a document: each quotation or reported sentence with its speaker, role and cue.

Pure and without a model; knows word order (`speech_rules`) and names (`speech_names`), no passage, store or date.
Where the speaker cannot be told there is no attribution: precision comes before completeness.
"""

import re
from collections.abc import Iterable

from index.speech_contents import Rule
from index.speech_names import Cast, Voice
from index.speech_rules import Said, said_in
from index.speech_subjects import TokenSpan, opening
from index.speech_units import NAME, QUOTE, Unit, units
from rag.types import Attribution, Span

_QUOTE_MARKS = "\"“”«»„‟'`—– "
_LOOSE_MARKS = " ,;:.—–-)"
# "He said so." gives nothing to find again.
_MIN_CONTENT_WORDS = 2
# A line like "Ishiba: ties are hard" is speech in a headline, and a list item further down.
_HEADLINE_PARAGRAPHS = 3

# "Moscow, July 15 (Agency) Japan is ...", "TOKYO, Oct. 21 - ...".
_DATELINE = re.compile(r"N+(?:,[NT0.]+)*(?:,0)?(?:\(N+\)-?|-+)(?=[NDPnS])")


def attributions(text: str) -> list[Attribution]:
    """Return who says what in `text`, in the order of the words that are said."""
    reader = _Reader(text)
    for number in range(len(reader.units)):
        reader.read(number)
    return sorted(set(reader.found), key=lambda one: (one.start, one.end, one.cue_start))


def speakers_in(span: Span, found: Iterable[Attribution]) -> list[Attribution]:
    """Return the attributions whose words touch [start, end), one for each speaker and cue, in order."""
    start, end = span
    inside = [one for one in found if one.start < end and start < one.end]
    return list({(one.speaker, one.cue): one for one in reversed(inside)}.values())[::-1]


class _Reader:
    """Reads the units of one document in order and keeps the last speaker in mind."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.units = units(text)
        self.found: list[Attribution] = []
        self._cast = Cast(text, self.units)
        self._last: tuple[int, Attribution] | None = None

    def read(self, number: int) -> None:
        """Add what is said in the unit of this number."""
        unit = self.units[number]
        if unit.is_quote:
            self._continue(number)
            return
        opened = opening(unit.kinds)
        if opened:
            self._cast.look_at_group(unit, opened)
        is_name = opened is not None and NAME in unit.kinds[slice(*opened)]
        subject = self._cast.voice(unit, opened) if opened and is_name else None
        for said in said_in(unit):
            if unit.is_headline and said.rule is not Rule.COLON:
                continue
            if said.rule is Rule.COLON and not self._is_named_line(unit, said):
                continue
            self._add(number, said)
        if not unit.is_headline and (self._last is None or self._last[0] != number):
            if subject is not None:
                self._cast.look(unit, subject)
            self._cast.look_around(unit)

    def _add(self, number: int, said: Said) -> None:
        unit = self.units[number]
        is_behind = bool(said.contents) and all(first >= said.speaker[1] for first, _ in said.contents)
        voice = self._cast.voice(unit, said.speaker, role=said.role, is_behind=is_behind)
        if voice.name.lower() in ("it", "оно"):  # "it suggests that": nobody speaks
            return
        spans = [self._content(unit, content) for content in said.contents]
        if not said.contents:
            spans = self._neighbour(number, said)
        for start, end, verbatim in spans:
            if verbatim or len(self.text[start:end].split()) >= _MIN_CONTENT_WORDS:
                self._append(number, self._attribution(unit, said, voice, (start, end), verbatim=verbatim))
        self._cast.look(unit, voice)

    def _append(self, number: int, one: Attribution) -> None:
        if one.start < one.end:
            self.found.append(one)
            self._last = (number, one)

    def _attribution(self, unit: Unit, said: Said, voice: Voice, span: Span, *, verbatim: bool) -> Attribution:
        first, last = unit.tokens[said.speaker[0]], unit.tokens[said.speaker[1] - 1]
        cue = (unit.tokens[said.cue[0]].start, unit.tokens[said.cue[1] - 1].end)
        return Attribution(
            start=span[0],
            end=span[1],
            speaker=voice.name,
            role=voice.role,
            cue=self.text[cue[0] : cue[1]],
            verbatim=verbatim,
            speaker_start=first.start,
            speaker_end=last.end,
            cue_start=cue[0],
            cue_end=cue[1],
        )

    def _content(self, unit: Unit, content: TokenSpan) -> tuple[int, int, bool]:
        """Return the characters of what is said without its marks, and whether it is a quotation."""
        first, last = content
        if not first and (line := _DATELINE.match(unit.kinds)) and line.end() < last:
            first = line.end()
        start, end = unit.tokens[first].start, unit.tokens[last - 1].end
        if unit.kinds[first:last] == QUOTE:
            return *self._trim((start, end), _QUOTE_MARKS, _QUOTE_MARKS), True
        if unit.kinds[last - 1] == QUOTE:
            return *self._trim((start, end), _LOOSE_MARKS, " "), False
        return *self._trim((start, end), _LOOSE_MARKS, _LOOSE_MARKS), False

    def _trim(self, span: Span, left: str, right: str) -> Span:
        start, end = span
        while start < end and (self.text[start] in left or self.text[start].isspace()):
            start += 1
        while end > start and (self.text[end - 1] in right or self.text[end - 1].isspace()):
            end -= 1
        return start, end

    def _neighbour(self, number: int, said: Said) -> list[tuple[int, int, bool]]:
        """Return the quotation that "Smith asked." or "Smith writes:" stands beside."""
        unit = self.units[number]
        before = self.units[number - 1] if number else None
        if unit.kinds.rstrip().endswith(":") and number + 1 < len(self.units):
            after = self.units[number + 1]
            return self._quotations(after) if after.is_quote else []
        short = len(unit.kinds) - said.cue[1] <= 12
        if before is None or not short or not before.kinds.endswith(QUOTE) or before.paragraph != unit.paragraph:
            return []
        return self._quotations(before)[-1:] if not before.is_quote else self._quotations(before)

    def _quotations(self, unit: Unit) -> list[tuple[int, int, bool]]:
        return [self._content(unit, (at, at + 1)) for at, kind in enumerate(unit.kinds) if kind == QUOTE]

    def _continue(self, number: int) -> None:
        """Give a sentence that is only a quotation to who spoke just before, if the next one does not claim it."""
        unit = self.units[number]
        if self._last is None or self._last[0] != number - 1 or self._is_claimed(number):
            return
        before, one = self.units[number - 1], self._last[1]
        is_turn = self.text[unit.start] in "—–"  # in a dialogue the speakers take turns
        if before.paragraph != unit.paragraph and (is_turn or not (one.verbatim or before.is_quote)):
            return
        for start, end, verbatim in self._quotations(unit):
            again = Attribution(
                start, end, one.speaker, one.role, one.cue, verbatim,
                one.speaker_start, one.speaker_end, one.cue_start, one.cue_end,
            )  # fmt: skip
            self._append(number, again)

    def _is_claimed(self, number: int) -> bool:
        if number + 1 >= len(self.units) or self.units[number + 1].paragraph != self.units[number].paragraph:
            return False
        return any(not said.contents for said in said_in(self.units[number + 1]))

    def _is_named_line(self, unit: Unit, said: Said) -> bool:
        first, last = said.speaker
        name = self.text[unit.tokens[first].start : unit.tokens[last - 1].end]
        words = name.split()
        if not self._cast.knows(words[-1]) and not self._cast.knows(name):
            return False
        return unit.kinds[said.cue[1] : said.cue[1] + 1] == QUOTE or unit.paragraph < _HEADLINE_PARAGRAPHS
