"""Exemplar-LDA against a direct solve, and what the examples tell about the blocks."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.filters import scoring
from visualsearch.filters.examples import NEGATIVE_WEIGHT, Counts, Examples
from visualsearch.filters.intent import PRIOR_SHARE, Intent
from visualsearch.filters.scoring import Scoring
from visualsearch.vectors.space import Statistics

STYLE, COLOUR = slice(0, 8), slice(8, 12)
WIDTH = 12


def space_of(vectors: np.ndarray, reference: int = 0) -> Any:
    """What Scoring asks of a space, computed the plain way; ``reference`` of its rows may join the positives."""
    statistics = Statistics(vectors.mean(axis=0), np.cov(vectors.T, bias=True).reshape(WIDTH, WIDTH))
    return SimpleNamespace(
        dims={"style": 8, "colour": 4},
        width=WIDTH,
        block=lambda name: STYLE if name == "style" else COLOUR,
        generation=SimpleNamespace(statistics=statistics),
        row=np.arange(reference, dtype=np.int32),
        gather=lambda rows: vectors[rows],
    )


def drawn(seed: int, count: int = 300) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, WIDTH)) * np.linspace(2, 0.5, WIDTH)
    for columns in (STYLE, COLOUR):
        vectors[:, columns] /= np.linalg.norm(vectors[:, columns], axis=1, keepdims=True)
    return vectors.astype(np.float32)


VECTORS = drawn(1)
SCORING = Scoring(space_of(VECTORS))


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return max(0.0, float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))) ** 3


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 299), max_size=5, unique=True),
    st.lists(st.integers(0, 299), max_size=4, unique=True),
    st.floats(0, 1),
)
def test_solution_equals_a_direct_solve(positives: list[int], negatives: list[int], share: float) -> None:
    if not positives and not negatives:
        return
    scorer = SCORING.scorer(Examples.once(VECTORS[positives], VECTORS[negatives]), share)
    expected = np.zeros(WIDTH)
    for columns, part in ((STYLE, 1 - share), (COLOUR, share)):
        block = VECTORS[:, columns].astype(np.float64)
        mean, covariance = block.mean(axis=0), np.cov(block.T, bias=True)
        goal = np.zeros(len(mean))
        examples = len(negatives)
        if positives:
            counts = np.array(
                [1 / sum(alike(block[i] - mean, block[j] - mean) for j in positives) for i in positives]
            )
            examples = counts.sum()
            goal += counts @ block[positives] / examples - mean
        if negatives:
            goal -= (NEGATIVE_WEIGHT if positives else 1.0) * (block[negatives].mean(axis=0) - mean)
        strength = 3.0 if columns is COLOUR else max(6, 36 / examples)
        ridge = strength * np.trace(covariance) / len(mean) * np.eye(len(mean))
        solved = np.linalg.solve(covariance + ridge, goal)
        expected[columns] = part * solved / np.sqrt(solved @ covariance @ solved)
    expected /= np.linalg.norm(expected[STYLE]) + np.linalg.norm(expected[COLOUR])
    np.testing.assert_allclose(scorer.weights, expected, rtol=1e-4, atol=1e-5)
    scores = VECTORS.astype(np.float64) @ scorer.weights
    assert np.abs(scores).max() <= 1 + 1e-6
    assert scorer.mean == pytest.approx(scores.mean(), abs=1e-5)
    assert scorer.deviation == pytest.approx(scores.std(), abs=1e-5)


def test_negatives_alone_rank_away_from_them() -> None:
    none = np.empty((0, WIDTH), np.float32)
    weights = SCORING.scorer(Examples.once(none, VECTORS[:1]), 0.5).weights
    scores = VECTORS @ weights
    assert scores.argmin() == 0


def test_a_negative_sharpens_but_does_not_turn_the_filter_round() -> None:
    positive, negative = VECTORS[:1], VECTORS[5:6]
    none = np.empty((0, WIDTH), np.float32)
    without, sharpened = (
        SCORING.scorer(Examples.once(positive, rows), 0.5).weights for rows in (none, negative)
    )
    assert negative[0] @ sharpened < negative[0] @ without
    assert (VECTORS @ sharpened).argmax() == 0


@pytest.mark.parametrize(("same", "other"), [(STYLE, COLOUR), (COLOUR, STYLE)])
def test_auto_prefers_the_block_that_the_positives_share(same: slice, other: slice) -> None:
    rng = np.random.default_rng(3)
    positives = drawn(7, 4)
    positives[:, same] = positives[0, same]
    shuffled = VECTORS[rng.integers(0, len(VECTORS), 4)]
    positives[:, other] = shuffled[:, other]
    none = np.empty((0, WIDTH), np.float32)
    share = SCORING.scorer(Examples.once(positives, none), "auto").colour_share
    neutral = SCORING.scorer(Examples.once(shuffled, none), "auto").colour_share
    assert share > neutral if same is COLOUR else share < neutral


def test_a_single_positive_gets_the_prior_share() -> None:
    none = np.empty((0, WIDTH), np.float32)
    assert SCORING.scorer(Examples.once(VECTORS[:1], none), "auto").colour_share == PRIOR_SHARE


def test_a_given_share_leaves_the_other_block_out() -> None:
    none = np.empty((0, WIDTH), np.float32)
    assert not SCORING.scorer(Examples.once(VECTORS[:2], none), 0.0).weights[COLOUR].any()
    assert not SCORING.scorer(Examples.once(VECTORS[:2], none), 1.0).weights[STYLE].any()


def test_left_out_positives_are_ranked_by_the_others() -> None:
    none = np.empty((0, WIDTH), np.float32)
    alike = VECTORS[:1] + 0.01 * drawn(9, 3)
    distances = SCORING.left_out(Examples.once(alike.astype(np.float32), none), 0.3)
    assert distances.shape == (3,)
    assert (distances > 1.5).all()
    assert not len(SCORING.left_out(Examples.once(VECTORS[:1], none), 0.3))


def test_catalogs_of_few_items_give_finite_scorers() -> None:
    for count in (1, 2, 5):
        vectors = drawn(2, count)
        space = space_of(vectors, count)
        scorer = Scoring(space).scorer(Examples.once(vectors[:1], vectors[1:2]), "auto")
        assert np.isfinite(scorer.weights).all()


def clusters(seed: int) -> np.ndarray:
    """Ten clusters of 30 rows, each tight in both blocks."""
    rng = np.random.default_rng(seed)
    vectors = np.repeat(rng.normal(size=(10, WIDTH)), 30, axis=0) + 0.35 * rng.normal(size=(300, WIDTH))
    for columns in (STYLE, COLOUR):
        vectors[:, columns] /= np.linalg.norm(vectors[:, columns], axis=1, keepdims=True)
    return vectors.astype(np.float32)


def test_expansion_moves_the_scorer_towards_the_cluster() -> None:
    """With one example of a cluster, the scorer that looked around is more like the one of the whole cluster."""
    vectors = clusters(3)
    none = np.empty((0, WIDTH), np.float32)
    alone, around = Scoring(space_of(vectors)), Scoring(space_of(vectors, len(vectors)))
    gains = []
    for first in range(0, 300, 30):
        whole = alone.scorer(Examples.once(vectors[first : first + 30], none), 0.5).weights
        likeness = [
            scoring.scorer(Examples.once(vectors[first : first + 1], none), 0.5).weights
            @ whole
            / np.linalg.norm(whole)
            for scoring in (alone, around)
        ]
        gains.append(likeness[1] - likeness[0])
    assert np.mean(gains) > 0


def test_among_many_the_likely_positives_are_those_that_a_look_at_all_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only what is promising by the first components is compared in full; these fall as those of photos do."""
    spectrum = np.concatenate([1 / np.sqrt(1 + np.arange(8)), 1 / np.sqrt(1 + np.arange(4))])
    vectors = (np.random.default_rng(3).normal(size=(4000, WIDTH)) * spectrum).astype(np.float32)
    for share in (0.0, 0.2, 0.6):
        some, every = (Scoring(space_of(vectors, reference=4000)) for _ in range(2))
        found = some.scorer(Examples.once(vectors[:3], vectors[3:5]), share).weights
        with monkeypatch.context() as patched:
            patched.setattr(scoring, "_PROMISING", len(vectors))
            np.testing.assert_allclose(
                found, every.scorer(Examples.once(vectors[:3], vectors[3:5]), share).weights, atol=1e-6
            )


