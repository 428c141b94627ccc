"""Vectors in memory: exact search equals brute force, an approximate one nearly, and both come back from bytes."""

import io

import numpy as np
import pytest

from index.dense import DenseIndex, Kind, sample_size


def unit_rows(count, dimensions, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def blocks(ids, vectors, rows=700):
    """Yield what a store would."""
    for start in range(0, len(ids), rows):
        yield np.asarray(ids[start : start + rows], dtype=np.int64), vectors[start : start + rows]


def exact(ids, vectors):
    return DenseIndex.exact(blocks(ids, vectors), total=len(ids), dimensions=vectors.shape[1])


def nearest(ids, vectors, query, limit, excluded=()):
    """Return the ids of the nearest by brute force."""
    scores = vectors @ query
    return [ids[row] for row in np.argsort(-scores) if ids[row] not in set(excluded)][:limit]


@pytest.mark.parametrize(("count", "dimensions"), [(1, 4), (37, 16), (2000, 384)])
def test_the_index_equals_brute_force(count, dimensions):
    vectors = unit_rows(count, dimensions)
    ids = [7 + 3 * number for number in range(count)]
    index = exact(ids, vectors)
    assert (len(index), index.dimensions, index.kind, index.recall) == (count, dimensions, Kind.EXACT, 1.0)
    assert index.ids().tolist() == ids
    scores = dict(zip(ids, (vectors @ unit_rows(1, dimensions, seed=1)[0]).tolist(), strict=True))
    for query in unit_rows(10, dimensions, seed=1):
        found = index.search(query, 20)
        assert [passage_id for passage_id, _ in found] == nearest(ids, vectors, query, 20)
    for passage_id, score in index.search(unit_rows(1, dimensions, seed=1)[0], 20):
        assert score == pytest.approx(scores[passage_id], abs=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99, 1.0])
def test_excluded_ids_are_not_found_and_all_others_are(share):
    vectors = unit_rows(500, 16)
    ids = [5 + 2 * number for number in range(500)]
    excluded = np.random.default_rng(2).permutation(ids)[: int(share * 500)]
    index = exact(ids, vectors)
    for query in unit_rows(5, 16, seed=1):
        found = [passage_id for passage_id, _ in index.search(query, 20, excluded=np.sort(excluded))]
        assert found == nearest(ids, vectors, query, 20, excluded)


def test_an_empty_index_finds_nothing():
    index = DenseIndex.exact([], total=0, dimensions=4)
    assert (len(index), index.search(unit_rows(1, 4)[0], 5), index.ids().tolist()) == (0, [], [])


@pytest.mark.parametrize("total", [1, 3])
def test_the_promised_number_of_vectors_must_come(total):
    with pytest.raises(ValueError):
        DenseIndex.exact(blocks([1, 2], unit_rows(2, 4)), total=total, dimensions=4)


@pytest.fixture(scope="module")
def clustered():
    """Return ids, vectors and an approximate index of them."""
    noise = np.random.default_rng(3).normal(size=(6000, 64)).astype(np.float32)
    vectors = np.repeat(unit_rows(100, 64), 60, axis=0) + 0.6 * noise / 8
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.arange(10, 6010, dtype=np.int64)
    sample = vectors[np.linspace(0, 5999, sample_size(6000)).astype(int)]
    return ids, vectors, DenseIndex.approximate(blocks(ids, vectors), total=6000, sample=sample)


def test_an_approximate_index_reaches_the_recall_it_says(clustered):
    ids, vectors, index = clustered
    assert (len(index), index.kind, index.ids().tolist()) == (6000, Kind.APPROXIMATE, ids.tolist())
    assert index.recall >= 0.97
    questions = unit_rows(100, 64) + unit_rows(100, 64)[::-1]
    shares = []
    for question in questions:
        found = {passage_id for passage_id, _ in index.search(question, 40)}
        shares.append(len(found & set(nearest(ids, vectors, question, 10))) / 10)
    assert np.mean(shares) >= 0.95


def test_an_approximate_index_leaves_excluded_ids_out(clustered):
    ids, _, index = clustered
    found = index.search(unit_rows(1, 64)[0], 50, excluded=ids[ids % 2 == 0])
    assert len(found) == 50
    assert all(passage_id % 2 for passage_id, _ in found)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_index_comes_back_from_its_bytes(clustered, kind):
    ids, vectors, index = clustered
    if kind is Kind.EXACT:
        index = exact(ids.tolist(), vectors)
    stream = io.BytesIO()
    index.write(stream.write)
    stream.seek(0)
    again = DenseIndex.read(stream.read, recall=index.recall)
    assert (len(again), again.kind, again.recall) == (len(index), kind, index.recall)
    for query in unit_rows(5, 64, seed=9):
        assert again.search(query, 20) == index.search(query, 20)


def test_an_error_while_writing_comes_through():
    def full(data):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        exact([1], unit_rows(1, 4)).write(full)
