from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings, load_settings


def load(flags=None, *, toml=None, env=None, folder=None):
    config = None
    if toml is not None:
        config = folder / "rag.toml"
        config.write_text(toml, encoding="utf-8")
    return load_settings(flags or {}, config=config, env=env or {})


def test_defaults():
    settings = load()
    assert (settings.passages, settings.embedder, settings.library) == (8, "default", None)
    assert settings == Settings()


def test_flags_win_over_variables_over_the_file_over_defaults(tmp_path):
    toml = "passages = 6\nquotes = 6\ncandidates = 70\n"
    settings = load(
        {"passages": 8, "quotes": None}, toml=toml, env={"RAG_PASSAGES": "7", "RAG_QUOTES": "7"}, folder=tmp_path
    )
    assert (settings.passages, settings.quotes, settings.candidates, settings.answer_tokens) == (8, 7, 70, 160)


def test_the_file_is_found_through_its_variable(tmp_path):
    config = tmp_path / "a.toml"
    config.write_text("passages = 9", encoding="utf-8")
    assert load(env={"RAG_CONFIG": str(config)}).passages == 9
    assert load(env={"RAG_CONFIG": ""}).passages == 8


def test_flags_beat_the_variable_that_names_a_file(tmp_path):
    (tmp_path / "b.toml").write_text("passages = 3", encoding="utf-8")
    settings = load(toml="passages = 4", env={"RAG_CONFIG": str(tmp_path / "b.toml")}, folder=tmp_path)
    assert settings.passages == 4


def test_paths_and_numbers_are_parsed(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load({"home": tmp_path / "h"}, env={"RAG_LIBRARY": "~/lib", "RAG_DENSE_WEIGHT": "0.5"})
    assert settings.home == tmp_path / "h"
    assert settings.library == tmp_path / "lib"
    assert settings.dense_weight == 0.5


def test_an_empty_variable_is_not_set(tmp_path):
    settings = load(toml="passages = 9", env={"RAG_LIBRARY": "", "RAG_PASSAGES": ""}, folder=tmp_path)
    assert (settings.library, settings.passages) == (None, 9)


def test_other_variables_are_none_of_ours():
    assert load(env={"PATH": "/bin", "rag_passages": "9", "XRAG_PASSAGES": "9"}) == Settings()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"toml": "pasages = 5"}, "'pasages' in .*rag.toml"),
        ({"env": {"RAG_PASAGES": "5"}}, "'pasages' from the variable RAG_PASAGES"),
        ({"flags": {"pasages": 5}}, "'pasages' among the flags"),
    ],
)
def test_an_unknown_key_is_an_error_with_a_suggestion(given, message, tmp_path):
    with pytest.raises(SettingsError, match=message) as caught:
        load(**given, folder=tmp_path)
    assert caught.value.hint == "Did you mean passages?"


def test_a_key_like_no_other_lists_the_known_ones():
    with pytest.raises(SettingsError) as caught:
        load({"zzzzzz": 1})
    assert all(field.name in caught.value.hint for field in fields(Settings))


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ('passages = "five"', "passages"),
        ("passages = 5.0", "passages"),
        ("passages = true", "passages"),
        ("passages = [5]", "passages"),
        ("passages = {}", "passages"),
        ("dense_weight = true", "dense_weight"),
        ('dense_weight = "much"', "dense_weight"),
        ("embedder = 5", "embedder"),
        ('generator = ["a"]', "generator"),
        ("library = 5", "library"),
        ('library = "~nobody-of-this-name/x"', "library"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(toml, key, tmp_path):
    with pytest.raises(SettingsError, match=f"The setting {key} cannot be"):
        load(toml=toml, folder=tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("passages", "0"),
        ("passages", "51"),
        ("passages", "9" * 5000),
        ("context_tokens", "511"),
        ("threads", "-1"),
        ("answer_tokens", "5000"),
        ("dense_weight", "1.01"),
        ("near_cosine", "nan"),
        ("near_cosine", "-inf"),
    ],
)
def test_a_value_out_of_range_is_an_error(key, value):
    with pytest.raises(SettingsError, match=f"The setting {key} cannot be") as caught:
        load(env={f"RAG_{key.upper()}": value})
    assert f"{key} takes a" in caught.value.hint


def test_a_title_that_would_fill_a_passage_is_refused():
    with pytest.raises(SettingsError, match="leaves no room in 250 tokens"):
        load(env={"RAG_TITLE_TOKENS": "200"})


def test_the_ends_of_a_range_are_inside():
    assert load(env={"RAG_PASSAGES": "1"}).passages == 1
    assert load(env={"RAG_PASSAGES": "50"}).passages == 50


def test_the_hint_tells_the_range():
    with pytest.raises(SettingsError) as caught:
        load({"passages": 99})
    assert caught.value.hint == "passages takes a whole number from 1 to 50."


def test_a_file_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read") as caught:
            load_settings({}, config=path, env={})
        assert "--config" in caught.value.hint


@pytest.mark.parametrize("raw", [b"passages 5", b"passages = 5\npassages = 6", b"embedder = '\xff'"])
def test_a_file_that_is_no_toml(raw, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_bytes(raw)
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings({}, config=path, env={})


NOT_DECIDING = {"home", "cache", "library", "threads", "generator_key", "generator_remote", "token"}


def test_the_digest_ignores_places_threads_and_secrets():
    settings = Settings()
    moved = replace(settings, home=Path("/a"), cache=Path("/b"), library=Path("/c"), threads=settings.threads + 1)
    assert replace(moved, generator_key="secret", generator_remote="allow").digest() == settings.digest()


def test_a_key_is_never_shown():
    settings = Settings(generator_key="secret")
    assert "secret" not in repr(settings)
    assert "secret" not in str(settings.deciding())


def test_the_digest_changes_with_every_other_setting():
    settings = Settings()
    digests = {settings.digest()}
    others = [field.name for field in fields(Settings) if field.name not in NOT_DECIDING]
    for name in others:
        value = getattr(settings, name)
        digests.add(replace(settings, **{name: f"{value}x" if isinstance(value, str) else value + 1}).digest())
    assert len(digests) == len(others) + 1


def test_settings_create_no_folder_and_cannot_be_changed(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = load()
    assert settings.home.is_relative_to(tmp_path)
    assert settings.cache.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FrozenInstanceError):
        settings.passages = 7


def test_an_answer_longer_than_half_the_context_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="leaves no room"):
        load({}, env={"RAG_CONTEXT_TOKENS": "1000", "RAG_ANSWER_TOKENS": "600"}, folder=tmp_path)
