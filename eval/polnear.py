"""How much reported speech is found with its source and its cue, on the PolNeAR corpus of political news.

Knows the corpus as JSON lines and `Attribution`; knows no reader of speech: the caller passes one.

The measure, "source and cue found". Predictions with the same speaker and cue words are one (a split quote is
one act of speech, and the corpus counts it once). A prediction is right if one annotated attribution that no
other prediction has taken meets all of these:

1. cue: at least one character of the predicted cue is part of the annotated cue;
2. source: the head word of the annotated source is inside the predicted speaker words, and the head word of the
   predicted speaker is inside the annotated source; no annotated cue or content is among the speaker words. The
   head word is the last word before the first comma, bracket, preposition, conjunction or relative pronoun:
   "spokesman" of "a spokesman for the ministry";
3. content: at least one character is common to both, where the annotated attribution has content.

Words are compared where they stand in the text, never as strings: a resolved name ("Andrei Rudenko" for "he")
is neither punished nor rewarded. Annotated attributions without a cue, or without a source, cannot be matched:
the former are left out of the count, the latter are left out of recall by `sourced` and kept in `recall`.

This differs from figures published for PolNeAR: those score the tokens or the exact spans of source, cue and
content; here an attribution counts as a whole, by heads. Where several annotators marked an article the first is
the truth. Intervals draw articles and not attributions, since those of one article are alike.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.data import Shape, json_rows
from eval.stats import Figure, bootstrap
from rag.types import Attribution, Span

SpeechReader = Callable[[str], Sequence[Attribution]]
"""From the text of an article to who says what in it."""

_WORD = re.compile(r"[^\W_]+(?:[.’'-][^\W_]+)*")
_HEAD_ENDS = re.compile(
    r"[,;:(\[—–]|\s(?:of|in|at|for|from|with|on|to|by|about|and|or|who|whom|whose|that|which|where|as|than)\b",
    re.IGNORECASE,
)

_PART: Shape = [{"spans": [[int]]}]
_ROW: dict[str, Shape] = {
    "filename": str,
    "text": str,
    "annotations": [{"attributions": [{"source": _PART, "cue": _PART, "content": _PART}]}],
}


@dataclass(frozen=True, slots=True)
class Gold:
    """An annotated attribution. A part may stand in several pieces, or be missing."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """A text and what is attributed in it."""

    name: str
    text: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Predictions with the same speaker and cue words, as one."""

    speaker: Span
    cue: Span
    content: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SpeechScore:
    """One article: how many are right, predicted, annotated, annotated with a source; content F1 of the right."""

    article: str
    right: int
    predicted: int
    annotated: int
    sourced: int
    content_f1: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """All articles that were read, and what they come to; `content` is the mean character F1 of the right ones."""

    articles: tuple[SpeechScore, ...]
    precision: Figure
    recall: Figure
    f1: Figure
    sourced_recall: Figure
    content: Figure


def evaluate(path: Path, read: SpeechReader, *, limit: int | None = None, seed: int = 0) -> Speech:
    """Score `read` on the articles of the file at `path`; `limit` draws that many of them by `seed`.

    Raises:
        DocumentsError: there is no such file, or it holds something else.
    """
    return evaluate_articles(list(load(path)), read, limit=limit, seed=seed)


def evaluate_articles(
    articles: Sequence[Article], read: SpeechReader, *, limit: int | None = None, seed: int = 0
) -> Speech:
    """Score `read` on articles; `limit` draws that many of them by `seed`."""
    if limit is not None and limit < len(articles):
        articles = random.Random(seed).sample(articles, limit)  # noqa: S311 -- a sample, no secret
    return summary([score(article, read(article.text)) for article in articles], seed=seed)


def load(path: Path) -> Iterator[Article]:
    """Yield the articles of a file of JSON lines, packed or not.

    Raises:
        DocumentsError: it cannot be read, or a row is none of this corpus; it names line and field.
    """
    for row in json_rows(path, _ROW):
        if not row["annotations"]:
            raise row.error("annotations", "nobody marked the article")
        try:
            marked = row["annotations"][0]["attributions"]
            gold = tuple(Gold(_spans(a["source"]), _spans(a["cue"]), _spans(a["content"])) for a in marked)
        except ValueError as error:
            raise row.error("annotations[0].attributions", "a span is no pair of places") from error
        yield Article(row["filename"], row["text"], tuple(one for one in gold if one.cue))


