"""Who says the words of a quote, and how a sentence of an answer says so. Knows attributions and text; no model.

What a source attributes is never given as a bare fact: where the sentence does not name its speaker, the speaker
stands before it.
"""

import re
from collections.abc import Sequence

from rag.text import one_line, words
from rag.types import Attribution, Span, Speaker

# A quote is somebody's words where the words of an attribution are at least this share of what is not its tag.
_MAINLY = 0.5
_NOBODY = frozenset("i we you he she it they who one this that он она оно они мы вы я это который".split())
_OPENING, _CLOSING = "“«„", "”»"
_MARKS = frozenset('"“”«»„')
# `..., she added.` after the closing quotation mark: a tag that the speaker before the sentence makes needless.
_TAG = re.compile(
    r"(?P<stop>[,.!?…]?)[\"”»]\s*[,–—-]?\s*(?:(?:he|she|they|он|она|они)\s+\w+|\w+\s+(?:he|she|они?|она))\b[^\"“”«»]{0,40}$",
    re.IGNORECASE,
)
_SAYS = "|".join(
    """
    sa(?:id|ys?) claim(?:s|ed)? told tells? thinks? thought reckon(?:s|ed)? call(?:s|ed)? warn(?:s|ed)? note[sd]?
    comment(?:s|ed)? argue[sd]? insist(?:s|ed)? explain(?:s|ed)? admit(?:s|ted)? den(?:y|ies|ied) announce[sd]?
    declare[sd]? describe[sd]? mock(?:s|ed)? complain(?:s|ed)? believe[sd]? state[sd]? stress(?:es|ed)?
    suggest(?:s|ed)? estimate[sd]? doubt(?:s|ed)? finds? found praise[sd]? critici[sz]e[sd]? remark(?:s|ed)?
    recall(?:s|ed)? promise[sd]? predict(?:s|ed)?
    """.split()
)
_SAYS_RUSSIAN = "|".join(
    "сказал заявил считает говорит утвержда отметил назвал сообщил объяснил призна предупре подчеркну напомни "
    "дума полага".split()
)
_ASKS_SPEAKER = re.compile(
    rf"\b(?:who|whom|which [\w-]+(?: [\w-]+)?)\b[^?]{{0,40}}?\b(?:{_SAYS})\b"
    r"|\baccording to who(?:m|se)?\b|\bwhose (?:words|opinion|view|estimate)\b"
    rf"|\bкто\b[^?]{{0,30}}?\b(?:{_SAYS_RUSSIAN})\w*|\bпо (?:чьим|чьему)\b",
    re.IGNORECASE,
)


def asks_for_speaker(question: str) -> bool:
    """Return whether the question is who said, thinks or claims something."""
    return _ASKS_SPEAKER.search(question) is not None


def speaker_of(span: Span, attributions: Sequence[Attribution]) -> Speaker | None:
    """Return who says the words of `span`, None where they are the document's own or nobody is named."""
    best, most = None, 0
    for found in attributions:
        covered = _shared(span, (found.start, found.end))
        tag = _shared(span, (found.speaker_start, found.speaker_end)) + _shared(
            span, (found.cue_start, found.cue_end)
        )
        if covered > most and covered >= _MAINLY * (span[1] - span[0] - tag) and _names_somebody(found):
            best, most = found, covered
    return Speaker(best.speaker, best.role, best.cue, best.verbatim) if best is not None else None


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _names_somebody(found: Attribution) -> bool:
    return bool(words(found.speaker)) and words(found.speaker)[0] not in _NOBODY


def attributed(sentence: str, speaker: Speaker | None) -> str:
    """Return a sentence as the answer gives it: with its speaker before it where it does not name them.

    Quotation marks that only open or only close inside it are mended.
    """
    text = one_line(sentence)
    if speaker is None or names_speaker(text, speaker):
        return balanced(text)
    who = ", ".join(part for part in (speaker.name, _role(speaker)) if part)
    tagged = _TAG.search(text)
    if tagged is not None:
        text = text[: tagged.start()] + (tagged["stop"] if tagged["stop"] in ".!?…" else ".")
    bare = text.strip(' "“”«»')
    is_whole = speaker.verbatim and _MARKS.isdisjoint(bare)  # else a tag stands between two quoted pieces
    return f"{who}: “{bare}”" if is_whole else f"{who}: {balanced(text)}"


def names_speaker(text: str, speaker: Speaker) -> bool:
    """Return whether the last name of the speaker stands in the text."""
    return words(speaker.name)[-1] in set(words(text))


def _role(speaker: Speaker) -> str:
    """Return the role where the name does not hold it already."""
    role = speaker.role or ""
    return "" if set(words(role)) <= set(words(speaker.name)) else role


def balanced(text: str) -> str:
    """Return the text with no quotation mark left alone: the missing one is added at its end or its beginning."""
    plain = text.count('"')
    if plain % 2:
        opens = re.search(r'(?:^|[\s(])"(?=\w)', text) is not None
        return f'{text}"' if opens else f'"{text}'
    opened = sum(text.count(mark) for mark in _OPENING)
    closed = sum(text.count(mark) for mark in _CLOSING)
    if opened > closed:
        return text + ("»" if "«" in text else "”")
    return ("«" if "»" in text else "“") + text if closed > opened else text
