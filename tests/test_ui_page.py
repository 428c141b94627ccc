"""What the chat's page does in a real browser where it is stopped, edited, turned away or cut off; no models."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.page_server import EXAMPLE
from tools.chat_browser import CHROMIUM, REPO, answered, ask, opened, settled

if CHROMIUM is None:
    pytest.skip("NO CHROMIUM: the page is not tested (apt-get install chromium)", allow_module_level=True)
pytest.importorskip("playwright.sync_api", reason="NO PLAYWRIGHT: the page is not tested")

pytestmark = [
    pytest.mark.alone,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LONG = "Which question is answered slowly?"


class Server:
    """The page over an invented desk, in a process of its own; started again it has the same address."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, "0", None

    def start(self):
        script = Path(__file__).with_name("page_server.py")
        env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONUNBUFFERED": "1"}
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, script, self.folder, self.port],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=env,
            )
        self.address = self.process.stdout.readline().strip()
        assert self.address, (self.folder / "log").read_text()
        self.port = self.address.rpartition(":")[2]
        return self

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("page")).start()
    yield running
    running.kill()


@pytest.fixture
def page(server, browser):
    page = opened(browser, server.address)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    yield page
    assert faults == []
    page.context.close()


def test_a_page_says_what_an_edited_question_replaces_until_it_is_edited_no_more(page):
    ask(page, "One?")
    ask(page, "Two?")
    box, line = page.locator("#box textarea"), page.locator("#editing .editing")
    for leave in ("Escape", "Cancel", "empty"):
        page.locator("#thread .turn").get_by_role("button", name="Edit").click()
        line.wait_for()
        assert "replaces this question and the one after it" in line.inner_text()
        assert box.input_value() == "One?"
        if leave == "Escape":
            page.keyboard.press("Escape")
        elif leave == "Cancel":
            line.get_by_role("button", name="Cancel").click()
        else:
            box.fill("")
        line.wait_for(state="detached")
        assert box.input_value() == ""
    settled(page)
    ask(page, "Three?")
    assert page.locator(".turn").count() == 3
    page.locator("#thread .turn").first.get_by_role("button", name="Edit").click()
    line.wait_for()
    ask(page, "Another?")
    assert page.locator(".turn").count() == 1
    assert line.count() == 0


def test_a_stopped_retry_is_told_and_the_page_is_as_it_was(page):
    ask(page, "One?")
    page.locator("#live .turn").get_by_role("button", name="Edit").click()
    page.locator("#editing .editing").wait_for()
    ask(page, LONG, wait=False)
    page.wait_for_selector("#live .working")
    page.keyboard.press("Escape")
    page.locator("#live .problem").wait_for()
    assert page.locator("#thread .turn").count() == 1
    assert "Stopped" in page.locator("#live .problem").inner_text()
    ask(page, "Two?")
    assert page.locator("#thread .turn").all_inner_texts()[0].startswith("One?")
    page.locator("#talks [aria-current]").get_by_text("2 questions").wait_for()


def test_a_corrected_question_is_taken_as_it_stands(page):
    ask(page, "Who is the mayor of Quillon?")
    turn = ask(page, "and who is his deputy?")
    turn.get_by_role("button", name="Correct").click()
    field = turn.locator(".correction input")
    assert "leaning" in field.input_value()
    field.fill("and who is the minister?")
    field.press("Enter")
    assert answered(page, "and who is the minister?").locator(".understood").count() == 0
    assert page.locator(".turn").count() == 2


def test_a_new_conversation_shows_nothing_of_the_answer_that_was_being_made(page):
    ask(page, "One?")
    ask(page, LONG, wait=False)
    page.wait_for_selector("#live .working")
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome h2")
    page.wait_for_selector("#ask:visible")
    settled(page, 1500)
    assert page.locator(".turn").count() == 0
    assert page.locator(".welcome").is_visible()
    assert not page.locator("#stop").is_visible()
    ask(page, "Two?")
    assert page.locator(".turn").count() == 1


def test_a_page_asks_one_question_at_a_time(page):
    page.locator(".examples button").click()
    page.wait_for_selector("#live .working")
    page.fill("#box textarea", "One?")
    page.press("#box textarea", "Enter")
    page.get_by_text("One question at a time").wait_for()
    assert page.locator("#box textarea").input_value() == "One?"
    assert page.locator("#live .working .question").inner_text() == EXAMPLE
    page.locator("#stop").click()
    page.wait_for_selector("#ask:visible")
    page.press("#box textarea", "Enter")
    answered(page, "One?")


def test_a_question_that_is_asked_in_the_moment_of_a_stop_is_answered(page):
    ask(page, LONG, wait=False)
    page.wait_for_selector("#live .working")
    page.fill("#box textarea", "One?")
    page.evaluate(
        """() => new MutationObserver((_, observer) => {
            if (!document.querySelector('#live .problem')) return;
            observer.disconnect();
            document.querySelector('#ask').click();
        }).observe(document.querySelector('#live'), { childList: true, subtree: true })"""
    )
    page.locator("#stop").click()
    answered(page, "One?")
    assert page.locator(".turn").count() == 1


def test_an_open_page_goes_on_after_the_program_was_killed_and_started_anew(browser, tmp_path):
    running = Server(tmp_path).start()
    page = opened(browser, running.address)
    try:
        ask(page, "One?")
        running.kill()
        ask(page, "Two?", wait=False)
        page.get_by_text("Connection to the server was lost").wait_for()
        running.start()
        page.locator("#thread .turn").wait_for()  # the page has loaded itself again
        ask(page, "Three?")
        assert page.locator(".turn").count() == 2

        settled(page, 1000)  # the stream of the answer is at its end: the page will notice nothing
        running.kill()
        running.start()
        ask(page, "Four?")
        page.locator("#talks [aria-current]").get_by_text("3 questions").wait_for()
        assert page.locator(".turn").count() == 3
    finally:
        running.kill()
        page.context.close()