def test_what_is_nearer_to_a_negative_is_no_likely_positive() -> None:
    """A reference of nothing but near-copies of the negative changes nothing."""
    positive, negative = VECTORS[:1], VECTORS[5:6]
    copies = space_of(VECTORS, 1)
    copies.gather = lambda rows: negative
    plain = Scoring(space_of(VECTORS)).scorer(Examples.once(positive, negative), 0.5)
    np.testing.assert_array_equal(
        Scoring(copies).scorer(Examples.once(positive, negative), 0.5).weights, plain.weights
    )


def test_the_examples_themselves_are_no_likely_positives() -> None:
    positives = VECTORS[:2]
    none = np.empty((0, WIDTH), np.float32)
    own = space_of(VECTORS, 2)
    plain = Scoring(space_of(VECTORS)).scorer(Examples.once(positives, none), 0.3)
    np.testing.assert_array_equal(
        Scoring(own).scorer(Examples.once(positives, none), 0.3).weights, plain.weights
    )


def test_share_is_that_of_the_likeness_and_negatives_of_the_same_kind_do_not_turn_it_round() -> None:
    vectors = clusters(4)
    none = np.empty((0, WIDTH), np.float32)
    positives = vectors[:3].copy()
    positives[:, COLOUR] = vectors[[100, 160, 220]][:, COLOUR]  # alike in style, of other colours
    intent = Intent(space_of(vectors))
    share = intent.share(Examples.once(positives, none), "auto")
    assert share < 0.3
    assert intent.share(Examples.once(positives, vectors[3:6]), "auto") < 0.5


