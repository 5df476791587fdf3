"""Accept the rest, with a certificate; and revoke it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QSpinBox

from tests.ui.tasks.people import Keyboard, Mouse, judge_all, start_tagging
from visualsearch.ui.tagging.grid import Tile


def having(person: Keyboard | Mouse, attribute: str, value: str) -> int:
    return sum(person.values(f"p{number:03d}", attribute) == [value] for number in range(90))


def test_accept_the_rest_by_keyboard(keyboard: Keyboard) -> None:
    start_tagging(keyboard)
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.press("Ctrl+Shift+A")
    keyboard.rest()
    keyboard.tab_to("How many of the best suggestions")
    keyboard.press("Ctrl+A")
    keyboard.type("40")
    keyboard.press("Enter")
    judge_all(keyboard)
    before = having(keyboard, "form", "round")
    keyboard.press("Enter")
    keyboard.rest()
    assert having(keyboard, "form", "round") > before
    keyboard.press("Esc")
    keyboard.press("Ctrl+Alt+C")
    keyboard.rest()
    keyboard.tab_to("Revoke")
    keyboard.press("Space")
    keyboard.rest()
    assert having(keyboard, "form", "round") == before


@pytest.mark.usefixtures("gaps")
def test_accept_the_rest_by_mouse(mouse: Mouse) -> None:
    mouse.sign("p000", 1)
    mouse.menu("Tag", "Tag what looks like these")
    mouse.rest()
    mouse.choose("Attribute", "shape")
    mouse.choose("Value", "disc")
    mouse.click("Start tagging")
    mouse.until(lambda: any(mouse.shown(Tile)))
    mouse.rest()
    mouse.click("Accept the rest")
    mouse.rest()
    mouse.click("at least 90 %")
    mouse.rest()
    number = mouse.find("How many of the best suggestions", QSpinBox)
    while number.value() < 30:
        mouse.click(number, QPoint(number.width() - 6, 5))
    mouse.click("Draw the sample")
    judge_all(mouse)
    before = having(mouse, "shape", "disc")
    mouse.click("Accept the other")
    mouse.rest()
    assert having(mouse, "shape", "disc") > before
    mouse.click("Close")
    mouse.menu("Tag", "Certificates")
    mouse.rest()
    mouse.click("Revoke")
    mouse.rest()
    assert having(mouse, "shape", "disc") == before
