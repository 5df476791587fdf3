"""Tag with two examples."""

from __future__ import annotations

import pytest

from tests.ui.tasks.people import Keyboard, Mouse, name_of, start_tagging
from visualsearch.ui.tagging.grid import Tile


def tagged(person: Keyboard | Mouse, attribute: str, value: str) -> set[str]:
    """Who has a value, as the catalog tells."""
    ids = [f"p{number:03d}" for number in range(90)]
    return {one for one in ids if value in person.values(one, attribute)}


def test_two_examples_by_keyboard(keyboard: Keyboard) -> None:
    start_tagging(keyboard)
    keyboard.rest()
    wrong = name_of(keyboard.focus)[:4]
    keyboard.press("X", "Right")
    unsure = name_of(keyboard.focus)[:4]
    keyboard.press("U", "Enter")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("22 yes · 1 no · 1 not sure"))
    saved = tagged(keyboard, "form", "round")
    assert len(saved) == 22
    assert not saved & {wrong, unsure}
    keyboard.press("Backspace")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees(f"{wrong}: wrong"))
    assert not tagged(keyboard, "form", "round")
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.press("Ctrl+Z")
    keyboard.rest()
    assert not tagged(keyboard, "form", "round")


@pytest.mark.usefixtures("gaps")
def test_two_examples_by_mouse(mouse: Mouse) -> None:
    mouse.sign("p000", 1)
    mouse.sign("p009", 1)
    before = tagged(mouse, "shape", "disc")
    mouse.menu("Tag", "Tag what looks like these")
    mouse.rest()
    mouse.choose("Attribute", "shape")
    mouse.choose("Value", "disc")
    mouse.click("Start tagging")
    mouse.until(lambda: any(mouse.shown(Tile)))
    tiles = list(mouse.shown(Tile))
    names = [name_of(tile)[:4] for tile in tiles]
    mouse.click(tiles[0])
    mouse.click("Confirm")
    mouse.rest()
    mouse.until(lambda: mouse.sees(f"{len(names) - 1} yes · 1 no"))
    assert tagged(mouse, "shape", "disc") == before | set(names[1:])
    mouse.click("Take back the last page")
    mouse.rest()
    assert tagged(mouse, "shape", "disc") == before
