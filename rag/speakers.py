"""Who says the words of a quote, and how a sentence of an answer says so. Knows attributions and text; no model.

What a source attributes is never given as a bare fact: where the sentence does not name its speaker, the speaker
stands before it, or in the place of the pronoun. Only words of the document itself stand in quotation marks.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from rag.negation import NOT_OR_NOBODY
from rag.stems import stems
from rag.text import QUOTED, one_line, words
from rag.types import Attribution, Quote, Span, Speaker

# A quote is somebody's words where the words of an attribution are at least this share of what is not its tag.
_MAINLY = 0.5
_PERSONAL = frozenset("he she they он она они".split())
_NOBODY = _PERSONAL | frozenset("i we you it who one this that оно мы вы я это который которая которые".split())

# How a speaker is given. Longer roles, and those with a clause, are sentences of their own.
_MAX_ROLE_WORDS = 8
# "mayor of Otaru" and "lawyer" stand behind the name, "Sen." and "US Treasury Secretary" before it.
_STANDS_BEHIND = re.compile(r"\b(?:of|for|at|in|to|from|on|under|with|by|who|and)\b", re.IGNORECASE)
# Capitals of these come from the beginning of a sentence.
_SMALL_INSIDE = frozenset("a an another former many one opposition retired several some the two three".split())
# "she told reporters": who is told is no part of what is said.
_MAX_TAG_REST_WORDS = 1
_TAG_JOINTS = frozenset(("that", "что", "to"))
# "the official" may give way to the name; a longer description says more than the name does.
_MAX_STAND_IN_WORDS = 3

# "I will gladly pay", and not "I know that they pay".
_WORDS_BEHIND = re.compile(
    r"(?:\s(?!(?:that|who|whether|if|told|know|think|ask\w*|want|expect|hope|refuse|hear\w*|see|saw|let)\b)[\w’'-]+){1,5}"
)
_SUPPOSED = re.compile(r"\b(?:if|unless|если) (?:I|we|я|мы)$", re.IGNORECASE)
_HE = re.compile(r"\W*(?:that )?(?:he|she|он|она)\b", re.IGNORECASE)
# "My son paid" does not tell that the author did.
_I = re.compile(r"\b(?:I|[Ww]e)['’]\w+|\b(?:I|we|We|я|Я|мы|Мы)\b")

_MARKS = '"“”«»„'
_LOOSE = f"{_MARKS} \t\n,;:.…!?—–-()'‘’"
_CLOSED_BY = {"“": "”", "«": "»", "„": "“", '"': '"'}
_OPENED_BY = {"”": "“", "»": "«", '"': '"'}
_TYPED_TWICE = re.compile(r"(?<!\d)(?:''|``)")
_FEET_AND_INCHES = re.compile(r"\d['’′]\s?\d{1,2}$")

_SAYS = "|".join(
    """
    sa(?:id|ys?) claim(?:s|ed)? told tells? thinks? thought reckon(?:s|ed)? call(?:s|ed)? warn(?:s|ed)? note[sd]?
    comment(?:s|ed)? argue[sd]? insist(?:s|ed)? explain(?:s|ed)? admit(?:s|ted)? den(?:y|ies|ied) announce[sd]?
    declare[sd]? describe[sd]? mock(?:s|ed)? complain(?:s|ed)? believe[sd]? stress(?:es|ed)?
    (?<!of\\s)(?<!united\\s)state[sd]?
    suggest(?:s|ed)? estimate[sd]? doubt(?:s|ed)? praise[sd]? critici[sz]e[sd]? remark(?:s|ed)? recall(?:s|ed)?
    promise[sd]? predict(?:s|ed)? compare[sd]? talk(?:s|ed)? acknowledge[sd]? (?:found|finds?)\\s(?:it|that|this)
    """.split()
).replace("\\s", r"\s")
_SAYS_RUSSIAN = "|".join(
    "сказал заявил заявля считает считал говор утвержда отметил назвал называ сообщил объясн призна предупре "
    "подчеркну подчёркива напомн дума полага предсказ обеща критик сравни".split()
)
# "Who did Ito call?" and "Which plan was praised?" ask for what is spoken of.
_GAP = r"(?:(?!\b(?:did|does|do)\b)[^?]){0,40}?"
_NOT_PASSIVE = r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbeen )(?<!\bbeing )"
_ASKS_SPEAKER = re.compile(
    rf"\b(?:who|whom|which [\w-]+(?: (?!d(?:id|oes|o)\b)[\w-]+)?)\b{_GAP}\b{_NOT_PASSIVE}(?:{_SAYS})\b"
    r"|\baccording to who(?:m|se)?\b|\bwhose (?:words|opinion|view|estimate)\b"
    rf"|\bкто\b[^?]{{0,30}}?\b(?:{_SAYS_RUSSIAN})\w*|\bпо (?:чьим|чьему)\b|\bчьи (?:это )?слова\b",
    re.IGNORECASE,
)
_ASKS_ELSE = re.compile(r"\b(?:how|when|where|why|what|сколько|когда|где|почему|зачем)\b", re.IGNORECASE)


def asks_for_speaker(question: str) -> bool:
    """Return whether the question is who said, thinks or claims something."""
    found = _ASKS_SPEAKER.search(question)
    return found is not None and _ASKS_ELSE.search(question, 0, found.start()) is None


def is_saying(word: str) -> bool:
    """Return whether a word is a verb of saying or thinking."""
    return re.fullmatch(_SAYS, word, re.IGNORECASE) is not None


def speaker_of(span: Span, attributions: Sequence[Attribution]) -> Speaker | None:
    """Return who says the words of `span`, None where they are the document's own or nobody is named.

    Of several the one who says most of it. What one speaker says in pieces around a tag is taken together.
    """
    said: dict[str, list[Attribution]] = {}
    for found in attributions:
        if _shared(span, (found.start, found.end)) and _names_somebody(found):
            said.setdefault(found.speaker, []).append(found)
    pieces = max(said.values(), key=lambda group: _covered(span, group), default=None)
    if pieces is None:
        return None
    tags = {(one.speaker_start, one.speaker_end) for one in pieces} | {
        (one.cue_start, one.cue_end) for one in pieces
    }
    rest = span[1] - span[0] - sum(_shared(span, tag) for tag in tags)
    if _covered(span, pieces) < _MAINLY * rest:
        return None
    first = pieces[0]
    end = max(one.end for one in pieces if one.cue_start == first.cue_start)
    verbatim = all(one.verbatim for one in pieces)
    return Speaker(first.speaker, first.role, first.cue, verbatim, replace(first, end=end))


def is_own(speaker: Speaker) -> bool:
    """Return whether somebody says something as the author of the document: no words of it tell so."""
    return not speaker.cue


def speaks_of_self(quote: Quote, *, of: Collection[str]) -> bool:
    """Return whether who says a quote tells of themselves what the stems `of` a question ask: "I will pay for it"
    tells who pays, and in "He has a film, he says" it is the speaker who has one.
    """
    speaker = quote.speaker
    if speaker is None:
        return False
    said = QUOTED.sub(" ", quote.text) if is_own(speaker) else _parts(quote, speaker)[1]
    if is_own(speaker) or speaker.verbatim:
        return any(_does(said, found.end(), of) for found in _I.finditer(said))
    pronoun = _HE.match(said) if _is_pronoun(quote, speaker) else None
    return pronoun is not None and _does(said, pronoun.end(), of)


def _does(said: str, at: int, of: Collection[str]) -> bool:
    """Return whether the words right behind a pronoun are those that are asked for, and not denied."""
    told = _WORDS_BEHIND.match(said, at)
    if told is None or NOT_OR_NOBODY.search(told.group()) or _SUPPOSED.search(said, 0, at):
        return False
    return not set(of).isdisjoint(stems(told.group()))


def _is_pronoun(quote: Quote, speaker: Speaker) -> bool:
    """Return whether the document calls the speaker "he" or "she" where it tells that they say so."""
    found = speaker.attribution
    if found is None or not quote.start <= found.speaker_start < found.speaker_end <= quote.end:
        return False
    return set(words(quote.text[found.speaker_start - quote.start : found.speaker_end - quote.start])) <= _PERSONAL


def _covered(span: Span, pieces: Sequence[Attribution]) -> int:
    return sum(_shared(span, (one.start, one.end)) for one in pieces)


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _names_somebody(found: Attribution) -> bool:
    return not set(words(found.speaker)) <= _NOBODY


def attributed(quote: Quote) -> str:
    """Return a quote as a sentence of an answer: with its speaker where it does not name them.

    The words are those of the document but for a tag ("she said") that the speaker before them makes needless, and
    a pronoun that gives way to the name. Quotation marks that only open or only close inside it are mended.
    """
    speaker = quote.speaker
    if speaker is None or _is_named(quote, speaker):
        return balanced(one_line(quote.text))
    bare = _bare(quote, speaker)
    if bare is not None and speaker.verbatim:
        return f"{introduced(speaker)}: “{_inner(bare)}”"
    if bare is not None and not _tag_stands_first(quote, speaker):
        return f"{introduced(speaker)}: {balanced(bare)}"
    return _with_name(quote, speaker) or f"{introduced(speaker)}: {balanced(one_line(quote.text))}"


def told(sentence: str, quote: Quote) -> str:
    """Return a sentence that was written from a quote, with the quote's speaker where it does not say who says so.

    It gets no quotation marks: the words are not the speaker's.
    """
    text, speaker = balanced(one_line(sentence)), quote.speaker
    if speaker is None or _tells_who(text, speaker):
        return text
    if is_own(speaker):
        return f"{introduced(speaker)}: {text}"
    pronoun = re.match(
        rf"(?:{'|'.join(_PERSONAL)})(?=\s(?:{re.escape(speaker.cue)}|{_SAYS})\b)", text, re.IGNORECASE
    )
    if pronoun is not None:
        return capitalised(_joined(introduced(speaker), text[pronoun.end() :]))
    return f"{introduced(speaker)}: {text}"


def _tells_who(text: str, speaker: Speaker) -> bool:
    """Return whether a sentence has the whole name of its speaker, or the last name and that something is said."""
    name, there = _plain_words(speaker.name), _plain_words(text)
    if len(name) > 1 and set(name) <= set(there):
        return True
    if is_own(speaker):
        return False
    says = rf"\b(?:{re.escape(speaker.cue)}|{_SAYS}|according to)\b"
    return last_name(speaker) in there and re.search(says, text, re.IGNORECASE) is not None


def introduced(speaker: Speaker) -> str:
    """Return name and role as they open a sentence: "Sen. Ann Ito", "Ann Ito, mayor of Otaru"."""
    role = _role(speaker)
    if not role:
        return capitalised(speaker.name)
    is_title = role.endswith(".") or (role[0].isupper() and not _STANDS_BEHIND.search(role))
    if is_title and speaker.name[:1].isupper():
        return capitalised(f"{role} {speaker.name}")
    return capitalised(f"{speaker.name}, {role}")


def capitalised(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _role(speaker: Speaker) -> str:
    """Return the role where it is short and the name does not hold it already."""
    role = one_line(speaker.role or "")
    # A role with the last name in it is the name again, or has swallowed a namesake's.
    known = set(words(role)) <= set(words(speaker.name)) or last_name(speaker) in _plain_words(role)
    return "" if known or len(role.split()) > _MAX_ROLE_WORDS else role


def last_name(speaker: Speaker) -> str:
    """Return the last word of the name, case-folded and without a possessive ending."""
    return (_plain_words(speaker.name) or [""])[-1]


def _plain_words(text: str) -> list[str]:
    return [re.sub(r"['’]s?$", "", word) for word in words(text)]


# What of a quote is said, and what tells who says it


def _parts(quote: Quote, speaker: Speaker) -> tuple[str, str, str]:
    """Return what stands before the words that are said, these words, and what stands after them."""
    found = speaker.attribution
    if found is None:
        return "", quote.text, ""
    start = max(0, found.start - quote.start)
    end = max(start, min(found.end, quote.end) - quote.start)
    return quote.text[:start], quote.text[start:end], quote.text[end:]


def _is_named(quote: Quote, speaker: Speaker) -> bool:
    """Return whether the last name stands outside of what is said: inside it may be a namesake's."""
    before, _, after = _parts(quote, speaker)
    around = f"{before} {after}" if speaker.attribution and not _is_parted(speaker) else quote.text
    return last_name(speaker) in _plain_words(QUOTED.sub(" ", around))


