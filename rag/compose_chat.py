"""Puts the chat's shelf together: the documents of a library as the chat shows, adds and removes them.

Like rag.compose it names concrete functions of all folders, inside functions; it knows no widget.

Files that are handed in are copied into the library's folder (`files/`), since the browser's own copies do not
last; what was indexed where it lies stays there.
"""

import filecmp
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag import compose
from rag.errors import RagError, UsageError
from rag.settings import Settings
from rag.talks import Scope, TalkStore
from rag.types import FileStatus, Source, page_at
from ui.ports import (
    AddStep,
    DocumentRow,
    FileDone,
    Limits,
    Opened,
    Picture,
    Place,
    Wanted,
)

if TYPE_CHECKING:
    from index.embed import SentenceTransformerEmbedder
    from index.ingest import Step
    from index.store import FileRecord, Store

# What a person drops on a page at once; a whole archive is better read with `rag index`.
_MAX_FILES = 2000
_FILES = "files"


def open_talks(settings: Settings, docs: Sequence[Path] = ()) -> TalkStore:
    """Return the conversations of a library."""
    return TalkStore(_made(compose.library_folder(settings, docs)))


def open_shelf(settings: Settings, docs: Sequence[Path] = ()) -> "LibraryShelf":
    """Return the documents of a library, which is made where there is none."""
    return LibraryShelf(settings, _made(compose.library_folder(settings, docs)))


def _made(folder: Path) -> Path:
    from index.database import DATABASE
    from index.store import Store

    if not (folder / DATABASE).is_file():
        Store.create(folder).close()
    return folder


