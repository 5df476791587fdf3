"""Export."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.ui.tasks.people import Keyboard, Mouse, on_top


def test_export_by_keyboard(keyboard: Keyboard, tmp_path: Path) -> None:
    keyboard.press("Ctrl+Shift+X")
    keyboard.until(lambda: on_top() is not keyboard.window)
    keyboard.rest()
    keyboard.tab_to("Format")
    keyboard.arrow_to("TSV")
    keyboard.tab_to("File to write")
    keyboard.press("Ctrl+A")
    keyboard.type(str(tmp_path / "out.tsv"))
    keyboard.press("Enter")
    keyboard.rest()
    keyboard.until(lambda: keyboard.sees("Items in out.tsv: 90."))
    assert len((tmp_path / "out.tsv").read_text("utf-8").splitlines()) == 91


def test_export_by_mouse(mouse: Mouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out.tsv"), ""))
    mouse.menu("File", "Export")
    mouse.rest()
    mouse.choose("Format", "TSV")
    mouse.click("Choose: File to write")
    mouse.click("Export")
    mouse.rest()
    mouse.until(lambda: mouse.sees("Items in out.tsv: 90."))
    assert len((tmp_path / "out.tsv").read_text("utf-8").splitlines()) == 91
