from rag.remembering import Remembering
from rag.testing import HashEmbedder


class Counting(HashEmbedder):
    def __init__(self):
        super().__init__()
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return super().encode(texts)


def test_each_text_is_encoded_once_and_comes_back_in_order():
    counting = Counting()
    remembering = Remembering(counting)
    first = remembering.encode(["a gull", "a puffin", "a gull"])
    second = remembering.encode(["a puffin", "a cliff"])
    assert counting.asked == ["a gull", "a puffin", "a cliff"]
    assert (first == HashEmbedder().encode(["a gull", "a puffin", "a gull"])).all()
    assert (second == HashEmbedder().encode(["a puffin", "a cliff"])).all()


def test_the_longest_unused_is_forgotten():
    counting = Counting()
    remembering = Remembering(counting, most=2)
    remembering.encode(["a", "b"])
    remembering.encode(["a", "c"])
    remembering.encode(["a", "b"])
    assert counting.asked == ["a", "b", "c", "b"]
