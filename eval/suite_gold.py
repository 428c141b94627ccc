"""Gold questions over a folder of documents: the suite that is about a person's own files.

Knows which measures such questions get; knows no file format.
"""

from collections.abc import Sequence

from eval.measures import (
    ABSTENTION_F1,
    ABSTENTION_PRECISION,
    ABSTENTION_RECALL,
    ACCURACY,
    ANSWERABLE_ACCURACY,
    ANSWERABLE_REFUSED,
    ATTRIBUTION,
    BOTH_SIDES,
    CITATION_PARTS_GOLD,
    CITATION_PRECISION_GOLD,
    CITATION_RECALL_GOLD,
    DECISION_AUROC,
    GROUPS_MET,
    RISK_COVERAGE_AREA,
    SPAN_F1,
    SUPPORTED_CLAIMS_LEXICAL,
    UNANSWERABLE_RECOGNISED,
    citation_precision,
    citation_recall,
    claims_passing,
    latency_p50,
    latency_p95,
    mean_of,
)
from eval.measures_passages import PASSAGE_MRR, PASSAGE_NDCG, passage_recall_at
from eval.metrics_citation import lexical_support
from eval.product_judge import product_supports
from eval.types import AnswerSuite, Case, Reference, Row, Text

# The questions of these types are about when: who holds an office now, or held it on a day.
_TIME_TYPES = ("time",)


SUPPORTED_CLAIMS_PRODUCT = claims_passing("supported_claims_product", product_supports)


def _time(row: Row) -> float | None:
    return (
        ANSWERABLE_ACCURACY.per_row(row) if row.case.type in _TIME_TYPES and ANSWERABLE_ACCURACY.per_row else None
    )


MEASURES = (
    ACCURACY,
    ANSWERABLE_ACCURACY,
    GROUPS_MET,
    ABSTENTION_F1,
    ABSTENTION_PRECISION,
    ABSTENTION_RECALL,
    UNANSWERABLE_RECOGNISED,
    ANSWERABLE_REFUSED,
    DECISION_AUROC,
    RISK_COVERAGE_AREA,
    CITATION_PRECISION_GOLD,
    CITATION_RECALL_GOLD,
    CITATION_PARTS_GOLD,
    SPAN_F1,
    SUPPORTED_CLAIMS_LEXICAL,
    SUPPORTED_CLAIMS_PRODUCT,
    citation_precision("citation_precision_alce", lexical_support),
    citation_recall("citation_recall_alce", lexical_support),
    ATTRIBUTION,
    BOTH_SIDES,
    mean_of("time", _time),
    passage_recall_at(1),
    passage_recall_at(5),
    PASSAGE_MRR,
    PASSAGE_NDCG,
    latency_p50("retrieve"),
    latency_p50("read"),
    latency_p50("generate"),
    latency_p95("retrieve"),
    latency_p95("read"),
    latency_p95("generate"),
    latency_p50(),
    latency_p95(),
)

_EARLIER = "measured by us earlier, not published"
_NAIVE = "naive: passages pasted into a prompt"
_OTHERS = (
    "a held-out set of 67 questions about other news, with the default models; whether the 15 unanswerable ones"
    " are among those that were to be right was not noted"
)
REFERENCES = (
    Reference("answerable_accuracy", _NAIVE, 0.21, _EARLIER, _OTHERS, published=False),
    Reference("answerable_accuracy", "the best sentence by embedding", 0.43, _EARLIER, _OTHERS, published=False),
    Reference("unanswerable_recognised", _NAIVE, 0.067, _EARLIER, "1 of 15 questions about other news", False),
)


def gold_suite(name: str, cases: Sequence[Case], *, texts: Sequence[Text]) -> AnswerSuite:
    """Return gold questions over a folder's documents as a suite."""
    return AnswerSuite(name, tuple(texts), tuple(cases), MEASURES, REFERENCES)
