"""Browsing by mouse and by keyboard in the real window: examples, facets, text, conditions, history, panels."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from visualsearch.catalog.store import AttributeValue
from visualsearch.filters.query import Example
from visualsearch.ui import edits
from visualsearch.ui.gallery.model import mime_data
from visualsearch.ui.panels.condition import ConditionDialog
from visualsearch.ui.panels.facet_values import COUNT, minus_rect
from visualsearch.ui.panels.inspector import Inspector
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.workspace import Workspace

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def test_an_answer_that_takes_long_is_told_of(driver, monkeypatch):
    """Else the former answer would look like the new one."""
    may_go_on, search = threading.Event(), Workspace.search

    def slow(*asked, **more) -> None:
        may_go_on.wait()
        search(*asked, **more)

    monkeypatch.setattr(Workspace, "search", slow)
    status = driver.window.status
    try:
        driver.window.controller.edit(lambda query: edits.set_text(query, "disc"))
        driver.until(lambda: status.text() == "Searching…")
    finally:
        may_go_on.set()
    driver.settle()
    assert status.text().startswith("30 of 90")
    driver.idle()


def is_disc(item_id: str) -> bool:
    return int(item_id[1:]) % 3 == 0


def values_of(driver, attribute: str) -> dict[str, int]:
    """What the facet panel shows for an attribute, in its order."""
    model = driver.window.facets.sections()[attribute].model
    return {model.index(row).data(): model.index(row).data(COUNT) for row in range(model.rowCount())}


def click_value(driver, attribute: str, value: str) -> None:
    section = driver.window.facets.sections()[attribute]
    row = section.model.row_of(value)
    spot = section.values.visualRect(section.model.index(row)).center()
    driver.qtbot.mouseClick(section.values.viewport(), LEFT, pos=spot)
    driver.settle()


# --- first paint ---------------------------------------------------------------------------------------------


def test_a_catalog_opens_on_all_its_photos(driver):
    assert driver.total == 90
    assert driver.ids() == [f"p{number:03d}" for number in range(90)]
    assert driver.window.status.text().startswith("90 of 90 · exact · ")
    assert driver.window.status.text().endswith(" ms")
    assert driver.window.windowTitle().startswith("catalog")
    assert values_of(driver, "shape") == {"box": 30, "cross": 30, "disc": 30}


def test_first_tiles_come_before_anything_is_searched(make_window, catalog):
    driver = make_window()
    shown: list[tuple[int, bool]] = []
    driver.window.catalogs.opened.connect(
        lambda _opened: shown.append(
            (driver.window.area.model.total, driver.window.controller.results is None)
        )
    )
    driver.window.catalogs.open(catalog)
    driver.until(lambda: bool(shown))
    assert shown == [(90, True)]
    assert driver.window.area.page is driver.window.area.gallery
    driver.idle()


# --- examples ------------------------------------------------------------------------------------------------


def test_hover_buttons_narrow_to_what_looks_alike(driver):
    driver.click_sign("p000", 1)
    assert driver.window.controller.query.visual.positives == (Example(item=driver.number("p000")),)
    assert driver.total < 90
    assert is_disc(driver.ids()[0])
    assert "p000" not in driver.ids()
    (thumb,) = driver.window.tray.positive.thumbs()
    driver.until(lambda: thumb.has_image)


def test_removing_an_example_widens_again(driver):
    driver.click_sign("p000", 1)
    driver.click_sign(driver.ids()[3], -1)
    (thumb,) = driver.window.tray.negative.thumbs()
    driver.qtbot.mouseClick(thumb, LEFT, pos=thumb.badge_rect().center())
    assert driver.window.controller.query.visual.negatives == ()
    (thumb,) = driver.window.tray.positive.thumbs()
    thumb.setFocus()
    driver.key(Qt.Key.Key_Delete)
    assert driver.total == 90


def test_examples_by_keyboard(driver):
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_Right)
    driver.key(Qt.Key.Key_Right)
    current = driver.window.area.gallery.current_item()
    driver.qtbot.keyClicks(driver.window.area.gallery, "+")
    driver.settle()
    assert driver.window.controller.query.visual.positives == (Example(item=current),)
    driver.key(Qt.Key.Key_Home)
    other = driver.window.area.gallery.current_item()
    driver.qtbot.keyClicks(driver.window.area.gallery, "-")
    driver.settle()
    assert driver.window.controller.query.visual.negatives == (Example(item=other),)


def test_a_selection_becomes_examples_through_the_menu(driver):
    items = [driver.number("p000"), driver.number("p009")]
    driver.select("p000", "p009")
    driver.window.actions_["positive"].trigger()
    assert [example.item for example in driver.window.controller.query.visual.positives] == items


def test_items_are_dragged_into_the_zones_and_change_sides(driver):
    item = driver.number("p004")
    driver.drop(driver.window.tray.positive, mime_data([item]))
    assert driver.window.controller.query.visual.positives == (Example(item=item),)
    driver.drop(driver.window.tray.negative, mime_data([item]))
    assert driver.window.controller.query.visual.positives == ()
    assert driver.window.controller.query.visual.negatives == (Example(item=item),)
    driver.settle()


def test_a_picture_file_is_dropped(driver, drawn_products):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(drawn_products / "images" / "p000.jpg"))])
    driver.drop(driver.window.tray.positive, mime)
    driver.idle()
    assert driver.total < 90
    assert driver.ids()[0] == "p000"  # the same picture, which as a file is not left out
    (thumb,) = driver.window.tray.positive.thumbs()
    driver.until(lambda: thumb.has_image)


def test_image_data_is_pasted_and_kept_as_a_file(driver, own_home, drawn_products):
    QGuiApplication.clipboard().setImage(QImage(str(drawn_products / "images" / "p009.jpg")))
    driver.window.area.gallery.setFocus()
    driver.key(Qt.Key.Key_V, CONTROL)
    driver.until(lambda: bool(driver.window.controller.query.visual))
    driver.settle()
    (example,) = driver.window.controller.query.visual.positives
    assert example.file is not None
    assert example.file.startswith(str(own_home / "cache" / "examples"))
    assert is_disc(driver.ids()[0])
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("held", ["no picture", None])
def test_a_clipboard_without_a_picture_says_so(driver, monkeypatch, held):
    if held is None:  # as some platforms have it that is empty
        monkeypatch.setattr(type(QGuiApplication.clipboard()), "mimeData", lambda _clipboard: None)
    else:
        QGuiApplication.clipboard().setText(held)
    driver.window.actions_["paste"].trigger()
    assert driver.window.area.banner.isVisible()
    assert "no picture" in driver.window.area.banner.message.text()


def test_a_file_that_is_no_picture_is_not_taken(driver, tmp_path, drawn_products):
    file = tmp_path / "letter.jpg"
    file.write_text("Dear Sir")
    picture = drawn_products / "images" / "p000.jpg"
    driver.window.intake.files([file, picture, tmp_path / "nowhere.png"], 1)
    driver.idle()
    assert driver.window.controller.query.visual.positives == (Example(file=str(picture)),)
    banner = driver.window.area.banner
    assert banner.isVisible()
    assert banner.message.text().startswith("letter.jpg was not taken. ")
    assert banner.message.text().endswith("Nor were 1 more.")
    click_value(driver, "shape", "disc")
    assert not banner.isVisible()
    assert 0 < driver.total <= 30


@pytest.mark.parametrize("region", [None, (0.2, 0.2, 0.5, 0.5)])
def test_a_picture_that_goes_later_stays_an_example(driver, tmp_path, drawn_products, region):
    """Such as one that a browser made for the drop."""
    picture = Path(shutil.copy(drawn_products / "images" / "p000.jpg", tmp_path))
    example = Example(file=str(picture), region=region)
    driver.window.controller.edit(lambda query: edits.add_examples(query, [example], 1))
    driver.idle()
    before = driver.ids()
    picture.unlink()
    click_value(driver, "shape", "disc")
    driver.idle()
    assert driver.window.controller.failure is None
    assert driver.ids() == [one for one in before if is_disc(one)]


def test_a_picture_that_is_gone_stops_no_search(driver, tmp_path):
    """As one of the searches that came back with the session."""
    example = Example(file=str(tmp_path / "p000.jpg"))
    driver.click_sign("p009", 1)
    driver.idle()
    other = "p009"
    driver.window.controller.edit(lambda query: edits.add_examples(query, [example], 1))
    click_value(driver, "shape", "disc")
    driver.idle()
    assert "exact" not in driver.window.status.text()
    page = driver.window.area.empty
    assert driver.window.area.page is page
    assert "p000.jpg" in page.explanation.text()
    assert driver.window.tray.count.text() == ""
    driver.qtbot.mouseClick(page.buttons()[0], LEFT)
    driver.idle()
    assert driver.window.controller.query.visual.positives == (Example(item=driver.number(other)),)
    assert driver.window.controller.query.choices == (("shape", ("disc",)),)
    assert driver.window.area.page is driver.window.area.gallery
    assert 0 < driver.total <= 30
    assert "exact" in driver.window.status.text()


# --- sliders -------------------------------------------------------------------------------------------------


def test_style_and_colour_change_the_order(driver):
    driver.click_sign("p000", 1)
    slider = driver.window.tray.blocks
    assert slider.auto.isChecked()
    shares = {}
    for share in (0, 100):
        slider.slider.setValue(share)
        driver.settle()
        assert not slider.auto.isChecked()
        assert driver.window.controller.query.visual.blocks == share / 100
        shares[share] = driver.ids()[:9]
    red = {f"p{number:03d}" for number in range(90) if number // 3 % 3 == 0}
    assert all(is_disc(item_id) for item_id in shares[0])
    assert all(item_id in red for item_id in shares[100])
    assert shares[0] != shares[100]
    driver.qtbot.mouseClick(slider.auto, LEFT, pos=QPoint(8, slider.auto.height() // 2))
    driver.settle()
    assert driver.window.controller.query.visual.blocks == "auto"
    inferred = driver.window.controller.results.colour_share
    assert slider.slider.value() == round(inferred * 100)


def test_narrowness_shows_how_many_are_left(driver):
    driver.click_sign("p000", 1)
    totals = []
    for strictness in (0, 50, 95):
        driver.window.tray.narrow.slider.setValue(strictness)
        driver.settle()
        totals.append(driver.total)
        assert driver.window.tray.count.text() == f"{driver.total} left"
    assert totals[0] == 89
    assert totals == sorted(totals, reverse=True)
    assert totals[2] < totals[0]


def test_a_dragged_slider_is_one_step_back(driver):
    driver.click_sign("p000", 1)
    for value in (60, 65, 70):
        driver.window.tray.blocks.slider.setValue(value)
    driver.window.tray.blocks.released.emit()
    driver.window.controller.back()
    assert driver.window.controller.query.visual.blocks == "auto"
    driver.settle()


def test_look_and_words_are_weighed_only_when_both_are_there(driver):
    weight = driver.window.bar.weight
    assert not weight.isVisible()
    driver.window.bar.text.setText("red")
    driver.window.bar.text.textEdited.emit("red")
    driver.until(lambda: driver.window.controller.query.text == "red")
    assert not weight.isVisible()
    driver.settle()
    driver.click_sign("p009", 1)
    driver.until(weight.isVisible)
    weight.slider.setValue(70)
    assert driver.window.controller.query.text_weight == 0.7
    driver.settle()


# --- facets --------------------------------------------------------------------------------------------------


def test_ticks_by_mouse(driver):
    click_value(driver, "shape", "disc")
    assert driver.total == 30
    click_value(driver, "shape", "box")
    assert driver.total == 60
    assert values_of(driver, "shape") == {"box": 30, "cross": 30, "disc": 30}
    click_value(driver, "colour", "red")
    assert driver.total == 20
    assert driver.window.facets.sections()["shape"].header.note == "2"


def test_ticks_by_keyboard(driver):
    section = driver.window.facets.sections()["shape"]
    section.values.setFocus()
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_Space)
    assert driver.total == 30
    assert dict(driver.window.controller.query.choices) == {"shape": ("cross",)}


def row_of(driver, attribute: str, value: str):
    """The list of an attribute, a value's index in it and its row on screen."""
    section = driver.window.facets.sections()[attribute]
    index = section.model.index(section.model.row_of(value))
    return section.values, index, section.values.visualRect(index)


