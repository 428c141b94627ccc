"""The figures of a suite as one JSON object. Knows runs; knows no file and no terminal."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from eval.report_run import Run


def figures(suite: str, runs: Sequence[Run]) -> dict[str, Any]:
    """Return the figures of the parts of a suite; metrics of a part are named "part.metric".

    Where two systems were asked, the second stands in `baseline`. Where the first has something to be compared
    with, `differences` has this run minus that one, and `differs` which settings set the two apart.
    """
    own = [run for run in runs if run.system == runs[0].system]
    beside = [run for run in runs if run.system != runs[0].system]
    row = _figures(suite, own)
    compared = [run for run in own if run.baseline is not None]
    if compared:
        row["differences"] = {
            f"{_before(own, run)}{name}": dataclasses.asdict(item) | {"real": item.is_real}
            for run in compared
            for name, item in run.comparisons.items()
        }
        row["differs"] = list(dict.fromkeys(words for run in compared for words in run.differs))
    return {**row, "baseline": _figures(suite, beside)} if beside else row


def _figures(suite: str, runs: Sequence[Run]) -> dict[str, Any]:
    metrics: dict[str, dict[str, float]] = {}
    references: list[dict[str, str | float]] = []
    notes: list[str] = []
    for run in runs:
        before = _before(runs, run)
        for name, figure in run.outcome.metrics.items():
            values = {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
            metrics[f"{before}{name}"] = values
        references += [
            {**dataclasses.asdict(item), "measure": f"{before}{item.measure}"} for item in run.outcome.references
        ]
        notes += run.outcome.notes
    return {
        "suite": suite,
        "system": runs[0].system,
        "n": sum(run.outcome.n for run in runs),
        "failed": sum(run.outcome.failed for run in runs),
        "metrics": metrics,
        "references": references,
        "settings": runs[0].settings_digest,
        "notes": list(dict.fromkeys(notes)),
    }


def _before(runs: Sequence[Run], run: Run) -> str:
    return f"{run.suite}." if len(runs) > 1 else ""
