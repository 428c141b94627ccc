"""The report of an evaluation run: a page for a browser, and a few lines for a terminal with the same figures.

Knows what is said first; the page is put together in `report_page`, what can be read off a run in `report_run`.
"""

from collections.abc import Sequence

from eval.report_page import render, render_all
from eval.report_run import Line, Run, changes, lines
from eval.report_words import difference_interval, number, signed, visible
from rag.text import one_line

__all__ = ["Run", "render", "render_all", "summary"]

NONE_PUBLISHED = "none for this form of the data that we know of"


def summary(run: Run) -> str:
    """Return the figures of a run as text in aligned columns, beside them what is published and the baseline."""
    found = lines(run)
    blocks = [_heading(run), _figures(found)]
    blocks.append(_references(run))
    if run.baseline is not None:
        blocks.append(_comparison(run, found))
    blocks.append("\n".join(f"note: {note}" for note in run.outcome.notes))
    # Names come from files: none may move the cursor of a terminal.
    return "\n\n".join(visible(block) for block in blocks if block)


def _heading(run: Run) -> str:
    first = f"{run.suite} · {run.system} · run {run.name}"
    failed = f", {run.outcome.failed} failed (counted as zero)" if run.outcome.failed else ", none failed"
    where = [
        run.started,
        f"commit {run.commit[:12]}" if run.commit else "",
        f"settings {run.settings_digest[:12]}" if run.settings_digest else "",
        f"seed {run.seed}",
    ]
    return "\n".join(
        [one_line(first), f"{run.outcome.n} cases{failed}", " · ".join(part for part in where if part)]
    )


def _figures(found: Sequence[Line]) -> str:
    if not found:
        return "No measure applied to any case."
    rows = [
        [line.measure, line.value, line.interval, str(line.figure.n), str(line.failed), _beside(line)]
        for line in found
    ]
    return _aligned(["measure", "value", "95 % interval", "n", "failed", "beside it"], rows, left=(0, 5))


def _beside(line: Line) -> str:
    return "; ".join(f"{number(item.value)} {item.system} ({item.kind})" for item in line.references)


def _references(run: Run) -> str:
    if not run.outcome.references:
        return f"published: {run.outcome.no_reference or NONE_PUBLISHED}"
    return "\n".join(
        f"{item.kind}: {item.measure} {number(item.value)}, {item.system} ({item.source}). Differs: {item.differs}"
        for item in run.outcome.references
    )


def _comparison(run: Run, found: Sequence[Line]) -> str:
    ours, theirs = run.labels
    rows = [
        [
            line.measure,
            number(line.baseline.value) if line.baseline else "–",
            line.value,
            signed(line.comparison.difference) if line.comparison else "–",
            difference_interval(line.comparison) if line.comparison else "–",
            line.comparison.counted if line.comparison else "–",
            line.verdict,
        ]
        for line in found
    ]
    names = ["measure", theirs, ours, "difference", "95 % interval", "n", "is it real?"]
    table = _aligned(names, rows, left=(0, 6))
    moved = changes(run)
    by_case = (
        f"by case, {run.headline}: {len(moved.better)} better, {len(moved.worse)} worse, {moved.same} the same"
    )
    failed = run.baseline.outcome.failed if run.baseline else 0
    told = f"against {theirs}, which failed in {failed}"
    settings = [f"settings that differ: {'; '.join(run.differs)}"] if run.differs else []
    return "\n".join([*settings, told, table, *_narrowed(run, found), *([by_case] if run.scores else [])])


def _narrowed(run: Run, found: Sequence[Line]) -> list[str]:
    """Tell of the measures whose values over the cases that count in both runs are not those of the table."""
    told = []
    for line in found:
        compared = line.comparison
        if compared is None or compared.ours is None or compared.theirs is None or line.baseline is None:
            continue
        ours, theirs = run.labels
        values = f"{theirs} {number(compared.theirs)}, {ours} {number(compared.ours)}"
        if values != f"{theirs} {number(line.baseline.value)}, {ours} {number(line.figure.value)}":
            told.append(f"{line.measure}: compared on the {compared.counted} cases that count in both; {values}")
    return told


def _aligned(names: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> str:
    """Return a table: columns in `left` begin at one place, the others end at one."""
    table = [list(names), *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(names))]
    padded = (
        [
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in table
    )
    return "\n".join("  ".join(row).rstrip() for row in padded)
