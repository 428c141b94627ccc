"""From what a person wants measured to figures, suite by suite. Knows suites and runs; prints nothing.

Like rag.compose it imports inside functions, so that a command loads only what it uses.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.compose_eval import PRODUCT, RunOptions, Session, folder_suite, measure, with_retrieval
from rag.errors import DocumentsError, UsageError
from rag.settings import Settings

if TYPE_CHECKING:
    from eval.assemble import Scored
    from eval.report import Run
    from eval.types import AnswerSuite, ClaimSuite, Outcome, Record
    from index.ingest import OnFile

ALL = "all"


class OnScore(Protocol):
    """Told after each case how many are done, of how many, and the score so far in words."""

    def __call__(self, done: int, total: int, *, score: str) -> None:
        """Take note."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured, with which settings, and where it goes."""

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
    baseline: Path | None = None
    gate: Path | None = None
    write_baseline: Path | None = None

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
        check_names(name for name in chosen if name != ALL)
        gold, docs = (None, None) if chosen else _gold_files(options["gold"], options["docs"])
        systems = tuple(dict.fromkeys(options["systems"])) or (PRODUCT,)
        label = "-".join(chosen) or str(gold and gold.name.split(".")[0])
        same = ("data", "limit", "seed", "resume", "baseline", "gate", "write_baseline")
        return cls(
            settings=_with_switches(settings, options),
            out=options["out"] or _new_folder(settings, label),
            suites=tuple(suite_names()) if ALL in chosen else chosen,
            gold=gold,
            docs=docs,
            systems=systems,
            **{name: options[name] for name in same},
        )


def _with_switches(settings: Settings, options: Mapping[str, Any]) -> Settings:
    settings = with_retrieval(settings, options["retrieval"])
    if options["reader"] is not None:
        settings = replace(settings, reader="sentences" if options["reader"] == "on" else "lead")
    if options["verifier"] is not None:
        settings = replace(settings, verifier=options["verifier"])
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


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one suite. `runs` are for the report, the first with the others as its baseline.

    `scored` are its answered parts by system, in the order of the systems; `problem` says why there are none.
    """

    suite: str
    runs: tuple["Run", ...] = ()
    scored: Mapping[str, tuple["Scored", ...]] = field(default_factory=dict)
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the figures of all parts as one JSON object; metrics of a part are named "part.metric".

        Where two systems were asked, the second stands in `baseline`.
        """
        own = [run for run in self.runs if run.system == self.runs[0].system]
        row = _outcome_json(self.suite, own)
        beside = [run for run in self.runs if run.system != self.runs[0].system]
        return {**row, "baseline": _outcome_json(self.suite, beside)} if beside else row


