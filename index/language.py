"""Which language a text is in, from its script and its commonest words. Pure; unknown stays None.

Written here because the kept detectors bring a pickled model or a hundred megabytes, and a library of documents
needs a handful of languages told apart in texts of some length, not a verdict on three words.
"""

import re
from collections import Counter

from rag.text import words

_COMMON = {
    "en": "the of and to in is was that for with as on it by at from his are were this be have has not which",
    "ru": "и в не на что с по это как из за его для от о к был но они она так же до при также или было",
    "uk": "і в не на що з та як із за його для від про до був але вони вона так також або було це який",
    "de": "der die und das in den von zu ist mit sich des auf für nicht ein eine dem als auch es an werden aus",
    "fr": "le la les et des de un une est pour que qui dans en sur pas au par plus avec ce il sont du aux",
    "es": "el la los las de y que en un una es por con para del se no al como más su lo fue ha este",
    "it": "il la di e che un una per non con del della dei sono nel alla le gli si come più anche da",
    "pt": "o a os as de e que em um uma para com não do da dos das por no na se mais como foi ao",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als bij door naar uit",
    "pl": "i w na z nie się do że to jest o jak po od za przez dla ale który są był oraz jego",
}
_SETS = {language: frozenset(common.split()) for language, common in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_SAMPLE_CHARS = 20_000
_LEAST_WORDS = 8
# Function words make up a third to a half of running text; lists of names and numbers stay under this share.
_LEAST_SHARE = 0.12
# A script that holds this share of all letters names the language by itself.
_SCRIPT_SHARE = 0.2


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's main language, None where it cannot be told."""
    sample = text[:_SAMPLE_CHARS]
    letters = sum(char.isalpha() for char in sample)
    for language, script in _SCRIPTS:
        if letters and len(script.findall(sample)) / letters >= _SCRIPT_SHARE:
            return language
    found = words(sample)
    if len(found) < _LEAST_WORDS:
        return None
    counts = Counter({language: sum(word in common for word in found) for language, common in _SETS.items()})
    (best, hits), (_, second) = counts.most_common(2)
    return best if hits / len(found) >= _LEAST_SHARE and hits > second else None
