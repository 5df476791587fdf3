"""Examples → one linear scorer for suggestions.

Few examples: the few-shot visual filter alone. With some labelled positives and negatives also a logistic head, shrunk
towards the filter's solution, and both are added up, each at unit deviation over the catalog. The sum ranked at least
as well as the filter for every attribute and number of labels that was measured (docs/decisions/tagging.md), and being
linear it costs one scan of the vectors, whatever it was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from visualsearch.attributes.target import stable_sample
from visualsearch.errors import NothingPrepared, VisualSearchError
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import VisualFilter
from visualsearch.vectors import search
from visualsearch.vectors.space import Space

FEWEST_POSITIVES = 3  # labelled items from which the head helps
FEWEST_NEGATIVES = 10
_FILTER_POSITIVES = 96  # examples that the few-shot filter is solved with: more change nothing
_FILTER_NEGATIVES = 48
_HEAD_POSITIVES = 768
_HEAD_NEGATIVES = 1024  # of either kind
_REACH = 30.0  # variance of the head's weights around the filter's
_ROUNDS = 15  # of L-BFGS; from the filter's solution more rounds changed nothing


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a ranking is learnt from: item numbers, int32 ascending.

    ``positives`` have the value or are examples; ``rejected`` were judged *no*; ``others`` have another value of a
    single-valued attribute. ``visual`` holds examples that were given: pictures from outside, weights of the blocks.
    """

    positives: np.ndarray
    rejected: np.ndarray
    others: np.ndarray
    visual: VisualFilter = field(default_factory=VisualFilter)

    def __bool__(self) -> bool:
        return bool(len(self.positives) or self.visual)


@dataclass(frozen=True, eq=False)
class Ranker:
    """score = (w·x − mean) / deviation: how far above the catalog's mean, in deviations. ``weights`` float64 (width,).

    ``kind``: "filter" (few-shot) or "head" (few-shot and logistic head).
    """

    weights: np.ndarray
    mean: float
    deviation: float
    kind: str

    def scores(self, space: Space, checkpoint=lambda: None) -> np.ndarray:
        """Of every item: float32 (size,), −inf where no vector is. Raises CacheDamaged."""
        return (search.scan(space, self.weights, checkpoint) - np.float32(self.mean)) / np.float32(
            self.deviation
        )


def fit(engine: Engine, evidence: Evidence, *, few_shot: bool = False) -> Ranker:
    """Learn a ranking; ``few_shot``: the filter alone. Raises VisualSearchError (no example), ImageRefused, …"""
    if not evidence:
        raise VisualSearchError(
            "There is nothing to start from: no item has the value, and no example was given.",
            "Pick one or two examples, or a saved filter.",
        )
    space, scorer = _solved(engine, evidence)
    statistics = space.generation.statistics
    start = _unit(scorer, space)
    negatives = len(evidence.rejected) + len(evidence.others)
    if few_shot or len(evidence.positives) < FEWEST_POSITIVES or negatives < FEWEST_NEGATIVES:
        return _ranker(start, space, "filter")
    positives = item_vectors(space, stable_sample(evidence.positives, _HEAD_POSITIVES))
    refused = item_vectors(space, stable_sample(evidence.rejected, _HEAD_NEGATIVES))
    others = item_vectors(space, stable_sample(evidence.others, _HEAD_NEGATIVES))
    rows = np.concatenate([positives, refused, others]) - statistics.mean.astype(np.float32)
    head = _logistic(rows, len(positives), start)
    return _ranker(start + _unit(head, space), space, "head")


def _solved(engine: Engine, evidence: Evidence) -> tuple[Space, np.ndarray]:
    """The few-shot filter's w, float64 (width,)."""
    space, given = engine.space, evidence.visual
    if space is None:
        raise NothingPrepared
    named = [e.item for e in (*given.positives, *given.negatives) if e.item is not None and e.region is None]
    positives = [_vectors_of(space, evidence.positives, named, _FILTER_POSITIVES)]
    negatives = [_vectors_of(space, evidence.rejected, named, _FILTER_NEGATIVES)]
    if given:
        solved = engine.solve(given)
        positives.append(solved.positives)
        negatives.append(solved.negatives)
    scorer = engine.linear(np.concatenate(positives), np.concatenate(negatives), given.blocks)
    return space, np.asarray(scorer.weights, np.float64)


def _vectors_of(space: Space, items: np.ndarray, named: list[int], most: int) -> np.ndarray:
    """Of at most so many items that are not examples by name, float32 (n, width)."""
    return item_vectors(space, stable_sample(items[~np.isin(items, named)], most))


def _deviation(weights: np.ndarray, space: Space) -> float:
    return float(np.sqrt(max(0.0, weights @ space.generation.statistics.covariance @ weights)))


def _unit(weights: np.ndarray, space: Space) -> np.ndarray:
    """Scaled so that the scores have unit deviation over the catalog."""
    deviation = _deviation(weights, space)
    return weights / deviation if deviation > 1e-9 else weights


def _ranker(weights: np.ndarray, space: Space, kind: str) -> Ranker:
    mean = float(weights @ space.generation.statistics.mean)
    return Ranker(weights, mean, max(1e-9, _deviation(weights, space)), kind)


def _logistic(rows: np.ndarray, positives: int, start: np.ndarray) -> np.ndarray:
    """w of a logistic regression, classes balanced, shrunk towards ``start``: float32 (n, width) → float64 (width,).

    Minimises Σ c·log(1 + exp(−t(w·x + b))) + |w − start|²/2·reach; the first ``positives`` rows have t = 1.
    """
    from scipy.optimize import minimize

    count = len(rows)
    sign = np.where(np.arange(count) < positives, 1.0, -1.0)
    share = np.where(sign > 0, 1.0 / positives, 1.0 / (count - positives)) * np.sqrt(count)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        w, b = parameters[:-1], parameters[-1]
        margins = sign * ((rows @ w.astype(np.float32)).astype(np.float64) + b)
        pull = -share * sign / (1.0 + np.exp(np.minimum(margins, 500.0)))
        off = w - start
        value = float(share @ np.logaddexp(0.0, -margins) + 0.5 * off @ off / _REACH)
        gradient = (pull.astype(np.float32) @ rows).astype(np.float64) + off / _REACH
        return value, np.append(gradient, pull.sum())

    found = minimize(
        loss, np.append(start, 0.0), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS, "maxcor": 10}
    )
    return found.x[:-1]


def item_vectors(space: Space, items: Sequence[int] | np.ndarray) -> np.ndarray:
    """The mean vector of each item's images, float32 (k, width); items without a vector are left out."""
    numbers = np.asarray(items, space.item.dtype)  # of the same type, or NumPy would convert all links
    first = np.searchsorted(space.item, numbers, "left")
    counts = np.searchsorted(space.item, numbers, "right") - first
    first, counts = first[counts > 0], counts[counts > 0]
    if not len(counts):
        return np.empty((0, space.width), np.float32)
    begins = np.cumsum(counts) - counts
    links = np.repeat(first - begins, counts) + np.arange(counts.sum())
    rows = space.gather(space.row[links])
    if len(rows) == len(counts):
        return rows
    return np.add.reduceat(rows, begins, axis=0) / counts[:, None].astype(np.float32)
