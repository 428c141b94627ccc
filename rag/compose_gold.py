"""Puts gold files and documents together: a suite of both, a draft about a folder, a check against it.

Like rag.compose it names concrete functions of all folders, inside functions; it prints nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag import compose
from rag.errors import DocumentsError, UsageError
from rag.settings import Settings
from rag.talks import DATABASE, KeptTurn, Scope, TalkStore, Verdict

if TYPE_CHECKING:
    from eval.gold import GoldRow
    from eval.gold_check import Finding
    from eval.gold_draft import DraftSource
    from eval.types import AnswerSuite
    from index.store import Store
    from rag.types import Answer, Source

# A note of so many words is an answer; a longer one says what is wrong.
_ANSWER_WORDS = 8


def folder_suite(gold: Path, docs: Path, *, limit: int | None, seed: int) -> "AnswerSuite":
    """Return gold questions over a folder of one's own as a suite.

    Raises:
        RagError: the gold file is malformed, or the folder holds nothing that can be read.
    """
    from eval.data import draw_evenly
    from eval.gold import filled, load_gold
    from eval.suite_gold import gold_suite
    from eval.types import Text
    from index.scan import make_plan

    rows = load_gold(gold)
    root = Path(docs).expanduser().resolve()
    paths = [Path(seen.path) for seen in make_plan([docs], ()).changed if not seen.problem]
    base = root if root.is_dir() else root.parent
    texts = [Text(path.resolve().relative_to(base).as_posix(), path=path) for path in paths]
    named = {piece.document for row in rows for piece in row.case.evidence}
    if named and named.isdisjoint(text.id for text in texts):
        message = f"None of the documents that {gold} speaks of is in {docs} (it names {min(named)})."
        raise UsageError(message, hint="Give the folder that the questions are about: --docs DIR")
    rows = filled(rows, _stored_text({text.id: path for text, path in zip(texts, paths, strict=True)}), path=gold)
    chosen = draw_evenly(rows, limit, seed=seed, key=lambda row: row.case.id, group=lambda row: row.case.type)
    return gold_suite(gold.name.split(".")[0], [row.case for row in chosen], texts=texts)


def _stored_text(paths: "Mapping[str, Path]") -> "Callable[[str], str | None]":
    """Return what reads a document by its name, as the library does; None for one that cannot be read."""
    from index.load import UnreadableFileError
    from index.parser import LocalReader

    @cache
    def text_of(name: str) -> str | None:
        try:
            return LocalReader().parse(paths[name]).text if name in paths else None
        except UnreadableFileError:
            return None

    return text_of


def draft_gold(settings: Settings, docs: Path, *, out: Path, limit: int) -> int:
    """Write candidate questions about a folder; return how many.

    Raises:
        GoldError: the file is there already.
        DocumentsError: nothing in the folder gives a question.
    """
    from eval.gold import write_gold
    from eval.gold_draft import draft
    from rag.compose_eval import open_documents

    with open_documents(settings, docs) as store:
        sources = [draft_source(store, number, source=source) for number, source in store.sources().items()]
    rows = draft(sources, limit=limit, corpus=docs.resolve().name)
    if not rows:
        hint = "Write them yourself: the fields are described in the README."
        raise DocumentsError(f"No sentence in {docs} makes a question by rule.", hint=hint)
    write_gold(rows, out)
    return len(rows)


def draft_source(store: "Store", number: int, *, source: "Source") -> "DraftSource":
    """Return what questions are drafted from: a document with its passages and who says what in it."""
    from eval.gold_draft import DraftSource
    from rag.compose_eval import passage_spans

    return DraftSource(
        document=source.names[0],
        text=store.document_text(number),
        title=source.title,
        passages=passage_spans(store, number),
        attributions=tuple(store.attributions(number)),
    )


def check_gold_file(settings: Settings, gold: Path, *, docs: Path) -> tuple[list["Finding"], int]:
    """Return what is wrong with a gold file, and how many questions it has."""
    from eval.gold import filled, load_gold
    from eval.gold_check import check_gold
    from rag.compose_eval import open_documents

    rows = load_gold(gold)
    with open_documents(settings, docs) as store:
        texts = {
            name: store.document_text(number)
            for number, source in store.sources().items()
            for name in source.names
        }
    rows = filled(rows, texts.get, path=gold)
    return check_gold(rows, texts, corpus=docs.resolve().name), len(rows)


def gold_from_feedback(settings: Settings, docs: Sequence[Path], *, out: Path) -> int:
    """Write a row for each answer that was judged in the chat, for a person to review; return how many.

    An answer that helps gives its words and its quotes, a helpful silence a question without an answer. Of a wrong
    answer the words are forbidden, and a short note is taken as the right answer. The documents and the day that
    were asked are those of the row; documents that have been removed since are left out of it.

    Raises:
        GoldError: the file is there already.
        DocumentsError: no answer was judged.
    """
    from eval.gold import write_gold

    folder = compose.library_folder(settings, docs)
    judged = []
    if (folder / DATABASE).is_file():
        judged = list(TalkStore(folder).judged())
    rows = [_judged_row(turn, earlier, asked=_asked(folder, turn.scope)) for turn, earlier in judged]
    if not rows:
        hint = "Press Helpful or Wrong under an answer in the chat: rag chat"
        raise DocumentsError(f"No answer of the library {folder} was judged yet.", hint=hint)
    write_gold(rows, out)
    return len(rows)


def _asked(folder: Path, scope: Scope) -> tuple[str, ...] | None:
    """Return the names of the documents of a scope; None where it is all of them, or none that is still there."""
    from index.store import Store

    if scope.takes_all:
        return None
    with closing(Store.open(folder)) as store:
        sources = store.sources(scope.documents or None).values()
    return tuple(source.names[0] for source in sources if scope.takes(source)) or None


def _judged_row(turn: KeptTurn, earlier: Sequence[KeptTurn], *, asked: tuple[str, ...] | None) -> "GoldRow":
    from eval.gold import GoldRow
    from eval.types import Case, Evidence
    from rag.render import answer_text
    from rag.types import Turn

    answer, feedback = turn.answer, turn.feedback
    assert feedback is not None
    is_right = feedback.verdict is Verdict.GOOD
    words = tuple(_words(answer))
    note = feedback.note.strip()
    told = ((note,),) if note and len(note.split()) <= _ANSWER_WORDS else ()
    case = Case(
        id=f"feedback-{turn.id}",
        type=f"feedback_{feedback.verdict.value}",
        question=turn.question,
        expected=(words,) if is_right and words else () if is_right else told,
        forbidden=() if is_right else tuple(word for word in words if (word,) not in told),
        answerable=not (is_right and answer.abstained),
        evidence=tuple(
            Evidence(quote.source.names[0], quote.text, quote.page.number if quote.page else None)
            for quote in (answer.quotes if is_right and not answer.abstained else ())
        ),
        history=tuple(Turn(one.question, answer_text(one.answer)) for one in earlier),
        as_of=turn.scope.as_of,
        documents=asked,
    )
    return GoldRow(case, reviewed=False, note=note)


def _words(answer: "Answer") -> list[str]:
    """Return the words of each quote that answer, the whole quote where the reader does not tell them."""
    if answer.abstained:
        return []
    return [
        quote.text[quote.answer[0] : quote.answer[1]] if quote.answer else quote.text for quote in answer.quotes
    ]
