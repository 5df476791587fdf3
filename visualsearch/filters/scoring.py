"""Examples → one linear scorer over the joint vectors.

Each block has an exemplar-LDA (Hariharan, Malik, Ramanan, "Discriminative Decorrelation for Clustering and
Classification", ECCV 2012): w = (Σ + λ·tr Σ/d·I)⁻¹ (μ_P − μ_0 − γ(μ_N − μ_0)), where Σ and μ_0 are of the whole
catalog. The blocks' scores are brought to unit deviation over the catalog, weighted, and added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from visualsearch.filters.query import Blocks
    from visualsearch.vectors.space import BlockStatistics, Space

SHRINKAGE = 1.0  # λ
NEGATIVE_WEIGHT = 0.5  # γ: negatives sharpen, they do not decide
PRIOR_SHARE = 0.3  # of the colour block, where the examples cannot tell
_TEMPERATURE = 1.0  # of the soft-max over the blocks' z-scores


@dataclass(frozen=True, eq=False)
class Scorer:
    """w float64 (width,): score = w·x, from −1 to 1 for any joint vector. ``colour_share`` was given or inferred."""

    weights: np.ndarray
    colour_share: float


class Scoring:
    """Solves scorers for one space; what does not depend on the examples is solved once."""

    def __init__(self, space: Space) -> None:
        self._blocks = {name: space.block(name) for name in space.dims}
        self._statistics = space.generation.statistics
        self._inverse = {name: _inverse(statistics) for name, statistics in self._statistics.items()}
        self._width = space.width

    def scorer(self, positives: np.ndarray, negatives: np.ndarray, blocks: Blocks) -> Scorer:
        """Positives float32 (p, width), negatives (n, width), one row an example; p + n ≥ 1."""
        share = self.colour_share(positives, negatives) if blocks == "auto" else float(blocks)
        weights = np.zeros(self._width)
        for name, part in (("style", 1.0 - share), ("colour", share)):
            columns = self._blocks[name]
            direction = self._direction(name, positives[:, columns], negatives[:, columns])
            weights[columns] = part * direction
        reach = sum(float(np.linalg.norm(weights[columns])) for columns in self._blocks.values())
        return Scorer(weights / reach if reach > 0 else weights, share)

    def _direction(self, name: str, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
        """A block's w, scaled so that its score has unit deviation over the catalog."""
        statistics = self._statistics[name]
        difference = np.zeros(len(statistics.mean))
        if len(positives):
            difference += positives.mean(axis=0, dtype=np.float64) - statistics.mean
        if len(negatives):
            weight = NEGATIVE_WEIGHT if len(positives) else 1.0
            difference -= weight * (negatives.mean(axis=0, dtype=np.float64) - statistics.mean)
        direction = self._inverse[name] @ difference
        deviation = float(np.sqrt(max(0.0, direction @ statistics.covariance @ direction)))
        return direction / deviation if deviation > 1e-9 else direction

    def colour_share(self, positives: np.ndarray, negatives: np.ndarray) -> float:
        """The colour block's weight, inferred from how much tighter the positives are than random pairs are."""
        if len(positives) < 2:
            return PRIOR_SHARE
        z = {name: self._tightness(name, positives, negatives) for name in self._blocks}
        prior = np.log(PRIOR_SHARE / (1.0 - PRIOR_SHARE))
        return float(1.0 / (1.0 + np.exp(-(prior + (z["colour"] - z["style"]) / _TEMPERATURE))))

    def _tightness(self, name: str, positives: np.ndarray, negatives: np.ndarray) -> float:
        """z-score of the positives' mean pairwise cosine among random pairs; likeness to negatives subtracts."""
        statistics = self._statistics[name]
        if statistics.pair_deviation <= 0:
            return 0.0
        own = positives[:, self._blocks[name]].astype(np.float64)
        cosines = own @ own.T
        tight = (cosines.sum() - np.trace(cosines)) / (len(own) * (len(own) - 1))
        if len(negatives):
            across = own @ negatives[:, self._blocks[name]].astype(np.float64).T
            tight -= max(0.0, across.mean() - statistics.pair_mean)
        return (tight - statistics.pair_mean) / statistics.pair_deviation


def _inverse(statistics: BlockStatistics) -> np.ndarray:
    """(Σ + λ·tr Σ/d·I)⁻¹, through Σ's eigenvalues, of which rounding can make some slightly negative."""
    values, vectors = np.linalg.eigh(statistics.covariance)
    values = np.maximum(values, 0.0)
    ridge = SHRINKAGE * max(float(values.mean()), 1e-9)
    return (vectors / (values + ridge)) @ vectors.T


def mean_of_images(vectors: np.ndarray) -> np.ndarray:
    """One example from an item's images: float32 (k, width) → (width,), their mean."""
    return vectors.mean(axis=0)


def stack(examples: Sequence[np.ndarray], width: int) -> np.ndarray:
    """Rows float32 (n, width), also for n = 0."""
    return np.stack(examples) if examples else np.empty((0, width), np.float32)
