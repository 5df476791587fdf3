"""A visual filter's examples → their vectors → its scorer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from visualsearch.errors import VisualSearchError
from visualsearch.filters import learning
from visualsearch.filters.cache import Cache
from visualsearch.filters.examples import Counts, Examples
from visualsearch.filters.query import Blocks, Example, VisualFilter
from visualsearch.filters.scoring import Scorer, Scoring, mean_of_images, stack
from visualsearch.filters.tags import Tags
from visualsearch.filters.tastes import of_one_scale
from visualsearch.vectors.space import Space

_ROUNDS = 32  # of which is remembered what they taught

External = Callable[[Example], tuple[np.ndarray, np.ndarray]]
"""An example from outside or of which a region counts → its embedding: style float32 (dimension,), colour float32
(486,), before any projection."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A visual filter, solved. ``visual`` is the filter without the examples that are muted or have no vector, the
    others are its examples as joint vectors float32 (·, width), how much each counts, and the numbers of those that are
    items, int64 ascending. ``rows`` and ``wrong_rows`` int64: the rows of the positives' and
    negatives' first images, −1 where one is no picture of the catalog. ``telling`` positives and ``telling_wrong``
    negatives, the first of each, are those that the scorer learnt from, see `learning`. ``scorer`` is that of them;
    where the positives are of disjoint tastes, ``groups`` of the telling ones (int64 indices), the largest score by
    one of ``scorers`` counts, otherwise they are it alone."""

    visual: VisualFilter
    positives: np.ndarray
    negatives: np.ndarray
    counts: Counts
    items: np.ndarray
    rows: np.ndarray
    wrong_rows: np.ndarray
    telling: int
    telling_wrong: int
    scorer: Scorer
    groups: tuple[np.ndarray, ...]
    scorers: tuple[Scorer, ...]

    @property
    def refused(self) -> tuple[Example, ...]:
        """The examples that it did not learn from because it would not get better by them. What only confirms what it
        knows is not refused: only right ones do."""
        if self.telling_wrong == len(self.negatives):
            return ()
        return *self.visual.positives[self.telling :], *self.visual.negatives[self.telling_wrong :]

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

    def __init__(self, space: Space, size: int, external: External, tags: Tags) -> None:
        self._space = space
        self._size = size
        self._external = external
        self._scoring = Scoring(space)
        self._tags = tags
        self._learnt: Cache[learning.Learnt] = Cache(_ROUNDS)

    def solve(self, visual: VisualFilter) -> Solved:
        """Raises VisualSearchError (no example has a vector), ImageRefused and EncoderError (examples from outside),
        CacheDamaged."""
        visual = self._embedded(visual.counting())
        if visual.colours_differ is None:
            visual = replace(visual, colours_differ=self.colours_differ(visual))
        differ = visual.colours_differ or 0.0
        positives, own, right = self._vectors(visual.positives, visual)
        negatives, wrong, counted = self._vectors(visual.negatives, visual)
        if not positives and not negatives:
            raise VisualSearchError(
                "None of the examples can be compared: their photos are not prepared yet, or gone.",
                "Wait until an import has reached them, or pick other examples.",
            )
        width = self._space.width
        rows = stack(positives, width), stack(negatives, width)
        items = {e.item for e in (*visual.positives, *visual.negatives) if e.item is not None}
        known = np.array(sorted(item for item in items if 0 <= item < self._size), np.int64)
        counts = Counts(np.array(right, np.float64), np.array(counted, np.float64))
        examples = Examples(*rows, counts, visual.picks, differ)
        learnt = learning.learnt(self._scoring, examples, visual.blocks, self._learnt)
        scorers, groups = self._by_taste(examples, learnt, visual.blocks)
        places = np.array(own, np.int64), np.array(wrong, np.int64)
        told = learnt.positives, learnt.negatives
        return Solved(visual, *rows, counts, known, *places, *told, learnt.scorer, groups, scorers)

    def colours_differ(self, visual: VisualFilter, without: Collection[str] = ()) -> float:
        """See `Tags.colours_differ`: of the positives that are items as they are, where the share is inferred."""
        if visual.blocks != "auto":
            return 0.0
        items = [
            one.item for one in visual.counting().positives if one.item is not None and one.region is None
        ]
        return self._tags.colours_differ(items, without)

    def _by_taste(
        self, examples: Examples, learnt: learning.Learnt, blocks: Blocks
    ) -> tuple[tuple[Scorer, ...], tuple[np.ndarray, ...]]:
        """A scorer for each of the disjoint tastes of the telling positives, and those tastes."""
        telling = examples.first(learnt.positives, learnt.negatives)
        groups = tuple(self._scoring.groups(telling.positives, blocks, examples.differ))
        if len(groups) < 2:
            return (learnt.scorer,), groups
        return of_one_scale([self._scoring.scorer(telling.of(group), blocks) for group in groups]), groups

    def linear(self, positives: np.ndarray, negatives: np.ndarray, blocks: Blocks) -> Scorer:
        """One scorer of examples, float32 (·, width), however many there are: no tastes are told apart."""
        return self._scoring.scorer(Examples.once(positives, negatives), blocks)

    def left_out(self, solved: Solved) -> np.ndarray:
        """How far above the catalog's mean each telling positive is ranked by the others of its taste, in deviations:
        float64 (k,); without those that have no others."""
        tastes = zip(solved.groups, solved.scorers, strict=True)
        return np.concatenate(
            [self._scoring.left_out(_taste(solved, group), scorer.colour_share) for group, scorer in tastes]
        )

    def held_out(self, solved: Solved) -> list[tuple[int, Scorer]]:
        """For each telling positive that is a picture of the catalog its row, and the scorer of the others of its
        taste."""
        found = []
        for group, scorer in zip(solved.groups, solved.scorers, strict=True):
            others = self._scoring.without_each(_taste(solved, group), scorer.colour_share)
            found += list(zip(solved.rows[group].tolist(), others, strict=bool(others)))
        return [(row, other) for row, other in found if row >= 0]

    def _picture(self, example: Example) -> tuple[np.ndarray, np.ndarray]:
        """The embedding of an example: the one that was saved with it, or made now where that is of another length, as
        those of a former encoder are."""
        saved = example.embedding
        if saved is not None:
            style, colour = np.frombuffer(saved.style, "<f4"), np.frombuffer(saved.colour, "<f4")
            if self._space.fits({"style": style, "colour": colour}):
                return style, colour
        return self._external(example)

    def _embedded(self, visual: VisualFilter) -> VisualFilter:
        """A filter without the items among its examples that have no vector."""
        items = [one for one in (*visual.positives, *visual.negatives) if not _is_picture(one)]
        lacking = [one for one in items if not len(self._space.rows_of(one.item or 0))]
        if not lacking:
            return visual
        return replace(visual, weights=(*visual.weights, *((one, 0.0) for one in lacking))).counting()

    def _vectors(
        self, examples: tuple[Example, ...], visual: VisualFilter
    ) -> tuple[list[np.ndarray], list[int], list[float]]:
        """For each example its joint vector float32 (width,), its row or −1, and how much it counts."""
        found: list[np.ndarray] = []
        own: list[int] = []
        for example in examples:
            if _is_picture(example):
                style, colour = self._picture(example)
                found.append(self._space.project({"style": style[None], "colour": colour[None]})[0])
                own.append(-1)
            else:
                rows = self._space.rows_of(example.item or 0)
                found.append(mean_of_images(self._space.gather(rows)))
                own.append(int(rows[0]))
        return found, own, [visual.weight_of(example) for example in examples]


def _is_picture(example: Example) -> bool:
    """Whether it is not an item as it is, but a picture from outside or a part of a photo."""
    return example.file is not None or example.region is not None


def _taste(solved: Solved, group: np.ndarray) -> Examples:
    """The positives of a taste, and the negatives that tell."""
    told = Examples(solved.positives, solved.negatives, solved.counts)
    return told.first(solved.telling, solved.telling_wrong).of(group)
