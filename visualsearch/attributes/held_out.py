"""Scores of labelled items by rankings that had not seen them: what probabilities are learnt from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from visualsearch.attributes import ranking
from visualsearch.attributes.target import stable_sample
from visualsearch.filters.engine import Engine

FOLDS = 2
_FEWEST = 4  # labelled positives from which two folds can be made
_MOST = 600  # positives, and
_MOST_OTHERS = 1200  # others that are scored
_WORTH = 200.0  # answers of a person that all labelled items together count for, at most


@dataclass(frozen=True, eq=False)
class HeldOut:
    """``scores`` float32 (n,) in deviations; ``hits`` bool (n,); ``weights`` float64 (n,), items each stands for.
    ``few_shot``: the few-shot filter alone ranked them better than with a head."""

    scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    hits: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    weights: np.ndarray = field(default_factory=lambda: np.empty(0))
    few_shot: bool = False


def held_out(engine: Engine, evidence: ranking.Evidence, having: np.ndarray, others: np.ndarray) -> HeldOut:
    """Score items that have the value, and ``others`` that have one which excludes it: int32 ascending.

    Where examples were given, the filter of these examples alone scores all labelled items but them. Otherwise the
    labelled items are halved, and each half is scored by the ranking learnt from the other; items with the very same
    photo are in one half. Of a multi-valued attribute an item without the value may still deserve it: then there are
    no ``others``, and nothing to learn.
    """
    space = engine.space
    assert space is not None
    seen = space.has_vector()
    positives, negatives = (items[seen[items]] for items in (having, others))
    some, few = stable_sample(positives, _MOST), stable_sample(negatives, _MOST_OTHERS)
    if len(some) < _FEWEST or len(few) < _FEWEST:
        return HeldOut()
    items = np.concatenate([some, few])
    weights = np.repeat([len(positives) / len(some), len(negatives) / len(few)], [len(some), len(few)])
    hits = np.arange(len(items)) < len(some)
    few_shot = False
    if evidence.visual:
        examples = [e.item for e in evidence.visual.positives if e.item is not None]
        none = np.empty(0, np.int32)
        start = ranking.Evidence(np.array(sorted(examples), np.int32), none, none, evidence.visual)
        scores = ranking.fit(engine, start, few_shot=True).scores(space)[items]
        kept = ~np.isin(items, examples)
        scores, hits, weights = scores[kept], hits[kept], weights[kept]
    else:
        scores, few_shot = _crossed(engine, items, hits, weights)
    return HeldOut(scores, hits, weights * min(1.0, _WORTH / weights.sum()), few_shot)


def _crossed(
    engine: Engine, items: np.ndarray, hits: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, bool]:
    """(float32 (n,): each item's score by the better ranking learnt from the other folds; whether that is the
    few-shot filter alone)."""
    space = engine.space
    assert space is not None
    row = space.row[np.searchsorted(space.item, items)].astype(np.uint64)
    fold = ((row * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) % np.uint64(FOLDS)
    found = {few_shot: np.full(len(items), -np.inf, np.float32) for few_shot in (False, True)}
    gains = {False: 0.0, True: 0.0}
    for number in range(FOLDS):
        learnt, asked = fold != number, fold == number
        if not (learnt & hits).any() or not (asked & hits).any():
            continue
        parts = (np.sort(items[learnt & hits]), np.empty(0, np.int32), np.sort(items[learnt & ~hits]))
        for few_shot, scores in found.items():
            ranker = ranking.fit(engine, ranking.Evidence(*parts), few_shot=few_shot)
            scores[asked] = ranker.scores(space)[items[asked]]
            gains[few_shot] += _average_precision(scores[asked], hits[asked], weights[asked])
    better = gains[True] > gains[False]
    return found[better], better


def _average_precision(scores: np.ndarray, hits: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(-scores, kind="stable")
    right = (weights * hits)[order]
    return float((right * np.cumsum(right) / np.cumsum(weights[order])).sum() / right.sum())
