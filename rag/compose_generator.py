"""Chooses the generator: a GGUF file in a process of its own, or a server. Knows their classes and the settings.

Imports them inside functions, so that a command loads only what it uses.
"""

from typing import TYPE_CHECKING, TypeAlias

from rag.models import DEFAULT, ModelFile, adapter_of, find_model, prepare_environment, verify
from rag.remote import is_address
from rag.settings import Settings
from rag.types import AnswerStyle, ModelInfo

if TYPE_CHECKING:
    from rag.llama import LlamaGenerator
    from rag.parts import Writer
    from rag.remote import RemoteGenerator

    AnyGenerator: TypeAlias = LlamaGenerator | RemoteGenerator

NO_GENERATOR = "none"
_PROMPTS = {AnswerStyle.SHORT: "claim", AnswerStyle.FULL: "answer"}


def writes(settings: Settings) -> bool:
    """Return whether the settings ask for a generator at all."""
    return settings.generator != NO_GENERATOR and settings.style != AnswerStyle.QUOTES


def make_generator(settings: Settings) -> "AnyGenerator | None":
    """Return the generator of the settings, not yet started; None for "none".

    Raises:
        ModelError: it is missing or no GGUF file.
        SettingsError: the chat format is unknown, or the server is another machine and that was not allowed.
    """
    if not writes(settings):
        return None
    return _server(settings) if is_address(settings.generator) else _file(settings)


def _server(settings: Settings) -> "RemoteGenerator":
    from rag.prompting import FILE, chat_format
    from rag.remote import RemoteGenerator, RemoteOptions

    options = RemoteOptions(
        url=settings.generator,
        model=settings.generator_model,
        key=settings.generator_key,
        context_tokens=settings.context_tokens,
        end=chat_format(settings.chat_format).end,
        own_template=settings.chat_format == FILE,
        allowed=settings.generator_remote == "allow",
    )
    return RemoteGenerator(options)


def _file(settings: Settings) -> "LlamaGenerator":
    prepare_environment()
    import prompts
    from rag.llama import Adapter, LlamaGenerator, LlamaOptions
    from rag.prompting import CHAT_FORMATS, CHATML, FILE, chat_format, fixed_prefix

    template = prompts.load(_PROMPTS[AnswerStyle(settings.style)])
    adapter = _adapter(settings)
    options = LlamaOptions(
        cache=settings.cache,
        context_tokens=settings.context_tokens,
        threads=settings.threads,
        requantise=settings.generator == DEFAULT,
        prefix=fixed_prefix(template, chat_format(settings.chat_format)),
        own_template=settings.chat_format == FILE,
        adapter=Adapter(adapter, fixed_prefix(prompts.load("claim"), CHAT_FORMATS[CHATML])) if adapter else None,
    )
    return LlamaGenerator(find_model("generator", settings.generator, pinned=settings.generator_sha256), options)


def _adapter(settings: Settings) -> ModelFile | None:
    """Return the adapter of the generator, None where that is not the one it was trained from or it is off."""
    if settings.adapter != "on" or settings.generator == NO_GENERATOR or is_address(settings.generator):
        return None
    return adapter_of(find_model("generator", settings.generator, pinned=settings.generator_sha256))


def adapter_info(settings: Settings) -> ModelInfo | None:
    """Return which adapter the generator is used with, its hash checked; None for none.

    Raises:
        ModelError: it is missing, or not the pinned one.
    """
    found = _adapter(settings)
    return verify(found, settings.cache) if found is not None else None


def generator_info(settings: Settings) -> ModelInfo | None:
    """Return which generator the settings name, a file's hash checked and nothing loaded; None for "none".

    Raises:
        ModelError: it is missing, not the pinned one, or the server does not answer.
    """
    if not writes(settings):
        return None
    if not is_address(settings.generator):
        return verify(
            find_model("generator", settings.generator, pinned=settings.generator_sha256), settings.cache
        )
    server = _server(settings)
    try:
        return server.info
    finally:
        server.close()


def make_writer(generator: "AnyGenerator | None", settings: Settings) -> "Writer | None":
    """Return the generator with what it is told in the style of the settings."""
    if generator is None:
        return None
    import prompts
    from rag.parts import Writer
    from rag.prompting import chat_format

    template = prompts.load(_PROMPTS[AnswerStyle(settings.style)])
    chat = chat_format(settings.chat_format)
    return Writer(generator, template, chat, generator.count_segments, AnswerStyle(settings.style))
