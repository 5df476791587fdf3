"""How good a ranking is, and how sure a mean over filters."""

from __future__ import annotations

import numpy as np

RESAMPLES = 1000
_LEVEL = 0.95


def average_precision(relevant: np.ndarray) -> float:
    """Mean of the precisions at the places of the relevant items: bool (n,), best first; 0 where none is relevant.

    Manning, Raghavan, Schütze, "Introduction to Information Retrieval" (2008), section 8.4.
    """
    places = np.flatnonzero(relevant)
    if not len(places):
        return 0.0
    return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))


def precision_at(relevant: np.ndarray, count: int) -> float:
    """Share of the first ``count`` (or of all, if there are fewer) that is relevant: bool (n,), best first."""
    head = relevant[:count]
    return float(np.mean(head)) if len(head) else 0.0


def depth_of_recall(relevant: np.ndarray, share: float) -> int:
    """How many of a ranking, bool (n,), best first, hold at least a share of its relevant items."""
    places = np.flatnonzero(relevant)
    wanted = int(np.ceil(share * len(places) - 1e-9))
    return int(places[wanted - 1]) + 1 if wanted > 0 else 0


def bootstrap_interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % interval of the mean of values float (n,), n ≥ 1: percentiles of the means of resamples.

    Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), section 13.3.
    """
    rng = np.random.default_rng(seed)
    values = np.asarray(values, np.float64)
    means = values[rng.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)
