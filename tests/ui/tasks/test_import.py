"""Bring in your own catalog: choose folder and table, correct a column, import; what could not be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog, QTableWidget

from tests.conftest import draw_product
from tests.ui.conftest import Driver
from tests.ui.tasks.people import Keyboard, Mouse, name_of, on_top


@pytest.fixture
def driver(empty: Driver) -> Driver:
    """No catalog yet."""
    return empty


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four photos, one of them broken, and a table."""
    (tmp_path / "images").mkdir()
    lines = ["sku,tags,shop"]
    for number in range(4):
        draw_product("disc", "red", number).save(tmp_path / "images" / f"k{number}.jpg")
        lines.append(f"k{number},new/red/{number},north")
    (tmp_path / "images" / "k3.jpg").write_bytes(b"no picture")
    (tmp_path / "table.csv").write_text("\n".join(lines), "utf-8")
    return tmp_path


def test_a_new_catalog_by_keyboard(keyboard: Keyboard, source: Path) -> None:
    keyboard.press("Ctrl+N")
    keyboard.until(lambda: on_top() is not keyboard.window)
    assert name_of(keyboard.focus) == "Folder with the photos"
    keyboard.type(str(source / "images"))
    keyboard.tab_to("Table with attributes")
    keyboard.type(str(source / "table.csv"))
    keyboard.until(lambda: keyboard.sees("First rows"))
    keyboard.rest()
    keyboard.tab_to("Correct a column")
    keyboard.press("Space", "Down", "Down", "Right")
    keyboard.pick("Text, to search for words")
    keyboard.rest()
    keyboard.press("Alt+M")
    keyboard.until(lambda: keyboard.window.controller.workspace is not None)
    keyboard.rest()
    assert keyboard.driver.total == 4
    keyboard.press("Ctrl+R")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("1 could not be used"))
    keyboard.press("Esc")
    keyboard.until(lambda: on_top() is keyboard.window)


def test_a_new_catalog_by_mouse(mouse: Mouse, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(source / "images"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(source / "table.csv"), ""))
    mouse.click("New catalog from a folder of photos")
    mouse.until(lambda: on_top() is not mouse.window)
    mouse.click("Choose: Folder with the photos")
    mouse.click("Choose: Table with attributes")
    mouse.until(lambda: mouse.sees("First rows"))
    mouse.rest()
    heads = mouse.find("First rows", QTableWidget).horizontalHeader()
    mouse.click(heads.viewport(), QPoint(heads.sectionViewportPosition(2) + 10, heads.height() // 2))
    mouse.pick("Text, to search for words")
    mouse.rest()
    mouse.click("Import")
    mouse.until(lambda: mouse.window.controller.workspace is not None)
    mouse.rest()
    assert mouse.driver.total == 4
    mouse.menu("File", "Refused files")
    mouse.rest()
    mouse.until(lambda: mouse.sees("1 could not be used"))
    mouse.click("Close")
    mouse.until(lambda: on_top() is mouse.window)
