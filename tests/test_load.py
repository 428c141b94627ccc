"""From a file's bytes to a document: encodings, heads, formats, and a status for all that cannot be read."""

import random
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from index.load import UnreadableFileError, load
from index.load_html import main_text
from index.page_related import drop_related
from rag.types import FileStatus

RUSSIAN = (
    "Токио ответил на заявление Москвы\n\n"
    "Кабинет министров заявил во вторник, что переговоры о мирном договоре начнутся, когда это станет возможно. "
    "Рыбаки Немуро ждут соглашения уже третий год и надеются, что оно будет подписано до начала сезона.\n"
)
FRENCH = (
    "Le traité de paix reste à signer\n\n"
    "Le gouvernement a déclaré mercredi que les négociations reprendront dès que possible. À Genève, le président "
    "a rappelé que la question n'était pas réglée. Où va-t-on ? Ça dépend, répondit l'hôte.\n"
)
POLISH = (
    "Rząd ogłosił we wtorek, że rozmowy o traktacie pokojowym zostaną wznowione. Rybacy czekają już trzeci rok.\n"
)
JAPANESE = (
    "日本政府は火曜日、平和条約に関する交渉は可能になり次第続けると述べた。漁師たちは三年目の春を待っている。\n"
)
ENGLISH = "A headline of four words\n\nThe first sentence of a text that is long enough. And a second one.\n"


PARAGRAPH = (
    "The harbour of the town was opened again on Tuesday after three years in which no boat had left it, "
    "and people came from all the villages of the bay to see the first one go."
)


def read(data, name="sample.txt"):
    return load(Path(name), data if isinstance(data, bytes) else data.encode("utf-8"))


def status_of(data, name="sample.txt"):
    with pytest.raises(UnreadableFileError) as caught:
        read(data, name)
    assert caught.value.reason
    return caught.value.status


# Plain text: encodings


@pytest.mark.parametrize("text", [RUSSIAN, FRENCH, ENGLISH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_each_unicode_encoding_gives_the_same_text(text, encoding):
    assert read(text.encode(encoding)).text == text


def test_utf16_big_endian_with_its_mark():
    assert read(b"\xfe\xff" + RUSSIAN.encode("utf-16-be")).text == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (FRENCH, "latin-1"), (POLISH, "cp1250"), (JAPANESE, "shift_jis")],
)
def test_one_byte_encodings_are_recognised(text, encoding):
    assert read(text.encode(encoding)).text == text


def test_line_ends_and_invisible_characters_are_made_plain():
    assert (
        read("One two three.\r\nFo\u00adur\u200b\u00a0five.\rSix.\n").text == "One two three.\nFour five.\nSix.\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(1).randbytes(500),
        random.Random(2).randbytes(3000),
        random.Random(3).randbytes(3000).replace(b"\0", b"\1"),
        b"\x01\x02word\x03\x04\x05" * 40,
        b"\xff\xfe" + b"\x01\x00\x02\x00" * 50,
        b"\xff\xfeodd",
        b"\0" * 50,
    ],
)
def test_binary_bytes_with_a_text_name_fail(data):
    assert status_of(data) is FileStatus.FAILED


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.pdf"])
@pytest.mark.parametrize("data", [b"", b" \n\t\r\n"])
def test_a_file_of_nothing_is_empty(data, name):
    assert status_of(data, name) is FileStatus.EMPTY


def test_marks_without_a_word_are_no_text():
    assert status_of("... --- !!!\n***\n") is FileStatus.NO_TEXT


@pytest.mark.parametrize("name", ["a.odt", "a", "a.txt.gz"])
def test_an_unknown_ending_is_unsupported(name):
    assert status_of(b"words", name) is FileStatus.UNSUPPORTED


def test_endings_are_read_in_any_case():
    assert read(ENGLISH, "A.TXT").media_type == "text/plain"


def test_the_hash_is_that_of_the_bytes():
    assert read(b"one two").sha256 == "8ab63e29a4ba14e4e1688f9c15e5af90895421358c945b0431f85d66977bd3d2"


# Plain text: lines


def test_hard_wrapped_lines_are_joined():
    lines = "word " * 14
    text = read(f"{lines.strip()}\n{lines.strip()}\nlast words here\n\nA new paragraph\n").text
    assert text == f"{lines}{lines}last words here\n\nA new paragraph\n"