def test_positives_that_lie_together_do_not_outvote_the_others() -> None:
    alone, copies = VECTORS[:1], np.repeat(VECTORS[7:8], 6, axis=0)
    none = np.empty((0, WIDTH), np.float32)
    both = SCORING.scorer(Examples.once(np.concatenate([alone, VECTORS[7:8]]), none), 0.5).weights
    many = SCORING.scorer(Examples.once(np.concatenate([alone, copies]), none), 0.5).weights
    assert both @ many > 0.99 * np.linalg.norm(both) * np.linalg.norm(many)


def test_five_right_and_five_wrong_ones_are_told_apart_better() -> None:
    """By a head that learns from what is wrong; all the same it is one linear scorer of reach 1."""
    rng = np.random.default_rng(6)
    vectors = clusters(6)
    scoring = Scoring(space_of(vectors, len(vectors)))
    right, wrong = vectors[rng.integers(0, 30, 6)], vectors[rng.integers(30, 60, 6)]
    without = scoring.scorer(Examples.once(right, wrong[:4]), 0.5)
    corrected = scoring.scorer(Examples.once(right, wrong), 0.5)
    gaps = [(s.distances(right).min() - s.distances(wrong).max()) for s in (without, corrected)]
    assert gaps[1] > gaps[0]
    reach = np.linalg.norm(corrected.weights[STYLE]) + np.linalg.norm(corrected.weights[COLOUR])
    assert reach == pytest.approx(1)
    assert corrected.distances(vectors[:30]).mean() > corrected.distances(vectors[30:]).mean() + 1


def test_negatives_never_act_as_positives() -> None:
    """Whatever is told to be wrong scores lower than it did."""
    vectors = clusters(7)
    scoring = Scoring(space_of(vectors, len(vectors)))
    none = np.empty((0, WIDTH), np.float32)
    before = scoring.scorer(Examples.once(vectors[:5], none), 0.5)
    for wrong in (vectors[5:8], vectors[5:12], vectors[40:47]):
        after = scoring.scorer(Examples.once(vectors[:5], wrong), 0.5)
        assert (after.distances(wrong) <= before.distances(wrong) + 1e-9).all()


def test_positives_of_two_kinds_are_two_tastes() -> None:
    vectors = clusters(8)
    scoring = Scoring(space_of(vectors, len(vectors)))
    shoes_and_bags = vectors[[0, 100, 1, 101, 2, 102]]
    groups = scoring.groups(shoes_and_bags, "auto")
    assert [group.tolist() for group in groups] == [[0, 2, 4], [1, 3, 5]]
    assert len(scoring.groups(vectors[:6], "auto")) == 1
    assert len(scoring.groups(shoes_and_bags[:3], "auto")) == 1
    alone = vectors[[0, 1, 2, 100]]
    assert len(scoring.groups(alone, "auto")) == 1


def test_an_example_counts_as_often_as_it_is_said() -> None:
    positives, negatives = VECTORS[:3], VECTORS[10:12]
    for row in range(3):
        heavy = np.ones(3)
        heavy[row] = 4.0
        scorer = SCORING.scorer(Examples(positives, negatives, Counts(heavy, np.ones(2))), 0.5)
        even = SCORING.scorer(Examples.once(positives, negatives), 0.5)
        assert scorer.distances(positives)[row] > even.distances(positives)[row]
    none = np.empty((0, WIDTH), np.float32)
    one, wrong = positives[:1], negatives[:1]
    lowered = [
        float(
            SCORING.scorer(Examples(one, wrong, Counts(np.ones(1), np.full(1, w))), 0.5).distances(wrong)[0]
        )
        for w in (0.25, 1.0, 4.0)
    ]
    assert lowered == sorted(lowered, reverse=True)
    alone = SCORING.scorer(Examples.once(one, none), 0.5).distances(wrong)[0]
    assert lowered[0] < alone


def test_the_head_listens_to_how_much_an_example_counts() -> None:
    rng = np.random.default_rng(6)
    vectors = clusters(6)
    scoring = Scoring(space_of(vectors, len(vectors)))
    right, wrong = vectors[rng.integers(0, 30, 6)], vectors[rng.integers(30, 60, 6)]
    once = Examples.once(right, wrong)
    heavy = replace(once, counts=Counts(np.ones(6), np.r_[4.0, np.ones(5)]))
    even, said = (scoring.scorer(examples, 0.5) for examples in (once, heavy))
    assert said.distances(wrong[:1])[0] < even.distances(wrong[:1])[0]
