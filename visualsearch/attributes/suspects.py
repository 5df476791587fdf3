"""Suspects: items whose look contradicts a value that they have, the worst first.

`rank` judges one attribute of a catalog from scratch; it knows no verdicts. The facade `audit.Audit` keeps rankings,
leaves out what a person decided, and writes verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from visualsearch.attributes import heads, odds, votes
from visualsearch.attributes.ranking import item_vectors
from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn
from visualsearch.catalog.nearest import no_attribute
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl
from visualsearch.vectors.graph import JOINT
from visualsearch.vectors.space import Space

FEWEST = 20  # items with a value: below, nothing can be learnt
_FAR_SPREADS = 4.0  # quartile distances below the lower quartile from which on neighbours are far
_NEAR_FEW = 5  # neighbours whose similarity says how near they are
_TYPICAL = 3
_STALE = 0.02  # share of values that may change before an attribute is judged anew
SEED = 2021


@dataclass(frozen=True, eq=False)
class Ranking:
    """One attribute, judged. ``values``: its values; ``items`` int32 (n,) ascending, those with a look.

    For every (item, value) pair, (m,), the worst first: ``item`` int32, ``given`` and ``suggested`` int32 indexes into
    ``values`` (suggested -1: none), ``score`` float32 0..1, how likely the value is wrong; ``belief`` and
    ``other_belief`` float32, how likely the given and the suggested value are by the looks; ``support`` of ``voters``
    int16 neighbours have the given value. ``near``: the neighbours of ``items``, as places in it. ``column``: what was
    judged.
    """

    attribute: str
    values: list[str]
    items: np.ndarray
    item: np.ndarray
    given: np.ndarray
    suggested: np.ndarray
    score: np.ndarray
    belief: np.ndarray
    other_belief: np.ndarray
    support: np.ndarray
    voters: np.ndarray
    error_rate: float
    exclusive: bool
    near: votes.Neighbours
    column: CategoryColumn

    @cached_property
    def usual_belief(self) -> np.ndarray:
        """The median belief in each value by the looks of those that have it: float64 (len(values),), NaN where none
        has it."""
        order = np.lexsort((self.belief, self.given))
        bounds = np.searchsorted(self.given[order], np.arange(len(self.values) + 1))
        usual = np.full(len(self.values), np.nan)
        for code in np.flatnonzero(np.diff(bounds)).tolist():
            usual[code] = np.median(self.belief[order[bounds[code] : bounds[code + 1]]])
        return usual

    def typical(self, value: str, count: int = _TYPICAL) -> list[int]:
        """Items that have the value and look most like it."""
        own = np.flatnonzero(self.given == self.column.code_of.get(value, -1))
        order = np.lexsort((self.item[own], -self.belief[own]))
        return self.item[own[order[:count]]].tolist()


def why_not(name: str, column: Column | None) -> str:
    """Why an attribute has no suspects, as a sentence; "" where it can be judged."""
    if column is None:
        return f"There is no attribute {name!r}."
    if isinstance(column, NumberColumn) or getattr(column, "amounts", None) is not None:
        return f"{name} is a number: a photo does not show whether a number is right."
    if not isinstance(column, CategoryColumn):
        return f"{name} is free text: it has no values that items share."
    if len(column.values) < 2:
        return f"{name} has fewer than two values: there is nothing to mix up."
    if len(column.items) < FEWEST:
        return f"Fewer than {FEWEST} items have a value of {name}: that is too few to learn from."
    return ""


def judgeable(name: str, columns: Mapping[str, Column]) -> CategoryColumn:
    """The attribute's column. Raises UnknownName (no such attribute), UsageError (it has no suspects)."""
    if name not in columns:
        raise no_attribute(name, columns)
    column = columns[name]
    reason = why_not(name, column)
    if reason:
        raise UsageError(reason, "Choose another attribute.", "To list them: visualsearch dashboard CATALOG")
    assert isinstance(column, CategoryColumn)
    return column


@dataclass(frozen=True, eq=False)
class Lookalikes:
    """Who looks like whom among the items with a look, the same for every attribute. ``space``: by which vectors;
    ``items`` int32 (n,) ascending; ``near``: the neighbours in each block and in all, as places in ``items``;
    ``groups`` int32 (n,): near-duplicates have the same."""

    space: Space
    items: np.ndarray
    near: Mapping[str, votes.Neighbours]
    groups: np.ndarray

    def hold(self, engine: Engine) -> bool:
        """Whether the catalog still has these items and vectors."""
        return self.space is engine.space and np.array_equal(self.items, _seen(engine, self.space))


def find_lookalikes(engine: Engine, control: JobControl) -> Lookalikes:
    """Compare all items, or read the graph of a large catalog. Raises UsageError (nothing encoded yet), CacheDamaged,
    Cancelled."""
    space = _space(engine)
    items = _seen(engine, space)
    found = votes.neighbours_from_graph(space, items, control) if len(items) > votes.EXACT_ITEMS else None
    if found is None:
        blocks = {block: space.block(block) for block in space.dims}
        found = votes.find_neighbours(item_vectors(space, items), blocks, control)
    return Lookalikes(space, items, *found)


def _space(engine: Engine) -> Space:
    if engine.space is None:
        raise UsageError("No photo is encoded yet, so nothing can be compared.", "Import the photos first.")
    return engine.space


def _seen(engine: Engine, space: Space) -> np.ndarray:
    """The items with a look, int32 ascending."""
    return np.flatnonzero(space.has_vector() & engine.snapshot.alive).astype(np.int32)


