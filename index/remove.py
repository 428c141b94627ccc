"""Takes a document out of the library at a person's word. Knows the store only."""

import dataclasses
from pathlib import Path

from index.store import Store
from rag.errors import UsageError
from rag.types import FileStatus, Source


def remove_document(store: Store, document: str) -> list[str]:
    """Remove the document with this number, name or path; its files stay out until they are named again.

    Raises:
        UsageError: no document, or more than one, goes by this name.
    """
    found = [source for source in store.sources().values() if _is_meant(source, document)]
    if not found:
        raise UsageError(f"No document goes by {document!r}.", hint="Type rag sources to see their numbers.")
    if len(found) > 1:
        numbers = ", ".join(str(source.document_id) for source in found)
        raise UsageError(f"{document!r} can be any of the documents {numbers}.", hint="Give the number.")
    source = found[0]
    for record in store.files():
        if record.document_id == source.document_id:
            removed = dataclasses.replace(record, status=FileStatus.REMOVED, reason="", document_id=None)
            store.put(removed)
    return list(source.names)


def _is_meant(source: Source, document: str) -> bool:
    absolute = str(Path(document).expanduser().absolute())
    names = {str(source.document_id), *source.names, *(Path(name).name for name in source.names)}
    return document in names or absolute in source.paths