def test_a_word_divided_at_a_line_end_is_joined():
    text = "The fishermen of the town had waited for three years until the agree-\nment came.\n"
    assert read(text).text == "The fishermen of the town had waited for three years until the agreement came.\n"


def test_the_rows_of_a_table_keep_their_lines():
    row = "Roof of the rear building, 84 square metres of tiles     {} EUR"
    rows = "\n".join([row.format("6,720.00"), row.format("2,310.00"), row.format("11,864.30")])
    assert read(f"{rows}\n").text == f"{rows}\n"


def test_bullets_and_short_lines_keep_their_lines():
    long = "a line of words that is long enough to have been wrapped by hand"
    for text in (f"{long}\n- {long}\n* {long}\n1. {long}\n", f"short\n{long}\n", "short lines\nof a poem\n"):
        assert read(text).text == text


def test_wide_lines_were_not_wrapped_and_stay():
    wide = f"{'word ' * 60}end.\n{'word ' * 60}end.\n"
    assert read(wide).text == wide
    wrapped = f"{('word ' * 14).strip()}\n" * 20
    assert read(f"{wrapped}\n{wide}").text.endswith(f"\n\n{wide}")


# Plain text: head


def test_title_byline_and_dateline_are_read():
    document = read(
        "Harbour reopens after three years\nBy Ann Writer | 3 min read\n21 October 2025, 09:30\n\nIt is open."
    )
    assert (document.title, document.author) == ("Harbour reopens after three years", "Ann Writer")
    assert document.published == date(2025, 10, 21)


def test_russian_byline_and_date_are_read():
    document = read(
        "Порт снова открыт для рыбаков\n\nАвтор: Лариса Жмакина\n\n21 октября 2025 года\n\nПорт открыт."
    )
    assert (document.author, document.published) == ("Лариса Жмакина", date(2025, 10, 21))


def test_what_the_head_does_not_say_stays_unknown():
    document = read("Harbour reopens after three years\n\nThe harbour was built in 1956 by many people.")
    assert (document.author, document.published, document.outlet) == (None, None, None)


def test_without_a_headline_the_first_sentence_is_the_title():
    assert read("The harbour was open again. Boats came.").title == "The harbour was open again."


def test_a_long_first_sentence_is_shortened_at_a_word():
    text = f"{'harbour ' * 40}was open."
    title = read(text).title
    assert title.endswith(" …")
    assert text.startswith(title.removesuffix("…"))
    assert len(title) < 110


def test_the_name_of_the_file_gives_title_and_date_where_the_text_has_none():
    document = read("Yes.", "2025_10_21-harbour_report.txt")
    assert (document.title, document.published) == ("2025 10 21 harbour report", date(2025, 10, 21))


@pytest.mark.parametrize(
    ("head", "title", "outlet", "author"),
    [
        (
            "Tide Notes > Coast > Harbours\nHarbour reopens after three years\nBy Ann van Writer, Nemuro",
            "Harbour reopens after three years",
            "Tide Notes",
            "Ann van Writer",
        ),
        (
            "THE TIDE NOTES\n21 October 2025\nColumn: From the pier\nAnn Writer\n\nThe harbour nobody knows",
            "The harbour nobody knows",
            "THE Tide Notes",
            "Ann Writer",
        ),
        (
            "- News\n- Harbour opens\nНовости порта\n21 октября 2025\nТекст: Анна Перова\n\nHarbour opens again",
            "Harbour opens again",
            "Новости порта",
            "Анна Перова",
        ),
        ("Harbour reopens after years\n21 October 2025 | Ann Writer", "Harbour reopens after years", None, None),
        ("Home / Coast\n2 min read\nHarbour reopens after years", "Harbour reopens after years", None, None),
        (
            "A book about the harbour\nPublished by Norrby Press, 3 May 1998",
            "A book about the harbour",
            None,
            None,
        ),
        (
            "A story of the harbour\nPublished by Ann Writer, 3 May 1998",
            "A story of the harbour",
            None,
            "Ann Writer",
        ),
        (
            "Hotel at the harbour\nReviewed by Ann Writer on 21 October 2025",
            "Hotel at the harbour",
            None,
            "Ann Writer",
        ),
        ("World Press Freedom Day\nOslo, Norway", "World Press Freedom Day", None, None),
        ("(translated from the Portuguese)\nHarbour opens at last", "Harbour opens at last", None, None),
        ("Share: X, Mail\nNo time to read?\nHarbour opens at last", "Harbour opens at last", None, None),
    ],
)
def test_the_head_names_title_outlet_and_author_or_they_stay_unknown(head, title, outlet, author):
    document = read(f"{head}\n\n{PARAGRAPH}\n\n{PARAGRAPH}\n")
    assert (document.title, document.outlet, document.author) == (title, outlet, author)


