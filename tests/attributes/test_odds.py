"""The odds that a value is wrong: doubtful values do not vouch for each other, and the probabilities add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.attributes import heads, odds, votes
from visualsearch.jobs import JobControl

CLASSES = 4
BLOCKS = {"style": slice(0, 12), "colour": slice(12, 16)}


class Catalog:
    """Drawn vectors with their values; `judge` keeps which labels were learnt from."""

    def __init__(self, count: int, noise: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.labels = rng.integers(0, CLASSES, count).astype(np.int32)
        centres = rng.normal(size=(CLASSES, 16))
        self.vectors = (centres[self.labels] + noise * rng.normal(size=(count, 16))).astype(np.float32)
        self.near, self.groups = votes.find_neighbours(self.vectors, BLOCKS, JobControl(), k=15)
        self.learnt_from: list[np.ndarray] = []

    def learn(self, labels: np.ndarray, chosen: heads.Settings | None) -> heads.OutOfFold:
        self.learnt_from.append(labels)
        return heads.out_of_fold(
            self.vectors, labels, self.groups, JobControl(), blocks=BLOCKS, settings=chosen, classes=CLASSES
        )

    def judge(self, labels: np.ndarray) -> odds.Judged:
        if labels.ndim == 2:
            rows, codes = np.nonzero(labels)
        else:
            rows = np.flatnonzero(labels >= 0)
            codes = labels[rows].astype(np.int64)
        return odds.judge(self.learn, self.near, labels, rows, codes, JobControl())


@pytest.mark.parametrize("several", [False, True])
def test_what_is_doubtful_is_not_learnt_from_again(several: bool) -> None:
    catalog = Catalog(300, 0.5, 1)
    wrong, given_ = np.arange(0, 300, 20), catalog.labels.copy()
    given_[wrong] = (given_[wrong] + 1) % CLASSES
    labels = np.eye(CLASSES, dtype=bool)[given_] if several else given_
    found = catalog.judge(labels)
    assert np.isin(np.argsort(-found.odds)[: len(wrong)], wrong).sum() >= len(wrong) - 1
    np.testing.assert_array_equal(found.other[wrong], catalog.labels[wrong])
    first, again = catalog.learnt_from
    np.testing.assert_array_equal(first, labels)
    left_out = np.asarray(~again.any(axis=1) if several else again < 0)
    assert left_out[wrong].mean() >= 0.5
    assert left_out.mean() < 0.1
    np.testing.assert_array_equal(again[~left_out], labels[~left_out])


def test_what_photos_do_not_show_accuses_nobody() -> None:
    catalog = Catalog(400, 1.0, 5)
    drawn = np.random.default_rng(6).choice(CLASSES, 400, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32)
    found = catalog.judge(drawn)
    assert (found.odds > 0).mean() < 0.02
    assert found.error_rate < 0.3


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**16), st.floats(0.3, 3.0), st.floats(0.0, 0.4), st.floats(0.0, 0.5))
def test_probabilities_add_up_to_the_errors_whatever_the_labels(
    seed: int, noise: float, mixed: float, missing: float
) -> None:
    catalog, rng = Catalog(80, noise, seed), np.random.default_rng(seed)
    labels = np.where(rng.random(80) < mixed, rng.integers(0, CLASSES, 80), catalog.labels).astype(np.int32)
    labels[rng.random(80) < missing] = -1
    found = catalog.judge(labels)
    assert np.isfinite(found.odds).all()
    assert (1 / (1 + np.exp(-found.odds))).mean() == pytest.approx(found.error_rate, abs=1e-3)
    assert 0 < found.error_rate <= 0.5
    assert ((found.belief > 0) & (found.belief <= 1)).all()
    assert len(catalog.learnt_from) <= 2
    assert all((labels[again >= 0] == again[again >= 0]).all() for again in catalog.learnt_from)
    assert all((again >= 0).sum() * 2 >= (labels >= 0).sum() for again in catalog.learnt_from)


def test_a_look_that_leaves_the_value_open_rules_none_out() -> None:
    """Of two unlikely values the one is suspicious whose photo clearly shows another, even if it is likelier."""
    count = 300
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, count).astype(np.int32)
    chances = np.full((count, 3), 0.05, np.float32)
    chances[np.arange(count), labels] = 0.9
    labels[:2] = 0
    chances[0] = 0.0005, 0.49975, 0.49975
    chances[1] = 0.005, 0.99, 0.005
    nobody = votes.Neighbours(np.full((count, 5), -1, np.int32), np.zeros((count, 5), np.float32))
    told = heads.OutOfFold(chances, np.zeros(count, np.int8), (), heads.Settings())
    found = odds.judge(
        lambda _labels, _settings: told,
        {"joint": nobody},
        labels,
        np.arange(count),
        labels.astype(np.int64),
        JobControl(),
    )
    assert np.argmax(found.odds) == 1
    assert np.argsort(-found.odds)[1] == 0
