"""What the catalog's attributes tell of examples: whether the person can mean their colour.

Three photos that happen to be alike in colour look as if their colour were meant. Their tags know better: who picks
a red, a blue and a black shirt does not mean a colour. Which attributes speak of colour nobody has to say: those whose
values the neighbours in colour share more often than the neighbours in style do. Values that are each other's
neighbours ("Navy Blue", "Blue") differ less than others. Only evidence against colour counts: that tags agree, the
photos show themselves, and that two shirts are both tagged Men does not say that men's clothes are meant.
docs/decisions/search.md has what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, Column
from visualsearch.filters.learning import FIRST
from visualsearch.vectors.space import Space

SAMPLE = 2_048  # pictures among which neighbours are looked for …
_ASKED = 1_024  # … of so many of them: some 50 ms for both blocks, whatever the catalog's size
_NEIGHBOURS = 10
_FEWEST = 50  # pictures, below which neighbours tell nothing
_MOST_VALUES = 300  # of an attribute: names and ids tell nothing
_APART = 0.1  # by which the shares of agreeing neighbours differ where an attribute speaks of one block
_STYLE_SHARE = 0.5  # of how much style differs, taken off: people who mean a colour pick different things
_PRIOR = 2.0  # neighbours that each value has beside those that were seen
_SEED = 1851


class _Tag(NamedTuple):
    """An attribute that speaks of one block: "style" or "colour". ``alike`` float64 (v, v): how much two values are the
    same to that block, from 0 to 1."""

    column: CategoryColumn
    block: str
    alike: np.ndarray


class Tags:
    """The attributes of one snapshot, as one space sees them. What they mean is found out once, when first asked; then
    nothing changes any more, so that scores stay the same while attributes are edited. Safe from any thread."""

    def __init__(self, columns: Mapping[str, Column], space: Space) -> None:
        self._columns = columns
        self._space = space

    def colours_differ(self, items: Sequence[int], without: Collection[str] = ()) -> float:
        """From 0 (no, or nobody knows) to 1: how much the tags of items say that these have no colour in common.

        Only those that a filter begins with are asked: what it has learnt since stays true when others are picked.

        ``without``: attributes that are not asked. Raises CacheDamaged.
        """
        items = items[:FIRST]
        differences: dict[str, list[float]] = {"style": [], "colour": []}
        for name, tag in self._telling.items() if len(items) > 1 else ():
            difference = None if name in without else _difference(tag, items)
            if difference is not None:
                differences[tag.block].append(difference)
        if not differences["colour"]:
            return 0.0
        style = float(np.mean(differences["style"] or [0.0]))
        return max(0.0, float(np.mean(differences["colour"])) - _STYLE_SHARE * style)

    @cached_property
    def _telling(self) -> dict[str, _Tag]:
        columns = {
            name: column
            for name, column in self._columns.items()
            if isinstance(column, CategoryColumn) and 1 < len(column.values) <= _MOST_VALUES
        }
        links = np.arange(len(self._space.item))
        if len(links) > SAMPLE:
            links = np.sort(np.random.default_rng(_SEED).choice(links, SAMPLE, replace=False))
        if not columns or len(links) < _FEWEST:
            return {}
        items = self._space.item[links]
        vectors = self._space.gather(self._space.row[links])
        pairs = {
            block: _neighbours(vectors[:, self._space.block(block)], items) for block in self._space.dims
        }
        found = {name: _tag(column, items, pairs) for name, column in columns.items()}
        return {name: tag for name, tag in found.items() if tag is not None}


def _neighbours(vectors: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of neighbours among vectors, float32 (n, d), that are pictures of different items: two of int64 (k,)."""
    asked = np.arange(0, len(items), math.ceil(len(items) / _ASKED))
    cosines = vectors[asked] @ vectors.T
    cosines[items[asked, None] == items] = -np.inf
    count = min(_NEIGHBOURS, len(items) - 1)
    near = np.argpartition(cosines, len(items) - count, axis=1)[:, -count:]
    there = np.take_along_axis(cosines, near, axis=1) > -np.inf
    return np.repeat(asked, count)[there.ravel()], near[there]


def _tag(
    column: CategoryColumn, items: np.ndarray, pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> _Tag | None:
    """What an attribute speaks of; None where that is neither style nor colour more than the other."""
    holders, values = column.items, column.codes
    first = np.searchsorted(holders, items)  # of several values the first stands for all
    there = np.minimum(first, len(holders) - 1)
    codes = np.where(holders[there] == items, values[there], -1)
    shares, tables = {}, {}
    for block, (one, other) in pairs.items():
        table = _table(codes[one], codes[other], len(column.values))
        shares[block] = np.trace(table) / max(1.0, table.sum())
        tables[block] = table
    apart = shares["colour"] - shares["style"]
    if abs(apart) <= _APART:
        return None
    block = "colour" if apart > 0 else "style"
    return _Tag(column, block, _alike(tables[block], codes))


def _table(one: np.ndarray, other: np.ndarray, values: int) -> np.ndarray:
    """How often items of a value, in rows, have neighbours of a value, in columns: float64 (values, values)."""
    known = (one >= 0) & (other >= 0)
    pairs = one[known].astype(np.int64) * values + other[known]
    return np.bincount(pairs, minlength=values**2).reshape(values, values).astype(np.float64)


def _alike(table: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """From the neighbours' table: 1 for the same value, 0 for values that meet no more often than by chance; between
    them the logarithm of how much more often tells, as a share of the values' own. Its root: a hint of it is enough
    not to call two colours different."""
    counts = np.bincount(codes[codes >= 0], minlength=len(table)).astype(np.float64)
    usual = np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()
    lift = (table + _PRIOR * usual) / (table.sum(axis=1, keepdims=True) + _PRIOR) / usual
    lift = np.log(np.maximum(np.sqrt(lift * lift.T), 1.0))
    own = np.sqrt(np.outer(np.diag(lift), np.diag(lift)))
    alike = np.sqrt(np.minimum(np.divide(lift, own, out=np.zeros_like(lift), where=own > 0), 1.0))
    np.fill_diagonal(alike, 1.0)
    return alike


def _difference(tag: _Tag, items: Sequence[int]) -> float | None:
    """How much items differ by a tag, from 0 to 1, pair by pair; None where fewer than two have a value."""
    found = [tag.column.codes_of(item) for item in items]
    known = [codes for codes in found if len(codes)]
    pairs = [
        tag.alike[np.ix_(one, other)].max() for place, one in enumerate(known) for other in known[:place]
    ]
    return 1.0 - float(np.mean(pairs)) if pairs else None
