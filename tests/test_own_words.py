"""What an author says in their own person is theirs, and nobody else's words are."""

from dataclasses import replace
from datetime import date

import pytest

from index.own_words import own_words
from index.signature import signed_by
from index.speech import attributions
from rag.answerable import in_form_first, unanswered
from rag.asked import analyse
from rag.evidence import candidates_in, quote_of
from rag.parts import Limits
from rag.speakers import attributed, is_own, speaker_of, speaks_of_self, told
from rag.text import sentences
from rag.titles import called
from rag.types import Document, Hit, Passage, Source

LETTER = (
    "Dear Ms Brandt,\n\n"
    "I will pay for the pump myself. The deposit is returned within six weeks.\n\n"
    "Mr Pohl said that he looked at it. Did he call you?\n\n"
    "Kind regards,\nHenrik Sandvik"
)


def document(text, *, author="Ann Ito", outlet=None):
    return Document("0" * 64, text, "A letter", "text/plain", outlet, author, date(2025, 2, 3))


def own(text, **known):
    one = document(text, **known)
    return [text[said.start : said.end] for said in own_words(one, attributions(text))]


def hit(text, *, author="Henrik Sandvik", outlet=None):
    one = document(text, author=author, outlet=outlet)
    said = attributions(text)
    source = Source(1, ("a.txt",), (), one.title, outlet, author, one.published, None, ())
    passage = Passage(1, 1, 0, len(text), text)
    return Hit(passage, source, 1.0, 1.0, 0.0, attributions=(*said, *own_words(one, said)))


def quotes(text, **known):
    return [quote_of(0.9, one) for one in candidates_in([hit(text, **known)])]


def test_all_sentences_of_a_letter_are_its_author_s_but_for_what_others_say_and_what_is_asked():
    assert own(LETTER) == ["I will pay for the pump myself.", "The deposit is returned within six weeks."]
    assert own(LETTER.partition("Kind regards")[0], author=None) == []


def test_of_what_an_outlet_prints_only_what_speaks_of_me_is_the_author_s():
    text = "The pier is old. I walked on it. We are 200 here. My friend, Bo Lind, counts 40 piers."
    assert own(text, outlet="Tide Notes") == ["I walked on it.", "My friend, Bo Lind, counts 40 piers."]


def test_a_text_that_speaks_of_nobody_has_no_voice():
    assert own("The pier is old. It was built in 1902.") == []


@pytest.mark.parametrize(
    "text",
    [
        '"I have told the board. I will not stay," said Bo Lind.',
        "'I will not stay,' he shouted.",
        "Bo Lind: I built it.\nAsker: How long did it take?\nBo Lind: I took two years.",
        "Bo Lind:\nI built it.\nAsker:\nHow long did it take?\nBo Lind:\nI took two years.",
        "Why did you leave?\n\nI wanted to see the sea.\n\nI also needed money.",
        "In his statement Lind writes:\n\nI have never seen the pier.",
        '"I am tired. I have built it for ten years.\n\nI will not stay," said Lind.',
        "— I will not go.",
        "> I will come on Monday.",
        "I think so",
        "The coal mine was closed in 1994.",
        "World War I began in 1914. Nicholas I ruled Russia.",
        "He lives in Portland, ME, with two dogs.",
        "The caption reads “My pier” in red.",
    ],
)
def test_where_somebody_else_may_be_i_nobody_is_named(text):
    assert own(text, outlet="Tide Notes") == []


@pytest.mark.parametrize(
    "text",
    ["The US imposed tariffs. The pier is old.", "Contact us for more information. The pier is old."],
)
def test_a_text_is_its_author_s_where_it_speaks_of_me_or_we(text):
    assert own(text) == []
    assert len(own(f"{text} We built it.")) == 3


def test_an_address_has_no_voice_and_other_languages_are_not_read():
    assert own("I will pay.", author="a.ito@example.org") == []
    swedish = replace(document("Båten ligger i hamnen. I morgon seglar den."), language="sv")
    assert own_words(swedish, []) == []


def test_the_properties_of_a_file_are_not_who_says_we():
    pdf = replace(document("We, the undersigned, agree. The term is three months."), media_type="application/pdf")
    assert own_words(pdf, []) == []
    assert len(own_words(replace(pdf, text=f"{pdf.text} I paid it."), [])) == 3
    signed = f"{pdf.text}\n\nYours sincerely,\nHenrik Sandvik"
    assert {one.speaker for one in own_words(replace(pdf, text=signed), [])} == {"Henrik Sandvik"}


INTERVIEW = (
    "Agnes Kroll has run the bakery for years.\n\n**Mrs Kroll, why do you stop?**\n\nI am 64. My back hurts.\n\n"
    "**What has changed?**\n\nI pay more for power. Nobody helps.\n\nThe town hall says that it offered a grant."
)


def test_a_russian_interview_is_not_who_asks():
    text = "Почему вы ушли?\n\nЯ хотел видеть море.\n\nЯ устал от города.\n\nЧто дальше?\n\nЯ купил лодку."
    russian = replace(document(text, outlet="Вестник"), language="ru")
    assert own_words(russian, []) == []


