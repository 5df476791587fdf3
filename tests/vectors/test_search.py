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
