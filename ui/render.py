"""A question and its answer as HTML: pure functions of the Answer object and of its parts as they come.

Knows no library, model or widget. Markdown in documents or in what a model wrote is never rendered: it is text.
Buttons carry what they do in `data-do`; ui/static/chat.js passes that on.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.render import DIFFER, claim_text, nearest_hits, opening, shortened, sources_text
from rag.talks import Feedback, Verdict, is_kept
from rag.text import one_line
from rag.types import AbstainReason, Answer, Claim, Hit, Quote, Relation, Source
from ui.html import Html, el, escaped, joined
from ui.render_drawer import drawer

# From this score on a quote says what is asked by itself; below, it says part of it or near it.
STRONG_FROM = 0.5
_FOUND = 6
_CARD_CHARS = 420
_NEAR_CHARS = 260
_THUMBS = {Verdict.GOOD: ("Helpful", "This answer helps"), Verdict.BAD: ("Wrong", "This answer is wrong")}
_ASKED_OF = {Verdict.GOOD: "What helps, or what is missing", Verdict.BAD: "What is wrong, or the right answer"}


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn as it is seen: at first a question, then what was found, claims, and at last the answer.

    `number` is 0 as long as it is not kept. `place` is the place in line, None once it is worked on. `problem`
    says why there is no answer (stopped, too many questions at once).
    """

    question: str
    number: int = 0
    place: int | None = None
    hits: tuple[Hit, ...] | None = None
    claims: tuple[Claim, ...] = ()
    relation: Relation = Relation.ONE
    silence: AbstainReason | None = None
    answer: Answer | None = None
    problem: str = ""
    feedback: Feedback | None = None
    is_last: bool = True

    @property
    def is_working(self) -> bool:
        """Is more to come?"""
        return self.answer is None and not self.problem


def thread(turns: Iterable[TurnView]) -> Html:
    """Return turns one after the other."""
    return joined(turn(view) for view in turns)


def turn(view: TurnView) -> Html:
    """Return one question with what there is of its answer."""
    answer = view.answer
    return el(
        "article",
        _asked(view),
        _understood(view) if answer else None,
        _state(view),
        _found(view.hits) if view.is_working else None,
        el("div", _body(view), class_="answer", aria_live="polite") if view.claims or answer else None,
        el("p", view.problem, class_="problem", role="alert") if view.problem else None,
        drawer(answer) if answer else None,
        _tools(view) if not view.is_working else None,
        class_="turn working" if view.is_working else "turn",
        data_turn=view.number,
        data_question=view.question,
    )


def editing(*, after: int) -> Html:
    """Return the line above the box that says what the question in it will take the place of."""
    others = f" and {'the one' if after == 1 else f'the {after}'} after it" if after else ""
    return el(
        "p",
        el("span", f"Editing: replaces this question{others}."),
        " ",
        el("button", "Cancel", type="button", data_do="cancel", class_="link"),
        class_="editing",
        role="status",
    )


def _asked(view: TurnView) -> Html:
    edit = el("button", "Edit", type="button", data_do="edit", class_="quiet", aria_label="Edit the question")
    return el(
        "div",
        el("h3", view.question, class_="question"),
        edit if not view.is_working else None,
        class_="asked",
    )


def _understood(view: TurnView) -> Html | None:
    """Return the question as it was understood, where earlier turns added to it, with a way to correct it."""
    answer = view.answer
    if answer is None or not answer.understood or answer.understood == one_line(answer.question):
        return None
    field = el(
        "input",
        type="text",
        value=answer.understood,
        aria_label="The question as it should be understood",
        maxlength=4000,
    )
    form = el(
        "form", field, el("button", "Ask", type="submit"), class_="correction", data_do="correct", hidden=True
    )
    return el(
        "div",
        el(
            "p",
            el("span", "Understood as: "),
            el("span", answer.understood, class_="as"),
            " ",
            el("button", "Correct", type="button", data_do="reveal", class_="link"),
        ),
        form,
        class_="understood",
    )


def _state(view: TurnView) -> Html | None:
    if not view.is_working:
        return None
    if view.place is not None:
        before = "You are next." if view.place == 1 else f"{view.place - 1} before you."
        told = f"Waiting in line: {before}"
    elif view.hits is None:
        told = "Looking through the documents …"
    elif not view.claims:
        told = f"Reading {_count(len(view.hits), 'passage')} …"
    else:
        told = "Checking what else is said …"
    return el("p", el("span", class_="pulse", aria_hidden="true"), told, class_="state", role="status")


