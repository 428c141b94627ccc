"""Was the evidence among the passages that were found? Recall, reciprocal rank and discounted gain.

Knows cases and the passages of a record; knows no text: where gold words stand was looked up when the case was
asked (`PassageRecord.meets`).

A gold quote is met by a passage that shares at least half of the shorter of the two; evidence without a quote, by
any passage of its document, or of its page where it names one. Where the data names documents only, as most public
data does, these are figures of documents.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from eval.measures import mean_of
from eval.types import Evidence, Measure, PassageRecord, PerRow, Row

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Ranking:
    """Which pieces of the evidence, by their place among `total`, each passage meets; best passage first."""

    met: tuple[frozenset[int], ...]
    total: int

    def new(self) -> list[bool]:
        """Return for each rank whether it meets a piece that no passage before it has met."""
        seen: set[int] = set()
        found = []
        for pieces in self.met:
            found.append(not pieces <= seen)
            seen |= pieces
        return found

    def recall(self, k: int) -> float:
        """Return the share of the evidence that the first `k` passages meet."""
        return len(frozenset().union(*self.met[:k])) / self.total

    def mrr(self) -> float:
        """Return 1 / rank of the first passage that meets evidence, 0 where none does (Voorhees 1999)."""
        return next((1 / rank for rank, pieces in enumerate(self.met, start=1) if pieces), 0.0)

    def ndcg(self) -> float:
        """Return the discounted gain of ten ranks over that of the best order.

        sum(rel / log2(rank + 1)) with rel 1 for a passage that meets something new: Järvelin and Kekäläinen (2002)
        with the discount of Burges et al. (2005). In the best order those passages come first, and each piece that
        none of them meets would need one more.
        """
        new = self.new()
        gain = sum(_discount(rank) for rank, is_new in enumerate(new[:_DEPTH], start=1) if is_new)
        unmet = self.total - len(frozenset().union(*self.met))
        return gain / sum(_discount(rank) for rank in range(1, min(sum(new) + unmet, _DEPTH) + 1))


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def ranking(row: Row) -> Ranking | None:
    """Return what the passages of a row meet, None where there is no evidence or that was not looked up."""
    evidence, passages = tuple(map(row.record.named, row.case.evidence)), row.record.passages
    by_words = any(piece.quote for piece in evidence)
    if not evidence or (by_words and any(passage.meets is None for passage in passages)):
        return None
    pieces = tuple(dict.fromkeys(evidence)) if not by_words else evidence
    met = (frozenset(n for n, piece in enumerate(pieces) if _meets(passage, piece, n)) for passage in passages)
    return Ranking(tuple(met), len(pieces))


def _meets(passage: PassageRecord, piece: Evidence, number: int) -> bool:
    if piece.quote:
        return number in (passage.meets or ())
    return passage.document == piece.document and piece.page in (None, passage.page)


def _finding(score: Callable[[Ranking], float]) -> PerRow:
    """Return a score of rows with gold evidence, but not where all that may be searched is gold."""

    def per_row(row: Row) -> float | None:
        found = ranking(row)
        allowed = row.case.documents
        whole = {piece.document for piece in row.case.evidence if piece.page is None}
        is_given = allowed is not None and set(allowed) <= whole
        return None if found is None or is_given else score(found)

    return per_row


def passage_recall_at(k: int) -> Measure:
    """Return recall@k of the gold evidence among the passages found."""
    return mean_of(f"passage_recall@{k}", _finding(lambda found: found.recall(k)))


PASSAGE_MRR = mean_of("passage_mrr", _finding(Ranking.mrr))
PASSAGE_NDCG = mean_of("passage_ndcg@10", _finding(Ranking.ndcg))


def page_recall_at(k: int) -> Measure:
    """Return the share of gold pages among the pages of the first `k` passages; rows whose gold names pages.

    A passage counts for the page it begins on.
    """

    def per_row(row: Row) -> float | None:
        evidence = map(row.record.named, row.case.evidence)
        gold = {(piece.document, piece.page) for piece in evidence if piece.page is not None}
        found = {(passage.document, passage.page) for passage in row.record.passages[:k]}
        return len(found & gold) / len(gold) if gold else None

    return mean_of(f"page_recall@{k}", per_row)
