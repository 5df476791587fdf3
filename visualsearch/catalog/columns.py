"""The columns of a snapshot, one class for each type of attribute. Gone items have no values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from visualsearch.catalog import numerals


def format_number(value: float) -> str:
    """A number as people write it: 2012, not 2012.0; otherwise the shortest text that reads back the same."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """A category: values, and which item has which.

    ``values``: those that an active item has, sorted (as text; as numbers where ``numbers`` is given).
    ``single``: int32 (size,), an index into ``values`` or -1, when no item has more than one value; else
    None and ``pairs`` holds (items, codes), int32 (k,) each, sorted by item. ``numbers``: float64
    (len(values),), the values of a number attribute of which some item has several.
    """

    name: str
    values: list[str]
    single: np.ndarray | None
    pairs: tuple[np.ndarray, np.ndarray] | None = None
    numbers: np.ndarray | None = None

    @property
    def items(self) -> np.ndarray:
        """The item of each (item, value) pair, int32 (k,), ascending."""
        if self.single is not None:
            return np.flatnonzero(self.single >= 0).astype(np.int32)
        assert self.pairs is not None
        return self.pairs[0]

    @property
    def codes(self) -> np.ndarray:
        """The value of each pair as an index into ``values``, int32 (k,), in the order of ``items``."""
        if self.single is not None:
            return self.single[self.single >= 0]
        assert self.pairs is not None
        return self.pairs[1]

    def present(self, size: int) -> np.ndarray:
        """The items that have a value, bool (size,)."""
        if self.single is not None:
            return self.single >= 0
        found = np.zeros(size, bool)
        found[self.items] = True
        return found

    def codes_of(self, item: int) -> np.ndarray:
        """The values of one item, as indices into ``values``: int32 (k,), empty where it has none. Unlike ``codes``
        it does not look at the other items."""
        if self.single is not None:
            own = self.single[item : item + 1]
            return own[own >= 0]
        assert self.pairs is not None
        items, codes = self.pairs
        bounds = np.array((item, item + 1), items.dtype)  # of another type, all items would be copied
        start, stop = np.searchsorted(items, bounds)
        return codes[start:stop]

    def texts_of(self, item: int) -> tuple[str, ...]:
        """The values of one item."""
        return tuple(self.values[code] for code in self.codes_of(item).tolist())

    def has(self, items: np.ndarray, code: int) -> np.ndarray:
        """Which of some items, int (k,), have a value, bool (k,). Does not look at the others either."""
        if self.single is not None:
            return self.single[items] == code
        return np.fromiter((code in self.codes_of(item) for item in items.tolist()), bool, len(items))

    @property
    def amounts(self) -> np.ndarray | None:
        """The values as numbers, float64 (len(values),): ``numbers``, or those of amounts in one unit (``53.90 EUR``),
        NaN for another value; None where they are words."""
        if self.numbers is not None:
            return self.numbers
        return self._parsed.numbers if self._parsed is not None else None

    @property
    def unit(self) -> str:
        """Of the amounts; "" where values are words or plain numbers."""
        return self._parsed.unit if self.numbers is None and self._parsed is not None else ""

    @cached_property
    def _parsed(self) -> numerals.Amounts | None:
        return numerals.amounts(self.values)

    @cached_property
    def code_of(self) -> dict[str, int]:
        """Value → its index into ``values``."""
        return {value: code for code, value in enumerate(self.values)}

    @cached_property
    def counts(self) -> np.ndarray:
        """How many active items have each value, int64 (len(values),)."""
        return np.bincount(self.codes, minlength=len(self.values))


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A number: ``data`` float64 (size,), NaN where an item has none.

    With at most 60 different values also ``levels``, float64 (u,) ascending, and ``level_of``, int8
    (size,), an index into ``levels`` or -1; else both None.
    """

    name: str
    data: np.ndarray
    levels: np.ndarray | None = None
    level_of: np.ndarray | None = None

    def present(self, size: int) -> np.ndarray:
        """The items that have a value, bool (size,)."""
        return ~np.isnan(self.data)

    @cached_property
    def values(self) -> list[str]:
        """``levels`` as people write them, empty when there are too many."""
        return [] if self.levels is None else [format_number(level) for level in self.levels.tolist()]

    @cached_property
    def counts(self) -> np.ndarray:
        """How many active items have each of ``levels``, int64 (u,)."""
        if self.level_of is None:
            return np.zeros(0, np.int64)
        return np.bincount(self.level_of[self.level_of >= 0], minlength=len(self.values))


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A text: ``has`` bool (size,). The texts themselves stay in SQLite."""

    name: str
    has: np.ndarray

    def present(self, size: int) -> np.ndarray:
        """The items that have a text, bool (size,)."""
        return self.has


def measured(column: Column | None) -> np.ndarray | None:
    """The number of each item, float64 (size,), NaN where it has none; None where items have words, or several."""
    if isinstance(column, NumberColumn):
        return column.data
    if not isinstance(column, CategoryColumn) or column.single is None or column.amounts is None:
        return None
    return np.append(column.amounts, np.nan)[column.single]  # the last is that of code −1


Column: TypeAlias = CategoryColumn | NumberColumn | TextColumn
