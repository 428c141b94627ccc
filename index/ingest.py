"""Brings a library up to date with files on disk. Knows the order: scan, load, prepare, embed, store.

Ctrl-C keeps what was stored. Every file that could not be read is reported with its reason.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from index.clean import block_keys, without_noise
from index.content import Content
from index.failpoints import Failpoint, failpoint
from index.load import UnreadableFileError
from index.near import StoryIndex
from index.parser import DocumentReader, LocalReader, ParseLimits
from index.prepare import REPEATED_IN, IngestLimits, Prepared, noise_of, prepare
from index.scan import Plan, Seen, make_plan
from index.store import FileRecord, Store
from rag.protocols import Embedder
from rag.text import numbers
from rag.types import Document, FileStatus, Vectors

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
    renamed: int = 0
    copies: int = 0
    passages: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def readable(self) -> int:
        """How many files are in the library after the run."""
        return self.added + self.changed + self.unchanged + self.renamed + self.copies


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document waiting for its vectors, and the files that hold it."""

    files: list[Seen]
    prepared: Prepared


def plan(store: Store, paths: Sequence[Path], *, limits: IngestLimits | None = None) -> Plan:
    """Return what `ingest` would do, from file times alone; documents made by another recipe count as changed."""
    recipe = (limits or IngestLimits()).recipe
    outdated = {document_id for document_id, made_by in store.recipes().items() if made_by != recipe}
    known = (
        dataclasses.replace(record, mtime_ns=-1) if record.document_id in outdated else record
        for record in store.files()
    )
    return make_plan(paths, known)


