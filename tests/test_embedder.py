"""What every embedder promises, held against the fake and the real model; and which folders are refused."""

import dataclasses
import shutil

import numpy as np
import pytest

from index.embed import SentenceTransformerEmbedder, check_folder
from rag.compose import load_embedder
from rag.errors import ModelError
from rag.models import find_model
from rag.settings import Settings
from rag.testing import HashEmbedder
from rag.types import ModelInfo

INFO = ModelInfo("embedder", "copy", "0" * 64)
TEXTS = [
    "Boats left the harbour.",
    "",
    "Лодки вышли в море.",
    "word " * 2000,
    "x" * 5000,
    "🙂 \n\t ?!",
    "Boats left the harbour at dawn and came back in the evening.",
]


class Contract:
    """Promises of the protocol; each subclass gives an embedder."""

    def test_vectors_have_the_shape_kind_and_length_that_was_promised(self, embedder):
        vectors = embedder.encode(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_no_texts_give_no_vectors(self, embedder):
        assert embedder.encode([]).shape == (0, embedder.dimensions)
        assert embedder.encode([]).dtype == np.float32
        assert embedder.count_tokens([]) == []

    def test_the_same_text_gets_the_same_vector(self, embedder):
        first, second = embedder.encode([TEXTS[0], TEXTS[0]])
        assert np.array_equal(first, second)
        assert np.array_equal(embedder.encode([TEXTS[0]]), embedder.encode([TEXTS[0]]))

    def test_a_vector_does_not_depend_on_its_neighbours(self, embedder):
        together = embedder.encode(TEXTS)
        assert np.allclose(embedder.encode(TEXTS[::-1])[::-1], together, atol=1e-4)
        for text, vector in zip(TEXTS, together, strict=True):
            assert np.allclose(embedder.encode([text])[0], vector, atol=1e-4)

    def test_near_texts_get_near_vectors(self, embedder):
        near, same, far = embedder.encode(["Boats left the harbour.", TEXTS[-1], "Cats stayed at home today."])
        assert near @ same > near @ far + 0.2

    def test_tokens_are_counted_without_truncation(self, embedder):
        short, long = embedder.count_tokens(["word", "word " * 2000])
        assert 1 <= short < 10
        assert long > 2000 > embedder.max_tokens

    def test_it_names_itself(self, embedder):
        assert embedder.info.role == "embedder"
        assert embedder.info.name
        assert len(embedder.info.sha256) == 64
        assert embedder.fingerprint


class TestHashEmbedder(Contract):
    @pytest.fixture
    def embedder(self):
        return HashEmbedder()


@pytest.fixture(scope="module")
def real_embedder(model_cache):
    return load_embedder(Settings(cache=model_cache))


@pytest.fixture(scope="module")
def model_folder():
    return find_model("embedder", "default").path


@pytest.mark.models
class TestSentenceTransformerEmbedder(Contract):
    @pytest.fixture
    def embedder(self, real_embedder):
        return real_embedder

    def test_it_is_the_model_that_was_pinned(self, embedder):
        assert (embedder.dimensions, embedder.max_tokens) == (384, 256)
        assert embedder.info.sha256.startswith("53aa51172d142c89")

    def test_words_past_the_limit_are_not_read(self, embedder):
        start = "Boats left the harbour. " * 60
        assert embedder.count_tokens([start])[0] > embedder.max_tokens
        vectors = embedder.encode([start, f"{start}Cats stayed at home."])
        assert np.allclose(vectors[0], vectors[1], atol=1e-5)

    def test_control_words_are_counted(self, embedder):
        assert embedder.count_tokens(["[CLS] [SEP]"])[0] >= 4


@pytest.mark.models
@pytest.mark.parametrize("name", ["vocab.txt", "tokenizer.json", "tokenizer_config.json", "config.json"])
def test_the_fingerprint_follows_the_files_that_shape_a_vector(tmp_path, model_folder, name):
    copy = shutil.copytree(model_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (found,) = [path for path in copy.rglob(name) if path.parent == copy]
    before = SentenceTransformerEmbedder(copy, INFO, threads=1).fingerprint
    assert SentenceTransformerEmbedder(copy, INFO, threads=2).fingerprint == before
    other_weights = dataclasses.replace(INFO, sha256="1" * 64)
    assert SentenceTransformerEmbedder(copy, other_weights, threads=1).fingerprint != before
    found.write_bytes(found.read_bytes() + b"\n")
    assert SentenceTransformerEmbedder(copy, INFO, threads=1).fingerprint != before


# Which folders are refused


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "model"
    (made / "1_Pooling").mkdir(parents=True)
    for name in ("modules.json", "model.safetensors", "1_Pooling/config.json"):
        (made / name).write_text("{}")
    return made


def test_a_folder_of_data_files_is_taken(folder):
    check_folder(folder)


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "modeling.py", "1_Pooling/x.pkl", "model.pt", "a.PY", "b.Bin"]
)
def test_a_folder_with_files_that_can_run_code_is_refused(folder, name):
    (folder / name).write_text("")
    with pytest.raises(ModelError, match="could run code") as caught:
        check_folder(folder)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["modules.json", "model.safetensors"])
def test_a_folder_that_is_no_model_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match="not a sentence-transformers model"):
        check_folder(folder)


def test_a_missing_folder_is_refused(tmp_path):
    for path in (tmp_path / "missing", tmp_path / "file"):
        (tmp_path / "file").touch()
        with pytest.raises(ModelError, match="no embedder folder"):
            check_folder(path)


@pytest.mark.models
def test_a_folder_of_broken_files_is_refused_with_a_cure(folder):
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        SentenceTransformerEmbedder(folder, INFO, threads=1)
    assert "Download" in caught.value.hint
