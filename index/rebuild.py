"""Gives a library the vectors of another embedder. Knows a store and an embedder; reads no file.

The new vectors are staged beside the ones in use, one transaction a round of documents, and take their place in
one transaction at the end: questions are answered from the old ones until then, and a run that was stopped goes on
where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.content import Staged, stage, staged_documents, switch
from index.failpoints import Failpoint, failpoint
from index.passages import cut_around, embedding_text, header
from index.prepare import IngestLimits
from index.store import Store
from rag.protocols import Embedder
from rag.titles import titled
from rag.types import Span

# Encoding sorts by length inside a round; a round is what a stop can lose.
_ROUND_PASSAGES = 512

OnDocument = Callable[[int, int], None]
"""Called with how many documents are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did. `kept` counts documents whose vectors an earlier, stopped run had made."""

    documents: int
    passages: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Cut:
    document_id: int
    spans: tuple[Span, ...]
    texts: tuple[str, ...]


def rebuild(
    store: Store, embedder: Embedder, *, limits: IngestLimits, on_document: OnDocument | None = None
) -> Rebuilt:
    """Embed all documents again and switch to the new vectors. Hold the writer's lock while it runs.

    Raises:
        LibraryError: the library cannot be written.
    """
    # Other settings cut other passages: what was staged under them does not count.
    made_by = f"{embedder.fingerprint} {limits.recipe}"
    everything = sorted(store.sources())
    with store.transaction():
        kept = staged_documents(store.connection, made_by)
    waiting: list[_Cut] = []
    for done, document_id in enumerate(everything, start=1):
        if document_id not in kept:
            waiting.append(_cut(store, document_id, embedder, limits=limits))
        if sum(len(item.spans) for item in waiting) >= _ROUND_PASSAGES:
            _stage(store, waiting, embedder, made_by=made_by)
            waiting = []
        if on_document is not None:
            on_document(done, len(everything))
    _stage(store, waiting, embedder, made_by=made_by)
    with store.transaction():
        passages = switch(store.connection, embedder.fingerprint, name=embedder.info.name)
    failpoint(Failpoint.REBUILD_SWITCHED)
    return Rebuilt(len(everything), passages, len(kept))


def _cut(store: Store, document_id: int, embedder: Embedder, *, limits: IngestLimits) -> _Cut:
    """Cut a document as its noise and the new embedder's length allow."""
    document = store.document(document_id)
    head = header(
        titled(document, store.attributions(document_id)),
        embedder.count_tokens,
        max_tokens=limits.title_tokens,
    )
    spans = tuple(
        cut_around(
            document.text,
            head,
            noise=store.noise(document_id),
            count=embedder.count_tokens,
            max_tokens=min(limits.passage_tokens, embedder.max_tokens),
        )
    )
    return _Cut(document_id, spans, tuple(embedding_text(head, document.text[start:end]) for start, end in spans))


def _stage(store: Store, waiting: Sequence[_Cut], embedder: Embedder, *, made_by: str) -> None:
    vectors = embedder.encode([text for item in waiting for text in item.texts])
    start = 0
    with store.transaction():
        for item in waiting:
            end = start + len(item.spans)
            stage(store.connection, Staged(item.document_id, item.spans, vectors[start:end]), made_by=made_by)
            start = end
    failpoint(Failpoint.REBUILD_STAGED)
