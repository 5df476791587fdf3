"""The Quality mode in a real window: numbers that lead to items, an estimate to its end, pairs, and the report."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTableWidgetItem, QWidget

from tests.ui.conftest import Driver, Gate
from visualsearch.attributes.duplicates import KINDS
from visualsearch.catalog.decisions import BulkValues
from visualsearch.jobs import JobControl
from visualsearch.ui.quality import pair_list
from visualsearch.ui.quality.estimates import EstimatesPage
from visualsearch.ui.quality.feature import QualityTabs
from visualsearch.workspace import Workspace

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path) -> Path:
    """The drawn products; p003 shows the same file as p000, in another colour by its attribute."""
    folder = Path(shutil.copytree(imported_products, tmp_path / "catalog"))
    with closing(sqlite3.connect(folder / "catalog.sqlite3")) as connection:
        number = {name: item for item, name in connection.execute("SELECT number, id FROM item").fetchall()}
        path, digest = connection.execute(
            "SELECT path, digest FROM image WHERE item = ?", (number["p000"],)
        ).fetchone()
        connection.execute("DELETE FROM image WHERE item = ?", (number["p003"],))
        connection.execute(
            "INSERT INTO image(item, position, path, digest) VALUES (?, 1, ?, ?)",
            (number["p003"], path, digest),
        )
        connection.commit()
    return folder


@pytest.fixture
def tabs(driver: Driver) -> QualityTabs:
    """The mode on screen, by its key."""
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_4, CTRL)
    assert driver.window.modes.current == "quality"
    driver.idle()
    tabs = driver.window.findChild(QualityTabs)
    assert isinstance(tabs, QualityTabs)
    return tabs


def workspace_of(driver: Driver) -> Workspace:
    workspace = driver.window.controller.workspace
    assert workspace is not None
    return workspace


def press(driver: Driver, widget: QWidget, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    driver.qtbot.keyClick(widget, key, modifiers)
    driver.idle()


def click(driver: Driver, widget: QWidget) -> None:
    driver.qtbot.mouseClick(widget, LEFT)
    driver.idle()


# --- the dashboard ------------------------------------------------------------------------------------------


def text(item: QTableWidgetItem | None) -> str:
    assert item is not None
    return item.text().strip()


def cell(tabs: QualityTabs, attribute: str, figure: str) -> tuple[int, int]:
    table = tabs.dashboard.table
    names = [text(table.item(row, 0)) for row in range(table.rowCount())]
    heads = [text(table.horizontalHeaderItem(column)) for column in range(table.columnCount())]
    return names.index(attribute), heads.index(figure)


def figure(tabs: QualityTabs, attribute: str, name: str) -> str:
    return text(tabs.dashboard.table.item(*cell(tabs, attribute, name)))


def clear_colours(driver: Driver, *ids: str) -> None:
    workspace = workspace_of(driver)
    items = np.array([driver.number(one) for one in ids], np.int32)
    applied = workspace.decisions.apply(
        "clear", "clear colours", values=BulkValues(items, "colour", "clear", ())
    )
    driver.window.undoing.note(applied.operation)
    driver.idle()


def test_a_number_leads_to_its_items_by_the_keyboard(driver: Driver, tabs: QualityTabs) -> None:
    assert tabs.page is tabs.dashboard
    assert figure(tabs, "colour", "Filled") == "90"
    assert figure(tabs, "colour", "Missing") == "0"
    clear_colours(driver, "p000", "p001")
    assert figure(tabs, "colour", "Missing") == "2"
    assert figure(tabs, "colour", "Judged") == "2"
    assert "colour: 2 items" in tabs.dashboard.title.text()
    table = tabs.dashboard.table
    table.setFocus()
    table.setCurrentCell(*cell(tabs, "colour", "Missing"))
    press(driver, table, Qt.Key.Key_Return)
    assert driver.window.modes.current == "browse"
    assert set(driver.ids()) == {"p000", "p001"}


def test_a_number_without_a_condition_leads_to_its_items_by_the_mouse(
    driver: Driver, tabs: QualityTabs
) -> None:
    clear_colours(driver, "p004", "p007")
    table = tabs.dashboard.table
    spot = table.visualRect(table.model().index(*cell(tabs, "colour", "Judged"))).center()
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=spot)
    driver.until(lambda: driver.window.modes.current == "browse")
    driver.idle()
    assert set(driver.ids()) == {"p004", "p007"}
    assert len(driver.window.area.chips.chips()) == 1


def test_names_of_attributes_can_be_told_apart_in_the_smallest_window(
    driver: Driver, tabs: QualityTabs
) -> None:
    table = tabs.dashboard.table
    driver.window.resize(1, 1)
    driver.idle()
    assert table.columnWidth(0) >= table.fontMetrics().horizontalAdvance("Verschluss und Knöpfe")


def test_nothing_leads_nowhere(driver: Driver, tabs: QualityTabs) -> None:
    for name in ("Missing", "Suspected", "Attribute", "Over time"):
        row, column = cell(tabs, "colour", name)
        tabs.dashboard.table.opened.emit(row, column)
    driver.idle()
    assert driver.window.modes.current == "quality"


def test_suggestions_and_suspects_are_counted_as_a_job(driver: Driver, tabs: QualityTabs) -> None:
    clear_colours(driver, "p000", "p001")
    assert figure(tabs, "colour", "Suggested") == "–"
    click(driver, tabs.dashboard.count)
    driver.until(lambda: not tabs.dashboard.is_working)
    driver.idle()
    workspace = workspace_of(driver)
    for name, word in (("Suggested", "suggested"), ("Suspected", "suspected")):
        items = workspace.quality.items("colour", word, JobControl())  # type: ignore[arg-type]
        assert figure(tabs, "colour", name) == str(len(items))
    assert tabs.dashboard.count.isEnabled()
    driver.window.undoing.undo()
    driver.until(lambda: figure(tabs, "colour", "Missing") == "0")


# --- estimates ----------------------------------------------------------------------------------------------


def begin(
    driver: Driver, tabs: QualityTabs, half_width: float = 20.0, attribute: str = "colour"
) -> EstimatesPage:
    """An estimate, by the wizard."""
    tabs.setCurrentWidget(tabs.estimates)
    driver.idle()
    page = tabs.estimates
    assert page.stack.currentWidget() is page.empty
    click(driver, page.empty.button)
    wizard = page.wizard
    wizard.attribute.setCurrentIndex(wizard.attribute.findData(attribute))
    wizard.half_width.setValue(half_width)
    driver.idle()
    assert wizard.name.text() == attribute
    driver.qtbot.mouseClick(wizard.begin, LEFT)
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()
    return page


def asked(driver: Driver, page: EstimatesPage) -> str:
    """The id of the item on screen."""
    assert page.judging.moment is not None
    return workspace_of(driver).ids_of(page.judging.moment.upcoming[:1])[0]


def test_an_estimate_by_the_keyboard_from_the_wizard_to_its_end(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs)
    judging = page.judging
    assert "judge about" in page.wizard.said.text()
    assert judging.value.text() in ("red", "blue", "green")
    assert not judging.undo.isEnabled()
    judging.setFocus()
    first = asked(driver, page)
    press(driver, judging, Qt.Key.Key_N)
    assert asked(driver, page) != first
    assert "1 judged, 1 wrong" in judging.needed.text()
    press(driver, judging, Qt.Key.Key_Backspace)
    assert asked(driver, page) == first
    assert "0 judged" in judging.needed.text()
    press(driver, judging, Qt.Key.Key_U)
    assert judging.unsure_said.isVisible()
    for _ in range(40):
        if judging.stack.currentWidget() is judging.finish:
            break
        press(driver, judging, Qt.Key.Key_Y)
    assert judging.finish.title.text() == "Enough: you can stop"
    assert "of 90 items" in judging.finish.text.text()
    press(driver, judging, Qt.Key.Key_Escape)
    assert page.stack.currentWidget() is page.listing
    item = page.list.topLevelItem(0)
    assert item is not None
    assert [item.text(column) for column in (0, 1, 3, 4)] == ["colour", "colour", "30", "enough"]
    running = workspace_of(driver).quality.estimates.running("colour")
    assert (running.interval.judged, running.wrong, running.unsure) == (30, 0, 1)


def test_an_estimate_by_the_mouse_goes_on_later(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs, 10.0)
    click(driver, page.judging.right)
    click(driver, page.judging.wrong)
    click(driver, page.judging.undo)
    click(driver, page.judging.unsure)
    third = asked(driver, page)
    click(driver, page.judging.back)
    driver.window.modes.switch("browse")
    driver.window.modes.switch("quality")
    driver.idle()
    assert page.list.chosen() == "colour"
    click(driver, page.go_on)
    assert page.stack.currentWidget() is page.judging
    assert asked(driver, page) == third
    assert "1 judged, 0 wrong" in page.judging.needed.text()
    click(driver, page.judging.undo)  # the unsure answer from before
    click(driver, page.judging.undo)
    assert "0 judged" in page.judging.needed.text()
    assert not page.judging.undo.isEnabled()


def test_nothing_is_judged_while_an_answer_is_written(driver: Driver, tabs: QualityTabs) -> None:
    """Also where something else brings the page up to date meanwhile."""
    page = begin(driver, tabs)
    page.judging.setFocus()
    gate, listed = Gate(driver), []
    page.list.model().modelReset.connect(lambda: listed.append(1))
    page.list.model().rowsInserted.connect(lambda: listed.append(1))
    driver.qtbot.keyClick(page.judging, Qt.Key.Key_Y)
    page.reload()  # reads the photo at hand, then the list
    driver.until(lambda: bool(listed))
    driver.qtbot.keyClick(page.judging, Qt.Key.Key_N)
    gate.open()
    driver.until(lambda: not driver.window.undoing.is_busy)
    driver.idle()
    assert "1 judged, 0 wrong" in page.judging.needed.text()


def test_another_estimate_goes_on_while_an_answer_is_written(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs)
    click(driver, page.judging.back)
    click(driver, page.new)
    page.wizard.name.setText("second")
    driver.idle()
    driver.qtbot.mouseClick(page.wizard.begin, LEFT)
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()
    gate = Gate(driver)
    driver.qtbot.keyClick(page.judging, Qt.Key.Key_N)
    driver.qtbot.keyClick(
        page.judging, Qt.Key.Key_Backspace
    )  # this answer, wherever one is when it is written
    driver.qtbot.mouseClick(page.judging.back, LEFT)
    page.judge("colour")
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    assert page.judging.moment is not None
    assert page.judging.moment.running.plan.name == "colour"
    driver.qtbot.keyClick(page.judging, Qt.Key.Key_Y)
    gate.open()
    driver.until(lambda: not driver.window.undoing.is_busy)
    driver.idle()
    assert "1 judged, 0 wrong" in page.judging.needed.text()
    estimates = workspace_of(driver).quality.estimates
    assert [estimates.running(name).interval.judged for name in ("colour", "second")] == [1, 0]


def test_ctrl_z_takes_an_answer_back(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs)
    first = asked(driver, page)
    page.judging.setFocus()
    press(driver, page.judging, Qt.Key.Key_Y)
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.idle()
    assert asked(driver, page) == first
    assert not page.judging.undo.isEnabled()


def test_a_wrong_value_is_mended_on_the_way(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs)
    judging, item = page.judging, asked(driver, page)
    judging.setFocus()
    press(driver, judging, Qt.Key.Key_E)
    assert judging.correct.hasFocus()
    driver.qtbot.keyClicks(judging.correct, "many")  # y and n are letters here
    press(driver, judging.correct, Qt.Key.Key_Return)
    assert "No item has" in judging.warning.text()
    assert judging.warning.isVisible()
    assert driver.values(item, "colour") != ("many",)
    press(driver, judging.correct, Qt.Key.Key_Escape)
    assert not judging.warning.isVisible()
    driver.qtbot.keyClicks(judging.correct, "many")
    press(driver, judging.correct, Qt.Key.Key_Return)
    press(driver, judging.correct, Qt.Key.Key_Return)
    assert not judging.warning.isVisible()
    assert driver.values(item, "colour") == ("many",)
    assert "1 judged, 1 wrong" in judging.needed.text()
    assert "Corrected since it was begun: 1." in judging.left_said.text()
    press(driver, judging, Qt.Key.Key_Backspace)
    assert driver.values(item, "colour") != ("many",)


def test_any_number_is_as_good_as_another(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs, attribute="price")
    item = asked(driver, page)
    driver.qtbot.keyClicks(page.judging.correct, "12.5")
    press(driver, page.judging.correct, Qt.Key.Key_Return)
    assert driver.values(item, "price") == (12.5,)


def test_who_writes_the_value_that_the_item_has_says_that_it_is_right(
    driver: Driver, tabs: QualityTabs
) -> None:
    page = begin(driver, tabs)
    judging = page.judging
    driver.qtbot.keyClicks(judging.correct, judging.value.text().upper())
    press(driver, judging.correct, Qt.Key.Key_Return)
    assert "1 judged, 0 wrong" in judging.needed.text()


def test_an_estimate_helped_by_suspicion_begins_as_a_job(driver: Driver, tabs: QualityTabs) -> None:
    tabs.setCurrentWidget(tabs.estimates)
    driver.idle()
    page = tabs.estimates
    click(driver, page.empty.button)
    wizard = page.wizard
    wizard.attribute.setCurrentIndex(wizard.attribute.findData("shape"))
    assert wizard.stratified.isEnabled()
    wizard.stratified.setChecked(True)
    driver.idle()
    driver.qtbot.mouseClick(wizard.begin, LEFT)
    assert page.is_working
    assert not wizard.begin.isEnabled()
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()
    assert workspace_of(driver).quality.estimates.plan("shape").method == "stratified"


def test_all_attributes_together_and_deleting(driver: Driver, tabs: QualityTabs) -> None:
    tabs.setCurrentWidget(tabs.estimates)
    driver.idle()
    page = tabs.estimates
    press(driver, page.empty.button, Qt.Key.Key_Space)
    page.wizard.attribute.setCurrentIndex(0)
    driver.idle()
    assert page.wizard.name.text() == "catalog"
    press(driver, page.wizard.name, Qt.Key.Key_Return)
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()
    assert "shape: " in page.judging.value.text()
    assert not page.judging.correct.isVisible()
    press(driver, page.judging, Qt.Key.Key_Escape)
    page.list.setFocus()
    press(driver, page.list, Qt.Key.Key_Delete)
    assert page.stack.currentWidget() is page.empty
    click(driver, driver.window.banner.button)
    assert page.list.topLevelItemCount() == 1


def test_backspace_takes_back_the_answer_that_is_still_being_written(
    driver: Driver, tabs: QualityTabs
) -> None:
    page = begin(driver, tabs)
    judging = page.judging
    judging.setFocus()
    press(driver, judging, Qt.Key.Key_N)
    driver.qtbot.keyClick(judging, Qt.Key.Key_Y)
    driver.qtbot.keyClick(judging, Qt.Key.Key_Backspace)
    driver.idle()
    driver.until(lambda: "1 judged, 1 wrong" in judging.needed.text())


def test_enter_begins_from_any_field_of_the_wizard(driver: Driver, tabs: QualityTabs) -> None:
    tabs.setCurrentWidget(tabs.estimates)
    driver.idle()
    page = tabs.estimates
    press(driver, page.empty.button, Qt.Key.Key_Return)
    assert page.wizard.attribute.hasFocus()
    press(driver, page.wizard.attribute, Qt.Key.Key_Return)
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()


def test_a_name_that_is_taken_is_no_name(driver: Driver, tabs: QualityTabs) -> None:
    page = begin(driver, tabs)
    click(driver, page.judging.back)
    click(driver, page.new)
    assert page.wizard.name.text() != "colour"  # it is taken
    page.wizard.name.setText("colour")
    page.wizard.name.textEdited.emit("colour")
    assert not page.wizard.begin.isEnabled()


# --- duplicates ---------------------------------------------------------------------------------------------


def look(driver: Driver, tabs: QualityTabs) -> None:
    tabs.setCurrentWidget(tabs.duplicates)
    driver.idle()
    click(driver, tabs.duplicates.empty.button)
    driver.until(lambda: not tabs.duplicates.is_working)
    driver.idle()


def shown(tabs: QualityTabs) -> list[str]:
    return [line.text for line in tabs.duplicates.model.lines]


def test_where_nothing_is_twice_no_other_kind_is_proposed(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    press(driver, page.list, Qt.Key.Key_N)
    assert (shown(tabs), page.nothing.title.text()) == ([], "None of these")
    found = workspace_of(driver).quality.duplicates
    while pairs := [pair for kind in KINDS for pair in found.pairs(kind, JobControl())]:
        for pair in pairs:  # some are of two kinds; answers move the limits, and others come
            found.judge(pair.item, pair.other, "no")
    click(driver, page.kinds.buttons["variant"])
    assert [button.text() for button in page.kinds.buttons.values()] == [
        f"{name} (0)" for name in ("Same file", "Same photo", "Other colour", "Conflicts", "Groups")
    ]
    assert page.nothing.title.text() == "Nothing is here twice"


def test_pairs_are_judged_by_the_keyboard(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    assert shown(tabs) == ["p000 · p003"]
    assert page.list.hasFocus()
    assert page.kinds.buttons["exact"].text() == "Same file (1)"
    assert page.pair.left_id.text() == "p000"
    assert page.pair.rows[0].attribute == "colour"
    assert page.pair.rows[0].conflicts
    press(driver, page.list, Qt.Key.Key_N)
    assert shown(tabs) == []
    press(driver, page.list, Qt.Key.Key_Backspace)
    assert shown(tabs) == ["p000 · p003"]
    press(driver, page.list, Qt.Key.Key_D)
    assert shown(tabs) == ["= p000 · p003"]
    assert page.answers.buttons["duplicate"].isChecked()
    answers = workspace_of(driver).decisions.judgements("duplicate")
    assert list(answers[2]) == ["duplicate"]
    assert (
        page.kinds.learnt.text() == "Your answers teach what a copy is here"
    )  # a pair of one file teaches nothing


def test_of_very_many_pairs_the_first_that_nobody_judged_are_listed(
    driver: Driver, tabs: QualityTabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of a million took two seconds in which the window stood still."""
    monkeypatch.setattr(pair_list, "MOST", 3)
    look(driver, tabs)
    page = tabs.duplicates
    pairs = workspace_of(driver).quality.duplicates.pairs("variant", JobControl())
    assert len(pairs) > 4
    click(driver, page.kinds.buttons["variant"])
    assert len(shown(tabs)) == 3
    assert page.answers.state.text() == f"1 of {len(pairs)}; 0 judged; 3 listed"
    assert page.kinds.buttons["variant"].text() == f"Other colour ({len(pairs)})"
    page.list.setFocus()
    press(driver, page.list, Qt.Key.Key_V)
    assert [text[0] for text in shown(tabs)].count("~") == 1
    assert len(shown(tabs)) == 4
    assert "; 1 judged; 4 listed" in page.answers.state.text()


