"""From Enter to sources visible and to the first checked sentence, in a browser and without one; part of `make bench`.

The same questions go to the same server: through the page, and as a call to /api/ask that streams. Both sides take
turns on the same machine, so the ratios of their medians can be trusted and their seconds cannot. At the end some
tabs are closed in the middle of a long answer, to see how soon the next question could begin.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tools.chat_browser import KURILS, REPO, ChatServer, ask_at_length, is_busy, launch, opened

AIM = 1.2
AIM_LEFT_SECONDS = 1.0
_TABS = 10
# Seconds to the sources and to the first sentence: in the browser, and without it.
Pair = tuple[tuple[float, float], tuple[float, float]]


def questions(limit: int | None = None) -> list[str]:
    """Gold questions with an answer and without an earlier turn: all, or so many, spread over the file."""
    lines = (REPO / "eval" / "corpora" / "kurils.gold.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    asked = [row["question"] for row in rows if row.get("answerable", True) and not row.get("history")]
    return asked if limit is None else asked[:: max(1, len(asked) // limit)][:limit]


def without_browser(address: str, question: str) -> tuple[float, float]:
    """Return seconds to the sources and to the first claim (or the end) of a streamed call."""
    body = json.dumps({"question": question, "stream": True}).encode()
    request = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
    start = time.perf_counter()
    found = first = 0.0
    with urllib.request.urlopen(request, timeout=300) as reply:
        for line in reply:
            now = time.perf_counter() - start
            if line.strip() in (b"event: claim", b"event: answer"):
                first = first or now
            if line.strip() == b"event: found":
                found = found or now
    return found or first, first


def in_browser(page, question: str) -> tuple[float, float]:
    """Return seconds from Enter to the sources and to the first sentence (or the end), as the page sees them."""
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome h2")
    page.wait_for_selector("#ask:visible")
    page.fill("#box textarea", question)
    page.evaluate(
        """() => {
          const seen = window.seen = {};
          const note = () => {
            const live = document.querySelector('#live');
            if (live.querySelector('.found li, .claim, .tools')) seen.found ??= performance.now();
            if (live.querySelector('.claim, .tools')) { seen.first ??= performance.now(); }
          };
          new MutationObserver(note).observe(document.querySelector('#live'), {childList: true, subtree: true});
          document.querySelector('#box textarea').addEventListener(
            'keydown', () => { seen.start ??= performance.now(); }, {capture: true, once: true});
        }"""
    )
    page.press("#box textarea", "Enter")
    page.wait_for_selector("#live .turn:not(.working)")
    page.wait_for_selector("#ask:visible")
    seen = page.evaluate("() => window.seen")
    return (seen["found"] - seen["start"]) / 1000, (seen["first"] - seen["start"]) / 1000


def after_closing(browser, address: str) -> list[float]:
    """Return seconds from a closed tab to a free desk, each time in the middle of the longest answer."""
    seconds = []
    for _ in range(_TABS):
        page = opened(browser, address)
        ask_at_length(page)
        page.context.close()
        start = time.perf_counter()
        while is_busy(address):
            time.sleep(0.01)
        seconds.append(time.perf_counter() - start)
    return seconds


def percentile(values: list[float], part: float) -> float:
    """Return the value below which that part of them lies; 0.5 is the median."""
    if part == 0.5:
        return statistics.median(values)
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measured(asked: list[str]) -> tuple[list[Pair], list[float]]:
    """Return for each question the seconds in the browser and those without it, and those after a closed tab."""
    from playwright.sync_api import sync_playwright

    pairs = []
    with tempfile.TemporaryDirectory() as home:
        reader = {} if (REPO / "rag" / "reader_model").is_dir() else {"RAG_READER": "sentences"}
        server = ChatServer(Path(home) / "library", KURILS, **reader).start()
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                page = opened(browser, server.address)
                in_browser(page, "Who is the prime minister of Japan?")
                for number, question in enumerate(asked):
                    sides = [lambda q: in_browser(page, q), lambda q: without_browser(server.address, q)]
                    order = (0, 1) if number % 2 else (1, 0)
                    told = {side: sides[side](question) for side in order}
                    pairs.append((told[0], told[1]))
                left = after_closing(browser, server.address)
                browser.close()
        finally:
            server.stop()
    return pairs, left


def report(pairs: list[Pair], left: list[float]) -> list[str]:
    """Print the table; return what is above the aim."""
    above = []
    print(f"{'what':<34}{'page p50':>10}{'p95':>8}{'call p50':>10}{'p95':>8}{'ratio p50':>11}{'p95':>8}{'n':>5}")
    for place, what in enumerate(("from Enter to the sources", "from Enter to the first sentence")):
        page = [one[0][place] for one in pairs]
        call = [one[1][place] for one in pairs]
        seconds = [percentile(side, part) for side in (page, call) for part in (0.5, 0.95)]
        ratios = {"p50": seconds[0] / seconds[2], "p95": seconds[1] / seconds[3]}
        row = (*seconds, *ratios.values())
        told = "".join(f"{value:>{width}.2f}" for value, width in zip(row, (10, 8, 10, 8, 11, 8), strict=True))
        print(f"{what:<34}{told}{len(pairs):>5}")
        above += [f"{what}: {ratio:.2f} at {name}, aim {AIM}" for name, ratio in ratios.items() if ratio > AIM]
    typical, worst = statistics.median(left), max(left)
    print(f"from a closed tab to a free desk: p50 {typical:.2f} s, most {worst:.2f} s, n {len(left)}")
    if worst > AIM_LEFT_SECONDS:
        above.append(f"a closed tab: {worst:.2f} s, aim {AIM_LEFT_SECONDS}")
    return above


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, metavar="N", help="so many questions (all of the gold set)")
    above = report(*measured(questions(options.parse_args().limit)))
    if above:
        sys.exit(f"Above the aim: {'; '.join(above)}")


if __name__ == "__main__":
    main()