@pytest.mark.parametrize(
    ("head", "title", "outlet"),
    [
        (
            "The Gull Post\nWeather 12 degrees\nPier gets new planks\n3 March 2024",
            "Pier gets new planks",
            "The Gull Post",
        ),
        ("The Gull Post\n\nPier gets new planks", "Pier gets new planks", None),
        ("Almond cake\n\nIngredients\n200 g almonds\n3 eggs", "Almond cake", None),
        ("MEMO\nFrom: Jonas Beck\nDate: 4 June 2018", PARAGRAPH[:40], None),
    ],
)
def test_the_title_is_the_line_above_the_day_and_no_name_of_a_paper(head, title, outlet):
    document = read(f"{head}\n\n{PARAGRAPH}\n\n{PARAGRAPH}\n")
    assert document.title.startswith(title)
    assert document.outlet == outlet


def test_the_agency_of_a_dateline_is_the_outlet():
    assert read(f"Harbour opens at last\n\nTOKYO, Oct. 21, 2025 (Kyodo) -- {PARAGRAPH}").outlet == "Kyodo"
    assert read(f"Harbour opens at last\n\nMOSCOW (Reuters) - {PARAGRAPH}").outlet == "Reuters"
    assert read(f"Harbour opens at last\n\nNemuro (Hokkaido) has a harbour. {PARAGRAPH}").outlet is None


def test_a_day_that_is_still_to_come_is_that_of_an_event():
    assert read(f"Harbour opens at last\n21 October 2099\n\n{PARAGRAPH}").published is None


def test_lines_that_are_paragraphs_are_not_joined_to_the_labels_between_them():
    said = "The library at the old bridge gets a new roof, which is paid for by the town itself, since May."
    text = f"{said}\n{said[:-6]}.\n{said[:-1]}, too.\nRead also: Mayor of Tromsdal resigns after scandal\n{said}\n"
    assert read(text).text.count("\n") == 5
    wrapped = "The library gets a roof, which is to be paid for\nby the town. It is to be ready soon, so\nin May."
    assert "\n" not in read(wrapped).text


def test_labels_above_long_paragraphs_are_not_joined():
    labels = (
        "Previous Article and its teaser\nLighthouse keeper wins the lottery twice\nNext Article and its teaser"
    )
    assert labels in read(f"{PARAGRAPH}\n\n{PARAGRAPH}\n\n{labels}\n").text


# Markdown


def test_front_matter_is_read_and_leaves_the_text():
    document = read(
        "---\nTitle: Harbour reopens\nauthors: [Ann Writer, Bo Reader]\nsource: Tide Notes\ndate: 2025-10-21\n"
        "lang: en\n---\n\n# Another heading\n\nThe harbour is open.\n",
        "a.md",
    )
    assert (document.title, document.author) == ("Harbour reopens", "Ann Writer, Bo Reader")
    assert (document.outlet, document.language, document.published) == ("Tide Notes", "en", date(2025, 10, 21))
    assert document.text == "Another heading\n\nThe harbour is open."


@pytest.mark.parametrize("day", ["2025-10-21T09:30:00", '"21 October 2025"', "21.10.2025", "2025-10-21 09:30:00Z"])
def test_front_matter_dates_in_each_form(day):
    assert read(f"---\npublished: {day}\n---\nThe harbour is open.", "a.md").published == date(2025, 10, 21)


@pytest.mark.parametrize(
    "yaml",
    [
        "a: [",
        "date: 2024-02-31",
        "n: 0x_",
        "just a line",
        "t: !!python/object/apply:os.system [ls]",
        "x: " + "[" * 2000,
    ],
)
def test_malformed_front_matter_is_kept_as_text(yaml):
    document = read(f"---\n{yaml}\n---\n\n# The heading\n\nThe harbour is open.\n", "a.md")
    assert yaml[:20] in document.text
    assert document.text.endswith("The harbour is open.")
    assert document.title == "The heading"


@pytest.mark.parametrize(
    "text",
    [
        "# The *first* [heading](x) #\n\nText.",
        "The first heading\n=====\n\nText.",
        "```\n# no heading\n```\n\n## The first heading\n",
        "Text before.\n\n# The first heading\n\n# The second heading",
    ],
)
def test_the_first_heading_is_the_title(text):
    assert read(text, "a.md").title == "The first heading"


