"""Strictness ↔ score: where a ranking is cut to make a set.

Strictness is on a logarithmic scale of counts: of N items, strictness s keeps the N^(1−s) best over the whole
catalog (whatever the predicates say), so that each step of the slider removes the same share of what is left.
s = 0 keeps everything, s = 1 only the best; a larger s never keeps more. Ties stay together.

"auto" cuts halfway between two points, in deviations of the scores over the catalog: 2, where the bulk of the
catalog ends, and the mean at which the positives are found by each other (leave-one-out). A single positive has
none such: 2.4. Then the count is brought between FEWEST and ½·N^0.7 (100 of 2,000, 900 of 44,000).
"""

from __future__ import annotations

import numpy as np

FEWEST = 12  # "auto" keeps at least so many
_BULK = 2.0
_SINGLE = 2.4


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


def auto_bound(mean: float, deviation: float, left_out: np.ndarray) -> float:
    """The score from which on people expect a photo where they did not say, of scores of this ``mean`` and
    ``deviation`` over the catalog; ``left_out`` float64 (p,): see ``Engine.left_out``."""
    distance = (_BULK + float(left_out.mean())) / 2 if len(left_out) else _SINGLE
    return mean + distance * deviation


def auto_count(above: int, items: int) -> int:
    """How many of ``items`` to keep where so many lie above ``auto_bound``."""
    most = max(FEWEST, round(0.5 * items**0.7))
    return min(items, max(FEWEST, min(most, above)))
