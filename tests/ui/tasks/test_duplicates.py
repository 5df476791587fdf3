"""Find duplicates, and hide them in Browse."""

from __future__ import annotations

from tests.ui.tasks.people import Keyboard, Mouse, name_of
from visualsearch.ui.panels.photo_view import PhotoView


def pair(person: Keyboard | Mouse) -> tuple[str, str, str]:
    """The two on screen, and an attribute in which they differ."""
    photos = [name_of(one) for one in person.shown(PhotoView)]
    left, right = (name.removeprefix("Photo of ") for name in photos if name.startswith("Photo of "))
    names = ("colour", "shape", "price", "name")
    return (
        left,
        right,
        next(name for name in names if person.values(left, name) != person.values(right, name)),
    )


def test_pairs_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+4")
    keyboard.rest()
    keyboard.press("Alt+U")
    keyboard.rest()
    keyboard.press("Enter")
    keyboard.until(lambda: keyboard.sees("Same photo ("))
    keyboard.rest()
    keyboard.press("D")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("1 judged"))
    keyboard.press("Backspace")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("0 judged"))
    keyboard.rest()
    left, right, differing = pair(keyboard)
    wanted = keyboard.values(right, differing)
    keyboard.press("Ctrl+Left")
    keyboard.until(lambda: keyboard.values(left, differing) == wanted)


def test_pairs_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Go", "Quality")
    mouse.rest()
    mouse.tab("Duplicates")
    mouse.rest()
    mouse.click("Look for duplicates")
    mouse.until(lambda: mouse.sees("Same photo ("))
    mouse.rest()
    mouse.click("Duplicate")
    mouse.rest()
    mouse.until(lambda: mouse.sees("1 judged"))
    mouse.click("Take back")
    mouse.rest()
    mouse.until(lambda: mouse.sees("0 judged"))
    mouse.click("Conflicts")
    mouse.rest()
    left, right, differing = pair(mouse)
    mouse.click("Left value for both")
    mouse.until(lambda: mouse.values(right, differing) == mouse.values(left, differing))


def test_hiding_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+Shift+J")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("nearly identical photos hidden"))


def test_hiding_by_mouse(mouse: Mouse) -> None:
    mouse.menu("View", "Hide nearly identical photos")
    mouse.rest()
    mouse.until(lambda: mouse.sees("nearly identical photos hidden"))
