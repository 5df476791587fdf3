"""The import dialog: what was guessed about a table is shown, and corrected before the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import draw_product
from visualsearch.catalog.store import Refusal
from visualsearch.ui.background import Background
from visualsearch.ui.panels.importing import ImportDialog
from visualsearch.ui.panels.sheets import RefusedDialog


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Photos with a table in Windows' letters, whose tags are separated by slashes."""
    (tmp_path / "images").mkdir()
    lines = ["sku;tags;shop"]
    for number in range(12):
        draw_product("disc", "red", number).save(tmp_path / "images" / f"k{number}.jpg")
        lines.append(f"k{number};new/caf\u00e9{number % 3}/sale;M\u00fcnchen")
    (tmp_path / "table.csv").write_bytes("\n".join(lines).encode("windows-1252"))
    return tmp_path


@pytest.fixture
def dialog(source: Path, qtbot: QtBot) -> Iterator[ImportDialog]:
    background = Background()
    dialog = ImportDialog(background, images=source / "images", table=source / "table.csv", new=True)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.rows.rowCount() > 0, timeout=20_000)
    yield dialog
    dialog.close()
    background.close()


def heads(dialog: ImportDialog) -> dict[str, str]:
    found = {}
    for column in range(dialog.rows.columnCount()):
        item = dialog.rows.horizontalHeaderItem(column)
        assert item is not None
        name, _, kind = item.text().partition("\n")
        found[name] = kind
    return found


def test_ten_rows_and_the_guessed_roles_are_shown(dialog: ImportDialog) -> None:
    assert dialog.rows.rowCount() == 10
    assert dialog.id_column.currentText() == "sku"
    assert heads(dialog)["tags"] == "category"


def test_a_column_is_corrected(dialog: ImportDialog, qtbot: QtBot) -> None:
    menu = dialog.columns.menu_of("tags")
    assert menu is not None
    next(action for action in menu.actions() if action.text().endswith("/")).trigger()
    qtbot.waitUntil(lambda: "several" in heads(dialog)["tags"], timeout=20_000)
    asked = dialog.asked()
    assert asked is not None
    assert asked[4] == {"tags": "/"}
    menu = dialog.columns.menu_of("shop")
    assert menu is not None
    menu.actions()[0].trigger()  # the id of the items
    asked = dialog.asked()
    assert asked is not None
    assert asked[2] == "shop"


def test_the_letters_are_corrected(dialog: ImportDialog, qtbot: QtBot) -> None:
    wrong = dialog.rows.item(0, list(heads(dialog)).index("shop"))
    assert wrong is not None
    dialog.encoding.setEditText("windows-1252")
    qtbot.waitUntil(
        lambda: any(
            cell is not None and cell.text() == "M\u00fcnchen"
            for cell in (dialog.rows.item(0, column) for column in range(dialog.rows.columnCount()))
        ),
        timeout=20_000,
    )
    asked = dialog.asked()
    assert asked is not None
    assert asked[5] == "windows-1252"
    dialog.encoding.setEditText("no-such-letters")
    qtbot.waitUntil(lambda: "no-such-letters" in dialog.why.text(), timeout=20_000)
    assert not dialog.ok.isEnabled()


def test_the_report_leads_to_each_refused_file(
    source: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    (source / "images" / "broken.jpg").write_bytes(b"nothing")
    parent = QWidget()
    qtbot.addWidget(parent)
    refusals = [Refusal("broken.jpg", "is no picture"), Refusal("table.csv:3", "has no id")]
    dialog = RefusedDialog(refusals, str(source / "images"), parent)
    dialog.open()
    assert dialog.table.file_of(1) is None
    dialog.table.setCurrentCell(0, 0)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert opened == [str(source / "images")]
    dialog.close()
