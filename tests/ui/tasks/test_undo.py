"""Undo, and see what was done."""

from __future__ import annotations

from PySide6.QtWidgets import QTreeView

from tests.ui.tasks.people import Keyboard, Mouse, on_top


def test_undo_by_keyboard(keyboard: Keyboard) -> None:
    for item_id in ("p000", "p003"):
        keyboard.go_to(item_id)
        keyboard.press("Ctrl+T")
        keyboard.until(lambda: on_top() is not keyboard.window)
        keyboard.rest()
        keyboard.type("star")
        keyboard.press("Enter")
        keyboard.until(lambda: on_top() is keyboard.window)
        keyboard.rest()
    assert keyboard.values("p003", "shape") == ["star"]
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    assert keyboard.values("p003", "shape") == ["disc"]
    keyboard.press("Ctrl+Shift+Z")
    keyboard.rest()
    assert keyboard.values("p003", "shape") == ["star"]
    keyboard.press("Ctrl+H")
    keyboard.rest()
    keyboard.until(lambda: isinstance(keyboard.focus, QTreeView))
    keyboard.arrow_to("Set shape to star for p000")
    keyboard.rest()
    keyboard.tab_to("Take")
    keyboard.press("Space")
    keyboard.rest()
    assert keyboard.values("p000", "shape") == ["disc"]
    assert keyboard.values("p003", "shape") == ["star"]


def test_undo_by_mouse(mouse: Mouse) -> None:
    for item_id in ("p000", "p003"):
        mouse.click(mouse.window.area.gallery.viewport(), mouse.photo(item_id))
        mouse.menu("Values", "Set attribute")
        mouse.rest()
        mouse.click("Value of shape")
        mouse.drop_line("cross")
        mouse.click("Set")
        mouse.until(lambda: on_top() is mouse.window)
        mouse.rest()
    assert mouse.values("p003", "shape") == ["cross"]
    mouse.menu("Edit", "Undo")
    mouse.rest()
    assert mouse.values("p003", "shape") == ["disc"]
    mouse.menu("Edit", "Redo")
    mouse.rest()
    mouse.menu("View", "History of decisions")
    mouse.rest()
    tree = mouse.find("History of decisions", QTreeView)
    mouse.line(tree, "Set shape to cross for p000")
    mouse.rest()
    mouse.click("Take")
    mouse.rest()
    assert mouse.values("p000", "shape") == ["disc"]
    assert mouse.values("p003", "shape") == ["cross"]
