"""The trained reader: which sentence of a passage answers, with which words, and whether a quote supports a claim.

A small encoder (MiniLM, int8) that comes with the package, run by ONNX Runtime; no torch. Knows tokens and scores;
what is done with them is decided elsewhere. How it was trained stands in MODEL_CARD.md beside it.
"""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.checkpoint import checkpoint
from rag.errors import ModelError, ModelHashError
from rag.packing import Packed, Packer, best_span
from rag.reading import Weights
from rag.types import ModelInfo, Reading, ReadText, Span

FOLDER = Path(__file__).parent / "reader_model"
_FEW = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a logit into a probability: sigmoid(slope * logit + offset) (Platt 1999)."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, logit: float) -> float:
        """Return the probability."""
        return 1 / (1 + exp(-max(-30.0, min(30.0, self.slope * logit + self.offset))))


class PassageReader:
    """The model of one folder; loaded when first asked. One thread at a time runs it."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 2) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()

    @cached_property
    def _card(self) -> dict[str, Any]:
        try:
            card: dict[str, Any] = json.loads((self._folder / "reader.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"The reader's folder {self._folder} has no readable reader.json."
            raise ModelError(message, hint="Install the package again, or set reader = sentences.") from error
        return card

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""
        return ModelInfo("reader", self._card["name"], self._card["sha256"])

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401
        path = self._folder / "model.onnx"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"The reader has no file {path}.", hint="Install the package again.") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self._card["sha256"]:
            message = f"The reader {path} is not the pinned one: its SHA-256 begins with {found[:12]}."
            raise ModelHashError(message, hint="Install the package again.")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _packer(self) -> Packer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return Packer(tokenizer)

    def _calibration(self, name: str) -> Calibration:
        slope, offset = self._card["calibration"].get(name, (1.0, 0.0))
        return Calibration(slope, offset)

    @property
    def weights(self) -> Weights:
        """Return what turns its scores into the probability that a sentence answers."""
        return Weights.of(self._card["evidence"])

    def threshold(self, caution: str) -> float:
        """Return the least probability of a quote that answers; `caution` names a point of the curve."""
        return float(self._card["thresholds"][caution]["at"])

    def open(self) -> None:
        """Load the model now rather than with the first question."""
        self.support([("a", "a")])

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        """Return one reading for each text.

        Raises:
            ModelError: the model's files are missing.
            ModelHashError: the weights are not the pinned ones.
        """
        return self.read_pairs([(question, text) for text in texts])

    def read_pairs(self, pairs: Sequence[tuple[str, ReadText]]) -> list[Reading]:
        """Return one reading for each (question, text)."""
        answers, says = self._calibration("answered"), self._calibration("sentence")
        made = []
        for question, text in pairs:
            gathered = _Gathered(len(text.sentences))
            for window in self._packer.passage(question, _titled(text), sentences=text.sentences):
                tokens, whole = self._read(window)
                gathered.add(window, tokens, whole=float(whole[0]))
            made.append(gathered.reading(answers, says))
        return made

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each (claim, quote) the probability that the claim follows from the quote."""
        calibrated = self._calibration("supported")
        read = (self._read(self._packer.claim(claim, quote)) for claim, quote in pairs)
        return [calibrated(float(whole[1])) for _, whole in read]

    def run(self, batch: Mapping[str, npt.NDArray[np.int64]]) -> Sequence[npt.NDArray[np.float32]]:
        """Return (n, t, 4) token logits and (n, 2) whole logits of windows of one length; callers take turns."""
        with self._lock:
            found: Sequence[npt.NDArray[np.float32]] = self._session.run(None, dict(batch))
        return found

    def _read(self, window: Packed) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the logits of one window.

        Windows are not read in batches: on few cores padding costs what they save, and int8 activations are scaled
        over a whole batch, so that a score would depend on what is read with it.
        """
        checkpoint()
        tokens, whole = self.run(_inputs(window))
        return tokens[0], whole[0]


class _Gathered:
    """The windows of one passage, put together again."""

    def __init__(self, sentences: int) -> None:
        self.logits = [-30.0] * sentences
        self.spans: list[tuple[float, Span] | None] = [None] * sentences
        self.whole: list[float] = []

    def add(self, packed: Packed, tokens: npt.NDArray[np.float32], *, whole: float) -> None:
        self.whole.append(whole)
        marks, starts, ends, parts = tokens.T.tolist()
        means = packed.means(parts)
        for token, sentence in packed.marks:
            self.logits[sentence] = marks[token] + means[sentence]
            self.spans[sentence] = best_span(packed, starts, end=ends, sentence=sentence)

    def reading(self, answers: Calibration, says: Calibration) -> Reading:
        none_does = sum(log(max(_FEW, 1 - answers(logit))) for logit in self.whole)
        return Reading(
            answered=1 - exp(none_does) if len(self.whole) > 1 else answers(self.whole[0]) if self.whole else 0.0,
            sentences=tuple(says(logit) for logit in self.logits),
            spans=tuple(best[1] if best else None for best in self.spans),
        )


def _titled(text: ReadText) -> str:
    return f"{text.title} ({text.published.isoformat()})" if text.published else text.title


def _inputs(packed: Packed) -> dict[str, npt.NDArray[np.int64]]:
    ids = np.array([packed.ids], dtype=np.int64)
    kinds = np.zeros_like(ids)
    kinds[0, packed.second :] = 1
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": kinds}