def _outcome_json(suite: str, runs: Sequence["Run"]) -> dict[str, Any]:
    many = len(runs) > 1
    metrics: dict[str, dict[str, float]] = {}
    references: list[dict[str, str | float]] = []
    notes: list[str] = []
    for run in runs:
        before = f"{run.suite}." if many else ""
        for name, figure in run.outcome.metrics.items():
            values = {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
            metrics[f"{before}{name}"] = values
        references += [
            {**dataclasses.asdict(item), "measure": f"{before}{item.measure}"} for item in run.outcome.references
        ]
        notes += run.outcome.notes
    return {
        "suite": suite,
        "system": runs[0].system,
        "n": sum(run.outcome.n for run in runs),
        "failed": sum(run.outcome.failed for run in runs),
        "metrics": metrics,
        "references": references,
        "settings": runs[0].settings_digest,
        "notes": notes,
    }


def measurements(wanted: Wanted, *, on_file: "OnFile", on_score: OnScore) -> Iterator[Measured]:
    """Yield the figures of each suite as soon as they are there.

    Raises:
        RagError: what is wanted cannot be measured; of several suites one without data is only told.
    """
    with Session(wanted.settings) as session:
        run = _Runner(session, wanted, on_file, on_score)
        if wanted.gold is not None and wanted.docs is not None:
            suite = folder_suite(wanted.gold, wanted.docs, limit=wanted.limit, seed=wanted.seed)
            yield run.answers(suite.name, [suite])
        yield from map(run.suite if len(wanted.suites) == 1 else run.suite_if_there, wanted.suites)


@dataclass(frozen=True, slots=True)
class _Runner:
    session: Session
    wanted: Wanted
    on_file: "OnFile"
    on_score: OnScore

    def suite(self, name: str) -> Measured:
        from eval.suites import answer_suites, claim_suites

        wanted = self.wanted
        assert wanted.data is not None
        if name in answer_suites():
            loaders = list(answer_suites()[name].values())
            # The limit is that of the suite: its parts share it.
            limit = wanted.limit and -(-wanted.limit // len(loaders))
            parts = [loader(wanted.data, limit=limit, seed=wanted.seed) for loader in loaders]
            return self.answers(name, parts)
        if name in claim_suites():
            judged = _judged(claim_suites()[name](wanted.data, limit=wanted.limit, seed=wanted.seed), wanted.seed)
            return self._bare(name, judged)
        return self._bare(name, self._reader(name, wanted.data))

    def suite_if_there(self, name: str) -> Measured:
        try:
            return self.suite(name)
        except DocumentsError as error:
            return Measured(name, problem=f"{name}: {error.message} {error.hint}")

    def _reader(self, name: str, data: Path) -> "Outcome":
        from rag import compose_readers as readers

        limit, seed = self.wanted.limit, self.wanted.seed
        if name == "cast":
            return readers.cast_outcome(self.session, data, seed=seed)
        if name == "retrieval":
            return readers.retrieval_outcome(self.session, data, limit=limit, seed=seed, on_file=self.on_file)
        return readers.reader_outcome(name, data, limit=limit, seed=seed)

    def _bare(self, name: str, outcome: "Outcome") -> Measured:
        """Return a suite that asks no questions: figures and nothing else."""
        from eval.report import Run

        settings = self.wanted.settings
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        run = Run(name, PRODUCT, name, started, outcome, settings_digest=settings.digest(), seed=self.wanted.seed)
        return Measured(name, (run,))

    def answers(self, name: str, suites: Sequence["AnswerSuite"]) -> Measured:
        """Ask the parts of a suite with each system."""
        scored = {system: tuple(self._asked(suite, system) for suite in suites) for system in self.wanted.systems}
        return Measured(name, tuple(self._reported(scored)), scored)

    def _asked(self, suite: "AnswerSuite", system: str) -> "Scored":
        from eval.assemble import score

        if not suite.cases:
            hint = "Draw more (--limit), or look into the data: no row of it can be asked."
            raise DocumentsError(f"No case of {suite.name} is left to ask.", hint=hint)
        wanted = self.wanted
        options = RunOptions(
            wanted.out / f"{suite.name}-{system}", system=system, seed=wanted.seed, resume=wanted.resume
        )
        on_record = _Tally(suite, self.on_score)
        return score(
            suite, measure(self.session, suite, options=options, on_file=self.on_file, on_record=on_record)
        )

    def _reported(self, scored: Mapping[str, tuple["Scored", ...]]) -> Iterator["Run"]:
        from eval.assemble import report_run

        systems = list(scored)
        for part, ours in enumerate(scored[systems[0]]):
            theirs = scored[systems[1]][part] if len(systems) > 1 else self._earlier(ours)
            yield report_run(ours, theirs)
        for system in systems[1:]:
            yield from (report_run(one) for one in scored[system])

    def _earlier(self, ours: "Scored") -> "Scored | None":
        """Return the earlier run to compare with, where one was named."""
        from eval.assemble import score
        from eval.journal import Finished, Header, read_journal
        from rag.compose_eval import RECORDS

        folder = self.wanted.baseline
        if folder is None:
            return None
        header: Header = ours.finished.header
        places = [folder / RECORDS, folder / f"{header.suite}-{header.system}" / RECORDS]
        path = next((place for place in places if place.is_file()), places[-1])
        before, records = read_journal(path)
        if before.cases != header.cases:
            message = f"The run in {path} asked other cases ({before.cases}, not {header.cases})."
            raise UsageError(message, hint="Compare runs of the same questions over the same documents.")
        return score(ours.suite, Finished(before, tuple(records)))


class _Tally:
    """The running score of a run: the mean of its headline measure."""

    def __init__(self, suite: "AnswerSuite", told: OnScore) -> None:
        self._cases = {case.id: case for case in suite.cases}
        self._measure = next((one for one in suite.measures if one.per_row is not None), None)
        self._told = told
        self._scores: list[float] = []

    def __call__(self, done: int, total: int, record: "Record") -> None:
        from eval.assemble import case_scores
        from eval.types import Row

        words = ""
        if self._measure is not None:
            row = Row(self._cases[record.id], record)
            self._scores += case_scores(self._measure, [row]).values()
            if self._scores:
                words = f"{self._measure.name} {sum(self._scores) / len(self._scores):.2f}"
        self._told(done, total, score=words)


def _judged(suite: "ClaimSuite", seed: int) -> "Outcome":
    """Return how the product's verifier, and a lexical one, agree with people."""
    from eval.measures_compare import judge_claims
    from eval.metrics_citation import lexical_support
    from eval.product_judge import product_support
    from eval.types import Outcome

    judges = {"product": product_support, "lexical": lexical_support}
    metrics = {
        f"{judge}.{name}": figure
        for judge, support in judges.items()
        for name, figure in judge_claims(suite.cases, support, seed=seed).items()
    }
    notes = (f"{suite.dropped} rows of the data hold no claim that can be judged",) if suite.dropped else ()
    references = tuple(replace(item, measure=f"product.{item.measure}") for item in suite.references)
    return Outcome(suite.name, len(suite.cases), 0, metrics, references, notes=notes)


# The gate


def gate_lines(wanted: Wanted, done: Sequence[Measured]) -> tuple[list[str], bool]:
    """Return what became of each measure since the baseline in words, and whether one fell.

    Raises:
        UsageError: the baseline is no baseline, or of another measurement.
    """
    from eval.gate import fallen, hold_against, read_baseline

    assert wanted.gate is not None
    verdicts = hold_against(_first_scored(done), read_baseline(wanted.gate))
    lines = [f"{'FELL' if v.fell else 'ok':<5} {v.measure}: {v.comparison}" for v in verdicts]
    return lines, bool(fallen(verdicts))


def keep_baseline(wanted: Wanted, done: Sequence[Measured]) -> None:
    """Write the run for later gates to hold against."""
    from eval.gate import write_baseline

    assert wanted.write_baseline is not None
    write_baseline(wanted.write_baseline, _first_scored(done).finished)


def _first_scored(done: Sequence[Measured]) -> "Scored":
    parts = [part for measured in done for parts in measured.scored.values() for part in parts]
    if not parts:
        raise UsageError("A gate needs a run that asks questions.", hint="Use it with --gold, or an answer suite.")
    return parts[0]
