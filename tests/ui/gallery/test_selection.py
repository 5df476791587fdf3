"""The selection behaves as a set of items within the results on show."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from visualsearch.ui.gallery.selection import ItemSelection

some_items = st.lists(st.integers(1, 60), max_size=20, unique=True)


class SelectionMachine(RuleBasedStateMachine):
    """Compares with a plain set, which remembers items out of sight as the selection does."""

    def __init__(self) -> None:
        super().__init__()
        self.results = np.arange(1, 31, dtype=np.int32)
        self.real = ItemSelection()
        self.model: set[int] = set()

    @rule()
    def select_all(self) -> None:
        self.real.select_all()
        self.model = set(self.results.tolist())

    @rule()
    def clear(self) -> None:
        self.real.clear()
        self.model = set()

    @rule(items=some_items)
    def add(self, items: list[int]) -> None:
        shown = [item for item in items if item in self.results]
        self.real.add(np.array(shown, np.int64))
        self.model |= set(shown)

    @rule(items=some_items)
    def remove(self, items: list[int]) -> None:
        shown = [item for item in items if item in self.results]
        self.real.remove(np.array(shown, np.int64))
        self.model -= set(shown)

    @rule(position=st.integers(0, 100))
    def toggle(self, position: int) -> None:
        if len(self.results):
            item = int(self.results[position % len(self.results)])
            self.real.toggle(item)
            self.model ^= {item}

    @rule(items=some_items)
    def other_results(self, items: list[int]) -> None:
        self.real.settle(self.results)
        self.results = np.array(items, np.int32)

    @rule()
    def go_on_with_a_copy(self) -> None:
        left_behind = self.real
        self.real = left_behind.copy()
        left_behind.select_all()

    @invariant()
    def same(self) -> None:
        expected = [item for item in self.results.tolist() if item in self.model]
        assert self.real.among(self.results).tolist() == expected
        assert [item for item in self.results.tolist() if item in self.real] == expected


TestSelection = SelectionMachine.TestCase
TestSelection.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_select_all_covers_rows_that_come_later() -> None:
    selection = ItemSelection()
    selection.select_all()
    selection.toggle(2)
    assert selection.among(np.array([1, 2, 3, 900_000], np.int32)).tolist() == [1, 3, 900_000]