def _is_parted(speaker: Speaker) -> bool:
    """Return whether the tag stands between two pieces of what is said."""
    found = speaker.attribution
    return found is not None and found.start <= found.cue_start < found.end


def _bare(quote: Quote, speaker: Speaker) -> str | None:
    """Return what is said without its tag, None where more than a tag stands around it."""
    before, said, after = _parts(quote, speaker)
    said = one_line(said)
    if not said or _is_parted(speaker):
        return None
    if not (_is_tag(before, quote.start, speaker) and _is_tag(after, quote.end - len(after), speaker)):
        return None
    if after.strip(_LOOSE):  # the tag has gone, and a comma before it with it
        return _ended(said)
    ending = one_line(after)[:1]
    return said + (ending if ending in tuple(".!?…") and said[-1] not in ".!?…" else "")


def _ended(said: str) -> str:
    """Return words with a full stop for the comma at their end, before a closing quotation mark as it was."""
    marks = re.search(r"[\"”»’]*$", said)
    at = marks.start() if marks else len(said)
    text = said[:at].rstrip(" ,;:—–-")
    if text[-1:] in tuple(".!?…"):
        return text + said[at:]
    return f"{text}.{said[at:]}" if len(text) < at else f"{said}."


def _is_tag(text: str, start: int, speaker: Speaker) -> bool:
    """Return whether `text`, at `start` of the document, is marks or no more than "she told reporters"."""
    if not text.strip(_LOOSE):
        return True
    found = speaker.attribution
    end = start + len(text)
    if found is None or not all(
        start <= at <= end for at in (found.speaker_start, found.speaker_end, found.cue_start, found.cue_end)
    ):
        return False
    rest = "".join(
        char
        for at, char in enumerate(text, start)
        if not (found.speaker_start <= at < found.speaker_end or found.cue_start <= at < found.cue_end)
    )
    left = [word for word in rest.split() if word.strip(_LOOSE) and word not in _TAG_JOINTS]
    return len(left) <= _MAX_TAG_REST_WORDS and all(word.strip(_LOOSE).islower() for word in left)