def rank(
    engine: Engine,
    name: str,
    control: JobControl,
    lookalikes: Callable[[Engine, JobControl], Lookalikes] = find_lookalikes,
) -> Ranking:
    """Judge an attribute: every value of every item with a look. ``lookalikes`` may remember them from one attribute
    to the next. Raises UsageError (not an attribute that can be judged, or nothing encoded yet), CacheDamaged,
    Cancelled."""
    column = judgeable(name, engine.snapshot.columns)
    space = _space(engine)
    items = _seen(engine, space)
    if np.count_nonzero(column.present(engine.snapshot.size)[items]) < FEWEST:
        raise UsageError(
            f"Fewer than {FEWEST} items with a value of {name} have a photo that is encoded.",
            "Import photos of more.",
        )
    alike = lookalikes(engine, control)
    control.progress("Reading how the items look", 0, len(items))
    learn = _learner(space, items, alike.groups, len(column.values), control)
    labels, rows, codes = labels_of(column, items)
    judged = odds.judge(learn, alike.near, labels, rows, codes, control, SEED)
    return _ordered(engine, name, column, alike, rows, codes, judged)


def _learner(
    space: Space, items: np.ndarray, groups: np.ndarray, classes: int, control: JobControl
) -> odds.Learn:
    """What learns how the values look from the items' vectors, which are read once for both looks."""
    vectors = item_vectors(space, items)
    blocks = {block: space.block(block) for block in space.dims}

    def learn(labels: np.ndarray, settings: heads.Settings | None) -> heads.OutOfFold:
        return heads.out_of_fold(
            vectors,
            labels,
            groups,
            control,
            SEED,
            blocks=blocks,
            settings=settings,
            classes=classes,
            stage="Learning again, without the doubtful values"
            if settings
            else "Learning how the values look",
        )

    return learn


def _ordered(
    engine: Engine,
    name: str,
    column: CategoryColumn,
    alike: Lookalikes,
    rows: np.ndarray,
    codes: np.ndarray,
    judged: odds.Judged,
) -> Ranking:
    """The worst first, without those that nothing looks like; equal ones in the order of their ids."""
    items, near = alike.items, alike.near[JOINT]
    far = _far(near)
    kept = np.flatnonzero(~far[rows])
    order = kept[np.lexsort((engine.snapshot.id_rank[items[rows[kept]]], -judged.odds[kept]))]
    return Ranking(
        name,
        column.values,
        items,
        items[rows[order]],
        codes[order].astype(np.int32),
        judged.other[order],
        (1 / (1 + np.exp(-np.clip(judged.odds[order], -60, 60)))).astype(np.float32),
        judged.belief[order],
        judged.other_belief[order],
        judged.support[order],
        judged.voters[order],
        judged.error_rate,
        column.single is not None,
        near,
        column,
    )


def labels_of(column: CategoryColumn, items: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `heads.out_of_fold` learns from for some items (ascending), and the (row, value) pairs: int64 (m,) each."""
    if column.single is not None:
        labels = column.single[items]
        rows = np.flatnonzero(labels >= 0)
        return labels, rows, labels[rows].astype(np.int64)
    labels = np.zeros((len(items), len(column.values)), bool)
    kept = np.isin(column.items, items)
    labels[np.searchsorted(items, column.items[kept]), column.codes[kept]] = True
    rows, codes = np.nonzero(labels)
    return labels, rows, codes


def _far(near: votes.Neighbours) -> np.ndarray:
    """bool (n,): items that nothing looks like, compared with how near neighbours usually are."""
    few = near.similarity[:, :_NEAR_FEW]
    there = near.rows[:, :_NEAR_FEW] >= 0
    mean = np.where(there, few, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    seen = there.any(axis=1)
    if not seen.any():
        return np.ones(len(mean), bool)
    low, high = np.quantile(mean[seen], [0.25, 0.75])
    return ~seen | (mean < low - _FAR_SPREADS * (high - low))


def nearly_same(before: CategoryColumn, now: CategoryColumn) -> bool:
    """Whether so few values changed that what was learnt from the others still holds."""
    if before is now:
        return True
    if (before.single is None) != (now.single is None):
        return False
    old, new = _keys(before, now), _keys(now, now)
    changed = len(old) + len(new) - 2 * len(np.intersect1d(old, new, assume_unique=True))
    return changed <= 2 * _STALE * len(old)


def _keys(column: CategoryColumn, target: CategoryColumn) -> np.ndarray:
    """int64 (m,), ascending: one number for each (item, value) pair, by the codes of ``target``."""
    code_of = np.array([target.code_of.get(value, -1) for value in column.values], np.int64)
    codes = code_of[column.codes]
    missing = codes < 0
    codes[missing] = len(target.values) + column.codes[missing]
    return np.sort(column.items.astype(np.int64) * 2**20 + codes)


def still_given(engine: Engine, ranking: Ranking) -> np.ndarray:
    """bool (m,): whether the item is there and still has the value that was judged."""
    alive = engine.snapshot.alive[ranking.item]
    column = engine.snapshot.columns.get(ranking.attribute)
    if column is ranking.column:
        return alive
    if not isinstance(column, CategoryColumn):
        return np.zeros(len(alive), bool)
    code_of = np.array([column.code_of.get(value, 2**20 - 1) for value in ranking.values], np.int64)
    wanted = ranking.item.astype(np.int64) * 2**20 + code_of[ranking.given]
    return alive & np.isin(wanted, _keys(column, column))