@pytest.mark.parametrize("kind", ["variant", "groups"])
def test_at_the_end_of_a_long_list_the_next_ones_come(
    driver: Driver, tabs: QualityTabs, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons[kind])
    everything = shown(tabs)
    assert len(everything) > 2
    monkeypatch.setattr(pair_list, "MOST", 2)
    click(driver, page.kinds.buttons[kind])
    listed = 2
    while listed < len(everything):
        assert shown(tabs) == everything[:listed]
        press(driver, page.list, Qt.Key.Key_End)
        assert page.list.currentIndex().row() == listed - 1
        listed = min(listed + 2, len(everything))
    assert shown(tabs) == everything
    press(driver, page.list, Qt.Key.Key_End)
    assert page.answers.state.text().startswith(f"{len(everything)} of {len(everything)}")


def test_a_conflict_is_mended_by_the_mouse(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons["conflict"])
    line = next(place for place, line in enumerate(shown(tabs)) if line.startswith("p000 · p003"))
    page.list.setCurrentIndex(page.model.index(line))
    driver.idle()
    names = [row.attribute for row in page.pair.rows]
    page.pair.values.setCurrentCell(names.index("colour"), 1)
    click(driver, page.pair.to_right)
    assert driver.values("p003", "colour") == ("red",)
    colour = next(row for row in page.pair.rows if row.attribute == "colour")
    assert not colour.conflicts
    click(driver, driver.window.banner.button)
    assert driver.values("p003", "colour") == ("blue",)


