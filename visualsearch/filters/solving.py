"""A visual filter's examples → their vectors → its scorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Example, VisualFilter
from visualsearch.filters.scoring import Scorer, Scoring, mean_of_images, stack
from visualsearch.vectors.space import Space

External = Callable[[Example], tuple[np.ndarray, np.ndarray]]
"""An example from outside or of which a region counts → its embedding: style float32 (dimension,), colour float32
(486,), before any projection."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A visual filter, solved: its examples as joint vectors float32 (·, width), and the numbers of those that are
    items, int64 ascending. ``rows`` and ``wrong_rows`` int64: the rows of the positives' and negatives' first images,
    −1 where one is no picture of the catalog. ``telling`` int64 (k,): which positives the scorer learnt from, see
    `Scoring.telling`."""

    visual: VisualFilter
    positives: np.ndarray
    negatives: np.ndarray
    items: np.ndarray
    rows: np.ndarray
    wrong_rows: np.ndarray
    telling: np.ndarray
    scorer: Scorer


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
        scorer = self._scoring.scorer(rows[0][telling], rows[1], visual.blocks)
        places = np.array(own, np.int64), np.array(wrong, np.int64)
        return Solved(visual, *rows, known, *places, telling, scorer)

    def left_out(self, solved: Solved) -> np.ndarray:
        """See ``Scoring.left_out``."""
        return self._scoring.left_out(
            solved.positives[solved.telling], solved.negatives, solved.scorer.colour_share
        )

    def held_out(self, solved: Solved) -> list[tuple[int, Scorer]]:
        """For each telling positive that is a picture of the catalog its row, and the scorer of the others."""
        share, telling = solved.scorer.colour_share, solved.telling
        scorers = self._scoring.without_each(solved.positives[telling], solved.negatives, share)
        pairs = zip(solved.rows[telling].tolist(), scorers, strict=bool(scorers))
        return [(row, other) for row, other in pairs if row >= 0]

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
