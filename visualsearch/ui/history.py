"""Back and forward over immutable values, as in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class History(Generic[T]):
    """The values one has been at. Knows nothing of Qt and nothing of what the values are."""

    def __init__(self, first: T, limit: int = 200) -> None:
        self._values = [first]
        self._place = 0
        self._limit = limit
        self._merge = ""

    @property
    def current(self) -> T:
        return self._values[self._place]

    @property
    def can_back(self) -> bool:
        return self._place > 0

    @property
    def can_forward(self) -> bool:
        return self._place + 1 < len(self._values)

    def push(self, value: T, merge: str = "") -> bool:
        """Go to a new value; what lay ahead is forgotten. False when the value is the current one.

        Pushes in a row with the same ``merge`` count as one step, so that a typed word or a dragged
        slider is one step back and not twenty.
        """
        if value == self.current:
            return False
        del self._values[self._place + 1 :]
        if merge and merge == self._merge:
            self._values[self._place] = value
        else:
            self._values.append(value)
            del self._values[: max(0, len(self._values) - self._limit)]
            self._place = len(self._values) - 1
        self._merge = merge
        return True

    def seal(self) -> None:
        """End the step under way: the next push is a step of its own whatever its ``merge``."""
        self._merge = ""

    @property
    def values(self) -> tuple[T, ...]:
        """All of them, oldest first."""
        return tuple(self._values)

    @property
    def place(self) -> int:
        """Which of them is the current one."""
        return self._place

    def go(self, place: int) -> T:
        """Go to any of them; places outside lead to the first or the last."""
        self._merge = ""
        self._place = min(len(self._values) - 1, max(0, place))
        return self.current

    def restore(self, values: Sequence[T], place: int) -> None:
        """Take over what another history held; there must be a value."""
        self._values = list(values)
        self.go(place)

    def back(self) -> T:
        """The value before, or the first one again."""
        self._merge = ""
        self._place = max(0, self._place - 1)
        return self.current

    def forward(self) -> T:
        """The value after, or the last one again."""
        self._merge = ""
        self._place = min(len(self._values) - 1, self._place + 1)
        return self.current