def test_what_is_taken_back_is_on_screen_again(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons["conflict"])
    first, second = shown(tabs)[:2]
    press(driver, page.list, Qt.Key.Key_D)
    assert page.list.currentIndex().data() == second
    press(driver, page.list, Qt.Key.Key_Backspace)
    assert page.list.currentIndex().data() == first


def test_backspace_means_the_answer_that_is_still_being_written(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons["variant"])
    press(driver, page.list, Qt.Key.Key_V)
    first = workspace_of(driver).decisions.history(limit=1)[0].label
    driver.qtbot.keyClick(page.list, Qt.Key.Key_V)
    driver.qtbot.keyClick(page.list, Qt.Key.Key_Backspace)
    driver.idle()
    driver.until(lambda: workspace_of(driver).decisions.history(limit=1)[0].kind == "undo")
    standing = [one for one in workspace_of(driver).decisions.history() if one.undone_by is None]
    assert [one.label for one in standing if one.kind == "duplicate"] == [first]


def close_and_open(driver: Driver) -> None:
    """Leave the catalog, whatever is under way, and come back to the mode."""
    folder = workspace_of(driver).path
    driver.window.leave_catalog()
    driver.window.catalogs.open(folder)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    driver.key(Qt.Key.Key_4, CTRL)
    driver.idle()