def _found(hits: tuple[Hit, ...] | None) -> Html | None:
    """Return the documents that were found, best first, each once."""
    if not hits:
        return None
    best: dict[int, Hit] = {}
    for hit in hits:
        best.setdefault(hit.source.document_id, hit)
    shown = list(best.values())[:_FOUND]
    rows = [el("li", el("b", _title(hit.source)), " ", el("span", _where(hit.source))) for hit in shown]
    return el("ul", rows, class_="found", aria_label="Sources found")


# The answer


def _body(view: TurnView) -> Html:
    silence = view.answer.abstain_reason if view.answer else view.silence
    told = view.answer or view
    if silence is not None:
        return _silence(silence, told.claims, view.answer, key=view.number)
    claims, key = told.claims, view.number
    if told.relation is Relation.DIFFER:
        return joined(el("p", DIFFER, class_="differ"), _sides(claims, key))
    if told.relation is Relation.NEWEST and len(claims) > 1:
        return _timeline(claims, key)
    if told.relation is Relation.LIST:
        return el("ul", [el("li", _claim(claim, key)) for claim in claims], class_="claims")
    return el("div", [el("p", _claim(claim, key)) for claim in claims], class_="claims")


def _silence(reason: AbstainReason, claims: Sequence[Claim], answer: Answer | None, *, key: int) -> Html:
    said = [el("p", _claim(claim, key, support=False)) for claim in claims]
    nearest = _nearest(answer.hits) if answer and not claims else None
    return el(
        "div",
        el("p", opening(reason), class_="reason"),
        el("div", said, class_="claims"),
        nearest,
        class_="silence",
    )


def _nearest(hits: Sequence[Hit]) -> Html | None:
    rows = []
    for hit in nearest_hits(hits):
        passage = hit.passage
        look = _open(
            el("span", _title(hit.source)),
            hit.source,
            span=(passage.start, passage.end),
            words=passage.text,
            label=f"Open {_title(hit.source)} at this passage",
        )
        text = el("q", shortened(passage.text, _NEAR_CHARS))
        rows.append(el("li", look, el("span", _where(hit.source), class_="where"), text))
    if not rows:
        return None
    return joined(el("h4", "Nearest passages: not enough to answer"), el("ol", rows, class_="nearest"))


def _sides(claims: Sequence[Claim], key: int) -> Html:
    """Return positions that differ next to each other, each under who says it and when."""
    sides = []
    for claim in claims:
        heading = el("h4", _voice(claim), class_="voice")
        sides.append(el("section", heading, el("p", _claim(claim, key)), class_="side", aria_label=_voice(claim)))
    return el("div", sides, class_="sides")


def _timeline(claims: Sequence[Claim], key: int) -> Html:
    """Return the newest first, and under it what was said before."""
    rows = [
        el(
            "li",
            el("span", "Newest" if place == 0 else "Before", class_="when"),
            el("p", _claim(claim, key)),
            class_="newest" if place == 0 else "before",
        )
        for place, claim in enumerate(claims)
    ]
    return el("ol", rows, class_="timeline")


def _voice(claim: Claim) -> str:
    """Return who says it and when, as far as is known."""
    quote = claim.quotes[0] if claim.quotes else None
    if quote is None:
        return claim.lead
    who = quote.speaker.name if quote.speaker else quote.source.outlet or _title(quote.source)
    when = quote.source.published.isoformat() if quote.source.published else "undated"
    return f"{who} · {when}"


def _claim(claim: Claim, key: int, *, support: bool = True) -> Html:
    lead = el("span", f"{claim.lead}: ", class_="lead") if claim.lead else None
    marks = [_mark(quote, key) for quote in claim.quotes]
    badge = _badge(claim) if support and claim.quotes else None
    text = el("span", _words(claim), class_="said verbatim" if claim.verbatim else "said")
    return el("span", lead, text, el("span", marks, class_="marks"), badge, class_="claim")


def _words(claim: Claim) -> list[Html | str]:
    """Return the words of a claim, those that are known to be the answer in bold."""
    known = [quote.text[slice(*quote.answer)] for quote in claim.quotes if quote.answer]
    before, answer, after = claim.text.partition(known[0]) if known and known[0] else (claim.text, "", "")
    return [before, el("b", answer, class_="answering"), after] if answer else [before]


def strength(claim: Claim) -> str:
    """Return in words how well the quotes of a claim bear it."""
    return "strong" if max(quote.score for quote in claim.quotes) >= STRONG_FROM else "partial"


