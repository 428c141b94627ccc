"""The answer object as text and as JSON. Pure; knows nothing of terminals or models."""

from collections.abc import Iterable
from typing import Any

from rag.speakers import is_own
from rag.text import one_line, words
from rag.types import AbstainReason, Answer, Claim, Hit, Quote, Relation, Source

SILENCE = "The documents do not say."
DIFFER = "The documents differ."
_OPENINGS = {
    AbstainReason.NO_DOCUMENTS: f"{SILENCE} There is nothing in the library to search "
    "(or nothing from before that day).",
    AbstainReason.NONE_CHOSEN: f"{SILENCE} None is left to search by what was chosen: which documents, of which "
    "days, as of when.",
    AbstainReason.NOTHING_NEAR: f"{SILENCE} Nothing in them is near this question.",
    AbstainReason.NOT_SAID: f"{SILENCE} They come near the question, but this is not in them.",
    AbstainReason.FALSE_PREMISE: f"{SILENCE} They deny what the question takes for granted:",
    AbstainReason.UNKNOWN_LANGUAGE: "The documents do not say, as far as can be told: the embedder in use does "
    "not know the language of this question. Ask in the language of the documents, or set a multilingual embedder "
    "(--embedder FOLDER).",
}
_NEAREST = 3
_MAX_QUOTE_CHARS, _NEAR_CHARS = 400, 200


def claim_text(claim: Claim) -> str:
    """Return a sentence of the answer with its citation marks."""
    marks = "".join(f" [{quote.number}]" for quote in claim.quotes)
    return f"{claim.shown}{marks}"


def answer_text(answer: Answer) -> str:
    """Return the answer's sentences without marks, behind what opens them; of an abstention the reason."""
    first = opening(answer.abstain_reason, answer.relation)
    return " ".join([*([first] if first else []), *(claim.shown for claim in answer.claims)])


def opening(silence: AbstainReason | None, relation: Relation = Relation.ONE) -> str:
    """Return what stands before the sentences of an answer: that the documents do not say, and why; that they
    differ; "" where the sentences speak for themselves.
    """
    if silence is not None:
        return _OPENINGS[silence]
    return DIFFER if relation is Relation.DIFFER else ""


def source_line(source: Source, page: str | None = None) -> str:
    """Return where words come from: file, title, outlet, author, date and page, as far as they are known."""
    published = source.published.isoformat() if source.published else "undated"
    parts = [", ".join(source.names), one_line(source.title), source.outlet, source.author, published]
    if page is not None:
        parts.append(f"page {page}")
    return " · ".join(part for part in parts if part)


def sources_text(answer: Answer) -> str:
    """Return what stands under an answer: the numbered sources with their words, or the nearest passages."""
    if answer.abstained and not answer.claims:
        nearest = [_nearest_line(hit) for hit in nearest_hits(answer.hits)]
        return "\n".join(["Nearest passages, not enough to answer:", *nearest]) if nearest else ""
    lines = ["Sources"]
    for quote in answer.quotes:
        where = source_line(quote.source, _page_label(quote))
        # The author of a letter stands there already.
        said = f" · said by {quote.speaker.name}" if quote.speaker and not is_own(quote.speaker) else ""
        lines.append(f"[{quote.number}] {where}{said} · passage {quote.passage_id}")
        lines.append(f"    “{shortened(quote.text, _MAX_QUOTE_CHARS)}”")
    if answer.left_out:
        documents = ", ".join(dict.fromkeys(left.document for left in answer.left_out))
        lines.append(f"Left out for lack of room: {len(answer.left_out)} passages of {documents}")
    dropped = answer.checks.unknown_citations
    if dropped:
        lines.append(f"Removed: {dropped} citation marks that named no given passage")
    return "\n".join(lines)


def shortened(text: str, max_chars: int) -> str:
    """Return `text` on one line, cut at a word where it is longer than `max_chars`."""
    line = one_line(text)
    return line if len(line) <= max_chars else line[:max_chars].rsplit(" ", 1)[0] + " …"


