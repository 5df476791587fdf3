"""Leave out a colour: a value, a look, a condition; and bring it back."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.ui.tasks.people import Keyboard, Mouse, name_of, on_top
from visualsearch.ui.panels.facet_values import ValueList, minus_rect


def test_a_value_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("F6")
    while not isinstance(keyboard.focus, ValueList):
        keyboard.press("F6")
    keyboard.tab_to("colour")
    if not isinstance(keyboard.focus, ValueList):
        keyboard.press("Tab")  # from the heading
    keyboard.arrow_to("red")
    keyboard.press("-")
    keyboard.rest()
    assert keyboard.driver.total == 60
    keyboard.press("Ctrl+Backspace")
    keyboard.rest()
    assert keyboard.driver.total == 90
    keyboard.press("Alt+Left")
    keyboard.rest()
    assert keyboard.driver.total == 60


def test_a_value_by_mouse(mouse: Mouse) -> None:
    values = mouse.find("colour", ValueList)
    row = values.visualRect(values.model().index(0, 0))
    mouse.click(values.viewport(), minus_rect(row, Qt.LayoutDirection.LeftToRight).center())
    mouse.rest()
    assert mouse.driver.total == 60
    mouse.click("Remove")  # the chip
    mouse.rest()
    assert mouse.driver.total == 90
    mouse.menu("Go", "Back")
    mouse.rest()
    assert mouse.driver.total == 60
    mouse.menu("Edit", "Clear all")
    mouse.rest()
    assert mouse.driver.total == 90


def test_a_look_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go_to("p000")
    keyboard.press("-")
    keyboard.rest()
    assert "p000" not in keyboard.driver.ids()[:30]


def test_a_look_by_mouse(mouse: Mouse) -> None:
    mouse.sign("p000", -1)
    assert "p000" not in mouse.driver.ids()[:30]


def test_a_condition_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+Shift+F")
    keyboard.until(lambda: name_of(keyboard.focus) == "Condition")
    keyboard.type("colour!=red and price<50")
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.until(lambda: keyboard.driver.total == 30)


def test_a_condition_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Edit", "Add condition")
    mouse.click("Condition")
    for word in ("colour", "!=", "red"):
        mouse.drop_line(word)
    mouse.click("Condition")
    for word in ("and", "shape", "=", "disc"):
        mouse.drop_line(word)
    mouse.until(lambda: mouse.sees("Photos that meet it: 20"))
    mouse.click("Add")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    assert mouse.driver.total == 20
