"""The command line: `rag index | ask | models`, and the commands of rag.cli_library, cli_serve and cli_eval.

Knows commands and exit codes; imports nothing heavy until a command needs it. Only these files print.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from rag import __version__
from rag.cli_eval import evaluate
from rag.cli_library import LIBRARY_COMMANDS, generator_flags, settings_flags
from rag.cli_serve import SERVE_COMMANDS
from rag.errors import RagError, UsageError, damage_told

if TYPE_CHECKING:
    from datetime import datetime

    from index.ingest import IngestReport, Step
    from rag.compose import Assistant
    from rag.settings import Settings

EXIT_SOME_FAILED = 3
# So many of the files of one kind that is not read are named.
_NAMED = 5
_PATH = click.Path(path_type=Path)


class _Commands(click.Group):
    """Shows errors as a message and the next thing to type; only --debug shows where they came from."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            with damage_told():
                return super().invoke(ctx)
        except RagError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"Error: {error.message}\n{error.hint}", err=True)
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nStopped. What was stored before stays.", err=True)
            ctx.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rag")
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
def main(*, debug: bool) -> None:
    """Ask your own documents, offline: every sentence of the answer rests on quoted words."""


@main.command()
@click.argument("paths", nargs=-1, type=_PATH, metavar="PATH...")
@click.option("--rebuild", is_flag=True, help="Embed all that is in the library anew, with the embedder of now.")
@settings_flags
def index(settings: "Settings", paths: tuple[Path, ...], *, rebuild: bool) -> None:
    """Read files and folders into the library; later runs read only what changed.

    Exit code 3 when some files could not be read.
    """
    from rag import compose

    if not paths and not rebuild:
        raise UsageError("There is nothing to index.", hint="Name files or folders: rag index ~/Documents")
    folder = compose.library_folder(settings)
    if rebuild:
        _rebuild(settings, folder)
    if not paths:
        return
    with _FileProgress() as progress:
        report = compose.ingest(settings, paths, folder=folder, on_file=progress.on_file)
    _echo_report(report)
    click.echo(f"Library: {folder}")
    if report.problems:
        sys.exit(EXIT_SOME_FAILED)


def _rebuild(settings: "Settings", folder: Path) -> None:
    from rag import compose

    with _FileProgress() as progress:
        done = compose.rebuild(settings, folder=folder, on_document=progress.on_count)
    kept = f" ({done.kept} of them kept from a run that was stopped)" if done.kept else ""
    click.echo(f"Embedded {done.documents} documents, {done.passages} passages anew{kept}.")
    click.echo(f"Library: {folder}")


@main.command()
@click.argument("question", required=False)
@click.option("--docs", multiple=True, type=_PATH, metavar="PATH", help="Index this path first, and ask it.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Questions, one JSON object a line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an answer.")
@click.option("-k", "--passages", type=int, metavar="N", help="How many passages to read (8).")
@click.option(
    "--strict",
    "caution",
    flag_value="strict",
    help="Rather be silent than wrong: answer only what is surely said.",
)
@click.option("--relaxed", "caution", flag_value="relaxed", help="Rather answer than be silent.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Answer as the documents stood that day.",
)
@generator_flags
@click.option(
    "--style",
    type=click.Choice(["quotes", "short", "full"]),
    help="Quotes alone, each shortened (short), or a whole answer (full): for capable generators.",
)
@settings_flags
def ask(settings: "Settings", question: str | None, **options: Any) -> None:  # noqa: ANN401
    """Answer a question from the documents, with the words it rests on."""
    from rag.batch import read_batch
    from rag.types import Question

    as_of: datetime | None = options["as_of"]
    day = as_of.date() if as_of else None
    if (question is None) == (options["batch"] is None):
        raise UsageError("Give one question, or --batch FILE.", hint='Type: rag ask "Who signed the treaty?"')
    if options["batch"] is not None:
        _ask_batch(settings, options, read_batch(options["batch"], default_as_of=day))
    else:
        _ask_one(settings, options, Question(question or "", as_of=day))


def _ask_one(settings: "Settings", options: dict[str, Any], question: Any) -> None:  # noqa: ANN401
    from rag import compose, pipeline

    pipeline.normalise_question(question.text, settings.max_question_chars)
    with (
        _FileProgress() as progress,
        compose.open_assistant(settings, options["docs"], on_file=progress.on_file) as assistant,
    ):
        progress.close()
        _echo_ingested(assistant)
        if options["as_json"]:
            from rag.render import as_json

            answer = pipeline.answer(question, assistant.parts)
            timings = {"load": round(assistant.load_seconds, 4), **answer.timings_seconds}
            click.echo(json.dumps({**as_json(answer), "timings_seconds": timings}, ensure_ascii=False, indent=2))
        else:
            _stream_answer(question, assistant)