def test_a_value_is_left_out_by_the_mouse(driver):
    values, _, row = row_of(driver, "shape", "disc")
    driver.qtbot.mouseClick(values.viewport(), LEFT, pos=minus_rect(row).center())
    assert driver.total == 60
    assert [chip.text() for chip in driver.window.area.chips.chips()] == ["shape: not disc"]
    assert values_of(driver, "shape") == {"box": 30, "cross": 30, "disc": 0}
    click_value(driver, "shape", "disc")  # takes it back, as the chip would
    assert driver.total == 90


def test_a_value_is_left_out_by_keys_and_by_the_menu(driver):
    values, index, _ = row_of(driver, "colour", "red")
    values.setFocus()
    values.setCurrentIndex(index)
    driver.key(Qt.Key.Key_Minus)
    assert driver.total == 60
    driver.key(Qt.Key.Key_Minus)
    assert driver.total == 90
    only, leave_out = values.menu(index).actions()
    leave_out.trigger()
    assert driver.window.controller.query.where == ("colour!=red",)
    only.trigger()
    assert driver.window.controller.query.where == ()
    assert driver.window.controller.query.choices == (("colour", ("red",)),)
    assert driver.total == 30


def test_values_stay_under_the_mouse_until_it_leaves(driver):
    panel = driver.window.facets
    QApplication.sendEvent(panel, _enter_event(panel))
    click_value(driver, "shape", "disc")
    driver.window.controller.edit(lambda query: _only_text(query, "red"))
    driver.settle()
    assert values_of(driver, "colour") == {"blue": 0, "green": 0, "red": 10}
    QApplication.sendEvent(panel, _leave_event())
    assert values_of(driver, "colour") == {"red": 10}
    assert list(values_of(driver, "shape")) == ["box", "cross", "disc"]