@pytest.mark.parametrize("outlet", [None, "Tide Notes"])
def test_in_an_interview_who_is_addressed_is_the_one_who_answers(outlet):
    found = own_words(document(INTERVIEW, outlet=outlet), attributions(INTERVIEW))
    told = [(one.speaker, INTERVIEW[one.start : one.end]) for one in found]
    said = ["I am 64.", "My back hurts.", "I pay more for power.", "Nobody helps."]
    assert told == [("Agnes Kroll", one) for one in said]
    unasked = f"{INTERVIEW}\n\nThe mayor came, you say.\n\nHe offered me nothing."
    found = own_words(document(unasked, outlet=outlet), attributions(unasked))
    assert not any(one.start > len(INTERVIEW) for one in found)
    unnamed = INTERVIEW.replace("Mrs Kroll, why", "Why")
    assert own_words(document(unnamed, outlet=outlet), attributions(unnamed)) == []


def test_a_polite_question_does_not_silence_a_letter():
    assert own("How are you?\n\nI will pay for the pump. It is from 2009.") == [
        "I will pay for the pump.",
        "It is from 2009.",
    ]


@pytest.mark.parametrize(
    "above",
    [
        "Von: Bo Lind\nGesendet: 3. Februar 2025\nAn: Ann Ito",
        "From: Bo Lind\nSent: Monday\nTo: Ann Ito\nSubject: The pump",
        "От: Бо Линд\nОтправлено: 3 февраля 2025",
        "Begin forwarded message:",
        "-----Ursprüngliche Nachricht-----",
        "Am Mo., 3. Feb. 2025 um 09:12 Uhr schrieb Bo Lind <bo@lind.example>:",
        "пн, 3 февр. 2025 г. в 09:12, Бо Линд <bo@lind.example>:",
        "Bo Lind <bo@lind.example> wrote on 3 Feb:\n> Hello.",
    ],
)
def test_what_stands_below_the_line_of_another_mail_is_not_its_sender_s(above):
    said = own_words(document(f"I agree to the plan.\n\n{above}\nI cannot pay for the pump."), [])
    mine = [one for one in said if one.speaker == "Ann Ito" and one.start > 25]
    assert above.startswith("Bo Lind") or not mine


MAIL = """I will come.

On Wed, 3 Feb 2025 at 9:12 AM Bo Lind <bo@lind.example> wrote:
> I cannot come on Monday. The car is broken.
>> I asked you twice.
"""


def mail(text):
    one = document(text)
    return [(said.speaker, said.cue, text[said.start : said.end]) for said in own_words(one, attributions(text))]


def test_what_a_mail_answers_to_is_theirs_who_wrote_it():
    mine, *theirs = [
        ("Ann Ito", "", "I will come."),
        ("Bo Lind", "wrote", "I cannot come on Monday."),
        ("Bo Lind", "wrote", "The car is broken."),
    ]
    assert mail(MAIL) == [mine, *theirs]
    assert mail(MAIL.replace(">> I asked you twice.\n", "").replace("\n> ", "\n")) == [mine, *theirs]
    assert mail(f"{MAIL}\nI shall fetch you.\n") == [mine, ("Ann Ito", "", "I shall fetch you."), *theirs]
    assert mail("I will come.\n\n---- Original Message ----\nI cannot come.") == [mine]


def test_a_line_of_a_quoted_mail_is_quoted_without_its_mark():
    texts = [one.text for one in candidates_in([hit(MAIL)])]
    assert "I cannot come on Monday." in texts
    assert not any(text.startswith(">") for text in texts)


def test_an_author_is_given_with_their_words_and_a_sentence_of_it_keeps_its_pronoun():
    first, second, *_ = quotes(LETTER)
    assert is_own(first.speaker)
    assert attributed(first) == "Henrik Sandvik: “I will pay for the pump myself.”"
    assert attributed(second) == "Henrik Sandvik: “The deposit is returned within six weeks.”"
    assert told("He will pay for the pump.", first) == "Henrik Sandvik: He will pay for the pump."


def test_who_does_something_is_told_by_an_author_who_does_it():
    first, second, *_ = quotes(LETTER)
    assert speaks_of_self(first, of={"pay"})
    assert not speaks_of_self(first, of={"rent"})
    assert not speaks_of_self(second, of={"return"})
    asked = analyse("Who pays for the pump?")
    assert unanswered(asked, (first,), hits=(), limits=Limits(answering=0.0)) is None
    assert unanswered(asked, (second,), hits=(), limits=Limits(answering=0.0)) is not None


def test_others_whose_words_an_author_gives_are_their_speakers():
    said = hit(LETTER).attributions
    names = [one.name if (one := speaker_of(span, said)) else None for span in sentences(LETTER)]
    assert "Pohl" in str(names)