def _tag_stands_first(quote: Quote, speaker: Speaker) -> bool:
    return bool(_parts(quote, speaker)[0].strip(_LOOSE))


def _with_name(quote: Quote, speaker: Speaker) -> str | None:
    """Return the sentence with the name in the place of "she" or "the mayor"; None where neither can give way."""
    found = speaker.attribution
    if found is None or not quote.start <= found.speaker_start < found.speaker_end <= quote.end:
        return None
    before = quote.text[: found.speaker_start - quote.start]
    stand_in = words(quote.text[len(before) : found.speaker_end - quote.start])
    is_short = stand_in[:1] in (["the"], ["this"]) and len(stand_in) <= _MAX_STAND_IN_WORDS
    is_pronoun = len(stand_in) == 1 and stand_in[0] in _PERSONAL
    # "He agreed, but Ann Ito said": a name after its own pronoun reads as somebody else's.
    if not (is_short or is_pronoun) or stand_in[0] in set(words(QUOTED.sub(" ", before))) & _PERSONAL:
        return None
    name = introduced(speaker)
    if before.strip(_LOOSE) and (words(name)[0] in _SMALL_INSIDE or not speaker.name[:1].isupper()):
        name = name[:1].lower() + name[1:]
    text = before + _joined(name, quote.text[found.speaker_end - quote.start :])
    return balanced(one_line(text))


