"""Find wrong values: one by one, many at once, values that are mixed up."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QListWidget

from tests.ui.tasks.people import Keyboard, Mouse, on_top
from visualsearch.catalog.decisions import ValueChange
from visualsearch.workspace import Workspace

DISCS = ("p003", "p036", "p051", "p078")


@pytest.fixture
def catalog(catalog: Path) -> Path:
    """Four discs are called boxes."""
    with Workspace.open(catalog) as workspace:
        changes = [ValueChange(workspace.number_of(one) or 0, "shape", ("box",)) for one in DISCS]
        workspace.decisions.apply("set", "plant", values=changes)
    return catalog


def called(person: Keyboard | Mouse, value: str) -> set[str]:
    return {one for one in DISCS if person.values(one, "shape") == [value]}


def suspected(person: Keyboard | Mouse) -> bool:
    return person.sees("4 more likely wrong than right")


def begin_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+3")
    keyboard.rest()
    keyboard.tab_to("shape")
    keyboard.press("Enter")
    keyboard.until(lambda: suspected(keyboard))
    keyboard.rest()


def begin_by_mouse(mouse: Mouse) -> None:
    mouse.click("Audit")
    mouse.rest()
    mouse.click("shape")
    mouse.until(lambda: suspected(mouse))
    mouse.rest()


def test_one_by_one_by_keyboard(keyboard: Keyboard) -> None:
    begin_by_keyboard(keyboard)
    keyboard.press("C")
    keyboard.rest()
    assert len(called(keyboard, "disc")) == 1
    keyboard.press("Backspace")
    keyboard.rest()
    assert not called(keyboard, "disc")
    keyboard.press("K")
    keyboard.rest()
    keyboard.press("U")
    keyboard.rest()
    keyboard.press("O")
    keyboard.type("cross")
    keyboard.press("Enter")
    keyboard.rest()
    assert len(called(keyboard, "cross")) == 1
    keyboard.until(lambda: keyboard.sees("3 judged"))


def test_one_by_one_by_mouse(mouse: Mouse) -> None:
    begin_by_mouse(mouse)
    mouse.click("Change (C)")
    mouse.rest()
    assert len(called(mouse, "disc")) == 1
    mouse.click("Take")
    mouse.rest()
    assert not called(mouse, "disc")
    mouse.click("Keep")
    mouse.rest()
    mouse.click("The photo does not tell")
    mouse.rest()
    mouse.until(lambda: mouse.sees("2 judged"))


def test_many_at_once_by_keyboard(keyboard: Keyboard) -> None:
    begin_by_keyboard(keyboard)
    keyboard.press("L")
    keyboard.rest()
    keyboard.until(lambda: isinstance(keyboard.focus, QListWidget))
    keyboard.rest()
    keyboard.press("Enter", "X", "Enter")
    keyboard.rest()
    assert len(called(keyboard, "disc")) == 3
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    assert not called(keyboard, "disc")


def test_many_at_once_by_mouse(mouse: Mouse) -> None:
    begin_by_mouse(mouse)
    mouse.menu("Audit", "All like this")
    mouse.rest()
    mouse.until(lambda: mouse.sees("Change 4 items"))
    mouse.click("Change 4 items")
    mouse.rest()
    assert len(called(mouse, "disc")) == 4
    mouse.click("Undo")
    mouse.rest()
    assert not called(mouse, "disc")


def test_mixed_up_values_by_keyboard(keyboard: Keyboard) -> None:
    begin_by_keyboard(keyboard)
    keyboard.press("M")
    keyboard.until(lambda: keyboard.sees("mixed up"))
    keyboard.rest()
    keyboard.press("Ctrl+Shift+V")
    keyboard.rest()
    keyboard.arrow_to("shape")
    keyboard.tab_to("Values")
    keyboard.arrow_to("box")
    keyboard.press("Ctrl+A", "Alt+M")
    keyboard.rest()
    keyboard.until(lambda: on_top().windowTitle() == "Merge values")
    keyboard.press("Enter")
    keyboard.rest()
    assert [keyboard.values(f"p00{number}", "shape") for number in range(3)] == [["box"]] * 3


def test_mixed_up_values_by_mouse(mouse: Mouse) -> None:
    begin_by_mouse(mouse)
    mouse.tab("Mixed-up values")
    mouse.until(lambda: mouse.sees("mixed up"))
    mouse.rest()
    mouse.menu("Values", "Vocabulary")
    mouse.rest()
    mouse.line(mouse.find("Attributes", QAbstractItemView), "shape")
    mouse.rest()
    values = mouse.find("Values", QAbstractItemView)
    mouse.line(values, "box")
    mouse.click(values.viewport(), mouse.place(values, "cross"), held=Qt.KeyboardModifier.ControlModifier)
    mouse.click("Merge")
    mouse.until(lambda: on_top().windowTitle() == "Merge values")
    mouse.rest()
    mouse.click("Merge")
    mouse.rest()
    assert [mouse.values(f"p00{number}", "shape") for number in range(3)] == [["disc"], ["box"], ["box"]]
