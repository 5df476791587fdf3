"""The command palette and "go to" in the real window; the search behind them over many values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton

from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.ui.palette.matching import Choice, Index

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def palette(driver):
    """The window with its features; the palette is closed."""
    driver.window.features.install_all()
    driver.view = driver.window.palette_.view
    driver.window.area.gallery.setFocus()
    driver.tester = QAbstractItemModelTester(
        driver.view.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return driver


def titles(driver) -> list[str]:
    return [choice.title for choice in driver.view.model.choices]


def ask(driver, text: str) -> None:
    """Open the palette and type."""
    driver.key(Qt.Key.Key_K, CONTROL)
    driver.idle()
    driver.qtbot.keyClicks(driver.view.line, text)
    driver.idle()


def press(driver, key: Qt.Key) -> None:
    driver.qtbot.keyClick(driver.view.line, key)


def test_an_action_is_found_and_done(palette):
    ask(palette, "larger")
    choice = palette.view.model.choices[0]
    assert (choice.title, choice.keys) == ("Larger photos", "Ctrl++, Ctrl+=")
    press(palette, Qt.Key.Key_Return)
    assert not palette.view.isVisible()
    palette.until(lambda: palette.window.area.gallery.tile_size() > 160)
    assert palette.window.area.gallery.hasFocus()


def test_a_value_is_ticked_and_unticked(palette):
    ask(palette, "disc")
    assert palette.view.model.choices[0].payload == ("shape", "disc")
    press(palette, Qt.Key.Key_Return)
    assert palette.total == 30
    ask(palette, "disc shape")
    assert "✓" in palette.view.model.choices[0].detail
    press(palette, Qt.Key.Key_Return)
    assert palette.total == 90


def test_attributes_group_order_and_open_facets(palette):
    ask(palette, "group shape")
    assert titles(palette)[0] == "Group by shape"
    palette.qtbot.mouseClick(
        palette.view.list.viewport(),
        LEFT,
        pos=palette.view.list.visualRect(palette.view.model.index(0)).center(),
    )
    palette.until(lambda: palette.window.area.model.sections is not None)
    ask(palette, "order by price")
    press(palette, Qt.Key.Key_Return)
    palette.idle()
    assert palette.window.controller.query.sort.by == "price"
    ask(palette, "find in colour")
    press(palette, Qt.Key.Key_Return)
    assert palette.window.focusWidget() is palette.window.facets.sections()["colour"].values


def test_a_saved_filter_narrows(palette):
    workspace = palette.window.controller.workspace
    red = VisualFilter((Example(item=palette.number("p000")),), narrow=0.9)
    workspace.filters.save("red things", Query(red), JobControl())
    ask(palette, "red th")
    assert titles(palette)[0] == "red things"
    press(palette, Qt.Key.Key_Return)
    palette.idle()
    assert palette.window.controller.query.where == ('visual:"red things"',)
    assert 0 < palette.total < 90


def test_arrows_choose_and_escape_gives_the_focus_back(palette):
    ask(palette, "photos")
    first = palette.view.list.currentIndex().row()
    press(palette, Qt.Key.Key_Down)
    assert palette.view.list.currentIndex().row() == first + 1
    press(palette, Qt.Key.Key_Up)
    press(palette, Qt.Key.Key_Up)
    assert palette.view.list.currentIndex().row() == len(titles(palette)) - 1
    press(palette, Qt.Key.Key_Escape)
    assert not palette.view.isVisible()
    assert palette.window.area.gallery.hasFocus()
    ask(palette, "xqzqx")
    assert palette.view.nothing.isVisible()
    palette.window.bar.text.setFocus()
    assert not palette.view.isVisible()


# --- go to ---------------------------------------------------------------------------------------------------


def go(driver, text: str) -> None:
    driver.key(Qt.Key.Key_G, CONTROL)
    driver.qtbot.keyClicks(driver.view.line, text)
    driver.idle()


def test_what_had_the_focus_may_be_gone_meanwhile(palette, qtbot):
    gone = QPushButton(palette.window)
    gone.show()
    gone.setFocus()
    ask(palette, "photos")
    gone.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    with qtbot.waitSignal(gone.destroyed):
        gone.close()
    press(palette, Qt.Key.Key_Escape)
    assert not palette.view.isVisible()


def test_an_id_is_gone_to(palette):
    go(palette, "p07")
    assert titles(palette) == [f"p07{digit}" for digit in range(8)]
    palette.qtbot.keyClicks(palette.view.line, "7")
    palette.idle()
    press(palette, Qt.Key.Key_Return)
    palette.idle()
    gallery = palette.window.area.gallery
    assert gallery.current_item() == palette.number("p077")
    assert gallery.current_row() in gallery.grid.visible(gallery.scroll_y)


@pytest.mark.parametrize(("text", "row"), [("50", 49), ("#3", 2), ("100 %", 89), ("0%", 0)])
def test_a_place_is_gone_to(palette, text, row):
    go(palette, text)
    press(palette, Qt.Key.Key_Return)
    assert palette.window.area.gallery.current_row() == row


def test_an_id_that_is_left_out_is_shown_all_the_same(palette):
    palette.window.actions_["grid"].trigger()
    ask(palette, "disc")
    press(palette, Qt.Key.Key_Return)
    assert palette.total == 30
    go(palette, "p001")
    press(palette, Qt.Key.Key_Return)
    palette.until(
        lambda: palette.window.area.gallery.current_row() == 1 and palette.window.controller.is_settled
    )
    assert palette.total == 90
    assert "left out" in palette.window.banner.message.text()


def test_an_id_in_a_folded_group_and_a_group_are_gone_to(palette):
    window = palette.window
    window.grouping.group_by("shape")
    palette.idle()
    window.actions_["fold_all"].trigger()
    palette.idle()
    go(palette, "p001")
    press(palette, Qt.Key.Key_Return)
    palette.until(lambda: window.area.gallery.current_item() == palette.number("p001"))
    go(palette, "di")
    assert titles(palette)[0] == "disc"
    press(palette, Qt.Key.Key_Return)
    assert window.area.gallery.headers.focused == 2
    palette.idle()


def test_the_sheet_of_shortcuts_comes_on_a_question_mark(palette):
    from visualsearch.ui.panels.sheets import TextSheet

    palette.key(Qt.Key.Key_Question)
    (sheet,) = palette.window.findChildren(TextSheet)
    assert sheet.isVisible()
    sheet.close()


# --- matching ------------------------------------------------------------------------------------------------


def test_what_begins_so_comes_before_what_holds_it():
    index = Index([Choice("value", title) for title in ("Dark shirt", "Nightshirts", "Shirts", "T-shirts")])
    assert [choice.title for choice in index.search("shirt")] == [
        "Shirts",
        "T-shirts",
        "Dark shirt",
        "Nightshirts",
    ]


def test_letters_in_their_order_are_enough():
    index = Index([Choice("action", "Hide identical photos"), Choice("action", "Larger photos")])
    assert [choice.title for choice in index.search("hip")] == ["Hide identical photos"]
    assert index.search("zzz") == []


@given(st.lists(st.text("abcde ", min_size=1, max_size=12), max_size=30), st.text("abcde", max_size=3))
def test_whatever_holds_the_word_is_found(names, word):
    index = Index([Choice("value", name) for name in names])
    found = [choice.title for choice in index.search(word)]
    assert {name for name in names if word in name} <= set(found)


def test_a_hundred_thousand_values():
    index = Index([Choice("value", f"value {number}", "code") for number in range(100_000)])
    assert index.search("value 99999")[0].title == "value 99999"
    assert len(index.search("9")) == 60


def test_no_two_actions_share_a_key(palette):
    """In one mode; a key that one mode leaves free may mean something else in another."""
    actions = palette.window.actions_
    modes = {mode.name for mode in palette.window.modes.all()}
    keys: dict[tuple[str, str], list[str]] = {}
    for name, _, action in actions.listed():
        entry = actions._entries[name]
        if entry.spare:
            continue  # it is off wherever its key means something else
        own = set(entry.needs.split()) & modes
        for key in action.shortcuts():
            for mode in own or modes:
                keys.setdefault((mode, key.toString()), []).append(name)
    assert {key: names for key, names in keys.items() if len(names) > 1} == {}
