"""Find shirts like one: a first one, more like it, less like others, how close; a picture file; only a region."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog

from tests.ui.tasks.people import Keyboard, Mouse, on_top
from visualsearch.ui.loupe.pane import PhotoPane
from visualsearch.ui.panels.facet_values import ValueList
from visualsearch.ui.panels.sliders import ClickSlider


def test_like_two_examples_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+F")
    keyboard.type("red disc")
    keyboard.press("Enter")
    keyboard.rest()
    assert keyboard.driver.total == 10
    keyboard.press("+", "Right")
    keyboard.rest()
    keyboard.press("+")
    keyboard.rest()
    keyboard.press("Ctrl+F", "Delete", "Enter")
    keyboard.rest()
    close = keyboard.driver.ids()
    keyboard.press("Ctrl+F")
    keyboard.tab_to("How close to the examples")
    keyboard.press("Home")
    keyboard.rest()
    assert keyboard.driver.total > len(close)
    keyboard.tab_to("Style or colour: chosen by the program", back=True)
    keyboard.press("Shift+Tab", "End")
    keyboard.rest()
    assert keyboard.driver.ids()[:12] != close[:12]
    keyboard.press("Esc", "Home", "Right", "Right", "-")
    keyboard.rest()
    assert len(keyboard.window.controller.query.visual.negatives) == 1
    keyboard.press("Home", "Enter")
    keyboard.rest()
    assert any(keyboard.shown(PhotoPane))
    keyboard.press("Esc")
    keyboard.rest()
    keyboard.tab_to("Less like these: picture file", back=True)
    keyboard.press("Tab")  # its example
    keyboard.press("Delete")
    keyboard.rest()
    assert not keyboard.window.controller.query.visual.negatives


def test_like_two_examples_by_mouse(mouse: Mouse) -> None:
    mouse.line(mouse.find("shape", ValueList), "disc")
    mouse.rest()
    mouse.sign("p000", 1)
    mouse.sign("p009", 1)
    mouse.line(mouse.find("shape", ValueList), "disc")
    mouse.rest()
    close = mouse.driver.ids()
    slider = mouse.find("How close to the examples", ClickSlider)
    mouse.click(slider, QPoint(2, slider.height() // 2))
    mouse.rest()
    assert mouse.driver.total > len(close)
    slider = mouse.find("Style or colour", ClickSlider)
    mouse.click(slider, QPoint(slider.width() - 3, slider.height() // 2))
    mouse.rest()
    assert mouse.driver.ids()[:12] != close[:12]
    mouse.sign(mouse.driver.ids()[2], -1)
    assert len(mouse.window.controller.query.visual.negatives) == 1
    mouse.double_click(mouse.window.area.gallery.viewport(), mouse.photo(mouse.driver.ids()[0]))
    mouse.rest()
    assert any(mouse.shown(PhotoPane))


def test_a_picture_file_by_keyboard(
    keyboard: Keyboard, drawn_products: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ([str(drawn_products / "images" / "p001.jpg")], "")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: chosen)
    keyboard.press("Ctrl+E")
    keyboard.rest()
    keyboard.until(lambda: len(keyboard.window.controller.query.visual.positives) == 1)
    keyboard.rest()
    assert keyboard.driver.ids()[0] == "p001"


def test_a_picture_file_by_mouse(mouse: Mouse, drawn_products: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ([str(drawn_products / "images" / "p001.jpg")], "")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: chosen)
    mouse.click("More like these: picture file")
    mouse.rest()
    mouse.until(lambda: len(mouse.window.controller.query.visual.positives) == 1)
    mouse.rest()
    assert mouse.driver.ids()[0] == "p001"


def test_only_a_region_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.go_to("p000")
    keyboard.press("Ctrl+Shift+B")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.rest()
    keyboard.press("Left", "Shift+Up", "Enter")
    keyboard.until(lambda: on_top() is keyboard.window)
    keyboard.rest()
    (example,) = keyboard.window.controller.query.visual.positives
    assert example.region is not None
    left, top, width, height = example.region
    assert left < 0.25
    assert height < 0.5
    assert (top, width) == (0.25, 0.5)


def test_only_a_region_by_mouse(mouse: Mouse) -> None:
    mouse.click(mouse.window.area.gallery.viewport(), mouse.photo("p000"))
    mouse.menu("Edit", "Only a region of it")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.rest()
    canvas = mouse.find("Region of the photo")
    middle = canvas.rect().center()
    mouse.drag(canvas, middle, middle - QPoint(40, 0))
    mouse.click("Use this region")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    (example,) = mouse.window.controller.query.visual.positives
    assert example.region is not None
    assert example.region[0] < 0.25
    assert example.region[1:] == (0.25, 0.5, 0.5)
