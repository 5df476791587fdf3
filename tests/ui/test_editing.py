"""Editing attributes in the inspector, for a selection and by number keys: a real window, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from visualsearch.catalog.decisions import ValueChange
from visualsearch.ui.editing.feature import Editing
from visualsearch.ui.editing.keys import KeysDialog
from visualsearch.ui.editing.set_dialog import SetDialog
from visualsearch.ui.editing.value_field import Token, ValueField
from visualsearch.ui.panels.attribute_rows import AttributeRow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def feature(driver) -> Editing:
    return driver.window.findChild(Editing)


def look_at(driver, item_id: str) -> None:
    """As by a click on the tile."""
    driver.qtbot.mouseClick(driver.window.area.gallery.viewport(), LEFT, pos=driver.tile(item_id))
    driver.until(lambda: driver.window.inspector.title.text() == item_id)
    driver.idle()


def row(driver, name: str):
    found = driver.window.inspector.attributes.row(name)
    assert found is not None
    return found


def editor(driver, name: str) -> ValueField:
    driver.until(lambda: isinstance(row(driver, name).editor, ValueField))
    return row(driver, name).editor


def to_front(driver) -> None:
    """Offscreen, a dialog or a list of completions leaves no window active."""
    driver.window.activateWindow()
    driver.until(driver.window.isActiveWindow)


def undo(driver) -> None:
    to_front(driver)
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_Z, CONTROL)
    driver.until(lambda: not driver.window.undoing.is_busy)
    driver.idle()


def test_rows_are_made_before_an_item_is_chosen(driver) -> None:
    """Nine rows made at once were two dropped frames when the first item was chosen."""
    rows = driver.window.inspector.attributes
    driver.until(lambda: len(rows.findChildren(AttributeRow)) >= 12)
    made = set(rows.findChildren(AttributeRow))
    assert not any(each.isVisible() for each in made)
    look_at(driver, "p000")
    assert rows.rows()
    assert set(rows.findChildren(AttributeRow)) == made


def test_the_pencil_opens_a_field_and_enter_saves(driver, feature) -> None:
    look_at(driver, "p000")
    shape = row(driver, "shape")
    driver.window.inspector.scroll_area.ensureWidgetVisible(shape)
    shape.setFocus()
    driver.qtbot.mouseClick(shape.pencil, LEFT)
    field = editor(driver, "shape")
    assert field.line.text() == "disc"
    field.line.clear()
    driver.qtbot.keyClicks(field.line, "ring")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(lambda: row(driver, "shape").values == ("ring",))
    driver.idle()
    assert driver.values("p000", "shape") == ("ring",)
    driver.until(lambda: row(driver, "shape").origin.text().startswith("set by"))
    assert "Set shape to ring for p000" in row(driver, "shape").toolTip()
    assert row(driver, "colour").toolTip() == "From the import"
    assert driver.window.actions_["undo"].text().endswith("Set shape to ring for p000")
    undo(driver)
    driver.until(lambda: row(driver, "shape").values == ("disc",))
    assert row(driver, "shape").origin.text() == ""


def test_e_edits_the_photo_with_the_focus_and_leads_back_to_the_grid(driver, feature) -> None:
    look_at(driver, "p000")
    row(driver, "colour").setFocus()
    driver.key(Qt.Key.Key_F2)
    field = editor(driver, "colour")
    driver.qtbot.keyClicks(field.line, "teal")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(lambda: row(driver, "colour").values == ("teal",))
    driver.idle()
    gallery = driver.window.area.gallery
    gallery.setFocus()
    driver.key(Qt.Key.Key_Right)
    driver.until(lambda: driver.window.inspector.title.text() != "p000")
    item_id = driver.window.inspector.title.text()
    driver.key(Qt.Key.Key_E)
    field = editor(driver, "colour")  # the attribute edited last
    assert "teal" in [field.line.completer().model().index(0, 0).data()], "the recent value comes first"
    driver.qtbot.keyClicks(field.line, "pink")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(lambda: driver.values(item_id, "colour") == ("pink",))
    driver.until(gallery.hasFocus)
    driver.idle()


def test_escape_and_clear(driver, feature) -> None:
    look_at(driver, "p000")
    feature.edit("colour")
    field = editor(driver, "colour")
    driver.qtbot.keyClicks(field.line, "teal")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Escape)
    assert row(driver, "colour").editor is None
    assert driver.values("p000", "colour") == ("red",)
    feature.edit("colour")
    driver.qtbot.mouseClick(editor(driver, "colour").clear, LEFT)
    driver.until(lambda: driver.values("p000", "colour") == ())
    driver.until(lambda: row(driver, "colour").origin.text().startswith("cleared by"))
    driver.idle()


def test_what_is_no_number_is_told_below_the_field(driver, feature) -> None:
    look_at(driver, "p000")
    feature.edit("price")
    field = editor(driver, "price")
    driver.qtbot.keyClicks(field.line, "cheap")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(field.error.isVisible)
    assert "not a number" in field.error.text()
    assert row(driver, "price").editor is field
    field.line.selectAll()
    driver.qtbot.keyClicks(field.line, "7.5")
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(lambda: driver.values("p000", "price") == (7.5,))
    driver.idle()


def test_an_attribute_is_added_and_holds_several_values(driver, feature) -> None:
    driver.window.controller.workspace.vocabulary.change("style", {"multi": True})
    look_at(driver, "p000")
    driver.qtbot.mouseClick(driver.window.inspector.attributes.add, LEFT)
    asked = driver.window.focusWidget()
    assert isinstance(asked, QLineEdit)
    driver.qtbot.keyClicks(asked, "style")
    driver.qtbot.keyClick(asked, Qt.Key.Key_Return)
    field = editor(driver, "style")
    for value in ("casual", "loud"):
        driver.qtbot.keyClicks(field.line, value)
        driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert field.tokens() == ["casual", "loud"]
    driver.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    driver.until(lambda: driver.values("p000", "style") == ("casual", "loud"))
    driver.until(lambda: "style" in [name for name, _ in driver.window.attributes])
    driver.idle()
    feature.edit("style")
    field = editor(driver, "style")
    driver.qtbot.mouseClick(field.findChildren(Token)[0], LEFT)
    driver.qtbot.mouseClick(field.save, LEFT)
    driver.until(lambda: driver.values("p000", "style") == ("loud",))
    driver.idle()


def select(driver, *item_ids: str) -> None:
    to_front(driver)
    driver.select(*item_ids)


def open_dialog(driver) -> SetDialog:
    to_front(driver)
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_T, CONTROL)
    dialog = driver.window.findChild(SetDialog)
    assert dialog is not None
    driver.idle()
    return dialog


def choose(dialog: SetDialog, driver, attribute: str) -> None:
    dialog.attribute.setCurrentText(attribute)
    driver.until(lambda: not dialog._typing.isActive())
    driver.idle()


def test_a_selection_is_set_with_counts_as_one_step(driver, feature) -> None:
    select(driver, "p000", "p001", "p003")
    dialog = open_dialog(driver)
    choose(dialog, driver, "colour")
    driver.qtbot.keyClicks(dialog.value.line, "red")
    assert dialog.counts.text() == "3 items · red: 2 · another value: 1 (blue)"
    driver.qtbot.keyClicks(dialog.value.line, "d")
    assert dialog.counts.text().endswith(" · new value: redd"), "it may be a slip of the hand"
    driver.qtbot.keyClick(dialog.value.line, Qt.Key.Key_Backspace)
    driver.qtbot.keyClick(dialog.value.line, Qt.Key.Key_Return)
    driver.until(lambda: driver.values("p003", "colour") == ("red",))
    driver.until(lambda: "Set colour to red for 3 items" in driver.window.banner.message.text())
    driver.idle()
    undo(driver)
    assert driver.values("p003", "colour") == ("blue",)


def test_of_texts_it_is_said_how_many_there_are(driver) -> None:
    workspace = driver.window.controller.workspace
    workspace.vocabulary.change("note", {"type": "text"})
    notes = [ValueChange(driver.number(item_id), "note", (f"of {item_id}",)) for item_id in ("p000", "p001")]
    workspace.decisions.apply("set", "notes", values=notes)
    select(driver, "p000", "p001")
    dialog = open_dialog(driver)
    choose(dialog, driver, "note")
    assert dialog.counts.text() == "2 items · with a text: 2"
    dialog.reject()
    driver.idle()


def test_all_that_is_shown_is_cleared_by_mouse(driver, feature) -> None:
    dialog = open_dialog(driver)
    assert dialog.whom.currentText() == "all 90 photos that are shown"
    choose(dialog, driver, "colour")
    driver.qtbot.mouseClick(dialog.modes["clear"], LEFT)
    assert not dialog.value.isEnabled()
    driver.qtbot.mouseClick(dialog.ok, LEFT)
    driver.until(lambda: driver.values("p003", "colour") == ())
    driver.idle()
    undo(driver)
    assert driver.values("p003", "colour") == ("blue",)


def test_a_new_attribute_may_have_several_values_added_and_removed(driver, feature) -> None:
    select(driver, "p000", "p001")
    dialog = open_dialog(driver)
    choose(dialog, driver, "style")
    assert not dialog.modes["add"].isEnabled()
    driver.qtbot.mouseClick(
        dialog.several, LEFT, pos=dialog.several.rect().center() - dialog.several.rect().center() / 1.1
    )
    assert dialog.several.isChecked()
    for value in ("casual", "loud"):
        driver.qtbot.keyClicks(dialog.value.line, value)
        driver.qtbot.keyClick(dialog.value.line, Qt.Key.Key_Return)
        driver.idle()
        assert driver.values("p001", "style") == ()  # the first Enter adds what is typed, no more
    driver.qtbot.keyClick(dialog.value.line, Qt.Key.Key_Return)
    driver.until(lambda: driver.values("p001", "style") == ("casual", "loud"))
    driver.idle()
    dialog = open_dialog(driver)
    choose(dialog, driver, "style")
    dialog.modes["remove"].setChecked(True)
    driver.qtbot.keyClicks(dialog.value.line, "casual")
    driver.qtbot.mouseClick(dialog.ok, LEFT)
    driver.until(lambda: driver.values("p001", "style") == ("loud",))
    driver.idle()


def test_number_keys_give_values_after_a_restart_too(
    driver, feature, make_window: Callable, catalog: Path
) -> None:
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_K, CONTROL | SHIFT)
    driver.until(lambda: driver.window.findChild(KeysDialog) is not None)
    dialog = driver.window.findChild(KeysDialog)
    for digit, value in (("1", "teal"), ("2", "blue")):
        attribute, line = dialog.rows[digit]
        attribute.setCurrentText("colour")
        line.clear()
        driver.qtbot.keyClicks(line, value)
    driver.qtbot.mouseClick(dialog.save, LEFT)
    driver.until(lambda: sorted(feature.keys) == ["1", "2"])
    driver.idle()
    assert feature.strip.isVisible()
    select(driver, "p000", "p003")
    driver.key(Qt.Key.Key_1)
    driver.until(lambda: driver.values("p003", "colour") == ("teal",))
    driver.idle()
    select(driver, "p001")
    button = feature.strip.widgetForAction(driver.window.actions_["key_2"])
    driver.qtbot.mouseClick(button, LEFT)
    driver.until(
        lambda: (
            "Nothing had to be changed" in driver.window.banner.message.text()
            or driver.values("p001", "colour") == ("blue",)
        )
    )
    driver.idle()
    driver.window.close()
    again = make_window()
    again.window.catalogs.open(catalog)
    again.until(lambda: again.window.controller.results is not None)
    again.until(lambda: sorted(again.window.findChild(Editing).keys) == ["1", "2"])
    again.idle()
    select(again, "p002")
    again.key(Qt.Key.Key_1)
    again.until(lambda: again.values("p002", "colour") == ("teal",))
    again.idle()


def test_digits_can_still_be_typed(driver, feature) -> None:
    driver.window.controller.workspace.vocabulary.change("colour", {"keys": {"1": "teal"}})
    feature._read_keys()
    driver.until(lambda: "1" in feature.keys)
    driver.window.bar.text.setFocus()
    driver.key(Qt.Key.Key_1)
    assert driver.window.bar.text.text() == "1"
    driver.idle()
