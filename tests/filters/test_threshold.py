"""Strictness and score: monotone, everything at 0, only the best at 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.filters import threshold
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.jobs import JobControl

_scores = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=200).map(
    lambda v: np.array(v, np.float32)
)


@given(_scores, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_strictness_keeps_a_subset(scores: np.ndarray, one: float, other: float) -> None:
    loose, strict = sorted((one, other))
    cuts = [threshold.score_at(scores, threshold.kept(s, len(scores))) for s in (loose, strict)]
    assert {*np.flatnonzero(scores >= cuts[1])} <= {*np.flatnonzero(scores >= cuts[0])}


@given(_scores)
def test_the_ends_keep_everything_and_the_best(scores: np.ndarray) -> None:
    assert threshold.score_at(scores, threshold.kept(0.0, len(scores))) == -np.inf
    best = threshold.score_at(scores, threshold.kept(1.0, len(scores)))
    assert len(scores) == 1 or best == scores.max()


@given(st.integers(2, 2_000_000), st.floats(0, 1))
def test_strictness_and_count_are_inverse(items: int, strictness: float) -> None:
    count = threshold.kept(strictness, items)
    assert threshold.kept(threshold.strictness_of(count, items), items) == count


@settings(max_examples=50)
@given(st.integers(1, 60_000), st.lists(st.floats(-3, 9), max_size=6))
def test_auto_keeps_a_dozen_to_hundreds(items: int, left_out: list[float]) -> None:
    scores = np.random.default_rng(items).normal(size=items).astype(np.float32)
    count = threshold.auto_count(scores, 0.0, 1.0, np.array(left_out))
    assert min(items, threshold.FEWEST) <= count <= max(threshold.FEWEST, 0.5 * items**0.7 + 1)


def test_the_slider_only_ever_narrows_a_querys_set(world: Any) -> None:
    examples = tuple(Example(int(item)) for item in np.unique(world.space.item)[:3])
    before: set[int] | None = None
    for strictness in np.linspace(0, 1, 15):
        found: list[Any] = []
        visual = VisualFilter(examples, narrow=float(strictness))
        world.engine.run(Query(visual), found.append, JobControl())
        now = {*found[-1].items.tolist()}
        assert before is None or now <= before
        assert now
        before = now
