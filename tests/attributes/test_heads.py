"""Heads: probabilities that did not see their item, calibrated, whatever the labels look like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.attributes import heads
from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl

WIDTH = 24
BLOCKS = {"style": slice(0, 16), "colour": slice(16, 24)}


def drawn(count: int, classes: int, noise: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count).astype(np.int32)
    centres = rng.normal(size=(classes, WIDTH))
    return (centres[labels] + noise * rng.normal(size=(count, WIDTH))).astype(np.float32), labels


def test_finds_the_values_out_of_fold() -> None:
    vectors, labels = drawn(400, 5, 0.7)
    found = heads.out_of_fold(vectors, labels, np.arange(400), JobControl(), blocks=BLOCKS)
    assert found.probabilities.shape == (400, 5)
    assert found.probabilities.dtype == np.float32
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert (found.probabilities.argmax(axis=1) == labels).mean() > 0.95


def test_what_it_learnt_by_heart_does_not_count() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(300, WIDTH)).astype(np.float32)
    labels = rng.integers(0, 3, 300).astype(np.int32)
    found = heads.out_of_fold(vectors, labels, np.arange(300), JobControl())
    assert (found.probabilities.argmax(axis=1) == labels).mean() < 0.5
    assert found.probabilities.max() < 0.8  # the temperature says how little it knows


def test_copies_do_not_vouch_for_each_other() -> None:
    rng = np.random.default_rng(3)
    vectors = np.repeat(rng.normal(size=(100, WIDTH)), 2, axis=0).astype(np.float32)
    labels = np.repeat(rng.integers(0, 2, 100), 2).astype(np.int32)
    groups = np.repeat(np.arange(100), 2)
    apart = heads.out_of_fold(vectors, labels, np.arange(200), JobControl())
    together = heads.out_of_fold(vectors, labels, groups, JobControl())
    assert (together.fold[::2] == together.fold[1::2]).all()
    right = [(found.probabilities.argmax(axis=1) == labels).mean() for found in (apart, together)]
    assert right[1] < 0.65 < right[0]


def test_claims_what_it_keeps() -> None:
    vectors, labels = drawn(1500, 4, 2.5, seed=5)
    found = heads.out_of_fold(vectors, labels, np.arange(1500), JobControl(), blocks=BLOCKS)
    top = found.probabilities.max(axis=1)
    right = found.probabilities.argmax(axis=1) == labels
    assert abs(top.mean() - right.mean()) < 0.03


def test_the_colour_block_counts_where_it_tells() -> None:
    rng = np.random.default_rng(6)
    labels = rng.integers(0, 6, 500).astype(np.int32)
    vectors = rng.normal(size=(500, WIDTH)).astype(np.float32)
    vectors[:, 16:] = 0.25 * (rng.normal(size=(6, 8))[labels] + 0.6 * rng.normal(size=(500, 8)))
    chosen = heads.choose_settings(vectors, labels, np.arange(500), JobControl(), blocks=BLOCKS)
    assert chosen.colour_weight == 2.0


def test_several_values_each_for_itself() -> None:
    rng = np.random.default_rng(7)
    labels = rng.random((400, 3)) < [0.5, 0.3, 0.1]
    vectors = (labels @ rng.normal(size=(3, WIDTH)) + 0.5 * rng.normal(size=(400, WIDTH))).astype(np.float32)
    found = heads.out_of_fold(vectors, labels, np.arange(400), JobControl())
    known = labels.any(axis=1)
    assert ((found.probabilities > 0.5) == labels)[known].mean() > 0.95


def test_a_head_for_the_others() -> None:
    vectors, labels = drawn(300, 4, 0.6, seed=8)
    hidden = labels.copy()
    hidden[200:] = -1
    found = heads.out_of_fold(vectors, hidden, np.arange(300), JobControl())
    head = heads.fit(vectors, hidden, found.settings, JobControl())
    assert (head.probabilities(vectors[200:]).argmax(axis=1) == labels[200:]).mean() > 0.95
    assert (found.probabilities[200:].argmax(axis=1) == labels[200:]).mean() > 0.9


def test_a_sample_of_many_keeps_the_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MANY_ROWS", 300)
    vectors, labels = drawn(1200, 3, 0.5, seed=9)
    labels[labels == 2] = 1
    labels[:6] = 2
    vectors[:6] += 4
    found = heads.out_of_fold(vectors, labels, np.arange(1200), JobControl())
    assert len(found.heads) == heads.FOLDS_OF_MANY
    assert (found.probabilities[:6].argmax(axis=1) == 2).all()
    assert abs(found.probabilities[:, 2].mean() - 6 / 1200) < 0.01  # as rare as it is, not as in the sample


@settings(max_examples=15)
@given(st.integers(2, 60), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_any_labels_will_do(count: int, classes: int, seed: int, several: bool) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 6)).astype(np.float32)
    labels = rng.integers(-1, classes, count).astype(np.int32)
    labels[0] = 0
    given_ = labels
    if several:
        given_ = np.zeros((count, classes), bool)
        given_[labels >= 0, labels[labels >= 0]] = True
    groups = rng.integers(0, count, count)
    found = heads.out_of_fold(vectors, given_, groups, JobControl(), seed, classes=classes)
    assert np.isfinite(found.probabilities).all()
    assert found.probabilities.shape == (count, classes)
    for group in np.unique(groups):
        assert len(set(found.fold[groups == group].tolist())) == 1


def test_the_same_seed_gives_the_same() -> None:
    vectors, labels = drawn(120, 3, 1.0)
    first, second = (
        heads.out_of_fold(vectors, labels, np.arange(120), JobControl(), 4).probabilities for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_cancel_and_nothing_to_learn() -> None:
    vectors, labels = drawn(100, 3, 1.0)
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        heads.out_of_fold(vectors, labels, np.arange(100), control)
    with pytest.raises(ValueError, match="no row"):
        heads.out_of_fold(vectors, np.full(100, -1), np.arange(100), JobControl())
