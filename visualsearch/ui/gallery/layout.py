"""Where tiles are: arithmetic on uniform tiles, nothing stored per item.

Content coordinates are Python integers (a million tiles are far more pixels than Qt's geometry should see);
x runs from left to right and is mirrored for right-to-left languages here, so callers never think of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy is loaded by the first rubber band, not by the first paint
    import numpy as np

_STRETCH = (
    1.3  # tiles grow up to this to fill a line; beyond it, a single wide tile would look like a mistake
)


@dataclass(frozen=True)
class Grid:
    """Lines of square tiles with room for a caption below each. All sizes in device-independent pixels.

    ``nominal`` is the tile size that was asked for; tiles grow a little so that lines end flush.
    """

    total: int
    width: int
    height: int
    nominal: int
    caption: int = 0
    gap: int = 12
    mirrored: bool = False

    @cached_property
    def columns(self) -> int:
        return max(1, (self.width - self.gap) // (self.nominal + self.gap))

    @cached_property
    def tile(self) -> int:
        """Side of the square of a tile."""
        room = (self.width - self.gap) // self.columns - self.gap
        return max(16, min(room, int(self.nominal * _STRETCH)))

    @cached_property
    def pitch(self) -> int:
        """Distance between the tops of two lines."""
        return self.tile + self.caption + self.gap

    @cached_property
    def lines(self) -> int:
        return -(-self.total // self.columns)

    @cached_property
    def content_height(self) -> int:
        return self.lines * self.pitch + self.gap if self.total else 0

    @cached_property
    def max_y(self) -> int:
        """Largest scroll position: the last line ends at the bottom."""
        return max(0, self.content_height - self.height)

    def rect(self, row: int) -> tuple[int, int, int, int]:
        """Left, top, width, height of a row's tile with its caption, in content coordinates."""
        line, column = divmod(row, self.columns)
        return self._left(column), self.gap + line * self.pitch, self.tile, self.tile + self.caption

    def row_at(self, x: int, y: int) -> int:
        """The row whose tile holds a point in content coordinates, −1 between tiles."""
        line, below = divmod(y - self.gap, self.pitch)
        if line < 0 or below >= self.tile + self.caption:
            return -1
        for column in self._columns_between(x, x):
            row = line * self.columns + column
            return row if row < self.total else -1
        return -1

    def visible(self, y: int) -> range:
        """Rows that show at scroll position ``y``, cut-off ones included."""
        first = max(0, (y - self.gap) // self.pitch) * self.columns
        last = max(0, (y + self.height - self.gap) // self.pitch + 1) * self.columns
        return range(min(first, self.total), min(last, self.total))

    def moved(self, row: int, lines: int) -> int:
        """The row so many lines below another (above where negative), in its column; the end of a line that is too
        short, the outermost line where there are no more."""
        line, column = divmod(row, self.columns)
        wanted = max(0, min(line + lines, self.lines - 1))
        return row if wanted == line else min(wanted * self.columns + column, self.total - 1)

    @property
    def covered(self) -> int:
        """How much of the viewport's top may be covered by what sticks there, in pixels."""
        return 0

    def header_at(self, y: int, scroll_y: int) -> int:
        """The group whose header is at a height of the viewport at a scroll position, −1 for none."""
        return -1

    def rows_between(self, left: int, top: int, right: int, bottom: int) -> np.ndarray:
        """Rows whose tiles touch a rectangle in content coordinates, int64 (n,), ascending."""
        import numpy as np

        columns = np.fromiter(self._columns_between(left, right), np.int64)
        first = max(0, -(-(top - self.gap - self.tile - self.caption + 1) // self.pitch))
        last = min((bottom - self.gap) // self.pitch, self.lines - 1)
        rows = (np.arange(first, last + 1)[:, None] * self.columns + columns).ravel()
        return rows[rows < self.total]

    def _left(self, column: int) -> int:
        spare = self.width - self.gap - self.columns * (self.tile + self.gap)
        left = self.gap + spare // 2 + column * (self.tile + self.gap)
        return self.width - left - self.tile if self.mirrored else left

    def _columns_between(self, left: int, right: int) -> list[int]:
        return [
            column
            for column in range(self.columns)
            if self._left(column) <= right and self._left(column) + self.tile > left
        ]
