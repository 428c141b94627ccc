"""Hybrid search: vectors and words, joined by a weighted sum. Knows a store, an index and an embedder.

Every hit is read back from the store, so a passage that was deleted can never be returned.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from index import changes
from index.dense import Ids, Vector
from index.live import LiveIndex
from index.store import Store
from rag.protocols import Embedder
from rag.stems import stem
from rag.text import content_words, is_cyrillic, names, numbers, sentences, words
from rag.types import Hit, Passage, Source

# A question of hundreds of words finds the same passages with its first distinct ones.
_MAX_QUERY_WORDS = 64
# What is shorter begins too many words.
_STEM_LETTERS = 4

# Passages of one story tell the same when so many of their words are shared; an edit changes a word or two.
_SAME_TELLING = 0.8
# A small edit that turns a statement round is another statement; so is one that changes a number or a name.
_TURNING = frozenset("no not never nor neither without nobody nothing none".split())


# Vectors blur years and exact words: a question with either leans on the words themselves.
_EXACT = re.compile(r"\b(?:1\d{3}|20\d\d)s?\b|[\"“”«»]")


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How hits are found and joined."""

    candidates: int = 60
    dense_weight: float = 0.7
    exact_dense_weight: float = 0.3
    passages_per_document: int = 3


class HybridRetriever:
    """Searches a library that another process may be writing to: each question sees the newest state."""

    def __init__(self, store: Store, embedder: Embedder, *, options: SearchOptions) -> None:
        store.check_embedder(embedder.fingerprint, embedder.info.name)
        self._store = store
        self._embedder = embedder
        self._options = options
        self._live = LiveIndex(store, dimensions=embedder.dimensions)
        self._later: tuple[int, date | None, Ids | None] = (-1, None, None)

    def search(
        self, question: str, *, limit: int, as_of: date | None = None, documents: Collection[int] | None = None
    ) -> list[Hit]:
        """Return at most `limit` hits, best first; none published after `as_of`, undated ones stay.

        Where `documents` are given, only their passages are searched. All of it is read from one state of the
        library.

        Raises:
            LibraryError: a stored vector is damaged, or the library has got another embedder meanwhile.
        """
        vector = question_vector(question, self._embedder)
        # A cap per document lets candidates fall away: look at more than are wanted.
        wide = max(self._options.candidates, 10 * limit)
        with self._store.reading():
            self._store.check_embedder(self._embedder.fingerprint, self._embedder.info.name)
            if documents is None:
                hits = self._found(question, vector, wide, as_of=as_of)
            else:
                allowed = changes.passages_of(self._store, documents, as_of=as_of)
                hits = self._found_among(allowed, question, vector, limit=wide)
            return self._told(_spread(hits, limit, self._options.passages_per_document))

    def beside(self, hit: Hit) -> list[Hit]:
        """Return the passages right before and after a hit in its document, as hits of the same score."""
        with self._store.reading():
            return self._told([replace(hit, passage=one) for one in self._store.beside(hit.passage)])

    def open(self) -> None:
        """Load the index now rather than with the first question."""
        with self._store.reading():
            self._live.view()

    def _told(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits with who says what in them, and the days that they name."""
        passages = [hit.passage for hit in hits]
        said, named = self._store.attributions_in(passages), self._store.mentions_in(passages)
        return [
            replace(hit, attributions=said.get(hit.passage.id, ()), mentions=named.get(hit.passage.id, ()))
            for hit in hits
        ]

    def _weight(self, question: str) -> float:
        exact = _EXACT.search(question) is not None
        return self._options.exact_dense_weight if exact else self._options.dense_weight

    def take_warnings(self) -> list[str]:
        """Return what a person should know about the index since the last call: one line each."""
        return self._live.take_warnings()

    def _found(self, question: str, vector: Vector, limit: int, *, as_of: date | None) -> list[Hit]:
        if len(self._live.view()) == 0:
            return []
        excluded = self._published_after(as_of)
        dense = dict(self._live.search(vector, limit, excluded=excluded))
        lexical = dict(self._lexical(question, limit, excluded=excluded))
        missing = [found for found in lexical if found not in dense]
        dense.update(self._live.scores(vector, missing))
        return self._hits(question, dense, lexical)

    def _found_among(self, allowed: Ids, question: str, vector: Vector, *, limit: int) -> list[Hit]:
        """Search some passages only: each of their vectors is compared, the index is not asked."""
        scores = self._live.scores(vector, allowed.tolist())
        query = match_query(question)
        lexical = dict(self._store.lexical(query, limit, among=allowed)) if query else {}
        nearest = sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))[:limit]
        return self._hits(question, {found: scores[found] for found in {*nearest, *lexical}}, lexical)

    def _hits(self, question: str, dense: Mapping[int, float], lexical: Mapping[int, float]) -> list[Hit]:
        passages = self._store.passages(list(dense))
        sources = self._store.sources({passage.document_id for passage in passages.values()})
        return _joined(dense, lexical, passages, sources, weight=self._weight(question))

    def _published_after(self, as_of: date | None) -> Ids | None:
        """Return the passages that a date leaves out; kept until the library or the date changes."""
        if as_of is None:
            return None
        generation = self._live.view().generation
        if self._later[:2] != (generation, as_of):
            self._later = (generation, as_of, changes.published_after(self._store, as_of))
        return self._later[2]

    def _lexical(self, question: str, limit: int, *, excluded: Ids | None) -> list[tuple[int, float]]:
        query = match_query(question)
        return self._store.lexical(query, limit, excluded=excluded) if query else []


def question_vector(question: str, embedder: Embedder) -> npt.NDArray[np.float32]:
    """Return the unit vector of a question; one that is too long for the embedder is the mean of its parts."""
    parts = [question]
    if embedder.count_tokens(parts)[0] > embedder.max_tokens:
        parts = _parts(question, embedder)
    mean = embedder.encode(parts).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return np.asarray(mean / norm if norm else mean, dtype=np.float32)


def _parts(question: str, embedder: Embedder) -> list[str]:
    """Cut a long question at sentences, and a long sentence by halves, until the embedder reads each part."""
    waiting = [question[start:end] for start, end in sentences(question)][::-1]
    parts: list[str] = []
    while waiting:
        part = waiting.pop()
        if len(part) < 2 or embedder.count_tokens([part])[0] <= embedder.max_tokens:
            parts.append(part)
        else:
            middle = len(part) // 2
            space = part.find(" ", middle)
            at = space if space > 0 else middle
            waiting.extend([part[at:], part[:at]])
    return parts


def match_query(question: str) -> str:
    """Return an FTS5 query for any of the question's words that carry meaning; quoted, so none is an operator.

    The index takes the endings from English words only: Russian ones are also asked for by their stems.
    """
    chosen = content_words(question) or words(question)
    distinct = list(dict.fromkeys(chosen))[:_MAX_QUERY_WORDS]
    # The stemmer writes "е" for "ё", which the index keeps.
    stems = [(stem(word), word) for word in distinct if is_cyrillic(word)]
    begins = dict.fromkeys(one for stemmed, word in stems for one in (stemmed, word[: len(stemmed)]))
    begun = [f'"{one}" *' for one in begins if len(one) >= _STEM_LETTERS]
    return " OR ".join([f'"{word}"' for word in distinct] + begun)


def _joined(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    passages: Mapping[int, Passage],
    sources: Mapping[int, Source],
    *,
    weight: float,
) -> list[Hit]:
    """Join both scores as a weighted sum of z-scores over the candidates; ties by passage id."""
    ids = sorted(passages)
    if not ids:
        return []
    cosines = np.array([dense[passage_id] for passage_id in ids])
    bm25 = np.array([lexical.get(passage_id, 0.0) for passage_id in ids])
    scores = weight * _standard(cosines) + (1 - weight) * _standard(bm25)
    hits = [
        Hit(
            passages[passage_id],
            sources[passages[passage_id].document_id],
            score=float(score),
            dense=float(cosine),
            lexical=float(words_score),
        )
        for passage_id, score, cosine, words_score in zip(ids, scores, cosines, bm25, strict=True)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))


def _standard(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation > 0 else np.zeros_like(values)


def _spread(hits: Sequence[Hit], limit: int, per_document: int) -> list[Hit]:
    """Keep the best hits, at most `per_document` of one document, and each telling once."""
    kept: list[Hit] = []
    used: dict[int, int] = {}
    texts: set[str] = set()
    for hit in hits:
        if len(kept) >= limit:
            break
        document = hit.passage.document_id
        if used.get(document, 0) >= per_document or hit.passage.text in texts:
            continue
        if any(_tell_the_same(hit, other) for other in kept):
            continue
        used[document] = used.get(document, 0) + 1
        texts.add(hit.passage.text)
        kept.append(hit)
    return kept


def _tell_the_same(one: Hit, other: Hit) -> bool:
    """Return whether two documents of one story say the same here, but for small edits."""
    same_document = one.passage.document_id == other.passage.document_id
    if one.source.story is None or one.source.story != other.source.story or same_document:
        return False
    a, b = one.passage.text, other.passage.text
    mine, theirs = set(words(a)), set(words(b))
    turned = any(word in _TURNING or word.endswith(("n't", "n’t")) for word in mine ^ theirs)
    if turned or numbers(a) != numbers(b) or names(a) != names(b):
        return False
    return len(mine & theirs) >= _SAME_TELLING * len(mine | theirs)
