"""The snapshot file and the live index: whatever happens to the files, every answer equals exact search."""

import json
import random
import shutil
from contextlib import closing

import numpy as np
import pytest

from index import live, snapshot
from index.doctor import examine
from index.live import LiveIndex
from index.lock import writer_lock
from index.snapshot import CURRENT, FOLDER, SnapshotError
from index.store import Content, FileRecord, Store
from rag.types import Document, FileStatus

DIMENSIONS = 16


@pytest.fixture(autouse=True)
def small_thresholds(monkeypatch):
    """Let a few passages have a snapshot and a few changes make it old."""
    monkeypatch.setattr(snapshot, "FILE_FROM", 20)
    monkeypatch.setattr(snapshot, "_STALE_FLOOR", 15)


def unit_rows(count, seed):
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def put(store, number, passages=5, version=0):
    text = " ".join(f"{number}.{place}.{version}" for place in range(passages))
    ends = [match for match, char in enumerate(f"{text} ") if char == " "]
    spans = list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))
    content = Content(Document(text, text, "Title", "text/plain"), spans, unit_rows(passages, [number, version]))
    store.put(FileRecord(f"/docs/{number}", "/docs", 1, 1, 1, 1, FileStatus.READY), content)


@pytest.fixture
def store(tmp_path):
    with closing(Store.create(tmp_path / "library")) as opened:
        opened.set_embedder("fake", "fake")
        for number in range(20):
            put(opened, number)
        yield opened


def publish(store):
    with writer_lock(store.folder):
        return snapshot.publish_if_due(store, dimensions=DIMENSIONS)


def assert_exact(index, store, seed=7):
    """Compare the index with brute force over what the database holds."""
    ids, vectors = store.vectors()
    for question in unit_rows(5, seed):
        with store.reading():
            found = index.search(question, 10)
        order = np.argsort(-(vectors @ question))[:10]
        assert [passage_id for passage_id, _ in found] == [ids[row] for row in order]
        assert [score for _, score in found] == pytest.approx((vectors @ question)[order].tolist(), abs=1e-5)


def fresh(store, **options):
    return LiveIndex(store, dimensions=DIMENSIONS, **options)


def manifest(store):
    return snapshot.read_manifest(store.folder)


def files(store):
    folder = store.folder / FOLDER
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def problems(store):
    return {check.name: check.problem for check in examine(store) if check.problem and check.name != "references"}


# Publishing


def test_a_published_snapshot_is_what_the_database_holds(store):
    assert publish(store) is None
    known = manifest(store)
    assert (known.n, known.generation, known.embedder, known.kind, known.recall) == (100, 20, "fake", "flat", 1.0)
    assert files(store) == [CURRENT, known.file]
    assert known.file == f"g20-{known.sha256[:8]}.faiss"
    index = fresh(store)
    assert_exact(index, store)
    assert index.take_warnings() == []
    assert problems(store) == {}


def test_a_small_library_has_no_file(tmp_path):
    with closing(Store.create(tmp_path / "small")) as store:
        put(store, 1)
        assert publish(store) is None
        index = fresh(store)
        assert_exact(index, store)
        assert (files(store), index.take_warnings()) == ([], [])


def test_few_changes_stand_beside_the_snapshot_and_many_make_a_new_one(store):
    publish(store)
    first = manifest(store)
    put(store, 1, version=1)
    publish(store)
    assert manifest(store) == first
    store.forget([f"/docs/{number}" for number in range(2, 4)])
    publish(store)
    second = manifest(store)
    assert (second.n, second.generation) == (90, store.generation())
    assert files(store) == [CURRENT, second.file]


def test_a_full_disk_leaves_the_last_snapshot_and_says_so(store, monkeypatch):
    publish(store)
    before = files(store)
    for number in range(30, 40):
        put(store, number)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot, "_write_all", full)
    assert "No space left" in publish(store)
    assert files(store) == before
    assert_exact(fresh(store), store)


def test_what_an_interrupted_publication_left_is_swept(store):
    (store.folder / FOLDER).mkdir()
    for name in ("index.part", "g3-00000000.faiss"):
        (store.folder / FOLDER / name).write_bytes(b"half")
    publish(store)
    assert files(store) == [CURRENT, manifest(store).file]


# The live index follows the library