def test_pairs_can_be_mended_after_the_catalog_was_closed_in_the_middle_of_it(
    driver: Driver, tabs: QualityTabs
) -> None:
    look(driver, tabs)
    page = tabs.duplicates

    def mend() -> None:
        click(driver, page.kinds.buttons["conflict"])
        place = next(place for place, line in enumerate(shown(tabs)) if line.startswith("p000 · p003"))
        page.list.setCurrentIndex(page.model.index(place))
        driver.idle()
        names = [row.attribute for row in page.pair.rows]
        page.pair.values.setCurrentCell(names.index("colour"), 1)
        driver.qtbot.mouseClick(page.pair.to_right, LEFT)

    mend()
    close_and_open(driver)
    standing = [one for one in workspace_of(driver).decisions.history() if one.undone_by is None]
    if standing:  # it had come that far
        workspace_of(driver).decisions.undo(standing[0].number)
    look(driver, tabs)
    mend()
    driver.idle()
    assert driver.values("p003", "colour") == ("red",)


def test_a_group_is_found_by_typing_its_id(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons["groups"])
    last = page.model.lines[-1]
    assert last.group is not None
    wanted = last.ids[last.group.items.index(last.group.keep)]
    driver.qtbot.keyClicks(page.list, wanted)
    assert page.list.currentIndex().row() == len(page.model.lines) - 1


