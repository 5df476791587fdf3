"""Annoy's candidates and the neighbour graphs, against exact answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visualsearch.errors import CacheDamaged
from visualsearch.vectors.annoy_index import Index, build_index, effort
from visualsearch.vectors.graph import JOINT, NEIGHBOURS, Graphs, build_graphs

BLOCKS = {"style": slice(0, 24), "colour": slice(24, 32)}
WIDTH = 32


def drawn(rows: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(30, WIDTH))[rng.integers(0, 30, rows)] + 0.6 * rng.normal(size=(rows, WIDTH))
    for columns in BLOCKS.values():
        vectors[:, columns] /= np.linalg.norm(vectors[:, columns], axis=1, keepdims=True)
    return vectors.astype(np.float32)


def indexed(vectors: np.ndarray, folder: Path) -> dict[str, Index]:
    found = {}
    for name, columns in BLOCKS.items():
        build_index(vectors[:, columns], folder / f"{name}.annoy", lambda done: None)
        found[name] = Index(folder / f"{name}.annoy", columns.stop - columns.start, len(vectors))
    return found


def best(vectors: np.ndarray, columns: slice, row: int, k: int) -> np.ndarray:
    scores = vectors[:, columns].astype(np.float64) @ vectors[row, columns]
    scores[row] = -np.inf
    return np.sort(scores)[::-1][:k]


@pytest.mark.parametrize("rows", [1, 2, 15, 21, 700, 1100])
def test_graphs_hold_the_nearest_rows(rows: int, tmp_path: Path) -> None:
    vectors = drawn(rows)
    graphs = build_graphs(vectors, BLOCKS, indexed(vectors, tmp_path), lambda done: None)
    k = min(NEIGHBOURS, rows - 1)
    for name, columns in [*BLOCKS.items(), (JOINT, slice(0, WIDTH))]:
        near, similar = graphs.neighbours[name], graphs.similarities[name]
        assert near.shape == similar.shape == (rows, NEIGHBOURS)
        assert (near[:, k:] == -1).all()
        share = len(BLOCKS) if name == JOINT else 1
        for row in range(0, rows, 37):
            assert row not in near[row]
            np.testing.assert_allclose(similar[row, :k], best(vectors, columns, row, k) / share, atol=2e-3)


def test_graphs_of_many_rows_come_from_the_index(tmp_path: Path) -> None:
    vectors = drawn(1500)
    index = indexed(vectors, tmp_path)
    exact = build_graphs(vectors, BLOCKS, index, lambda done: None)
    proposed = build_graphs(vectors, BLOCKS, index, lambda done: None, exact_rows=0)
    for name in (*BLOCKS, JOINT):
        pairs = zip(exact.neighbours[name], proposed.neighbours[name], strict=True)
        assert np.mean([np.isin(one, other).mean() for one, other in pairs]) > 0.95


def test_graphs_survive_the_disk(tmp_path: Path) -> None:
    vectors = drawn(90)
    graphs = build_graphs(vectors, BLOCKS, indexed(vectors, tmp_path), lambda done: None)
    graphs.save(tmp_path / "graph.bin")
    again = Graphs.open(tmp_path / "graph.bin", 90)
    for name in (*BLOCKS, JOINT):
        np.testing.assert_array_equal(graphs.neighbours[name], again.neighbours[name])
        np.testing.assert_array_equal(graphs.similarities[name], again.similarities[name])
    with pytest.raises(CacheDamaged):
        Graphs.open(tmp_path / "graph.bin", 91)


def test_identical_rows_are_neighbours(tmp_path: Path) -> None:
    vectors = np.repeat(drawn(4), 30, axis=0)
    graphs = build_graphs(vectors, BLOCKS, indexed(vectors, tmp_path), lambda done: None)
    near = graphs.neighbours["style"]
    assert (near // 30 == np.arange(120)[:, None] // 30).all()


def test_candidates_hold_the_best_by_a_block(tmp_path: Path) -> None:
    vectors = drawn(4000)
    rng = np.random.default_rng(1)
    for name, index in indexed(vectors, tmp_path).items():
        block = vectors[:, BLOCKS[name]]
        found = []
        for _ in range(20):
            scorer = rng.normal(size=block.shape[1])
            exact = np.argsort(-(block @ scorer))[:100]
            found.append(np.isin(exact, index.candidates(scorer, *effort(4000, 100))).mean())
        assert np.mean(found) >= 0.95


def test_a_cancelled_index_leaves_nothing(tmp_path: Path) -> None:
    def progress(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(drawn(50), tmp_path / "index.annoy", progress)
    assert not list(tmp_path.iterdir())


def test_an_index_of_other_rows_is_refused(tmp_path: Path) -> None:
    vectors = drawn(50)
    build_index(vectors, tmp_path / "index.annoy", lambda done: None)
    with pytest.raises(CacheDamaged):
        Index(tmp_path / "index.annoy", WIDTH, 51)
    with pytest.raises(CacheDamaged):
        Index(tmp_path / "missing", WIDTH, 50)
