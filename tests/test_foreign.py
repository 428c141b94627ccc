"""Questions in a language that the embedder does not know."""

from rag.asked import analyse
from rag.foreign import in_its_words, is_known
from rag.types import Quote, Source


class Pieces:
    """Cuts Latin words into themselves, all others into letters."""

    def count_tokens(self, texts):
        return [2 + sum(1 if word.isascii() else len(word) for word in text.split()) for text in texts]


def quote(text):
    return Quote(0, Source(1, ("a.txt",), (), "", None, None, None, None, ()), 1, 0, len(text), None, text, 0.5)


def test_a_language_is_known_where_words_are_hardly_cut():
    assert is_known("When does the ferry sail?", Pieces())
    assert not is_known("Когда отходит паром?", Pieces())
    assert is_known("?", Pieces())


def test_only_quotes_in_the_words_of_the_question_are_left():
    asked = analyse("На сколько подорожал билет на паром?")
    near, far = quote("Билет на паром подорожал на 12 процентов."), quote("Причиной назвали санкции.")
    assert in_its_words(asked, [far, near]) == [near]
