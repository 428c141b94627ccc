"""Builds prompts that always fit: fixed words first, then passages, the question last.

Knows chat formats, templates and token counts; knows no model and no retrieval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Template

from rag.errors import QuestionError, SettingsError
from rag.text import one_line
from rag.types import Hit, LeftOut, LeftOutReason, Prompt, PromptTemplate, Segment

SegmentCounter = Callable[[Sequence[Segment]], list[int]]

# Room for a beginning-of-sequence token, which some models want in front of the prompt.
_START_TOKENS = 1


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """The marks of a model family around the system words, the user's words and the reply."""

    before_system: str
    before_user: str
    before_reply: str


# Chosen by name, never guessed from a file: a wrong guess only shows as worse answers.
CHAT_FORMATS = {
    "chatml": ChatFormat(
        "<|im_start|>system\n",
        "<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
    ),
    "llama3": ChatFormat(
        "<|start_header_id|>system<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "gemma": ChatFormat("<start_of_turn>user\n", "\n\n", "<end_of_turn>\n<start_of_turn>model\n"),
    "mistral": ChatFormat("[INST] ", "\n\n", " [/INST]"),
    "phi": ChatFormat("<|system|>\n", "<|end|>\n<|user|>\n", "<|end|>\n<|assistant|>\n"),
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


def fit_prompt(
    template: PromptTemplate, chat: ChatFormat, *, question: str, hits: Sequence[Hit], room: "Room"
) -> FittedPrompt:
    """Return the prompt with as many of the best hits as fit; whole lowest-ranked passages are left out.

    Raises:
        QuestionError: not even the question fits.
    """
    texts = [passage_text(number, hit) for number, hit in enumerate(hits, start=1)]
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
    left_out = tuple(LeftOut(hit.passage.id, hit.source.names[0], LeftOutReason.NO_ROOM) for hit in hits[kept:])
    prompt = build_prompt(template, chat, passages=texts[:kept], question=question)
    return FittedPrompt(prompt, used, tuple(hits[:kept]), left_out)


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens the prompt may take, and how they are counted."""

    prompt_tokens: int
    count: SegmentCounter