def test_a_value_is_left_out_where_one_reads_from_right_to_left(driver):
    driver.window.facets.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    values, _, row = row_of(driver, "shape", "disc")
    spot = minus_rect(row, Qt.LayoutDirection.RightToLeft).center()
    assert spot.x() < row.center().x()
    driver.qtbot.mouseClick(values.viewport(), LEFT, pos=spot)
    assert driver.total == 60
    driver.window.facets.grab()


def test_an_attribute_folds(driver):
    section = driver.window.facets.sections()["shape"]
    driver.qtbot.mouseClick(section.header, LEFT)
    assert not section.values.isVisible()
    assert driver.window.facets.folded() == ["shape"]
    driver.qtbot.mouseClick(section.header, LEFT)
    assert section.values.isVisible()


# --- text, conditions, chips ---------------------------------------------------------------------------------


def test_text_is_live(driver):
    driver.key(Qt.Key.Key_F, CONTROL)
    assert driver.window.bar.text.hasFocus()
    driver.qtbot.keyClicks(driver.window.bar.text, "blue cro")
    driver.until(lambda: driver.window.controller.query.text == "blue cro")
    assert driver.total == 10
    driver.key(Qt.Key.Key_Escape)
    assert driver.window.area.gallery.hasFocus()
    assert driver.total == 10