def test_groups_and_the_way_to_browse(driver: Driver, tabs: QualityTabs) -> None:
    look(driver, tabs)
    page = tabs.duplicates
    click(driver, page.kinds.buttons["groups"])
    assert page.shown.currentWidget() is page.group
    ids = set(page.model.lines[0].ids)
    assert len(page.group.thumbs) == len(ids)
    click(driver, page.answers.browse)
    driver.until(lambda: driver.window.modes.current == "browse")
    assert set(driver.ids()) == ids


def test_looking_for_duplicates_can_be_cancelled(driver: Driver, tabs: QualityTabs) -> None:
    tabs.setCurrentWidget(tabs.duplicates)
    driver.idle()
    driver.qtbot.mouseClick(tabs.duplicates.empty.button, LEFT)
    driver.qtbot.mouseClick(tabs.duplicates.working.cancel, LEFT)
    driver.until(lambda: not tabs.duplicates.is_working)
    driver.idle()
    assert tabs.duplicates.empty.button.isEnabled()


# --- the report ---------------------------------------------------------------------------------------------


def test_the_report_is_written_and_opened(
    driver: Driver, tabs: QualityTabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    page = tabs.report
    tabs.setCurrentWidget(page)
    driver.idle()
    assert not page.open_file.isVisible()
    page.write_to(tmp_path / "quality.html")
    driver.until(lambda: page.open_file.isVisible())
    assert "Where each attribute stands" in (tmp_path / "quality.html").read_text("utf-8")
    assert (tmp_path / "quality.csv").exists()
    click(driver, page.open_file)
    click(driver, page.open_folder)
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path / "quality.html", tmp_path]


