"""Whether a saved filter still fits: the scores of today's items against those when it was saved.

With thousands of items every test finds *some* difference, so that a filter is called drifted only where the difference
is both sure (p < 0.001) and large: a Kolmogorov–Smirnov distance of 0.15 over all scores, or a share of members that
has become twice, or half, what it was. The tail has a test of its own, since the set is a small tail of the scores,
which a distance over all of them does not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from visualsearch.filters.saved_format import Sketch

LEVELS = (
    0.0,
    0.005,
    0.02,
    0.05,
    *(tenth / 10 for tenth in range(1, 9)),
    0.85,
    0.9,
    0.94,
    0.96,
    0.98,
    0.99,
    0.995,
    0.998,
    1.0,
)
SURE = 0.001
FAR = 0.15  # of the Kolmogorov–Smirnov distance
TIMES = 2.0  # of the share of members
FEWEST = 20  # new items that can tell anything


@dataclass(frozen=True)
class Drift:
    """``state``: "ok", or "amber" with the ``reason`` as a sentence. ``distance``: Kolmogorov–Smirnov's, 0 to 1;
    ``share`` of the looked-at items that are members, and ``share_before``; ``items``: how many were looked at."""

    state: Literal["ok", "amber"]
    reason: str
    distance: float
    share: float
    share_before: float
    items: int


def sketch(scores: np.ndarray, kept: int) -> Sketch:
    """The distribution of scores, float (n,), n ≥ 1, none −inf; ``kept`` of them are in the set."""
    values = np.quantile(scores.astype(np.float64), LEVELS)
    return Sketch(LEVELS, tuple(round(float(value), 7) for value in values), len(scores), kept)


def resembles(one: Sketch, other: Sketch) -> bool:
    """Whether two sketches are of the same scores, but for rounding."""
    same = one.levels == other.levels and one.items == other.items
    return same and bool(np.allclose(one.values, other.values, atol=2e-6))


def compare(before: Sketch, scores: np.ndarray, members: int, what: str) -> Drift:
    """``scores`` float (n,) of the items to look at, of which ``members`` are in the set, against those at saving.

    ``what`` names the items in the reason, as "new items".
    """
    share_before = before.kept / max(1, before.items)
    count = len(scores)
    if count < FEWEST or not before.items:
        return Drift("ok", "", 0.0, members / max(1, count), share_before, count)
    distance = _distance(before, scores)
    share = members / count
    reason = ""
    if _tail_differs(members, count, before):
        direction = "more" if share > share_before else "fewer"
        reason = (
            f"Of {count:,} {what} {_percent(share)} are in the filter; it was {_percent(share_before)} when it was "
            f"saved. Look whether it lets in {direction} than it should, and save it anew."
        )
    elif distance >= FAR and _p_value(distance, before.items, count) < SURE:
        reason = (
            f"The {what} ({count:,}) score otherwise than those when it was saved (distance {distance:.2f} of 1): "
            "they are of another kind, or photographed otherwise. Judge a few of them, and save the filter anew."
        )
    return Drift("amber" if reason else "ok", reason, distance, share, share_before, count)


def _distance(before: Sketch, scores: np.ndarray) -> float:
    """sup |F − G|, of which F is known at the sketch's levels: looked at there, where it is exact."""
    ordered = np.sort(scores.astype(np.float64))
    values, levels = np.array(before.values), np.array(before.levels)
    # Equal values at several levels (ties) are a step of F: below it the first level counts, at it the last.
    below = np.searchsorted(ordered, values - 1e-6, "left") / len(ordered)
    upto = np.searchsorted(ordered, values + 1e-6, "right") / len(ordered)
    gaps = np.maximum(levels - upto, below - levels)
    return float(max(0.0, gaps.max()))


def _p_value(distance: float, n: int, m: int) -> float:
    """Kolmogorov's limit with Stephens' correction, for two samples."""
    from scipy.stats import kstwobign

    root = np.sqrt(n * m / (n + m))
    return float(kstwobign.sf((root + 0.12 + 0.11 / root) * distance))


def _tail_differs(members: int, count: int, before: Sketch) -> bool:
    """Whether the share of members has become at least twice or at most half of what it was, surely (Fisher)."""
    share, share_before = members / count, before.kept / before.items
    if share < TIMES * share_before and share > share_before / TIMES:
        return False
    from scipy.stats import fisher_exact

    table = [[members, count - members], [before.kept, before.items - before.kept]]
    return bool(fisher_exact(table)[1] < SURE)  # type: ignore[operator]


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
