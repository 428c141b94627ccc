"""What a person may want to know of the chat: the models in use, their hashes checked, and what is set, and why.

Like rag.compose it reads settings and models; it loads none.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rag import __version__, compose
from rag.compose_generator import NO_GENERATOR, adapter_info, generator_info
from rag.models import find_model, verify
from rag.remote import is_address
from rag.settings import Settings
from rag.types import ModelInfo
from ui.ports import About, Choice, ModelRow


def about(settings: Settings, docs: Sequence[Path] = ()) -> About:
    """Return which models are in use, their hashes checked, and what is set, each with its reason."""
    styles = ("quotes",) if settings.generator == NO_GENERATOR else ("quotes", "short", "full")
    return About(
        library=str(compose.library_folder(settings, docs)),
        version=__version__,
        models=tuple(_models(settings)),
        choices=_choices(settings),
        styles=styles,
        style=settings.style if settings.style in styles else styles[0],
        caution=settings.caution,
        passages=settings.passages,
    )


def _models(settings: Settings) -> Iterator[ModelRow]:
    roles = [("embedder", settings.embedder, settings.embedder_sha256, "Finds passages by their meaning.")]
    reason = "Puts a quote into a sentence; the sentence is shown only where the quote supports it."
    if is_address(settings.generator):
        told = generator_info(settings)
        if told is not None:
            yield _model_row(told, 0, checked=False, reason=f"{reason} It runs in a server.")
    elif settings.generator != NO_GENERATOR:
        roles.append(("generator", settings.generator, settings.generator_sha256, reason))
    for role, choice, pinned, reason in roles:
        model = find_model(role, choice, pinned=pinned)
        size = model.size_bytes or model.weights.stat().st_size
        yield _model_row(verify(model, settings.cache), size, checked=bool(model.pinned), reason=reason)
    adapter = adapter_info(settings) if settings.generator != NO_GENERATOR else None
    if adapter is not None:
        yield _model_row(adapter, 0, checked=True, reason="Teaches the generator to shorten a quote.")
    judge = compose.load_judge(settings)
    if judge is not None:
        yield _model_row(judge.info, 0, checked=True, reason="Says which sentence answers, and whether any does.")


def _model_row(info: ModelInfo, size_bytes: int, *, checked: bool, reason: str) -> ModelRow:
    return ModelRow(info.role, info.name, size_bytes, info.sha256, checked, reason)


def _choices(settings: Settings) -> tuple[Choice, ...]:
    return (
        Choice("Sentences shown", str(settings.quotes), "What is asked; the rest is in the documents."),
        Choice(
            "Context",
            f"{settings.context_tokens:,} tokens",
            "Counted exactly; what does not fit is left out and named, never cut.",
        ),
        Choice("Threads", str(settings.threads), "One for each core; more make it slower."),
        Choice(
            "Largest file",
            f"{settings.max_file_bytes // 1_000_000:,} MB",
            "Larger ones are named and not read, so that one file cannot fill the memory.",
        ),
    )
