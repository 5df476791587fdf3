"""Precision and recall from a few answers: what always holds, and how often the intervals do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.filters.precision import Curve, next_ranks


def logistic(items: int, half: int, rng: np.random.Generator) -> np.ndarray:
    """Which items are meant: ever fewer from rank ``half`` on."""
    ranks = np.arange(items) + 1.0
    return rng.random(items) < 0.97 / (1.0 + (ranks / half) ** 3)


def test_the_intervals_hold_about_as_often_as_they_say():
    rng = np.random.default_rng(7)
    held = []
    for _ in range(120):
        items, half = int(rng.choice([400, 3000])), int(rng.integers(20, 120))
        meant = logistic(items, half, rng)
        kept = int(half * rng.uniform(0.5, 2.0))
        ranks = next_ranks(items, kept, [], 30, int(rng.integers(1000)))
        at = Curve(items, ranks, meant[ranks], seed=int(rng.integers(1000))).at(kept)
        truths = meant[:kept].mean(), meant[:kept].sum() / max(1, meant.sum())
        held.append(
            [
                r.low - 1e-9 <= t <= r.high + 1e-9
                for r, t in zip((at.precision, at.recall), truths, strict=True)
            ]
        )
    precision, recall = np.mean(held, axis=0)
    assert precision >= 0.88  # 120 filters of one shape; bench_precision.py has the 1,000
    assert recall >= 0.88


def test_answers_narrow_the_interval_down_to_the_truth():
    meant = logistic(200, 40, np.random.default_rng(1))
    widths = []
    for answers in (0, 10, 40, 200):
        ranks = next_ranks(200, 50, [], answers)
        at = Curve(200, ranks, meant[ranks]).at(50)
        widths.append(at.precision.high - at.precision.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == pytest.approx(0.0)
    assert at.precision.value == pytest.approx(meant[:50].mean())
    assert at.recall.value == pytest.approx(meant[:50].sum() / meant.sum())


def test_answers_that_contradict_the_order_are_believed():
    """All of the set is wrong, all of what was asked below it is right."""
    ranks = next_ranks(500, 40, [], 40, seed=3)
    at = Curve(500, ranks, ranks >= 40).at(40)
    assert at.precision.low < 0.15
    assert at.precision.value < 0.3


def test_a_tail_of_which_little_was_judged_is_not_taken_for_empty():
    """Of 1,000 items that nobody looked at some may be meant, however steep the order falls."""
    ranks = next_ranks(1200, 30, [], 200, seed=3)
    at = Curve(1200, ranks, ranks < 28).at(30)
    assert at.recall.low < 0.95
    assert at.recall.value > 0.9


def test_before_any_answer_it_is_a_wide_guess_that_the_examples_move():
    guess = Curve(1000, [], [])
    assert guess.at(50).guess
    assert "guess" in guess.at(50).sentence()
    assert guess.at(50).precision.high - guess.at(50).precision.low > 0.6
    near, far = (Curve(1000, [], [], hints=[rank] * 4).at(50).recall.value for rank in (5, 500))
    assert near > far


def test_a_wanted_precision_gives_the_largest_set_that_has_it():
    meant = np.arange(2000) < 100
    ranks = next_ranks(2000, 120, [], 80)
    curve = Curve(2000, ranks, meant[ranks])
    strict, loose = curve.count_for(0.95), curve.count_for(0.5)
    assert strict < loose
    assert 60 <= strict <= 130
    assert curve.at(strict).precision.value >= 0.95
    assert curve.count_for(0.0) == 2000


def test_the_same_answers_give_the_same_estimate():
    assert Curve(500, [1, 70], [True, False]).at(30) == Curve(500, [1, 70], [True, False]).at(30)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3000), st.integers(0, 4000), st.integers(0, 60), st.integers(0, 5))
def test_what_is_asked_is_new_and_within_the_ranking(items, kept, count, seed):
    first = next_ranks(items, kept, [], count, seed)
    more = next_ranks(items, kept, first, count, seed)
    asked = np.concatenate([first, more])
    assert len(first) == min(items, count)
    assert len(set(asked.tolist())) == len(asked) == min(items, 2 * count)
    assert ((asked >= 0) & (asked < items)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 400), st.data())
def test_estimates_stay_between_what_is_known(items, data):
    ranks = data.draw(st.lists(st.integers(0, items - 1), unique=True, max_size=30))
    answers = data.draw(st.lists(st.booleans(), min_size=len(ranks), max_size=len(ranks)))
    count = data.draw(st.integers(0, items))
    at = Curve(items, ranks, answers).at(count)
    yes = sum(answer for rank, answer in zip(ranks, answers, strict=True) if rank < count)
    no = sum(not answer for rank, answer in zip(ranks, answers, strict=True) if rank < count)
    size = max(1, at.count)
    assert yes / size - 1e-9 <= at.precision.low <= at.precision.high <= 1 - no / size + 1e-9 or not at.count
    for rate in (at.precision, at.recall):
        assert 0.0 <= rate.low <= rate.high <= 1.0
        assert 0.0 <= rate.value <= 1.0