def nearest_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Return the passages to show below an abstention: the first three that are more than a heading.

    What is named above a passage anyway, its document's title or outlet, is near to much and tells nothing.
    """
    return [hit for hit in hits if not _is_heading(hit)][:_NEAREST]


def _is_heading(hit: Hit) -> bool:
    return set(words(hit.passage.text)) <= set(words(f"{hit.source.title} {hit.source.outlet or ''}"))


def _nearest_line(hit: Hit) -> str:
    return f"  {source_line(hit.source)}\n    “{shortened(hit.passage.text, _NEAR_CHARS)}”"


def _page_label(quote: Quote) -> str | None:
    return quote.page.label if quote.page else None


def as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as one JSON object; offsets are half-open characters of the stored text."""
    return {
        "question": answer.question,
        "understood": answer.understood or answer.question,
        "answer": answer_text(answer),
        "abstained": answer.abstained,
        "abstain_reason": answer.abstain_reason.value if answer.abstain_reason else None,
        "relation": answer.relation.value,
        "confidence": round(answer.confidence, 4),
        "claims": [claim_json(claim) for claim in answer.claims],
        "sources": hits_json(answer.hits),
        "left_out": [
            {"passage": left.passage_id, "document": left.document, "reason": left.reason.value}
            for left in answer.left_out
        ],
        "checks": {
            "unknown_citations": answer.checks.unknown_citations,
            "unsupported_sentences": answer.checks.unsupported_sentences,
            "repeated_sentences": answer.checks.repeated_sentences,
            "answerless_sentences": answer.checks.answerless_sentences,
            "doubted_sentences": answer.checks.doubted_sentences,
            "rewritten_sentences": answer.checks.rewritten_sentences,
            "declined_answers": answer.checks.declined_answers,
        },
        "warnings": list(answer.warnings),
        "generated": answer.generated,
        "prompt_tokens": answer.prompt_tokens,
        "generated_tokens": answer.generated_tokens,
        "models": [{"role": model.role, "name": model.name, "sha256": model.sha256} for model in answer.models],
        "prompt_digests": dict(answer.prompt_digests),
        "timings_seconds": dict(answer.timings_seconds),
    }


def claim_json(claim: Claim) -> dict[str, Any]:
    """Return a sentence of the answer and its quotes as one JSON object."""
    return {
        "text": claim.text,
        "lead": claim.lead or None,
        "verbatim": claim.verbatim,
        "quotes": [quote_json(quote) for quote in claim.quotes],
    }


def hits_json(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """Return passages as JSON objects with their rank, from 1."""
    return [_hit_json(rank, hit) for rank, hit in enumerate(hits, start=1)]


def quote_json(quote: Quote) -> dict[str, Any]:
    """Return a quote as one JSON object; `[start, end)` are characters of the document's stored text."""
    return {
        "number": quote.number,
        **_source_json(quote.source),
        "passage": quote.passage_id,
        "start": quote.start,
        "end": quote.end,
        "page": quote.page.number if quote.page else None,
        "page_label": _page_label(quote),
        "text": quote.text,
        "answering": quote.answering or None,
        "speaker": {"name": quote.speaker.name, "role": quote.speaker.role} if quote.speaker else None,
        "score": quote.score,
    }


def _hit_json(rank: int, hit: Hit) -> dict[str, Any]:
    return {
        "rank": rank,
        **_source_json(hit.source),
        "passage": hit.passage.id,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.passage.text,
        "score": round(hit.score, 4),
        "dense": round(hit.dense, 4),
        "lexical": round(hit.lexical, 4),
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "document": source.names[0],
        "copies": list(source.names[1:]),
        "title": source.title,
        "outlet": source.outlet,
        "author": source.author,
        "published": source.published.isoformat() if source.published else None,
    }


def document_json(source: Source) -> dict[str, Any]:
    """Return what the library knows of a document as one JSON object."""
    return {
        "id": source.document_id,
        **_source_json(source),
        "language": source.language,
        "pages": len(source.pages),
    }
