"""Strictness and score: monotone, everything at 0, only the best at 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.filters import threshold
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.vectors import search

_scores = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=200).map(
    lambda v: np.array(v, np.float32)
)


def _cut(scores: np.ndarray, strictness: float) -> float:
    return search.nth_best(scores, np.ones(len(scores), bool), threshold.kept(strictness, len(scores)))


@given(_scores, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_strictness_keeps_a_subset(scores: np.ndarray, one: float, other: float) -> None:
    loose, strict = sorted((one, other))
    cuts = [_cut(scores, strictness) for strictness in (loose, strict)]
    assert {*np.flatnonzero(scores >= cuts[1])} <= {*np.flatnonzero(scores >= cuts[0])}


@given(_scores)
def test_the_ends_keep_everything_and_the_best(scores: np.ndarray) -> None:
    assert _cut(scores, 0.0) == -np.inf
    assert len(scores) == 1 or _cut(scores, 1.0) == scores.max()


@given(st.integers(2, 2_000_000), st.floats(0, 1))
def test_strictness_and_count_are_inverse(items: int, strictness: float) -> None:
    count = threshold.kept(strictness, items)
    assert threshold.kept(threshold.strictness_of(count, items), items) == count


@settings(max_examples=50)
@given(st.integers(1, 60_000), st.lists(st.floats(-3, 9), max_size=6))
def test_auto_keeps_a_dozen_to_hundreds(items: int, left_out: list[float]) -> None:
    scores = np.random.default_rng(items).normal(size=items).astype(np.float32)
    above = int((scores >= threshold.auto_bound(0.0, 1.0, np.array(left_out))).sum())
    count = threshold.auto_count(above, items)
    assert min(items, threshold.FEWEST) <= count <= max(threshold.FEWEST, 0.5 * items**0.7 + 1)


def test_the_strictest_set_has_the_best_item(world: Any) -> None:
    """Also where the best score, rounded, is another one in single precision than in double precision."""
    for item in np.unique(world.space.item).tolist():
        found: list[Any] = []
        world.engine.run(Query(VisualFilter((Example(item),), narrow=1.0)), found.append, JobControl())
        assert found[-1].total, item


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
