"""Which items are selected: a set of item numbers, so that it outlives any order of rows."""

from __future__ import annotations

import numpy as np


class ItemSelection:
    """A set of items within the results on show. Selecting all is O(1), a range O(its length) in NumPy.

    Kept as a mask by item number and a flag that inverts it: "all but these" costs nothing to say and also covers
    the rows that have not arrived yet. Items outside the results on show stay in the set unseen, so that narrowing
    and widening again brings the selection back.
    """

    def __init__(self) -> None:
        self._mask = np.zeros(0, bool)
        self._inverted = False

    def copy(self) -> ItemSelection:
        """An independent copy."""
        other = ItemSelection()
        other._mask, other._inverted = self._mask.copy(), self._inverted
        return other

    def __contains__(self, item: int) -> bool:
        return (bool(self._mask[item]) if item < len(self._mask) else False) != self._inverted

    def select_all(self) -> None:
        """Every item of the results on show."""
        self._mask, self._inverted = np.zeros(0, bool), True

    def clear(self) -> None:
        """No item."""
        self._mask, self._inverted = np.zeros(0, bool), False

    def add(self, items: np.ndarray) -> None:
        """Add items, any integer array (n,)."""
        self._mark(items, not self._inverted)

    def remove(self, items: np.ndarray) -> None:
        """Take items away, any integer array (n,)."""
        self._mark(items, self._inverted)

    def toggle(self, item: int) -> None:
        """Add an item that is not selected, take it away where it is."""
        one = np.array([item])
        if item in self:
            self.remove(one)
        else:
            self.add(one)

    def among(self, items: np.ndarray) -> np.ndarray:
        """The selected ones of ``items``, in their order."""
        if not len(self._mask):
            return items if self._inverted else items[:0]
        self._reach(items)
        return items[self._mask[items] != self._inverted]

    def settle(self, items: np.ndarray) -> None:
        """Before other results are shown: turn "all but these" of the present results ``items`` into a plain set."""
        if not self._inverted:
            return
        self._reach(items)
        kept = np.zeros(len(self._mask), bool)
        kept[items] = ~self._mask[items]
        self._mask, self._inverted = kept, False

    def _mark(self, items: np.ndarray, value: bool) -> None:
        self._reach(items)
        self._mask[items] = value

    def _reach(self, items: np.ndarray) -> None:
        """Make the mask long enough for the largest item."""
        size = int(items.max()) + 1 if len(items) else 0
        if size > len(self._mask):
            longer = np.zeros(max(size, 2 * len(self._mask)), bool)
            longer[: len(self._mask)] = self._mask
            self._mask = longer
