"""Why an item is among the results of a visual filter: where in its photo, by which block, because of which example.

The linear score splits exactly: a style vector is made of means over the cells of grids, centred, turned and scaled;
a colour vector the same of the square roots of a histogram, to which each pixel gives shares. So parts of cells and
pixels sum to the score, without gradients (Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR
2016, for the classes of a network; here for the filter's own weights).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.encoders.grids import FeatureGrid
    from visualsearch.filters.engine import Engine
    from visualsearch.filters.solving import Solved
    from visualsearch.vectors.projection import Projection
    from visualsearch.vectors.space import Space

_FOR, _AGAINST = (230, 60, 30), (30, 60, 230)
_OPAQUE = 190  # of 255, where the photo matters most
_SAME = 0.999  # cosine of a photo's vector, made anew, with the one that is searched


@dataclass(frozen=True, eq=False)
class HeatMap:
    """The parts of a score over a photo: together they are the score, within 1e-5.

    ``style`` float64 (rows, columns) over ``frame`` (left, top, width, height in shares of the photo; beyond 0..1 there
    is padding); ``colour`` float64 (height, width) over the whole photo.
    """

    style: np.ndarray
    colour: np.ndarray
    frame: tuple[float, float, float, float]

    @property
    def total(self) -> float:
        return float(self.style.sum() + self.colour.sum())

    @property
    def cells(self) -> np.ndarray:
        """Both together on the grid of ``style``: each pixel's part goes to the cell that it is in, or is next to."""
        parts = self.style.copy()
        height, width = self.colour.shape
        down = self._places((np.arange(height) + 0.5) / height, self.frame[1], self.frame[3], parts.shape[0])
        across = self._places((np.arange(width) + 0.5) / width, self.frame[0], self.frame[2], parts.shape[1])
        np.add.at(parts, (down[:, None], across[None, :]), self.colour)
        return parts

    @staticmethod
    def _places(middles: np.ndarray, start: float, reach: float, count: int) -> np.ndarray:
        return np.clip(((middles - start) / reach * count).astype(int), 0, count - 1)


@dataclass(frozen=True)
class NearExample:
    """The example that an item looks most like: the similarity is a cosine, each block by its weight."""

    example: Example
    similarity: float


@dataclass(frozen=True)
class Counterfactual:
    """What would be without one example. ``sign`` is 1 for a positive, −1 for a negative. ``gained`` items would come
    in, ``lost`` would fall out, not counting examples. The item would have ``place`` (1 is the first) among all that
    would be in, None where it would not be in."""

    example: Example
    sign: int
    gained: int
    lost: int
    place: int | None


@dataclass(frozen=True)
class Explanation:
    """``score`` is the linear score, the sum of ``blocks``; with ``neighbours``, what the photos that look like it do
    to it (see `filters.diffusion`), it is the score of the results, but for the words' share in that. ``place`` is the
    item's among the results (1 is the first), None where it is not in. ``refused``: as in `Results`."""

    score: float
    blocks: dict[str, float]
    neighbours: float
    place: int | None
    nearest_positive: NearExample | None
    nearest_negative: NearExample | None
    counterfactuals: tuple[Counterfactual, ...]
    refused: tuple[Example, ...] = ()


def explain(engine: Engine, query: Query, item: int, control: JobControl) -> Explanation:
    """Everything but the heat map. Asks the query once more for each example.

    Raises VisualSearchError (no visual filter; the item has no vector), what ``Engine.run`` raises, Cancelled.
    """
    solved, vectors = _looked_at(engine, query.visual, item)
    space = engine.space
    assert space is not None
    best, weights = _best(solved, vectors)
    score = float(vectors[best] @ weights)
    return Explanation(
        score=score,
        blocks={
            name: float(vectors[best, space.block(name)] @ weights[space.block(name)]) for name in space.dims
        },
        neighbours=float(engine.scores(query, control)[item]) - score,
        place=_place(_answer(engine, query, control), item),
        nearest_positive=_nearest(space, solved, vectors[best], solved.visual.positives, solved.positives),
        nearest_negative=_nearest(space, solved, vectors[best], solved.visual.negatives, solved.negatives),
        counterfactuals=_counterfactuals(engine, query, item, control),
        refused=solved.refused,
    )


