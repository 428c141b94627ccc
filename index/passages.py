"""Cuts a text into passages of whole sentences that the embedder reads in full. Pure.

Knows spans and a token counter; knows nothing of files or vectors.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from rag.text import one_line, sentences
from rag.types import Noise, Span

TokenCounter = Callable[[Sequence[str]], list[int]]

# A new paragraph starts a new passage once the current one is this full.
_FULL_ENOUGH = 0.6


def header(title: str, count: TokenCounter, *, max_tokens: int) -> str:
    """Return the title as it stands before each passage, shortened at a word to `max_tokens`."""
    kept = one_line(title).split(" ")
    while kept and count([" ".join(kept)])[0] > max_tokens:
        kept = kept[: len(kept) * 3 // 4]
    return " ".join(kept)


def embedding_text(head: str, text: str) -> str:
    """Return what the embedder reads of a passage: its title is the cheapest retrieval gain there is."""
    return f"{head}\n{one_line(text)}" if head else one_line(text)


def cut(text: str, head: str, *, count: TokenCounter, max_tokens: int) -> list[Span]:
    """Return spans of passages: each holds whole sentences and fits `max_tokens` with its header.

    A sentence that does not fit alone is cut at white space, and inside a word only where it has none.
    Every sentence lies in exactly one passage.
    """
    pieces = _fitting_sentences(text, head, count, max_tokens)
    if not pieces:
        return []
    costs = count([one_line(text[start:end]) for start, end in pieces])
    room = max_tokens - count([head])[0]
    spans = [(group[0][0], group[-1][1]) for group in _pack(text, list(zip(pieces, costs, strict=True)), room)]
    # Token counts need not add up for every tokenizer: what still overflows is halved until it fits.
    return _halve_overflow(spans, pieces, lambda span: _tokens(text, span, head, count) <= max_tokens)


def cut_around(
    text: str, head: str, *, noise: Sequence[Noise], count: TokenCounter, max_tokens: int
) -> list[Span]:
    """Return passages as `cut` does, from what lies between the spans of `noise`: none reaches across one."""
    spans: list[Span] = []
    for start, end in between(noise, len(text)):
        inside = cut(text[start:end], head, count=count, max_tokens=max_tokens)
        spans.extend((start + first, start + last) for first, last in inside)
    return spans


def between(noise: Sequence[Noise], length: int) -> list[Span]:
    """Return the spans of a text of `length` characters that are not noise; `noise` is ordered and disjoint."""
    edges = [0, *(edge for part in noise for edge in (part.start, part.end)), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _tokens(text: str, span: Span, head: str, count: TokenCounter) -> int:
    return count([embedding_text(head, text[span[0] : span[1]])])[0]


def _fitting_sentences(text: str, head: str, count: TokenCounter, max_tokens: int) -> list[Span]:
    spans = sentences(text)
    if not spans:
        return []
    costs = count([embedding_text(head, text[start:end]) for start, end in spans])
    fitting: list[Span] = []
    for span, cost in zip(spans, costs, strict=True):
        if cost <= max_tokens:
            fitting.append(span)
        else:
            fitting.extend(_cut_long(text, span, lambda s: _tokens(text, s, head, count) <= max_tokens))
    return fitting


def _cut_long(text: str, span: Span, fits: Callable[[Span], bool]) -> list[Span]:
    """Cut one sentence into pieces that fit, by halves, at the white space nearest to the middle."""
    start, end = span
    if end - start <= 1 or fits(span):
        return [span] if text[start:end].strip() else []
    middle = (start + end) // 2
    gaps = [gap.start() for gap in re.finditer(r"\s", text[start + 1 : end - 1])]
    at = min((start + 1 + gap for gap in gaps), key=lambda place: abs(place - middle), default=middle)
    second = at + 1 if gaps else at
    return [*_cut_long(text, (start, at), fits), *_cut_long(text, (second, end), fits)]


def _pack(text: str, pieces: list[tuple[Span, int]], room: int) -> list[list[Span]]:
    groups: list[list[Span]] = []
    used = 0
    for span, cost in pieces:
        new_paragraph = bool(groups) and "\n" in text[groups[-1][-1][1] : span[0]]
        if not groups or used + cost > room or (new_paragraph and used >= room * _FULL_ENOUGH):
            groups.append([])
            used = 0
        groups[-1].append(span)
        used += cost
    return groups


def _halve_overflow(spans: list[Span], pieces: list[Span], fits: Callable[[Span], bool]) -> list[Span]:
    done: list[Span] = []
    waiting = spans[::-1]
    starts = [start for start, _ in pieces]
    while waiting:
        span = waiting.pop()
        inside = pieces[bisect_left(starts, span[0]) : bisect_left(starts, span[1])]
        if len(inside) < 2 or fits(span):
            done.append(span)
            continue
        half = len(inside) // 2
        waiting.append((inside[half][0], span[1]))
        waiting.append((span[0], inside[half - 1][1]))
    return done
