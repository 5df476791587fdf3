"""How many decisions a minute a person makes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 180.0  # seconds that are looked back
_PAUSE = 45.0  # seconds after which the person was doing something else


class Pace:
    """Counts decisions; breaks do not count as slowness. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, float, int]] = deque()  # when, seconds that it took, decisions
        self._since = clock()

    def begin(self) -> None:
        """Something to decide has come on screen after a while without."""
        self._since = self._clock()

    def note(self, decisions: int) -> None:
        """So many decisions were made since the last ones."""
        now = self._clock()
        self._marks.append((now, min(now - self._since, _PAUSE), decisions))
        self._since = now
        while self._marks and now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()

    @property
    def per_minute(self) -> int | None:
        """Lately; None while nothing was decided."""
        seconds = sum(taken for _, taken, _ in self._marks)
        if seconds <= 0:
            return None
        return round(60 * sum(count for _, _, count in self._marks) / seconds)
