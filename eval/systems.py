"""What is measured: the product, and the naive way of doing the same. Knows the protocols only.

The naive way is what most assistants of this kind do: paste the best passages into a prompt, ask for [n], and show
whatever comes back.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from eval.declines import declines
from eval.metrics_citation import SHARED, evidence_text, lexical_support
from eval.product_judge import product_supports
from eval.types import Case, ClaimRecord, Evidence, PassageRecord, QuoteRecord, Record
from rag.citations import parse_sentence, stream_sentences
from rag.parts import Parts, Writer
from rag.pipeline import answer
from rag.prompting import Room, fit_prompt
from rag.protocols import Retriever
from rag.types import Answer, Claim, Hit, Question, Quote, page_at

NAIVE_PASSAGES = 4


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of a suite as the library has them: ids by name, and the stored text of an id.

    A document that lies there twice has two names with one id; records have the first.
    """

    documents: Mapping[str, int]
    text_of: Callable[[int], str]

    def quote_spans(self, case: Case) -> list[list[tuple[int, int, int]]]:
        """Return for each piece of the evidence where its words stand: document, start, end; empty where nowhere.

        Words that stand there several times are all meant. A quote that is not found word by word is looked for
        with any white space between its words.
        """
        return [self._places(piece) for piece in case.evidence]

    def copies(self, case: Case) -> dict[str, str]:
        """Return the names in a case of documents that also go by another -> the first, which records have."""
        first = {document: name for name, document in reversed(list(self.documents.items()))}
        named = dict.fromkeys([*(piece.document for piece in case.evidence), *(case.documents or ())])
        known = {name: first[self.documents[name]] for name in named if name in self.documents}
        return {name: shown for name, shown in known.items() if name != shown}

    def _places(self, piece: Evidence) -> list[tuple[int, int, int]]:
        document = self.documents.get(piece.document)
        if document is None or not piece.quote.strip():
            return []
        words = r"\s+".join(map(re.escape, piece.quote.split()))
        return [(document, *match.span()) for match in re.finditer(words, self.text_of(document))]


class ProductSystem:
    """The assistant as people use it."""

    def __init__(self, parts: Parts, shelf: Shelf, *, name: str = "product") -> None:
        self.name = name
        self._parts = parts
        self._shelf = shelf

    def answer(self, case: Case) -> Record:
        """Ask as `rag ask` does, within the case's documents."""
        question = Question(case.question, case.history, case.as_of, documents_of(case, self._shelf.documents))
        return record_of(case, answer(question, self._parts), shelf=self._shelf)


def documents_of(case: Case, documents: Mapping[str, int]) -> frozenset[int] | None:
    """Return the ids of the only documents that a case may be answered from, None for all.

    A text that could not be read is no document: it is not there to be searched.
    """
    if case.documents is None:
        return None
    return frozenset(documents[name] for name in case.documents if name in documents)


def record_of(case: Case, given: Answer, *, shelf: Shelf) -> Record:
    """Return all of an answer that is needed to score it again."""
    return Record(
        id=case.id,
        type=case.type,
        question=case.question,
        understood=given.understood,
        answer=" ".join(claim.shown for claim in given.claims),
        short=_short(given),
        abstained=given.abstained,
        reason=given.abstain_reason.value if given.abstain_reason else None,
        confidence=round(given.confidence, 5),
        claims=tuple(_claim(claim) for claim in given.claims),
        passages=passages_of(case, given.hits, shelf=shelf),
        copies=shelf.copies(case),
        generated=given.generated,
        prompt_digests=dict(given.prompt_digests),
        checks=asdict(given.checks),
        warnings=given.warnings,
        seconds=dict(given.timings_seconds),
    )


def _short(given: Answer) -> str:
    """Return the words of the first quote that are told to be the answer, "" where none are or nothing is said."""
    quotes = [] if given.abstained else [quote for claim in given.claims for quote in claim.quotes]
    return quotes[0].answering if quotes else ""


def _claim(claim: Claim) -> ClaimRecord:
    made = ClaimRecord(claim.text, tuple(_quote(quote) for quote in claim.quotes), claim.verbatim, lead=claim.lead)
    support = {
        "product": float(product_supports(made)),
        "lexical": round(lexical_support(made.text, evidence_text(made.quotes)), 4),
    }
    return replace(made, support=support)


