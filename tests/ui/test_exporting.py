"""The export dialog: by keyboard and by mouse, to a file that is there in the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QFileDialog

from visualsearch.catalog.decisions import ValueChange
from visualsearch.ui import edits
from visualsearch.ui.exporting.dialog import ExportDialog
from visualsearch.ui.exporting.feature import Exporting


def opened(driver) -> ExportDialog:
    """The dialog, opened by its key."""
    feature = driver.window.findChild(Exporting)
    driver.window.activateWindow()
    driver.until(driver.window.isActiveWindow)
    driver.key(Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    driver.until(lambda: feature.dialog is not None)
    return feature.dialog


def pick(box, data: str) -> None:
    box.setCurrentIndex(box.findData(data))


def exported(driver, dialog: ExportDialog, file: Path) -> str:
    """Press Export, wait for the job; what the banner says."""
    banner = driver.window.banner
    banner.hide()
    driver.qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: file.exists() and banner.isVisible())
    return banner.message.text()


def test_everything_is_exported_by_keyboard_alone(driver, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    dialog = opened(driver)
    dialog.file.setFocus()
    dialog.file.selectAll()
    driver.qtbot.keyClicks(dialog.file, str(file))
    driver.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
    driver.until(lambda: file.exists() and driver.window.banner.isVisible())
    assert "Items in all.csv: 90" in driver.window.banner.message.text()
    assert len(file.read_text("utf-8").splitlines()) == 91
    assert driver.window.findChild(Exporting).dialog is None
    dialog = opened(driver)
    file.write_text("mine", "utf-8")
    dialog.file.setText(str(file))
    driver.qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: "is there already" in dialog.said.text())
    assert file.read_text("utf-8") == "mine"
    exported(driver, dialog, file)
    assert file.read_text("utf-8") != "mine"


def test_what_is_shown_and_what_is_selected(driver, tmp_path: Path) -> None:
    driver.window.controller.edit(lambda query: edits.add_condition(query, "shape=disc"))
    driver.idle()
    driver.select("p000", "p003")
    dialog = opened(driver)
    assert [dialog.what.itemData(at) for at in range(dialog.what.count())] == [
        "all",
        "shown",
        "selected",
        "changed",
    ]
    assert "30" in dialog.what.itemText(1)
    pick(dialog.what, "shown")
    pick(dialog.format, "jsonl")
    assert dialog.file.text().endswith("catalog.jsonl")
    dialog.file.setText(str(tmp_path / "shown.jsonl"))
    assert "shown.jsonl: 30" in exported(driver, dialog, tmp_path / "shown.jsonl")
    dialog = opened(driver)
    pick(dialog.what, "selected")
    dialog.file.setText(str(tmp_path / "selected.csv"))
    exported(driver, dialog, tmp_path / "selected.csv")
    assert [line[:4] for line in (tmp_path / "selected.csv").read_text("utf-8").splitlines()[1:]] == [
        "p000",
        "p003",
    ]


def test_only_what_was_changed_since(driver, tmp_path: Path) -> None:
    workspace = driver.window.controller.workspace
    for actor, id in (("Anna", "p001"), ("Bert", "p002")):
        change = ValueChange(driver.number(id), "colour", ("pink",))
        workspace.decisions.apply("set", "Colour", values=[change], actor=actor)
    dialog = opened(driver)
    pick(dialog.what, "changed")
    assert not dialog.ok.isEnabled()
    assert "Nothing was exported in this format yet" in dialog.said.text()
    pick(dialog.since, "day")
    assert dialog.day.isVisible()
    dialog.day.setDate(QDate.currentDate().addDays(-2))
    pick(dialog.by, "Anna")
    pick(dialog.format, "solr")
    file = tmp_path / "changes.solr.json"
    dialog.file.setText(str(file))
    exported(driver, dialog, file)
    assert json.loads(file.read_text("utf-8")) == [{"id": "p001", "colour": {"set": "pink"}}]


def test_since_the_last_export_and_mistakes(driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(driver)
    dialog.file.setText(str(tmp_path / "none" / "a.csv"))
    driver.qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    driver.until(lambda: "cannot be written" in dialog.said.text())
    answer = (str(tmp_path / "a.shopify.csv"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    driver.qtbot.mouseClick(dialog.choose, Qt.MouseButton.LeftButton)
    pick(dialog.format, "shopify")
    assert dialog.image_url.isVisible()
    dialog.image_url.setText("https://cdn.example")
    text = exported(driver, dialog, tmp_path / "a.shopify.csv")
    assert "--" not in text
    assert "https://cdn.example/images/p000.jpg" in (tmp_path / "a.shopify.csv").read_text("utf-8")
    dialog = opened(driver)
    pick(dialog.format, "shopify")
    pick(dialog.what, "changed")
    assert dialog.ok.isEnabled()
    assert "a.shopify.csv" in dialog.said.text()
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    driver.until(lambda: driver.window.findChild(Exporting).dialog is None)


def test_without_a_catalog_there_is_nothing_to_export(empty) -> None:
    assert not empty.window.actions_["export"].isEnabled()
    empty.window.findChild(Exporting).show()
    assert empty.window.findChild(Exporting).dialog is None
