"""Several suites in one run: what is wrong with one is told, and the others have their figures."""

import pytest

from rag import measuring
from rag.errors import DocumentsError, ModelError
from rag.measuring import Measured, measurements
from rag.settings import load_settings
from rag.wanted import Wanted


def of_two(monkeypatch, tmp_path, error):
    def suite(self, name):
        if name == "bad":
            raise error
        return Measured(name)

    monkeypatch.setattr(measuring._Runner, "suite", suite)
    settings = load_settings({}, env={"RAG_CACHE": str(tmp_path)})
    return list(measurements(Wanted(settings, tmp_path, suites=("bad", "good")), None))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DocumentsError("No data.", hint="Put it there."), "No data. Put it there."),
        (ZeroDivisionError("by 0"), "by 0"),
    ],
)
def test_what_is_wrong_with_one_suite_is_told_and_the_next_is_measured(monkeypatch, tmp_path, error, told):
    bad, good = of_two(monkeypatch, tmp_path, error)
    assert told in bad.problem
    assert not good.problem


def test_a_missing_model_ends_them_all(monkeypatch, tmp_path):
    with pytest.raises(ModelError):
        of_two(monkeypatch, tmp_path, ModelError("No embedder.", hint="Install it."))
