"""Puts gold files and documents together: drafts one about a folder, checks one against it.

Like rag.compose it names concrete functions of all folders, inside functions; it prints nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import DocumentsError
from rag.settings import Settings

if TYPE_CHECKING:
    from eval.gold_check import Finding


def draft_gold(settings: Settings, docs: Path, *, out: Path, limit: int) -> int:
    """Write candidate questions about a folder; return how many.

    Raises:
        GoldError: the file is there already.
        DocumentsError: nothing in the folder gives a question.
    """
    from eval.gold import write_gold
    from eval.gold_draft import DraftSource, draft
    from rag.compose_eval import open_documents, passage_spans

    with open_documents(settings, docs) as store:
        sources = [
            DraftSource(
                document=source.names[0],
                text=store.document_text(number),
                title=source.title,
                passages=passage_spans(store, number),
                attributions=tuple(store.attributions(number)),
            )
            for number, source in store.sources().items()
        ]
    rows = draft(sources, limit=limit, corpus=docs.resolve().name)
    if not rows:
        hint = "Write them yourself: the fields are described in the README."
        raise DocumentsError(f"No sentence in {docs} makes a question by rule.", hint=hint)
    write_gold(rows, out)
    return len(rows)


def check_gold_file(settings: Settings, gold: Path, *, docs: Path) -> tuple[list["Finding"], int]:
    """Return what is wrong with a gold file, and how many questions it has."""
    from eval.gold import load_gold
    from eval.gold_check import check_gold
    from rag.compose_eval import open_documents

    rows = load_gold(gold)
    with open_documents(settings, docs) as store:
        texts = {
            name: store.document_text(number)
            for number, source in store.sources().items()
            for name in source.names
        }
    return check_gold(rows, texts, corpus=docs.resolve().name), len(rows)
