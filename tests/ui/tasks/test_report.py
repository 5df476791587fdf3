"""Write a report; and the numbers of the dashboard that lead to items."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QTableWidget

from tests.ui.tasks.people import Keyboard, Mouse, on_top


def test_the_dashboard_by_keyboard(keyboard: Keyboard) -> None:
    keyboard.press("Ctrl+4")
    keyboard.rest()
    keyboard.tab_to("Where each attribute stands")
    keyboard.press("Home", "Down", "Right")
    keyboard.press("Enter")
    keyboard.until(lambda: keyboard.window.modes.current == "browse")


def test_the_dashboard_by_mouse(mouse: Mouse) -> None:
    mouse.click("Quality")
    mouse.rest()
    table = mouse.find("Where each attribute stands", QTableWidget)
    mouse.line(table, "90")
    mouse.until(lambda: mouse.window.modes.current == "browse")


def test_a_report_by_keyboard(keyboard: Keyboard, tmp_path: Path) -> None:
    keyboard.press("Ctrl+4")
    keyboard.rest()
    keyboard.press("Alt+P")
    keyboard.rest()
    keyboard.press("Ctrl+Shift+W")
    keyboard.until(lambda: isinstance(on_top(), QFileDialog))
    keyboard.press("Ctrl+A")
    keyboard.type(str(tmp_path / "report.html"))
    keyboard.press("Enter")
    keyboard.until(lambda: on_top() is keyboard.window)
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("Written: "))
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "report.csv").is_file()


def test_a_report_by_mouse(mouse: Mouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where it is offered to be kept
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    mouse.click("Quality")
    mouse.rest()
    mouse.tab("Report")
    mouse.click("Write a table of it, too")
    mouse.click("Write the report")
    mouse.until(lambda: isinstance(on_top(), QFileDialog))
    mouse.click("Save")
    mouse.until(lambda: on_top() is mouse.window)
    mouse.rest()
    mouse.until(lambda: mouse.sees("Written: "))
    assert [file.suffix for file in tmp_path.glob("* quality.*")] == [".html"]
