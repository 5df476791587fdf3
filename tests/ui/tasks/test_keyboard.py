"""Work by keyboard: all shortcuts, anything by its name, panes, groups, photos side by side; and the same by mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView

from tests.ui.tasks.people import Keyboard, Mouse, name_of, on_top
from visualsearch.ui.loupe.pane import PhotoPane


def test_finding_an_action_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("F1")
    assert keyboard.sees("Find an action or a value")
    keyboard.press("Esc")
    keyboard.press("Ctrl+K")
    keyboard.type("blue")
    keyboard.rest()
    keyboard.press("Enter")
    keyboard.rest()
    assert keyboard.driver.total == 30
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    assert keyboard.driver.total == 90


def test_finding_an_action_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Help", "Shortcuts")
    assert mouse.sees("Find an action or a value")
    mouse.click("Close")
    mouse.menu("Go", "Find an action or a value")
    mouse.rest()
    found = mouse.find("Found", QListView)
    mouse.line(found, "New catalog")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.click("Cancel")


def test_panes_groups_and_photos_side_by_side_by_keyboard(keyboard: Keyboard) -> None:
    seen = set()
    for _ in range(5):
        keyboard.press("F6")
        seen.add(name_of(keyboard.focus))
    assert {"Search text", "shape", "Inspector"} <= seen
    keyboard.press("Esc", "Home", "Ctrl+Right", "Space", "Ctrl+Shift+M")
    keyboard.rest()
    assert sorted(pane.item for pane in keyboard.shown(PhotoPane)) == [1, 2]
    keyboard.press("Esc")
    keyboard.rest()
    keyboard.press("Ctrl+Shift+G")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.arrow_to("by shape")
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.press("Esc", "Home", "Alt+Down")
    current = keyboard.window.area.gallery.current_item
    keyboard.until(
        lambda: keyboard.workspace.ids_of([current()]) == ["p001"]
    )  # the first of the second shape


def test_panes_groups_and_photos_side_by_side_by_mouse(mouse: Mouse) -> None:
    view = mouse.window.area.gallery.viewport()
    mouse.click(view, mouse.photo("p000"))
    mouse.click(view, mouse.photo("p001"), held=Qt.KeyboardModifier.ControlModifier)
    mouse.menu("View", "Compare selected photos")
    mouse.rest()
    assert sorted(pane.item for pane in mouse.shown(PhotoPane)) == [1, 2]
    mouse.click("Back to the grid")
    mouse.rest()
    mouse.choose("Group by", "by shape")
    mouse.rest()
    mouse.menu("Go", "Next group")
