"""A filter's scores, and how precise it is at any threshold, for one engine: what slider, histogram and clicks need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from visualsearch.errors import UsageError
from visualsearch.filters import threshold
from visualsearch.filters.engine import Engine
from visualsearch.filters.precision import Curve, Estimate, next_ranks
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

YES, NO = "yes", "no"


@dataclass(frozen=True, eq=False)
class Histogram:
    """Scores of a filter: ``edges`` float64 (bins + 1,), ``counts`` int64 (bins,) of the items that it can find.

    ``positives``, ``negatives``: the scores of the examples that are items, float64. ``threshold``: where the set is
    cut, or None where it is not.
    """

    edges: np.ndarray
    counts: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray
    threshold: float | None


@dataclass(frozen=True)
class Cut:
    """Where a wanted precision cuts: ``narrow`` for the query's visual filter, and the estimate there."""

    narrow: float
    threshold: float
    estimate: Estimate


@dataclass(frozen=True, eq=False)
class Slider:
    """What a precision slider moves over, strictest first: ``counts`` int64 (m,) of items kept, ``precision`` and
    ``recall`` float64 (m, 3) as value, low, high; ``guess`` before any answer."""

    counts: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    guess: bool


@dataclass(frozen=True, eq=False)
class Ranked:
    """A filter's population, best first: items that it can find and its conditions select, examples left out.

    ``items`` int32 (n,), ``scores`` float32 (n,); the first ``kept`` are the set, cut at ``threshold``.
    ``hints``: the ranks that the examples have by the other examples. ``whole`` float32: the scores of all that the
    filter can find, whatever the conditions.
    """

    items: np.ndarray
    scores: np.ndarray
    kept: int
    threshold: float | None
    hints: np.ndarray
    whole: np.ndarray

    def curve(self, answers: Mapping[int, str], seed: int = 0) -> Curve:
        """What the answers, item → "yes" or "no", tell. Raises UsageError where nothing is ranked."""
        if not len(self.items):
            raise UsageError("There is nothing to judge: the filter finds no item.", "Pick other examples.")
        said = self._said(answers)
        return Curve(len(self.items), list(said), list(said.values()), self.hints, seed)

    def next_to_judge(self, answers: Mapping[int, str], count: int, seed: int) -> np.ndarray:
        """Items to ask for, int32 (≤ count,), none that was answered for, be it with "unsure"."""
        if not len(self.items):
            return np.empty(0, np.int32)
        asked = list(self._ranks(answers))
        return self.items[next_ranks(len(self.items), self.kept, asked, count, seed)]

    def _said(self, answers: Mapping[int, str]) -> dict[int, bool]:
        """Rank → whether it is meant, of the answers that are about ranked items."""
        return {rank: said == YES for rank, said in self._ranks(answers).items() if said in (YES, NO)}

    def _ranks(self, answers: Mapping[int, str]) -> dict[int, str]:
        """Rank → answer, of those that are about ranked items."""
        judged = np.array(list(answers), np.int64)
        order = np.argsort(self.items, kind="stable")
        places = np.searchsorted(self.items, judged, sorter=order)
        inside = places < len(self.items)
        ranks = order[places[inside]]
        same = self.items[ranks] == judged[inside]
        pairs = zip(ranks[same].tolist(), judged[inside][same].tolist(), strict=True)
        return {rank: answers[item] for rank, item in pairs}


def ranked(
    engine: Engine,
    query: Query,
    control: JobControl,
    cut: float | None = None,
    selected: np.ndarray | None = None,
) -> Ranked:
    """A query's filter over one engine, cut where the query narrows, or at the score ``cut``.

    ``selected`` bool (size,) stands for the query's conditions, where given. Raises UsageError (no examples), and what
    `Engine.run` raises.
    """
    if not query.visual:
        raise UsageError("A filter needs examples.", "Pick an item or a picture that it should look like.")
    scores = engine.scores(query, control)
    solved = engine.solve(query.visual)
    found = np.isfinite(scores) & engine.snapshot.alive
    found[solved.items] = False
    whole = scores[found]
    hints = _hints(engine, query, whole)
    if cut is None:
        cut = _cut(engine, query, control)
    found &= selected if selected is not None else engine.selection(query, control).mask
    items = np.flatnonzero(found).astype(np.int32)
    items = items[np.lexsort((engine.snapshot.id_rank[items], -scores[items]))]
    ordered = scores[items]
    # The threshold of a query is a rounded score: what is within the rounding is in.
    kept = len(items) if cut is None else int(np.count_nonzero(ordered >= np.float32(cut - 1e-6)))
    share = len(items) / max(1, len(whole))
    places = np.minimum(hints * share, max(0, len(items) - 1)).astype(np.int64)
    return Ranked(items, ordered, kept, cut, places, whole)


def histogram(engine: Engine, query: Query, bins: int, control: JobControl) -> Histogram:
    """The scores of a query's filter, its examples and its threshold. ``bins`` ≥ 1."""
    return histogram_of(ranked(engine, query, control), query, engine.scores(query, control), bins)


def histogram_of(about: Ranked, query: Query, scores: np.ndarray, bins: int) -> Histogram:
    """The same of what was ranked already; ``scores`` float32 (size,) as `Engine.scores` gives them."""
    values = about.scores.astype(np.float64)
    sides = []
    visual = query.visual.counting()
    for side in (visual.positives, visual.negatives):
        numbers = [e.item for e in side if e.item is not None and e.item < len(scores)]
        own = scores[np.array(numbers, np.int64)].astype(np.float64)
        sides.append(own[np.isfinite(own)])
    everything = np.concatenate([values, *sides])
    limits = (float(everything.min()), float(everything.max())) if len(everything) else (0.0, 1.0)
    counts, edges = np.histogram(values, bins, limits)
    return Histogram(edges, counts, sides[0], sides[1], about.threshold)


def slider(curve: Curve) -> Slider:
    """Estimates at every place of the slider."""
    return Slider(*curve.table(), guess=not curve.judged)


def cut_for(about: Ranked, curve: Curve, precision: float) -> Cut:
    """The largest set whose estimated precision is at least ``precision``, 0 to 1."""
    count = curve.count_for(precision)
    score = float(about.scores[count - 1])
    narrow = threshold.strictness_of(int(np.count_nonzero(about.whole >= score)), len(about.whole))
    return Cut(narrow, score, curve.at(count))


def _cut(engine: Engine, query: Query, control: JobControl) -> float | None:
    """The score that a query narrows at, over the whole catalog; None where it does not."""
    if query.visual.narrow is None:
        return None
    answers: list[float | None] = []
    plain = Query(query.visual, facets=False)
    engine.run(plain, lambda results: answers.append(results.threshold), control, mode="exact")
    return answers[-1]


def _hints(engine: Engine, query: Query, scores: np.ndarray) -> np.ndarray:
    """The ranks, int64, that positives have by the other positives, among scores float32 (n,)."""
    distances = engine.left_out(replace(query.visual, narrow=None))
    if not len(scores) or not len(distances):
        return np.empty(0, np.int64)
    values = scores.astype(np.float64)
    cuts = values.mean() + distances * max(float(values.std()), 1e-9)
    return np.array([np.count_nonzero(values > cut) for cut in cuts], np.int64)
