"""Puts an evaluation together: suites, the systems they measure, the libraries these search.

Like rag.compose it names concrete classes of all folders, inside functions; it prints nothing.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rag import compose, compose_generator, memory
from rag.errors import DocumentsError, UsageError
from rag.models import find_model, verify
from rag.settings import Settings
from rag.types import Document, ModelInfo

if TYPE_CHECKING:
    from eval.journal import Finished, Header
    from eval.readings import Reading
    from eval.runner import OnRecord, System
    from eval.systems import NaiveSystem, ProductSystem, Shelf
    from eval.types import AnswerSuite, Text, Uses
    from eval.vectors import RememberingEmbedder
    from index.embed import SentenceTransformerEmbedder
    from index.ingest import OnFile
    from index.parser import Parser
    from index.store import Store
    from rag.compose_generator import AnyGenerator
    from rag.types import Span

PRODUCT, NAIVE = "product", "naive"
RETRIEVALS = {"bm25": 0.0, "dense": 1.0}
HYBRID = "hybrid"
RECORDS = "records.jsonl"
# Inside a suite's library every text lies in this folder that is on no disk.
_ROOT = "/suite"


def with_retrieval(settings: Settings, name: str | None) -> Settings:
    """Return settings that search by words alone, by vectors alone, or by both (hybrid, None: as they are)."""
    if name not in RETRIEVALS:
        return settings
    return replace(settings, dense_weight=RETRIEVALS[name], exact_dense_weight=RETRIEVALS[name])


@dataclass(frozen=True, slots=True)
class _TextReader:
    """Reads a suite's texts in place of files: those that are files are read as any file is."""

    texts: dict[str, "Text"]
    files: "Parser"

    def ahead(self, paths: Iterable[Path]) -> None:
        real = (self.texts[path.relative_to(_ROOT).as_posix()].path for path in paths)
        self.files.ahead([path for path in real if path is not None])

    def parse(self, path: Path) -> Document:
        text = self.texts[path.relative_to(_ROOT).as_posix()]
        if text.path is not None:
            return self.files.parse(text.path)
        from index.language import language_of

        content = "\0".join([text.title, text.outlet or "", str(text.published or ""), text.text])
        return Document(
            sha256=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(),
            text=text.text,
            title=text.title or text.id,
            media_type="text/plain",
            outlet=text.outlet,
            published=text.published,
            language=language_of(text.text),
        )


