"""Do the quotes under an answer carry it, and are they the right ones? ALCE's measures, and overlap with gold.

Knows claims, quotes and gold evidence; judges nothing itself but shared words (`lexical_support`). The product's
own check must never be the judge here, so nothing of it is imported.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from eval.metrics_answer import folded, holds
from eval.types import Case, ClaimRecord, Evidence, Judge, QuoteRecord, Record
from rag.text import STOPWORDS

YES = 0.5
# Two spans of one document are the same place where they share at least half of the shorter one.
SHARED = 0.5
# "visited" and "visitors" are one word here; shorter ones must be equal up to a plural.
_STEM_CHARS = 5


# Support, by a judge


def evidence_text(quotes: Sequence[QuoteRecord]) -> str:
    """Return the quotes as a judge reads them, each under its title, outlet, date and speaker where shown.

    ALCE also puts the title before each passage; a claim may name who said something and when.
    """
    return "\n".join(_with_header(quote) for quote in quotes)


def _with_header(quote: QuoteRecord) -> str:
    header = ", ".join(part for part in (quote.title, quote.outlet, quote.published, quote.speaker) if part)
    return f"{header}\n{quote.text}" if header else quote.text


def is_supported(claim: ClaimRecord, judge: Judge) -> bool:
    """Return True where the quotes of the claim, read together, support it; never without quotes."""
    return _carried(claim.text, claim.quotes, judge=judge)


def _carried(text: str, quotes: Sequence[QuoteRecord], *, judge: Judge) -> bool:
    return bool(quotes) and judge(text, evidence_text(quotes)) >= YES


def alce_recall(claims: Sequence[ClaimRecord], judge: Judge) -> float:
    """Return the share of claims that all their quotes together support; 0.0 without claims.

    Citation recall of Gao et al., Enabling Large Language Models to Generate Text with Citations (2023).
    """
    return sum(is_supported(claim, judge) for claim in claims) / len(claims) if claims else 0.0


def alce_precision(claims: Sequence[ClaimRecord], judge: Judge) -> float:
    """Return the share of citations that help; 0.0 without citations.

    A citation helps where its claim is supported by all its quotes and either this one alone supports it, or the
    others do not. Citation precision of Gao et al. (2023).
    """
    total = sum(len(claim.quotes) for claim in claims)
    helping = sum(_helping(claim, judge) for claim in claims)
    return helping / total if total else 0.0


def _helping(claim: ClaimRecord, judge: Judge) -> int:
    if not is_supported(claim, judge):
        return 0
    helps = 0
    for place, quote in enumerate(claim.quotes):
        others = claim.quotes[:place] + claim.quotes[place + 1 :]
        alone = _carried(claim.text, (quote,), judge=judge)
        helps += alone or not _carried(claim.text, others, judge=judge)
    return helps


def lexical_support(claim: str, evidence: str) -> float:
    """Return how far the words of the evidence cover those of the claim, in [0, 1]; 0.5 and above is a yes.

    The score is the square of the share of content words of the claim that the evidence has (so a yes needs 71 %
    of them), and 0 where any number of the claim is missing. Words are compared by their first letters; a claim
    without content words has to stand there as it is. It sees invention well and distortion badly: a denial or a
    swapped speaker with the same words passes.
    """
    wanted = _content(claim)
    known = set(_content(evidence))
    if not wanted:
        return float(holds(evidence, claim))
    if any(word not in known for word in wanted if word[0].isdigit()):
        return 0.0
    return float((sum(word in known for word in wanted) / len(wanted)) ** 2)


def _content(text: str) -> list[str]:
    return [_stem(word) for word in folded(text) if word not in STOPWORDS]


def _stem(word: str) -> str:
    if word[0].isdigit():
        return word
    return word[:_STEM_CHARS] if len(word) > _STEM_CHARS else word.removesuffix("s")


# Overlap with gold


def shown_quotes(record: Record) -> tuple[QuoteRecord, ...]:
    """Return each quote of the answer once, in order."""
    return tuple(dict.fromkeys(quote for claim in record.claims for quote in claim.quotes))


def _gold(record: Record, case: Case) -> tuple[Evidence, ...]:
    """Return each piece of the evidence once, under the names that the record has."""
    return tuple(dict.fromkeys(map(record.named, case.evidence)))


def same_place(quote: QuoteRecord, evidence: Evidence) -> bool:
    """Return True where a quote shows the gold evidence.

    Both are of one document, and: where the gold words are known, the longest run of words that both have makes
    up half of the shorter of them (in characters: the positions of gold words are not known, but two overlapping
    spans of one text share such a run); where only a page is known, it is the quote's page; where only the
    document is known, that is enough.
    """
    if quote.document != evidence.document:
        return False
    if evidence.quote:
        return shared_run(quote.text, evidence.quote) >= SHARED
    return evidence.page is None or quote.page == evidence.page


def shared_run(one: str, other: str) -> float:
    """Return the length of the longest run of words in both texts over that of the shorter text, in [0, 1]."""
    first, second = folded(one), folded(other)
    shorter = min(_chars(first), _chars(second))
    if not shorter:
        return 0.0
    run = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    return _chars(first[run.a : run.a + run.size]) / shorter


def _chars(words: Iterable[str]) -> int:
    return sum(map(len, words))


def quote_hits(record: Record, case: Case) -> float:
    """Return the share of shown quotes that show some gold evidence; 0.0 where nothing is shown."""
    quotes, gold = shown_quotes(record), _gold(record, case)
    hits = sum(any(same_place(quote, evidence) for evidence in gold) for quote in quotes)
    return hits / len(quotes) if quotes else 0.0


def evidence_found(record: Record, case: Case) -> float:
    """Return the share of gold evidence that some shown quote shows: citation recall against gold.

    Where the gold set names every place that holds the answer, one right quote of many is a small share: see
    `parts_found`.

    Raises:
        ValueError: the case has no evidence.
    """
    if not case.evidence:
        raise ValueError("there is no gold evidence to find")
    quotes, gold = shown_quotes(record), _gold(record, case)
    return sum(any(same_place(quote, evidence) for quote in quotes) for evidence in gold) / len(gold)


def parts_found(record: Record, case: Case) -> float:
    """Return the share of the parts of the answer for which some gold evidence is shown.

    Pieces of evidence that hold a string of the same group of `expected` stand for each other; a piece that holds
    none (a page, a step on the way) is a part of its own.

    Raises:
        ValueError: the case has no evidence.
    """
    if not case.evidence:
        raise ValueError("there is no gold evidence to find")
    quotes, gold = shown_quotes(record), _gold(record, case)
    shown = {evidence for evidence in gold if any(same_place(quote, evidence) for quote in quotes)}
    parts = _parts(case, gold)
    return sum(not shown.isdisjoint(part) for part in parts) / len(parts)


def _parts(case: Case, gold: Sequence[Evidence]) -> list[set[Evidence]]:
    serving = [
        {evidence for evidence in gold if any(holds(evidence.quote, wanted) for wanted in group)}
        for group in case.expected
    ]
    placed = set().union(*serving)
    return [part for part in serving if part] + [{item} for item in gold if item not in placed]


def span_f1(record: Record, case: Case) -> float:
    """Return the F1 of the words shown against the words of the gold evidence, document by document.

    2 * shared / (shown + gold) with words counted as often as they occur: the token F1 of DeYoung et al., ERASER
    (2020), on words in place of positions, which gold quotes do not carry.
    """
    shown = _bag((quote.document, quote.text) for quote in shown_quotes(record))
    gold = _bag(dict.fromkeys((evidence.document, evidence.quote) for evidence in _gold(record, case)))
    total = shown.total() + gold.total()
    return 2 * (shown & gold).total() / total if total else 0.0


def _bag(texts: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter((document, word) for document, text in texts for word in folded(text))
