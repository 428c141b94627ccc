"""Mail messages: who wrote what to whom and when, in every encoding that mail programs use."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load import UnreadableFileError, load
from rag.types import FileStatus

HEAD = b"From: Ann Writer <ann@example.org>\nSubject: Harbour news\nDate: Tue, 21 Oct 2025 09:30:00 +0900\n"


def read(data, name="sample.eml"):
    return load(Path(name), data)


def message(text="The harbour is open.", **headers):
    made = EmailMessage()
    for name, value in {"From": "Ann Writer <ann@example.org>", "Subject": "Harbour news", **headers}.items():
        made[name] = value
    made.set_content(text)
    return made


def test_headers_say_who_what_and_when():
    document = read(HEAD + b"\nThe harbour is open.\n")
    assert (document.title, document.author) == ("Harbour news", "Ann Writer")
    assert document.published == date(2025, 10, 21)  # in the sender's time zone
    assert (document.text, document.media_type) == ("The harbour is open.", "message/rfc822")


def test_who_was_written_to_is_part_of_the_text():
    made = message(To="Bob Reader <bob@example.org>, carol@example.org", Cc="Dan <dan@example.org>")
    assert read(made.as_bytes()).text == "To: Bob Reader, carol@example.org\nCc: Dan\n\nThe harbour is open."


def test_encoded_headers_are_read():
    data = (
        b"From: =?utf-8?q?J=C3=A9r=C3=B4me?= <j@example.org>\nSubject: =?windows-1251?B?z/Do4uXy?= harbour\n"
        b"\nThe harbour is open.\n"
    )
    assert (read(data).title, read(data).author) == ("Привет harbour", "Jérôme")


def test_what_is_not_stated_stays_unknown():
    document = read(b"Subject: Harbour news\n\nThe harbour is open.\n")
    assert (document.author, document.published) == (None, None)


@pytest.mark.parametrize("day", ["yesterday", "Tue, 99 Oct 2025 09:30:00", "", "0"])
def test_a_date_that_is_none_stays_unknown(day):
    assert read(f"From: a@b.org\nDate: {day}\n\nThe harbour is open.".encode()).published is None


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "café".encode(), "café"),
        ("iso-8859-1", b"caf\xe9 \x80 5", "café € 5"),
        ("us-ascii", "The café by the harbour".encode(), "The café by the harbour"),
        ("koi8-r", "Рыбаки ждут".encode("koi8-r"), "Рыбаки ждут"),
        ("iso-2022-jp", "漁師たちは".encode("iso-2022-jp"), "漁師たちは"),
        ("utf-8", "Le café où l'hôte répondit à Genève".encode("cp1252"), "Le café où l'hôte répondit à Genève"),
        ("x-unknown", b"The harbour is open.", "The harbour is open."),
    ],
)
def test_each_character_set_is_read_also_where_it_is_not_the_stated_one(charset, data, text):
    head = HEAD + f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    assert read(head + data).text == text


def test_of_two_versions_the_plain_one_is_read():
    made = message("The plain words.")
    made.add_alternative("<p>The <b>other</b> words.</p>", subtype="html")
    assert read(made.as_bytes()).text == "The plain words."


def test_an_html_message_keeps_all_its_words_in_lines():
    html = (
        "<html><head><style>p {color: red}</style><title>t</title></head><body><p>The <b>harbour</b>\nis open.</p>"
        "<ul><li>boats<li>nets</ul><table><tr><td>2024<td>17</tr></table><blockquote><p>When?</p></blockquote>"
        "<script>alert(1)</script>Fish &amp; chips<br>for all</body></html>"
    )
    made = EmailMessage()
    made["From"] = "ann@example.org"
    made.set_content(html, subtype="html")
    assert read(made.as_bytes()).text == (
        "The harbour is open.\n- boats\n- nets\n2024 | 17\n> When?\nFish & chips\nfor all"
    )


def test_words_after_tables_without_an_end_are_kept():
    tables = b"Before.<table><tr><td>one<table><tr><td>two<p>three" + b"<table><tr><td>" * 1000 + b"after"
    text = read(HEAD + b"Content-Type: text/html\n\n" + tables).text
    assert text == "Before.\none\ntwo\nthree\nafter"


@pytest.mark.parametrize("plain", ["", "Please view this message in a program that shows HTML."])
def test_a_plain_part_that_says_nothing_gives_way_to_the_page(plain):
    made = message(plain)
    said = (
        "The spinet weighs 31 kilos and costs 1,900 euros, and the bench is a gift of ours. It was built in 1742."
    )
    made.add_alternative(f"<html><body><p>{said}</p></body></html>", subtype="html")
    assert said in read(made.as_bytes()).text
    made = message(said)
    made.add_alternative(f"<html><body><p>{said} Unsubscribe</p></body></html>", subtype="html")
    assert "Unsubscribe" not in read(made.as_bytes()).text


@pytest.mark.parametrize("day", ["Thu, 1 Jan 1970 00:00:00 +0000", "Thu, 1 Jan 2099 00:00:00 +0000"])
def test_a_clock_that_was_never_set_tells_no_day(day):
    assert read(f"From: a@b.org\nDate: {day}\n\nThe harbour is open.".encode()).published is None


def test_attachments_are_named_and_not_read():
    made = message()
    made.add_attachment(b"secret words", maintype="application", subtype="pdf", filename="plan für 2025.pdf")
    made.add_attachment("secret text", filename="notes.txt")
    inner = EmailMessage()
    inner["Subject"] = "Earlier message"
    inner.set_content("secret mail")
    made.add_attachment(inner)
    text = read(made.as_bytes()).text
    assert text == "The harbour is open.\n\nAttachments: plan für 2025.pdf, notes.txt, Earlier message"


def test_quoted_replies_and_signatures_stay_on_lines_of_their_own():
    body = (
        "The harbour opens on Tuesday at nine in the morning, as the mayor said in\nthe letter of last week.\n\n"
        "On Monday, Bob wrote:\n> When does it open? I would like to know that before I make my\n"
        "> plans for the week.\n\n-- \nAnn\n"
    )
    lines = read(message(body).as_bytes()).text.split("\n")
    assert lines[0].endswith("said in the letter of last week.")
    assert lines[3:5] == [
        "> When does it open? I would like to know that before I make my",
        "> plans for the week.",
    ]
    assert lines[-2:] == ["--", "Ann"]


def test_flowed_lines_are_joined():
    made = message("The harbour \nopens.\n> When \n> does it?\n>> Now \n> Never.\n-- \nAnn\n")
    made.set_param("format", "flowed")
    assert read(made.as_bytes()).text == "The harbour opens.\n> When does it?\n>> Now\n> Never.\n--\nAnn"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"no headers at all, only words", FileStatus.FAILED),
        (b"\0\1\2" * 50, FileStatus.FAILED),
        (b"From: a@b.org\n\n", FileStatus.NO_TEXT),
        (
            b"From: a@b.org\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--",
            FileStatus.ENCRYPTED,
        ),
        (b"From: a@b.org\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nMIIB", FileStatus.ENCRYPTED),
    ],
)
def test_what_cannot_be_read_has_a_status(data, status):
    with pytest.raises(UnreadableFileError) as caught:
        read(data)
    assert caught.value.status is status


def test_parts_within_parts_without_end_fail():
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    with pytest.raises(UnreadableFileError):
        read(b"From: a@b.org\n" + parts + b"\n\nwords")


PIECES = b"""From: |Subject: |Date: |To: |Content-Type: multipart/mixed; boundary=b\n|\n--b\n|--b--|\n\n|a@b <c>
|Content-Type: multipart/alternative\n|Content-Type: text/html; charset=|utf-7\n|Content-Type: message/rfc822\n
|words|Content-Transfer-Encoding: base64\n|Content-Disposition: attachment; filename*=x''%ff\n
|=?utf-8?b?/w==?=|<td></tr><li>|,;:
""".split(b"|")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=25))
def test_no_message_breaks_the_loader(pieces):
    try:
        document = read(b"From: x\n" + b"".join(pieces))
    except UnreadableFileError as error:
        assert error.status is not FileStatus.READY
    else:
        (document.text + document.title + (document.author or "")).encode()