def test_links_and_html_become_words_images_go_code_stays():
    text = read(
        "Read [the notes](http://a.b) on **boats**\nand `code`.\n\n![picture](x.png)\n\n<div>raw</div>\n\n"
        "```python\nprint(1)\n\nprint(2)\n```\n\n- one\n- two\n\n| h | i |\n|---|---|\n| cell | 7 |\n",
        "a.md",
    ).text
    assert (
        text
        == "Read the notes on boats and code.\n\nraw\n\nprint(1)\n\nprint(2)\n\none\n\ntwo\n\nh | i\n\ncell | 7"
    )


def test_html_in_markdown_keeps_its_words():
    text = read(
        "# Prices\n\n<!-- draft -->\n<table><tr><td>Hemp rope</td><td>77 euros</td></tr></table>\n\n"
        "<details><summary>Guild</summary>Members pay <b>10 percent</b> less.</details>\n",
        "a.md",
    ).text
    assert "Hemp rope | 77 euros" in text
    assert "Members pay 10 percent less." in text
    assert "draft" not in text


def test_a_title_never_holds_what_cannot_be_stored():
    document = read('---\ntitle: "two\\nlines \\ud800"\n---\nThe harbour is open.', "a.md")
    assert document.title == "two lines"


# Web pages


def page(head="", *, body="", language=' lang="en"'):
    story = f"<p>{PARAGRAPH}</p><p>The mayor spoke for a quarter of an hour, which nobody had asked for.</p>"
    return (
        f"<!doctype html><html{language}><head><title>Harbour reopens</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a> <a href='/sport'>Sportpage</a></nav><article><h1>Harbour reopens</h1>"
        f"{story}{body}</article><aside class='related'><h3>Read also</h3><a href='/x'>Goat wins</a></aside>"
        "<footer>Copyright by Tide Notes</footer></body></html>"
    )


def test_a_page_gives_its_main_text_only():
    document = read(page(), "a.html")
    assert PARAGRAPH in document.text
    assert "The mayor spoke" in document.text
    for noise in ("Sportpage", "Goat", "Copyright", "<p>"):
        assert noise not in document.text
    assert (document.title, document.language, document.media_type) == ("Harbour reopens", "en", "text/html")


JSON_LD = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
    '"headline": "Harbour reopens", "datePublished": "2025-10-21T09:30:00+09:00", "dateModified": "2025-10-24",'
    '"author": {"@type": "Person", "name": "Ann Writer"}, "publisher": {"@type": "Organization",'
    '"name": "Tide Notes"}}</script>'
)
OPEN_GRAPH = (
    '<meta property="og:title" content="Harbour reopens"><meta property="og:site_name" content="Tide Notes">'
    '<meta name="author" content="Ann Writer">'
    '<meta property="article:published_time" content="2025-10-21T09:30:00Z">'
)


@pytest.mark.parametrize("head", [JSON_LD, OPEN_GRAPH])
def test_what_a_page_states_about_itself_is_read(head):
    document = read(page(head), "a.html")
    assert (document.title, document.outlet, document.author) == ("Harbour reopens", "Tide Notes", "Ann Writer")
    assert document.published == date(2025, 10, 21)


def test_links_to_other_articles_are_not_in_the_text():
    body = (
        "<p>Read more: <a href='/1'>Whale counts itself in Oslo fjord</a></p>"
        "<ul><li><a href='/2'>Old pier sold for one crown</a></li>"
        "<li><a href='/3'>Ferry is late once again</a></li></ul>"
        "<p>The mayor's <a href='/4'>speech of the day before the opening</a> was shorter, people said.</p>"
    )
    text = read(page(body=body), "a.html").text
    assert "speech of the day before" in text
    for noise in ("Whale", "pier sold", "Ferry"):
        assert noise not in text


def test_a_page_of_links_keeps_them():
    items = (f"<li><a href='/{n}'>Source number {n} on the long history of harbours</a></li>" for n in range(30))
    tree = document_fromstring(page(body=f"<ul>{''.join(items)}</ul>"))
    drop_related(tree)
    assert "Source number 7 on" in tree.text_content()


