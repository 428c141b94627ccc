"""Takes a document out of the library at a person's word. Knows the store only."""

import dataclasses

from index.show import named_source
from index.store import Store
from rag.types import FileStatus


def remove_document(store: Store, document: str) -> list[str]:
    """Remove the document with this number (d5), name or path; its files stay out until they are named again.

    Raises:
        UsageError: no document, or more than one, goes by this name.
    """
    source = named_source(store, document)
    for record in store.files():
        if record.document_id == source.document_id:
            removed = dataclasses.replace(record, status=FileStatus.REMOVED, reason="", document_id=None)
            store.put(removed)
    return list(source.names)