def _stream_answer(question: Any, assistant: "Assistant") -> None:  # noqa: ANN401
    """Print each claim when it has passed its checks, then the sources."""
    from rag import pipeline, render
    from rag.types import Answer

    first = True
    for event in pipeline.stream(question, assistant.parts):
        if isinstance(event, pipeline.Claimed):
            opening = render.opening(event.silence, event.relation)
            if first and opening:
                click.echo(opening)
            first = False
            click.echo(render.claim_text(event.claim))
        elif isinstance(event, Answer):
            if first and event.abstain_reason:
                click.echo(render.opening(event.abstain_reason))
            below = render.sources_text(event)
            click.echo(f"\n{below}" if below else "", nl=bool(below))
            for warning in event.warnings:
                click.echo(f"Note: {warning}", err=True)


def _ask_batch(settings: "Settings", options: dict[str, Any], rows: list[Any]) -> None:
    from rag import compose
    from rag.batch import answer_row

    failed = 0
    with (
        _FileProgress() as progress,
        compose.open_assistant(settings, options["docs"], on_file=progress.on_file) as assistant,
    ):
        progress.close()
        _echo_ingested(assistant)
        for row in rows:
            line = answer_row(row, assistant.parts)
            failed += "error" in line
            if options["as_json"]:
                click.echo(json.dumps(line, ensure_ascii=False))
            else:
                click.echo(f"{line['id']}\t{line.get('answer') or line['error']['message']}")
            sys.stdout.flush()
    if failed:
        click.echo(f"{failed} of {len(rows)} questions could not be answered: see their error.", err=True)
        sys.exit(EXIT_SOME_FAILED)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a model.")
@settings_flags
def models(settings: "Settings", *, as_json: bool) -> None:
    """List the models that come with the install and verify their hashes."""
    from rag.models import adapter_of, bundled, verify

    found = bundled()
    for model in (*found, *filter(None, map(adapter_of, found))):
        info = verify(model, settings.cache)
        row = {
            "role": model.role,
            "name": model.name,
            "bytes": model.size_bytes,
            "sha256": info.sha256,
            "verified": True,
            "licence": model.licence,
            "origin": model.origin,
            "path": str(model.path),
        }
        if as_json:
            click.echo(json.dumps(row))
        else:
            click.echo(
                f"{model.role}: {model.name} ({model.size_bytes / 1e6:.1f} MB, {model.licence}), hash verified"
            )
            click.echo(f"    {model.origin}\n    SHA-256 {info.sha256}")


for _command in (*LIBRARY_COMMANDS, *SERVE_COMMANDS, evaluate):
    main.add_command(_command)


class _FileProgress:
    """A progress bar on stderr that appears with the first file and leaves nothing behind."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def on_file(self, step: "Step") -> None:
        """Advance to the step."""
        self._advance(step.done, step.total, f"Reading {Path(step.path).name[:40]}")

    def on_count(self, done: int, total: int) -> None:
        """Advance to the document with this number."""
        self._advance(done, total, "Embedding")

    def _advance(self, done: int, total: int, doing: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(doing, total=total)
        self._bar.update(self._task, completed=done, description=doing)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _echo_report(report: "IngestReport", *, err: bool = False) -> None:
    counts = {
        "new": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "copies": report.copies,
        "renamed": report.renamed,
        "removed": report.removed,
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
    click.echo(f"Documents: {told} ({report.passages} passages embedded).", err=err)
    for problem in report.problems:
        click.echo(f"  not read: {problem.path} ({problem.status.value}: {problem.reason})", err=err)
    for warning in report.warnings:
        click.echo(f"  note: {warning}", err=err)
    for ending, files in sorted(report.skipped.items()):
        named = ", ".join(sorted(files)[:_NAMED]) + (", ..." if len(files) > _NAMED else "")
        click.echo(f"  skipped: {len(files)} of a kind that is not read ({ending}): {named}", err=err)


def _has_news(report: "IngestReport") -> bool:
    return bool(report.added or report.changed or report.renamed or report.removed or report.problems)


def _echo_ingested(assistant: "Assistant") -> None:
    report = assistant.ingested
    if report is not None and _has_news(report):
        _echo_report(report, err=True)
    for note in assistant.notes:
        click.echo(f"Note: {note}", err=True)
