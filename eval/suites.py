"""Which suites there are, by name. Knows where each finds its data and how it is loaded; asks nothing.

A suite has one part or several that are asked apart (the gold passage given, or all of them as one library). A new
set of public data is one line here and one adapter beside it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from eval.data import NoDataError, shares
from eval.types import AnswerSuite, ClaimSuite
from rag.errors import DocumentsError, UsageError

Loaded = TypeVar("Loaded", covariant=True)
Part: TypeAlias = str


class Loader(Protocol[Loaded]):
    """Loads a suite from the folder of all data, `limit` cases of it (None: all) drawn by `seed`."""

    def __call__(self, data: Path, *, limit: int | None, seed: int) -> Loaded:
        """Return the suite, or raise DocumentsError where its files are missing."""


def folder_of(data: Path, name: str) -> Path:
    """Return the folder of a suite's files: `name` below `data`, or `data` itself where it is no folder of suites.

    Raises:
        DocumentsError: there is no such folder.
    """
    if (data / name).is_dir():
        return data / name
    if data.is_dir() and (data.name == name or _has_files_only(data)):
        return data
    hint = f"Put the files of {name} into {data / name}, or name another folder with --data."
    raise DocumentsError(f"There is no data for {name} in {data}.", hint=hint)


def _has_files_only(data: Path) -> bool:
    """Return whether there are files in the folder and no folder of any suite: a stray file makes no suite."""
    children = list(data.iterdir())
    suites = set(suite_names())
    return any(child.is_file() for child in children) and not any(child.name in suites for child in children)


def _below(name: str, load: Callable[..., Loaded]) -> Loader[Loaded]:
    def loader(data: Path, *, limit: int | None, seed: int) -> Loaded:
        return told(name, lambda: load(folder_of(data, name), limit=limit, seed=seed))

    return loader


def told(name: str, load: Callable[[], Loaded]) -> Loaded:
    """Return what is loaded; rows that have not the shape of this data are told as that.

    Raises:
        DocumentsError: a row is another one than this data has.
    """
    try:
        return load()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        message = f"A row of {name} is not as this data has them ({type(error).__name__}: {error})."
        raise DocumentsError(message, hint="Look whether the files are those of another data set.") from error


def load_parts(
    parts: Mapping[Part, Loader[Loaded]], data: Path, *, limit: int | None, seed: int
) -> tuple[list[Loaded], list[str]]:
    """Return the parts of a suite whose files are there, and in words which are not; the parts share the limit.

    Raises:
        DocumentsError: none of the parts is there, or a file is damaged.
    """
    loaded: list[Loaded] = []
    missing: dict[Part, NoDataError] = {}
    for (part, load), share in zip(parts.items(), shares(limit, len(parts)), strict=True):
        if share == 0:
            continue
        try:
            loaded.append(load(data, limit=share, seed=seed))
        except NoDataError as error:
            missing[part] = error
    if not missing:
        return loaded, []
    left = {part: load for part, load in parts.items() if part not in missing}
    if not left:
        raise next(iter(missing.values()))
    # Once more: what is there shares the whole limit.
    loaded, more = load_parts(left, data, limit=limit, seed=seed)
    return loaded, [f"part {part} is left out: {error.message}" for part, error in missing.items()] + more


def answer_suites(data: Path | None = None) -> Mapping[str, Mapping[Part, Loader[AnswerSuite]]]:
    """Return the suites that ask questions: suite -> part -> loader; a single part is called "".

    XQuAD has a part for every language whose file is in `data`, and English and Russian in any case.
    """
    from eval import suite_clapnq, suite_conflict, suite_mtrag, suite_nq, suite_pdf, suite_realtimeqa, suite_timeqa
    from eval.suite_bipia import load_bipia
    from eval.suite_xquad import languages_in, load_xquad

    def xquad(language: str, passages: str) -> Loader[AnswerSuite]:
        return _below("xquad", partial(load_xquad, language=language, passages=passages))

    folders = [] if data is None else [data / "xquad", data]
    spoken = next((found for folder in folders if (found := languages_in(folder))), ())

    def bipia(data: Path, *, limit: int | None, seed: int) -> AnswerSuite:
        folder = folder_of(data, "bipia")
        # Where the folder of BIPIA itself is named, the news lie beside it.
        news = folder_of(folder.parent if folder.name == "bipia" else data, "realtimeqa")
        return told("bipia", lambda: load_bipia(folder, news=news, limit=limit, seed=seed))

    return {
        "nq_oracle": {
            "given": _below("nq_oracle", suite_nq.load_nq_given),
            "library": _below("nq_oracle", suite_nq.load_nq_library),
        },
        "clapnq": {"": _below("clapnq", suite_clapnq.load_clapnq)},
        "timeqa": {"": _below("timeqa", suite_timeqa.load_timeqa)},
        "ramdocs": {"": _below("ramdocs", suite_conflict.load_ramdocs)},
        "wikicontradict": {"": _below("wikicontradict", suite_conflict.load_wikicontradict)},
        "mtrag": {
            "library": _below("mtrag", suite_mtrag.load_mtrag),
            "given": _below("mtrag", suite_mtrag.load_mtrag_given),
        },
        "realtimeqa": {"": _below("realtimeqa", suite_realtimeqa.load_realtimeqa)},
        "rgb": {
            "refusal": _below("rgb", suite_conflict.load_rgb_refusal),
            "conflict": _below("rgb", suite_conflict.load_rgb_conflict),
        },
        "bipia": {"": bipia},
        "financebench": {"": _below("financebench", suite_pdf.load_financebench)},
        "sec10q": {"": _below("sec10q", suite_pdf.load_sec10q)},
        "xquad": {
            "en": xquad("en", "en"),
            "ru": xquad("ru", "ru"),
            "ru_en": xquad("ru", "en"),
            **{language: xquad(language, language) for language in spoken if language not in ("en", "ru")},
        },
    }


def claim_suites() -> Mapping[str, Loader[ClaimSuite]]:
    """Return the suites that judge sentences against given words."""
    from eval import suite_claims

    return {
        "wice": _below("wice", suite_claims.load_wice),
        "newsum_factuality": _below("newsum_factuality", suite_claims.load_newsum_factuality),
        "fool_me_twice": _below("fool_me_twice", suite_claims.load_fool_me_twice),
    }


# Those that measure a reader of ours on its own: of pages, dates, PDFs, speech, follow-ups, and the search
READER_SUITES = ("article_extraction", "htmldate", "pdf_text", "polnear", "cast", "retrieval")


def suite_names() -> list[str]:
    """Return the names of all suites."""
    return [*answer_suites(), *claim_suites(), *READER_SUITES]


def check_names(names: Iterable[str]) -> None:
    """Refuse a name that no suite has.

    Raises:
        UsageError: it tells the names there are.
    """
    known = suite_names()
    for name in names:
        if name not in known:
            raise UsageError(f"There is no suite {name!r}.", hint=f"The suites are: all {' '.join(known)}")