def test_a_letter_is_read_under_the_name_of_its_author_and_a_column_is_not():
    assert called(hit(LETTER)) == "A letter, Henrik Sandvik"
    assert called(hit("I walked on the pier.", outlet="Tide Notes")) == "A letter"
    assert called(hit("The pier is old.")) == "A letter"


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ("Kind regards,\nHenrik Sandvik", "Henrik Sandvik"),
        ("Come in November.\n\nYour aunt\nIrja", "Irja"),
        ("Yours sincerely,\n\nDr A. Halabi\nHead physician", "Dr A. Halabi"),
        ("Best wishes from Turku\nElina", "Elina"),
        ("С уважением,\nИрина Светлова", "Ирина Светлова"),
        ("Mit freundlichen Grüßen\nBo Lind", "Bo Lind"),
        ("Love,\nElina", "Elina"),
        ("Yours\nThe Management", None),
        ("With thanks to all who came\nElina", None),
        ("Kind regards,\nthe whole team of the harbour office", None),
        ("Henrik Sandvik", None),
    ],
)
def test_a_letter_is_signed_below_its_closing_words(end, name):
    assert signed_by(f"Dear Elina,\n\nThe boat is sold.\n\n{end}") == name


@pytest.mark.parametrize(
    "end", ["Kind regards,\nBerlin", "Thank you.\nMr Smith", "Love\nYesterday", "Signed,\nTenant"]
)
def test_where_nobody_is_addressed_one_word_signs_nothing(end):
    assert signed_by(f"The boat is sold.\n\n{end}") is None


@pytest.mark.parametrize(
    ("text", "led"),
    [
        ("I called your caretaker, Mr Pohl, on Monday.", True),
        ("The lawyer Dieter Pohl came late.", True),
        ("Dieter Pohl, a nurse of the clinic, came late.", True),
        ("Pohl is our treasurer.", True),
        ("The caretaker, Anna Pohl, came late.", False),
        ("The caretaker called Pohl.", False),
        ("Pohl, who was late, said nothing.", False),
        ("Anna Pohl, a nurse of the clinic, came late.", False),
        ("By order of the court, Pohl was freed.", False),
        ("We invited Pohl, the school, and the neighbours.", False),
    ],
)
def test_somebody_is_introduced_by_what_they_are(text, led):
    asked = analyse("Who is Dieter Pohl?")
    (likelier,) = quotes("Pohl has bought a new bicycle in the town.", author=None)
    (mine,) = quotes(text, author=None)
    mine = replace(mine, score=0.1)
    found = unanswered(asked, (mine,), hits=(), limits=Limits(answering=0.5))
    assert (found is None) is led
    assert mine in in_form_first(asked, (likelier, mine))


def test_a_signature_inside_another_mail_is_not_its_author_s():
    text = (
        "Hi Bo,\n\nI will pay the invoice tomorrow.\n\nAnn\n\n-----Original Message-----\nFrom: Bo Lind\n\n"
        "Dear Ann,\nI cannot pay the invoice.\n\nBest regards,\nBo Lind"
    )
    assert signed_by(text) is None
    assert mail(text) == [("Ann Ito", "", "I will pay the invoice tomorrow.")]
    both = "Dear Bo,\nI came.\nYours,\nAnn Ito\n\nDear Ann,\nI left.\nYours,\nBo Lind"
    assert signed_by(both) is None


def test_what_a_paper_quotes_opens_no_mail():
    text = "In 2019 The Guardian wrote:\n\nThe harbour is a mess.\n\nThe repairs cost 5 million."
    assert mail(text) == []
    assert own(text, outlet="Tide Notes") == []


def test_a_question_in_a_column_makes_nobody_its_author():
    text = "The mayor has failed.\n\nMr Kroll, why did you sell the park?\n\nI walked there. It cost 3 million."
    assert own_words(document(text, outlet="Tide Notes"), []) == []


def test_what_a_letter_quotes_behind_a_colon_is_not_its_author_s():
    text = "I am fine. Anna writes from Rome:\n\nI cannot pay the rent.\n\nThe boat is sold."
    assert own(text) == ["I am fine.", "The boat is sold."]


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday I paid the bill.",
        "On Monday I sold it.",
        "Frankly I hate it.",
        "And I said so.",
        "It is I. I stay.",
    ],
)
def test_i_behind_a_capital_is_mostly_a_person(text):
    assert own(text, outlet="Tide Notes")


def test_a_quotation_mark_that_is_an_inch_opens_nothing():
    text = 'The board is 5" wide. I like it.\n\nI came later.'
    assert own(text, outlet="Tide Notes") == ["I like it.", "I came later."]
    long = "“I came in May.\n\n“I stayed,” he said.\n\nI left at noon."
    assert own(long, outlet="Tide Notes") == ["I left at noon."]


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("I'll pay for it.", True),
        ("I was ill, but I will pay for it.", True),
        ("I asked Bo to pay.", False),
        ("If I pay, we lose.", False),
        ("I expect the council to pay.", False),
        ("I will not pay.", False),
    ],
)
def test_who_pays_is_told_by_an_author_who_does(text, tells):
    (one,) = quotes(f"{text}\n", author="Ann Ito")
    assert speaks_of_self(one, of={"pay"}) is tells
