"""Brings a library up to date with files on disk. Knows the order: scan, load, cut, embed, store.

Ctrl-C keeps what was stored. Every file that could not be read is reported with its reason.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.content import Content
from index.load import UnreadableFileError, load
from index.passages import cut, embedding_text, header
from index.scan import Plan, Seen, make_plan
from index.store import FileRecord, Store
from rag.protocols import Embedder
from rag.types import Document, FileStatus, Span

# Encoding sorts by length inside a round, so larger rounds waste less padding; a round is what Ctrl-C can lose.
_ROUND_PASSAGES = 512

@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: `path` is the file that was just read."""

    done: int
    total: int
    path: str


OnFile = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """How documents are cut and how large they may be."""

    passage_tokens: int = 250
    title_tokens: int = 40
    max_file_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that yielded no document."""

    path: str
    status: FileStatus
    reason: str


@dataclass(slots=True)
class IngestReport:
    """What became of all files of a run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    copies: int = 0
    passages: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def readable(self) -> int:
        """How many files are in the library after the run."""
        return self.added + self.changed + self.unchanged + self.copies


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document waiting for its vectors, and the files that hold it."""

    files: list[Seen]
    document: Document
    head: str
    spans: list[Span]

    def texts(self) -> list[str]:
        return [embedding_text(self.head, self.document.text[start:end]) for start, end in self.spans]


def plan(store: Store, paths: Sequence[Path]) -> Plan:
    """Return what `ingest` would do, from file times alone."""
    return make_plan(paths, store.files())


class Ingest:
    """One run over a plan. Hold the writer's lock while it runs."""

    def __init__(self, store: Store, embedder: Embedder, *, limits: IngestLimits) -> None:
        self._store = store
        self._embedder = embedder
        self._limits = limits
        self._max_tokens = min(limits.passage_tokens, embedder.max_tokens)

    def run(self, todo: Plan, on_file: OnFile | None = None) -> IngestReport:
        """Carry out a plan.

        Raises:
            LibraryError: the library cannot be written, or holds vectors of another embedder.
        """
        self._store.check_embedder(self._embedder.fingerprint, self._embedder.info.name)
        self._store.set_embedder(self._embedder.fingerprint, self._embedder.info.name)
        report = self.unchanged(todo)
        known = {record.path: record.document_id for record in self._store.files()}
        waiting: dict[str, _Cut] = {}
        for done, seen in enumerate(todo.changed, start=1):
            document = self._read(seen, report)
            if document is not None:
                self._take(seen, document, waiting=waiting, known_id=known.get(seen.path), report=report)
            if sum(len(item.spans) for item in waiting.values()) >= _ROUND_PASSAGES:
                self._store_round(waiting.values(), report)
                waiting = {}
            if on_file is not None:
                on_file(Step(done, len(todo.changed), seen.path))
        self._store_round(waiting.values(), report)
        self._store.forget(todo.gone)
        report.removed = len(todo.gone)
        return report

    @staticmethod
    def unchanged(todo: Plan) -> IngestReport:
        """Return the report on the files that need no work."""
        report = IngestReport(skipped=todo.skipped)
        for record in todo.unchanged:
            if record.status is FileStatus.READY:
                report.unchanged += 1
            elif record.status is not FileStatus.REMOVED:
                report.problems.append(Problem(record.path, record.status, record.reason))
        return report

    def _read(self, seen: Seen, report: IngestReport) -> Document | None:
        """Load one file; None where it yields no document, which is reported and noted."""
        try:
            return self._load(seen)
        except UnreadableFileError as error:
            report.problems.append(Problem(seen.path, error.status, error.reason))
            self._store.put(_record(seen, error.status, reason=error.reason))
            return None

    def _take(
        self,
        seen: Seen,
        document: Document,
        *,
        waiting: dict[str, _Cut],
        known_id: int | None,
        report: IngestReport,
    ) -> None:
        """Store the path of a document that is there already; a new one waits for its vectors."""
        already = self._store.find_document(document.sha256)
        is_copy = already is not None or document.sha256 in waiting
        if already is not None:
            self._store.put(_record(seen, FileStatus.READY, document_id=already))
        elif is_copy:
            waiting[document.sha256].files.append(seen)
        else:
            waiting[document.sha256] = self._cut(seen, document)
        if known_id is not None:
            report.unchanged += known_id == already
            report.changed += known_id != already
        else:
            report.copies += is_copy
            report.added += not is_copy

    def _cut(self, seen: Seen, document: Document) -> _Cut:
        head = header(document.title, self._embedder.count_tokens, max_tokens=self._limits.title_tokens)
        spans = cut(document.text, head, count=self._embedder.count_tokens, max_tokens=self._max_tokens)
        return _Cut([seen], document, head, spans)

    def _load(self, seen: Seen) -> Document:
        if seen.problem:
            raise UnreadableFileError(FileStatus.UNSUPPORTED, seen.problem)
        if seen.size_bytes > self._limits.max_file_bytes:
            reason = f"{seen.size_bytes:,} bytes; at most {self._limits.max_file_bytes:,} are read"
            raise UnreadableFileError(FileStatus.TOO_LARGE, reason)
        try:
            data = Path(seen.path).read_bytes()
        except OSError as error:
            raise UnreadableFileError(FileStatus.FAILED, error.strerror or str(error)) from error
        return load(Path(seen.path), data)

    def _store_round(self, waiting: Collection[_Cut], report: IngestReport) -> None:
        """Embed the passages of several documents together, then store each in its own transaction."""
        vectors = self._embedder.encode([text for item in waiting for text in item.texts()])
        start = 0
        for item in waiting:
            end = start + len(item.spans)
            content = Content(item.document, item.spans, vectors[start:end])
            self._store.put(_record(item.files[0], FileStatus.READY), content)
            document_id = self._store.find_document(item.document.sha256)
            for copy in item.files[1:]:
                self._store.put(_record(copy, FileStatus.READY, document_id=document_id))
            report.passages += len(item.spans)
            start = end


def _record(seen: Seen, status: FileStatus, *, reason: str = "", document_id: int | None = None) -> FileRecord:
    return FileRecord(
        path=seen.path,
        root=seen.root,
        size_bytes=seen.size_bytes,
        mtime_ns=seen.mtime_ns,
        ctime_ns=seen.ctime_ns,
        scanned_ns=seen.scanned_ns,
        status=status,
        reason=reason,
        document_id=document_id,
    )
