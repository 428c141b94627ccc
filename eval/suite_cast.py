"""Follow-up questions of TREC CAsT and what people made of them: does ours find the same as theirs?

Knows the files of the topics; knows neither how a question is resolved nor how texts are compared: both come from
the caller. Dalton et al., CAsT 2019 (TREC 2019).

The measure is match@1: of all human rewrites, the one nearest to the resolved question is that of the same turn.
It stands in for a search, for which the collection of CAsT (38 million passages) would be needed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from eval.data import draw, found, read_json, read_text
from eval.measures import mean_of
from eval.readings import Read, Reading
from eval.types import AnswerSuite, Case, Measure, Reference, Row, Text, Uses
from rag.errors import DocumentsError
from rag.text import one_line, words
from rag.types import Turn

Resolve: TypeAlias = Callable[[str, Sequence[Turn]], str]
"""From a question and the turns before it to a question that stands alone."""

Nearest: TypeAlias = Callable[[Sequence[str]], Sequence[int]]
"""From texts to the index of the nearest candidate of every text."""

_MATCHES = ("match@1", "match@1 raw")
_CHANGED = "changed"

_EARLIER = "measured by us earlier, not published"
REFERENCES = (
    Reference("match@1 raw", "question as typed", 0.90, _EARLIER, "the same turns; candidates may differ", False),
    Reference("match@1", "mix of vectors", 0.97, _EARLIER, "a vector, not a text; candidates may differ", False),
    Reference("match@1", "T5 rewriter", 0.83, _EARLIER, "the topics of CAsT 2020, which are harder", False),
)


@dataclass(frozen=True, slots=True)
class CastTurn:
    """A question inside a conversation. `history` are the questions before it as typed; there are no answers."""

    id: str
    question: str
    rewrite: str
    history: tuple[Turn, ...] = ()

    @property
    def changed(self) -> bool:
        """True where the person wrote other words than were typed: only then is there anything to resolve."""
        return words(self.question) != words(self.rewrite)


@dataclass(frozen=True, slots=True)
class CastSuite:
    """All turns, first ones too: their rewrites are candidates. `dropped` counts turns without a rewrite."""

    turns: tuple[CastTurn, ...]
    dropped: int = 0

    @property
    def follow_ups(self) -> tuple[CastTurn, ...]:
        """Return the turns after the first of their conversation."""
        return tuple(turn for turn in self.turns if turn.history)


def load_cast(folder: Path) -> CastSuite:
    """Read topics (`*topics*.json`) and rewrites (`*resolved*.tsv`, or in the topics as from 2020 on).

    Raises:
        DocumentsError: the topics are not there, or hold no turn with a rewrite.
    """
    rewrites = _rewrites(folder)
    turns: list[CastTurn] = []
    dropped = 0
    for path in found(folder, "*topics*.json*", what="the topics of CAsT"):
        for topic in read_json(path):
            history: tuple[Turn, ...] = ()
            for raw in topic["turn"]:
                turn_id = f"{topic['number']}_{raw['number']}"
                question = one_line(raw["raw_utterance"])
                rewrite = one_line(raw.get("manual_rewritten_utterance") or rewrites.get(turn_id, ""))
                turns += [CastTurn(turn_id, question, rewrite, history)] if rewrite else []
                dropped += not rewrite
                history = (*history, Turn(question))
    if not turns:
        hint = f"Put the rewrites named like *resolved*.tsv into {folder}."
        raise DocumentsError(f"The topics in {folder} have no human rewrites.", hint=hint)
    distinct = {turn.id: turn for turn in reversed(turns)}  # files may overlap: the first counts
    return CastSuite(tuple(reversed(distinct.values())), dropped)


def _rewrites(folder: Path) -> Mapping[str, str]:
    lines = [line for path in sorted(folder.glob("*resolved*.tsv*")) for line in read_text(path).splitlines()]
    pairs = [line.split("\t", 1) for line in lines if "\t" in line]
    return {turn_id.strip(): rewrite for turn_id, rewrite in pairs}


def cast_reading(
    suite: CastSuite,
    resolve: Resolve,
    *,
    nearest_of: Callable[[list[str]], Nearest],
    limit: int | None = None,
    seed: int = 0,
) -> Reading:
    """Return match@1 of `resolve` over the turns after the first, and of the question as typed as its baseline.

    "match@1 changed" counts only turns where the human rewrite has other words. The candidates are all different
    rewrites of the suite, whatever `limit` is; where two turns have the same rewrite, either is right.
    """
    candidates = list(dict.fromkeys(turn.rewrite for turn in suite.turns))
    turns = {turn.id: turn for turn in draw(suite.follow_ups, limit, seed=seed, key=lambda turn: turn.id)}

    @contextmanager
    def opened() -> Iterator[Read]:
        nearest = nearest_of(candidates)

        def read(case: Case) -> Mapping[str, float]:
            turn = turns[case.id]
            places = nearest([resolve(turn.question, turn.history), turn.question])
            right = [float(candidates[place] == turn.rewrite) for place in places]
            return dict(zip(_MATCHES, right, strict=True))

        yield read

    made = AnswerSuite(
        name="cast",
        texts=tuple(Text(f"candidate {place}", text) for place, text in enumerate(candidates)),
        cases=tuple(map(_case, turns.values())),
        measures=tuple(_match(name, changed=changed) for name in _MATCHES for changed in (False, True)),
        references=REFERENCES,
        dropped=suite.dropped,
        uses=Uses.VECTORS,
        notes=("follow-ups without answers: the conversation is its questions only",),
    )
    return Reading(made, opened)


def _case(turn: CastTurn) -> Case:
    kind = _CHANGED if turn.changed else "as typed"
    return Case(turn.id, kind, turn.question, expected=((turn.rewrite,),), history=turn.history)


def _match(name: str, *, changed: bool) -> Measure:
    def per_row(row: Row) -> float | None:
        return None if changed and row.case.type != _CHANGED else row.record.scores.get(name, 0.0)

    return mean_of(f"{name} changed" if changed else name, per_row)
