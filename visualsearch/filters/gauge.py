"""What a threshold's slider shows in one go: the scores, where each place of it cuts, and how precise that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from visualsearch.filters import judging, threshold
from visualsearch.filters.engine import Engine
from visualsearch.filters.judging import Histogram
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

_PLACES = 101  # of the slider


@dataclass(frozen=True, eq=False)
class Gauge:
    """A filter's threshold with all that is known about it.

    Row by row, from the loosest to the strictest place of the slider: ``narrow`` float64 (m,), what a query says for
    it; ``scores`` float64 (m,), where it cuts; ``counts`` int64 (m,), the items that it keeps, examples left out;
    ``precision`` and ``recall`` float64 (m, 3) as value, low, high. ``judged`` answers count; with none it is a
    ``guess``. ``marks``: the scores of the items that were answered for with yes and with no, float64.
    """

    histogram: Histogram
    narrow: np.ndarray
    scores: np.ndarray
    counts: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    judged: int
    marks: tuple[np.ndarray, np.ndarray]

    @property
    def guess(self) -> bool:
        return not self.judged

    def row_of(self, narrow: float) -> int:
        """The row of a query's strictness."""
        return int(np.abs(self.narrow - narrow).argmin())

    def row_at(self, score: float) -> int:
        """The row that cuts nearest to a score."""
        return int(np.abs(self.scores - score).argmin())

    def row_for(self, precision: float) -> int | None:
        """The loosest row whose estimated precision is at least ``precision``, or None where not even the strictest
        one's is."""
        fine = (self.precision[:, 0] >= precision) & (self.counts > 0)
        return int(fine.argmax()) if fine.any() else None


def gauge(engine: Engine, query: Query, answers: Mapping[int, str], bins: int, control: JobControl) -> Gauge:
    """A query's filter, from answers item → "yes" or "no" (others do not count). ``bins`` ≥ 1 of the histogram.

    Raises UsageError (no examples, nothing found), and what `Engine.run` raises.
    """
    about = judging.ranked(engine, query, control)
    curve = about.curve(answers)
    control.checkpoint()
    best = np.sort(about.whole.astype(np.float64))[::-1]
    narrow = np.linspace(0.0, 1.0, _PLACES)
    if about.threshold is not None and query.visual.narrow == "auto":
        own = threshold.strictness_of(int(np.count_nonzero(best >= about.threshold - 1e-6)), len(best))
        narrow = np.unique(np.append(narrow, own))
    kept = np.array([threshold.kept(place, len(best)) for place in narrow])
    cuts = best[kept - 1]
    # Rounded scores cut, see `judging.ranked`.
    counts = np.searchsorted(-about.scores.astype(np.float64), -(cuts - 1e-6), side="right")
    each, back = np.unique(counts, return_inverse=True)
    estimates = [curve.at(int(count)) for count in each]
    precision = np.array([(e.precision.value, e.precision.low, e.precision.high) for e in estimates])[back]
    recall = np.array([(e.recall.value, e.recall.low, e.recall.high) for e in estimates])[back]
    scores = engine.scores(query, control)
    marks = tuple(
        np.sort(scores[[item for item, said in answers.items() if said == answer and item < len(scores)]])
        for answer in (judging.YES, judging.NO)
    )
    shown = judging.histogram_of(about, query, scores, bins)
    return Gauge(shown, narrow, cuts, counts, precision, recall, curve.judged, (marks[0], marks[1]))