def heat_map(
    engine: Engine, visual: VisualFilter, item: int, grids: Callable[[], Iterable[FeatureGrid]]
) -> tuple[HeatMap, int]:
    """The heat map of the item's best photo, and which one that is, from 0.

    ``grids`` gives the grids of its photos, in their order. Raises VisualSearchError where the photo has changed
    since it was embedded, ImageRefused, EncoderError.
    """
    solved, vectors = _looked_at(engine, visual, item)
    space = engine.space
    assert space is not None
    best, weights = _best(solved, vectors)
    for place, grid in enumerate(grids()):
        if _similar(space, grid, vectors[best]):
            return _split(space, weights, grid), place
    raise VisualSearchError(
        "The photo has changed since it was embedded, so it cannot be said what in it matched.",
        "Import the photos again; only those that changed are read.",
    )


def _looked_at(engine: Engine, visual: VisualFilter, item: int) -> tuple[Solved, np.ndarray]:
    """The filter, solved, and the item's vectors float64 (k, width), k ≥ 1."""
    if not visual:
        raise VisualSearchError(
            "There is no example, so there is no look to explain.", "Give an example first."
        )
    solved = engine.solve(visual)
    space = engine.space
    rows = space.rows_of(item) if space is not None else np.empty(0, np.int32)
    if space is None or not len(rows):
        raise VisualSearchError(
            "This item has no photo that is embedded.", "Import its photo, then ask again."
        )
    return solved, space.gather(rows).astype(np.float64)


def _best(solved: Solved, vectors: np.ndarray) -> tuple[int, np.ndarray]:
    """Which of an item's vectors counts, and the weights by which it scores: of several tastes the one it meets."""
    scores = np.stack([vectors @ scorer.weights for scorer in solved.scorers])
    taste, best = np.unravel_index(int(scores.argmax()), scores.shape)
    return int(best), solved.scorers[int(taste)].weights


# Heat map


def _similar(space: Space, grid: FeatureGrid, vector: np.ndarray) -> bool:
    """Whether a grid is of the photo that a vector float64 (width,) is of."""
    bins, shares = grid.shared_bins
    dimension = len(space.generation.projections["colour"].mean)
    colour = np.bincount(bins.ravel(), shares.ravel(), dimension)
    made = space.project({"style": grid.style[None], "colour": colour[None]})[0].astype(np.float64)
    for name in space.dims:
        columns = space.block(name)
        lengths = np.linalg.norm(made[columns]) * np.linalg.norm(vector[columns])
        if lengths > 0 and made[columns] @ vector[columns] < _SAME * lengths:
            return False
    return True


def _split(space: Space, weights: np.ndarray, grid: FeatureGrid) -> HeatMap:
    projections = space.generation.projections
    style, colour = projections["style"], projections["colour"]
    direction, length = _unprojected(style, weights[space.block("style")], grid.style)
    return HeatMap(
        grid.style_parts(direction / length, style.mean.astype(np.float64)),
        _colour_parts(colour, weights[space.block("colour")], grid),
        grid.frame,
    )


def _colour_parts(projection: Projection, weights: np.ndarray, grid: FeatureGrid) -> np.ndarray:
    """Each pixel's part of the colour block's score, float64 (height, width).

    √h = h / √h: a pixel gives its shares of each bin, divided by the root of the whole bin. The mean, which is
    nobody's, is given to the pixels by how much they count.
    """
    bins, shares = grid.shared_bins
    histogram = np.bincount(bins.ravel(), shares.ravel(), len(projection.mean))
    roots = np.sqrt(histogram)
    direction, length = _unprojected(projection, weights, roots)
    gain = np.divide(direction, roots, out=np.zeros_like(roots), where=roots > 0)
    of_pixels = (shares * gain[bins]).sum(axis=0) - shares.sum(axis=0) * (projection.mean @ direction)
    return (of_pixels / length).reshape(grid.pixels.shape[:2])


