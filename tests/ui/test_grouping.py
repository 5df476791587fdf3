"""Groups and identical photos in the real window, by mouse and by keyboard."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from visualsearch.catalog.decisions import ValueChange
from visualsearch.catalog.importing import ImportRequest
from visualsearch.filters.query import Sort
from visualsearch.jobs import JobControl
from visualsearch.ui import edits
from visualsearch.ui.edits import START
from visualsearch.workspace import Workspace

LEFT = Qt.MouseButton.LeftButton
CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def grouped(driver):
    """The window with its features, grouped by shape with the list in the bar."""
    driver.window.features.install_all()
    choice = driver.window.grouping.choice
    choice.setFocus()
    choice.setCurrentIndex(choice.findData("shape"))
    choice.activated.emit(choice.currentIndex())
    driver.until(lambda: driver.window.area.model.sections is not None)
    driver.idle()
    return driver


def names(driver) -> list[str]:
    return driver.window.area.model.sections.names


def press_header(driver, group: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    gallery = driver.window.area.gallery
    spot = QPoint(60, gallery.grid.header_top(group, gallery.scroll_y) + 5)
    driver.qtbot.mouseClick(gallery.viewport(), LEFT, modifiers, spot)
    driver.idle()


def test_groups_hold_what_belongs_to_them(grouped):
    assert names(grouped) == ["box", "cross", "disc"]
    model = grouped.window.area.model
    assert model.total == 90
    assert model.sections.counts.tolist() == [30, 30, 30]
    discs = grouped.ids()[60:]
    assert all(int(item_id[1:]) % 3 == 0 for item_id in discs)
    assert discs == sorted(discs)


def test_a_header_folds_by_click_and_stays_in_its_place(grouped):
    gallery, model = grouped.window.area.gallery, grouped.window.area.model
    gallery.scroll_by(gallery.tile_rect(9).top())  # inside the first group: its header sticks to the top
    assert gallery.grid.header_top(0, gallery.scroll_y) == 0
    press_header(grouped, 0)
    assert model.total == 60
    assert model.sections.folded.tolist() == [True, False, False]
    assert gallery.grid.header_top(0, gallery.scroll_y) == 0
    press_header(grouped, 0)
    assert model.total == 90


def test_a_click_under_a_sticky_header_hits_no_tile(grouped):
    gallery = grouped.window.area.gallery
    gallery.scroll_by(gallery.tile_rect(9).top() + 10)
    assert gallery.row_at(QPoint(gallery.tile_rect(9).center().x(), 5)) == -1


def test_groups_by_keyboard_alone(grouped):
    gallery, model, headers = (
        grouped.window.area.gallery,
        grouped.window.area.model,
        grouped.window.area.gallery.headers,
    )
    gallery.setFocus()
    grouped.key(Qt.Key.Key_Home)
    grouped.key(Qt.Key.Key_Down, ALT)
    assert headers.focused == 1
    grouped.key(Qt.Key.Key_Space)
    grouped.idle()
    assert model.sections.folded.tolist() == [False, True, False]
    assert headers.focused == 1
    grouped.key(Qt.Key.Key_Right)
    grouped.idle()
    assert not model.sections.folded.any()
    grouped.key(Qt.Key.Key_Down)
    assert headers.focused == -1
    assert gallery.current_row() == 30
    grouped.key(Qt.Key.Key_Up, ALT)
    assert headers.focused == 1
    grouped.key(Qt.Key.Key_Space, CONTROL)
    assert len(gallery.selected_items()) == 30
    grouped.key(Qt.Key.Key_BracketLeft, CONTROL)
    grouped.idle()
    assert model.total == 0
    grouped.key(Qt.Key.Key_Down)
    grouped.key(Qt.Key.Key_Home)
    assert headers.focused == 0
    grouped.key(Qt.Key.Key_BracketRight, CONTROL)
    grouped.idle()
    assert model.total == 90


def test_another_query_takes_the_keyboard_from_a_header(grouped):
    window = grouped.window
    window.area.gallery.setFocus()
    for _ in range(3):
        grouped.key(Qt.Key.Key_Down, ALT)
    assert window.area.gallery.headers.focused == 2
    window.controller.edit(lambda query: replace(query, where=("shape=box",)))
    grouped.idle()
    assert names(grouped) == ["box"]
    grouped.key(Qt.Key.Key_Space)
    grouped.idle()
    assert not window.area.model.sections.folded.any()
    assert window.area.gallery.headers.focused == -1


def test_groups_stay_while_the_query_changes(grouped):
    grouped.click_sign("p000", 1)
    grouped.idle()
    model = grouped.window.area.model
    assert model.sections is not None
    assert model.total == grouped.window.controller.results.total < 90
    grouped.window.grouping.group_by("")
    grouped.idle()
    assert model.sections is None
    assert grouped.ids() == grouped.window.controller.workspace.ids_of(
        grouped.window.controller.results.items.tolist()
    )


def test_nothing_is_found_under_the_mouse(grouped):
    """An error in what Qt calls ends the program where Python is older than 3.12."""
    gallery, window = grouped.window.area.gallery, grouped.window
    gallery.set_pointer(QPoint(60, 40))
    window.controller.edit(lambda query: replace(query, text="nowhere"))
    grouped.idle()
    assert window.area.model.total == 0
    assert names(grouped) == []
    gallery.set_pointer(QPoint(70, 50))
    gallery.grab()
    grouped.qtbot.mouseClick(gallery.viewport(), LEFT, pos=QPoint(70, 50))
    grouped.qtbot.mousePress(gallery.viewport(), LEFT, pos=QPoint(20, 200))
    grouped.qtbot.mouseMove(gallery.viewport(), QPoint(300, 400))
    grouped.qtbot.mouseRelease(gallery.viewport(), LEFT, pos=QPoint(300, 400))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_Space):
        grouped.key(key)
        grouped.key(key, ALT)
    window.controller.edit(lambda query: replace(query, text=""))
    grouped.idle()
    assert names(grouped) == ["box", "cross", "disc"]


def test_the_focus_stays_in_sight_when_groups_change(grouped):
    gallery = grouped.window.area.gallery
    item = grouped.number("p044")
    gallery.set_current_item(item)
    grouped.window.grouping.group_by("colour")
    grouped.idle()
    assert gallery.current_item() == item
    assert gallery.current_row() in gallery.grid.visible(gallery.scroll_y)


def test_an_attribute_that_a_person_makes_groups_and_orders_until_it_is_taken_back(driver):
    window = driver.window
    window.features.install_all()
    choice, sort = window.grouping.choice, window.bar.sort
    change = ValueChange(driver.number("p044"), "collar", ("round",))
    made = window.controller.workspace.decisions.apply("set", "collar", values=[change])
    window.undoing.note(made.operation)
    driver.until(lambda: choice.findData("collar") > 0)
    window.grouping.group_by("collar")
    window.controller.edit(lambda query: edits.set_sort(query, Sort("collar")))
    driver.idle()
    assert names(driver) == ["round", ""]
    assert driver.ids()[0] == "p044"
    assert sort.currentData() == "collar"
    window.undoing.take_back(made.operation)
    driver.until(lambda: choice.findData("collar") < 0)
    driver.idle()
    assert window.area.model.sections is None
    assert choice.currentData() == ""
    assert (window.controller.query.sort, sort.currentData()) == (START.sort, "relevance")
    assert window.area.model.total == 90
    assert "Taken back" in window.banner.message.text()


def test_another_catalog_starts_without_groups(grouped, tmp_path, imported_products):
    other = shutil.copytree(imported_products, tmp_path / "other")
    grouped.window.catalogs.open(other)
    grouped.until(lambda: grouped.window.windowTitle().startswith("other"))
    grouped.until(lambda: grouped.window.controller.results is not None)
    grouped.idle()
    assert grouped.window.area.model.sections is None
    assert grouped.window.grouping.choice.currentData() == ""


def test_identical_photos_are_hidden_and_counted(make_window, drawn_products, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    source = drawn_products / "images" / "p000.jpg"
    for name in ("a", "b", "c"):
        shutil.copy(source, photos / f"{name}.jpg")
    shutil.copy(drawn_products / "images" / "p001.jpg", photos / "d.jpg")
    shutil.copy(drawn_products / "images" / "p002.jpg", photos / "d2.jpg")
    (tmp_path / "table.csv").write_text("id,image\na,a.jpg\nb,b.jpg\nc,c.jpg\nd,d.jpg|d2.jpg\n", "utf-8")
    with Workspace.open(tmp_path / "catalog", create=True) as workspace:
        workspace.import_all(ImportRequest(photos, tmp_path / "table.csv"), JobControl())
    driver = make_window()
    driver.window.catalogs.open(tmp_path / "catalog")
    driver.until(lambda: driver.window.controller.results is not None)
    driver.window.features.install_all()
    driver.idle()
    model = driver.window.area.model
    driver.key(Qt.Key.Key_H, CONTROL | SHIFT)
    driver.until(lambda: model.total == 2)
    assert driver.ids() == ["a", "d"]
    assert model.tile(0).copies == 2
    driver.until(lambda: model.tile(1).images == 2)
    assert "2 more with the same photo" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "2 photos" in model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert driver.window.grouping.note.text() == "2 identical photos hidden"
    driver.window.actions_["hide_copies"].trigger()
    driver.until(lambda: model.total == 4)
    assert not driver.window.grouping.note.isVisible()
    driver.window.actions_["hide_near"].trigger()
    driver.until(lambda: model.total == 2)
    assert driver.window.actions_["hide_copies"].isChecked()
    assert driver.window.grouping.note.text() == "2 nearly identical photos hidden"
    driver.window.actions_["hide_near"].trigger()
    driver.until(lambda: model.total == 4)
    assert not driver.window.actions_["hide_copies"].isChecked()
