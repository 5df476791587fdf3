"""A set of items and their scores: narrowed by a threshold, blended with text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from visualsearch.vectors import search

Exact = Callable[[np.ndarray], np.ndarray]
"""Items int (n,) → their scores in double precision, float64 (n,)."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """A set and its scores.

    ``mask`` bool (size,): the set. It is what the selection and ``restrict``, bool (size,) or None, have in
    common, without the items ``left_out``; ``key`` names ``restrict`` for the facets' memory. ``scores`` float32
    (size,), right within ``noise``, or None; ``exact(items)`` gives them in double precision. ``order`` int32: the
    items of the set in an order of their own, or None for that of the scores.
    """

    mask: np.ndarray
    restrict: np.ndarray | None = None
    key: str | None = None
    left_out: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    scores: np.ndarray | None = None
    exact: Exact | None = None
    noise: float = search.NOISE
    about: dict[str, Any] = field(default_factory=dict)
    order: np.ndarray | None = None


def nth_best(scores: np.ndarray, chosen: np.ndarray, count: int, exact: Exact) -> float:
    """The ``count``-th best score of a set, bool (size,), as scores are compared and shown: rounded, after what single
    precision cannot tell was scored again. −inf where the set has no more than that."""
    single = search.nth_best(scores, chosen, count)
    if not np.isfinite(single):
        return single
    clearly = chosen & (scores > single + 2 * search.NOISE)
    close = np.flatnonzero(chosen & ~clearly & (scores >= single - 2 * search.NOISE))
    place = len(close) - (count - np.count_nonzero(clearly))
    return float(np.round(np.partition(exact(close), place)[place], search.DECIMALS))


def above(scores: np.ndarray, restrict: np.ndarray, cut: float, exact: Exact) -> np.ndarray:
    """``restrict`` where the rounded score ≥ cut; what single precision cannot tell is scored again."""
    kept = restrict & (scores >= cut - search.NOISE)
    if np.isfinite(cut):
        close = np.flatnonzero(kept & (scores <= cut + search.NOISE))
        kept[close] = np.round(exact(close), search.DECIMALS) >= cut
    return kept


def blended(ranking: Ranking, text_scores: np.ndarray, weight: float) -> Ranking:
    """(1 − t)·visual + t·text, the visual score scaled to 0..1 over the set."""
    assert ranking.scores is not None
    assert ranking.exact is not None
    looks, exact = ranking.scores, ranking.exact
    items = np.flatnonzero(ranking.mask)
    if not len(items):
        return ranking
    ends = exact(items[[looks[items].argmin(), looks[items].argmax()]])
    low, reach = float(ends[0]), max(float(ends[1] - ends[0]), 1e-3)

    def blend(values: np.ndarray, words: np.ndarray) -> np.ndarray:
        return (1.0 - weight) * (values - low) / reach + weight * words

    mixed = np.full(len(looks), -np.inf, np.float32)
    mixed[items] = blend(looks[items].astype(np.float64), text_scores[items])
    return replace(
        ranking,
        scores=mixed,
        exact=lambda chosen: blend(exact(chosen), text_scores[chosen].astype(np.float64)),
        noise=search.NOISE / reach,
    )
