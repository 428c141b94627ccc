"""Examples that look like answers and are none: the part of the training that teaches silence.

Passages that our own embedder retrieves for a question and that lack the answer; the right passage without its
answering sentences; the question with a name or a year swapped; claims with one thing changed.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rag.protocols import Embedder
from rag.text import one_line
from rag.values_names import name_spans
from training.rows import Reading, Support

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_MONTH = re.compile(r"\b(?:January|February|March|April|June|July|August|September|October|November|December)\b")
_MONTHS = "January February March April June July August September October November December".split()
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|did|does)\b(?! not\b)")
_NOT = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|did|does) not\b")


def retrieved(
    readings: Sequence[Reading], embedder: Embedder, *, source: str, each: int, among: int = 8
) -> Iterator[Reading]:
    """Yield for each question of a source the `each` nearest passages of its own split without the answer."""
    for is_held in (False, True):
        rows = [one for one in readings if one.source == source and one.held == is_held and one.answered]
        passages = list({(one.title, one.sentences): one for one in rows}.values())
        texts = [f"{one.title}. {' '.join(one.sentences)}" for one in passages]
        near = embedder.encode([one.question for one in rows]) @ embedder.encode(texts).T
        for row, scores in zip(rows, near, strict=True):
            answer = _answer(row)
            kept = 0
            for at in np.argsort(-scores)[:among]:
                other = passages[int(at)]
                told = " ".join(other.sentences).casefold()
                if other.sentences == row.sentences or (answer and answer.casefold() in told):
                    continue
                yield replace(
                    other,
                    source=f"{source}-retrieved",
                    question=row.question,
                    labels=(0,) * len(other.sentences),
                    span=None,
                    has_span=True,
                )
                kept += 1
                if kept == each:
                    break


def _answer(row: Reading) -> str:
    return row.sentences[row.span[0]][row.span[1] : row.span[2]] if row.span else ""


def without_answer(readings: Sequence[Reading], *, rng: random.Random, share: float) -> Iterator[Reading]:
    """Yield passages whose answering sentences are gone."""
    for row in readings:
        left = tuple(text for text, label in zip(row.sentences, row.labels, strict=True) if not label)
        answer = _answer(row)
        is_gone = not (answer and answer.casefold() in " ".join(left).casefold())
        if row.answered and len(left) > 1 and is_gone and rng.random() < share:
            kind = f"{row.source}-without"
            yield replace(row, source=kind, sentences=left, labels=(0,) * len(left), span=None, has_span=True)


def near_misses(readings: Sequence[Reading], *, rng: random.Random, share: float) -> Iterator[Reading]:
    """Yield questions that ask the same of somebody else, or of another year."""
    pool = sorted({name for row in readings if not row.held for name in _question_names(row.question)})
    for row in readings:
        if not row.answered or rng.random() >= share:
            continue
        text = " ".join((row.title, *row.sentences)).casefold()
        asked = _swapped_question(row.question, pool, text, rng)
        if asked is not None:
            kind = f"{row.source}-swapped"
            labels = (0,) * len(row.labels)
            yield replace(row, source=kind, question=asked, labels=labels, span=None, has_span=True)


def _question_names(question: str) -> list[str]:
    return [question[start:end] for start, end in name_spans(question) if start > 0]


def _swapped_question(question: str, pool: Sequence[str], text: str, rng: random.Random) -> str | None:
    years = list(_YEAR.finditer(question))
    if years and rng.random() < _SWAP_YEAR:
        found = rng.choice(years)
        year = str(int(found.group()) + rng.choice([-40, -20, -10, 10, 20, 30]))
        return None if year in text else question[: found.start()] + year + question[found.end() :]
    spans = [span for span in name_spans(question) if span[0] > 0 and question[slice(*span)].casefold() in text]
    if not spans or not pool:
        return None
    start, end = rng.choice(spans)
    other = rng.choice(pool)
    if other.casefold() in text or other in question:
        return None
    return question[:start] + other + question[end:]


_SWAP_YEAR = 0.5


def corrupted(
    readings: Sequence[Reading], *, rng: random.Random, count: int, evenly: bool = True
) -> Iterator[Support]:
    """Yield sentences as claims in pairs: with a number, date, name, speaker or "not" changed, and as it is.

    Each kind as often as the others; or, not `evenly`, as often as sentences have what is changed.
    """
    rows = [row for row in readings if row.source in _CHANGED and row.answered]
    names = sorted({text[s:e] for row in rows[:3000] for text in row.sentences for s, e in name_spans(text) if s})
    made = 0
    while made < count:
        turn = list(_CHANGES)[made // 2 % len(_CHANGES)]
        changed = _changed(rows, turn, names, rng) if evenly else _changed_anyhow(rows, names, rng)
        row, sentence, kind, claim = changed
        quote = f"{row.title}. {sentence}" if row.title else sentence
        yield Support("corrupted", row.key, _said(claim, rng), quote, 0, kind)
        yield Support("corrupted", row.key, _said(sentence, rng), quote, 1, kind)
        made += 2


def unrelated(claims: Sequence[Support], *, rng: random.Random, share: float) -> Iterator[Support]:
    """Yield supported claims with the quote of another one: what is about something else does not follow."""
    quotes = [one.quote for one in claims]
    for one in claims:
        if one.label and rng.random() < share:
            quote = rng.choice(quotes)
            if quote != one.quote:
                yield replace(one, source="unrelated", quote=quote, label=0, kind="")


_CHANGED = ("nq", "selqa", "timeqa", "xquad", "written")
_LEAST, _MOST = 40, 320


def _changed(
    rows: Sequence[Reading], kind: str, names: Sequence[str], rng: random.Random
) -> tuple[Reading, str, str, str]:
    """Return a passage, a sentence of it that has what is changed, the kind, and how the sentence reads then."""
    while True:
        row = rng.choice(rows)
        sentence = rng.choice(row.sentences)
        claim = _CHANGES[kind](sentence, names, rng) if _LEAST < len(sentence) < _MOST else None
        if claim is not None and claim != sentence:
            return row, sentence, kind, one_line(claim)


def _changed_anyhow(
    rows: Sequence[Reading], names: Sequence[str], rng: random.Random
) -> tuple[Reading, str, str, str]:
    """Return the same of a sentence in which something can be changed, whatever it is."""
    while True:
        row = rng.choice(rows)
        sentence = rng.choice(row.sentences)
        kinds = list(_CHANGES)
        rng.shuffle(kinds)
        told = ((kind, _CHANGES[kind](sentence, names, rng)) for kind in kinds)
        kind, claim = next(((kind, claim) for kind, claim in told if claim and claim != sentence), ("", ""))
        if claim and _LEAST < len(sentence) < _MOST:
            return row, sentence, kind, one_line(claim)


def _other_number(sentence: str, names: Sequence[str], rng: random.Random) -> str | None:
    del names
    found = [match for match in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(match.group())]
    if not found:
        return None
    match = rng.choice(found)
    digits = list(match.group())
    at = rng.choice([place for place, char in enumerate(digits) if char.isdigit()])
    digits[at] = rng.choice([char for char in "123456789" if char != digits[at]])
    return sentence[: match.start()] + "".join(digits) + sentence[match.end() :]


def _other_date(sentence: str, names: Sequence[str], rng: random.Random) -> str | None:
    del names
    found = [*_YEAR.finditer(sentence), *_MONTH.finditer(sentence)]
    if not found:
        return None
    match = rng.choice(found)
    if match.group() in _MONTHS:
        other = rng.choice([month for month in _MONTHS if month != match.group()])
    else:
        other = str(int(match.group()) + rng.choice([-11, -5, -2, -1, 1, 2, 4, 10]))
    return sentence[: match.start()] + other + sentence[match.end() :]


def _other_name(sentence: str, names: Sequence[str], rng: random.Random) -> str | None:
    spans = [span for span in name_spans(sentence) if span[0] > 0]
    if not spans:
        return None
    start, end = rng.choice(spans)
    return sentence[:start] + rng.choice(names) + sentence[end:]


def _negated(sentence: str, names: Sequence[str], rng: random.Random) -> str | None:
    del names
    if _NOT.search(sentence):
        return _NOT.sub(r"\1", sentence, count=1)
    found = list(_VERB.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    return f"{sentence[: match.end()]} not{sentence[match.end() :]}"


_SAYS = re.compile(r"\b(?:said|says|told|wrote|argued|claimed|stated|announced|added)\b")


def _other_speaker(sentence: str, names: Sequence[str], rng: random.Random) -> str | None:
    cue = _SAYS.search(sentence)
    if cue is None:
        return None
    near = [
        span
        for span in name_spans(sentence)
        if abs(span[1] - cue.start()) < _NEAR or abs(span[0] - cue.end()) < _NEAR
    ]
    if not near:
        return None
    start, end = near[0]
    return sentence[:start] + rng.choice(names) + sentence[end:]


_NEAR = 30
_CHANGES = {
    "number": _other_number,
    "date": _other_date,
    "name": _other_name,
    "negation": _negated,
    "speaker": _other_speaker,
}
_TAIL = re.compile(r",\s+(?:and|but|which|who|while|although|because|where|when)\b[^,]*[.!?]?$")


def _said(claim: str, rng: random.Random) -> str:
    """Return the claim, sometimes without its last clause: a claim may say less than its quote."""
    shorter = _TAIL.sub(".", claim)
    return shorter if rng.random() < _SHORTER and len(shorter) > _LEAST else claim


_SHORTER = 0.4