def _badge(claim: Claim) -> Html:
    word = strength(claim)
    documents = len({quote.source.document_id for quote in claim.quotes})
    reason = {
        "strong": "The quoted words say by themselves what was asked.",
        "partial": "The quoted words say part of what was asked, or come near it: read them.",
    }[word]
    told = f"{word} support" + (f", {documents} documents" if documents > 1 else "")
    return el("span", told, class_=f"badge {word}", title=reason)


def _mark(quote: Quote, key: int) -> Html:
    """Return a numbered mark with the card that it shows: the words, who says them, where and when."""
    card = f"card-{key}-{quote.number}-{quote.start}"
    button = _open(
        str(quote.number),
        quote.source,
        span=(quote.start, quote.end),
        words=quote.text,
        label=f"Source {quote.number}: {_title(quote.source)}. Open the document at these words",
        card=card,
    )
    speaker = quote.speaker
    said = f"{speaker.name}{f', {speaker.role}' if speaker.role else ''}" if speaker else None
    page = f" · page {quote.page.label}" if quote.page else ""
    return el(
        "span",
        button,
        el(
            "span",
            el("q", _answered(quote)),
            el("span", said, class_="speaker") if said else None,
            el("b", _title(quote.source)),
            el("span", _where(quote.source) + page, class_="where"),
            class_="card",
            role="tooltip",
            id=card,
        ),
        class_="cite",
    )


def _answered(quote: Quote) -> Html:
    """Return the words of a quote, those that answer in bold."""
    if quote.answer is None or len(quote.text) > _CARD_CHARS:
        return Html(escaped(shortened(quote.text, _CARD_CHARS)))
    start, end = quote.answer
    return joined(quote.text[:start], el("strong", quote.text[start:end]), quote.text[end:])


def _open(
    shown: str, source: Source, *, span: tuple[int, int], words: str, label: str, card: str | None = None
) -> Html:
    """Return a button that opens a document at words; the words go with it, since the document may change."""
    return el(
        "button",
        shown,
        type="button",
        class_="mark" if card else "link",
        data_do="open",
        data_document=source.document_id,
        data_start=span[0],
        data_end=span[1],
        data_words=words,
        data_name=source.names[0],
        data_title=source.title,
        aria_label=label,
        aria_describedby=card,
    )


# What a person can do with it


def _tools(view: TurnView) -> Html:
    answer = view.answer
    retry = el("button", "Ask again", type="button", data_do="retry", class_="quiet") if view.is_last else None
    if answer is None:
        return el("div", retry, class_="tools")
    copy = el(
        "button", "Copy with citations", type="button", data_do="copy", data_copy=copied(answer), class_="quiet"
    )
    seconds = sum(answer.timings_seconds.values())
    took = el("span", f"{seconds:.1f} s", class_="took") if seconds else None
    # What is not kept cannot be judged: it would be gone with the program, and said to be saved.
    thumbs, note = _judging(view.feedback) if is_kept(view.number) else ((), None)
    return el("div", copy, retry, thumbs, took, note, class_="tools")


def _judging(feedback: Feedback | None) -> tuple[list[Html], Html]:
    """Return the thumbs, and the field for a note that opens with each of them."""
    verdict = feedback.verdict if feedback else None
    asked = _ASKED_OF[verdict or Verdict.BAD]
    field = el(
        "input",
        type="text",
        placeholder=asked,
        maxlength=500,
        aria_label=asked,
        value=feedback.note if feedback else "",
    )
    save = el("button", "Save", type="submit")
    note = el("form", field, save, class_="note", data_do="note", hidden=verdict is None)
    return [_thumb(one, is_on=one is verdict) for one in Verdict], note


def _thumb(verdict: Verdict, *, is_on: bool) -> Html:
    word, label = _THUMBS[verdict]
    return el(
        "button", word, type="button", data_do="judge", data_verdict=verdict.value, title=label,
        data_note=_ASKED_OF[verdict], aria_pressed="true" if is_on else "false", class_="quiet thumb",
    )  # fmt: skip


def copied(answer: Answer) -> str:
    """Return what is copied: question, answer with its marks, and the numbered sources with their words."""
    line = opening(answer.abstain_reason, answer.relation)
    told = "\n".join([*([line] if line else []), *map(claim_text, answer.claims)])
    below = re.sub(r" · passage \d+$", "", sources_text(answer), flags=re.MULTILINE)
    return "\n\n".join(part for part in (answer.question, told, below) if part)


# Words


def _title(source: Source) -> str:
    return shortened(source.title or source.names[0], 90)


def _where(source: Source) -> str:
    published = source.published.isoformat() if source.published else "undated"
    return " · ".join(part for part in (source.outlet, published) if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