def _quote(quote: Quote) -> QuoteRecord:
    source = quote.source
    return QuoteRecord(
        document=source.names[0],
        start=quote.start,
        end=quote.end,
        text=quote.text,
        page=quote.page.number if quote.page else None,
        title=source.title,
        outlet=source.outlet,
        published=source.published.isoformat() if source.published else None,
        speaker=", ".join(filter(None, (quote.speaker.name, quote.speaker.role))) if quote.speaker else None,
        score=quote.score,
    )


def passages_of(case: Case, hits: Sequence[Hit], *, shelf: Shelf) -> tuple[PassageRecord, ...]:
    """Return the passages that were found, each with the gold quotes it meets."""
    spans = shelf.quote_spans(case)
    return tuple(_passage(hit, tuple(n for n, places in enumerate(spans) if _meets(hit, places))) for hit in hits)


def _meets(hit: Hit, places: Sequence[tuple[int, int, int]]) -> bool:
    """Return True where the passage shares at least half of the shorter: of itself or of the words."""
    start, end = hit.passage.start, hit.passage.end
    return any(
        document == hit.source.document_id
        and (min(end, last) - max(start, first)) >= SHARED * min(end - start, last - first) > 0
        for document, first, last in places
    )


def _passage(hit: Hit, meets: tuple[int, ...]) -> PassageRecord:
    page = page_at(hit.source.pages, hit.passage.start)
    span = (hit.passage.start, hit.passage.end)
    number = page.number if page else None
    return PassageRecord(hit.source.names[0], *span, page=number, score=round(hit.score, 5), meets=meets)


@dataclass(frozen=True, slots=True)
class NaiveParts:
    """What the naive way needs; `clean` makes the question one line."""

    retriever: Retriever
    writer: Writer
    answer_tokens: int
    clean: Callable[[str], str]


class NaiveSystem:
    """The best four passages in a prompt; what the model writes is the answer, unchecked."""

    def __init__(self, parts: NaiveParts, shelf: Shelf) -> None:
        self.name = "naive"
        self._parts = parts
        self._shelf = shelf

    def answer(self, case: Case) -> Record:
        """Ask the generator once."""
        asked = self._parts.clean(case.question)
        found = self._parts.retriever.search(
            asked, limit=NAIVE_PASSAGES, as_of=case.as_of, documents=documents_of(case, self._shelf.documents)
        )
        writer = self._parts.writer
        room = Room(writer.generator.context_tokens - self._parts.answer_tokens, writer.count)
        fitted = fit_prompt(writer.template, writer.chat, question=asked, hits=found, room=room)
        pieces = writer.generator.generate(fitted.prompt, max_tokens=self._parts.answer_tokens)
        generated = "".join(pieces)
        claims = naive_claims(generated, fitted.hits)
        text = " ".join(claim.text for claim in claims)
        return Record(
            id=case.id,
            type=case.type,
            question=case.question,
            understood=asked,
            answer=text,
            abstained=not text or declines(text),
            confidence=round(max((hit.dense for hit in found), default=0.0), 5),
            claims=claims,
            passages=passages_of(case, found, shelf=self._shelf),
            copies=self._shelf.copies(case),
            generated=generated,
            prompt_digests={writer.template.name: writer.template.digest},
        )


def naive_claims(generated: str, hits: Sequence[Hit]) -> tuple[ClaimRecord, ...]:
    """Return the sentences of a generated text; a citation is the whole passage that it names."""
    claims = []
    for sentence in stream_sentences([generated]):
        cited = parse_sentence(sentence, len(hits))
        if cited.text:
            claims.append(ClaimRecord(cited.text, tuple(_whole(hits[number - 1]) for number in cited.numbers)))
    return tuple(claims)


def _whole(hit: Hit) -> QuoteRecord:
    passage = hit.passage
    page = page_at(hit.source.pages, passage.start)
    return QuoteRecord(
        document=hit.source.names[0],
        start=passage.start,
        end=passage.end,
        text=passage.text,
        page=page.number if page else None,
        title=hit.source.title,
    )
