"""How a Russian name may be spelt in English: "Ведерникова" as Vedernikova or Vedernikov, "Исиба" as Ishiba.

Knows letters only. There are several ways to write a name and several forms of it in a Russian sentence; which of
them is meant is seen where one of them stands in a text.
"""

from collections.abc import Iterator

# As news in English write Russian names, but for what depends on the letters beside it.
_PLAIN = dict(
    zip(
        "абвгдезийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya".split(),
        strict=True,
    )
) | {"ж": "zh", "ё": "yo"}
# Russian writes Japanese names by Polivanov's system, English by Hepburn's.
_JAPANESE = (
    ("дзи", "ji"),
    ("дзя", "ja"),
    ("дзю", "ju"),
    ("дзё", "jo"),
    ("дзе", "jo"),
    ("дз", "z"),
    ("си", "shi"),
    ("ся", "sha"),
    ("сю", "shu"),
    ("сё", "sho"),
    ("се", "sho"),
    ("ти", "chi"),
    ("тя", "cha"),
    ("тю", "chu"),
    ("тё", "cho"),
    ("те", "cho"),
    ("цу", "tsu"),
    ("х", "h"),
    ("дж", "j"),
    ("й", "i"),
)
# Names of the West come back by their sounds.
_WESTERN = (("кс", "x"), ("дж", "j"), ("х", "h"), ("ий", "y"), ("й", "y"), ("к", "c"), ("ю", "u"), ("я", "ia"))
# At the start and behind a vowel an "е" is often "ye"; a "ё" is as often "e".
_WITH_YE = (("ие", "iye"), ("ае", "aye"), ("ее", "eye"), ("ое", "oye"), ("ий", "y"), ("ё", "e"))
_SYSTEMS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("ий", "y"), ("ый", "y"), ("кс", "x")),
    (("кс", "ks"), ("ий", "iy"), ("ья", "ia"), ("ия", "ia")),
    _WITH_YE,
    _JAPANESE,
    _WESTERN,
)
# An ending of a case, and what stands in its place in the word as it is called.
_ENDINGS = tuple(
    tuple(pair.split(":"))
    for pair in """
    ского:ский скому:ский ским:ский ском:ский ской:ская скую:ская иями:ие иях:ие иям:ие ием:ие ий:ие
    ий:ия ии:ие ии:ия ию:ия ию:ие ами: ами:а ах: ах:а ам: ам:а ям:я ов: ев:й ею:я ою:а ой:а ей:я ей:ь
    ом: ем: ым: у: у:а а: е: е:а ы:а ы: а:о у:о е:о ом:о и:а и: и:ь я:й я:ь ю:й ю:я
    """.split()
)
_LEAST_LETTERS = 3


def spellings(word: str) -> list[str]:
    """Return the ways to spell a case-folded Russian word in English, the plainest first, each once."""
    found = (_spelt(form, system) for form in forms(word) for system in _SYSTEMS)
    return list(dict.fromkeys(found))


def forms(word: str) -> Iterator[str]:
    """Yield a Russian word, and the words that it may be a case of."""
    yield word
    for ending, called in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_LETTERS:
            yield word[: len(word) - len(ending)] + called


def _spelt(word: str, system: tuple[tuple[str, str], ...]) -> str:
    for russian, english in system:
        word = word.replace(russian, english)
    if system is _WITH_YE and word.startswith("е"):
        word = f"y{word}"
    return "".join(_PLAIN.get(letter, letter) for letter in word).replace(".", "")
