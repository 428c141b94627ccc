"""A library gets the vectors of another embedder: beside the old, switched at once, whatever dies on the way."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import snapshot
from index.doctor import examine
from index.failpoints import EXIT_CODE, Failpoint
from index.ingest import Ingest, plan
from index.prepare import IngestLimits
from index.rebuild import rebuild
from index.retrieve import HybridRetriever, SearchOptions
from index.store import Store
from rag.errors import EmbedderChangedError
from rag.testing import HashEmbedder

REPO = Path(__file__).parent.parent
OLD, NEW = HashEmbedder(32), HashEmbedder(48)
LIMITS = IngestLimits()
TEXTS = {
    "a.txt": "Boats left the harbour. The captain waved to the lighthouse.",
    "b.txt": "Cats stayed at home. A storm came over the island.",
    "c.txt": "The ferry was late. Nobody knew why the bell rang.",
}
PLACES = [place for place in Failpoint if place.name.startswith("REBUILD")]

CHILD = """
import sys
from contextlib import closing
from pathlib import Path
from index import rebuild as module
from index.lock import writer_lock
from index.prepare import IngestLimits
from index.store import Store
from rag.testing import HashEmbedder
module._ROUND_PASSAGES = 1
with closing(Store.create(Path(sys.argv[1]))) as store, writer_lock(Path(sys.argv[1])):
    module.rebuild(store, HashEmbedder(48), limits=IngestLimits())
"""


@pytest.fixture
def library(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in TEXTS.items():
        (docs / name).write_text(text)
    with closing(Store.create(tmp_path / "library")) as store:
        Ingest(store, OLD, limits=LIMITS).run(plan(store, [docs]))
        yield store


def found(store, embedder, question="Which boats left the harbour?"):
    hits = HybridRetriever(store, embedder, options=SearchOptions()).search(question, limit=3)
    return [(hit.source.names, hit.passage.text) for hit in hits]


def problems(store):
    return [check for check in examine(store) if check.problem]


def test_a_rebuild_answers_with_the_new_embedder_as_a_new_library_would(library, tmp_path):
    before = [p.text for p in library.passages(library.vectors()[0]).values()]
    done = rebuild(library, NEW, limits=LIMITS)
    assert (done.documents, done.passages, done.kept) == (3, 3, 0)
    ids, vectors = library.vectors()
    texts = [library.passages([i])[i].text for i in ids]
    assert sorted(texts) == sorted(before)
    assert vectors.shape == (3, 48)
    with closing(Store.create(tmp_path / "fresh")) as fresh:
        Ingest(fresh, NEW, limits=LIMITS).run(plan(fresh, [tmp_path / "docs"]))
        assert found(library, NEW) == found(fresh, NEW)
        assert np.allclose(sorted(vectors.tolist()), sorted(fresh.vectors()[1].tolist()))
    assert problems(library) == []


def test_the_old_embedder_is_refused_after_it_by_an_open_retriever_too(library):
    retriever = HybridRetriever(library, OLD, options=SearchOptions())
    assert retriever.search("boats harbour", limit=1)
    rebuild(library, NEW, limits=LIMITS)
    with pytest.raises(EmbedderChangedError):
        retriever.search("boats harbour", limit=1)


def test_passages_are_cut_as_the_new_embedder_and_settings_need(library):
    rebuild(library, NEW, limits=IngestLimits(passage_tokens=16))
    assert library.counts()["passages"] > 3
    assert problems(library) == []


def test_noise_stays_out(library, tmp_path):
    (tmp_path / "docs" / "d.txt").write_text("Boats came back.\n\nRead more: Cats of Nemuro\n\nThey were late.")
    Ingest(library, OLD, limits=LIMITS).run(plan(library, [tmp_path / "docs"]))
    assert library.noise(4)
    rebuild(library, NEW, limits=LIMITS)
    assert not any("Read more" in p.text for p in library.passages(library.vectors()[0]).values())


def test_questions_are_answered_from_the_old_vectors_until_the_end(library, tmp_path):
    answers = []

    class Watched(HashEmbedder):
        def encode(self, texts):
            with closing(Store.open(tmp_path / "library")) as reader:
                answers.append(found(reader, OLD))
            return super().encode(texts)

    expected = found(library, OLD)
    rebuild(library, Watched(48), limits=LIMITS)
    assert answers == [expected]


def test_a_snapshot_is_made_anew(library, monkeypatch):
    monkeypatch.setattr(snapshot, "FILE_FROM", 2)
    assert snapshot.publish_if_due(library, dimensions=32) is None
    rebuild(library, NEW, limits=LIMITS)
    assert snapshot.publish_if_due(library, dimensions=48) is None
    assert snapshot.load(library, dimensions=48).index.dimensions == 48
    assert found(library, NEW)[0][0] == ("a.txt",)


def end_at(place, times, library):
    environment = {**os.environ, "PYTHONPATH": str(REPO), "RAG_FAILPOINT": f"{place.value}:{times}"}
    command = [sys.executable, "-c", CHILD, str(library)]
    return subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_death_at_any_step_leaves_the_old_or_the_new(library, place, times):
    run = end_at(place, times, library.folder)
    assert run.returncode == EXIT_CODE or (run.returncode == 0 and times > 1), run.stderr
    assert problems(library) == []
    switched = library.embedder()[0] == NEW.fingerprint
    assert switched is (place is Failpoint.REBUILD_SWITCHED or run.returncode == 0)
    assert found(library, NEW if switched else OLD)[0][0] == ("a.txt",)


def test_a_stopped_run_goes_on_where_it_was(library):
    assert end_at(Failpoint.REBUILD_STAGED, 2, library.folder).returncode == EXIT_CODE
    assert rebuild(library, NEW, limits=LIMITS).kept == 2
    assert problems(library) == []
    assert found(library, NEW)[0][0] == ("a.txt",)


def test_what_another_embedder_staged_is_thrown_away(library):
    end_at(Failpoint.REBUILD_STAGED, 2, library.folder)
    assert rebuild(library, HashEmbedder(64), limits=LIMITS).kept == 0
    assert library.vectors()[1].shape == (3, 64)


def test_damaged_staged_vectors_are_made_again(library):
    end_at(Failpoint.REBUILD_STAGED, 2, library.folder)
    library.connection.execute("UPDATE staged SET vectors = zeroblob(length(vectors)) WHERE document_id = 1")
    assert rebuild(library, NEW, limits=LIMITS).kept == 1
    assert problems(library) == []


def test_a_document_that_changes_between_two_runs_is_embedded_as_it_is_now(library, tmp_path):
    end_at(Failpoint.REBUILD_STAGED, 3, library.folder)
    (tmp_path / "docs" / "a.txt").write_text("Whales left the harbour.")
    Ingest(library, OLD, limits=LIMITS).run(plan(library, [tmp_path / "docs"]))
    assert rebuild(library, NEW, limits=LIMITS).kept == 2
    assert "Whales left the harbour." in {text for _, text in found(library, NEW)}