def test_every_change_reaches_the_next_search(store):
    publish(store)
    index = fresh(store)
    chance = random.Random(1)
    for step in range(40):
        number = chance.randrange(30)
        if chance.random() < 0.4:
            store.forget([f"/docs/{number}"])
        else:
            put(store, number, passages=chance.randrange(1, 6), version=step + 1)
        assert_exact(index, store, seed=step)
    assert_exact(fresh(store), store)
    assert index.take_warnings() == []


def test_small_changes_do_not_make_the_base_again(store):
    publish(store)
    index = fresh(store)
    base = index.view().base
    put(store, 3, version=1)
    assert index.view().base is base
    assert (len(index.view().delta[0]), len(index.view().gone), len(index.view())) == (5, 5, 100)


def test_a_reader_takes_over_a_newer_snapshot(store):
    publish(store)
    index = fresh(store)
    index.view()
    for number in range(30, 40):
        put(store, number)
    publish(store)
    assert index.view().base.manifest == manifest(store)
    assert_exact(index, store)


def test_a_reader_publishes_what_it_had_to_make_unless_a_writer_is_at_work(store):
    with writer_lock(store.folder):
        assert_exact(fresh(store), store)
        assert files(store) == []
    assert_exact(fresh(store), store)
    assert files(store) == [CURRENT, manifest(store).file]


def test_a_reader_that_may_not_write_searches_all_the_same(store, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(snapshot, "write", refused)
    index = fresh(store)
    assert_exact(index, store)
    assert index.take_warnings() == ["The search snapshot is missing: the index was made again from the database."]


def test_excluded_passages_are_left_out_of_base_and_delta(store):
    publish(store)
    put(store, 50)
    ids, vectors = store.vectors()
    excluded = np.array(ids[::2], dtype=np.int64)
    (question,) = unit_rows(1, 5)
    with store.reading():
        found = [passage_id for passage_id, _ in fresh(store).search(question, 60, excluded=excluded)]
    assert found == [ids[row] for row in np.argsort(-(vectors @ question)) if row % 2][:60]


def test_scores_are_the_stored_vectors_and_unknown_ids_are_left_out(store):
    ids, vectors = store.vectors()
    (question,) = unit_rows(1, 5)
    scores = fresh(store).scores(question, [ids[3], 9999, ids[0]])
    assert scores == {ids[0]: pytest.approx(vectors[0] @ question), ids[3]: pytest.approx(vectors[3] @ question)}


def test_an_approximate_index_gives_exact_scores_and_follows_changes(store, monkeypatch):
    for number in range(100, 300):
        put(store, number)
    monkeypatch.setattr(live, "EXACT_UP_TO", 500)
    with writer_lock(store.folder):
        base = snapshot.build(store, dimensions=DIMENSIONS, exact_up_to=500)
        snapshot.write(store, base)
    assert manifest(store).kind == "ivf_sq8"
    put(store, 7, version=1)
    store.forget(["/docs/8"])
    index = fresh(store)
    ids, vectors = store.vectors()
    shares = []
    for question in unit_rows(40, 3):
        with store.reading():
            found = dict(index.search(question, 10))
        exact = vectors @ question
        assert all(found[i] == pytest.approx(exact[ids.index(i)], abs=1e-5) for i in found)
        shares.append(len(set(found) & {ids[row] for row in np.argsort(-exact)[:10]}) / 10)
    assert np.mean(shares) >= 0.95
    assert problems(store) == {}
    (detail,) = [check.detail for check in examine(store) if check.name == "snapshot"]
    assert f"recall@10 {base.index.recall:.3f}" in detail


# What is wrong with the files is told, repaired and never felt


def other_embedder(store):
    store.set_embedder("other", "other")


def newer(store):
    store.connection.execute("DELETE FROM changes WHERE seq >= 20")


def other_history(store):
    store.connection.execute("UPDATE changes SET mark = 'other' WHERE seq = 20")


def cut(store):
    path = store.folder / FOLDER / manifest(store).file
    path.write_bytes(path.read_bytes()[:-100])


def flip(store):
    path = store.folder / FOLDER / manifest(store).file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def vanish(store):
    (store.folder / FOLDER / manifest(store).file).unlink()


def no_manifest(store):
    (store.folder / FOLDER / CURRENT).unlink()


def garbled(store):
    (store.folder / FOLDER / CURRENT).write_bytes(b"\x00\xff{")


def rewrite(store, **values):
    path = store.folder / FOLDER / CURRENT
    known = json.loads(path.read_text())
    del known["checksum"]
    path.write_text(snapshot.signed({**known, **values}))


def other_kind(store):
    rewrite(store, format=99)


def climbing(store):
    rewrite(store, file="../store.db")


def wrong_type(store):
    rewrite(store, n="100")


def one_digit(store):
    path = store.folder / FOLDER / CURRENT
    path.write_text(path.read_text().replace('"last_id": 100', '"last_id": 900'))


def no_object(store):
    (store.folder / FOLDER / CURRENT).write_text("[]")


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (other_embedder, "another embedder"),
        (newer, "newer"),
        (other_history, "another library"),
        (cut, "checksum"),
        (flip, "checksum"),
        (vanish, "cannot be read"),
        (no_manifest, "missing"),
        (garbled, "manifest"),
        (other_kind, "another kind"),
        (climbing, "another kind"),
        (wrong_type, "another kind"),
        (one_digit, "manifest"),
        (no_object, "manifest"),
    ],
)
def test_whatever_is_wrong_is_one_line_and_every_answer_is_exact(store, harm, word):
    publish(store)
    harm(store)
    seen_by_doctor = problems(store)
    assert (word in seen_by_doctor.get("snapshot", "")) == (harm is not no_manifest)
    index = fresh(store)
    assert_exact(index, store)
    (line,) = index.take_warnings()
    assert word in line
    assert "\n" not in line
    again = fresh(store)
    assert_exact(again, store)
    assert again.take_warnings() == [], "the first reader repaired it"
    assert problems(store) == {}


