"""Examples → one linear scorer over the joint vectors.

Each block has an exemplar-LDA (Hariharan, Malik, Ramanan, "Discriminative Decorrelation for Clustering and
Classification", ECCV 2012): w = (Σ + λ·tr Σ/d·I)⁻¹ (μ_P − μ_0 − γ(μ_N − μ_0)), where Σ and μ_0 are of the whole
catalog. The blocks' scores are brought to unit deviation over the catalog, weighted, and added up. Then it is solved
again with what the first solution found as further, light positives (query expansion; Chum et al., "Total Recall",
ICCV 2007; weighted by score as Radenović, Tolias, Chum, "Fine-tuning CNN Image Retrieval", PAMI 2019), and from five
right and five wrong examples on a logistic head corrects it. Positives that say the same again count less. Which
examples it learns from says `learning`. The constants were measured; docs/decisions/search.md has the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from visualsearch.filters import logistic, tastes
from visualsearch.filters.examples import NEGATIVE_WEIGHT, Examples
from visualsearch.filters.intent import Intent
from visualsearch.vectors.space import highest

if TYPE_CHECKING:
    from visualsearch.filters.query import Blocks
    from visualsearch.vectors.space import Space

EXPANSION = 20  # pictures that are taken for likely positives
REFERENCE_ROWS = 8_192  # among which they are looked for: a millisecond or two, whatever the catalog's size
STYLE_SHRINKAGE = 36.0  # λ for one example; divided by their number
LEAST_STYLE_SHRINKAGE = 6.0  # λ for many: those picked from one page tell less than as many at random
COLOUR_SHRINKAGE = 3.0  # λ
_PROMISING = 256  # of these at least, by their first components: no best one of 3,000 was ever missed
_LIKELY_WEIGHT = 4.0  # of all likely positives together, in positives; at most …
_LIKELY_SHARE = 36.0  # … this divided by the square of the positives: where more is known, less is guessed
_REDUNDANCY = 3  # power of the cosines
_SAME = 1e-5  # of a cosine: the very same picture
_SEED = 2007


@dataclass(frozen=True, eq=False)
class Scorer:
    """w float64 (width,): score = w·x, from −1 to 1 for any joint vector. ``colour_share`` was given or inferred.

    ``mean`` and ``deviation`` are those of the scores over the catalog. ``promising`` int32: rows that were among the
    best of a sample while it was solved.
    """

    weights: np.ndarray
    colour_share: float
    mean: float
    deviation: float
    promising: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))

    def distances(self, vectors: np.ndarray) -> np.ndarray:
        """How far above the catalog's mean joint vectors, float32 (n, width), score, in deviations: float64 (n,)."""
        return (vectors.astype(np.float64) @ self.weights - self.mean) / max(self.deviation, 1e-9)


@dataclass(frozen=True, eq=False)
class _Likely:
    """Likely positives: their weighted mean, float64 (width,), and how many positives they count for. ``promising``
    int32: the rows among which they were found."""

    mean: np.ndarray
    weight: float
    promising: np.ndarray


class _Told(NamedTuple):
    """What examples tell of a block: how far the positives' mean is from the catalog's, float64 (d,), for how many
    examples that counts, and what the negatives take away from it, float64 (d,)."""

    difference: np.ndarray
    examples: float
    away: np.ndarray


