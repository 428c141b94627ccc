"""The verifier of the product as a judge of claims; the independent judge is in metrics_citation."""

from eval.types import ClaimRecord, Judge
from rag.protocols import Judge as TrainedJudge
from rag.verify import supports


def product_support(claim: str, evidence: str) -> float:
    """Return 1.0 where the product's own verifier lets the sentence pass, 0.0 where it does not."""
    return float(supports(claim, evidence))


def reader_support(reader: TrainedJudge) -> Judge:
    """Return the probability that the product's trained reader gives a sentence, as a judge."""

    def support(claim: str, evidence: str) -> float:
        (probability,) = reader.support([(claim, evidence)])
        return probability

    return support


def product_supports(claim: ClaimRecord) -> bool:
    """Return whether one of the claim's quotes passes the verifier, under its title, year and speaker."""
    return any(
        supports(
            claim.text, quote.text, header=f"{quote.title} {(quote.published or '')[:4]} {quote.speaker or ''}"
        )
        for quote in claim.quotes
    )