class LibraryShelf:
    """The documents of a library; may be used from any thread."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._embedder: SentenceTransformerEmbedder | None = None
        self._adding = threading.Lock()
        self._examples: tuple[int, tuple[str, ...]] = (-1, ())

    @property
    def limits(self) -> Limits:
        """What can be handed in at once."""
        from index.load import LOADERS

        settings = self._settings
        return Limits(settings.max_file_bytes, settings.max_upload_bytes, _MAX_FILES, tuple(sorted(LOADERS)))

    @contextmanager
    def _store(self) -> "Iterator[Store]":
        from index.store import Store

        with closing(Store.open(self._folder)) as store:
            yield store

    # Looking

    def documents(self) -> list[DocumentRow]:
        """Return all documents by title, and the files that could not be read."""
        with self._store() as store:
            sources, files, counts = store.sources().values(), store.files(), store.passage_counts()
        rows = [_row(source, counts.get(source.document_id, 0)) for source in sources]
        rows.sort(key=lambda row: row.title.casefold())
        unread = [record for record in files if record.document_id is None and record.status != FileStatus.REMOVED]
        return rows + [_unread(record) for record in unread]

    def open(self, wanted: Wanted | int) -> Opened:
        """Return a document at the words of a quote, or the document with this number from its beginning."""
        number = wanted if isinstance(wanted, int) else wanted.document
        with self._store() as store, store.reading():
            source = store.sources([number]).get(number) or self._named(store, wanted)
            if source is None:
                return _gone(wanted)
            text, noise = store.document_text(source.document_id), tuple(store.noise(source.document_id))
            removed = store.removed(source.document_id)
        span, place = ((0, 0), Place.EXACT) if isinstance(wanted, int) else _found(text, wanted)
        page = page_at(source.pages, span[0]) if span[1] else None
        if page is None and isinstance(wanted, int):
            page = next(iter(source.pages), None)
        has_picture = page is not None and _pdf(source) is not None
        return Opened(source, text, span, place, noise, page, has_picture, removed)

    @staticmethod
    def _named(store: "Store", wanted: Wanted | int) -> Source | None:
        """Return the document that has come in the place of one that is gone: a changed file is a new document."""
        if isinstance(wanted, int):
            return None
        return next((source for source in store.sources().values() if wanted.name in source.names), None)

    def picture(self, opened: Opened) -> Picture | None:
        """Return the page that the words stand on, None where the document has no pages to draw."""
        from index.page_image import page_image

        path = _pdf(opened.source)
        if path is None or opened.page is None:
            return None
        start, end = opened.span
        words = opened.text[start : min(end, opened.page.end)] if end else ""
        drawn = page_image(path, opened.page.number, words=words)
        return Picture(drawn.png, drawn.width, drawn.height, drawn.boxes)

    def inside(self, scope: Scope) -> frozenset[int] | None:
        """Return the documents of a scope; None where it is all of them."""
        if scope.takes_all:
            return None
        with self._store() as store:
            sources = store.sources(scope.documents or None)
        return frozenset(number for number, source in sources.items() if scope.takes(source))

    def examples(self) -> tuple[str, ...]:
        """Return three questions that the documents answer, of different documents where possible."""
        from rag.compose_examples import examples

        with self._store() as store:
            generation = store.generation()
            if self._examples[0] != generation:
                self._examples = (generation, examples(store))
        return self._examples[1]

    # Changing

    def add(self, paths: Sequence[Path]) -> Iterator[AddStep]:
        """Copy files into the library and read them; the last step has what became of each.

        Raises:
            RagError: they are too many, or the library cannot be written.
        """
        if len(paths) > _MAX_FILES:
            raise UsageError(
                f"{len(paths):,} files at once; at most {_MAX_FILES:,} are taken here.",
                hint="Read a large folder where it lies: rag index FOLDER",
            )
        if not self._adding.acquire(blocking=False):
            raise UsageError("Files are being read already.", hint="Wait until they are done, then add more.")
        try:
            yield AddStep(0, len(paths), "copying the files")
            places = [_copied(path, self._folder / _FILES) for path in paths]
            yield from self._ingest(places)
            yield AddStep(len(places), len(places), "done", self._done(places))
        finally:
            self._adding.release()

    def _ingest(self, places: Sequence[Path]) -> Iterator[AddStep]:
        """Read files in a thread of their own, so that each step can be told as it comes."""
        steps: queue.SimpleQueue[Step | RagError | None] = queue.SimpleQueue()

        def work() -> None:
            try:
                # An embedder of its own: the desk's is busy with questions, and its tokenizer serves one thread.
                self._embedder = self._embedder or compose.load_embedder(self._settings)
                compose.patiently(
                    lambda: compose.ingest(
                        self._settings, places, folder=self._folder, embedder=self._embedder, on_file=steps.put
                    )
                )
                steps.put(None)
            except RagError as error:
                steps.put(error)

        threading.Thread(target=work, name="adding", daemon=True).start()
        while (step := steps.get()) is not None:
            if isinstance(step, RagError):
                raise step
            yield AddStep(step.done, step.total, Path(step.path).name)

    def _done(self, places: Sequence[Path]) -> tuple[FileDone, ...]:
        with self._store() as store:
            records = {record.path: record for record in store.files()}
            sources = store.sources()
        done = []
        for place in places:
            record = records.get(str(place))
            if record is None:
                done.append(FileDone(place.name, FileStatus.FAILED, "it is not in the library"))
            else:
                done.append(FileDone(place.name, record.status, _told(record, sources)))
        return tuple(done)

    def remove(self, number: int) -> str:
        """Take a document out of the library, and out of the next answer; return its name.

        Copies that were made when it was handed in are deleted; files that lie elsewhere stay.
        """
        with self._store() as store:
            source = store.sources([number]).get(number)
        if source is None:
            raise UsageError("This document is no longer in the library.", hint="Look at the list again.")
        compose.remove(self._at_folder(), str(number))
        self._delete(source.paths)
        return source.title or source.names[0]

    def dismiss(self, name: str) -> None:
        """Forget a file that could not be read."""
        from index.lock import writer_lock
        from index.store import Store

        with closing(Store.create(self._folder)) as store, writer_lock(self._folder):
            unread = [record for record in store.files() if record.document_id is None]
            paths = [record.path for record in unread if record.name == name]
            store.forget(paths)
        self._delete(paths)

    def _at_folder(self) -> Settings:
        import dataclasses

        return dataclasses.replace(self._settings, library=self._folder)

    def _delete(self, paths: Sequence[str]) -> None:
        own = self._folder / _FILES
        for path in map(Path, paths):
            if path.is_relative_to(own):
                path.unlink(missing_ok=True)


def _row(source: Source, passages: int) -> DocumentRow:
    return DocumentRow(
        number=source.document_id,
        name=", ".join(source.names),
        title=source.title,
        outlet=source.outlet,
        published=source.published,
        language=source.language,
        status=FileStatus.READY,
        passages=passages,
        pages=len(source.pages),
    )


def _unread(record: "FileRecord") -> DocumentRow:
    return DocumentRow(None, record.name, "", None, None, None, record.status, record.reason)


def _gone(wanted: Wanted | int) -> Opened:
    known = wanted if isinstance(wanted, Wanted) else Wanted(wanted, 0, 0, "")
    title = known.title or known.name or "A document"
    source = Source(known.document, (known.name,), (), title, None, None, None, None, ())
    return Opened(source, "", (0, 0), Place.GONE)


def _found(text: str, wanted: Wanted) -> tuple[tuple[int, int], Place]:
    """Return where the words stand now."""
    if text[wanted.start : wanted.end] == wanted.text:
        return (wanted.start, wanted.end), Place.EXACT
    start = text.find(wanted.text) if wanted.text else -1
    return ((start, start + len(wanted.text)), Place.MOVED) if start >= 0 else ((0, 0), Place.CHANGED)


def _pdf(source: Source) -> Path | None:
    paths = (Path(path) for path in source.paths)
    return next((path for path in paths if path.suffix.lower() == ".pdf" and path.is_file()), None)


def _copied(path: Path, folder: Path) -> Path:
    """Copy a file into `folder`; one of the same name with other content gets a number."""
    folder.mkdir(mode=0o700, exist_ok=True)
    name = Path(path.name.lstrip(".") or "file")
    place, number = folder / name, 1
    while place.exists() and not filecmp.cmp(path, place, shallow=False):
        number += 1
        place = folder / f"{name.stem} ({number}){name.suffix}"
    if not place.exists():
        part = folder / f".{place.name}.part"
        shutil.copyfile(path, part)
        part.chmod(0o600)
        part.replace(place)
    return place


def _told(record: "FileRecord", sources: dict[int, Source]) -> str:
    if record.status is not FileStatus.READY or record.document_id is None:
        return record.reason or record.status.value.replace("_", " ")
    others = [name for name in sources[record.document_id].names if name != Path(record.path).name]
    return f"read: the same text as {others[0]}" if others else "read"
