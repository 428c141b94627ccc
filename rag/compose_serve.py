"""Puts the server together: the desk over a library, and what is served of it.

Like rag.compose it names concrete classes of all folders, inside functions; it prints nothing.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag import compose
from rag.compose_generator import NO_GENERATOR, make_generator, make_writer
from rag.errors import UsageError
from rag.models import find_model, prepare_environment
from rag.remote import is_address
from rag.settings import Settings
from rag.types import AnswerStyle, Source

if TYPE_CHECKING:
    import socket

    from index.embed import SentenceTransformerEmbedder
    from index.ingest import IngestReport, OnFile, Step
    from index.store import Store
    from rag.compose_generator import AnyGenerator
    from rag.desk import Desk, PartsFor, Wish
    from rag.parts import Parts, Writer
    from ui.guard import Rules

OnIngested = Callable[["IngestReport"], None]
# How soon the end is seen by what waits for the page to be up.
_LOOK_SECONDS = 0.1


def open_desk(
    settings: Settings,
    docs: Sequence[Path] = (),
    *,
    on_file: "OnFile | None" = None,
    on_ingested: OnIngested | None = None,
    after: threading.Event | None = None,
) -> "Desk":
    """Return a desk whose models are loaded from now on; a library that is not there yet is made.

    The generator loads at once in its own process. What loads in this one begins when `after` is set: both would
    import Python modules, which goes one at a time, and a page that is there can say that the rest is coming.

    Raises:
        RagError: a path does not exist, or a model is not there.
    """
    from index.scan import existing
    from rag.desk import Desk

    prepare_environment()
    for path in docs:
        existing(path)
    _find_models(settings)

    @contextmanager
    def opened() -> Iterator["PartsFor"]:
        with _generator(settings) as generator:
            while after is not None and not after.wait(_LOOK_SECONDS):
                desk.check_open()
            loading = _Loading(desk.check_open, on_file, on_ingested)
            with _parts(settings, docs, generator, loading=loading) as parts_for:
                yield parts_for

    desk = Desk(opened)
    return desk.start()


@dataclass(frozen=True, slots=True)
class _Loading:
    """Whom to tell how far it is; `check` raises where nobody waits for it any more."""

    check: Callable[[], None]
    on_file: "OnFile | None" = None
    on_ingested: OnIngested | None = None

    def ingest(
        self, settings: Settings, docs: Sequence[Path], *, folder: Path, embedder: "SentenceTransformerEmbedder"
    ) -> "IngestReport":
        """Bring the library up to date with `docs`, as long as somebody waits for it."""
        self.check()
        return compose.ingest(settings, docs, folder=folder, embedder=embedder, on_file=self._file_read)

    def _file_read(self, step: "Step") -> None:
        if self.on_file is not None:
            self.on_file(step)
        self.check()


def _find_models(settings: Settings) -> None:
    """Say at once what would otherwise be said after the page has opened."""
    find_model("embedder", settings.embedder, pinned=settings.embedder_sha256)
    if settings.generator != NO_GENERATOR and not is_address(settings.generator):
        find_model("generator", settings.generator, pinned=settings.generator_sha256)


@contextmanager
def _generator(settings: Settings) -> Iterator["AnyGenerator | None"]:
    """Start the generator; where quotes alone are set it waits until somebody wants more."""
    written = settings.style != AnswerStyle.QUOTES
    generator = make_generator(settings if written else replace(settings, style=AnswerStyle.SHORT.value))
    try:
        if generator is not None and written:
            generator.start()
        yield generator
    finally:
        if generator is not None:
            generator.close()


@contextmanager
def _parts(
    settings: Settings, docs: Sequence[Path], generator: "AnyGenerator | None", *, loading: _Loading
) -> Iterator["PartsFor"]:
    """Load the other models, bring the library up to date with `docs`, yield the parts for each wish."""
    loading.check()
    folder = compose.library_folder(settings, docs)
    embedder = compose.load_embedder(settings)
    loading.check()
    with closing(_made(folder)) as store:
        if docs:
            # Somebody may hand in files while the models load: then these wait for them, or the other way round.
            report = compose.patiently(lambda: loading.ingest(settings, docs, folder=folder, embedder=embedder))
            if loading.on_ingested is not None:
                loading.on_ingested(report)
        loading.check()
        parts = compose.make_parts(store, embedder, generator=generator, settings=settings)
        if parts.judge is not None:
            parts.judge.open()
        yield lambda wish: wished(parts, wish, generator=generator, settings=settings)


def _made(folder: Path) -> "Store":
    """Open a library for reading, making it where there is none: a chat may begin with nothing."""
    from index.store import DATABASE, Store

    if not (folder / DATABASE).is_file():
        Store.create(folder).close()
    return Store.open(folder)


def wished(parts: "Parts", wish: "Wish", *, generator: "AnyGenerator | None", settings: Settings) -> "Parts":
    """Return the parts as a person wants them for one question.

    Raises:
        UsageError: the wish needs a generator, and there is none.
    """
    limits = parts.limits
    if wish.verify is not None:
        limits = replace(limits, verify=wish.verify)
    if wish.passages is not None:
        limits = replace(limits, passages=wish.passages)
    judge = compose.load_judge(settings) if wish.caution is not None else None
    if wish.caution is not None and judge is not None:
        limits = replace(limits, answering=judge.threshold(wish.caution))
    style = AnswerStyle(wish.style or settings.style)
    writer = _writer(style, generator, settings)
    if writer is None and wish.style not in (None, AnswerStyle.QUOTES):
        raise UsageError("There is no generator to write in this style.", hint='Choose "quotes".')
    models = tuple(one for one in parts.models if writer is not None or one.role not in ("generator", "adapter"))
    return replace(parts, limits=limits, writer=writer, models=models)


def _writer(style: AnswerStyle, generator: "AnyGenerator | None", settings: Settings) -> "Writer | None":
    if style is AnswerStyle.QUOTES:
        return None
    return make_writer(generator, replace(settings, style=style.value))


def documents(settings: Settings, docs: Sequence[Path] = ()) -> list[Source]:
    """Return the documents of the library as it is now."""
    folder = compose.library_folder(settings, docs)
    with closing(_made(folder)) as store:
        return list(store.sources().values())


def serve_chat(
    settings: Settings,
    docs: Sequence[Path],
    *,
    opened: "socket.socket",
    rules: "Rules",
    desk: "Desk",
    on_start: Callable[[], None],
) -> None:
    """Serve the page, the calls and the tools until Ctrl-C."""
    from rag import compose_chat
    from rag.compose_about import about
    from ui import mount
    from ui.assets import Assets
    from ui.guard import Guard
    from ui.server import make_app, serve

    with mount.prepare_gradio(), closing(compose_chat.open_talks(settings, docs)) as talks:
        from ui.app import build, looks

        shelf = compose_chat.open_shelf(settings, docs)
        page = build(desk, shelf, talks=talks, about=about(settings, docs))
        app = make_app(desk, lambda: documents(settings, docs))
        mount.mount(app, page, looks=looks(), max_upload_bytes=settings.max_upload_bytes)
        serve(Guard(Assets(app), rules), opened, on_start=on_start)
