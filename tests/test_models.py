import json
from dataclasses import replace

import pytest

from rag.errors import ModelError, ModelHashError
from rag.models import ModelFile, bundled, file_sha256, find_model, verify, write_atomically

GGUF = b"GGUF" + bytes(range(100))


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "tiny.gguf"
    path.write_bytes(GGUF)
    return path


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.mark.models
def test_the_bundled_models_are_the_pinned_ones(cache):
    models = bundled()
    assert [model.role for model in models] == ["embedder", "generator"]
    for model in models:
        assert model.weights.stat().st_size == model.size_bytes
        assert verify(model, cache).sha256 == model.pinned == file_sha256(model.weights)
        assert find_model(model.role, "default") == model
    assert models[0].pinned == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert not cache.exists()


@pytest.mark.models
def test_another_pin_replaces_the_registrys(cache):
    model = find_model("embedder", "default", pinned="0" * 64)
    with pytest.raises(ModelHashError):
        verify(model, cache)


def test_a_pinned_file_passes_with_its_hash_in_either_case(gguf, cache):
    sha256 = file_sha256(gguf)
    for pinned in (sha256, sha256.upper()):
        info = verify(find_model("generator", str(gguf), pinned=pinned), cache)
        assert (info.role, info.name, info.sha256) == ("generator", "tiny.gguf", sha256)


def test_a_changed_byte_refuses(gguf, cache):
    model = find_model("generator", str(gguf), pinned=file_sha256(gguf))
    verify(model, cache)
    changed = bytearray(GGUF)
    changed[50] ^= 1
    gguf.write_bytes(changed)
    with pytest.raises(ModelHashError, match="It was not loaded") as caught:
        verify(model, cache)
    assert "RAG_GENERATOR_SHA256" in caught.value.hint


def test_the_weights_of_a_folder_are_its_safetensors(tmp_path, cache):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    model = find_model("embedder", str(tmp_path), pinned=file_sha256(weights))
    assert model.weights == weights
    verify(model, cache)
    weights.write_bytes(b"weight!")
    with pytest.raises(ModelHashError):
        verify(model, cache)


def test_a_folder_without_weights_is_a_model_error(tmp_path, cache):
    with pytest.raises(ModelError, match="cannot be read"):
        verify(find_model("embedder", str(tmp_path)), cache)


@pytest.mark.parametrize("role", ["embedder", "generator"])
def test_a_missing_path(role, tmp_path):
    with pytest.raises(ModelError, match=f"There is no {role} at") as caught:
        find_model(role, str(tmp_path / "nowhere"))
    assert f"--{role}" in caught.value.hint


@pytest.mark.parametrize("start", [b"", b"GGU", b"PK\x03\x04", b"gguf"])
def test_a_file_that_is_no_gguf(start, tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(start)
    with pytest.raises(ModelError, match="not a GGUF file"):
        find_model("generator", str(path))


def test_a_folder_is_no_generator(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        find_model("generator", str(tmp_path))


def test_the_hash_of_an_unpinned_file_is_remembered(gguf, cache):
    model = find_model("generator", str(gguf))
    sha256 = verify(model, cache).sha256
    (note,) = (cache / "hashes").iterdir()
    assert json.loads(note.read_text())["sha256"] == sha256
    note.write_text(json.dumps({"sha256": "remembered"}))
    assert verify(model, cache).sha256 == "remembered"


def test_a_remembered_hash_is_not_used_for_a_pinned_file(gguf, cache):
    model = find_model("generator", str(gguf))
    sha256 = verify(model, cache).sha256
    (note,) = (cache / "hashes").iterdir()
    note.write_text(json.dumps({"sha256": "remembered"}))
    assert verify(replace(model, pinned=sha256), cache).sha256 == sha256


def test_the_hash_is_computed_again_when_the_file_changes(gguf, cache):
    model = find_model("generator", str(gguf))
    before = verify(model, cache).sha256
    gguf.write_bytes(GGUF + b"more")
    after = verify(model, cache).sha256
    assert after == file_sha256(gguf) != before


def test_a_cache_that_cannot_be_written_does_not_matter(gguf, tmp_path):
    not_a_folder = tmp_path / "file"
    not_a_folder.write_text("")
    assert verify(find_model("generator", str(gguf)), not_a_folder).sha256 == file_sha256(gguf)


def test_a_file_that_went_away_is_a_model_error(tmp_path, cache):
    model = ModelFile("gone", "generator", tmp_path / "gone.gguf", pinned="")
    with pytest.raises(ModelError, match="cannot be read"):
        verify(model, cache)


def test_write_atomically_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "note.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_cleans_up_when_it_fails(tmp_path):
    target = tmp_path / "folder"
    (target / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_atomically(target, b"data")
    assert list(tmp_path.iterdir()) == [target]
