"""Fill in an attribute: learn, look, untick, judge a sample."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QTableView

from tests.ui.tasks.people import Keyboard, Mouse, judge_all

pytestmark = pytest.mark.usefixtures("gaps")


def offered(person: Keyboard | Mouse) -> int:
    """How many items could be accepted."""
    return next(int(found[1]) for text in person.read() if (found := re.match(r"Accept (\d+) items", text)))


def test_fill_in_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+Shift+U")
    keyboard.rest()
    keyboard.tab_to("The attribute to fill in")
    keyboard.arrow_to("shape")
    keyboard.tab_to("Learn and show")
    keyboard.press("Space")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("Items without shape: 45"))
    table = keyboard.focus
    assert isinstance(table, QTableView)
    count = offered(keyboard)
    keyboard.press("Space")
    keyboard.until(lambda: offered(keyboard) < count)
    count = offered(keyboard)
    keyboard.tab_to("Accept ")
    keyboard.press("Enter")
    keyboard.until(lambda: keyboard.sees("How many of the best suggestions"))
    keyboard.rest()
    keyboard.tab_to("at least 90 %")
    keyboard.press("Space")
    keyboard.rest()
    keyboard.tab_to("Draw the sample")
    keyboard.press("Enter")
    judge_all(keyboard)
    keyboard.press("Enter")
    keyboard.rest()
    filled = [one for one in range(45, 90) if keyboard.values(f"p{one:03d}", "shape")]
    assert len(filled) == count >= 29, "of 30, at most one is left as not sure enough"


def test_fill_in_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Tag", "Auto tagging")
    mouse.rest()
    mouse.choose("The attribute to fill in", "shape")
    mouse.click("Learn and show")
    mouse.rest()
    mouse.until(lambda: mouse.sees("Items without shape: 45"))
    table = mouse.find("Values and what would happen with each", QTableView)
    mouse.line(table, "cross")
    mouse.rest()
    count = offered(mouse)
    mouse.click(f"Accept {count} items")
    mouse.until(lambda: mouse.sees("How many of the best suggestions"))
    mouse.rest()
    mouse.click("at least 90 %")
    mouse.rest()
    mouse.click("Draw the sample")
    judge_all(mouse)
    mouse.click("Accept the other")
    mouse.rest()
    assert sum(bool(mouse.values(f"p{one:03d}", "shape")) for one in range(45, 90)) == count >= 44
