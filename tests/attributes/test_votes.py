"""Neighbours and their votes against brute force; copies do not vouch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from visualsearch.attributes import votes
from visualsearch.jobs import JobControl

BLOCKS = {"style": slice(0, 12), "colour": slice(12, 16)}


def unit(count: int, seed: int = 1) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    for block in BLOCKS.values():
        vectors[:, block] /= np.linalg.norm(vectors[:, block], axis=1, keepdims=True)
    return vectors


def test_neighbours_are_those_of_brute_force() -> None:
    vectors = unit(200)
    near, groups = votes.find_neighbours(vectors, BLOCKS, JobControl(), k=7)
    assert len(np.unique(groups)) == 200
    scores = {name: vectors[:, block] @ vectors[:, block].T for name, block in BLOCKS.items()}
    scores["joint"] = (scores["style"] + scores["colour"]) / 2
    for name, all_ in scores.items():
        np.fill_diagonal(all_, -2)
        np.testing.assert_array_equal(near[name].rows, np.argsort(-all_, axis=1)[:, :7])
        np.testing.assert_allclose(near[name].similarity, -np.sort(-all_, axis=1)[:, :7], atol=1e-6)


def test_copies_are_one_group_and_do_not_vote() -> None:
    vectors = unit(60)
    vectors[1] = vectors[0]
    vectors[2] = vectors[0]
    near, groups = votes.find_neighbours(vectors, BLOCKS, JobControl(), k=5)
    assert groups[0] == groups[1] == groups[2]
    assert not np.isin(near["joint"].rows[:3], [0, 1, 2]).any()
    assert (near["joint"].rows >= 0).all()


def test_votes_are_weighted_shares() -> None:
    near = votes.Neighbours(
        np.array([[1, 2, 3], [0, -1, -1]], np.int32), np.array([[0.9, 0.6, 0.5], [0.4, 0, 0]], np.float32)
    )
    labels = np.array([2, 0, 1, -1], np.int32)
    np.testing.assert_allclose(near.votes(labels, 3, 0, 2), [[0.6, 0.4, 0], [0, 0, 1]], atol=1e-6)
    several = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]], bool)
    np.testing.assert_allclose(near.votes(several, 3, 0, 2), [[0.6, 0.4, 0.6], [0, 0, 1]], atol=1e-6)


def test_the_graph_says_the_same_as_the_scan(shop_of: Callable) -> None:
    shop = shop_of(items=120)
    items = np.flatnonzero(shop.space.has_vector()).astype(np.int32)
    found = votes.neighbours_from_graph(shop.space, items, JobControl())
    assert found is not None
    rows = shop.space.row[np.searchsorted(shop.space.item, items)]
    blocks = {name: shop.space.block(name) for name in shop.space.dims}
    near, _ = votes.find_neighbours(shop.space.gather(rows), blocks, JobControl(), k=10)
    for name, exact in near.items():
        np.testing.assert_array_equal(found[0][name].rows[:, :10], exact.rows)


def test_few_items() -> None:
    for count in (1, 2, 3):
        near, groups = votes.find_neighbours(unit(count), BLOCKS, JobControl())
        assert len(groups) == count
        assert (near["joint"].rows >= 0).sum() == count * (count - 1)
