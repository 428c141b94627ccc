"""From what a person wants measured to figures, suite by suite. Knows suites and runs; prints nothing.

Whatever can be refused (a gate, an earlier run, a run to go on with that measures something else) is refused
before the first case is asked. Like rag.compose it imports inside functions, so that a command loads only what it
uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.compose_eval import (
    PRODUCT,
    RECORDS,
    RunOptions,
    Session,
    measure,
    measure_reading,
    run_header,
)
from rag.compose_gold import folder_suite
from rag.errors import DocumentsError, RagError, UsageError
from rag.wanted import Wanted

if TYPE_CHECKING:
    from eval.assemble import Scored
    from eval.gate import Baseline
    from eval.journal import Finished, Header
    from eval.readings import Reading
    from eval.report import Run
    from eval.types import AnswerSuite, Record
    from index.ingest import Step


class Watcher(Protocol):
    """Who is told how a run goes."""

    def on_file(self, step: "Step") -> None:
        """Take note of a text of a suite's library."""

    def on_score(self, done: int, total: int, *, score: str) -> None:
        """Take note of a case: how many are done, of how many, and the score so far in words."""

    def on_warning(self, message: str) -> None:
        """Take note of what a person should know though the run goes on."""


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
        """Return the figures of all parts as one JSON object."""
        from eval.report_json import figures

        return figures(self.suite, self.runs)


def measurements(wanted: Wanted, watcher: Watcher) -> Iterator[Measured]:
    """Yield the figures of each suite as soon as they are there.

    Raises:
        RagError: what is wanted cannot be measured; of several suites one without data is only told.
    """
    from eval.gate import read_baseline

    gate = None if wanted.gate is None else read_baseline(wanted.gate)
    with Session(wanted.settings) as session:
        run = _Runner(session, wanted, watcher, gate)
        if wanted.gold is not None and wanted.docs is not None:
            suite = folder_suite(wanted.gold, wanted.docs, limit=wanted.limit, seed=wanted.seed)
            yield run.answers(suite.name, [suite])
        yield from map(run.suite if len(wanted.suites) == 1 else run.suite_if_there, wanted.suites)


@dataclass(frozen=True, slots=True)
class _Runner:
    session: Session
    wanted: Wanted
    watcher: Watcher
    gate: "Baseline | None" = None

    def suite(self, name: str) -> Measured:
        from eval.suites import answer_suites, claim_suites, load_parts, told
        from rag import compose_readers as readers

        data, limit, seed = self.wanted.data, self.wanted.limit, self.wanted.seed
        assert data is not None
        if name in answer_suites():
            parts, missing = load_parts(answer_suites(data)[name], data, limit=limit, seed=seed)
            for words in missing:
                self.watcher.on_warning(f"{name}: {words}")
            return self.answers(name, [replace(part, notes=(*part.notes, *missing)) for part in parts])
        if name in claim_suites():
            claims = claim_suites()[name](data, limit=limit, seed=seed)
            return self.reading(readers.claim_reading(claims, self.session.settings))
        read = partial(readers.reading, name, self.session, data=data, limit=limit, seed=seed)
        return self.reading(told(name, lambda: read(on_file=self.watcher.on_file)))

    def suite_if_there(self, name: str) -> Measured:
        try:
            return self.suite(name)
        except DocumentsError as error:
            return Measured(name, problem=f"{name}: {error.message} {error.hint}")
        except RagError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad suite must not take the others' figures along
            told = f"{type(error).__name__}: {error}"
            hint = f"Run it alone to see where: rag eval --suite {name}"
            return Measured(name, problem=f"{name}: it could not be measured ({told}). {hint}")

    def reading(self, made: "Reading") -> Measured:
        """Let the reader of a suite read its cases; no system is asked."""
        alone = replace(self, wanted=replace(self.wanted, systems=(PRODUCT,)))
        return alone.answers(made.suite.name, [made.suite], reading=made)

    def answers(self, name: str, suites: Sequence["AnswerSuite"], *, reading: "Reading | None" = None) -> Measured:
        """Ask the parts of a suite with each system, or let `reading` read its cases."""
        earlier = {suite.name: self._checked(suite) for suite in suites}
        self._check_gate(name, suites)
        scored = {
            system: tuple(self._asked(suite, system, reading) for suite in suites)
            for system in self.wanted.systems
        }
        return Measured(name, tuple(_reported(scored, earlier)), scored)

    def _checked(self, suite: "AnswerSuite") -> "Finished | None":
        """Refuse what cannot be asked, or gone on with; return the earlier run to compare with, if any."""
        if not suite.cases:
            hint = "Draw more (--limit), or look into the data: no row of it can be asked."
            raise DocumentsError(f"No case of {suite.name} is left to ask.", hint=hint)
        headers = [run_header(self.session, suite, options=self._run(suite, name)) for name in self.wanted.systems]
        if self.wanted.resume:
            for header in headers:
                self._check_resumed(header, self._run(suite, header.system).folder / RECORDS)
        return self._beside(headers[0])

    def _beside(self, header: "Header") -> "Finished | None":
        """Return the earlier run to compare with; of many suites one that has none is only told."""
        if self.wanted.baseline is None:
            return None
        try:
            return _earlier(self.wanted.baseline, header, may_differ=self.wanted.may_differ)
        except UsageError as error:
            if len(self.wanted.suites) < 2:
                raise
            self.watcher.on_warning(f"{header.suite} is not compared: {error.message}")
            return None

    def _check_resumed(self, header: "Header", path: Path) -> None:
        from eval.journal import check_resumable, other_commit, read_journal

        if not path.is_file():
            return
        there, _ = read_journal(path)
        check_resumable(path, there=there, here=header, retry=self.wanted.retry_failed)
        if warning := other_commit(path, there=there, here=header):
            self.watcher.on_warning(warning)

    def _check_gate(self, name: str, suites: Sequence["AnswerSuite"]) -> None:
        from eval.gate import check_comparable

        if self.gate is None and self.wanted.write_baseline is None:
            return
        if len(suites) > 1:
            parts = ", ".join(suite.name for suite in suites)
            hint = "Gates are for gold questions, and for suites of one part."
            raise UsageError(f"A baseline holds one run, and {name} is asked in parts ({parts}).", hint=hint)
        if self.gate is not None:
            options = self._run(suites[0], self.wanted.systems[0])
            check_comparable(run_header(self.session, suites[0], options=options), self.gate)

    def _run(self, suite: "AnswerSuite", system: str) -> RunOptions:
        wanted = self.wanted
        folder = wanted.out / f"{suite.name}-{system}"
        return RunOptions(
            folder,
            system=system,
            seed=wanted.seed,
            resume=wanted.resume,
            retry_failed=wanted.retry_failed,
            case_seconds=wanted.case_seconds,
        )

    def _asked(self, suite: "AnswerSuite", system: str, reading: "Reading | None") -> "Scored":
        from eval.assemble import Tally, score

        tally = Tally(suite)

        def _told(done: int, total: int, record: "Record") -> None:
            self.watcher.on_score(done, total, score=tally.after(record))

        options = self._run(suite, system)
        if reading is not None:
            return score(suite, measure_reading(self.session, reading, options=options, on_record=_told))
        on_file = self.watcher.on_file
        return score(suite, measure(self.session, suite, options=options, on_file=on_file, on_record=_told))


