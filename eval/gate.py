"""Has anything got worse? Compares a run with a stored one, case by case. Knows records and measures.

A measure falls where its paired interval lies wholly on the worse side of 0: noise between two runs of the same
code does not stop a build, and a loss that is real does.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.assemble import Scored, comparisons, score
from eval.journal import Finished, Header, record_from
from eval.stats import Comparison
from eval.types import Record
from rag.errors import UsageError

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one measure: now minus then, and whether it fell."""

    measure: str
    comparison: Comparison
    fell: bool


def write_baseline(path: Path, finished: Finished) -> None:
    """Write the records of a run without what no measure reads, for later runs to be held against."""
    header = {"format": _FORMAT, **dataclasses.asdict(finished.header)}
    rows = [json.dumps(_slim(record), ensure_ascii=False, sort_keys=True) for record in finished.records]
    head = json.dumps(header, ensure_ascii=False, sort_keys=True)
    text = '{"header": ' + head + ',\n"records": [\n' + ",\n".join(rows) + "\n]}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _slim(record: Record) -> dict[str, object]:
    """Leave out what changes with every machine or run and decides nothing: times, raw text, digests."""
    bare = dataclasses.replace(record, seconds={}, generated="", prompt_digests={}, warnings=())
    return dataclasses.asdict(bare)


def read_baseline(path: Path) -> Finished:
    """Return a stored run.

    Raises:
        UsageError: there is no such file, or it is no baseline.
    """
    hint = "Make one: rag eval --write-baseline FILE"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        header, records = content["header"], content["records"]
    except OSError as error:
        raise UsageError(f"The baseline {path} cannot be read: {error.strerror}.", hint=hint) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no baseline.", hint=hint) from error
    if header.pop("format", None) != _FORMAT:
        raise UsageError(f"The baseline {path} was written by another version.", hint=hint)
    return Finished(Header(**header), tuple(record_from(row) for row in records))


def hold_against(ours: Scored, baseline: Finished) -> list[Verdict]:
    """Return what became of every measure since the baseline; times are no part of it.

    Raises:
        UsageError: the two measured different things; it says which settings, models or cases differ.
    """
    different = ours.finished.header.differences(baseline.header)
    if different:
        message = f"The baseline measured something else: {'; '.join(different)}."
        raise UsageError(message, hint="Use those settings again, or make a new baseline: --write-baseline FILE")
    found = comparisons(ours, score(ours.suite, baseline))
    measures = {measure.name: measure for measure in ours.suite.measures}
    return [
        Verdict(name, comparison, _fell(comparison, higher_is_better=measures[name].higher_is_better))
        for name, comparison in found.items()
        if not name.startswith("latency")
    ]


def _fell(comparison: Comparison, *, higher_is_better: bool) -> bool:
    return comparison.is_real and (comparison.difference < 0) is higher_is_better


def fallen(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the measures that got worse for real."""
    return [verdict for verdict in verdicts if verdict.fell]
