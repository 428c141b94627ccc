"""Shared by all tests: no network, a home of their own, and the real models loaded once."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.models import prepare_environment

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
