"""Shared by all tests: no network, a home of their own, and the real models loaded once."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.models import prepare_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

prepare_environment()

REPO = Path(__file__).parent.parent
KURILS = REPO / "eval" / "corpora" / "kurils"
SHARED = REPO.parent / "shared"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
            message = f"a test tried to reach {address}"
            raise AssertionError(message)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for the whole run, so that the default generator is requantised once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point every setting that names a folder into the test's own folder."""
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_CACHE", str(model_cache))
    return


@pytest.fixture
def seeds() -> Path:
    """Five real articles that stay out of the repository."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip(f"the seed articles are missing: {folder}")
    return folder


@dataclass
class Served:
    """A running `rag chat`: its address, its home, and what it has printed."""

    address: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[Served]:
    """`rag chat` with the real models over the sample news, as a person starts it; connections are guarded."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "sitecustomize.py").write_text(LOOPBACK_ONLY)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    environment = {**kept, "RAG_HOME": str(folder / "home"), "RAG_CACHE": str(model_cache)}
    environment["PYTHONPATH"] = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    log = folder / "log.txt"
    command = [Path(sys.executable).with_name("rag"), "chat", "--docs", KURILS, "--port", "0", "--no-browser"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = _said(log, process, r"Open (http://127\.0\.0\.1:\d+)")
        _wait_until_ready(address)
        yield Served(address, environment, log, process)
    finally:
        process.terminate()
        process.wait(60)


def _said(log: Path, process: subprocess.Popen[bytes], pattern: str) -> str:
    for _ in range(1200):
        found = re.search(pattern, log.read_text())
        if found:
            return found[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _wait_until_ready(address: str) -> None:
    for _ in range(1800):
        try:
            with urllib.request.urlopen(f"{address}/api/ready") as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            told = error.read().decode()
            assert error.code == 503
            assert "error" not in told, told
        time.sleep(0.1)
    raise AssertionError(address)


# Loaded by every Python process of the server: what it tries to reach outside is written down and refused.
LOOPBACK_ONLY = """
import pathlib, socket, sys
here = pathlib.Path(__file__).parent
with open(here / "guarded", "a") as file:
    file.write("x")
connect = socket.socket.connect
def guarded(self, address, *rest):
    host = address[0] if isinstance(address, tuple) else ""
    if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
        with open(here / "reached", "a") as file:
            file.write(f"{address}\\\\n")
        raise OSError("network")
    return connect(self, address, *rest)
socket.socket.connect = guarded
lookup = socket.getaddrinfo
def no_lookup(host, *rest, **more):
    if host not in (None, "127.0.0.1", "::1", "localhost"):
        with open(here / "reached", "a") as file:
            file.write(f"lookup {host}\\\\n")
        raise OSError("network")
    return lookup(host, *rest, **more)
socket.getaddrinfo = no_lookup
"""


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's chromium, for tests of the page."""
    from playwright.sync_api import sync_playwright

    from tools.chat_browser import launch

    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()
