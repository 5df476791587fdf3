"""A small least-recently-used cache that threads share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Remembers the last ``capacity`` values. Two threads may make the same value at once; both get a right one."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._mutex = threading.Lock()

    def peek(self, key: Hashable) -> Value | None:
        """The value if it is remembered."""
        with self._mutex:
            return self._values.get(key)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The remembered value, or the one that ``make`` gives; what it raises is not remembered."""
        with self._mutex:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._mutex:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
        return value

    def kept(self, keep: Callable[[Hashable], bool]) -> Cache[Value]:
        """Another cache of this capacity with the values whose key ``keep`` accepts."""
        other: Cache[Value] = Cache(self._capacity)
        with self._mutex:
            other._values.update((key, value) for key, value in self._values.items() if keep(key))
        return other
