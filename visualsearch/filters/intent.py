"""What the examples of a filter have in common: style, colour or both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.filters.examples import NEGATIVE_WEIGHT, Examples

if TYPE_CHECKING:
    from visualsearch.filters.query import Blocks
    from visualsearch.vectors.space import Space

PRIOR_SHARE = 0.2  # of the colour block, where a single example cannot tell
DOUBT = 3.0  # by how much the odds of colour fall, in logarithms, where the positives' tags have no colour in common
_LEAST_LIKENESS = 0.05  # keeps the share defined where the positives have nothing in common


class Intent:
    """Infers the colour block's weight in one space. Safe from any thread."""

    def __init__(self, space: Space) -> None:
        self._blocks = {name: space.block(name) for name in space.dims}
        self._statistics = space.generation.statistics

    def share(self, examples: Examples, blocks: Blocks) -> float:
        """The colour block's weight: given, or inferred from how much alike the positives are in each block.

        Two scores of unit deviation that are uncorrelated are best added up in proportion to how far above the
        catalog's mean each puts what is meant (Fisher's discriminant); the positives tell that of each other. That
        their colours differ (`VisualFilter.colours_differ`) speaks against colour, in logarithms of the odds.
        """
        if blocks != "auto":
            return float(blocks)
        if len(examples.positives) < 2:
            return PRIOR_SHARE
        style, colour = (max(_LEAST_LIKENESS, self._likeness(name, examples)) for name in ("style", "colour"))
        return colour / (colour + style * math.exp(DOUBT * examples.differ))

    def _likeness(self, name: str, examples: Examples) -> float:
        """How far above the catalog's mean the positives' cosines with each other are, in deviations.

        Mean and deviation are those of each positive's own cosines with the whole catalog, since some pictures are
        like many and some like few. Likeness to negatives subtracts a part: those that people pick are among the best
        wrong answers, so they are like the positives in the very block that counts.
        """
        columns, counts = self._blocks[name], examples.counts
        own = examples.positives[:, columns].astype(np.float64)
        deviations = np.sqrt(
            np.maximum(np.einsum("ij,ij->i", own @ self._statistics.covariance[columns, columns], own), 0.0)
        )
        means = own @ self._statistics.mean[columns]
        usable = deviations > 1e-9
        if not usable.any():
            return 0.0

        def gain(cosines: np.ndarray) -> float:
            gains = (cosines[usable] - means[usable]) / deviations[usable]
            return float(np.average(gains, weights=counts.positives[usable]))

        cosines = own @ own.T
        given = counts.positives
        likeness = gain((cosines @ given - np.diag(cosines) * given) / (given.sum() - given))
        if len(examples.negatives):
            wrong = examples.negatives[:, columns].astype(np.float64)
            across = np.average(own @ wrong.T, axis=1, weights=counts.negatives)
            likeness -= NEGATIVE_WEIGHT * counts.emphasis * max(0.0, gain(across))
        return likeness
