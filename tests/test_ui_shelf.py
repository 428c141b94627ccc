"""Documents, days and judgements in a real browser, over a small library with tight limits."""

import re
import sqlite3

import pytest

from rag.talks import DATABASE
from tools.chat_browser import CHROMIUM, REPO, ChatServer, ask, opened, settled, tab

if CHROMIUM is None:
    pytest.skip(
        "NO CHROMIUM: the chat is not tested in a browser (apt-get install chromium)", allow_module_level=True
    )
pytest.importorskip("playwright.sync_api", reason="NO PLAYWRIGHT: the chat is not tested in a browser")

pytestmark = [
    pytest.mark.alone,
    pytest.mark.models,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
_FARES = "By how much will the fares rise?"
_WORDS = "#filter-words input, #filter-words textarea"


@pytest.fixture(scope="module")
def server(tmp_path_factory, model_cache):
    folder = tmp_path_factory.mktemp("shelf")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "fares.txt").write_text("Ferry fares\n\n2025-07-16\n\nThe fares of the ferry will rise by 12 percent.")
    env = {"RAG_HOME": str(folder), "RAG_CACHE": str(model_cache), "RAG_GENERATOR": "none"}
    reader = {} if (REPO / "rag" / "reader_model").is_dir() else {"RAG_READER": "sentences"}
    running = ChatServer(folder / "library", docs, **env, **reader, RAG_MAX_FILE_BYTES="100000").start()
    yield running
    running.stop()


@pytest.fixture
def page(server, browser):
    page = opened(browser, server.address)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    assert page.faults == []
    page.context.close()


def told(page, text):
    page.locator(".toast-body", has_text=text).first.wait_for()


def hand_in(page, *paths):
    tab(page, "Documents")
    page.set_input_files("#drop input[type=file]", list(paths))


def remove(page, name):
    row = page.locator(f"#documents tr[data-name='{name}']")
    row.get_by_role("button", name=re.compile("Remove|Dismiss")).click()
    row.get_by_text("Really?").click()
    row.wait_for(state="detached")


def test_a_file_that_is_too_large_is_told_and_those_beside_it_are_read(page, tmp_path):
    tab(page, "Documents")
    assert "200 MB at once, 100,000 bytes each" in page.locator("#progress").inner_text()
    (tmp_path / "small.txt").write_text("Small\n\nAna Blum owns 12 boats.")
    (tmp_path / "big.txt").write_text("Big words here. " * 20_000)
    middle = [tmp_path / f"middle{number}.txt" for number in range(5)]
    for number, path in enumerate(middle):
        path.write_text(
            f"Middle {number}\n\n" + f"The middle number {number} stands in line. " * 1500
        )  # 60 kB each
    hand_in(page, tmp_path / "small.txt", tmp_path / "big.txt", *middle)
    page.locator("#progress .files li").nth(6).wait_for()
    assert "6 read, 1 not" in page.locator("#progress").inner_text()
    assert "200 MB at once" in page.locator("#progress").inner_text()
    big = page.locator("#documents tr[data-name='big.txt']")
    big.wait_for()
    assert "too large" in big.inner_text()
    assert "at most 100,000 are read" in big.inner_text()


def test_more_than_is_taken_at_once_is_told_in_words(page, tmp_path):
    tab(page, "Documents")
    page.evaluate("document.querySelector('#progress [data-most]').dataset.most = 1000")
    (tmp_path / "one.txt").write_text("One " * 200)
    (tmp_path / "other.txt").write_text("Other " * 200)
    hand_in(page, tmp_path / "one.txt", tmp_path / "other.txt")
    problem = page.locator("#progress .problem")
    problem.wait_for()
    assert problem.inner_text().startswith("Together these files have 1 MB, and 1 MB are taken at once.")
    assert "The largest is other.txt" in problem.inner_text()
    assert "{" not in page.locator(".toast-body").inner_text()
    assert page.locator("#documents tr[data-name='one.txt']").count() == 0


