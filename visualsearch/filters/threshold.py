"""Strictness ↔ score: where a ranking is cut to make a set.

Strictness is on a logarithmic scale of counts: of N items, strictness s keeps the N^(1−s) best over the whole
catalog (whatever the predicates say), so that each step of the slider removes the same share of what is left.
s = 0 keeps everything, s = 1 only the best; a larger s never keeps more. Ties stay together.
"""

from __future__ import annotations

import numpy as np

FEWEST = 12  # "auto" keeps at least so many
_MOST_SHARE = 0.05  # and at most this share of the catalog (but never fewer than FEWEST)


def kept(strictness: float, items: int) -> int:
    """How many of ``items`` a strictness keeps, ties aside."""
    if items <= 0 or strictness <= 0:
        return items
    return max(1, round(items ** (1.0 - min(1.0, strictness))))


def strictness_of(count: int, items: int) -> float:
    """The strictness that keeps ``count`` of ``items``."""
    if items <= 1 or count >= items:
        return 0.0
    return float(1.0 - np.log(max(1, count)) / np.log(items))


def score_at(scores: np.ndarray, count: int) -> float:
    """The score of the count-th best: float (n,), none −inf → the threshold that keeps ``count`` and their ties."""
    if count >= len(scores) or not len(scores):
        return float("-inf")
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])


def auto_count(items: int, positives: int) -> int:
    """How many items people expect where they did not say."""
    return int(min(items, max(FEWEST, min(_MOST_SHARE * items, 2.0 * items**0.45))))