def _joined(name: str, rest: str) -> str:
    """Return name and what follows; a role behind the name is closed with a comma."""
    is_open = ", " in name and rest[:1] not in tuple(",.;:!?…")
    return f"{name},{rest}" if is_open else f"{name}{rest}"


# Quotation marks


def balanced(text: str) -> str:
    """Return the text with no quotation mark left alone: the missing one is added at its end or its beginning."""
    text = _TYPED_TWICE.sub('"', text)
    waiting: list[str] = []
    missing = ""
    for mark, opens in _marks(text, waiting):
        if opens:
            waiting.append(mark)
        elif waiting:
            waiting.pop()
        else:
            missing = _OPENED_BY.get(mark, "“") + missing
    return missing + text + "".join(_CLOSED_BY[mark] for mark in reversed(waiting))


def _marks(text: str, waiting: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield each quotation mark and whether it opens; `waiting` are the marks that are open when it is read."""
    for at, mark in enumerate(text):
        if mark not in _MARKS:
            continue
        before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
        looks_open = not before or before.isspace() or before in "([—–-"
        looks_closed = not after or after.isspace() or after in ",.;:!?…)]—–-"
        if mark == '"' and not _FEET_AND_INCHES.search(text[max(0, at - 5) : at]):
            yield mark, looks_open if looks_open != looks_closed else '"' not in waiting
        elif mark == "“":  # closes what „ has opened, and by misprint its own kind
            closes = waiting[-1:] == ["„"] or (waiting[-1:] == ["“"] and looks_closed and not looks_open)
            yield mark, not closes
        elif mark != '"':
            yield mark, mark in "«„"


def _inner(said: str) -> str:
    """Return words that will stand in quotation marks: those inside them become single."""
    singles = {"“": "‘", "«": "‘", "„": "‘", "”": "’", "»": "’"}
    text = "".join(singles.get(char, char) for char in balanced(said))
    text = re.sub(r'"(?=\w)', "‘", text).replace('"', "’")
    return f"{text}’" if text.rfind("‘") > text.rfind("’") else text