class Scoring:
    """Solves scorers for one space; what does not depend on the examples is computed once. Safe from any thread."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._blocks = {name: space.block(name) for name in space.dims}
        self._statistics = space.generation.statistics
        self._width = space.width
        self.intent = Intent(space)
        self._decomposed = {name: _decompose(self._covariance(name)) for name in self._blocks}
        self._variances = {name: max(float(self._decomposed[name][0].mean()), 1e-9) for name in self._blocks}

    def scorer(self, examples: Examples, blocks: Blocks) -> Scorer:
        """The scorer of examples, of which there is at least one. Raises CacheDamaged."""
        share = self.intent.share(examples, blocks)
        told = self._told(examples, share)
        weights = self._solve(told, share)
        likely = self._likely(weights, examples, share)
        if likely is not None:
            weights = self._solve(told, share, likely)
        scorer = self._scorer(weights, share, likely)
        sides = examples.positives, examples.negatives
        if min(map(len, sides)) < logistic.FEWEST or scorer.deviation < 1e-9:
            return scorer
        vectors = np.concatenate(sides)
        right = np.arange(len(vectors)) < len(examples.positives)
        metrics = [self._metric(name, part) for name, part in _parts(share)]
        change = logistic.corrected(
            scorer.distances(vectors),
            vectors,
            right,
            self._statistics.mean,
            metrics,
            np.concatenate(examples.counts),
        )
        return self._scorer(self._of_reach_one(weights / scorer.deviation + change), share, likely)

    def around(self, examples: Examples, blocks: Blocks) -> Callable[[Examples], Scorer]:
        """Solves for some of these examples, with the share and the likely positives of all of them."""
        share = self.intent.share(examples, blocks)
        likely = self._likely(self._solve(self._told(examples, share), share), examples, share)
        return lambda some: self._scorer(self._solve(self._told(some, share), share, likely), share)

    def mixed(self, one: Scorer, other: Scorer, share: float) -> Scorer:
        """The mean of two scorers of one deviation, ``share`` of it the first."""
        parts = ((one, share), (other, 1.0 - share))
        weights = sum(part * scorer.weights / max(scorer.deviation, 1e-9) for scorer, part in parts)
        colour = sum(part * scorer.colour_share for scorer, part in parts)
        mixed = self._scorer(self._of_reach_one(np.asarray(weights)), colour)
        return replace(mixed, promising=one.promising)

    def confirm(self, scorer: Scorer, vectors: np.ndarray, times: int) -> bool:
        """Whether all of the vectors are among the best of the catalog, ``times`` as many as they are: they were picked
        because they are there, and tell no more than that the scorer is right."""
        if not len(self._reference):
            return False
        count = round(times * len(vectors) * len(self._reference) / max(1, len(self._space.row)))
        best = -np.sort(-scorer.distances(self._reference))[: max(1, count)]
        return bool((scorer.distances(vectors) >= best[-1]).all())

    def groups(self, positives: np.ndarray, blocks: Blocks, differ: float = 0.0) -> list[np.ndarray]:
        """The disjoint tastes among the positives: int64 indices; one group of all where there is but one."""
        together = [np.arange(len(positives))]
        if len(positives) < tastes.FEWEST:
            return together
        found = tastes.clusters({name: self._alike(name, positives) for name in self._blocks})
        if len(found) < 2:
            return together

        def solve(some: np.ndarray) -> Scorer:
            examples = Examples.once(some, some[:0], differ)
            share = self.intent.share(examples, blocks)
            return self._scorer(self._solve(self._told(examples, share), share), share)

        return found if tastes.are_better(solve, positives, found, self._reference) else together

    def _alike(self, name: str, positives: np.ndarray) -> np.ndarray:
        """How far above the catalog's mean the positives' cosines with each other are, in deviations: (p, p)."""
        own = positives[:, self._blocks[name]].astype(np.float64)
        gains = own @ own.T - (own @ self._statistics.mean[self._blocks[name]])[:, None]
        gains /= np.maximum(self._deviations(name, own), 1e-9)[:, None]
        return (gains + gains.T) / 2

    def _deviations(self, name: str, own: np.ndarray) -> np.ndarray:
        """Of each vector's cosines with the whole catalog: float64 (n, d) of a block → (n,)."""
        return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", own, self._covariance(name), own), 0.0))

    def _metric(self, name: str, part: float) -> logistic.Metric:
        values, vectors = self._decomposed[name]
        shrinkage = LEAST_STYLE_SHRINKAGE if name == "style" else COLOUR_SHRINKAGE
        raised = values + shrinkage * self._variances[name]
        return logistic.Metric(self._blocks[name], raised, vectors, float((values / raised).sum()), part)

    def _scorer(self, weights: np.ndarray, share: float, likely: _Likely | None = None) -> Scorer:
        variance = float(weights @ self._statistics.covariance @ weights)
        mean, deviation = float(weights @ self._statistics.mean), float(np.sqrt(max(0.0, variance)))
        scorer = Scorer(weights, share, mean, deviation)
        return scorer if likely is None else replace(scorer, promising=likely.promising)

    def _told(self, examples: Examples, share: float) -> dict[str, _Told]:
        """Of each block that counts."""
        positives, negatives, counts = examples.positives, examples.negatives, examples.counts
        told = {}
        for name, _ in _parts(share):
            columns = self._blocks[name]
            mean = self._statistics.mean[columns]
            difference, away = np.zeros(len(mean)), np.zeros(len(mean))
            weight = float(len(negatives))
            if len(positives):
                telling = self._telling_counts(name, positives) * counts.positives
                weight = float(telling.sum())
                difference = telling @ positives[:, columns].astype(np.float64) / weight - mean
            if len(negatives):
                part = NEGATIVE_WEIGHT * counts.emphasis if len(positives) else 1.0
                middle = np.average(
                    negatives[:, columns].astype(np.float64), axis=0, weights=counts.negatives
                )
                away = part * (middle - mean)
            told[name] = _Told(difference, weight, away)
        return told

    def _solve(self, told: dict[str, _Told], share: float, likely: _Likely | None = None) -> np.ndarray:
        """w float64 (width,) with the blocks weighted, of reach 1."""
        weights = np.zeros(self._width)
        for name, part in _parts(share):
            weights[self._blocks[name]] = part * self._direction(name, told[name], likely)
        return self._of_reach_one(weights)

    def _of_reach_one(self, weights: np.ndarray) -> np.ndarray:
        reach = sum(float(np.linalg.norm(weights[columns])) for columns in self._blocks.values())
        return weights / reach if reach > 0 else weights

    @cached_property
    def _reference_rows(self) -> np.ndarray:
        """A seeded sample of the items' rows, int32 (r,) ascending: the whole catalog where it is small."""
        rows = np.unique(self._space.row)
        if len(rows) > REFERENCE_ROWS:
            rows = np.sort(np.random.default_rng(_SEED).choice(rows, REFERENCE_ROWS, replace=False))
        return rows

    @cached_property
    def _reference(self) -> np.ndarray:
        """Their vectors, float32 (r, width)."""
        return self._space.gather(self._reference_rows)

    @cached_property
    def _sketch(self) -> tuple[np.ndarray, np.ndarray]:
        """The first third of each block's components: which they are, and those of the reference, float32 (r, ·). They
        have most of the variance, so they tell which may be among the best, and a third of the memory is read."""
        columns = np.arange(self._width)
        leading = [columns[block][: -(-len(columns[block]) // 3)] for block in self._blocks.values()]
        first = np.concatenate(leading)
        return first, np.ascontiguousarray(self._reference[:, first])

    def _likely(self, weights: np.ndarray, examples: Examples, share: float) -> _Likely | None:
        """The best of the reference, weighted by how far above the catalog's mean they are.

        The examples themselves are not among them, nor what is more like a negative than like any positive.
        """
        positives, negatives = examples.positives, examples.negatives
        if not len(positives) or not len(self._reference):
            return None
        single, (columns, sketch) = weights.astype(np.float32), self._sketch
        count = EXPANSION + len(positives) + len(negatives)
        promising = np.sort(highest(sketch @ single[columns], max(_PROMISING, 4 * count)))
        scores = self._reference[promising] @ single - np.float32(weights @ self._statistics.mean)
        best = highest(scores, count)
        best = best[np.lexsort((best, -scores[best]))]
        emphasis = np.empty(self._width, np.float32)
        emphasis[self._blocks["style"]], emphasis[self._blocks["colour"]] = 1.0 - share, share
        found = self._reference[promising[best]]
        liked = (found * emphasis @ positives.T).max(axis=1)
        kept = (scores[best] > 0) & (liked < 1.0 - _SAME)
        if len(negatives):
            kept &= liked > (found * emphasis @ negatives.T).max(axis=1)
        found, gains = found[kept][:EXPANSION], scores[best][kept][:EXPANSION].astype(np.float64)
        if not len(found):
            return None
        weight = min(_LIKELY_WEIGHT, _LIKELY_SHARE / len(positives) ** 2)
        return _Likely(gains @ found / gains.sum(), weight, self._reference_rows[promising])

    def without_each(self, examples: Examples, share: float) -> list[Scorer]:
        """For each positive the scorer of the others (no expansion); empty for fewer than two positives."""
        count = len(examples.positives)
        others = [examples.without(index, None) for index in range(count)] if count > 1 else []
        return [self._scorer(self._solve(self._told(rest, share), share), share) for rest in others]

    def left_out(self, examples: Examples, share: float) -> np.ndarray:
        """How far above the catalog's mean each positive is ranked by the others alone, in deviations: float64 (p,);
        empty for fewer than two positives."""
        scorers = self.without_each(examples, share)
        pairs = zip(scorers, examples.positives, strict=bool(scorers))
        return np.array([float(scorer.distances(positive[None])[0]) for scorer, positive in pairs])

    def _direction(self, name: str, told: _Told, likely: _Likely | None) -> np.ndarray:
        """A block's w, scaled so that its score has unit deviation over the catalog."""
        difference, examples, away = told
        if likely is not None:
            columns = self._blocks[name]
            likely_difference = likely.mean[columns] - self._statistics.mean[columns]
            examples += likely.weight
            difference = difference + (likely_difference - difference) * likely.weight / examples
        difference = difference - away
        values, vectors = self._decomposed[name]
        shrinkage = COLOUR_SHRINKAGE
        if name == "style":
            shrinkage = max(LEAST_STYLE_SHRINKAGE, STYLE_SHRINKAGE / examples)
        ridge = shrinkage * self._variances[name]
        parts = (vectors.T @ difference) / (values + ridge)
        direction = vectors @ parts
        deviation = float(np.sqrt(values @ (parts * parts)))
        return direction / deviation if deviation > 1e-9 else direction

    def _telling_counts(self, name: str, positives: np.ndarray) -> np.ndarray:
        """How much each positive counts in a block, float64 (p,), up to 1: less the more of them are alike.

        Those that people pick from a page lie together; so they do not outvote the others.
        """
        columns = self._blocks[name]
        own = positives[:, columns].astype(np.float64) - self._statistics.mean[columns]
        own /= np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
        alike = np.maximum(own @ own.T, 0.0) ** _REDUNDANCY
        np.fill_diagonal(alike, 1.0)
        return 1.0 / alike.sum(axis=1)

    def _covariance(self, name: str) -> np.ndarray:
        columns = self._blocks[name]
        return self._statistics.covariance[columns, columns]


def _parts(share: float) -> list[tuple[str, float]]:
    """The blocks that count, and how much."""
    return [(name, part) for name, part in (("style", 1.0 - share), ("colour", share)) if part]


def _decompose(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (d,) and eigenvectors (d, d); rounding can make some values slightly negative."""
    values, vectors = np.linalg.eigh(covariance)
    return np.maximum(values, 0.0), vectors


def mean_of_images(vectors: np.ndarray) -> np.ndarray:
    """One example from an item's images: float32 (k, width) → (width,), their mean."""
    return vectors[0] if len(vectors) == 1 else vectors.mean(axis=0)


def stack(examples: Sequence[np.ndarray], width: int) -> np.ndarray:
    """Rows float32 (n, width), also for n = 0."""
    return np.stack(examples) if examples else np.empty((0, width), np.float32)
