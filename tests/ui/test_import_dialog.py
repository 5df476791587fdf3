"""The import dialog: what was guessed about a table is shown, and corrected before the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.conftest import draw_product
from tests.ui.conftest import Driver
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.jobs import JobControl
from visualsearch.ui.background import Background
from visualsearch.ui.panels.importing import ImportDialog
from visualsearch.ui.panels.sheets import RefusedDialog
from visualsearch.workspace import Workspace


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
    if isValid(dialog):  # an import that was started deletes it
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
    assert (heads(dialog)["tags"], heads(dialog)["sku"]) == ("category", "id")


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


def test_a_type_is_corrected_and_a_column_left_out_by_mouse(dialog: ImportDialog, qtbot: QtBot) -> None:
    def choose(column: str, words: str) -> None:
        header = dialog.rows.horizontalHeader()
        section = list(heads(dialog)).index(column)
        dialog.rows.horizontalScrollBar().setValue(section)
        x = header.sectionViewportPosition(section) + 10
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, header.height() // 2))
        menu = dialog.columns.menu_of(column)
        assert menu is not None
        assert menu.isVisible()
        action = next(one for one in menu.actions() if words in one.text())
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    choose("tags", "Text")
    qtbot.waitUntil(lambda: heads(dialog)["tags"] == "text", timeout=20_000)
    choose("shop", "Leave")
    qtbot.waitUntil(lambda: heads(dialog)["shop"] == "left out", timeout=20_000)
    cell = dialog.rows.item(0, list(heads(dialog)).index("shop"))
    assert cell is not None
    assert not cell.flags() & Qt.ItemFlag.ItemIsEnabled
    asked = dialog.asked()
    assert asked is not None
    assert asked[6:] == ({"tags": "text"}, ("shop",))
    menu = dialog.columns.menu_of("shop")
    assert menu is not None
    assert [one.text() for one in menu.actions() if one.isChecked()] == ["&Leave this column out"]
    choose("shop", "Leave")  # again: it is wanted after all
    qtbot.waitUntil(lambda: heads(dialog)["shop"] == "category", timeout=20_000)
    choose("tags", "As guessed")
    qtbot.waitUntil(lambda: heads(dialog)["tags"] == "category", timeout=20_000)
    emitted: list[tuple[ImportRequest, Path | None, str | None]] = []
    dialog.wanted.connect(lambda *asked: emitted.append(asked))
    qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    ((request, folder, encoder),) = emitted
    assert (request.types, request.skip, encoder) == (None, (), None)
    assert folder == dialog.catalog.path


def test_a_type_is_corrected_and_a_column_left_out_by_keyboard(dialog: ImportDialog, qtbot: QtBot) -> None:
    def choose(column: int, letter: str) -> None:
        dialog.columns.setFocus()
        qtbot.keyClick(dialog.columns, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        for _ in range(column + 1):
            qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Down)
        qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Right)
        qtbot.keyClick(QApplication.activePopupWidget(), letter)

    choose(1, "n")
    qtbot.waitUntil(lambda: heads(dialog)["tags"] == "number", timeout=20_000)
    choose(2, "l")
    qtbot.waitUntil(lambda: heads(dialog)["shop"] == "left out", timeout=20_000)
    qtbot.waitUntil(lambda: dialog.encoder.count() > 2, timeout=20_000)
    dialog.activateWindow()  # as a window system does by itself when a menu closes
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    dialog.encoder.setFocus()
    qtbot.keyClick(dialog.encoder, Qt.Key.Key_Down)
    emitted: list[tuple[ImportRequest, Path | None, str | None]] = []
    dialog.wanted.connect(lambda *asked: emitted.append(asked))
    qtbot.keyClick(dialog, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(emitted))  # the button shows that it was pressed
    ((request, _, encoder),) = emitted
    assert (request.types, request.skip) == ({"tags": "number"}, ("shop",))
    assert encoder == "inception-v3"


def test_a_column_that_becomes_the_id_loses_its_corrections(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.columns.menu_of("shop").actions()[4].trigger()  # type: ignore[union-attr]
    dialog.columns.menu_of("shop").actions()[0].trigger()  # type: ignore[union-attr]
    asked = dialog.asked()
    assert asked is not None
    assert (asked[2], asked[6]) == ("shop", None)


def test_several_columns_of_photos_are_shown_and_added(
    source: Path, dialog: ImportDialog, qtbot: QtBot
) -> None:
    lines = ["sku,Photo 1,Photo 2,back", "a,k0.jpg,k1.jpg,k2.jpg", "b,k3.jpg,,k4.jpg"]
    (source / "several.csv").write_text("\n".join(lines), "utf-8")
    dialog.table.set_path(source / "several.csv")
    qtbot.waitUntil(lambda: dialog.image_column.currentText() == "Photo 1, Photo 2", timeout=20_000)
    assert heads(dialog) | {"Photo 1": "photos", "Photo 2": "photos"} == heads(dialog)
    assert heads(dialog)["back"] != "photos"
    menu = dialog.columns.menu_of("back")
    assert menu is not None
    next(action for action in menu.actions() if "Further" in action.text()).trigger()
    qtbot.waitUntil(lambda: heads(dialog)["back"] == "photos", timeout=20_000)
    asked = dialog.asked()
    assert asked is not None
    assert asked[3] == "Photo 1, Photo 2, back"


def test_what_a_catalog_remembers_is_shown(source: Path, tmp_path: Path, qtbot: QtBot) -> None:
    table = source / "table.csv"
    with Catalog.open(tmp_path / "catalog", create=True) as catalog:
        given = ImportRequest(source / "images", table, types={"tags": "text"}, skip=("shop",))
        import_catalog(catalog, given, JobControl())
    with Workspace.open(tmp_path / "catalog") as workspace:
        background = Background()
        dialog = ImportDialog(background, images=source / "images", table=table, into=workspace)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.rows.rowCount() > 0, timeout=20_000)
        assert (heads(dialog)["tags"], heads(dialog)["shop"]) == ("text", "left out")
        asked = dialog.asked()
        assert asked is not None
        assert asked[6:] == (None, None)  # the catalog remembers it
        menu = dialog.columns.menu_of("shop")
        assert menu is not None
        menu.actions()[-1].trigger()
        qtbot.waitUntil(lambda: heads(dialog)["shop"] == "category", timeout=20_000)
        dialog.close()
        background.close()


def test_a_model_of_ones_own_is_chosen_as_a_file(
    dialog: ImportDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = dialog.encoder
    qtbot.waitUntil(lambda: box.count() > 2, timeout=20_000)
    assert box.encoder is None
    for chosen, encoder in (("", None), ("/models/mine.tflite", "litert:/models/mine.tflite")):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, chosen=chosen: (chosen, ""))
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_End)
        assert box.encoder == encoder
    assert box.currentText() == "mine.tflite"


def test_the_import_uses_the_encoder_that_was_chosen(
    driver: Driver, drawn_products: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "mine.tflite"
    model.write_bytes(b"no model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(model), ""))
    driver.window.actions_["import"].trigger()
    dialog = driver.window.findChild(ImportDialog)
    assert dialog is not None
    dialog.images.set_path(drawn_products)
    dialog.table.set_path(drawn_products / "products.csv")
    driver.until(lambda: dialog.encoder.count() > 2 and dialog.rows.rowCount() > 0)
    assert dialog.encoder.currentText() == "As until now"
    driver.qtbot.keyClick(dialog.encoder, Qt.Key.Key_End)
    ended: list[tuple[object, BaseException | None]] = []
    driver.window.catalogs.imported.connect(lambda *found: ended.append(found))
    driver.qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: bool(ended))
    assert "mine.tflite" in str(ended[0][1])  # refused before anything was changed
    driver.idle()
    assert driver.total == 90


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


def test_who_would_lose_all_photos_has_to_say_that_this_is_meant(
    source: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    with Catalog.open(tmp_path / "catalog", create=True) as catalog:
        import_catalog(catalog, ImportRequest(source / "images"), JobControl())
    other = tmp_path / "other"
    other.mkdir()
    draw_product("disc", "red", 1).save(other / "none of them.jpg")
    with Workspace.open(tmp_path / "catalog") as workspace:
        background = Background()
        dialog = ImportDialog(background, images=other, into=workspace)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.replace.isVisible(), timeout=20_000)
        assert "all items would be gone" in dialog.problems.text()
        assert not dialog.ok.isEnabled()
        qtbot.mouseClick(
            dialog.replace, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.replace.height() // 2)
        )
        assert dialog.ok.isEnabled()
        dialog.images.set_path(source / "images")
        qtbot.waitUntil(lambda: dialog.replace.isHidden() and dialog.ok.isEnabled(), timeout=20_000)
        assert not dialog.replace.isChecked(), "what was meant of one folder is not of another"
        dialog.images.set_path(other)
        qtbot.waitUntil(lambda: dialog.replace.isVisible(), timeout=20_000)
        dialog.replace.setChecked(True)
        wanted: list[ImportRequest] = []
        dialog.wanted.connect(lambda request, folder, encoder: wanted.append(request))
        dialog.ok.click()
        assert [(request.images, request.replace) for request in wanted] == [(other, True)]
        background.close()