def test_from_the_words_to_the_first_photo_and_on_by_keys(driver):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Down):
        driver.key(Qt.Key.Key_F, CONTROL)
        driver.qtbot.keyClicks(driver.window.bar.text, "blue cross")
        driver.key(key)
        assert driver.total == 10
        assert driver.window.area.gallery.hasFocus()
        first = driver.number(driver.ids()[0])
        assert driver.window.area.gallery.current_item() == first
        driver.qtbot.keyClicks(driver.window.area.gallery, "+")
        driver.settle()
        assert driver.window.controller.query.visual.positives == (Example(item=first),)
        driver.window.actions_["clear"].trigger()
        driver.settle()
        assert driver.window.bar.text.text() == ""
        assert driver.window.controller.query.text == ""


def test_the_clear_button_goes_with_the_words(driver):
    driver.window.controller.edit(lambda query: _only_text(query, "red"))
    driver.settle()
    seen: list[str] = []
    driver.window.bar.text.textChanged.connect(seen.append)
    driver.window.controller.back()
    assert seen == [""]  # what the button listens to
    assert driver.total == 90
    assert driver.window.controller.can_forward  # showing the query is no edit of it


def test_a_condition_is_tried_while_it_is_typed(driver):
    driver.window.actions_["condition"].trigger()
    dialog = driver.window.findChild(ConditionDialog)
    driver.qtbot.keyClicks(dialog.text, "prise < 15")
    driver.until(lambda: "^" in dialog.answer.text())
    assert "price" in dialog.answer.text()
    assert not dialog.ok.isEnabled()
    dialog.text.setText("price < 15")
    driver.until(lambda: "meet it: 10" in dialog.answer.text())
    driver.qtbot.mouseClick(dialog.ok, LEFT)
    driver.until(lambda: driver.window.controller.query.where == ("price < 15",))
    assert driver.total == 10


