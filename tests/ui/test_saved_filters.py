"""Saving a filter, combining it, and taking that back: a real window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.ui.conftest import Gate
from visualsearch.catalog.decisions import Document
from visualsearch.jobs import JobControl
from visualsearch.ui.saved_filters.dialogs import NameDialog
from visualsearch.ui.saved_filters.feature import SavedFilters
from visualsearch.ui.saved_filters.panel import Line

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def feature(driver) -> SavedFilters:
    return driver.window.findChild(SavedFilters)


def save(driver, feature: SavedFilters, name: str) -> None:
    """As by Ctrl+S, the name and Enter."""
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_S, CONTROL)
    dialog = driver.window.findChild(NameDialog)
    assert dialog is not None
    dialog.name.setText(name)
    driver.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    driver.until(lambda: name in feature.panel.names())
    driver.until(lambda: bool(counts(feature)[name]))
    driver.idle()


def counts(feature: SavedFilters) -> dict[str, str]:
    tree = feature.panel.list
    return {
        item.text(0): item.text(1)
        for item in (tree.topLevelItem(place) for place in range(tree.topLevelItemCount()))
        if item is not None
    }


@pytest.fixture
def saved(driver, feature: SavedFilters) -> set[str]:
    """Discs saved as "discs"; the ids that are in it."""
    for item_id in ("p000", "p009", "p018"):
        driver.click_sign(item_id, 1)
    shown = set(driver.ids()) | {"p000", "p009", "p018"}
    save(driver, feature, "discs")
    return shown


def test_a_filter_is_saved_and_its_count_shown(driver, feature, saved) -> None:
    assert counts(feature) == {"discs": str(len(saved))}
    assert feature.dock.isVisible()
    assert "“discs” is saved" in driver.window.banner.message.text()


def test_enter_in_the_list_keeps_only_what_is_in_it(driver, feature, saved) -> None:
    driver.window.commands.clear()
    driver.settle()
    feature.panel.list.setFocus()
    feature.panel.list.setCurrentItem(feature.panel.list.topLevelItem(0))
    driver.qtbot.keyClick(feature.panel.list, Qt.Key.Key_Return)
    assert set(driver.ids()) == saved
    feature.narrow("discs", leave_out=True)
    assert driver.total == 0
    driver.window.controller.back()
    driver.window.controller.back()
    feature.narrow("discs", leave_out=True)
    assert set(driver.ids()) == {f"p{number:03d}" for number in range(90)} - saved


def spot(feature: SavedFilters, row: int) -> QPoint:
    item = feature.panel.list.topLevelItem(row)
    assert item is not None
    return feature.panel.list.visualItemRect(item).center()


def test_one_click_shows_a_filter_and_the_next_click_another(driver, feature, saved) -> None:
    driver.window.commands.clear()
    driver.settle()
    for item_id in ("p001", "p010", "p019"):
        driver.click_sign(item_id, 1)
    feature.save().chosen.emit("boxes", True)
    driver.until(lambda: feature.panel.names() == ["boxes", "discs"])
    driver.idle()
    driver.window.commands.clear()
    driver.settle()
    viewport, left = feature.panel.list.viewport(), Qt.MouseButton.LeftButton
    driver.qtbot.mouseClick(viewport, left, pos=spot(feature, 1))
    assert set(driver.ids()) == saved
    steps = len(driver.window.controller.past[0])
    driver.qtbot.mouseDClick(viewport, left, pos=spot(feature, 1))
    assert len(driver.window.controller.past[0]) == steps
    driver.qtbot.mouseClick(viewport, left, pos=spot(feature, 0))
    assert driver.window.controller.query.where == ("visual:boxes",)
    driver.qtbot.mouseClick(viewport, left, CONTROL, spot(feature, 1))
    assert driver.window.controller.query.where == ("visual:boxes", "visual:discs")
    driver.idle()


def test_one_action_opens_the_list_and_gives_it_the_keyboard(driver, feature, saved) -> None:
    action = driver.window.actions_["saved_filters"]
    action.setChecked(False)
    action.trigger()
    assert feature.dock.isVisible()
    assert driver.window.focusWidget() is feature.panel.list


def test_delete_is_undone_by_the_button_of_the_message(driver, feature, saved) -> None:
    feature.panel.list.setFocus()
    feature.panel.list.setCurrentItem(feature.panel.list.topLevelItem(0))
    driver.qtbot.keyClick(feature.panel.list, Qt.Key.Key_Delete)
    driver.until(lambda: feature.panel.names() == [])
    driver.until(lambda: driver.window.banner.isVisible())
    driver.qtbot.mouseClick(driver.window.banner.button, Qt.MouseButton.LeftButton)
    driver.until(lambda: feature.panel.names() == ["discs"])
    driver.idle()


@pytest.mark.usefixtures("saved")
def test_an_undo_that_comes_at_once_is_about_the_filter_that_is_being_deleted(driver, feature) -> None:
    gate, taken = Gate(driver), []
    driver.window.undoing.taken_back.connect(taken.append)
    feature.delete("discs")
    driver.window.actions_["undo"].trigger()
    gate.open()
    driver.until(lambda: bool(taken) and not driver.window.undoing.is_busy)
    driver.idle()
    assert feature.panel.names() == ["discs"]


def rename(driver, feature, old: str, new: str) -> None:
    dialog = feature.rename(old)
    dialog.name.setText(new)
    driver.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    driver.until(lambda: feature.panel.names() == [new])
    driver.idle()


def test_renaming_takes_the_conditions_of_the_search_along(driver, feature, saved) -> None:
    driver.window.commands.clear()
    feature.narrow("discs")
    driver.settle()
    rename(driver, feature, "discs", "round things")
    assert driver.window.controller.query.where == ('visual:"round things"',)
    assert set(driver.ids()) == saved


def test_renaming_takes_along_what_was_typed_of_it(driver, feature, saved) -> None:
    driver.window.commands.clear()
    driver.window.controller.edit(lambda query: replace(query, where=("not (visual:discs and colour=red)",)))
    driver.settle()
    rename(driver, feature, "discs", "round things")
    assert driver.window.controller.query.where == ('not (visual:"round things" and colour=red)',)
    assert driver.total > 0


def test_a_filter_that_is_renamed_to_a_name_that_is_taken_replaces_that_one(driver, feature, saved) -> None:
    dialog = feature.save()
    assert dialog is not None
    dialog.name.setText("others")
    driver.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    driver.until(lambda: set(feature.panel.names()) == {"discs", "others"})
    driver.idle()
    rename(driver, feature, "discs", "others")
    driver.window.actions_["undo"].trigger()
    driver.until(lambda: set(feature.panel.names()) == {"discs", "others"})
    driver.idle()


def test_the_examples_come_back_into_the_tray(driver, feature, saved) -> None:
    driver.window.commands.clear()
    driver.settle()
    feature.open("discs")
    driver.until(lambda: len(driver.window.tray.positive.thumbs()) == 3)
    assert set(driver.ids()) == saved - {"p000", "p009", "p018"}


def test_a_filter_goes_through_a_file(driver, feature, saved, tmp_path: Path) -> None:
    file = tmp_path / "discs.json"
    feature.write_file("discs", file)
    driver.until(file.exists)
    assert json.loads(file.read_text("utf-8"))
    feature.delete("discs")
    driver.until(lambda: feature.panel.names() == [])
    feature.read_file(file)
    driver.until(lambda: counts(feature) == {"discs": str(len(saved))})
    driver.idle()


def test_a_filter_of_a_name_that_is_taken_is_imported_under_another_or_replaces_it(
    driver, feature, saved, tmp_path: Path
) -> None:
    file = tmp_path / "discs.json"
    feature.write_file("discs", file)
    driver.until(file.exists)

    def asked(name: str) -> NameDialog:
        feature.read_file(file)
        driver.until(lambda: driver.window.findChild(NameDialog) is not None)
        dialog = driver.window.findChild(NameDialog)
        assert dialog is not None
        assert dialog.replaces
        dialog.name.setText(name)
        driver.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
        driver.until(lambda: driver.window.findChild(NameDialog) is None)
        driver.idle()
        return dialog

    asked("more discs")
    driver.until(lambda: counts(feature) == {"discs": str(len(saved)), "more discs": str(len(saved))})
    asked("discs")
    assert "“discs” is imported" in driver.window.banner.message.text()
    assert feature.panel.names() == ["discs", "more discs"]


def test_a_file_that_is_no_filter_says_so(driver, feature, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text("[1, 2]", "utf-8")
    feature.read_file(file)
    driver.until(lambda: driver.window.banner.isVisible())
    assert feature.panel.names() == []


def test_without_examples_there_is_nothing_to_save(driver, feature) -> None:
    assert not driver.window.actions_["save_filter"].isEnabled()
    assert feature.save() is None
    driver.click_sign("p000", 1)
    assert driver.window.actions_["save_filter"].isEnabled()


@pytest.fixture
def unseen(driver, saved) -> set[str]:
    """The ids in "discs", all of them new."""
    workspace = driver.window.controller.workspace
    body = workspace.decisions.document("filter", "discs")
    body["here"]["seen"] = 0
    workspace.decisions.apply("filter", "as it was before", documents=[Document("filter", "discs", body)])
    return saved


def test_what_was_shown_is_marked_as_seen_in_its_turn(driver, feature, unseen) -> None:
    """Out of turn it could bring back a filter that is being deleted."""
    workspace = driver.window.controller.workspace
    gate = Gate(driver)
    feature.show_new("discs")
    driver.until(lambda: driver.total == len(unseen))
    new = workspace.filters.state("discs", JobControl()).new
    gate.open()
    assert new == len(unseen)
    driver.until(lambda: not workspace.filters.state("discs", JobControl()).new)
    driver.idle()


def test_all_that_is_new_is_shown_part_by_part(driver, feature, unseen, monkeypatch) -> None:
    """Nothing counts as seen that was not shown."""
    most = len(unseen) - 1
    monkeypatch.setattr("visualsearch.ui.saved_filters.feature._MOST_NEW", most)
    workspace = driver.window.controller.workspace
    message = driver.window.banner.message
    feature.show_new("discs")
    driver.until(lambda: driver.window.banner.isVisible() and "came first" in message.text())
    assert f"{len(unseen)} photos are new" in message.text()
    driver.settle()
    shown = set(driver.ids())
    assert len(shown) == most
    assert shown < unseen
    driver.idle()
    assert workspace.filters.state("discs", JobControl()).new == 1
    feature.show_new("discs")
    driver.until(lambda: driver.total == 1)
    driver.settle()
    assert set(driver.ids()) == unseen - shown
    driver.idle()
    assert workspace.filters.state("discs", JobControl()).new == 0


def test_nothing_new_is_said(driver, feature, saved) -> None:
    feature.show_new("discs")
    driver.until(lambda: "Nothing new" in driver.window.banner.message.text())
    driver.idle()


def test_why_a_filter_is_amber_is_read_below_the_list(driver, feature) -> None:
    panel = feature.panel
    feature.show_panel()
    panel.show_lines([Line("good", 3), Line("odd", 5, reason="The scores have drifted.")])
    assert not panel.note.isVisible()
    panel.list.setFocus()
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    driver.qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.note.isVisible()
    assert panel.note.text() == "The scores have drifted."
    panel.show_lines([Line("odd", 5)])
    assert not panel.note.isVisible()


def test_what_else_narrows_is_saved_along_unless_it_is_unticked(driver, feature) -> None:
    driver.click_sign("p000", 1)
    driver.window.facets.left_out.emit("colour", "blue", True)
    driver.settle()
    save(driver, feature, "not blue")
    driver.window.commands.clear()
    feature.narrow("not blue")
    blue = {f"p{number:03d}" for number in range(90) if number // 3 % 3 == 1}
    assert set(driver.ids())
    assert not set(driver.ids()) & blue