class Ingest:
    """One run over a plan. Hold the writer's lock while it runs."""

    def __init__(
        self, store: Store, embedder: Embedder, *, limits: IngestLimits, reader: DocumentReader | None = None
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._limits = limits
        self._reader = reader or LocalReader(ParseLimits(file_bytes=limits.max_file_bytes))
        self._waiting: dict[str, _Waiting] = {}
        self._waiting_lines: Counter[str] = Counter()
        self._young_lines: set[str] = set()
        self._stories = StoryIndex()
        self._story_of: dict[int, int] = {}
        self._numbers: dict[int, set[str]] = {}
        self._gone: Counter[int] = Counter()

    def run(self, todo: Plan, on_file: OnFile | None = None) -> IngestReport:
        """Carry out a plan.

        Raises:
            LibraryError: the library cannot be written, or holds vectors of another embedder.
        """
        self._store.check_embedder(self._embedder.fingerprint, self._embedder.info.name)
        self._store.set_embedder(self._embedder.fingerprint, self._embedder.info.name)
        self._learn_stories()
        report = self.unchanged(todo)
        known = {record.path: record.document_id for record in self._store.files()}
        self._gone = Counter(held for path in todo.gone if (held := known.get(path)) is not None)
        self._reader.ahead([Path(seen.path) for seen in todo.changed if self._refusal(seen) is None])
        for done, seen in enumerate(todo.changed, start=1):
            document = self._read(seen, report)
            failpoint(Failpoint.INGEST_READ)
            if document is not None:
                self._take(seen, document, known_id=known.get(seen.path), report=report)
            if sum(len(item.prepared.spans) for item in self._waiting.values()) >= _ROUND_PASSAGES:
                self._store_round(report)
            if on_file is not None:
                on_file(Step(done, len(todo.changed), seen.path))
        self._store_round(report)
        self._cut_again(report)
        self._store.forget(todo.gone)
        failpoint(Failpoint.INGEST_FORGOTTEN)
        report.removed = len(todo.gone) - report.renamed
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

    def _learn_stories(self) -> None:
        published = self._store.published_days()
        for document_id, story, signature in self._store.signatures():
            self._stories.add(document_id, signature, published=published.get(document_id))
            self._story_of[document_id] = story or document_id

    def _read(self, seen: Seen, report: IngestReport) -> Document | None:
        """Load one file; None where it yields no document, which is reported and noted."""
        refusal = self._refusal(seen)
        try:
            if refusal is not None:
                raise refusal
            return self._reader.parse(Path(seen.path))
        except UnreadableFileError as error:
            report.problems.append(Problem(seen.path, error.status, error.reason))
            # Without its times it is read again the next time.
            as_seen = dataclasses.replace(seen, mtime_ns=0, ctime_ns=0) if error.passing else seen
            self._store.put(_record(as_seen, error.status, reason=error.reason))
            return None

    def _refusal(self, seen: Seen) -> UnreadableFileError | None:
        """Return why a file need not be opened at all."""
        if seen.problem:
            return UnreadableFileError(FileStatus.UNSUPPORTED, seen.problem)
        if seen.size_bytes > self._limits.max_file_bytes:
            reason = f"{seen.size_bytes:,} bytes; at most {self._limits.max_file_bytes:,} are read"
            return UnreadableFileError(FileStatus.TOO_LARGE, reason)
        return None

    def _take(self, seen: Seen, document: Document, *, known_id: int | None, report: IngestReport) -> None:
        """Store the path of a document that is there already; a new one waits for its vectors."""
        already = self._store.find_document(document.sha256, self._limits.recipe)
        is_copy = already is not None or document.sha256 in self._waiting
        if document.sha256 in self._waiting:
            self._waiting[document.sha256].files.append(seen)
        elif already is None or self._is_redated(already, document):
            self._waiting[document.sha256] = _Waiting([seen], self._prepare(document))
        else:
            self._store.put(_record(seen, FileStatus.READY, document_id=already))
        if known_id is not None:
            report.unchanged += known_id == already
            report.changed += known_id != already
        elif already is not None and self._gone[already] > 0:
            self._gone[already] -= 1  # its content is there under a new path: it was renamed
            report.renamed += 1
        else:
            report.copies += is_copy
            report.added += not is_copy

    def _is_redated(self, document_id: int, document: Document) -> bool:
        """Return whether the files of a document were renamed, and the new name alone tells another day."""
        gone = self._gone[document_id]
        is_renamed = gone > 0 and gone == len(self._store.files([document_id]))
        return is_renamed and self._store.document(document_id).published != document.published

    def _prepare(self, document: Document) -> Prepared:
        def seen(lines: Sequence[str]) -> dict[str, int]:
            stored = self._store.lines_seen(lines)
            self._young_lines.update(line for line in lines if stored.get(line, 0) <= REPEATED_IN)
            return {line: stored.get(line, 0) + self._waiting_lines[line] for line in lines}

        prepared = prepare(document, self._embedder, limits=self._limits, seen=seen)
        self._waiting_lines.update(prepared.lines)
        return prepared

    def _store_round(self, report: IngestReport) -> None:
        """Embed the passages of several documents together, then store each in its own transaction."""
        waiting = list(self._waiting.values())
        vectors = self._embedder.encode([text for item in waiting for text in item.prepared.texts()])
        failpoint(Failpoint.INGEST_ENCODED)
        start = 0
        for item in waiting:
            end = start + len(item.prepared.spans)
            document_id = self._put(_record(item.files[0], FileStatus.READY), item.prepared, vectors[start:end])
            for copy in item.files[1:]:
                self._store.put(_record(copy, FileStatus.READY, document_id=document_id))
            report.passages += len(item.prepared.spans)
            start = end
        self._waiting.clear()
        self._waiting_lines.clear()

    def _put(self, record: FileRecord, prepared: Prepared, vectors: Vectors) -> int:
        """Store one document with its story: that of the nearest document whose text differs by small edits."""
        document = prepared.document
        agrees = partial(self._gives_the_same_numbers, numbers(without_noise(document.text, prepared.noise)))
        twin = self._stories.find(prepared.signature, published=document.published, agrees=agrees)
        story = self._story_of.get(twin[0]) if twin is not None else None
        content = Content(
            document=document,
            spans=prepared.spans,
            vectors=vectors,
            noise=prepared.noise,
            attributions=prepared.attributions,
            mentions=prepared.mentions,
            lines=prepared.lines,
            signature=prepared.signature,
            story=story,
            recipe=self._limits.recipe,
        )
        self._store.put(record, content)
        document_id = self._store.find_document(document.sha256)
        assert document_id is not None
        self._stories.add(document_id, prepared.signature, published=document.published)
        self._story_of[document_id] = story or document_id
        return document_id

    def _gives_the_same_numbers(self, mine: set[str], document_id: int) -> bool:
        """Return whether one of two texts gives all numbers of the other: a copy leaves some out or adds some.

        Where each has a number of its own, as two contracts made from one form, both state facts.
        """
        if document_id not in self._numbers:
            with suppress(KeyError):  # a version from before: nobody can compare it any more
                text = self._store.document(document_id).text
                self._numbers[document_id] = numbers(without_noise(text, self._store.noise(document_id)))
        theirs = self._numbers.get(document_id)
        return theirs is not None and (mine <= theirs or theirs <= mine)

    def _cut_again(self, report: IngestReport) -> None:
        """Cut documents again whose lines turned out, with this run's documents, to stand in many stories."""
        counts = self._store.lines_seen(self._young_lines)
        repeated = [line for line, stories in counts.items() if stories > REPEATED_IN]
        if not repeated:
            return
        records = {record.document_id: record for record in self._store.files()}
        for document_id in sorted(self._store.documents_with_lines(repeated)):
            document = self._store.document(document_id)
            seen = partial(self._store.lines_seen, excluding=document_id)
            lines = block_keys(document.text)
            if noise_of(document, lines, seen=seen) != self._store.noise(document_id):
                prepared = prepare(document, self._embedder, limits=self._limits, seen=seen)
                self._put(records[document_id], prepared, self._embedder.encode(prepared.texts()))
                report.passages += len(prepared.spans)


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
