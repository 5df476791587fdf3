"""Edit values: of one item, of many, with one key."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.ui.tasks.people import Keyboard, Mouse, name_of, on_top


def test_one_item_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go_to("p000")
    keyboard.press("F2")
    keyboard.until(lambda: name_of(keyboard.focus) == "Value of shape")
    keyboard.type("star")
    keyboard.press("Enter")
    keyboard.rest()
    assert keyboard.values("p000", "shape") == ["star"]


def test_one_item_by_mouse(mouse: Mouse) -> None:
    mouse.click(mouse.window.area.gallery.viewport(), mouse.photo("p000"))
    mouse.rest()
    mouse.menu("Values", "Edit in the inspector")
    mouse.until(lambda: mouse.sees("Value of shape"))
    mouse.rest()
    mouse.click("Value of shape")
    mouse.drop_line("cross")
    mouse.click("Save (Enter)")
    mouse.rest()
    assert mouse.values("p000", "shape") == ["cross"]


def test_many_items_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Esc", "Home", "Shift+Right", "Shift+Right", "Ctrl+T")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.rest()
    keyboard.tab_to("Attribute", back=True)
    keyboard.arrow_to("colour")
    keyboard.tab_to("Value")
    keyboard.type("pink")
    keyboard.until(lambda: name_of(keyboard.focus) == "Value of colour")
    keyboard.press("Enter")
    keyboard.until(lambda: on_top() is keyboard.window)
    keyboard.rest()
    assert [keyboard.values(one, "colour") for one in ("p000", "p001", "p002")] == [["pink"]] * 3


def test_many_items_by_mouse(mouse: Mouse) -> None:
    view = mouse.window.area.gallery.viewport()
    mouse.click(view, mouse.photo("p000"))
    mouse.click(view, mouse.photo("p002"), held=Qt.KeyboardModifier.ShiftModifier)
    mouse.menu("Values", "Set attribute")
    mouse.rest()
    mouse.choose("Attribute", "colour")
    mouse.until(lambda: mouse.sees("Value of colour"))
    mouse.rest()
    mouse.click("Value of colour")
    mouse.drop_line("blue")
    mouse.click("Set")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    assert [mouse.values(one, "colour") for one in ("p000", "p001", "p002")] == [["blue"]] * 3


def test_with_one_key_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+Shift+K")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.type("star")
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.go_to("p004")
    keyboard.press("1")
    keyboard.rest()
    assert keyboard.values("p004", "shape") == ["star"]


def test_with_one_key_by_mouse(mouse: Mouse) -> None:
    mouse.menu("Values", "Number keys")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.click("Value of key 1")
    mouse.drop_line("cross")
    mouse.click("Save")
    mouse.rest()
    mouse.click(mouse.window.area.gallery.viewport(), mouse.photo("p000"))
    mouse.click("1  cross")
    mouse.rest()
    assert mouse.values("p000", "shape") == ["cross"]
