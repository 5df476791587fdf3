"""Fill in an attribute: learn, look, untick, judge a sample."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QTableView

from tests.ui.tasks.people import Keyboard, Mouse, judge_all
from visualsearch.jobs import JobControl

pytestmark = pytest.mark.usefixtures("gaps")


def planned(person: Keyboard | Mouse) -> dict[str, set[str]]:
    """What is to come: the ids that each value that can be trusted would be given to, in the order of the table."""
    plan, workspace = person.workspace.autotag.plan("shape", JobControl()), person.workspace
    assert len(plan.trusted) == 3, "the drawn shapes are told apart"
    return {one.value: set(workspace.ids_of(one.items.tolist())) for one in plan.values}


def filled(person: Keyboard | Mouse) -> set[str]:
    """Those of the items without a shape that have one now."""
    return {one for one in (f"p{number:03d}" for number in range(45, 90)) if person.values(one, "shape")}


def offered(person: Keyboard | Mouse) -> int:
    """How many items could be accepted."""
    return next(int(found[1]) for text in person.read() if (found := re.match(r"Accept (\d+) items", text)))


def test_fill_in_by_keyboard(keyboard: Keyboard) -> None:
    found = planned(keyboard)
    first = next(iter(found))
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
    assert offered(keyboard) == sum(map(len, found.values()))
    keyboard.press("Space")
    wanted = set().union(*(ids for value, ids in found.items() if value != first))
    keyboard.until(lambda: offered(keyboard) == len(wanted))
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
    assert filled(keyboard) == wanted


def test_fill_in_by_mouse(mouse: Mouse) -> None:
    wanted = set().union(*planned(mouse).values())
    mouse.menu("Tag", "Auto tagging")
    mouse.rest()
    mouse.choose("The attribute to fill in", "shape")
    mouse.click("Learn and show")
    mouse.rest()
    mouse.until(lambda: mouse.sees("Items without shape: 45"))
    table = mouse.find("Values and what would happen with each", QTableView)
    mouse.line(table, "cross")
    mouse.rest()
    assert offered(mouse) == len(wanted)
    mouse.click(f"Accept {len(wanted)} items")
    mouse.until(lambda: mouse.sees("How many of the best suggestions"))
    mouse.rest()
    mouse.click("at least 90 %")
    mouse.rest()
    mouse.click("Draw the sample")
    judge_all(mouse)
    mouse.click("Accept the other")
    mouse.rest()
    assert filled(mouse) == wanted
