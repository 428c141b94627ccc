"""The commands that look after a library: sources, open, remove, doctor, backup, restore, export.

Knows commands only; what they do is in index/, reached through rag.compose.
"""

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.show import Removed, View
    from index.store import FileRecord
    from rag.settings import Settings

EXIT_DAMAGED = 4
_PATH = click.Path(path_type=Path)
_docs = click.option("--docs", multiple=True, type=_PATH, metavar="PATH", help="The library of this path.")


def settings_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that are settings; the command gets one Settings in their place."""
    flags = ("library", "embedder", "generator", "chat_format", "passages", "style", "caution")

    @wraps(command)
    def with_settings(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - click passes options by name
        from rag.settings import load_settings

        given = {flag: options.pop(flag) for flag in flags if flag in options}
        settings = load_settings(given, config=options.pop("config"))
        return command(settings, *args, **options)

    for option in (
        click.option("--config", type=_PATH, metavar="FILE", help="Settings in a TOML file (RAG_CONFIG)."),
        click.option("--embedder", metavar="FOLDER", help="A sentence-transformers folder (RAG_EMBEDDER)."),
        click.option("--library", type=_PATH, metavar="DIR", help="The library's folder (RAG_LIBRARY)."),
    ):
        with_settings = option(with_settings)
    return with_settings


def generator_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that say which generator writes, and in which format it is addressed."""
    family = click.option(
        "--chat-format",
        type=click.Choice(["chatml", "llama3", "gemma", "mistral", "phi", "file"]),
        help="The family of the generator (chatml), or the file's own template.",
    )
    which = click.option(
        "--generator",
        metavar="FILE|URL",
        help='A GGUF file, a server (http://127.0.0.1:8080/v1), or "none" for quotes alone (RAG_GENERATOR).',
    )
    decorated: Callable[..., Any] = which(family(command))
    return decorated


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a document, or a file not read.")
@click.option("--removed", is_flag=True, help="Show what was left out of each document, and why.")
@_docs
@settings_flags
def sources(settings: "Settings", *, as_json: bool, removed: bool, docs: tuple[Path, ...]) -> None:
    """List the documents of the library, and the files that could not be read."""
    from rag import compose, render

    if removed:
        _echo_removed(compose.removed(settings, docs), as_json=as_json)
        return
    with compose.open_store(settings, docs) as store:
        documents, files = list(store.sources().values()), store.files()
    if as_json:
        rows = [*map(render.document_json, documents), *_unread_json(files)]
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    for source in documents:
        click.echo(f"{source.handle:>5}  {render.source_line(source)}")
    for record in files:
        if record.document_id is None:
            reason = f", {record.reason}" if record.reason else ""
            click.echo(f"    -  {record.path}: {record.status.value}{reason}")
    click.echo(f"{len(documents)} documents in {compose.library_folder(settings, docs)}")


def _unread_json(files: "Iterable[FileRecord]") -> "Iterator[dict[str, str | None]]":
    """Yield what is known of files that could not be read; no document came of them, so they have no number."""
    from rag.types import FileStatus

    for record in files:
        if record.document_id is None and record.status is not FileStatus.REMOVED:
            yield {"id": None, "path": record.path, "status": record.status.value, "reason": record.reason}


def _echo_removed(rows: "Iterable[Removed]", *, as_json: bool) -> None:
    from rag.text import one_line

    for row in rows:
        if as_json:
            fields = {"start": row.start, "end": row.end, "reason": row.reason, "text": row.text}
            click.echo(json.dumps({"document": row.source.names[0], **fields}, ensure_ascii=False))
        else:
            click.echo(f"{row.source.names[0]}  {row.reason}: {one_line(row.text)}")


@click.command(name="open")
@click.argument("passage", metavar="N")
@_docs
@settings_flags
def open_passage(settings: "Settings", passage: str, *, docs: tuple[Path, ...]) -> None:
    """Show a passage (its number stands under each answer) in its surroundings, or a document (d5, its name)."""
    from rag import compose, render

    shown, text = compose.show(settings, docs, name=passage)
    where = f"{render.source_line(shown.source, shown.page)}\n{shown.source.paths[0]}"
    click.echo(f"{_heading(shown)}\n{where}\n\n{text}")


def _heading(shown: "View") -> str:
    """Return what is shown by its numbers: passages and documents are counted apart."""
    document = f"{shown.source.names[0]} ({shown.source.handle})"
    return document if shown.passage_id is None else f"passage {shown.passage_id} of {document}"


@click.command()
@click.argument("document", metavar="DOC")
@_docs
@settings_flags
def remove(settings: "Settings", document: str, *, docs: tuple[Path, ...]) -> None:
    """Take a document (d5, its name or path) out of the library; the file itself stays where it is."""
    from rag import compose

    names = compose.remove(settings, document, docs=docs)
    click.echo(f"Removed {', '.join(names)}. To bring it back, index the file by its own path.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@_docs
@settings_flags
def doctor(settings: "Settings", *, as_json: bool, docs: tuple[Path, ...]) -> None:
    """Check that the library is whole; exit code 4 where it is not."""
    from rag import compose

    checks = compose.examine(settings, docs)
    damaged = any(check.problem for check in checks)
    if as_json:
        rows = [{"check": c.name, "ok": not c.problem, "detail": c.problem or c.detail} for c in checks]
        click.echo(json.dumps({"ok": not damaged, "checks": rows}, ensure_ascii=False, indent=2))
    else:
        for check in checks:
            click.echo(f"{'PROBLEM' if check.problem else 'ok':<8} {check.name}: {check.problem or check.detail}")
    if damaged:
        sys.exit(EXIT_DAMAGED)


@click.command()
@click.argument("file", type=_PATH)
@_docs
@settings_flags
def backup(settings: "Settings", file: Path, *, docs: tuple[Path, ...]) -> None:
    """Write the library to one file, also while it is being read or written."""
    from rag import compose

    compose.backup(settings, file, docs=docs)
    click.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=_PATH)
@_docs
@settings_flags
def restore(settings: "Settings", file: Path, *, docs: tuple[Path, ...]) -> None:
    """Make a backup the library, which must not hold anything yet."""
    from rag import compose

    click.echo(f"Restored {file} into {compose.restore(settings, file, docs=docs)}.")


@click.command()
@click.argument("file", type=_PATH, required=False)
@_docs
@settings_flags
def export(settings: "Settings", file: Path | None, *, docs: tuple[Path, ...]) -> None:
    """Write all documents with what was found in them as JSON lines, to FILE or to the terminal."""
    from rag import compose

    if file is not None:
        click.echo(f"Wrote {compose.export(settings, file, docs=docs)} documents to {file}.")
        return
    for line in compose.export_lines(settings, docs):
        click.echo(line)


LIBRARY_COMMANDS = (sources, open_passage, remove, doctor, backup, restore, export)
