"""How a question and a passage become the tokens that the trained reader reads, and its scores sentences again.

`[CLS] question [SEP] title (date) [S] first sentence [S] second sentence [SEP]`: each sentence stands behind a
mark of its own. Training and answering both pack with this. Knows token ids and offsets only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rag.types import Span

MARK = "[unused1]"
MAX_TOKENS = 256
_QUESTION, _TITLE, _SENTENCE = 64, 24, 120


class Encoding(Protocol):
    """What a tokenizer makes of one text."""

    ids: list[int]
    offsets: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Packed:
    """Token ids of one window; `second` is where the passage begins.

    `marks` are (token, sentence); `places` gives for each token of a sentence (token, sentence, start, end).
    """

    ids: tuple[int, ...]
    second: int
    marks: tuple[tuple[int, int], ...] = ()
    places: tuple[tuple[int, int, int, int], ...] = ()

    def means(self, values: Sequence[float]) -> dict[int, float]:
        """Return for each marked sentence the mean of its tokens' `values`, 0 where it has no token."""
        held: dict[int, list[float]] = {sentence: [] for _, sentence in self.marks}
        for token, sentence, *_ in self.places:
            held[sentence].append(values[token])
        return {sentence: sum(own) / len(own) if own else 0.0 for sentence, own in held.items()}


class Packer:
    """Packs questions with passages and claims with quotes; `tokenizer` is one of the `tokenizers` library."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401
        self._tokenizer = tokenizer
        known = [tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", MARK)]
        self._cls, self._sep, self._mark = (one or 0 for one in known)

    def passage(self, question: str, title: str, *, sentences: Sequence[str]) -> list[Packed]:
        """Return the windows that hold all sentences, each once; one longer than a window loses its end."""
        asked, named, *said = self._tokenizer.encode_batch([question, title, *sentences], add_special_tokens=False)
        head = [self._cls, *asked.ids[:_QUESTION], self._sep]
        begun = [*head, *named.ids[:_TITLE]]
        return [self._window(begun, len(head), part, said) for part in _parts(said, MAX_TOKENS - len(begun) - 1)]

    def _window(self, begun: list[int], second: int, part: range, said: Sequence[Encoding]) -> Packed:
        ids, marks, places = list(begun), [], []
        for sentence in part:
            marks.append((len(ids), sentence))
            ids.append(self._mark)
            one = said[sentence]
            for token, (start, end) in zip(one.ids[:_SENTENCE], one.offsets, strict=False):
                places.append((len(ids), sentence, start, end))
                ids.append(token)
        return Packed((*ids, self._sep), second, tuple(marks), tuple(places))

    def claim(self, claim: str, quote: str) -> Packed:
        """Return a claim and the words it is held against in one window."""
        said, held = self._tokenizer.encode_batch([claim, quote], add_special_tokens=False)
        head = [self._cls, *said.ids[: MAX_TOKENS // 2], self._sep]
        room = MAX_TOKENS - len(head) - 1
        return Packed((*head, *held.ids[:room], self._sep), len(head))


def _parts(said: Sequence[Encoding], room: int) -> Iterator[range]:
    """Yield runs of sentences that fit into `room` tokens with their marks."""
    first, used = 0, 0
    for at, one in enumerate(said):
        needed = 1 + min(len(one.ids), _SENTENCE)
        if at > first and used + needed > room:
            yield range(first, at)
            first, used = at, 0
        used += needed
    if first < len(said):
        yield range(first, len(said))


def best_span(
    packed: Packed, start: Sequence[float], *, end: Sequence[float], sentence: int, longest: int = 24
) -> tuple[float, Span] | None:
    """Return the logit and the offsets of the likeliest answer in one sentence, None where it has no token."""
    inside = [(token, first, last) for token, held_by, first, last in packed.places if held_by == sentence]
    best: tuple[float, Span] | None = None
    for at, (token, first, _) in enumerate(inside):
        for other, _, last in inside[at : at + longest]:
            score = start[token] + end[other]
            if best is None or score > best[0]:
                best = (score, (first, last))
    return best