class Session:
    """The models of an evaluation: loaded when the first case needs them, once for all its suites."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def embedder(self) -> "SentenceTransformerEmbedder":
        """The embedder of the settings; for making libraries see `remembering`."""
        return compose.load_embedder(self.settings)

    @cached_property
    def remembering(self) -> "RememberingEmbedder":
        """The embedder for texts: what it encoded for another suite or run it reads from a file."""
        from eval.vectors import RememberingEmbedder

        made = RememberingEmbedder(self.embedder, self.settings.cache / "eval" / "vectors.db")
        self._stack.callback(made.close)
        return made

    @cached_property
    def generator(self) -> "AnyGenerator | None":
        """The generator of the settings, started; None for "none"."""
        made = compose_generator.make_generator(self.settings)
        if made is not None:
            self._stack.callback(made.close)
            made.start()
        return made

    def models(self, uses: "Uses") -> tuple[ModelInfo, ...]:
        """Return the models in use, their hashes checked; nothing is loaded for it.

        Raises:
            ModelError: one is missing, or not the pinned one.
        """
        from eval.types import Uses

        settings = self.settings
        found = []
        if uses is not Uses.NOTHING:
            embedder = find_model("embedder", settings.embedder, pinned=settings.embedder_sha256)
            found.append(verify(embedder, settings.cache))
        generator = compose_generator.generator_info(settings) if uses is Uses.ANSWERS else None
        adapter = compose_generator.adapter_info(settings) if generator is not None else None
        judge = compose.load_judge(settings)
        found += [info for info in (generator, adapter, judge.info if judge else None) if info is not None]
        return tuple(found)

    def memory_bytes(self) -> dict[str, int]:
        """Return what this process, and the generator's where there is one, have taken at most since the reset."""
        return memory.peaks_bytes(self._processes())

    def reset_peaks(self) -> None:
        """Let the peaks start anew, so that a suite is not told the peak of the one before it."""
        memory.reset_peaks(self._processes())

    def _processes(self) -> dict[str, int]:
        generator: AnyGenerator | None = self.__dict__.get("generator")  # it is not started for this
        there = generator.process_id if generator is not None else None
        return {"here": os.getpid(), **({"generator": there} if there is not None else {})}

    @contextmanager
    def library(self, suite: "AnswerSuite", on_file: "OnFile | None" = None) -> Iterator["Store"]:
        """Open the library of a suite's texts; it is kept in the cache, since only new texts make it anew.

        Raises:
            DocumentsError: none of the texts could be read.
        """
        from index.store import Store

        folder = self.settings.cache / "eval" / f"{suite.name}-{self._key(suite.texts)}"
        done = folder / "complete"
        if not done.is_file():
            self._build(folder, suite.texts, on_file)
            done.touch()
        with closing(Store.open(folder)) as store:
            if not store.counts()["documents"]:
                raise DocumentsError(f"No text of {suite.name} could be read.", hint="Copy the data anew.")
            yield store

    def _key(self, texts: Sequence["Text"]) -> str:
        from index.prepare import RECIPE

        digest = hashlib.sha256(f"{self.embedder.fingerprint} {RECIPE}".encode())
        digest.update(f"{self.settings.passage_tokens} {self.settings.title_tokens}".encode())
        for text in texts:
            content = text.path.read_bytes() if text.path else text.text.encode("utf-8", "replace")
            digest.update(
                f"\0{text.id}\0{text.title}\0{text.outlet}\0{text.published}\0".encode("utf-8", "replace")
            )
            digest.update(content)
        return digest.hexdigest()[:16]

    def _build(self, folder: Path, texts: Sequence["Text"], on_file: "OnFile | None") -> None:
        from index.ingest import Ingest
        from index.lock import writer_lock
        from index.parser import ParseLimits, Parser
        from index.prepare import IngestLimits
        from index.scan import Plan, Seen
        from index.snapshot import publish_if_due
        from index.store import Store

        limits = IngestLimits(self.settings.passage_tokens, self.settings.title_tokens)
        with closing(Store.create(folder)) as store, writer_lock(folder), Parser(ParseLimits()) as files:
            known = {record.path for record in store.files()}  # of a run that was stopped
            new = {text.id: text for text in texts if f"{_ROOT}/{text.id}" not in known}
            seen = tuple(Seen(f"{_ROOT}/{name}", _ROOT, 1, 1, 1) for name in new)
            reader = _TextReader(new, files)
            Ingest(store, self.remembering, limits=limits, reader=reader).run(Plan(seen, (), (), {}), on_file)
            publish_if_due(store, dimensions=self.embedder.dimensions)

    def system(self, store: "Store", name: str) -> "ProductSystem | NaiveSystem":
        """Return the system with this name over an open library.

        Raises:
            UsageError: the naive system has no generator.
        """
        from eval.systems import ProductSystem, Shelf
        from rag.parts import no_notes

        documents = {name: source.document_id for source in store.sources().values() for name in source.names}
        shelf = Shelf(documents, store.document_text)
        if name == NAIVE:
            return self._naive(store, shelf)
        parts = compose.make_parts(store, self.embedder, generator=self.generator, settings=self.settings)
        return ProductSystem(replace(parts, notes_on=no_notes), shelf)  # a suite's texts are no files

    def _naive(self, store: "Store", shelf: "Shelf") -> "NaiveSystem":
        import prompts
        from eval.systems import NaiveParts, NaiveSystem
        from rag.parts import Writer
        from rag.pipeline import normalise_question
        from rag.prompting import chat_format

        if self.generator is None:
            raise UsageError("The naive system needs a generator.", hint="Leave --generator none out.")
        writer = Writer(
            self.generator,
            prompts.load("naive"),
            chat_format(self.settings.chat_format),
            self.generator.count_segments,
        )
        retriever = compose.make_retriever(store, self.embedder, settings=self.settings)
        longest = self.settings.max_question_chars
        parts = NaiveParts(
            retriever, writer, self.settings.answer_tokens, lambda text: normalise_question(text, longest)
        )
        return NaiveSystem(parts, shelf)


