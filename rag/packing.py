"""How a question and a passage become the tokens that the trained reader reads, and its scores sentences again.

`[CLS] question [SEP] title (date) [S] first sentence [S] second sentence [SEP]`: each sentence stands behind a mark
of its own. Training and answering both pack with this. Knows token ids and offsets only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.types import Span

MARK = "[unused1]"
MAX_TOKENS = 256
_QUESTION, _TITLE, _SENTENCE = 64, 24, 120


class Encoding(Protocol):
    """What a tokenizer makes of one text."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class Tokenizer(Protocol):
    """The part of `tokenizers.Tokenizer` that is needed here."""

    def encode_batch(self, texts: list[str], *, add_special_tokens: bool) -> list[Encoding]:
        """Return the pieces of each text."""

    def token_to_id(self, token: str) -> int | None:
        """Return the id of a special token."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Token ids of one window; `second` is where the passage begins.

    `marks` are (token, sentence); `places` gives for each token of a sentence (token, sentence, start, end).
    """

    ids: tuple[int, ...]
    second: int
    marks: tuple[tuple[int, int], ...] = ()
    places: tuple[tuple[int, int, int, int], ...] = ()


class Packer:
    """Packs questions with passages and claims with quotes."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        known = [tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", MARK)]
        self._cls, self._sep, self._mark = (one or 0 for one in known)

    def passage(self, question: str, title: str, *, sentences: Sequence[str]) -> list[Packed]:
        """Return the windows that hold all sentences, each once; longer ones than a window holds lose their end."""
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
    packed: Packed, start: Sequence[float], end: Sequence[float], *, longest: int = 24
) -> tuple[int, Span, float] | None:
    """Return (sentence, span in it, logit) of the best answer within one sentence, None without a sentence."""
    best: tuple[int, Span, float] | None = None
    for at, (token, sentence, first, _) in enumerate(packed.places):
        for other, held_by, _, last in packed.places[at : at + longest]:
            if held_by != sentence:
                break
            score = start[token] + end[other]
            if best is None or score > best[2]:
                best = (sentence, (first, last), score)
    return best
