"""From which confidence on a value is proposed, and how right and how complete that is. Pure functions; any thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.intervals import NOTHING, Interval, clopper_pearson

CONFIDENCE = 0.95  # of the intervals
_LEAST = 0.5  # confidence under which nothing is proposed: it would more likely be wrong than right
_MARGIN = (
    2  # a cutoff allows so many times fewer wrong ones than wanted: a certificate passes only with a margin
)
_PRIOR = 10  # pairs that the confidences themselves count for, beside the pairs that were counted


@dataclass(frozen=True)
class Measured:
    """A value out of fold. ``cutoff``: the lowest confidence that is proposed, inf where none reaches the wanted
    precision; ``precision`` of what would be proposed, ``recall`` of the labelled items."""

    cutoff: float
    precision: Interval
    recall: Interval


def measure(
    confidence: np.ndarray, right: np.ndarray, fold: np.ndarray, labelled: int, wanted: float
) -> Measured:
    """From the out-of-fold pairs of one value: confidences and whether they are right, (m,) each, int8 (m,) folds;
    ``labelled``: how many items have the value.

    Each fold is judged by the cutoff of the others, so that the choice of the cutoff does not flatter the figures.
    """
    proposed = hits = 0
    for number in np.unique(fold).tolist():
        inside = fold == number
        above = inside & (confidence >= cutoff_of(confidence[~inside], right[~inside], wanted))
        proposed += int(np.count_nonzero(above))
        hits += int(np.count_nonzero(right & above))
    precision = _share(hits, proposed)
    return Measured(cutoff_of(confidence, right, wanted), precision, _share(hits, labelled))


def cutoff_of(confidence: np.ndarray, right: np.ndarray, wanted: float) -> float:
    """The lowest confidence such that the pairs from there on have the wanted precision with a margin: as counted,
    drawn towards what the confidences say, since few pairs say little. inf where there is none."""
    order = np.argsort(-confidence, kind="stable")
    sure = confidence[order]
    count = np.arange(1, len(sure) + 1)
    expected = np.cumsum(sure) / count
    precision = (np.cumsum(right[order]) + _PRIOR * expected) / (count + _PRIOR)
    enough = np.flatnonzero((precision >= 1 - (1 - wanted) / _MARGIN) & (sure >= _LEAST))
    return float(sure[enough[-1]]) if len(enough) else float("inf")


def _share(hits: int, count: int) -> Interval:
    return clopper_pearson(hits, count, CONFIDENCE) if count else NOTHING
