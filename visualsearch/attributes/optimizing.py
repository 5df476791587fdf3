"""The arithmetic of a head: its loss, its gradient, and the few steps that find its weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEPS = 14  # of L-BFGS: with the scaling below the validation loss has settled after 8 to 12
_CURVATURE = (
    0.1  # of a value's loss, relative to the square root of its variance; measured, only speed depends on it
)
_BIAS_PENALTY = 0.05


def fitted_weights(
    data: np.ndarray, labels: np.ndarray, classes: int, penalty: float, checkpoint: Callable[[], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Logistic regression: float32 (n, width), labels int32 (n,) or bool (n, classes) → weights float32
    (width, classes), bias float32 (classes,).

    L-BFGS (Nocedal 1980) in the eigenvectors of the data's covariance, each coordinate of each value scaled by the
    square root of its curvature: the number of steps no longer depends on how unevenly the data lie.
    """
    from scipy.optimize import minimize

    mean = data.mean(axis=0)
    data = data - mean
    spread, axes = np.linalg.eigh((data.T @ data).astype(np.float64))
    turned = data @ axes.astype(np.float32)
    targets, prior = _targets(labels, classes)
    share = np.clip(targets.mean(axis=0) if labels.ndim == 2 else np.exp(prior), 1e-6, 0.5)
    curvature = _CURVATURE * np.sqrt(share * (1 - share))
    width = data.shape[1]
    diagonal = np.maximum(spread, 0)[:, None] * curvature + penalty
    scale = 1 / np.sqrt(np.vstack([diagonal, len(data) * curvature + _BIAS_PENALTY]))
    penalties = np.full((width + 1, 1), penalty)
    penalties[-1] = _BIAS_PENALTY

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        checkpoint()
        weights = flat.reshape(width + 1, classes) * scale
        single = weights.astype(np.float32)
        logits = turned @ single[:-1]
        logits += single[-1] + prior
        value, slope = _loss_and_slope(logits, targets, labels)
        gradient = np.vstack([turned.T @ slope, slope.sum(axis=0)]) + penalties * weights
        value += 0.5 * float((penalties * weights * weights).sum())
        return value, (gradient * scale).ravel()

    start = np.zeros((width + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 8})
    solution = found.x.reshape(width + 1, classes) * scale
    weights = axes @ solution[:-1]
    bias = solution[-1] + prior - mean @ weights
    return weights.astype(np.float32), bias.astype(np.float32)


def logits_to_probabilities(logits: np.ndarray, exclusive: bool) -> np.ndarray:
    """Softmax over each row, or a sigmoid of each number; float32 (n, classes) → the same."""
    if not exclusive:
        return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    raised = logits - logits.max(axis=1, keepdims=True)
    np.exp(raised, out=raised)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def loss_of_logits(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean log loss of float32 (n, classes) logits; labels int32 (n,) or bool (n, classes)."""
    if labels.ndim == 2:
        return float(np.logaddexp(0, np.where(labels, -logits, logits)).mean())
    top = logits.max(axis=1)
    total = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    return float((total - logits[np.arange(len(labels)), labels]).mean())


def _targets(labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """What the probabilities should be (bool (n, classes), empty where they are exclusive) and the bias to begin
    with, float32 (classes,): how common each value is."""
    if labels.ndim == 2:
        share = (labels.sum(axis=0) + 0.5) / (len(labels) + 1.0)
        return labels, np.log(share / (1 - share)).astype(np.float32)
    counts = np.bincount(labels, minlength=classes)
    return np.empty((0, 0), bool), np.log((counts + 0.5) / (len(labels) + 0.5 * classes)).astype(np.float32)


def _loss_and_slope(logits: np.ndarray, targets: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The sum of the rows' log losses and its derivative by the logits, which are overwritten."""
    if labels.ndim == 2:
        value = float(np.logaddexp(0, np.where(targets, -logits, logits)).sum())
        slope = logits_to_probabilities(logits, exclusive=False)
        slope -= targets
        return value, slope
    rows = np.arange(len(labels))
    logits -= logits.max(axis=1, keepdims=True)
    given = logits[rows, labels].astype(np.float64)
    np.exp(logits, out=logits)
    sums = logits.sum(axis=1)
    logits /= sums[:, None]
    logits[rows, labels] -= 1
    return float((np.log(sums.astype(np.float64)) - given).sum()), logits
