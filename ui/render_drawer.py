"""What happened on the way to an answer, as a drawer under it. Pure; knows the Answer object only."""

from collections.abc import Iterable

from rag.render import shortened
from rag.types import Answer, Checks, Hit
from ui.html import Html, el, joined, scrolling

_STAGES = {
    "retrieve": "Searched the library",
    "read": "Read the passages",
    "generate": "The model wrote",
    "verify": "Checked every sentence",
}
_CHECKS = {
    "unknown_citations": "citation marks that named no passage, removed",
    "unsupported_sentences": "sentences that no quote supports, not shown",
    "repeated_sentences": "sentences that repeat another, not shown",
    "answerless_sentences": "sentences without an answer, not shown",
    "doubted_sentences": "sentences that the reader doubts, not shown",
}
_PASSAGE_CHARS = 180


def drawer(answer: Answer) -> Html:
    """Return the stages with their times, the passages, what was left out, the checks, models and prompts."""
    return el(
        "details",
        el("summary", "What happened"),
        el(
            "div",
            _part("Stages", _stages(answer)),
            _part("Checks", _checks(answer.checks)),
            _part("Passages considered", _passages(answer.hits)),
            _part("Left out for lack of room", _left_out(answer)),
            _part("What the model wrote, before any check", _written(answer)),
            _part("Models and prompts", _digests(answer)),
            _part("Notes", el("ul", [el("li", note) for note in answer.warnings]) if answer.warnings else None),
            class_="drawer-body",
        ),
        class_="drawer",
    )


def _part(heading: str, body: Html | None) -> Html | None:
    return joined(el("h4", heading), body) if body else None


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Html:
    head = el("tr", [el("th", name, scope="col") for name in heads])
    body = [el("tr", [el("td", cell) for cell in row]) for row in rows]
    table = el("table", el("thead", head), el("tbody", body))
    return scrolling(table, label="Table")


def _stages(answer: Answer) -> Html:
    rows = [(_STAGES.get(name, name), f"{seconds:.2f} s") for name, seconds in answer.timings_seconds.items()]
    if answer.prompt_tokens:
        rows.append(
            ("Tokens read and written by the model", f"{answer.prompt_tokens} and {answer.generated_tokens}")
        )
    judged = any(model.role == "reader" for model in answer.models)
    told = "Likeliest sentence" if judged else "Nearest passage"
    rows.append((told, f"{answer.confidence:.2f} of 1" if judged else f"cosine {answer.confidence:.2f}"))
    return _table(("Stage", "Took"), rows)


def _checks(checks: Checks) -> Html:
    rows = [
        el("li", f"{getattr(checks, name)} {told}") for name, told in _CHECKS.items() if getattr(checks, name, 0)
    ]
    return el("ul", rows) if rows else el("p", "Nothing had to be removed.")


def _passages(hits: Iterable[Hit]) -> Html | None:
    rows = [
        (
            str(rank),
            shortened(hit.source.title or hit.source.names[0], 60),
            shortened(hit.passage.text, _PASSAGE_CHARS),
            f"{hit.dense:.2f}",
            f"{hit.lexical:.1f}",
        )
        for rank, hit in enumerate(hits, start=1)
    ]
    return _table(("", "Document", "Passage", "Nearness", "Shared words"), rows) if rows else None


def _left_out(answer: Answer) -> Html | None:
    rows = [el("li", f"passage {left.passage_id} of {left.document}") for left in answer.left_out]
    return el("ul", rows) if rows else None


def _written(answer: Answer) -> Html | None:
    return el("pre", answer.generated, tabindex=0) if answer.generated.strip() else None


def _digests(answer: Answer) -> Html:
    rows = [(model.role, model.name, model.sha256[:16]) for model in answer.models]
    rows += [("prompt", name, digest[:16]) for name, digest in answer.prompt_digests.items()]
    return _table(("Part", "Name", "SHA-256 begins with"), rows)
