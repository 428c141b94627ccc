"""Search alone: the question sets of eval.retrieval as one suite, each question asked of several searches.

Knows which figures there are; the searches are passed in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from eval.data import NoDataError, digest
from eval.measures import mean_of
from eval.readings import Read, Reading
from eval.retrieval import (
    DEPTHS,
    Needs,
    Query,
    Search,
    Suite,
    load_suites,
    mrr,
    ndcg_at_10,
    recall_at_k,
    success_at_k,
)
from eval.types import AnswerSuite, Case, Measure, Row, Text, Uses
from rag.errors import DocumentsError

Searches = Callable[[AnswerSuite], AbstractContextManager[Mapping[str, Search]]]
"""Opens the library of a set's texts; gives its searches by name."""

# Long articles: so many questions of the news quiz are drawn, with the articles found for them.
_NEWS_QUESTIONS = 150


def retrieval_sets(data: Path, *, limit: int | None, seed: int) -> tuple[list[Suite], list[str]]:
    """Return the question sets whose gold texts are known, and in words what is missing; they share the limit.

    Raises:
        DocumentsError: none of them is there.
    """
    try:
        sets, notes = load_suites(data, limit=limit, news=_NEWS_QUESTIONS, seed=seed)
    except NoDataError as error:
        hint = "It needs one of nq_oracle, timeqa, multihop_small, realtimeqa in the folder given with --data."
        raise DocumentsError(f"There is nothing to search in {data}: {error.message}", hint=hint) from error
    fewer = [
        f"{one.name}: {len(one.corpus):,} texts are searched, {one.left_out:,} left out: easier than among all"
        for one in sets
        if one.left_out
    ]
    return sets, [*notes, *fewer]


def retrieval_reading(
    sets: Sequence[Suite], searches: Searches, *, names: Sequence[str], notes: Sequence[str] = ()
) -> Reading:
    """Return the questions of all sets; `names` are the searches, each asked every question."""
    asked = {_id(one, query): (one, query) for one in sets for query in one.queries}

    @contextmanager
    def opened() -> Iterator[Read]:
        with ExitStack() as stack:
            of = {one.name: stack.enter_context(searches(as_texts(one))) for one in sets}

            def read(case: Case) -> Mapping[str, float]:
                one, query = asked[case.id]
                found = {name: list(search(query.text)) for name, search in of[one.name].items()}
                return {
                    f"{name}.{measure}": value
                    for name, ids in found.items()
                    for measure, value in _scores(one, query, ids).items()
                }

            yield read

    suite = AnswerSuite(
        name="retrieval",
        texts=tuple(text for one in sets for text in as_texts(one).texts),
        cases=tuple(
            Case(name, one.name, query.text, expected=(tuple(sorted(query.gold)),))
            for name, (one, query) in asked.items()
        ),
        measures=tuple(
            _measure(one.name, f"{search}.{measure}")
            for one in sets
            for search in names
            for measure in _scores(one, one.queries[0], ())
        ),
        uses=Uses.VECTORS,
        dropped=sum(one.dropped for one in sets),
        no_reference="none fits: only the texts that lie beside the questions are searched, not whole collections",
        notes=tuple(notes),
    )
    return Reading(suite, opened)


def as_texts(suite: Suite) -> AnswerSuite:
    """Return the corpus of a set as the texts of a suite without questions, so that a library is made of it."""
    texts = tuple(Text(text.id, text.text, text.title) for text in suite.corpus)
    return AnswerSuite(f"retrieval_{suite.name}", texts, (), ())


def _id(suite: Suite, query: Query) -> str:
    return f"{suite.name}/{digest(query.text)[:12]}"


def _scores(suite: Suite, query: Query, found: Sequence[str]) -> dict[str, float]:
    needs_all = suite.needs is Needs.ALL
    at_depth = recall_at_k if needs_all else success_at_k
    word = "recall" if needs_all else "success"
    return {
        "ndcg@10": ndcg_at_10(found, query.gold),
        **{f"{word}@{k}": at_depth(found, query.gold, k=k) for k in DEPTHS},
        "mrr": mrr(found, query.gold),
    }


def _measure(kind: str, score: str) -> Measure:
    def per_row(row: Row) -> float | None:
        return row.record.scores.get(score, 0.0) if row.case.type == kind else None

    return mean_of(f"{kind}.{score}", per_row)
