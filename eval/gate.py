"""Has anything got worse? Compares a run with a stored one, case by case. Knows records and measures.

A measure falls where its paired interval lies wholly on the worse side of 0 and at least six cases differ, and
where that stands among all measures that were looked at (Holm's correction): of twenty-five at 95 % one or so
would fall by chance. So noise between two runs does not stop a build, and a loss that is real does. A measure that
is gone has fallen too.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.assemble import OF_THE_MACHINE, Scored, comparisons, score
from eval.journal import Finished, Header, header_from, record_from
from eval.report_words import number
from eval.stats import Comparison, holm
from eval.types import Record
from rag.errors import UsageError

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """A stored run, and the values that its measures had when it was stored (none in older files)."""

    finished: Finished
    values: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one measure: now minus then, and whether it fell.

    Without a comparison one of the two has no such figure, or no case counts in both: `words` say which.
    """

    measure: str
    comparison: Comparison | None
    fell: bool
    words: str

    def __str__(self) -> str:
        """Return the line that a terminal shows."""
        mark = "FELL" if self.fell else "ok" if self.comparison else "?"
        return f"{mark:<5} {self.measure}: {self.words}"


def write_baseline(path: Path, scored: Scored) -> None:
    """Write the records of a run without what no measure reads, for later runs to be held against.

    Raises:
        UsageError: the file cannot be written, or is there and no baseline.
    """
    check_replaceable(path)
    finished = scored.finished
    header = {"format": _FORMAT, **dataclasses.asdict(finished.header)}
    values = {name: round(value, 6) for name, value in _held(scored).items()}
    rows = [_line(_slim(record)) for record in finished.records]
    text = (
        f'{{"header": {_line(header)},\n"measures": {_line(values)},\n"records": [\n' + ",\n".join(rows) + "\n]}\n"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        hint = "Nothing is lost: the same command with --resume --out RUN and another --write-baseline FILE."
        raise UsageError(f"The baseline {path} cannot be written: {error.strerror}.", hint=hint) from error


def check_replaceable(path: Path) -> None:
    """Refuse to write over what is no baseline; to be asked before the run is started.

    Raises:
        UsageError: there is such a file, and it is none.
    """
    if not path.exists():
        return
    try:
        read_baseline(path)
    except UsageError as error:
        message = f"{path} is there already and is no baseline that could be replaced: {error.message}"
        raise UsageError(
            message, hint="Name another file: --write-baseline FILE, or move this one away."
        ) from error


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


def _held(scored: Scored) -> dict[str, float]:
    return {
        name: figure.value
        for name, figure in scored.outcome.metrics.items()
        if not name.startswith(OF_THE_MACHINE)
    }


def _slim(record: Record) -> dict[str, object]:
    """Leave out what changes with every machine or run and decides nothing: times, memory, raw text, digests."""
    bare = dataclasses.replace(record, seconds={}, memory_bytes={}, generated="", prompt_digests={}, warnings=())
    return dataclasses.asdict(bare)


def read_baseline(path: Path) -> Baseline:
    """Return a stored run.

    Raises:
        UsageError: there is no such file, it is no baseline, or not a whole one.
    """
    # A file that is there and is no baseline may be anything: nobody is told to write over it.
    hint = f"Make one: rag eval --write-baseline {'FILE' if path.exists() else path}"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["header"]["format"] != _FORMAT:
            raise UsageError(f"The baseline {path} was written by another version.", hint=hint)
        header = header_from(content["header"])
        records = tuple(record_from(row) for row in content["records"])
        values = {str(name): float(value) for name, value in content.get("measures", {}).items()}
    except OSError as error:
        raise UsageError(f"The baseline {path} cannot be read: {error.strerror}.", hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is no baseline.", hint=hint) from error
    if len(records) != header.n:
        message = f"The baseline {path} holds {len(records)} records of {header.n} cases."
        raise UsageError(message, hint=hint)
    return Baseline(Finished(header, records), values)


def check_comparable(header: Header, baseline: Baseline) -> None:
    """Refuse a baseline of another measurement; to be asked before the run is started.

    Raises:
        UsageError: the two measure different things; it says which settings, models, or cases and how many.
    """
    different = header.differences(baseline.finished.header)
    if different:
        message = f"The baseline measured something else: {'; '.join(different)}."
        raise UsageError(message, hint="Use those settings again, or make a new baseline: --write-baseline FILE")


def hold_against(ours: Scored, baseline: Baseline) -> list[Verdict]:
    """Return what became of every measure since the baseline; times and memory are no part of it.

    Raises:
        UsageError: the two measured different things.
    """
    check_comparable(ours.finished.header, baseline)
    theirs = score(ours.suite, baseline.finished)
    then, now = {**baseline.values, **_held(theirs)}, _held(ours)
    found = comparisons(ours, theirs)
    worse_below = {measure.name: measure.higher_is_better for measure in ours.suite.measures}
    # What cannot be real whatever its interval is no test, and takes nothing from the others: Tarone, A Modified
    # Bonferroni Method for Discrete Data (Biometrics 46, 1990).
    tested = {name: one.p for name, one in found.items() if name in {**then, **now} and one.enough_differ}
    standing = holm(tested)
    return [
        _compared(name, found[name], higher_is_better=worse_below[name], stands=name in standing)
        if name in now and name in found
        else _uncompared(name, then.get(name), now.get(name))
        for name in dict.fromkeys([*then, *now])
    ]


def _compared(measure: str, comparison: Comparison, *, higher_is_better: bool, stands: bool) -> Verdict:
    worse = comparison.is_real and (comparison.difference < 0) is higher_is_better
    by_chance = "" if stands or not worse else " (worse, as one of so many may be by chance)"
    return Verdict(measure, comparison, worse and stands, f"{comparison}{by_chance}")


def _uncompared(measure: str, then: float | None, now: float | None) -> Verdict:
    if now is None and then is not None:
        return Verdict(measure, None, True, f"{number(then)} in the baseline, and this run has no such figure")
    if then is None:
        return Verdict(measure, None, False, "the baseline has no such figure")
    return Verdict(measure, None, False, "no case counts in both runs")


def fallen(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the measures that got worse for real, or are gone."""
    return [verdict for verdict in verdicts if verdict.fell]