def test_all_of_what_is_wrong_with_a_condition_can_be_read(driver):
    driver.window.actions_["condition"].trigger()
    dialog = driver.window.findChild(ConditionDialog)
    dialog.text.setText("price < 15, " + "shape = disc, " * 3)
    driver.until(lambda: "^" in dialog.answer.text())
    answer = dialog.answer
    driver.until(lambda: answer.height() >= answer.heightForWidth(answer.width()))
    dialog.reject()
    driver.idle()


def test_names_and_values_of_a_condition_are_completed(driver):
    driver.window.actions_["condition"].trigger()
    dialog = driver.window.findChild(ConditionDialog)
    driver.qtbot.keyClicks(dialog.text, "price < 50 and sh")
    assert dialog.completion.offers() == ["shape"]
    driver.qtbot.keyClick(dialog.completion.popup(), Qt.Key.Key_Down)
    driver.qtbot.keyClick(dialog.completion.popup(), Qt.Key.Key_Return)
    driver.qtbot.keyClicks(dialog.text, " = ")
    assert dialog.completion.offers() == ["box", "cross", "disc"]
    driver.qtbot.keyClicks(dialog.text, "DI")
    dialog.completion.activated.emit(dialog.completion.offers()[0])
    assert dialog.text.text() == "price < 50 and shape = disc"
    driver.until(dialog.ok.isEnabled)
    dialog.reject()
    driver.idle()


def test_a_value_that_no_item_has_is_named(driver):
    driver.window.actions_["condition"].trigger()
    dialog = driver.window.findChild(ConditionDialog)
    dialog.text.setText("shape = disk")
    driver.until(dialog.ok.isEnabled)
    assert "'disc'" in dialog.answer.text()
    driver.qtbot.mouseClick(dialog.ok, LEFT)
    driver.until(lambda: bool(driver.window.controller.query.where))
    driver.idle()
    assert "'disc'" in driver.window.area.empty.explanation.text()


def test_delete_takes_one_chip_after_the_other(driver):
    driver.window.controller.edit(
        lambda query: replace(query, where=("shape=disc", "colour=red", "!price"), text="a")
    )
    driver.idle()
    chips = driver.window.area.chips
    said = [chip.text() for chip in chips.chips()]
    assert len(said) == 4
    chips.chips()[1].setFocus()
    driver.key(Qt.Key.Key_Delete)
    driver.idle()
    assert [chip.text() for chip in chips.chips()] == [said[0], *said[2:]]
    assert driver.window.focusWidget().text() == said[2]
    driver.key(Qt.Key.Key_Delete)
    driver.idle()
    assert [chip.text() for chip in chips.chips()] == [said[0], said[3]]
    driver.key(Qt.Key.Key_Delete)
    driver.idle()
    assert [chip.accessibleName() for chip in chips.chips()] == [f"Remove {said[0]}"]


def test_chips_remove_what_narrows(driver):
    click_value(driver, "shape", "disc")
    driver.window.controller.edit(lambda query: _only_text(query, "red"))
    driver.settle()
    chips = driver.window.area.chips
    assert [chip.text() for chip in chips.chips()] == ["shape: disc", "“red”"]
    driver.qtbot.mouseClick(chips.chips()[0], LEFT)
    assert driver.total == 30
    assert driver.window.controller.query.choices == ()
    driver.qtbot.mouseClick(chips.clear, LEFT)
    assert driver.total == 90
    assert chips.chips() == []


def test_nothing_matches_offers_what_to_drop(driver):
    click_value(driver, "shape", "disc")
    driver.window.controller.edit(lambda query: _only_text(query, "cross"))
    driver.idle()
    assert driver.window.area.page is driver.window.area.empty
    offers = [button.text() for button in driver.window.area.empty.buttons()]
    assert offers == ["Drop shape: disc: 30 photos", "Drop “cross”: 30 photos"]
    driver.qtbot.mouseClick(driver.window.area.empty.buttons()[0], LEFT)
    assert driver.total == 30
    assert driver.window.area.page is driver.window.area.gallery


# --- history -------------------------------------------------------------------------------------------------


