"""Which items are selected: a set of item numbers, so that it outlives any order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy is loaded when there is something to select, not by the first paint
    import numpy as np


class ItemSelection:
    """A set of items within the results on show. Selecting all is O(1), a range O(its length) in NumPy.

    Kept as a mask by item number and a flag that inverts it: "all but these" costs nothing to say and also covers
    the rows that have not arrived yet. Items outside the results on show stay in the set unseen, so that narrowing
    and widening again brings the selection back.
    """

    def __init__(self) -> None:
        self._mask: np.ndarray | None = None  # of no item
        self._inverted = False

    def copy(self) -> ItemSelection:
        """An independent copy."""
        other = ItemSelection()
        other._mask = self._mask if self._mask is None else self._mask.copy()
        other._inverted = self._inverted
        return other

    @property
    def is_inverted(self) -> bool:
        """Whether it says "all but these"."""
        return self._inverted

    def __contains__(self, item: int) -> bool:
        marked = self._mask is not None and item < len(self._mask) and bool(self._mask[item])
        return marked != self._inverted

    def select_all(self) -> None:
        """Every item of the results on show."""
        self._mask, self._inverted = None, True

    def clear(self) -> None:
        """No item."""
        self._mask, self._inverted = None, False

    def add(self, items: np.ndarray) -> None:
        """Add items, any integer array (n,)."""
        self._mark(items, not self._inverted)

    def remove(self, items: np.ndarray) -> None:
        """Take items away, any integer array (n,)."""
        self._mark(items, self._inverted)

    def toggle(self, item: int) -> None:
        """Add an item that is not selected, take it away where it is."""
        import numpy as np

        one = np.array([item])
        if item in self:
            self.remove(one)
        else:
            self.add(one)

    def among(self, items: np.ndarray) -> np.ndarray:
        """The selected ones of ``items``, in their order."""
        if self._mask is None:
            return items if self._inverted else items[:0]
        return items[self._reach(items)[items] != self._inverted]

    def settle(self, items: np.ndarray) -> None:
        """Before other results are shown: turn "all but these" of the present results ``items`` into a plain set."""
        if not self._inverted:
            return
        import numpy as np

        mask = self._reach(items)
        kept = np.zeros_like(mask)
        kept[items] = ~mask[items]
        self._mask, self._inverted = kept, False

    def _mark(self, items: np.ndarray, value: bool) -> None:
        self._reach(items)[items] = value

    def _reach(self, items: np.ndarray) -> np.ndarray:
        """The mask, made long enough for the largest item."""
        import numpy as np

        mask = np.zeros(0, bool) if self._mask is None else self._mask
        size = int(items.max(initial=0)) + 1
        if size > len(mask):
            longer = np.zeros(max(size, 2 * len(mask)), bool)
            longer[: len(mask)] = mask
            mask = longer
        self._mask = mask
        return mask