def test_main_text_leaves_out_the_title_and_notices():
    body = "<p>Subscribe to our newsletter and get all of it in your inbox, every day of the week.</p>"
    text = main_text(page(body=body).encode())
    assert PARAGRAPH in text
    assert "Subscribe" not in text
    assert "Harbour reopens" not in text
    assert main_text(b"<html></html>") == ""


@pytest.mark.parametrize(
    "markup",
    [
        '<meta property="article:modified_time" content="2025-10-24"><p class="date">21 October 2025</p>',
        '<meta property="article:published_time" content="2025-10-20T22:30:00Z"><p>Dienstag, 21. Oktober 2025</p>',
        '<time datetime="2025-10-21T09:30">this morning</time>',
        f"<small>This entry was posted on October 21st, 2025 at 9:30 and filed under {'Ports, ' * 9}</small>",
        f"<small>Dieser Beitrag wurde am 21. Oktober 2025 um 9:30 veröffentlicht, unter {'Häfen, ' * 9}</small>",
    ],
)
def test_the_published_date_is_the_one_that_the_reader_sees(markup):
    assert read(page(body=markup), "a.html").published == date(2025, 10, 21)


@pytest.mark.parametrize(
    "markup",
    [
        "<footer>© 2021 Tide Notes</footer>",
        "<p>The declaration that ended the war was signed on 19 October 2011 by both of the ministers.</p>",
        '<meta property="article:published_time" content="2099-10-21">',
        "<p>The report on the harbour and its ferries was published on 19 October 2011 by the ministry.</p>",
        '<div id="cookie"><p>Privacy policy of 25 May 2018</p></div>',
        '<ol class="comments"><li>Ann, 9 July 2021</li></ol>',
        "<p>Published 03/04/2020</p>",  # nobody knows which is the month
    ],
)
def test_a_year_a_day_of_the_story_and_a_day_to_come_are_no_published_date(markup):
    assert read(page(body=markup), "a.html").published is None


@pytest.mark.parametrize(
    "beside",
    [
        '<div class="sidebar"><p>Goat wins the lottery</p><p>2 June 2023</p></div>',
        "<p>Page generated 25 May 2024</p>",
        "<p>{today:%d %B %Y}</p>",
    ],
)
def test_a_day_beside_the_article_is_that_of_something_else(beside):
    outside = page().replace("<aside", f"{beside.format(today=datetime.now(UTC))}<aside")
    assert read(outside, "a.html").published is None


@pytest.mark.parametrize(
    ("language", "day"), [("en-US", date(2020, 3, 4)), ("en-GB", date(2020, 4, 3)), ("de", date(2020, 4, 3))]
)
def test_the_order_of_day_and_month_is_that_of_the_language(language, day):
    data = page(body="<p>Published 03/04/2020</p>", language=f' lang="{language}"')
    assert read(data, "a.html").published == day


@pytest.mark.parametrize("site", ["https://www.tidenotes.example", "tidenotes.example"])
def test_an_address_is_an_outlet_where_nothing_names_it(site):
    head = f'<meta property="og:site_name" content="{site}">'
    assert read(page(head), "a.html").outlet == "tidenotes.example"


def test_a_page_that_states_nothing_stays_unknown():
    document = read(page(language=""), "a.html")
    assert (document.outlet, document.author, document.published) == (None, None, None)


def test_a_page_in_another_encoding_is_read():
    body = f"<p>{RUSSIAN}</p>"
    data = page('<meta charset="windows-1251">', body=body, language=' lang="ru"').encode("cp1251")
    assert "Рыбаки Немуро ждут" in read(data, "a.htm").text


@pytest.mark.parametrize(
    "data", [b"<html><body></body></html>", b"<html><head><title>T</title>", b"<", b"\0\1\2" * 50]
)
def test_a_page_without_main_text_is_no_text(data):
    assert status_of(data, "a.html") is FileStatus.NO_TEXT


# PDF