def score(article: Article, predicted: Sequence[Attribution]) -> SpeechScore:
    """Match predictions with annotations, each at most once, in the order of the text."""
    said = merge(predicted)
    pairs = list(matches(article, said))
    return SpeechScore(
        article.name,
        right=len(pairs),
        predicted=len(said),
        annotated=len(article.gold),
        sourced=sum(bool(one.source) for one in article.gold),
        content_f1=tuple(overlap_f1(one.content, gold.content) for one, gold in pairs if gold.content),
    )


def merge(predicted: Sequence[Attribution]) -> list[Said]:
    """Join predictions that share their speaker and cue words, in the order of their cues."""
    contents: dict[tuple[Span, Span], list[Span]] = {}
    for one in predicted:
        key = ((one.cue_start, one.cue_end), (one.speaker_start, one.speaker_end))
        contents.setdefault(key, []).append((one.start, one.end))
    return [Said(speaker, cue, tuple(spans)) for (cue, speaker), spans in sorted(contents.items())]


def matches(article: Article, said: Sequence[Said]) -> Iterator[tuple[Said, Gold]]:
    """Yield each right prediction with the annotation that it takes: the first that fits."""
    free = list(article.gold)
    for one in said:
        fit = next((gold for gold in free if _fits(article.text, one, gold)), None)
        if fit is not None:
            free.remove(fit)
            yield one, fit


def summary(scores: Sequence[SpeechScore], *, seed: int = 0) -> Speech:
    """Return what the scores of articles come to. All sums are over attributions, not means over articles."""
    return Speech(
        tuple(scores),
        precision=bootstrap(scores, speech_precision, seed=seed),
        recall=bootstrap(scores, speech_recall, seed=seed),
        f1=bootstrap(scores, speech_f1, seed=seed),
        sourced_recall=bootstrap(scores, sourced_recall, seed=seed),
        content=bootstrap(scores, content_f1, seed=seed),
    )


def speech_precision(scores: Sequence[SpeechScore]) -> float:
    """Return right / predicted."""
    return _ratio(sum(one.right for one in scores), sum(one.predicted for one in scores))


def speech_recall(scores: Sequence[SpeechScore]) -> float:
    """Return right / annotated."""
    return _ratio(sum(one.right for one in scores), sum(one.annotated for one in scores))


def sourced_recall(scores: Sequence[SpeechScore]) -> float:
    """Return right / annotated with a source."""
    return _ratio(sum(one.right for one in scores), sum(one.sourced for one in scores))


def speech_f1(scores: Sequence[SpeechScore]) -> float:
    """Return 2 right / (predicted + annotated)."""
    return _ratio(2 * sum(one.right for one in scores), sum(one.predicted + one.annotated for one in scores))


def content_f1(scores: Sequence[SpeechScore]) -> float:
    """Return the mean character F1 of the content of right predictions."""
    values = [value for one in scores for value in one.content_f1]
    return _ratio(sum(values), len(values))


def head(text: str, span: Span) -> Span:
    """Return the head word of the noun phrase at `span`; the phrase itself where it has no word."""
    start, end = span
    words = list(_WORD.finditer(text, start, end))
    if not words:
        return span
    stop = _HEAD_ENDS.search(text, words[0].end(), end)
    inside = [word for word in words if stop is None or word.end() <= stop.start()]
    return (inside or words)[-1 if inside else 0].span()


def overlap_f1(found: Sequence[Span], true: Sequence[Span]) -> float:
    """Return the F1 of the characters of two sets of spans."""
    ours, theirs = _characters(found), _characters(true)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def _fits(text: str, said: Said, gold: Gold) -> bool:
    if not gold.source or not _touch((said.cue,), gold.cue):
        return False
    heads_agree = _touch((head(text, gold.source[0]),), (said.speaker,)) and _touch(
        (head(text, said.speaker),), gold.source
    )
    swallowed = _touch((said.speaker,), (*gold.cue, *gold.content))
    return heads_agree and not swallowed and (not gold.content or _touch(said.content, gold.content))


def _touch(some: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(a < d and c < b for a, b in some for c, d in others)


def _characters(spans: Sequence[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _spans(parts: list[dict[str, list[list[int]]]]) -> tuple[Span, ...]:
    return tuple((start, end) for part in parts for start, end in part["spans"])
