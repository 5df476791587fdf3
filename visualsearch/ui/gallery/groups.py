"""Where tiles and headers of groups are: arithmetic on one array entry for each group, nothing stored per item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.ui.gallery.layout import Grid

if TYPE_CHECKING:
    from visualsearch.catalog.arranging import Sections


@dataclass(frozen=True)
class GroupedGrid(Grid):
    """Groups below each other: a header as high as ``header`` pixels, then lines of tiles, none where it is folded.

    Loads NumPy, so it is imported when there are groups. Coordinates are those of `Grid`.
    """

    sections: Sections | None = None
    header: int = 36

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self._sections.names)

    @property
    def _sections(self) -> Sections:
        assert self.sections is not None
        return self.sections

    @cached_property
    def _group_lines(self) -> np.ndarray:
        """Lines of tiles of each group, int64 (g,)."""
        return -(-np.diff(self._sections.starts) // self.columns)

    @cached_property
    def _first_lines(self) -> np.ndarray:
        """The number of lines before each group and in all, int64 (g + 1,)."""
        return np.concatenate([[0], np.cumsum(self._group_lines)])

    @cached_property
    def tops(self) -> np.ndarray:
        """Where each header starts, and where the last group ends, int64 (g + 1,)."""
        return np.concatenate([[0], np.cumsum(self.header + self._group_lines * self.pitch)])

    @cached_property
    def lines(self) -> int:
        return int(self._first_lines[-1])

    @cached_property
    def content_height(self) -> int:
        return int(self.tops[-1]) + self.gap

    def group_of(self, row: int) -> int:
        """The group that a row belongs to."""
        return int(np.searchsorted(self._sections.starts, row, "right")) - 1

    def group_at(self, y: int) -> int:
        """The group at a height in content coordinates, the last one below all."""
        return max(0, min(int(np.searchsorted(self.tops, y, "right")) - 1, self.groups - 1))

    def headers(self, y: int) -> range:
        """The groups that show at scroll position ``y``."""
        return self._groups_between(y, y + self.height - 1)

    def _groups_between(self, top: int, bottom: int) -> range:
        """The groups from one height to another; empty only where there are none at all."""
        return range(self.group_at(top), self.group_at(bottom) + 1) if self.groups else range(0)

    def header_top(self, group: int, y: int) -> int:
        """Where a group's header is in the viewport at scroll position ``y``: it sticks to the top while the group is
        in sight, until the next one pushes it away."""
        top, end = int(self.tops[group]), int(self.tops[group + 1])
        return max(top, min(y, end - self.header)) - y

    def header_at(self, y: int, scroll_y: int) -> int:
        for group in self.headers(scroll_y):
            if 0 <= y - self.header_top(group, scroll_y) < self.header:
                return group
        return -1

    def rect(self, row: int) -> tuple[int, int, int, int]:
        group = self.group_of(row)
        line, column = divmod(row - int(self._sections.starts[group]), self.columns)
        top = int(self.tops[group]) + self.header + line * self.pitch
        return self._left(column), top, self.tile, self.tile + self.caption

    def row_at(self, x: int, y: int) -> int:
        if not 0 <= y < self.tops[-1]:
            return -1
        group = self.group_at(y)
        line, below = divmod(y - int(self.tops[group]) - self.header, self.pitch)
        if line < 0 or below >= self.tile + self.caption:
            return -1
        for column in self._columns_between(x, x):
            row = int(self._sections.starts[group]) + line * self.columns + column
            return row if row < self._sections.starts[group + 1] else -1
        return -1

    def visible(self, y: int) -> range:
        if not self.groups:
            return range(0)
        return range(
            self._row_from(y), max(self._row_from(y), self._row_from(y + self.height - 1, after=True))
        )

    def _row_from(self, y: int, *, after: bool = False) -> int:
        """The first row of the line at a height, or the first one ``after`` that line."""
        group = self.group_at(max(0, y))
        line = (y - int(self.tops[group]) - self.header) // self.pitch + after
        start, end = int(self._sections.starts[group]), int(self._sections.starts[group + 1])
        return min(start + max(0, line) * self.columns, end)

    def rows_between(self, left: int, top: int, right: int, bottom: int) -> np.ndarray:
        columns = np.fromiter(self._columns_between(left, right), np.int64)
        found = [np.empty(0, np.int64)]
        for group in self._groups_between(top, bottom):
            below = int(self.tops[group]) + self.header
            first = max(0, -(-(top - below - self.tile - self.caption + 1) // self.pitch))
            last = min((bottom - below) // self.pitch, int(self._group_lines[group]) - 1)
            start, end = self._sections.starts[group], self._sections.starts[group + 1]
            rows = start + (np.arange(first, last + 1)[:, None] * self.columns + columns).ravel()
            found.append(rows[rows < end])
        return np.concatenate(found)

    def moved(self, row: int, lines: int) -> int:
        group = self.group_of(row)
        line, column = divmod(row - int(self._sections.starts[group]), self.columns)
        here = int(self._first_lines[group]) + line
        wanted = max(0, min(here + lines, self.lines - 1))
        if wanted == here:
            return row
        group = int(np.searchsorted(self._first_lines, wanted, "right")) - 1
        first = int(self._sections.starts[group]) + (wanted - int(self._first_lines[group])) * self.columns
        return min(first + column, int(self._sections.starts[group + 1]) - 1)

    @property
    def covered(self) -> int:
        return self.header
