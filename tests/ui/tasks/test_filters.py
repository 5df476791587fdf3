"""Save and combine filters."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget

from tests.ui.tasks.people import Keyboard, Mouse, name_of
from visualsearch.jobs import JobControl


def test_save_and_combine_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go_to("p000")
    keyboard.press("+")
    keyboard.rest()
    keyboard.press("Ctrl+S")
    keyboard.type("discs")
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("The filter “discs” is saved"))
    kept = keyboard.workspace.filters.state("discs", JobControl()).count
    keyboard.press("Ctrl+Backspace")
    keyboard.rest()
    assert keyboard.driver.total == 90
    keyboard.press("F7")  # closes the list when it is open, or opens it with the keyboard in it
    if name_of(keyboard.focus) != "Saved filters":
        keyboard.press("F7")
    keyboard.arrow_to("discs")
    keyboard.press("Enter")
    keyboard.rest()
    assert keyboard.driver.total == kept
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    keyboard.context_menu()
    keyboard.pick("Leave out what is in it")
    keyboard.rest()
    assert keyboard.driver.total == 90 - kept
    keyboard.press("Ctrl+Backspace", "Ctrl+Shift+F")
    keyboard.type("visual:discs and colour=red")
    keyboard.press("Enter")
    keyboard.rest()
    assert 0 < keyboard.driver.total <= kept


def test_save_and_combine_by_mouse(mouse: Mouse) -> None:
    mouse.sign("p000", 1)
    mouse.menu("Filters", "Save as a filter")
    mouse.click("Save")
    mouse.rest()
    mouse.until(lambda: mouse.sees("The filter “filter” is saved"))
    kept = mouse.workspace.filters.state("filter", JobControl()).count
    mouse.menu("Edit", "Clear all")
    mouse.rest()
    filters = mouse.find("Saved filters", QTreeWidget)
    spot = mouse.place(filters, "filter")
    mouse.double_click(filters.viewport(), spot)
    mouse.rest()
    assert mouse.driver.total == kept
    mouse.menu("Edit", "Undo")
    mouse.rest()
    mouse.click(filters.viewport(), spot, Qt.MouseButton.RightButton)
    mouse.pick("Leave out what is in it")
    mouse.rest()
    assert mouse.driver.total == 90 - kept
