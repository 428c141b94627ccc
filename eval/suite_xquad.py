"""XQuAD: the same questions over the same paragraphs in several languages, translated by people.

Knows the files of Artetxe et al. (2020); knows no system.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.data import found, read_json
from eval.measures import (
    ANSWERABLE_ACCURACY,
    ANSWERABLE_REFUSED,
    CITATION_PRECISION_GOLD,
    EXACT_MATCH,
    F1,
    SHORT_F1,
)
from eval.suite_texts import Texts, drawn, group, sentence_at, usable
from eval.types import AnswerSuite, Case, Evidence, Reference

_MEASURES = (ANSWERABLE_ACCURACY, F1, SHORT_F1, EXACT_MATCH, CITATION_PRECISION_GOLD, ANSWERABLE_REFUSED)

# By the language of question and paragraph. Other languages, and crossed ones, have none.
_PUBLISHED = {
    "en": (("mBERT", 0.835, 0.722), ("XLM-R Large", 0.865, 0.757)),
    "ru": (("mBERT", 0.713, 0.533), ("XLM-R Large", 0.801, 0.643)),
}


def _references(language: str, passages: str) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            measure,
            f"{model}, trained on English SQuAD",
            value,
            "the baselines of the data's README (Artetxe et al., 2020)",
            "trained on such questions, always answers, in a few words; ours shows sentences and may be silent",
        )
        for model, f1, exact in (_PUBLISHED.get(language, ()) if language == passages else ())
        for measure, value in ((F1.name, f1), (SHORT_F1.name, f1), (EXACT_MATCH.name, exact))
    )


# Why no published figure stands beside crossed languages, and those whose figures are not kept here.
_NO_REFERENCE = "none fits: those kept here are of English and of Russian, question and paragraph in one language"


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the languages that there are files of: "de" of xquad.de.json.gz."""
    names = (path.name.split(".")[1:3] for path in sorted(folder.glob("xquad.*.json*")))
    return tuple(dict.fromkeys(name[0] for name in names if name[1:] == ["json"]))


def load_xquad(
    folder: Path,
    *,
    language: str = "en",
    passages: str | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> AnswerSuite:
    """Questions in `language`, each with its paragraph in the language `passages` (None: the same one).

    Languages are named as the files name them ("en", "ru"). The suite is called "xquad_ru", or "xquad_ru_en" for
    Russian questions over English paragraphs. There the answer may be given in either language, English first.
    Evidence is the sentence of the paragraph in which the answer begins. Dropped are rows without question or
    answer, and questions that the other language lacks.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    passages = passages or language
    name = f"xquad_{language}" if passages == language else f"xquad_{language}_{passages}"
    asked = {row["id"]: row for _, row in _rows(folder, language)}
    texts = Texts(name)
    rows = (_case(asked.get(row["id"]), row, context, texts=texts) for context, row in _rows(folder, passages))
    cases, dropped = usable(rows)
    chosen = drawn(cases, limit, seed=seed)
    references = _references(language, passages)
    why = "" if references else _NO_REFERENCE
    return AnswerSuite(
        name, texts.needed(chosen), chosen, _MEASURES, references, dropped=dropped, no_reference=why
    )


def _rows(folder: Path, language: str) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield every question with the title and the text of its paragraph."""
    for path in found(folder, f"xquad.{language}.json*", what="questions in this language"):
        for article in read_json(path)["data"]:
            title = (article.get("title") or "").replace("_", " ")
            for paragraph in article["paragraphs"]:
                yield from (((title, paragraph["context"]), row) for row in paragraph["qas"])


def _case(
    asked: Mapping[str, Any] | None, row: Mapping[str, Any], context: tuple[str, str], *, texts: Texts
) -> Case | None:
    question = ((asked or {}).get("question") or "").strip()
    answers = row.get("answers") or []
    strings = group(answer["text"] for one in (row, asked or {}) for answer in one.get("answers") or [])
    title, text = context
    if not (question and answers and strings):
        return None
    text_id = texts.add(text, title=title)
    quotes = dict.fromkeys(sentence_at(text, answer["answer_start"]) for answer in answers)
    return Case(
        id=f"xquad/{row['id']}",
        type="question",
        question=question,
        expected=(strings,),
        evidence=tuple(Evidence(text_id, quote) for quote in quotes),
        documents=(text_id,),
    )
