"""Headlines of other articles and the labels that lead them. Pure; marks lines of a text by their number."""

import re
from collections.abc import Iterator, Sequence

from index import clean_words as say
from index.clean_lines import ANCHOR_WORDS, FULL_STOP, Line, runs
from rag.text import content_words

# A numbered item belongs to the article; a line of a poem or a list ends with a mark.
_NO_HEADLINE = re.compile(r"^\s*\d{1,3}[.)]|^\||[.,;:…]$")
# A longer list under "Latest news" is what the document is about.
_MAX_LED = 12
# A heading inside an article is short, or it says what its paragraph or the article is about.
_HEADING_WORDS = 5
_SHARED_WORDS = 2
# A card is a headline, a summary of one or two paragraphs, and its age.
_CARD_LINES = 4
_SUMMARY_WORDS = 40


def related(lines: Sequence[Line], found: dict[int, str], *, at: int, match: re.Match[str]) -> None:
    """Mark a label like "Read also" with the headline after its colon, or with the headlines below it."""
    line, rest = lines[at], match["rest"].strip()
    if rest:
        # "Read more: the findings are set out in annex B." may be the author's own word.
        if match["colon"] and line.headline and not (FULL_STOP.search(rest) and line.size > ANCHOR_WORDS):
            found[at] = "teaser"
        return
    if FULL_STOP.search(line.text):
        return
    led = list(_led_by(lines, at))
    if len(led) > _MAX_LED:
        return
    found[at] = "teaser"
    if len(led) > 1 and _is_heading(lines, led[-1]):
        led.pop()
    found.update(dict.fromkeys(led, "teaser"))


def _is_heading(lines: Sequence[Line], at: int) -> bool:
    """Return True where the last line under a label may be the heading of the paragraph right after it."""
    if at + 1 >= len(lines) or not lines[at + 1].prose or lines[at + 1].after_blank:
        return False
    if lines[at].size <= _HEADING_WORDS:
        return True
    said = set(content_words(lines[at].text))
    return any(len(said.intersection(content_words(lines[about].text))) >= _SHARED_WORDS for about in (at + 1, 0))


def cards(lines: Sequence[Line], found: dict[int, str], *, at: int) -> bool:
    """Mark a label and the cards below it: a headline, perhaps a summary, then how long ago; False without any."""
    if not say.CARDS.match(lines[at].bare):
        return False
    end = at + 1
    while card := _card(lines, end):
        end += card
    if end == at + 1:
        return False
    found.update(dict.fromkeys(range(at, end), "teaser"))
    return True


def _card(lines: Sequence[Line], at: int) -> int:
    """Return how many lines the card has that starts at `at`; 0 where there is none."""
    for size in range(2, _CARD_LINES + 1):
        last = at + size - 1
        if last < len(lines) and say.AGE.match(lines[last].text):
            summary = lines[at + 1 : last]
            plain = lines[at].headline and not FULL_STOP.search(lines[at].text)
            return size if plain and all(line.size <= _SUMMARY_WORDS for line in summary) else 0
    return 0


def _led_by(lines: Sequence[Line], label: int) -> Iterator[int]:
    """Yield the headlines under a label, up to a blank line (the one under the label does not count)."""
    for at in range(label + 1, len(lines)):
        line = lines[at]
        ends = at > label + 1 and line.after_blank and not lines[label + 1].after_blank
        if ends or (line.prose and not line.bullet) or not line.headline or FULL_STOP.search(line.text):
            return
        yield at


def pagers(lines: Sequence[Line], found: dict[int, str], *, last: int) -> None:
    """Mark "Previous article" and "Next article" after the body, each with the one headline that it leads."""
    for at in range(last + 1, len(lines)) if last >= 0 else ():
        match = say.PAGER.match(lines[at].bare)
        if at in found or match is None or not lines[at].headline or FULL_STOP.search(lines[at].text):
            continue
        if match["rest"] and not match["colon"]:  # "Next week the ministers meet" is no label
            continue
        found[at] = "teaser"
        if not match["rest"] and at + 1 < len(lines) and _may_be_led(lines[at + 1], by=match):
            found[at + 1] = "teaser"


def _may_be_led(line: Line, *, by: re.Match[str]) -> bool:
    """Return True for a headline; under a mere "Up next" it must not end like a sentence."""
    named = by["item"] or by["вещь"]
    return line.headline and bool(named or not FULL_STOP.search(line.text))


def closing_headlines(lines: Sequence[Line], found: dict[int, str], *, last: int) -> None:
    """Mark a list of headlines that no label leads, where it touches the page's own lines under the body."""
    tail = range(last + 1, len(lines)) if last >= 0 else range(0)
    free = [at for at in tail if at not in found and lines[at].headline and lines[at].size >= 5]
    for run in runs([at for at in free if not _NO_HEADLINE.search(lines[at].text)]):
        beside = any(found.get(at) in ("share", "teaser", "widget") for at in (run[0] - 1, run[-1] + 1))
        titled = len(run) > 1 and all(_in_title_case(lines[at].bare) for at in run)
        plain = len(run) > 2 and not any(lines[at].bullet or re.search(r"\d", lines[at].text) for at in run)
        if beside and (titled or plain):
            found.update(dict.fromkeys(run, "teaser"))


def _in_title_case(text: str) -> bool:
    long: list[str] = re.findall(r"[^\W\d_]{4,}", text)
    return len(long) > 2 and sum(word[0].isupper() for word in long) * 10 >= len(long) * 8