# A run


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is made. `folder` keeps its records; `case_seconds` is what one case may take."""

    folder: Path
    system: str = PRODUCT
    seed: int = 0
    resume: bool = False
    retry_failed: bool = False
    case_seconds: float = 120.0


def measure(
    session: Session, suite: "AnswerSuite", *, options: RunOptions, on_file: "OnFile", on_record: "OnRecord"
) -> "Finished":
    """Ask a system every case of a suite, and return the records, which are on disk as soon as they are made.

    Raises:
        RagError: a library that cannot be made, a folder with another run.
    """

    def opened(stack: ExitStack) -> "System":
        session.generator  # noqa: B018 - it loads in its own process while the library opens here
        store = stack.enter_context(session.library(suite, on_file))
        return session.system(store, options.system)

    return _recorded(session, suite, opened, options=options, on_record=on_record)


def measure_reading(
    session: Session, reading: "Reading", *, options: RunOptions, on_record: "OnRecord"
) -> "Finished":
    """Let a reader read every case of its suite, and return the records like `measure`.

    Raises:
        RagError: what the reader needs cannot be loaded, a folder with another run.
    """
    from eval.readings import ReadingSystem

    def opened(stack: ExitStack) -> "System":
        return ReadingSystem(stack.enter_context(reading.open()))

    return _recorded(session, reading.suite, opened, options=options, on_record=on_record)


def _recorded(
    session: Session,
    suite: "AnswerSuite",
    opened: Callable[[ExitStack], "System"],
    *,
    options: RunOptions,
    on_record: "OnRecord",
) -> "Finished":
    from eval.journal import Finished, Journal
    from eval.runner import run

    header = run_header(session, suite, options=options)
    path, again = options.folder / RECORDS, options.retry_failed
    with Journal(path, header, resume=options.resume, retry=again) as journal, ExitStack() as stack:
        is_done = all(case.id in journal.done for case in suite.cases)  # then: scored again, not asked again
        session.reset_peaks()
        records = run(
            suite.cases,
            None if is_done else opened(stack),
            journal=journal,
            case_seconds=options.case_seconds,
            on_record=on_record,
            memory_bytes=session.memory_bytes,
        )
        notes = [f"{suite.dropped} rows of the data hold nothing that can be asked"] if suite.dropped else []
        if journal.header.went_on:
            commits = (journal.header.commit, *journal.header.went_on)
            notes.append(f"records of several commits: {', then '.join(commits)}")
    return Finished(journal.header, tuple(records), (*suite.notes, *notes))


def run_header(session: Session, suite: "AnswerSuite", *, options: RunOptions) -> "Header":
    """Return what a run would measure; nothing is asked for it, and no model is loaded.

    Raises:
        ModelError: a model is missing, or not the pinned one.
    """
    from eval.journal import Header
    from eval.runner import cases_digest

    settings = session.settings
    return Header(
        suite=suite.name,
        system=options.system,
        settings=settings.deciding(),
        settings_digest=settings.digest(),
        models={model.name: model.sha256 for model in session.models(suite.uses)},
        cases=cases_digest(suite.cases, suite.texts),
        n=len(suite.cases),
        seed=options.seed,
        case_seconds=options.case_seconds,
        commit=_commit(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _commit() -> str:
    """Return the commit that this code is, "" where it is no checkout."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()


@contextmanager
def open_documents(settings: Settings, docs: Path) -> Iterator["Store"]:
    """Open the library of a folder, brought up to date with it.

    Raises:
        RagError: the folder does not exist, or holds nothing that can be read.
    """
    compose.ingest(settings, [docs], folder=compose.library_folder(settings, [docs]))
    with compose.open_store(settings, [docs]) as store:
        yield store


def passage_spans(store: "Store", document_id: int) -> tuple["Span", ...]:
    """Return where the passages of a document stand in its text."""
    from index.changes import passages_of

    passages = store.passages(passages_of(store, [document_id]).tolist()).values()
    return tuple((passage.start, passage.end) for passage in passages)