def test_back_and_forward_by_keys_and_mouse(driver):
    click_value(driver, "shape", "disc")
    click_value(driver, "colour", "red")
    gallery = driver.window.area.gallery
    gallery.setFocus()
    driver.key(Qt.Key.Key_Left, ALT)
    assert driver.total == 30
    driver.key(Qt.Key.Key_Right, ALT)
    assert driver.total == 10
    driver.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.BackButton)
    assert driver.total == 30
    driver.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.ForwardButton)
    assert driver.total == 10
    driver.key(Qt.Key.Key_Z, CONTROL)
    driver.key(Qt.Key.Key_Z, CONTROL)
    assert driver.total == 90
    assert not driver.window.actions_["undo"].isEnabled()
    driver.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert driver.total == 30


def test_a_typed_word_is_one_step_back(driver):
    driver.window.bar.text.setFocus()
    for letters in ("re", "d"):
        driver.qtbot.keyClicks(driver.window.bar.text, letters)
        driver.until(lambda: driver.window.controller.query.text == driver.window.bar.text.text())
    driver.window.controller.back()
    assert driver.total == 90
    assert driver.window.bar.text.text() == ""


# --- order, looks, panes -------------------------------------------------------------------------------------


def test_sorting(driver):
    bar = driver.window.bar
    bar.sort.setCurrentIndex(bar.sort.findData("price"))
    bar.sort.activated.emit(bar.sort.currentIndex())
    driver.qtbot.mouseClick(bar.direction, LEFT)
    assert driver.ids()[:2] == ["p089", "p088"]
    driver.window.controller.back()
    driver.window.controller.back()
    assert bar.sort.currentData() == "relevance"
    driver.settle()


def test_zoom_and_scores(driver):
    gallery = driver.window.area.gallery
    driver.window.bar.zoom.setValue(240)
    assert gallery.tile_size() == 240
    driver.key(Qt.Key.Key_0, CONTROL)
    assert gallery.tile_size() == 160
    assert driver.window.bar.zoom.value() == 160
    driver.window.actions_["zoom_in"].trigger()
    assert gallery.tile_size() > 160
    driver.window.actions_["scores"].toggle()
    assert gallery.tiles.show_scores is False
    height = gallery.tile_rect(0).height()
    driver.window.actions_["ids"].toggle()
    assert gallery.tile_rect(0).height() > height


def test_f6_goes_round_the_panes(driver):
    driver.window.area.gallery.setFocus()
    seen = []
    for _ in range(len(driver.window.commands.panes())):
        driver.key(Qt.Key.Key_F6)
        seen.append(driver.window.focusWidget())
    assert len(set(map(id, seen))) == len(seen) == 6
    assert seen[-1] is driver.window.area.gallery
    driver.key(Qt.Key.Key_F6, SHIFT)
    assert driver.window.focusWidget() is seen[-2]


def test_tab_goes_through_the_window_as_one_reads(driver):
    window = driver.window
    window.intake.items([driver.number("p000"), driver.number("p003")], 1)
    driver.idle()
    thumbs = window.tray.positive.thumbs()
    first = next(section for section in window.facets.sections().values() if section.isVisible())
    wanted = [
        window.bar.text,
        *thumbs,
        window.tray.blocks.slider,
        first.values,
        *window.area.chips.chips(),
        window.area.gallery,
        window.inspector.scroll_area,
    ]
    window.bar.catalog.setFocus()
    seen = []
    for _ in range(60):
        seen.append(window.focusWidget())
        driver.key(Qt.Key.Key_Tab)
    assert [widget for widget in seen if widget in wanted][: len(wanted)] == wanted


