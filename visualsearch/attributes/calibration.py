"""Scores → probabilities, learnt from answers and from labelled items that the scorer had not seen.

Platt scaling (Platt, Advances in Large Margin Classifiers, 1999): p = 1 / (1 + exp(−(slope·z + offset))) for scores z
in deviations above the catalog's mean, as maximum a posteriori around a prior guess. Where there is nothing to learn
from, that guess is the answer, and says so. Pure functions; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SLOPE, _OFFSET = (
    1.0,
    -4.25,
)  # the guess: fitted to 106 filters of two examples on a shop's catalog, all together
_SLOPE_SURE, _OFFSET_SURE = 2.0, 0.16  # its precision: one over the variance from filter to filter
_LEAST_SLOPE = 0.05  # a higher score never means less
_FEWEST = 5  # answers of either kind from which a calibration counts as learnt
_STEPS = 30


@dataclass(frozen=True)
class Calibration:
    """``learnt``: from at least a few answers of either kind; else a guess. ``answers``: how many it rests on."""

    slope: float = _SLOPE
    offset: float = _OFFSET
    learnt: bool = False
    answers: int = 0

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """float32 (n,) scores → float32 (n,) within 0..1; −inf gives 0."""
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(-(np.float32(self.slope) * scores + np.float32(self.offset))))


def calibrate(scores: np.ndarray, hits: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit to scores float (n,), whether they deserved the value bool (n,), and how many items each stands for."""
    known = np.isfinite(scores)
    z, t, c = (
        scores[known].astype(np.float64),
        hits[known].astype(np.float64),
        weights[known].astype(np.float64),
    )
    slope, offset = _SLOPE, _OFFSET
    if len(z):
        slope, offset = _fitted(z, t, c)
    learnt = min(int(t.sum()), int(len(t) - t.sum())) >= _FEWEST
    return Calibration(slope, offset, learnt, len(z))


def _fitted(z: np.ndarray, t: np.ndarray, c: np.ndarray) -> tuple[float, float]:
    """Newton's method with halved steps: the objective is concave."""
    prior, sure = np.array([_SLOPE, _OFFSET]), np.array([_SLOPE_SURE, _OFFSET_SURE])
    design = np.stack([z, np.ones_like(z)])

    def value(at: np.ndarray) -> float:
        margins = at @ design
        return float(c @ (t * margins - np.logaddexp(0.0, margins)) - 0.5 * sure @ (at - prior) ** 2)

    at, best = prior.copy(), value(prior)
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(at @ design, -500.0, 500.0)))
        gradient = design @ (c * (t - p)) - sure * (at - prior)
        hessian = (design * (c * p * (1 - p))) @ design.T + np.diag(sure)
        step = np.linalg.solve(hessian, gradient)
        while (found := value(at + step)) < best and np.abs(step).max() > 1e-9:
            step /= 2
        at, gained, best = at + step, found - best, found
        if gained < 1e-9:
            break
    return max(_LEAST_SLOPE, float(at[0])), float(at[1])