def pdf(*pages, **info):
    """Return a PDF with a line of text on each page; an empty line makes a page with a picture of nothing."""
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for key, value in info.items():
        getattr(canvas, f"set{key.title()}")(value)
    for text in pages:
        if text:
            canvas.drawString(72, 700, text)
        else:
            canvas.rect(72, 500, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def changed(data, change):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    change(writer)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def test_each_page_is_a_span_of_the_text():
    document = read(pdf("First page here.", "", "Third page here."), "a.pdf")
    texts = [document.text[page.start : page.end] for page in document.pages]
    assert texts == ["First page here.", "", "Third page here."]
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert document.page_at(document.text.index("Third")).number == 3


def test_pages_carry_the_label_that_is_printed_on_them():
    def number_in_roman(writer):
        writer.set_page_label(0, 1, style="/r")
        writer.set_page_label(2, 2, style="/D", start=17)

    labelled = changed(pdf("One page.", "Two pages.", "Three pages."), number_in_roman)
    assert [page.label for page in read(labelled, "a.pdf").pages] == ["i", "ii", "17"]


def test_the_pdf_states_title_author_and_date():
    data = changed(
        pdf("Some words.", title="Harbour report", author="Ann Writer"),
        lambda writer: writer.add_metadata({"/CreationDate": "D:20251021093000+09'00'"}),
    )
    document = read(data, "a.pdf")
    assert (document.title, document.author) == ("Harbour report", "Ann Writer")
    assert document.published == date(2025, 10, 21)


@pytest.mark.parametrize(
    ("line", "made", "published"),
    [
        ("OSLO, 3 May 2021 - The harbour is open again.", "D:20251021093000", date(2021, 5, 3)),
        ("OSLO, 3 May 2021 - The harbour is open again.", None, date(2021, 5, 3)),
        ("The harbour is open again, said the mayor.", "D:20251021093000", date(2025, 10, 21)),
        ("The harbour was closed on 3 May 2021 by the mayor.", None, None),
    ],
)
def test_a_dateline_of_a_pdf_counts_before_the_day_on_which_the_file_was_made(line, made, published):
    def make(writer):
        writer.metadata = None
        if made:
            writer.add_metadata({"/CreationDate": made})

    assert read(changed(pdf(line), make), "a.pdf").published == published


def test_the_day_that_a_browser_prints_above_a_pdf_is_that_of_the_printing():
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for at, line in enumerate(("21.10.2025, 09:30", "OSLO, 3 May 2021 - The harbour is open again.")):
        canvas.drawString(72, 700 - 60 * at, line)
    canvas.save()
    made = {"/CreationDate": "D:20251021093000"}
    printed = changed(file.getvalue(), lambda writer: writer.add_metadata(made))
    assert read(printed, "a.pdf").published == date(2021, 5, 3)


@pytest.mark.parametrize("title", ["untitled", "", "Microsoft Word - report.docx"])
def test_a_title_a_program_made_up_is_not_used(title):
    assert (
        read(pdf("The harbour report of this year", title=title), "a.pdf").title
        == "The harbour report of this year"
    )


def test_a_pdf_with_a_password_is_encrypted():
    locked = changed(pdf("Secret words."), lambda writer: writer.encrypt("user", "owner", algorithm="RC4-128"))
    assert status_of(locked, "a.pdf") is FileStatus.ENCRYPTED


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_anybody_may_open_is_read(algorithm):
    opened = changed(pdf("Open words."), lambda writer: writer.encrypt("", "owner", algorithm=algorithm))
    assert read(opened, "a.pdf").text == "Open words."


def test_scanned_pages_are_no_text():
    assert status_of(pdf("", ""), "a.pdf") is FileStatus.NO_TEXT


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"not a pdf at all", b"\0" * 100, ENGLISH.encode()])
def test_what_is_no_pdf_fails(data):
    assert status_of(data, "a.pdf") is FileStatus.FAILED


def test_a_pdf_cut_off_in_its_first_half_fails():
    data = pdf("First page here.", "Second page here.")
    assert status_of(data[: len(data) // 3], "a.pdf") is FileStatus.FAILED


# Whatever the bytes are


def read_or_refuse(data, name):
    try:
        document = read(data, name)
    except UnreadableFileError as error:
        assert error.status is not FileStatus.READY
        return
    document.text.encode("utf-8")
    document.title.encode("utf-8")
    assert all(0 <= page.start <= page.end <= len(document.text) for page in document.pages)


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf"]))
def test_no_bytes_break_a_loader(data, name):
    read_or_refuse(data, name)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_no_front_matter_breaks_the_loader(text):
    read_or_refuse(f"---\n{text}\n---\nwords".encode("utf-8", "replace"), "a.md")


def test_no_damage_to_a_pdf_breaks_the_loader():
    chance = random.Random(5)
    whole = pdf("First page here.", "Second page here.", title="Harbour report")
    for _ in range(600):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 4, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        read_or_refuse(bytes(damaged[: chance.choice((None, chance.randrange(1, len(damaged))))]), "a.pdf")
