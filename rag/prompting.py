"""Builds prompts that always fit: fixed words first, then passages, the question last.

Knows chat formats, templates and token counts; knows no model and no retrieval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Template

from rag.errors import QuestionError, SettingsError
from rag.speakers import introduced
from rag.text import one_line
from rag.types import Hit, LeftOut, LeftOutReason, Prompt, PromptTemplate, Quote, Segment

SegmentCounter = Callable[[Sequence[Segment]], list[int]]

# Room for a beginning-of-sequence token, which some models want in front of the prompt.
_START_TOKENS = 1


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """The marks of a model family before the system words, the user's words and the reply; `end` ends that."""

    before_system: str
    before_user: str
    before_reply: str
    end: str = ""


# The marks are the roles: a generator that was told so puts the model's own template in their place.
FILE, CHATML = "file", "chatml"

# Chosen by name, never guessed from a file: a wrong guess only shows as worse answers. They are the published
# formats of ChatML (SmolLM2, Qwen), Llama 3, Gemma 2 and 3, Mistral 7B v0.3, Phi 3; the last two families have
# changed theirs with later models, which want "file".
CHAT_FORMATS = {
    CHATML: ChatFormat(
        "<|im_start|>system\n",
        "<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
        "<|im_end|>",
    ),
    "llama3": ChatFormat(
        "<|start_header_id|>system<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    # Two families without system words: they open the user's.
    "gemma": ChatFormat("<start_of_turn>user\n", "\n\n", "<end_of_turn>\n<start_of_turn>model\n", "<end_of_turn>"),
    "mistral": ChatFormat("[INST] ", "\n\n", "[/INST]", "</s>"),
    "phi": ChatFormat("<|system|>\n", "<|end|>\n<|user|>\n", "<|end|>\n<|assistant|>\n", "<|end|>"),
    FILE: ChatFormat("system", "user", "reply"),
}


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt, its exact number of tokens, the hits it holds, and those that found no room."""

    prompt: Prompt
    tokens: int
    hits: tuple[Hit, ...]
    left_out: tuple[LeftOut, ...]


def chat_format(name: str) -> ChatFormat:
    """Return a chat format by name.

    Raises:
        SettingsError: no family has this name.
    """
    try:
        return CHAT_FORMATS[name]
    except KeyError:
        hint = f"chat_format is one of: {', '.join(CHAT_FORMATS)}."
        raise SettingsError(f"Unknown chat format {name!r}.", hint=hint) from None


def fixed_prefix(template: PromptTemplate, chat: ChatFormat) -> Prompt:
    """Return the part of the prompt that never changes, so that it is read only once."""
    return (
        Segment(chat.before_system, control=True),
        Segment(template.system),
        Segment(chat.before_user, control=True),
    )


def passage_text(number: int, hit: Hit) -> str:
    """Return a passage as the generator reads it: number, title, date, words."""
    published = f" ({hit.source.published.isoformat()})" if hit.source.published else ""
    return f"[{number}] {one_line(hit.source.title)}{published}\n{one_line(hit.passage.text)}\n\n"


def build_prompt(template: PromptTemplate, chat: ChatFormat, *, passages: Sequence[str], question: str) -> Prompt:
    """Return the whole prompt. Placeholders are replaced once: `$` in a document stays a `$`."""
    before, _, after = Template(template.user).safe_substitute(passages="\0").partition("\0")
    closing = Template(after).substitute(question=question)
    return (
        *fixed_prefix(template, chat),
        Segment(before),
        *(Segment(passage) for passage in passages),
        Segment(closing),
        Segment(chat.before_reply, control=True),
    )


def quote_prompt(template: PromptTemplate, chat: ChatFormat, *, quote: str, question: str) -> Prompt:
    """Return the prompt for one sentence from one quote."""
    user = Template(template.user).substitute(quote=one_line(quote), question=question)
    return (*fixed_prefix(template, chat), Segment(user), Segment(chat.before_reply, control=True))


def quote_text(number: int, quote: Quote) -> str:
    """Return a numbered quote as the generator reads it: who says it, where, on which day, and the words."""
    source = quote.source
    said = f"{introduced(quote.speaker)}; " if quote.speaker else ""
    day = source.published.isoformat() if source.published else "undated"
    return f"[{number}] {said}{one_line(source.title)} ({day}): {one_line(quote.text)}\n"


def fit_quotes(
    template: PromptTemplate, chat: ChatFormat, *, question: str, quotes: Sequence[Quote], room: "Room"
) -> tuple[FittedPrompt, tuple[Quote, ...]]:
    """Return the prompt with as many of the best quotes as fit, and those quotes.

    Raises:
        QuestionError: not even the question fits.
    """
    texts = [quote_text(number, quote) for number, quote in enumerate(quotes, start=1)]
    prompt, used, kept = _fitted(template, chat, question=question, texts=texts, room=room)
    left_out = tuple(
        LeftOut(quote.passage_id, quote.source.names[0], LeftOutReason.NO_ROOM) for quote in quotes[kept:]
    )
    return FittedPrompt(prompt, used, (), left_out), tuple(quotes[:kept])


def fit_prompt(
    template: PromptTemplate, chat: ChatFormat, *, question: str, hits: Sequence[Hit], room: "Room"
) -> FittedPrompt:
    """Return the prompt with as many of the best hits as fit; whole lowest-ranked passages are left out.

    Raises:
        QuestionError: not even the question fits.
    """
    texts = [passage_text(number, hit) for number, hit in enumerate(hits, start=1)]
    prompt, used, kept = _fitted(template, chat, question=question, texts=texts, room=room)
    left_out = tuple(LeftOut(hit.passage.id, hit.source.names[0], LeftOutReason.NO_ROOM) for hit in hits[kept:])
    return FittedPrompt(prompt, used, tuple(hits[:kept]), left_out)


def _fitted(
    template: PromptTemplate, chat: ChatFormat, *, question: str, texts: Sequence[str], room: "Room"
) -> tuple[Prompt, int, int]:
    """Return the prompt with the first texts that fit, its tokens, and how many texts these are."""
    empty = build_prompt(template, chat, passages=(), question=question)
    counts = room.count([*empty, *(Segment(text) for text in texts)])
    used = sum(counts[: len(empty)]) + _START_TOKENS
    if used > room.prompt_tokens:
        raise QuestionError(
            f"The question takes {used} tokens with the instructions; {room.prompt_tokens} fit.",
            hint="Ask a shorter question, and put long texts into a document.",
        )
    kept = 0
    for cost in counts[len(empty) :]:
        if used + cost > room.prompt_tokens:
            break
        used += cost
        kept += 1
    return build_prompt(template, chat, passages=texts[:kept], question=question), used, kept


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens the prompt may take, and how they are counted."""

    prompt_tokens: int
    count: SegmentCounter
