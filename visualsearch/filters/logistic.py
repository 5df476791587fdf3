"""A logistic head on top of a linear scorer: right and wrong examples move it where it errs about them.

Logistic regression with the scorer's z as prior mean (Gaussian-process classification with a linear kernel; Rasmussen,
Williams, "Gaussian Processes for Machine Learning", 2006, algorithm 3.1). The kernel xᵀ(Σ + λ·tr Σ/d·I)⁻¹y makes every
picture of the catalog a weak negative: moving along a direction costs as much as the catalog varies in it. With few
labels the head stays near the scorer; none that the scorer is sure about moves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 5  # right ones, and wrong ones, from which on the head is better than the scorer alone
_VARIANCE = 1.0  # of what the head adds to z, over the catalog
_BOUNDARY = 2.0  # z that parts right from wrong, before the labels tell; they move it by a deviation of 1
_ROUNDS = 30
_DONE = 1e-6


@dataclass(frozen=True, eq=False)
class Metric:
    """A block's part of the kernel: ``columns``, eigenvalues (d,) of Σ raised by the ridge, eigenvectors (d, d), the
    trace of Σ(Σ + ridge)⁻¹, and the block's weight."""

    columns: slice
    raised: np.ndarray
    vectors: np.ndarray
    trace: float
    weight: float


def corrected(
    z: np.ndarray,
    examples: np.ndarray,
    right: np.ndarray,
    mean: np.ndarray,
    metrics: Sequence[Metric],
    counts: np.ndarray,
) -> np.ndarray:
    """What to add to the weights of a scorer of unit deviation: float64 (width,).

    ``z`` float64 (n,): how far above the catalog's mean it puts the examples, float32 (n, width); ``right`` bool (n,);
    ``mean`` (width,) of the catalog; ``counts`` float64 (n,): how much each example counts, above 0.
    """
    centred = examples.astype(np.float64) - mean
    mapped = np.zeros_like(centred)
    total = sum(metric.weight**2 for metric in metrics)
    for metric in metrics:
        turned = centred[:, metric.columns] @ metric.vectors / metric.raised
        scale = _VARIANCE * metric.weight**2 / (total * max(metric.trace, 1e-9))
        mapped[:, metric.columns] = scale * turned @ metric.vectors.T
    kernel = centred @ mapped.T + 1.0  # the one: a boundary that moves
    return _newton(z - _BOUNDARY, kernel, np.where(right, 1.0, -1.0), counts) @ mapped


def _newton(prior: np.ndarray, kernel: np.ndarray, signs: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The examples' coefficients, float64 (n,), at the most probable f = prior + kernel·coefficients."""
    found = np.zeros(len(prior))
    for _ in range(_ROUNDS):
        latent = prior + kernel @ found
        error = 1.0 / (1.0 + np.exp(np.clip(signs * latent, -50.0, 50.0)))
        curvature = np.maximum(error * (1.0 - error), 1e-9)
        goal = latent - prior + signs * error / curvature
        after = np.linalg.solve(kernel + np.diag(1.0 / (counts * curvature)), goal)
        if np.abs(after - found).max() < _DONE:
            return after
        found = after
    return found
