"""Read the guide: open it, follow a link, come back."""

from __future__ import annotations

from PySide6.QtWidgets import QTextBrowser

from tests.ui.tasks.people import Keyboard, Mouse, on_top


def page(person: Keyboard | Mouse) -> QTextBrowser:
    person.until(lambda: on_top() is not person.window)
    return next(person.shown(QTextBrowser))


def test_reading_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+F1")
    guide = page(keyboard)
    assert "For taggers" in guide.toPlainText()
    keyboard.press("Tab", "Enter")
    keyboard.until(lambda: guide.toPlainText().startswith("Bring in your own catalog"))
    keyboard.press("Alt+Left")
    keyboard.until(lambda: "For taggers" in guide.toPlainText())
    keyboard.press("Esc")
    keyboard.until(lambda: on_top() is keyboard.window)


def test_reading_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Help", "User guide")
    guide = page(mouse)
    link = guide.document().find("Undo, and see")
    mouse.click(guide.viewport(), guide.cursorRect(link).center())
    mouse.until(lambda: guide.toPlainText().startswith("Undo, and see what was done"))
    mouse.click("Back")
    mouse.until(lambda: "For taggers" in guide.toPlainText())
