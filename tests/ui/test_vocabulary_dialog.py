"""The vocabulary dialog: rename, merge, allow, delete, import, and taking it back. A real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from visualsearch.ui.vocabulary.ask import AskDialog
from visualsearch.ui.vocabulary.feature import VocabularyEditor

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def feature(driver) -> VocabularyEditor:
    """The dialog open by its key, the colours on screen."""
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_V, CONTROL | SHIFT)
    found = driver.window.findChild(VocabularyEditor)
    driver.until(lambda: found.dialog is not None and found.dialog.attributes.count() == 4)
    found.dialog.choose("colour")
    driver.until(lambda: found.dialog.about.text().startswith("colour"))
    yield found
    driver.idle()
    if found.dialog is not None:
        found.dialog.reject()


def rows(feature: VocabularyEditor) -> dict[str, list[str]]:
    tree = feature.dialog.values
    items = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    return {item.text(0): [item.text(column) for column in (1, 2, 3)] for item in items}


def select(feature: VocabularyEditor, *values: str) -> None:
    tree = feature.dialog.values
    tree.clearSelection()
    for value in values:
        tree.findItems(value, Qt.MatchFlag.MatchExactly)[0].setSelected(True)


def answer(driver, feature: VocabularyEditor, task: str, text: str) -> AskDialog:
    """Press a button of the dialog, type, Enter."""
    driver.qtbot.mouseClick(feature.dialog.tasks[task], LEFT)
    ask = feature.dialog.findChildren(AskDialog)[-1]
    ask.line.setText(text)
    driver.qtbot.keyClick(ask.line, Qt.Key.Key_Return)
    return ask


def test_values_are_listed_with_counts(driver, feature) -> None:
    assert rows(feature) == {"blue": ["30", "", ""], "green": ["30", "", ""], "red": ["30", "", ""]}
    assert not feature.dialog.closed.isChecked()
    assert not feature.dialog.tasks["rename"].isEnabled()


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_value_is_renamed_and_that_is_taken_back(driver, feature, by: str) -> None:
    select(feature, "red")
    answer(driver, feature, "rename", "scarlet")
    driver.until(lambda: rows(feature).get("scarlet") == ["30", "red", ""])
    assert "red is called scarlet now." in feature.dialog.status.text()
    driver.idle()
    if by == "mouse":
        driver.qtbot.mouseClick(feature.dialog.undo, LEFT)
    else:
        feature.dialog.activateWindow()
        driver.until(feature.dialog.isActiveWindow)
        driver.qtbot.keyClick(feature.dialog.values, Qt.Key.Key_Z, CONTROL)
    driver.until(lambda: rows(feature).get("red") == ["30", "", ""])


def test_values_are_merged_and_a_rename_to_another_one_merges_too(driver, feature) -> None:
    select(feature, "red", "green")
    answer(driver, feature, "merge", "warm")
    driver.until(lambda: rows(feature).get("warm") == ["60", "green, red", ""])
    driver.idle()
    select(feature, "blue")
    answer(driver, feature, "rename", "warm")
    driver.until(lambda: rows(feature) == {"warm": ["90", "blue, green, red", ""]})


def test_values_are_allowed_excluded_given_synonyms_and_deleted(driver, feature) -> None:
    answer(driver, feature, "add", "teal")
    driver.until(lambda: rows(feature).get("teal") == ["0", "", ""])
    assert feature.dialog.closed.isChecked()
    driver.idle()
    select(feature, "teal")
    answer(driver, feature, "synonyms", "petrol, sea")
    driver.until(lambda: rows(feature)["teal"] == ["0", "petrol, sea", ""])
    driver.idle()
    select(feature, "red", "green")
    driver.qtbot.mouseClick(feature.dialog.tasks["exclude"], LEFT)
    driver.until(lambda: rows(feature)["red"] == ["30", "", "green"])
    driver.idle()
    select(feature, "red")
    driver.qtbot.mouseClick(feature.dialog.tasks["delete"], LEFT)
    driver.until(lambda: sorted(rows(feature)) == ["blue", "green", "teal"])
    assert rows(feature)["green"] == ["30", "", ""]
    driver.idle()
    driver.qtbot.mouseClick(feature.dialog.undo, LEFT)
    driver.until(lambda: rows(feature).get("red") == ["30", "", "green"])


def test_a_mistake_in_the_scope_is_told_and_nothing_changes(driver, feature) -> None:
    feature.dialog.scope.setText("shape = = disc")
    driver.qtbot.keyClick(feature.dialog.scope, Qt.Key.Key_Return)
    driver.until(lambda: "scope" in feature.dialog.status.text())
    driver.idle()
    feature.dialog.scope.setText("shape=disc")
    driver.qtbot.keyClick(feature.dialog.scope, Qt.Key.Key_Return)
    driver.until(lambda: "rules of colour" in feature.dialog.status.text())
    driver.idle()
    assert driver.window.controller.workspace.vocabulary.rules()["colour"].scope == "shape=disc"


def test_an_attribute_is_made_imported_and_deleted(driver, feature, tmp_path: Path) -> None:
    answer(driver, feature, "new", "sleeve")
    driver.until(lambda: feature.dialog.current() == "sleeve")
    driver.idle()
    file = tmp_path / "words.csv"
    file.write_text("attribute,value,multi\nstyle,loud,true\nstyle,calm,true\n", "utf-8")
    feature.import_file(file)
    driver.until(lambda: len(feature.dialog.attributes.findItems("style", Qt.MatchFlag.MatchExactly)) == 1)
    feature.dialog.choose("style")
    driver.until(lambda: sorted(rows(feature)) == ["calm", "loud"])
    assert feature.dialog.multi.isChecked()
    driver.idle()
    feature.dialog.choose("colour")
    driver.until(lambda: feature.dialog.about.text().startswith("colour"))
    driver.qtbot.mouseClick(feature.dialog.tasks["delete_attribute"], LEFT)
    driver.until(lambda: not feature.dialog.attributes.findItems("colour", Qt.MatchFlag.MatchExactly))
    driver.idle()
    driver.qtbot.mouseClick(feature.dialog.undo, LEFT)
    driver.until(lambda: bool(feature.dialog.attributes.findItems("colour", Qt.MatchFlag.MatchExactly)))
    driver.idle()
    assert driver.window.controller.workspace.vocabulary.values("colour") == {
        "blue": 30,
        "green": 30,
        "red": 30,
    }