def test_the_list_keeps_its_filter_after_adding_and_removing(page, tmp_path):
    for name in ("lamp", "lantern"):
        (tmp_path / f"{name}.txt").write_text(f"The {name}\n\nThe {name} at Gull Point was lit by Petra Voss.")
    tab(page, "Documents")
    page.fill(_WORDS, "lantern")
    page.locator("#documents .empty").wait_for()
    hand_in(page, tmp_path / "lamp.txt", tmp_path / "lantern.txt")
    page.locator("#documents tr[data-name='lantern.txt']").wait_for()
    assert page.locator("#documents tbody tr").count() == 1
    remove(page, "lantern.txt")
    page.locator("#documents .empty").wait_for()
    assert page.locator("#documents tbody tr").count() == 0
    page.fill(_WORDS, "lamp")
    page.locator("#documents tr[data-name='lamp.txt']").wait_for()


def choose(page, title):
    page.locator("#scope").get_by_text(re.compile("^Asking")).click()
    page.locator("#scope input").first.click()
    page.locator("#scope [role=option]", has_text=title).click()
    page.keyboard.press("Escape")
    page.locator("#scope", has_text="Asking 1 chosen document").wait_for()


def test_a_chosen_document_that_is_removed_is_no_longer_asked(page, browser, server, tmp_path):
    (tmp_path / "pear.txt").write_text("Pear trees\n\nThe pear orchard of Ivo Blume has 320 trees.")
    hand_in(page, tmp_path / "pear.txt")
    page.locator("#documents tr[data-name='pear.txt']").wait_for()
    tab(page, "Chat")
    choose(page, "Pear trees")
    assert "320" in ask(page, "How many trees has the pear orchard?").inner_text()

    other = opened(browser, server.address)  # somebody else removes it
    tab(other, "Documents")
    other.locator("#documents tr[data-name='pear.txt']").wait_for()
    remove(other, "pear.txt")
    other.context.close()

    turn = ask(page, _FARES)
    told(page, "no longer in the library")
    assert "12 percent" in turn.inner_text()
    assert "Asking all documents" in page.locator("#scope").inner_text()


def test_days_that_cannot_be_are_told(page):
    page.locator("#scope").get_by_text("Asking all documents").click()
    since, until = page.locator("#day-since input").first, page.locator("#day-until input").first
    for text in ("17.07.2025", "2025-13-45"):
        since.fill(text)
        since.press("Enter")
        assert f"“{text}” is not a day: use YYYY-MM-DD" in page.locator("#day-since .problem").inner_text()
    since.fill("2025-07-17")
    since.press("Enter")
    page.locator("#scope", has_text="Asking all documents · from 2025-07-17").wait_for()
    assert page.locator("#day-since .problem").count() == 0
    until.fill("2024-01-01")
    until.press("Enter")
    told(page, "From 2025-07-17 until 2024-01-01 there is no day.")
    assert "from 2025-07-17" in page.locator("#scope").inner_text()
    until.fill("2026-01-01")
    until.press("Enter")
    page.locator("#scope", has_text="from 2025-07-17 to 2026-01-01").wait_for()
    assert "None is left to search by what was chosen" in ask(page, _FARES).inner_text()


def test_what_helps_may_have_a_note_and_the_scope_is_kept_with_it(page, server):
    page.locator("#scope").get_by_text("Asking all documents").click()
    as_of = page.locator("#day-as-of input").first
    as_of.fill("2025-12-01")
    as_of.press("Enter")
    page.locator("#scope", has_text="as of 2025-12-01").wait_for()
    turn = ask(page, _FARES)
    turn.get_by_role("button", name="Helpful").click()
    turn.locator(".note input").fill("short and right")
    turn.locator(".note button").click()
    settled(page, 600)
    database = sqlite3.connect(server.library / DATABASE)
    sql = "SELECT verdict, note, scope FROM feedback JOIN turns ON turn = id"
    ((verdict, note, scope),) = database.execute(sql).fetchall()
    database.close()
    assert (verdict, note) == ("good", "short and right")
    assert '"as_of": "2025-12-01"' in scope


def test_what_is_not_kept_cannot_be_judged(page):
    tab(page, "Settings")
    page.get_by_label("Keep conversations").uncheck()
    page.locator("#talks", has_text="not kept").wait_for()
    tab(page, "Chat")
    turn = ask(page, _FARES)
    assert "12 percent" in turn.inner_text()
    assert turn.get_by_role("button", name="Wrong").count() == 0
    tab(page, "Settings")
    page.get_by_label("Keep conversations").check()
    settled(page, 600)
