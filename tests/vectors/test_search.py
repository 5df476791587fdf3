"""The order of results: one sort of packed numbers gives what a sort by score and id gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.vectors import search

SCORES = st.one_of(
    st.integers(-3, 3).map(lambda value: value / 4),  # many ties
    st.floats(-1, 1, width=32),
    st.floats(allow_nan=False, width=32),  # as large as they come, infinite, too
)


@given(st.lists(SCORES, max_size=40), st.randoms(use_true_random=False))
def test_the_best_come_first_and_ties_by_the_rank_of_the_id(scores: list[float], random) -> None:
    ranks = list(range(-1, len(scores) - 1))
    random.shuffle(ranks)
    order, values = search.ordered(np.array(scores, np.float32), np.array(ranks, np.int32))
    rounded = np.round(np.array(scores, np.float32).astype(np.float64), search.DECIMALS)
    wanted = sorted(range(len(scores)), key=lambda place: (-rounded[place], ranks[place]))
    assert order.tolist() == wanted
    assert values.tolist() == rounded[wanted].tolist()


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 40),
    chosen_share=st.sampled_from([0.0, 0.01, 0.3, 1.0]),
    decimals=st.sampled_from([0, 2, 7]),
    sort=st.booleans(),
    missing=st.booleans(),
)
def test_the_head_holds_the_best_of_a_set_however_its_scores_lie(
    seed: int, count: int, chosen_share: float, decimals: int, sort: bool, missing: bool
) -> None:
    """The sample that it begins with may mislead: sorted scores, large ones side by side, ties, none at all."""
    rng = np.random.default_rng(seed)
    scores = np.round(rng.standard_normal(3000), decimals).astype(np.float32)
    scores[:30] += rng.choice([0, 5])
    if sort:
        scores.sort()
    if missing:
        scores[rng.random(3000) < 0.5] = -np.inf
    chosen = rng.random(3000) < chosen_share
    found = search.head(scores, chosen, count)
    assert chosen[found].all()
    assert (np.diff(found) > 0).all()
    best = np.sort(scores[chosen])[::-1]
    bound = best[:count].min(initial=np.inf)
    assert set(np.flatnonzero(chosen & (scores >= bound - search.NOISE)).tolist()) <= set(found.tolist())
    allowed = chosen & (scores >= bound - 2.1 * search.NOISE) if len(best) > count else chosen
    assert set(found.tolist()) <= set(np.flatnonzero(allowed).tolist())