def _unprojected(
    projection: Projection, weights: np.ndarray, prepared: np.ndarray
) -> tuple[np.ndarray, float]:
    """(u, L) with w·x = u·(e − mean) / L for an embedding e, prepared float64 (D,): u = axes·w, L its length."""
    axes = projection.axes.astype(np.float64)
    length = float(np.linalg.norm((prepared - projection.mean) @ axes))
    return axes @ weights, max(length, 1e-12)


# Examples


def _nearest(
    space: Space, solved: Solved, vector: np.ndarray, examples: tuple[Example, ...], rows: np.ndarray
) -> NearExample | None:
    if not len(rows):
        return None
    share = solved.colour_share
    similarities = np.zeros(len(rows))
    for name, weight in (("style", 1.0 - share), ("colour", share)):
        similarities += weight * (rows[:, space.block(name)].astype(np.float64) @ vector[space.block(name)])
    best = int(similarities.argmax())
    return NearExample(examples[best], float(similarities[best]))


def _counterfactuals(
    engine: Engine, query: Query, item: int, control: JobControl
) -> tuple[Counterfactual, ...]:
    visual = query.visual.counting()
    examples: list[tuple[Example, int]] = [(example, 1) for example in visual.positives]
    examples += [(example, -1) for example in visual.negatives]
    if len(examples) < 2:
        return ()
    own = [example.item for example, _ in examples if example.item is not None]
    now = np.setdiff1d(_answer(engine, query, control), own)
    found = []
    for done, (example, sign) in enumerate(examples):
        control.progress("Leaving out examples", done, len(examples), "examples")
        others = tuple(pair for pair in visual.weights if pair[0] != example)
        # What the tags say was said of all the examples, so they are asked again.
        fewer = replace(visual, weights=(*others, (example, 0.0)), colours_differ=None)
        order = _answer(engine, replace(query, visual=fewer), control)
        rest = np.setdiff1d(order, own)
        gained = len(np.setdiff1d(rest, now))
        lost = len(np.setdiff1d(now, rest))
        found.append(Counterfactual(example, sign, gained, lost, _place(order, item)))
    return tuple(found)


def _answer(engine: Engine, query: Query, control: JobControl) -> np.ndarray:
    """All items of a query's answer in order, int32."""
    answers: list[Results] = []
    engine.run(replace(query, facets=False), answers.append, control, mode="exact")
    return answers[-1].items


def _place(order: np.ndarray, item: int) -> int | None:
    places = np.flatnonzero(order == item)
    return int(places[0]) + 1 if len(places) else None


# Picture


def veil(heat: HeatMap, width: int, height: int) -> np.ndarray:
    """A heat map to lay over the photo: uint8 RGBA (height, width, 4), red for what speaks for it, blue for what
    speaks against it, clear where it does not matter."""
    left, top, across, down = heat.frame
    rows, columns = heat.style.shape
    x = ((np.arange(width) + 0.5) / width - left) / across * columns - 0.5
    y = ((np.arange(height) + 0.5) / height - top) / down * rows - 0.5
    cells = heat.cells
    values = _between(_between(cells, y, 0), x, 1)
    strength = np.clip(values / max(float(np.abs(cells).max()), 1e-12), -1.0, 1.0)
    colours = np.where(strength[..., None] > 0, _FOR, _AGAINST)
    return np.concatenate([colours, np.abs(strength)[..., None] * _OPAQUE], axis=2).astype(np.uint8)


def _between(values: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """Values of a grid at fractional places along an axis; beyond its ends as at them."""
    places = np.clip(places, 0, values.shape[axis] - 1)
    lower = np.minimum(places.astype(int), max(0, values.shape[axis] - 2))
    share = (places - lower).reshape((-1, 1) if axis == 0 else (1, -1))
    upper = np.minimum(lower + 1, values.shape[axis] - 1)
    return values.take(lower, axis) * (1 - share) + values.take(upper, axis) * share