def test_a_report_that_cannot_be_written_says_so(driver: Driver, tabs: QualityTabs, tmp_path: Path) -> None:
    page = tabs.report
    tabs.setCurrentWidget(page)
    driver.idle()
    page.table.setChecked(False)
    page.write_to(tmp_path / "no folder" / "quality.html")
    driver.until(lambda: driver.window.banner.isVisible())
    assert page.write.isEnabled()
    assert not page.open_file.isVisible()


# --- what cannot be changed, and what is not there ------------------------------------------------------------


def test_a_catalog_that_can_only_be_read_says_so(driver: Driver, tabs: QualityTabs, catalog: Path) -> None:
    begin(driver, tabs)
    with Workspace.open(catalog, read_only=True) as read_only:
        tabs.open(read_only)
        driver.idle()
        assert tabs.estimates.read_only.isVisible()
        assert not tabs.estimates.new.isEnabled()
        assert not tabs.estimates.delete.isEnabled()
        tabs.estimates.judge("colour")
        driver.idle()
        assert not tabs.estimates.judging.right.isEnabled()
        press(driver, tabs.estimates.judging, Qt.Key.Key_Y)
        assert read_only.quality.estimates.running("colour").interval.judged == 0
        look(driver, tabs)
        assert tabs.duplicates.read_only.isVisible()
        assert not tabs.duplicates.answers.buttons["no"].isEnabled()
        assert not tabs.duplicates.pair.to_left.isEnabled()
        press(driver, tabs.duplicates.list, Qt.Key.Key_N)
        assert shown(tabs) == ["p000 · p003"]
        driver.window.modes.switch("browse")
        driver.idle()


def test_many_attributes_with_long_names_leave_the_answers_in_sight(
    driver: Driver, tabs: QualityTabs
) -> None:
    workspace = workspace_of(driver)
    items = np.arange(1, 91, dtype=np.int32)
    for number in range(36):
        name = f"an attribute with a name that is far too long for any table {number:02}"
        change = BulkValues(items, name, "set", ("a value of some length, too",))
        workspace.decisions.apply("set", "many", values=change)
    tabs.dashboard.reload()
    driver.idle()
    table = tabs.dashboard.table
    assert table.rowCount() == 40
    assert table.horizontalScrollBar().maximum() == 0
    tabs.setCurrentWidget(tabs.estimates)
    driver.idle()
    page = tabs.estimates
    click(driver, page.empty.button)
    page.wizard.attribute.setCurrentIndex(0)
    driver.idle()
    driver.qtbot.mouseClick(page.wizard.begin, LEFT)
    driver.until(lambda: page.stack.currentWidget() is page.judging)
    driver.idle()
    for button in (page.judging.right, page.judging.undo, page.judging.back):
        inside = button.rect().translated(button.mapTo(driver.window, button.rect().topLeft()))
        assert driver.window.rect().contains(inside)
    assert driver.window.width() == 1280
