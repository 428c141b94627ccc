"""Puts the parts together: the only file that names concrete classes of all folders.

Imports them inside functions, so that a command loads only what it uses.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rag.compose_generator import adapter_info, make_generator, make_writer
from rag.errors import LibraryBusyError
from rag.models import find_model, prepare_environment, verify
from rag.settings import Settings

if TYPE_CHECKING:
    from index.doctor import Check
    from index.embed import SentenceTransformerEmbedder
    from index.ingest import IngestReport, OnFile
    from index.prepare import IngestLimits
    from index.rebuild import OnDocument, Rebuilt
    from index.retrieve import HybridRetriever
    from index.show import Removed, View
    from index.store import Store
    from rag.compose_generator import AnyGenerator
    from rag.parts import Parts
    from rag.protocols import Reader
    from rag.trained import PassageReader

_Done = TypeVar("_Done")
_BUSY_TRIES = 60
_BUSY_SECONDS = 1.0


def library_folder(settings: Settings, docs: Sequence[Path] = ()) -> Path:
    """Return the library in use: the one that was named, the one that belongs to `docs`, or the default one."""
    if settings.library is not None:
        return settings.library
    if not docs:
        return settings.home / "library"
    places = sorted(str(path.expanduser().resolve()) for path in docs)
    digest = hashlib.sha256("\n".join(places).encode("utf-8", "replace")).hexdigest()[:12]
    return settings.home / "libraries" / f"{Path(places[0]).name or 'root'}-{digest}"


def load_embedder(settings: Settings) -> "SentenceTransformerEmbedder":
    """Return the embedder of the settings, its hash checked.

    Raises:
        ModelError: it is missing, not the pinned one, or cannot be loaded.
    """
    prepare_environment()
    from index.embed import SentenceTransformerEmbedder, check_folder

    model = find_model("embedder", settings.embedder, pinned=settings.embedder_sha256)
    check_folder(model.path)
    info = verify(model, settings.cache)
    return SentenceTransformerEmbedder(model.path, info, threads=settings.threads)


def make_retriever(
    store: "Store", embedder: "SentenceTransformerEmbedder", *, settings: Settings
) -> "HybridRetriever":
    """Return hybrid search over an open library."""
    from index.retrieve import HybridRetriever, SearchOptions

    options = SearchOptions(
        candidates=settings.candidates,
        dense_weight=settings.dense_weight,
        exact_dense_weight=settings.exact_dense_weight,
        passages_per_document=settings.passages_per_document,
    )
    return HybridRetriever(store, embedder, options=options)


def make_parts(
    store: "Store",
    embedder: "SentenceTransformerEmbedder",
    *,
    generator: "AnyGenerator | None",
    settings: Settings,
) -> "Parts":
    """Return all that an answer needs."""
    from index.scan import notes_on
    from rag.foreign import is_known
    from rag.gloss import english_of
    from rag.parts import Limits, Parts

    judge = load_judge(settings)
    limits = Limits(
        passages=settings.passages,
        quotes=settings.quotes,
        answer_tokens=settings.answer_tokens,
        max_question_chars=settings.max_question_chars,
        near_cosine=settings.near_cosine,
        named_cosine=settings.named_cosine,
        verify=settings.verifier == "on",
        answering=judge.threshold(settings.caution) if judge is not None else 0.0,
    )
    parts = (embedder, judge, generator)
    adapter = adapter_info(settings) if generator is not None else None
    return Parts(
        retriever=make_retriever(store, embedder, settings=settings),
        reader=_make_reader(embedder, judge, settings),
        writer=make_writer(generator, settings),
        limits=limits,
        models=(*(part.info for part in parts if part is not None), *((adapter,) if adapter else ())),
        judge=judge,
        knows=partial(is_known, embedder=embedder),
        in_english=partial(english_of, holds=store.has_word),
        notes_on=partial(notes_on, store),
    )


def load_judge(settings: Settings) -> "PassageReader | None":
    """Return the trained reader, None where another way of reading is set; its weights load when it is asked."""
    if settings.reader != "trained":
        return None
    from rag.trained import PassageReader

    return PassageReader(threads=settings.threads)


def _make_reader(
    embedder: "SentenceTransformerEmbedder", judge: "PassageReader | None", settings: Settings
) -> "Reader":
    from rag.evidence import LeadReader, SentenceReader
    from rag.reading import TrainedReader

    if judge is not None:
        return TrainedReader(embedder, judge, judge.weights)
    return LeadReader() if settings.reader == "lead" else SentenceReader(embedder)


@dataclass(slots=True)
class Assistant:
    """An open library with its models, loaded once and asked often."""

    parts: "Parts"
    load_seconds: float
    ingested: "IngestReport | None" = None
    notes: tuple[str, ...] = ()


@contextmanager
def open_assistant(
    settings: Settings, docs: Sequence[Path] = (), *, on_file: "OnFile | None" = None
) -> Iterator[Assistant]:
    """Open a library to ask it; with `docs`, bring it up to date with them first.

    The generator loads in its own process while the embedder loads here.

    Raises:
        RagError: no library, a path that does not exist, a model that cannot be used.
    """
    from index.scan import existing
    from index.store import Store

    folder = library_folder(settings, docs)
    for path in docs:
        existing(path)
    if not docs:
        Store.open(folder).close()
    started = time.perf_counter()
    generator = make_generator(settings)
    try:
        if generator is not None:
            generator.start()
        embedder = load_embedder(settings)
        loaded = time.perf_counter() - started
        report = ingest(settings, docs, folder=folder, embedder=embedder, on_file=on_file) if docs else None
        with closing(Store.open(folder)) as store:
            parts = make_parts(store, embedder, generator=generator, settings=settings)
            if parts.judge is not None:
                parts.judge.open()
            notes = (*_open_index(parts), *(generator.notes if generator is not None else ()))
            yield Assistant(parts, loaded, report, notes)
    finally:
        if generator is not None:
            generator.close()


def _open_index(parts: "Parts") -> tuple[str, ...]:
    """Load the index before the first question; return what a person should know about it."""
    from index.retrieve import HybridRetriever

    assert isinstance(parts.retriever, HybridRetriever)
    parts.retriever.open()
    return tuple(parts.retriever.take_warnings())


def ingest(
    settings: Settings,
    paths: Sequence[Path],
    *,
    folder: Path,
    embedder: "SentenceTransformerEmbedder | None" = None,
    on_file: "OnFile | None" = None,
) -> "IngestReport":
    """Bring the library in `folder` up to date with `paths`; nothing is written where nothing changed.

    Raises:
        DocumentsError: a path does not exist, or holds nothing that can be read.
        LibraryError: the library is busy, cannot be written, or belongs to another embedder.
    """
    from index.database import is_outdated
    from index.ingest import Ingest, plan
    from index.scan import make_plan
    from index.store import DATABASE, Store

    limits = _ingest_limits(settings)
    if (folder / DATABASE).is_file() and not is_outdated(folder):
        with closing(Store.open(folder)) as store:
            todo = plan(store, paths, limits=limits)
    else:
        todo = make_plan(paths, ())
    if not todo.has_work:
        return _checked(Ingest.unchanged(todo), paths)
    embedder = embedder or load_embedder(settings)
    return _checked(_write(folder, paths, embedder, limits=limits, on_file=on_file), paths)


def patiently(work: Callable[[], _Done]) -> _Done:
    """Do what writes to the library, and wait for another writer: at the start its folder may still be read."""
    for _ in range(_BUSY_TRIES):
        with suppress(LibraryBusyError):
            return work()
        time.sleep(_BUSY_SECONDS)
    return work()


def _ingest_limits(settings: Settings) -> "IngestLimits":
    from index.prepare import IngestLimits

    return IngestLimits(settings.passage_tokens, settings.title_tokens, settings.max_file_bytes)


def _write(
    folder: Path,
    paths: Sequence[Path],
    embedder: "SentenceTransformerEmbedder",
    *,
    limits: "IngestLimits",
    on_file: "OnFile | None",
) -> "IngestReport":
    from index.ingest import Ingest, plan
    from index.lock import writer_lock
    from index.parser import ParseLimits, Parser
    from index.snapshot import publish_if_due
    from index.store import Store

    parse_limits = ParseLimits(file_bytes=limits.max_file_bytes)
    with closing(Store.create(folder)) as store, writer_lock(folder), Parser(parse_limits) as reader:
        todo = plan(store, paths, limits=limits)  # again, under the lock: another writer may have been at work
        report = Ingest(store, embedder, limits=limits, reader=reader).run(todo, on_file)
        warning = publish_if_due(store, dimensions=embedder.dimensions)
    if warning is not None:
        report.warnings.append(warning)
    return report


def rebuild(settings: Settings, *, folder: Path, on_document: "OnDocument | None" = None) -> "Rebuilt":
    """Embed the whole library anew with the embedder of the settings; questions are answered meanwhile.

    Raises:
        NoLibraryError: there is no library.
        LibraryError: it is busy or cannot be written.
    """
    from index.lock import writer_lock
    from index.rebuild import rebuild as run
    from index.snapshot import publish_if_due
    from index.store import DATABASE, Store

    if not (folder / DATABASE).is_file():
        Store.open(folder)  # says what to type
    embedder = load_embedder(settings)
    with closing(Store.create(folder)) as store, writer_lock(folder):
        done = run(store, embedder, limits=_ingest_limits(settings), on_document=on_document)
        publish_if_due(store, dimensions=embedder.dimensions)
    return done


def _checked(report: "IngestReport", paths: Sequence[Path]) -> "IngestReport":
    """Refuse to go on with nothing: an empty folder is a mistake worth a word."""
    if report.readable or report.problems:
        return report
    from index.load import LOADERS
    from rag.errors import DocumentsError

    names = ", ".join(str(path) for path in paths)
    endings = " ".join(sorted(LOADERS))
    raise DocumentsError(f"There are no documents in {names}.", hint=f"Files of these kinds are read: {endings}")


@contextmanager
def open_store(settings: Settings, docs: Sequence[Path] = ()) -> Iterator["Store"]:
    """Open the library of the settings, or that of `docs`, for reading.

    Raises:
        NoLibraryError: there is none.
    """
    from index.store import Store

    with closing(Store.open(library_folder(settings, docs))) as store:
        yield store


def show(settings: Settings, docs: Sequence[Path], *, name: str) -> tuple["View", str]:
    """Return a passage by its number, or a document by its name, with its surroundings as text.

    Raises:
        UsageError: nothing, or more than one document, goes by this name.
    """
    from index.show import view, view_text

    with open_store(settings, docs) as store:
        shown = view(store, name)
    return shown, view_text(shown)


def removed(settings: Settings, docs: Sequence[Path] = ()) -> list["Removed"]:
    """Return what was left out of the documents, and why."""
    from index.show import removed_rows

    with open_store(settings, docs) as store:
        return list(removed_rows(store))


def backup(settings: Settings, target: Path, *, docs: Sequence[Path] = ()) -> None:
    """Write the library to one new file."""
    from index.backup import backup as write

    write(library_folder(settings, docs), target)


def restore(settings: Settings, source: Path, *, docs: Sequence[Path] = ()) -> Path:
    """Make a backup the library, which must be empty; return its folder."""
    from index.backup import restore as read

    folder = library_folder(settings, docs)
    read(source, folder)
    return folder


def export_lines(settings: Settings, docs: Sequence[Path] = ()) -> Iterator[str]:
    """Yield the library as JSON lines."""
    from index.backup import export_lines as lines

    with open_store(settings, docs) as store:
        yield from lines(store)


def export(settings: Settings, target: Path, *, docs: Sequence[Path] = ()) -> int:
    """Write the library as JSON lines to a new file; return how many documents it holds."""
    from index.backup import export as write

    with open_store(settings, docs) as store:
        return write(store, target)


def remove(settings: Settings, document: str, *, docs: Sequence[Path] = ()) -> list[str]:
    """Remove a document by number, name or path; return the names of its files.

    Raises:
        UsageError: no document, or more than one, goes by this name.
    """
    from index.lock import writer_lock
    from index.remove import remove_document
    from index.store import Store

    folder = library_folder(settings, docs)
    Store.open(folder).close()
    with closing(Store.create(folder)) as store, writer_lock(folder):
        return remove_document(store, document)


def examine(settings: Settings, docs: Sequence[Path] = ()) -> list["Check"]:
    """Return what the doctor finds in the library."""
    from index import doctor
    from index.store import Store

    with closing(Store.open(library_folder(settings, docs))) as store:
        return doctor.examine(store)
