"""Examples → one linear scorer over the joint vectors.

Each block has an exemplar-LDA (Hariharan, Malik, Ramanan, "Discriminative Decorrelation for Clustering and
Classification", ECCV 2012): w = (Σ + λ·tr Σ/d·I)⁻¹ (μ_P − μ_0 − γ(μ_N − μ_0)), where Σ and μ_0 are of the whole
catalog. The blocks' scores are brought to unit deviation over the catalog, weighted, and added up. The constants
were measured; docs/decisions/search.md has the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from visualsearch.filters.query import Blocks
    from visualsearch.vectors.space import Space

NEGATIVE_WEIGHT = 0.2  # γ: negatives sharpen, they do not decide
PRIOR_SHARE = 0.2  # of the colour block, where a single example cannot tell
_STYLE_SHRINKAGE = 36.0  # λ for one example; divided by their number
_COLOUR_SHRINKAGE = 3.0  # λ
_INTERCEPT, _COLOUR_SLOPE, _STYLE_SLOPE = 0.5, 0.5, 1.0  # of the logit of the inferred share


@dataclass(frozen=True, eq=False)
class Scorer:
    """w float64 (width,): score = w·x, from −1 to 1 for any joint vector. ``colour_share`` was given or inferred.

    ``mean`` and ``deviation`` are those of the scores over the catalog.
    """

    weights: np.ndarray
    colour_share: float
    mean: float
    deviation: float


class Scoring:
    """Solves scorers for one space; what does not depend on the examples is decomposed once."""

    def __init__(self, space: Space) -> None:
        self._blocks = {name: space.block(name) for name in space.dims}
        self._statistics = space.generation.statistics
        self._width = space.width
        self._decomposed = {name: _decompose(self._covariance(name)) for name in self._blocks}

    def scorer(self, positives: np.ndarray, negatives: np.ndarray, blocks: Blocks) -> Scorer:
        """Positives float32 (p, width), negatives (n, width), one row an example; p + n ≥ 1."""
        share = self.colour_share(positives, negatives) if blocks == "auto" else float(blocks)
        weights = np.zeros(self._width)
        for name, part in (("style", 1.0 - share), ("colour", share)):
            columns = self._blocks[name]
            weights[columns] = part * self._direction(name, positives[:, columns], negatives[:, columns])
        reach = sum(float(np.linalg.norm(weights[columns])) for columns in self._blocks.values())
        if reach > 0:
            weights /= reach
        variance = float(weights @ self._statistics.covariance @ weights)
        return Scorer(
            weights, share, float(weights @ self._statistics.mean), float(np.sqrt(max(0.0, variance)))
        )

    def left_out(self, positives: np.ndarray, negatives: np.ndarray, share: float) -> np.ndarray:
        """How far above the catalog's mean each positive is ranked by the others alone, in deviations.

        float64 (p,); empty for fewer than two positives.
        """
        if len(positives) < 2:
            return np.empty(0)
        distances = []
        for index, positive in enumerate(positives):
            scorer = self.scorer(np.delete(positives, index, axis=0), negatives, share)
            score = float(positive.astype(np.float64) @ scorer.weights)
            distances.append((score - scorer.mean) / max(scorer.deviation, 1e-9))
        return np.array(distances)

    def _direction(self, name: str, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
        """A block's w, scaled so that its score has unit deviation over the catalog."""
        mean = self._statistics.mean[self._blocks[name]]
        difference = np.zeros(len(mean))
        if len(positives):
            difference += positives.mean(axis=0, dtype=np.float64) - mean
        if len(negatives):
            weight = NEGATIVE_WEIGHT if len(positives) else 1.0
            difference -= weight * (negatives.mean(axis=0, dtype=np.float64) - mean)
        values, vectors = self._decomposed[name]
        examples = len(positives) or len(negatives)
        shrinkage = _COLOUR_SHRINKAGE if name == "colour" else _STYLE_SHRINKAGE / examples
        ridge = shrinkage * max(float(values.mean()), 1e-9)
        direction = vectors @ ((vectors.T @ difference) / (values + ridge))
        deviation = float(np.sqrt(max(0.0, direction @ self._covariance(name) @ direction)))
        return direction / deviation if deviation > 1e-9 else direction

    def colour_share(self, positives: np.ndarray, negatives: np.ndarray) -> float:
        """The colour block's weight, inferred from how much tighter the positives are than random pairs are."""
        if len(positives) < 2:
            return PRIOR_SHARE
        style, colour = (self._tightness(name, positives, negatives) for name in ("style", "colour"))
        return float(1.0 / (1.0 + np.exp(_STYLE_SLOPE * style - _COLOUR_SLOPE * colour - _INTERCEPT)))

    def _tightness(self, name: str, positives: np.ndarray, negatives: np.ndarray) -> float:
        """z-score of the positives' mean pairwise cosine among random pairs; likeness to negatives subtracts."""
        pair_mean, pair_deviation = self._statistics.pairs[name]
        if pair_deviation <= 0:
            return 0.0
        own = positives[:, self._blocks[name]].astype(np.float64)
        cosines = own @ own.T
        tight = (cosines.sum() - np.trace(cosines)) / (len(own) * (len(own) - 1))
        if len(negatives):
            across = own @ negatives[:, self._blocks[name]].astype(np.float64).T
            tight -= max(0.0, float(across.mean()) - pair_mean)
        return float(tight - pair_mean) / pair_deviation

    def _covariance(self, name: str) -> np.ndarray:
        columns = self._blocks[name]
        return self._statistics.covariance[columns, columns]


def _decompose(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (d,) and eigenvectors (d, d); rounding can make some values slightly negative."""
    values, vectors = np.linalg.eigh(covariance)
    return np.maximum(values, 0.0), vectors


def mean_of_images(vectors: np.ndarray) -> np.ndarray:
    """One example from an item's images: float32 (k, width) → (width,), their mean."""
    return vectors.mean(axis=0)


def stack(examples: Sequence[np.ndarray], width: int) -> np.ndarray:
    """Rows float32 (n, width), also for n = 0."""
    return np.stack(examples) if examples else np.empty((0, width), np.float32)