def test_docks_that_were_squeezed_get_their_widths_back(driver):
    window = driver.window
    docks = (window.docks["facets"], window.inspector_dock)
    window.resizeDocks(list(docks), [260, 300], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    before = [dock.width() for dock in docks]
    for size in ((800, 600), (1280, 800)):
        window.resize(*size)
        QApplication.processEvents()
    assert [dock.width() for dock in docks] == before


def test_many_examples_stay_whole_and_the_newest_is_in_sight(driver):
    items = [driver.number(f"p{number:03d}") for number in range(20)]
    driver.window.intake.items(items, 1)
    driver.settle()
    newest = driver.window.tray.positive.thumbs()[-1]
    driver.until(lambda: newest.visibleRegion().boundingRect() == newest.rect())


def test_the_selection_is_counted_and_its_ids_copied(driver):
    gallery = driver.window.area.gallery
    gallery.setFocus()
    driver.select("p003", "p001")
    assert driver.window.status.text().endswith("· 2 selected")
    driver.key(Qt.Key.Key_C, CONTROL)
    driver.idle()
    assert QGuiApplication.clipboard().text() == "p001\np003"
    QGuiApplication.clipboard().clear()


# --- inspector -----------------------------------------------------------------------------------------------


def neighbours(inspector: Inspector) -> list[Thumb]:
    """What looks most like the item, nearest first, as it is laid out."""
    line = inspector.near.layout()
    assert line is not None
    return [line.itemAt(place).widget() for place in range(line.count())]  # type: ignore[misc, union-attr]


def test_the_inspector_shows_photo_attributes_and_neighbours(driver):
    driver.qtbot.mouseClick(driver.window.area.gallery.viewport(), LEFT, pos=driver.tile("p000"))
    inspector = driver.window.inspector
    driver.until(lambda: inspector.title.text() == "p000" and bool(neighbours(inspector)))
    driver.until(lambda: inspector.photo.has_image)
    assert inspector.attributes.row("shape").values == ("disc",)
    nearest = neighbours(inspector)[0]
    workspace = driver.window.controller.workspace
    assert is_disc(workspace.ids_of([nearest.example.item])[0])
    assert not inspector.why.isVisible()
    driver.qtbot.mouseClick(nearest, LEFT, pos=nearest.badge_rect().center())
    driver.until(inspector.why.isVisible)
    assert "% style" in inspector.why.text()
    assert driver.window.controller.query.visual.positives == (nearest.example,)
    driver.idle()


def test_a_photo_that_has_gone_is_named(driver, drawn_products, tmp_path, monkeypatch):
    inspector, workspace = driver.window.inspector, driver.window.controller.workspace
    details = workspace.details(driver.number("p000"))
    lost = replace(details.images[0], file=tmp_path / "moved" / "p000.jpg")
    monkeypatch.setattr(workspace, "details", lambda _item: replace(details, images=[lost]))
    notes: list[str] = []
    monkeypatch.setattr(inspector.photo, "set_image", lambda _image, note="": notes.append(note))
    inspector.show_item(details.number)
    driver.until(lambda: any(str(lost.file) in note for note in notes))
    driver.idle()


def test_long_words_do_not_widen_the_inspector(driver, monkeypatch):
    inspector, workspace = driver.window.inspector, driver.window.controller.workspace
    long = AttributeValue("manufacturerRecommendedCareInstruction", "text", ("https://shop/" + "x" * 200,))
    details = replace(workspace.details(driver.number("p000")), attributes=[long], id="y" * 90)
    monkeypatch.setattr(workspace, "details", lambda _item: details)
    inspector.show_item(driver.number("p000"))
    driver.until(lambda: inspector.title.text() == details.id)
    driver.idle()
    QApplication.processEvents()
    room = inspector.scroll_area.viewport().width()
    assert inspector.scroll_area.widget().width() <= room
    assert inspector.less.geometry().right() <= room


def test_a_neighbour_and_a_value_are_clicked(driver):
    driver.qtbot.mouseClick(driver.window.area.gallery.viewport(), LEFT, pos=driver.tile("p001"))
    inspector = driver.window.inspector
    driver.until(lambda: bool(neighbours(inspector)))
    thumb = neighbours(inspector)[0]
    driver.qtbot.mouseClick(thumb, LEFT, pos=QPoint(10, 60))
    driver.until(lambda: inspector.item == thumb.example.item)
    driver.idle()
    inspector.attributes.rows()[0].value.linkActivated.emit("0")
    assert dict(driver.window.controller.query.choices) == {"shape": ("box",)}
    driver.idle()


def _only_text(query, text: str):
    from visualsearch.ui import edits

    return edits.set_text(query, text)


def _enter_event(widget):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QEnterEvent

    middle = QPointF(widget.rect().center())
    return QEnterEvent(middle, middle, QPointF(widget.mapToGlobal(middle.toPoint())))


def _leave_event():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_colours_of_the_theme_are_taken(driver, qapp):
    from visualsearch.ui import style

    style.apply(qapp, "dark")
    driver.until(lambda: style.is_dark(driver.window.palette()))
    image = driver.window.grab().toImage()
    assert QColor(image.pixel(3, image.height() // 2)).lightness() < 80
    style.apply(qapp, "light")
