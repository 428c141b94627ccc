"""The language of a text, or None."""

import json
from pathlib import Path

import pytest

from index.language import language_of
from index.load import load

KURILS = Path(__file__).parent.parent / "eval" / "corpora" / "kurils"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ferry to the island is late because of the storm that came in from the sea."),
        ("ru", "Паром на остров опаздывает, потому что с моря пришёл шторм и это не первый раз за неделю."),
        ("uk", "Пором на острів запізнюється, бо з моря прийшов шторм, і це не вперше за цей тиждень."),
        (
            "de",
            "Die Fähre auf die Insel ist zu spät, weil der Sturm von der See nicht aufhört und das Meer hoch ist.",
        ),
        (
            "fr",
            "Le bateau pour les îles est en retard, et il ne partira pas avant la fin de la tempête dans le port.",
        ),
        ("es", "El barco de las islas no ha salido por la tormenta que viene del mar y se espera para el lunes."),
        ("ja", "島へのフェリーは嵐のため遅れています。"),
        ("zh", "由于风暴，前往岛屿的渡轮晚点了。"),
    ],
)
def test_running_text_names_its_language(language, text):
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "Nemuro 2025", "12 450 31 7 6 5 4 3 2 1 9", "alpha beta gamma delta " * 9])
def test_what_is_no_running_text_stays_unknown(text):
    assert language_of(text) is None


def test_the_sample_news_are_told_right():
    items = json.loads((KURILS / "manifest.json").read_text())["items"]
    for item in items:
        path = KURILS / item["file"]
        assert load(path, path.read_bytes()).language == item["language"], item["file"]