def test_a_snapshot_of_another_library_is_not_used(store, tmp_path):
    publish(store)
    with closing(Store.create(tmp_path / "other")) as other:
        other.set_embedder("fake", "fake")
        for number in range(20):
            put(other, number, version=3)
        publish(other)
        shutil.rmtree(store.folder / FOLDER)
        shutil.copytree(other.folder / FOLDER, store.folder / FOLDER)
    index = fresh(store)
    assert_exact(index, store)
    assert "another library" in index.take_warnings()[0]


def test_a_restored_backup_does_not_use_the_snapshot_of_the_time_after_it(store, tmp_path):
    backup = tmp_path / "backup.db"
    store.connection.execute("VACUUM INTO ?", (str(backup),))
    for number in range(30, 40):
        put(store, number)
    publish(store)
    store.close()
    for path in store.folder.glob("store.db*"):
        path.unlink()
    shutil.copy(backup, store.folder / "store.db")
    with closing(Store.create(store.folder)) as restored:
        for number in range(60, 75):
            put(restored, number)
        index = fresh(restored)
        assert_exact(index, restored)
        assert "another library" in index.take_warnings()[0]


def damage(store, chance, spare):
    """Harm the published files in one of the ways that disks and people do."""
    target = store.folder / FOLDER / chance.choice([CURRENT, manifest(store).file, manifest(store).file])
    data = bytearray(target.read_bytes())
    kind = chance.choice(["flip", "cut", "zero", "swap", "grow", "remove"])
    if kind == "flip":
        for _ in range(chance.choice([1, 1, 8])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del data[chance.randrange(len(data)) :]
    elif kind == "zero":
        start = chance.randrange(len(data))
        stop = min(len(data), start + chance.choice([1, 64, 512]))
        data[start:stop] = bytes(stop - start)
    elif kind == "swap":
        data = bytearray((spare / (CURRENT if target.name == CURRENT else "index")).read_bytes())
    elif kind == "grow":
        data += chance.randbytes(64)
    target.write_bytes(data)
    if kind == "remove":
        target.unlink()
    return kind


@pytest.mark.parametrize("rounds", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_after_any_damage_every_answer_equals_exact_search(store, tmp_path, rounds):
    publish(store)
    spare = tmp_path / "spare"
    spare.mkdir()
    shutil.copy(store.folder / FOLDER / manifest(store).file, spare / "index")
    shutil.copy(store.folder / FOLDER / CURRENT, spare / CURRENT)
    for number in range(30, 40):
        put(store, number)
    publish(store)
    chance = random.Random(rounds)
    for turn in range(rounds):
        damage(store, chance, spare)
        assert_exact(fresh(store), store, seed=turn)
        with pytest.MonkeyPatch.context() as patch:  # a reader that cannot repair it
            patch.setattr(snapshot, "write", lambda *_: None)
            assert_exact(fresh(store), store, seed=turn)
        publish(store)
        assert manifest(store).n == 150


def test_a_manifest_says_why_it_is_refused(store):
    with pytest.raises(SnapshotError, match="missing"):
        snapshot.read_manifest(store.folder)
