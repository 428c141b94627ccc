"""Sentences that people judged against given words, from public data: WiCE, CLIFF and Goyal21, FoolMeTwice.

Knows the fields of these files; knows no judge. Every sentence comes once; "supported" is true only where people
found all of it supported.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.data import Shape, digest, draw, json_lines
from eval.types import ClaimCase, ClaimSuite, Reference
from rag.errors import DocumentsError
from rag.text import one_line

_WICE_ROW: dict[str, Shape] = {"meta": {"id": str}, "label": (str, [int], [str]), "claim": str, "evidence": [str]}
_NEWSUM_ROW: dict[str, Shape] = {
    "error_type": (str, None),
    **dict.fromkeys(("dataset", "origin", "summ", "doc"), str),
}
_FOOL_ROW: dict[str, Shape] = {
    **dict.fromkeys(("id", "text", "label", "wikipedia_page"), str),
    "gold_evidence": [{"text": str}],
}
# Why no published figure stands beside ours
_NO_NEWSUM = (
    "none fits: these are the summaries with error types, not the whole collection (AggreFact) that published"
    " figures are of"
)
_NO_FOOL = (
    "none fits: here the gold sentences are given under their title, and nothing was trained on such claims; for"
    " that form we know of no figure"
)
_WICE_CHUNKS = "oracle_chunks_claim_*.jsonl*"
_EARLIER = "measured by us earlier, not published"
_WICE_REFERENCES = tuple(
    Reference(
        measure="auroc",
        system=system,
        value=value,
        source=source,
        differs="fully supported against all else; split and length of the evidence may differ",
        published=source != _EARLIER,
    )
    for system, value, source in (
        ("T5-3B, fine-tuned on WiCE", 0.91, "Kamoi et al., WiCE (2023)"),
        ("word overlap", 0.76, _EARLIER),
        ("cosine of vectors", 0.56, _EARLIER),
    )
)


def load_wice(folder: Path, *, limit: int | None = None, seed: int = 0) -> ClaimSuite:
    """Sentences of Wikipedia and the pages they cite. Kamoi et al., WiCE (EMNLP 2023).

    `type` is the label: supported, partially_supported, not_supported. Evidence is the first oracle chunk of a
    claim: the gold sentences among others of the same page, about 240 words. The bare gold sentences would give
    the answer away, for a claim without support has none. A claim without a chunk gets its whole page.

    The label is the one of the claim file; chunks of one claim in the dev split carry another.

    Raises:
        DocumentsError: the claims are not there, or a file is no JSON.
    """
    chunks = _wice_chunks(folder)
    cases: list[ClaimCase] = []
    dropped = 0
    for row in json_lines(folder, "claim_*.jsonl*", what="the claims of WiCE", shape=_WICE_ROW):
        claim_id = row["meta"]["id"]
        case = ClaimCase(
            id=claim_id,
            type=row["label"],
            claim=one_line(row["claim"]),
            evidence=_joined(chunks.get(claim_id) or row["evidence"]),
            supported=row["label"] == "supported",
        )
        dropped += _add(cases, case)
    return _suite("wice", cases, _WICE_REFERENCES, dropped=dropped, limit=limit, seed=seed)


def _wice_chunks(folder: Path) -> dict[str, Sequence[str]]:
    """Return the sentences of the first chunk of every claim; none where the file is not there."""
    chunks: dict[str, Sequence[str]] = {}
    if any(folder.glob(_WICE_CHUNKS)):
        for row in json_lines(folder, _WICE_CHUNKS, shape=_WICE_ROW):
            chunks.setdefault(row["meta"]["id"], row["evidence"])
    return chunks


def load_newsum_factuality(folder: Path, *, limit: int | None = None, seed: int = 0) -> ClaimSuite:
    """Summaries that models wrote of news articles, by people's marks of errors, as AggreFact collects them.

    Cao and Wang, CLIFF (EMNLP 2021); Goyal and Durrett (NAACL 2021); Tang et al., AggreFact (ACL 2023).
    Supported is a summary without a marked error. `type` names the articles and the error: "xsum correct",
    "xsum extrinsic" (not in the article), "cnndm intrinsic" (garbled from it), "xsum intrinsic extrinsic".
    Summaries of CNN/DM have several sentences; they are judged whole, as they were by people. A row without an
    error type is dropped: whether nothing was wrong or nothing was marked is not said.

    Raises:
        DocumentsError: the files are not there, or one is no JSON, or names an error type that is no list.
    """
    cases: list[ClaimCase] = []
    dropped = 0
    for row in json_lines(folder, "*.jsonl*", what="the files of error types of AggreFact", shape=_NEWSUM_ROW):
        kinds = _error_kinds(row.get("error_type") or "")
        case = ClaimCase(
            id="-".join([row["dataset"], row["origin"], str(row["id"]), digest(row["summ"])[:8]]),
            type=" ".join([row["origin"], *kinds]),
            claim=one_line(row["summ"]),
            evidence=row["doc"].strip(),
            supported=kinds == ["correct"],
        )
        dropped += _add(cases, case) if kinds else 1
    suite = _suite("newsum_factuality", cases, (), dropped=dropped, limit=limit, seed=seed)
    return replace(suite, no_reference=_NO_NEWSUM)


def _error_kinds(field: str) -> list[str]:
    """Return what a cell like "['intrinsic-NP', 'extrinsic-NP']" names: kinds without their part of speech."""
    try:
        marks = ast.literal_eval(field) if field.startswith("[") else [field]
    except (ValueError, SyntaxError) as error:
        hint = "Copy the file anew."
        raise DocumentsError(f"The error type {field!r} is no list of names.", hint=hint) from error
    found = {str(mark).split("-")[0] for mark in marks}
    return [kind for kind in ("correct", "intrinsic", "extrinsic", "other") if kind in found]


def load_fool_me_twice(folder: Path, *, limit: int | None = None, seed: int = 0) -> ClaimSuite:
    """Sentences written to fool others, with gold sentences of a page. Eisenschlos et al. (NAACL 2021).

    `type` is the label, supports or refutes. The title of the page stands before its sentences, on a line of its
    own: taken out of their page they often name their subject by a pronoun only.

    Raises:
        DocumentsError: the file is not there, or is no JSON.
    """
    cases: list[ClaimCase] = []
    dropped = 0
    for row in json_lines(folder, "*.jsonl*", what="the claims of FoolMeTwice", shape=_FOOL_ROW):
        gold = _joined(item["text"] for item in row["gold_evidence"])
        case = ClaimCase(
            id=row["id"],
            type=row["label"].lower(),
            claim=one_line(row["text"]),
            evidence=f"{row['wikipedia_page']}\n{gold}" if gold else "",
            supported=row["label"] == "SUPPORTS",
        )
        dropped += _add(cases, case)
    suite = _suite("fool_me_twice", cases, (), dropped=dropped, limit=limit, seed=seed)
    return replace(suite, no_reference=_NO_FOOL)


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(one_line(sentence) for sentence in sentences if sentence.strip())


def _add(cases: list[ClaimCase], case: ClaimCase) -> int:
    """Add a case; return 1 where nothing can be judged in it and it was dropped."""
    if not case.claim or not case.evidence:
        return 1
    cases.append(case)
    return 0


def _suite(
    name: str,
    cases: Sequence[ClaimCase],
    references: tuple[Reference, ...],
    *,
    dropped: int,
    limit: int | None,
    seed: int,
) -> ClaimSuite:
    drawn = draw(cases, limit, seed=seed, key=lambda case: case.id)
    return ClaimSuite(name, tuple(drawn), references, dropped)
