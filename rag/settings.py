"""All settings in one frozen object: defaults < TOML file < RAG_* variables < flags.

Knows names, types and ranges; creates no folder and loads nothing.
"""

import dataclasses
import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import SettingsError

ENV_PREFIX = "RAG_"


def _data_home() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("rag", appauthor=False))


def _cache_home() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("rag", appauthor=False))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# Room for a pile of files where one may be small, and for one that is too large to be told so beside the others.
_LEAST_UPLOAD_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. `_tokens`, `_chars`, `_bytes`, `_seconds` are units."""

    home: Path = field(default_factory=_data_home)
    cache: Path = field(default_factory=_cache_home)
    library: Path | None = None

    embedder: str = "default"
    embedder_sha256: str = ""
    generator: str = "default"
    generator_sha256: str = ""
    # Of a server: which of its models, its key, and whether it may be another machine, which then reads quotes.
    generator_model: str = ""
    generator_key: str = field(default="", repr=False)
    generator_remote: str = "refuse"
    chat_format: str = "chatml"
    threads: int = field(default_factory=_cores)

    # 250 word pieces leave room for the two specials of a 256-token embedder and rounding between tokenizers.
    passage_tokens: int = 250
    title_tokens: int = 40
    max_file_bytes: int = 100_000_000

    passages: int = 8
    passages_per_document: int = 3
    candidates: int = 60
    # Vectors weigh more than words: equal weights and reciprocal ranks push right answers off the first place.
    dense_weight: float = 0.7
    # A question with a year or quoted words leans on the words themselves.
    exact_dense_weight: float = 0.3
    # Below this cosine and without a shared rare word, the best passage is about something else.
    near_cosine: float = 0.25
    # Below this cosine, the best passage is about something else where it shares no name of the question.
    named_cosine: float = 0.45

    context_tokens: int = 4096
    answer_tokens: int = 160
    max_question_chars: int = 4000
    quotes: int = 3
    # A small generator shortens one quote to one sentence; a capable one may write the whole answer ("full").
    style: str = "short"
    # Parts that can be switched off, so that an evaluation shows what each is worth.
    reader: str = "trained"
    # How sure the reader must be: a point on the risk-coverage curve that came with it.
    caution: str = "balanced"
    verifier: str = "on"
    # The adapter that came with the install teaches its generator to shorten a quote; it takes its time.
    adapter: str = "off"
    # Who calls a server that others can reach must send this; no question depends on it.
    token: str = ""

    @property
    def max_upload_bytes(self) -> int:
        """How much may be handed in to the chat at once: two of the largest files, or a pile of letters."""
        return max(2 * self.max_file_bytes, _LEAST_UPLOAD_BYTES)

    def deciding(self) -> dict[str, str]:
        """Return all settings that can change an answer (no paths, no thread count, no secret) as text."""
        skipped = {"home", "cache", "library", "threads", "generator_key", "generator_remote", "token"}
        return {k: str(v) for k, v in dataclasses.asdict(self).items() if k not in skipped}

    def digest(self) -> str:
        """Return a short hash of all settings that can change an answer."""
        return hashlib.sha256(json.dumps(self.deciding(), sort_keys=True).encode()).hexdigest()[:16]


_RANGES: dict[str, tuple[float, float]] = {
    "threads": (1, 512),
    "passage_tokens": (16, 8192),
    "title_tokens": (0, 512),
    "max_file_bytes": (1, 1 << 40),
    "passages": (1, 50),
    "passages_per_document": (1, 50),
    "candidates": (1, 1000),
    "dense_weight": (0, 1),
    "exact_dense_weight": (0, 1),
    "near_cosine": (-1, 1),
    "named_cosine": (-1, 1),
    "context_tokens": (512, 1 << 20),
    "answer_tokens": (1, 4096),
    "max_question_chars": (1, 1_000_000),
    "quotes": (1, 20),
}


CHOICES: dict[str, tuple[str, ...]] = {
    "reader": ("trained", "sentences", "lead"),
    "caution": ("strict", "balanced", "relaxed"),
    "verifier": ("on", "off"),
    "adapter": ("on", "off"),
    "style": ("quotes", "short", "full"),
    "chat_format": ("chatml", "llama3", "gemma", "mistral", "phi", "file"),
    "generator_remote": ("refuse", "allow"),
}


def load_settings(
    flags: Mapping[str, Any], *, config: Path | None = None, env: Mapping[str, str] | None = None
) -> Settings:
    """Join defaults, a TOML file, RAG_* variables and flags (None: not given) into Settings.

    Raises:
        SettingsError: an unknown key, a value of the wrong type or out of range, an unreadable file.
    """
    env = os.environ if env is None else env
    values: dict[str, Any] = {}
    path = config or (Path(env["RAG_CONFIG"]) if env.get("RAG_CONFIG") else None)
    if path is not None:
        values.update(_from_toml(path))
    values.update(_from_env(env))
    values.update({key: value for key, value in flags.items() if value is not None})
    settings = Settings(**{key: _parse(key, value) for key, value in values.items()})
    if settings.answer_tokens * 2 > settings.context_tokens:
        message = f"answer_tokens ({settings.answer_tokens}) leaves no room in {settings.context_tokens} tokens."
        raise SettingsError(message, hint="Set answer_tokens to at most half of context_tokens.")
    if settings.title_tokens * 2 > settings.passage_tokens:
        message = f"title_tokens ({settings.title_tokens}) leaves no room in {settings.passage_tokens} tokens."
        raise SettingsError(message, hint="Set title_tokens to at most half of passage_tokens.")
    return settings


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"The settings file {path} cannot be read: {error.strerror}."
        raise SettingsError(message, hint="Check the path after --config or in RAG_CONFIG.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"The settings file {path} is not valid TOML: {error}."
        raise SettingsError(message, hint="Each line looks like: passages = 5") from error
    for key in values:
        _check_known(key, f"in {path}")
    return values


def _from_env(env: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name, value in env.items():
        if name.startswith(ENV_PREFIX) and name != "RAG_CONFIG":
            key = name.removeprefix(ENV_PREFIX).lower()
            _check_known(key, f"from the variable {name}")
            if value:  # an empty variable is one that is not set
                values[key] = value
    return values


def _types() -> dict[str, Any]:
    return {f.name: f.type for f in dataclasses.fields(Settings)}


def _check_known(key: str, where: str) -> None:
    known = _types()
    if key in known:
        return
    import difflib

    near = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(sorted(known))}."
    raise SettingsError(f"Unknown setting {key!r} {where}.", hint=hint)


def _parse(key: str, value: Any) -> Any:  # noqa: ANN401 - a TOML value can be anything
    _check_known(key, "among the flags")
    kind = _types()[key]
    try:
        if kind is int:
            parsed: Any = _whole_number(value)
        elif kind is float:
            parsed = _number(value)
        elif kind is str:
            parsed = _text(value)
        else:
            parsed = Path(value).expanduser()
    except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError: "~nobody" has no home
        message = f"The setting {key} cannot be {value!r}."
        raise SettingsError(message, hint=f"{key} takes {_describe(key)}.") from error
    if parsed not in CHOICES.get(key, (parsed,)):
        raise SettingsError(f"The setting {key} cannot be {parsed!r}.", hint=f"{key} takes {_describe(key)}.")
    low, high = _RANGES.get(key, (None, None))
    if low is not None and high is not None and not low <= parsed <= high:
        raise SettingsError(f"The setting {key} cannot be {parsed}.", hint=f"{key} takes {_describe(key)}.")
    return parsed


def _whole_number(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, (bool, float)):
        raise TypeError
    return int(value)


def _number(value: Any) -> float:  # noqa: ANN401
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, (str, Path)):
        raise TypeError
    return str(value)


def _describe(key: str) -> str:
    if key in CHOICES:
        return " or ".join(CHOICES[key])
    if key not in _RANGES:
        return "a path" if _types()[key] not in (str, int, float) else "text"
    low, high = _RANGES[key]
    return f"a {'whole ' if _types()[key] is int else ''}number from {low:g} to {high:g}"
