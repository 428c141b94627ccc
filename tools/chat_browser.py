"""The chat in a real browser, for tests, screenshots and measurements: starts `rag chat`, drives chromium.

Needs chromium on the machine and playwright's Python package, which downloads no browser of its own.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
KURILS = REPO / "eval" / "corpora" / "kurils"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
]
# `rag chat` of these sources, at a free port, without opening a browser.
CHAT = (sys.executable, "-P", "-c", "from rag.cli import main; main()", "chat", "--no-browser", "--port", "0")
_START_SECONDS = 120
SECONDS = 60_000  # milliseconds that a loaded machine may take for one answer


class ChatServer:
    """`rag chat` over a library, in a process of its own."""

    def __init__(self, library: Path, docs: Path | None = None, **env: str) -> None:
        self.library = library
        self.docs = docs
        self.env = env
        self.address = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "ChatServer":
        """Start it, and wait until it can be opened."""
        docs = ["--docs", str(self.docs)] if self.docs else []
        env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONUNBUFFERED": "1", **self.env}
        self.log = self.library.with_name(f"{self.library.name}.log").open("a")
        self.process = subprocess.Popen(
            [*CHAT, "--library", str(self.library), *docs],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=env,
        )
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if not found:
            raise RuntimeError(f"rag chat did not start: {line}{Path(self.log.name).read_text()[-2000:]}")
        self.address = found[0]
        return self

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self._end(signal.SIGINT)

    def _end(self, how: int) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process.stdout.close()
            self.log.close()
            self.process = None


def launch(playwright: Any) -> Any:
    """Return the machine's chromium, without a window. Raises SystemExit where it has none."""
    if CHROMIUM is None:
        raise SystemExit("There is no chromium on this machine. Type: make browser")
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)


def opened(browser: Any, address: str, **options: Any) -> Any:
    """Return a page of the chat that is ready to be asked, in a context of its own."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(address)
    page.wait_for_selector(".welcome h2")
    return page


def ask(page: Any, question: str, *, wait: bool = True) -> Any:
    """Ask a question with the keyboard; return its turn."""
    page.wait_for_selector("#ask:visible")
    page.fill("#box textarea", question)
    page.press("#box textarea", "Enter")
    return answered(page, question) if wait else None


def ask_at_length(page: Any) -> str:
    """Ask for the longest answer that can be set; return the question as soon as its sources are there."""
    tab(page, "Settings")
    page.get_by_label("Full: one text").check()
    page.locator("#settings input[type=number]").fill("20")
    page.locator("#settings input[type=number]").press("Enter")
    settled(page, 1500)
    tab(page, "Chat")
    question = "Which reasons does each side give for the end of the talks, and what would it take to resume?"
    ask(page, question, wait=False)
    page.wait_for_selector("#live .working .found li")
    return question


def is_busy(address: str) -> bool:
    """Return whether a question is worked on."""
    with urllib.request.urlopen(f"{address}/api/ready") as told:
        return bool(json.load(told)["busy"])


def answered(page: Any, question: str) -> Any:
    """Wait for the answer to a question; return its turn."""
    page.wait_for_function(
        """(question) => [...document.querySelectorAll('#live .turn:not(.working)')]
            .some((turn) => turn.dataset.question === question)""",
        arg=question,
    )
    page.wait_for_selector("#ask:visible")
    return page.locator("#live .turn")


def tab(page: Any, name: str) -> None:
    """Go to a tab."""
    page.get_by_role("tab", name=name, exact=True).click()


def settled(page: Any, milliseconds: int = 400) -> None:
    """Wait until what moves has come to rest."""
    page.wait_for_timeout(milliseconds)


def seconds_until(page: Any, selector: str, since: float) -> float:
    """Return how long it took until something is there."""
    page.wait_for_selector(selector)
    return time.perf_counter() - since
