"""A PNG of each state of the chat, light, dark and on a phone: `make screenshots`, to be looked at.

They go to build/screenshots; the ones that the README shows are copied to docs/ by hand, made small first.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.chat_browser import KURILS, REPO, ChatServer, answered, ask, launch, opened, settled, tab

PREMIER = "Who is the prime minister of Japan?"
PDF = "How many cars did Masato Kurihara sell to Russia in 2022?"
SIDES = "How many former islanders are still alive?"
SILENT = "What is the best recipe for pancakes?"


def shoot(page, folder: Path, name: str) -> None:
    settled(page)
    page.screenshot(path=folder / f"{name}.png")
    print(name)


def chat(page, folder: Path, look: str) -> None:
    """The states of the chat, in the order in which a person meets them."""
    shoot(page, folder, f"{look}-1-welcome")
    ask(page, PREMIER, wait=False)
    page.wait_for_selector("#live .working .found li")
    page.screenshot(path=folder / f"{look}-2-found.png")
    turn = answered(page, PREMIER)
    turn.locator(".mark").first.hover()
    shoot(page, folder, f"{look}-3-card")
    turn.locator(".mark").first.click()
    page.wait_for_selector("#viewer .hit")
    page.mouse.move(5, 500)
    shoot(page, folder, f"{look}-4-document")
    page.keyboard.press("Escape")
    ask(page, "and who is its foreign minister?")
    page.get_by_role("button", name="Correct").click()
    shoot(page, folder, f"{look}-5-follow-up")
    ask(page, SIDES)
    shoot(page, folder, f"{look}-6-sides")
    ask(page, SILENT)
    shoot(page, folder, f"{look}-7-silence")
    turn = ask(page, PDF)
    turn.locator("summary").click()
    shoot(page, folder, f"{look}-8-what-happened")
    turn.locator("summary").click()
    turn.locator(".mark").first.click()
    page.wait_for_selector("#viewer .sheet img")
    shoot(page, folder, f"{look}-9-pdf")
    page.keyboard.press("Escape")
    page.locator("#scope > button").click()
    shoot(page, folder, f"{look}-a-scope")
    page.locator("#scope > button").click()


def lists(page, folder: Path, look: str) -> None:
    """Documents and settings."""
    tab(page, "Documents")
    page.wait_for_selector("#documents tbody tr")
    shoot(page, folder, f"{look}-b-documents")
    page.locator("#documents [data-do=look]").first.click()
    page.wait_for_selector("#library-document .text")
    shoot(page, folder, f"{look}-c-document")
    page.locator("#library-document [data-do=close]").click()
    tab(page, "Settings")
    settled(page, 800)
    shoot(page, folder, f"{look}-d-settings")
    tab(page, "Chat")


def main() -> None:
    folder = REPO / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or ["light", "dark", "phone"]
    with tempfile.TemporaryDirectory() as home:
        reader = {} if (REPO / "rag" / "reader_model").is_dir() else {"RAG_READER": "sentences"}
        server = ChatServer(Path(home) / "news", KURILS, **reader).start()
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                for look in wanted:
                    size = {"width": 390, "height": 800} if look == "phone" else {"width": 1280, "height": 820}
                    scheme = "dark" if look == "dark" else "light"
                    page = opened(browser, server.address, viewport=size, color_scheme=scheme)
                    chat(page, folder, look)
                    lists(page, folder, look)
                    page.context.close()
                browser.close()
        finally:
            server.stop()
    print(folder)


if __name__ == "__main__":
    main()
