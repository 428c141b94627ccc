"""The commands of an evaluation: `rag eval`, and its init, check and from-feedback.

Knows commands and exit codes; what is measured is in eval/, put together in rag.compose_eval and rag.measuring.
"""

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from click.core import ParameterSource

from rag.cli_library import generator_flags, settings_flags

if TYPE_CHECKING:
    from index.ingest import Step
    from rag.measuring import Measured
    from rag.settings import Settings
    from rag.wanted import Wanted

EXIT_SOME_MISSING = 3
EXIT_FELL = 6
_PATH = click.Path(path_type=Path)
_BASELINE = (
    "Compare with this earlier run (its folder). Only what --system, --retrieval, --reader, --verifier,"
    " --adapter, --generator, --style and -k set here may differ."
)
_SWITCH = click.Choice(["on", "off"])


@click.group(name="eval", invoke_without_command=True)
@click.option("--suite", "suites", multiple=True, metavar="NAME", help='Public data: a suite, or "all".')
@click.option("--data", type=_PATH, metavar="DIR", help="The folder of the suites' data.")
@click.option("--gold", type=_PATH, metavar="FILE", help="Gold questions of your own (see rag eval init).")
@click.option("--docs", type=_PATH, metavar="DIR", help="The documents that the gold questions are about.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Draw so many cases.")
@click.option("--seed", type=int, default=0, metavar="S", help="Which cases are drawn (0).")
@click.option(
    "--system", "systems", multiple=True, type=click.Choice(["product", "naive"]), help="What is measured."
)
@click.option(
    "--retrieval", type=click.Choice(["bm25", "dense", "hybrid"]), help="Search by words, vectors, both."
)
@click.option(
    "--reader",
    type=click.Choice(["on", "off", "trained", "sentences", "lead"]),
    help="Sentences chosen by the trained reader (on), without training (sentences), or the first ones (off).",
)
@click.option("--verifier", type=_SWITCH, help="Show only checked sentences, or all that is written.")
@click.option("--adapter", type=_SWITCH, help="The bundled generator with its adapter, or as it came.")
@generator_flags
@click.option("--style", type=click.Choice(["quotes", "short", "full"]), help="How answers are written (short).")
@click.option("-k", "--passages", type=int, metavar="N", help="How many passages to read (8).")
@click.option(
    "--caution", type=click.Choice(["strict", "balanced", "relaxed"]), help="How sure an answer must be."
)
@click.option("--out", type=_PATH, metavar="DIR", help="Where records and report go.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out; a finished one is only scored again.")
@click.option(
    "--retry-failed", is_flag=True, help="With --resume: ask the cases again that failed or took too long."
)
@click.option(
    "--case-seconds",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    metavar="N",
    help="What one case may take (120).",
)
@click.option("--baseline", type=_PATH, metavar="RUN", help=_BASELINE)
@click.option(
    "--gate", type=_PATH, metavar="FILE", help="Exit with code 6 when a measure fell below this baseline."
)
@click.option(
    "--write-baseline", type=_PATH, metavar="FILE", help="Keep this run for --gate; only a baseline is replaced."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a suite.")
@settings_flags
def evaluate(settings: "Settings", **options: Any) -> None:  # noqa: ANN401
    """Measure answers: on your own gold questions, on the sample corpus, or on public data.

    Every figure comes with its 95 % interval, and every run with a report to look at.
    """
    if click.get_current_context().invoked_subcommand is None:
        _measure(settings, options)


def _measure(settings: "Settings", options: dict[str, Any]) -> None:
    from rag.measuring import keep_baseline, measurements
    from rag.wanted import Wanted

    wanted = Wanted.of(settings, {**options, "typed": [option.name for option in _typed()]})
    missing: list[Measured] = []
    done: list[Measured] = []
    try:
        with _CaseProgress() as progress:
            for measured in measurements(wanted, progress):
                progress.close()
                (missing if measured.problem else done).append(measured)
                _echo(measured, as_json=options["as_json"])
    except (KeyboardInterrupt, click.Abort):
        click.echo(f"\nWhat was asked so far is in {wanted.out}. Go on with:\n{_again(wanted.out)}", err=True)
        raise
    if done:
        _write_report(wanted, done)
    if missing:
        sys.exit(EXIT_SOME_MISSING)
    # A run that fell is no baseline, so the gate comes first.
    if wanted.gate is not None:
        _hold_gate(wanted, done)
    if wanted.write_baseline is not None:
        keep_baseline(wanted, done)
        click.echo(f"Baseline: {wanted.write_baseline}", err=True)


def _typed() -> list[click.Parameter]:
    """Return the flags that stand on the command line, in the order of the help."""
    context = click.get_current_context()
    typed = ParameterSource.COMMANDLINE
    return [one for one in context.command.params if context.get_parameter_source(one.name or "") is typed]


def _again(out: Path) -> str:
    """Return the command that goes on with this run: the flags that were typed, and the folder."""
    given_by_name = click.get_current_context().params
    words = ["rag", "eval"]
    for option in _typed():
        if option.name in ("out", "resume"):
            continue
        given = given_by_name[option.name or ""]
        for value in given if isinstance(given, tuple) else (given,):
            words += [option.opts[-1]] if value is True else [option.opts[-1], str(value)]
    return shlex.join([*words, "--resume", "--out", str(out)])


def _echo(measured: "Measured", *, as_json: bool) -> None:
    from eval.report import summary

    if measured.problem:
        click.echo(measured.problem, err=True)
        return
    if as_json:
        click.echo(json.dumps(measured.as_json(), ensure_ascii=False))
        return
    for run in measured.runs:
        click.echo(summary(run))


def _write_report(wanted: "Wanted", done: list["Measured"]) -> None:
    from eval.report import render, render_all

    # The drawing library keeps a list of fonts; it belongs into our cache, not into the home folder.
    os.environ.setdefault("MPLCONFIGDIR", str(wanted.settings.cache / "matplotlib"))
    runs = [run for measured in done for run in measured.runs]
    # One run beside its baseline is one page; the overview is for more.
    alone = len({run.suite for run in runs}) == 1
    page = render(runs[0]) if alone else render_all(runs)
    path = wanted.out / "report.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    click.echo(f"Report: {path}", err=True)


def _hold_gate(wanted: "Wanted", done: list["Measured"]) -> None:
    from rag.measuring import gate_lines

    lines, fell = gate_lines(wanted, done)
    for line in lines:
        click.echo(line, err=True)
    if fell:
        if wanted.write_baseline is not None:
            click.echo(f"Not written, since a measure fell: {wanted.write_baseline}", err=True)
        sys.exit(EXIT_FELL)


@evaluate.command()
@click.argument("docs", type=_PATH)
@click.option("--out", type=_PATH, default=Path("gold.jsonl"), metavar="FILE", help="The new file (gold.jsonl).")
@click.option("--limit", type=click.IntRange(1), default=40, metavar="N", help="At most so many questions (40).")
@settings_flags
def init(settings: "Settings", docs: Path, *, out: Path, limit: int) -> None:
    """Draft gold questions about a folder, each with its evidence, for you to review."""
    from rag.compose_gold import draft_gold

    count = draft_gold(settings, docs, out=out, limit=limit)
    click.echo(f"Wrote {count} questions to {out}. Review each: mend or delete it, and set reviewed to true.")
    click.echo(f"Then: rag eval check {out} --docs {docs}   and: rag eval --gold {out} --docs {docs}")


@evaluate.command()
@click.argument("gold", type=_PATH)
@click.option("--docs", type=_PATH, required=True, metavar="DIR", help="The documents it is about.")
@settings_flags
def check(settings: "Settings", gold: Path, *, docs: Path) -> None:
    """Check a gold file against its documents; exit code 3 when something is wrong."""
    from eval.gold_check import Severity
    from rag.compose_gold import check_gold_file

    findings, rows = check_gold_file(settings, gold, docs=docs)
    for finding in findings:
        where = f"{gold}, line {finding.line} ({finding.id})"
        click.echo(f"{finding.severity.value}: {where}, {finding.field}: {finding.message}")
    errors = sum((finding.severity is Severity.ERROR) for finding in findings)
    click.echo(f"{rows} questions, {errors} errors, {len(findings) - errors} warnings.")
    if errors:
        sys.exit(EXIT_SOME_MISSING)


@evaluate.command(name="from-feedback")
@click.option("--docs", multiple=True, type=_PATH, metavar="PATH", help="The library of this path.")
@click.option("--out", type=_PATH, default=Path("feedback.jsonl"), metavar="FILE", help="Where they go.")
@settings_flags
def from_feedback(settings: "Settings", docs: tuple[Path, ...], *, out: Path) -> None:
    """Write what was judged in the chat (Helpful, Wrong) as gold questions, for you to review."""
    from rag.compose_gold import gold_from_feedback

    count = gold_from_feedback(settings, docs, out=out)
    click.echo(f"Wrote {count} questions to {out}. Review each: mend or delete it, and set reviewed to true.")
    click.echo(f"Then: rag eval check {out} --docs DIR   and: rag eval --gold {out} --docs DIR")


class _CaseProgress:
    """A progress bar on stderr with the running score; it leaves nothing behind."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._doing = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def on_file(self, step: "Step") -> None:
        """Advance to a text of the suite's library."""
        self._advance("Reading texts", step.done, step.total)

    def on_score(self, done: int, total: int, *, score: str) -> None:
        """Advance to a case; `score` is what the run comes to so far."""
        self._advance("Asking", done, total, score)

    def on_warning(self, message: str) -> None:
        """Say it above the bar."""
        self.close()
        click.echo(f"warning: {message}", err=True)

    def _advance(self, doing: str, done: int, total: int, score: str = "") -> None:
        if self._doing != doing:
            self.close()
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            words = TextColumn("{task.description}")
            self._bar = Progress(
                words,
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(doing, total=total)
            self._doing = doing
        self._bar.update(self._task, completed=done, description=f"{doing} {score}".strip())

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._doing = ""
