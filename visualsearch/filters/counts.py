"""How much the examples of a filter count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NEGATIVE_WEIGHT = 0.3  # γ, also in the inferred share: negatives sharpen, they do not decide


class Counts(NamedTuple):
    """How much each example counts: float64 (p,) and (n,), above 0, 1 for once."""

    positives: np.ndarray
    negatives: np.ndarray

    @classmethod
    def once(cls, positives: np.ndarray, negatives: np.ndarray) -> Counts:
        return cls(np.ones(len(positives)), np.ones(len(negatives)))

    def without(self, positive: int | None, negative: int | None) -> Counts:
        """Those of the other examples."""
        return Counts(
            self.positives if positive is None else np.delete(self.positives, positive),
            self.negatives if negative is None else np.delete(self.negatives, negative),
        )

    @property
    def emphasis(self) -> float:
        """What γ is multiplied by. Less than in proportion: far from a negative is not near to what is meant."""
        return float(np.sqrt(self.negatives.mean()))
