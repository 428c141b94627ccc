"""Words of silence and words that only sound like it."""

import pytest

from eval.declines import declines


@pytest.mark.parametrize(
    "said",
    [
        "The passages do not state who signed it.",
        "The documents do not say.",
        "I'm sorry, the passages do not mention it.",
        "I’m sorry, but the documents don’t provide that.",
        "The information provided does not specify the date.",
        "The text given here doesn't explicitly mention a fare.",
        "The passages do not contain enough information.",
        "The documents say nothing about a ferry.",
        "There is no information about it.",
        "There are no details about it.",
        "There is nothing about that in the passages.",
        "There is nothing about it.",
        "No specific details are given in the passages.",
        "The documents are silent on this.",
        "I'm unable to answer this question.",
        "I am not able to find it.",
        "I cannot answer that.",
        "I do not know.",
        "The date is not mentioned in the provided documents.",
        "It is not stated by the text.",
        "It is not possible to say who won.",
        "В документах об этом не говорится.",
        "Документы об этом молчат.",
        "В тексте нет ответа на этот вопрос.",
        "Нет информации о пароме.",
        "Об этом ничего не сказано в документах.",
        "Имя посла не указано в отрывках.",
        "Я не могу ответить на этот вопрос.",
        "The passages do not say who. Ann Ito was mayor in 2019.",
    ],
)
def test_words_of_silence(said):
    assert declines(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "The mill did not close.",
        "Tokyo did not say when the talks would resume, Kihara said.",
        "Moscow does not provide visas to former residents.",
        "The text of the treaty does not mention the islands.",
        "There is no peace treaty.",
        "There is nothing to discuss, Lavrov said.",
        "No details of the meeting were released by the ministry.",
        "The ministry is silent on this.",
        "Japan is not able to accept that.",
        "It closed in 1987. The passages do not say why.",
        "Москва не сообщает, когда возобновятся переговоры.",
        "Мирного договора нет.",
        "Япония не может ответить на этот шаг.",
    ],
)
def test_answers_that_deny_something_are_answers(said):
    assert not declines(said)
