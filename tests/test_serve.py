"""The server from its start to its end: what loads stops when nobody waits for it."""

import os
import re
import signal
import subprocess
import threading

import pytest

from rag import compose
from rag.compose_serve import open_desk
from rag.settings import load_settings
from rag.testing import HashEmbedder
from tests.conftest import KURILS, REPO
from tools.chat_browser import CHAT

pytestmark = pytest.mark.models


@pytest.fixture
def settings(tmp_path, model_cache):
    values = {"library": tmp_path / "library", "cache": model_cache, "generator": "none"}
    return load_settings(values, env={})


def test_a_desk_that_is_closed_before_its_page_is_up_loads_nothing(settings):
    desk = open_desk(settings, after=threading.Event())
    assert desk.close(20)
    assert not (settings.library / "store.db").exists()


def test_files_are_no_longer_read_when_the_desk_is_closed(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "load_embedder", lambda _: HashEmbedder())
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(20):
        (docs / f"{number}.txt").write_text(f"Letter {number}\n\nThe ferry {number} sails on Monday.")
    read, at_first, may_go_on = [], threading.Event(), threading.Event()

    def on_file(step):
        read.append(step.done)
        at_first.set()
        assert may_go_on.wait(60)

    desk = open_desk(settings, [docs], on_file=on_file)
    assert at_first.wait(120)
    assert not desk.close(0.01)
    may_go_on.set()
    assert desk.close(60)
    assert read == [1]


def test_ctrl_c_ends_the_program_while_it_loads(tmp_path):
    log = tmp_path / "log.txt"
    with log.open("w") as err:
        running = subprocess.Popen(
            [*CHAT, "--docs", str(KURILS), "--library", str(tmp_path / "library"), "--generator", "none"],
            env={**os.environ, "PYTHONPATH": str(REPO)},
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )
    assert re.search("Open http", running.stdout.readline())
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 0, log.read_text()
    assert "Closed." in told
    assert log.read_text() == ""  # no file was read to its end, and nothing is said of a crash
