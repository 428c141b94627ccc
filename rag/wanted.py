"""What a person wants measured: the flags of `rag eval`, checked against each other. Knows flags; runs nothing.

Like rag.compose it imports inside functions, so that a command loads only what it uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.compose_eval import PRODUCT, with_retrieval
from rag.errors import UsageError
from rag.settings import Settings

ALL = "all"
# The flags that show what a part is worth -> the settings, or fields of a run's header, that each changes.
ABLATIONS = {
    "system": ("system",),
    "retrieval": ("dense_weight", "exact_dense_weight"),
    "reader": ("reader", "models"),
    "verifier": ("verifier",),
    "adapter": ("adapter", "models"),
    "generator": ("generator", "generator_sha256", "generator_model", "models"),
    "style": ("style",),
    "passages": ("passages",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured, with which settings, and where it goes.

    `ablated` are the flags of `ABLATIONS` that were typed.
    """

    settings: Settings
    out: Path
    suites: tuple[str, ...] = ()
    data: Path | None = None
    gold: Path | None = None
    docs: Path | None = None
    limit: int | None = None
    seed: int = 0
    systems: tuple[str, ...] = (PRODUCT,)
    resume: bool = False
    retry_failed: bool = False
    case_seconds: float = 120.0
    baseline: Path | None = None
    gate: Path | None = None
    write_baseline: Path | None = None
    ablated: frozenset[str] = frozenset()

    @property
    def may_differ(self) -> frozenset[str]:
        """What may be otherwise in the run that is compared with: what was set here to see its worth."""
        return frozenset(name for flag in self.ablated for name in ABLATIONS[flag])

    @classmethod
    def of(cls, settings: Settings, options: Mapping[str, Any]) -> "Wanted":
        """Return what the flags ask for.

        Raises:
            UsageError: they do not fit together, or leave something out.
        """
        from eval.suites import check_names, suite_names

        chosen = tuple(options["suites"])
        if chosen and (options["gold"] or options["docs"]):
            raise UsageError("A suite brings its own documents.", hint="Leave --gold and --docs out, or --suite.")
        if chosen and options["data"] is None:
            raise UsageError("Where is the data?", hint="Name its folder: rag eval --suite NAME --data DIR")
        if options["resume"] and options["out"] is None:
            raise UsageError("Which run goes on?", hint="Name its folder: --resume --out DIR")
        if options["retry_failed"] and not options["resume"]:
            raise UsageError("Which cases are asked again?", hint="Type: --resume --retry-failed --out DIR")
        check_names(name for name in chosen if name != ALL)
        _check_kept_runs(options)
        gold, docs = (None, None) if chosen else _gold_files(options["gold"], options["docs"])
        systems = tuple(dict.fromkeys(options["systems"])) or (PRODUCT,)
        label = "-".join(chosen) or str(gold and gold.name.split(".")[0])
        same = ("data", "limit", "seed", "resume", "retry_failed", "case_seconds", "baseline", "gate")
        return cls(
            settings=_with_switches(settings, options),
            out=options["out"] or _new_folder(settings, label),
            suites=tuple(suite_names()) if ALL in chosen else chosen,
            gold=gold,
            docs=docs,
            systems=systems,
            ablated=frozenset(options.get("typed", ())) & frozenset(ABLATIONS),
            write_baseline=options["write_baseline"],
            **{name: options[name] for name in same},
        )


def _check_kept_runs(options: Mapping[str, Any]) -> None:
    """Refuse a gate, a new baseline and an earlier run that do not go together with the rest."""
    from eval.gate import check_replaceable

    gate, written = options["gate"], options["write_baseline"]
    if (gate or written) and (len(options["suites"]) > 1 or ALL in options["suites"]):
        hint = "Name one suite, or gold questions."
        raise UsageError("A baseline holds one run: --gate and --write-baseline go with one suite.", hint=hint)
    if gate and written and _same_file(gate, written):
        hint = "Write it to another file, look at the difference, and then put it in the old one's place."
        raise UsageError("A run cannot be held against the baseline that it replaces.", hint=hint)
    if written and written.is_dir():
        raise UsageError(f"{written} is a folder.", hint="Name a file: --write-baseline FILE")
    if written:
        check_replaceable(written)
    if options["baseline"] and len(set(options["systems"])) > 1:
        hint = "Leave --baseline out, or one --system."
        raise UsageError("Two systems are compared with each other, not with an earlier run.", hint=hint)


def _same_file(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.expanduser().resolve() == other.expanduser().resolve()


_READERS = {"on": "trained", "off": "lead"}


def _with_switches(settings: Settings, options: Mapping[str, Any]) -> Settings:
    settings = with_retrieval(settings, options["retrieval"])
    if options["reader"] is not None:
        settings = replace(settings, reader=_READERS.get(options["reader"], options["reader"]))
    for part in ("verifier", "adapter"):
        if options[part] is not None:
            settings = replace(settings, **{part: options[part]})
    return settings


def _gold_files(gold: Path | None, docs: Path | None) -> tuple[Path, Path]:
    """Return the gold file and its documents: those that were named, or the sample ones of this checkout."""
    if (gold is None) != (docs is None):
        hint = "Type: rag eval --gold FILE --docs DIR"
        raise UsageError("Gold questions and documents belong together.", hint=hint)
    if gold is not None and docs is not None:
        return gold, docs
    import eval as package

    corpora = Path(str(package.__file__)).parent / "corpora"
    sample, about = corpora / "kurils.gold.jsonl", corpora / "kurils"
    if not sample.is_file():
        hint = "Type: rag eval --gold FILE --docs DIR, or: rag eval --suite NAME --data DIR"
        raise UsageError("There is nothing to measure: the sample questions are not installed.", hint=hint)
    return sample, about


def _new_folder(settings: Settings, label: str) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    return settings.home / "evals" / f"{stamp}-{label}"
