"""A visual filter's examples → their vectors → its scorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Blocks, Example, VisualFilter
from visualsearch.filters.scoring import Scorer, Scoring, mean_of_images, stack
from visualsearch.filters.tastes import of_one_scale
from visualsearch.vectors.space import Space

External = Callable[[Example], tuple[np.ndarray, np.ndarray]]
"""An example from outside or of which a region counts → its embedding: style float32 (dimension,), colour float32
(486,), before any projection."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A visual filter, solved: its examples as joint vectors float32 (·, width), and the numbers of those that are
    items, int64 ascending. ``rows`` and ``wrong_rows`` int64: the rows of the positives' and negatives' first images,
    −1 where one is no picture of the catalog. ``telling`` int64 (k,): which positives the scorer learnt from, see
    `Scoring.telling`. ``scorer`` is that of all examples; where the positives are of disjoint tastes, ``groups`` of
    the telling ones (int64 indices), the largest score by one of ``scorers`` counts, otherwise they are it alone."""

    visual: VisualFilter
    positives: np.ndarray
    negatives: np.ndarray
    items: np.ndarray
    rows: np.ndarray
    wrong_rows: np.ndarray
    telling: np.ndarray
    scorer: Scorer
    groups: tuple[np.ndarray, ...]
    scorers: tuple[Scorer, ...]

    @property
    def mean(self) -> float:
        """Of the scores over the catalog, about."""
        return float(np.mean([scorer.mean for scorer in self.scorers]))

    @property
    def deviation(self) -> float:
        """Of each scorer's scores over the catalog."""
        return self.scorers[0].deviation

    @property
    def colour_share(self) -> float:
        """The colour block's weight, given or inferred; with several scorers their mean."""
        return float(np.mean([scorer.colour_share for scorer in self.scorers]))

    def best(self, vector: np.ndarray) -> Scorer:
        """Whose score counts for a joint vector, float (width,)."""
        return max(self.scorers, key=lambda scorer: float(vector @ scorer.weights))


class Solver:
    """Solves visual filters over one space; ``size`` is that of arrays by item number. Safe from any thread."""

    def __init__(self, space: Space, size: int, external: External) -> None:
        self._space = space
        self._size = size
        self._external = external
        self._scoring = Scoring(space)

    def solve(self, visual: VisualFilter) -> Solved:
        """Raises VisualSearchError (no example has a vector), ImageRefused and EncoderError (examples from outside),
        CacheDamaged."""
        positives, own = self._vectors(visual.positives)
        negatives, wrong = self._vectors(visual.negatives)
        if not positives and not negatives:
            raise VisualSearchError(
                "None of the examples has been embedded yet.",
                "Wait for the import to reach them, or pick other examples.",
            )
        width = self._space.width
        rows = stack(positives, width), stack(negatives, width)
        items = {e.item for e in (*visual.positives, *visual.negatives) if e.item is not None}
        known = np.array(sorted(item for item in items if 0 <= item < self._size), np.int64)
        telling = self._scoring.telling(*rows, visual.blocks)
        liked, blocks = rows[0][telling], visual.blocks
        scorer = self._scoring.scorer(liked, rows[1], blocks)
        groups = tuple(self._scoring.groups(liked, blocks))
        scorers = (scorer,)
        if len(groups) > 1:
            scorers = of_one_scale([self._scoring.scorer(liked[group], rows[1], blocks) for group in groups])
        places = np.array(own, np.int64), np.array(wrong, np.int64)
        return Solved(visual, *rows, known, *places, telling, scorer, groups, scorers)

    def linear(self, positives: np.ndarray, negatives: np.ndarray, blocks: Blocks) -> Scorer:
        """One scorer of examples, float32 (·, width), however many there are: no tastes are told apart."""
        return self._scoring.scorer(positives, negatives, blocks)

    def left_out(self, solved: Solved) -> np.ndarray:
        """How far above the catalog's mean each telling positive is ranked by the others of its taste, in deviations:
        float64 (k,); without those that have no others."""
        liked = solved.positives[solved.telling]
        found = [
            self._scoring.left_out(liked[group], solved.negatives, scorer.colour_share)
            for group, scorer in zip(solved.groups, solved.scorers, strict=True)
        ]
        return np.concatenate(found)

    def held_out(self, solved: Solved) -> list[tuple[int, Scorer]]:
        """For each telling positive that is a picture of the catalog its row, and the scorer of the others of its
        taste."""
        found = []
        for group, scorer in zip(solved.groups, solved.scorers, strict=True):
            places = solved.telling[group]
            others = self._scoring.without_each(
                solved.positives[places], solved.negatives, scorer.colour_share
            )
            found += list(zip(solved.rows[places].tolist(), others, strict=bool(others)))
        return [(row, other) for row, other in found if row >= 0]

    def _picture(self, example: Example) -> tuple[np.ndarray, np.ndarray]:
        """The embedding of an example: the one that was saved with it, or made now."""
        if example.embedding is None:
            return self._external(example)
        saved = example.embedding
        return np.frombuffer(saved.style, "<f4"), np.frombuffer(saved.colour, "<f4")

    def _vectors(self, examples: tuple[Example, ...]) -> tuple[list[np.ndarray], list[int]]:
        """For each example that has one its joint vector float32 (width,), and its row or −1."""
        found: list[np.ndarray] = []
        own: list[int] = []
        for example in examples:
            if example.file is not None or example.region is not None:
                style, colour = self._picture(example)
                found.append(self._space.project({"style": style[None], "colour": colour[None]})[0])
                own.append(-1)
            elif example.item is not None:
                rows = self._space.rows_of(example.item)
                if len(rows):
                    found.append(mean_of_images(self._space.gather(rows)))
                    own.append(int(rows[0]))
        return found, own