def _earlier(run: Path, header: "Header", *, may_differ: frozenset[str]) -> "Finished":
    """Return the earlier run of the same cases that lies in the folder `run`.

    Raises:
        UsageError: there is none, it asked other cases or with other settings, or it is not finished.
    """
    from eval.journal import Finished, read_journal

    places = [run / RECORDS, run / f"{header.suite}-{header.system}" / RECORDS]
    path = next((place for place in places if place.is_file()), places[-1])
    before, records = read_journal(path)
    if (before.n, before.cases) != (header.n, header.cases):
        message = (
            f"The run in {path} asked {before.n} other cases ({before.cases}; here {header.n}: {header.cases})."
        )
        raise UsageError(message, hint="Compare runs of the same questions over the same documents.")
    # The seed drew the cases, and those are the same.
    if different := header.differences(before, but={*may_differ, "seed"}):
        message = f"The run in {path} was made with other settings: {'; '.join(different)}."
        hint = "Use those settings again, or type the flag whose worth you want to see (--reader, --passages ...)."
        raise UsageError(message, hint=hint)
    if len(records) < before.n:
        message = f"The run in {path} is not finished: it has {len(records)} of {before.n} cases."
        raise UsageError(
            message, hint=f"Finish it first, with the flags it was started with: --resume --out {run}"
        )
    return Finished(before, tuple(records))


def _reported(
    scored: Mapping[str, tuple["Scored", ...]], earlier: Mapping[str, "Finished | None"]
) -> Iterator["Run"]:
    """Yield the parts of the first system, beside the second or an earlier run; then the other systems."""
    from eval.assemble import report_run, score

    systems = list(scored)
    for part, ours in enumerate(scored[systems[0]]):
        before = earlier[ours.suite.name]
        theirs = score(ours.suite, before) if before is not None else None
        yield report_run(ours, scored[systems[1]][part] if len(systems) > 1 else theirs)
    for system in systems[1:]:
        yield from (report_run(one) for one in scored[system])


# The gate


def gate_lines(wanted: Wanted, done: Sequence[Measured]) -> tuple[list[str], bool]:
    """Return what became of each measure since the baseline in words, and whether one fell.

    Raises:
        UsageError: the baseline is no baseline, or of another measurement.
    """
    from eval.gate import fallen, hold_against, read_baseline

    assert wanted.gate is not None
    verdicts = hold_against(_first_scored(done), read_baseline(wanted.gate))
    return [str(verdict) for verdict in verdicts], bool(fallen(verdicts))


def keep_baseline(wanted: Wanted, done: Sequence[Measured]) -> None:
    """Write the run for later gates to hold against."""
    from eval.gate import write_baseline

    assert wanted.write_baseline is not None
    write_baseline(wanted.write_baseline, _first_scored(done))


def _first_scored(done: Sequence[Measured]) -> "Scored":
    return next(part for measured in done for parts in measured.scored.values() for part in parts)
