"""The examples of a filter as vectors, and how much each counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

NEGATIVE_WEIGHT = 0.3  # γ, also in the inferred share: negatives sharpen, they do not decide


class Counts(NamedTuple):
    """How much each example counts: float64 (p,) and (n,), above 0, 1 for once."""

    positives: np.ndarray
    negatives: np.ndarray

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


@dataclass(frozen=True, eq=False)
class Examples:
    """What a filter learns from: joint vectors float32 (p, width) and (n, width), how much each counts, the signs in
    the order in which they were picked, "" where that is not known, and `VisualFilter.colours_differ`."""

    positives: np.ndarray
    negatives: np.ndarray
    counts: Counts
    picks: str = ""
    differ: float = 0.0

    @classmethod
    def once(cls, positives: np.ndarray, negatives: np.ndarray, differ: float = 0.0) -> Examples:
        """Each counts once, and their order is not known."""
        counts = Counts(np.ones(len(positives)), np.ones(len(negatives)))
        return cls(positives, negatives, counts, differ=differ)

    @property
    def digest(self) -> bytes:
        """Names the examples and how much each counts."""
        vectors = (self.positives, self.negatives, *self.counts)
        return hashlib.blake2b(b"|".join(part.tobytes() for part in vectors), digest_size=16).digest()

    def first(self, positives: int, negatives: int) -> Examples:
        """The first so many of each side."""
        counts = Counts(self.counts.positives[:positives], self.counts.negatives[:negatives])
        return replace(
            self, positives=self.positives[:positives], negatives=self.negatives[:negatives], counts=counts
        )

    def of(self, group: np.ndarray) -> Examples:
        """With some of the positives, int64 indices, alone."""
        counts = Counts(self.counts.positives[group], self.counts.negatives)
        return replace(self, positives=self.positives[group], counts=counts)

    def without(self, positive: int | None, negative: int | None) -> Examples:
        """All but the positive and the negative at these places."""
        return replace(
            self,
            positives=self.positives if positive is None else np.delete(self.positives, positive, axis=0),
            negatives=self.negatives if negative is None else np.delete(self.negatives, negative, axis=0),
            counts=self.counts.without(positive, negative),
        )
