"""The panels around the middle, over changes of mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QStyle, QStyleOptionComboBox

from visualsearch.ui import style
from visualsearch.ui.operations.panel import HistoryPanel
from visualsearch.ui.panels.sheets import TextSheet
from visualsearch.ui.quality.feature import QualityTabs


@contextmanager
def larger_texts() -> Iterator[None]:
    """Twice the usual size is the largest that the settings offer."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.scale_fonts(application, 200)
    try:
        yield
    finally:
        style.scale_fonts(application, 100)


@pytest.mark.parametrize("mode", ["tag", "audit"])
def test_panels_come_back_as_wide_as_they_were(driver, mode: str) -> None:
    """The pages of some modes need more room than Browse leaves beside its panels."""
    window = driver.window
    docks = (window.docks["facets"], window.inspector_dock)
    before = [dock.width() for dock in docks]
    page = window.modes[mode].widget
    page.layout().addWidget(QLabel("a page that is wide " * 8))
    for _time in range(2):
        window.modes.switch(mode)
        driver.until(page.isVisible)
        driver.idle()
        window.modes.switch("browse")
        driver.until(window.docks["facets"].isVisible)
        driver.idle()
    assert [dock.width() for dock in docks] == before
    assert (window.width(), window.height()) == (1280, 800)


def test_every_panel_has_room_in_a_small_window(driver) -> None:
    window = driver.window
    heights = [dock.height() for dock in (window.docks["facets"], window.inspector_dock)]
    for name in ("jobs", "decisions"):
        window.actions_[name].setChecked(True)
        driver.idle()
    assert [dock.height() for dock in (window.docks["facets"], window.inspector_dock)] == heights
    assert window.tabifiedDockWidgets(window.docks["decisions"]) == [window.docks["jobs"]]
    window.actions_["saved_filters"].setChecked(True)
    driver.until(lambda: window.docks["decisions"].height() > 150)
    driver.idle()
    assert (window.width(), window.height()) == (1280, 800)
    assert window.minimumSizeHint().width() <= 1280
    for name in ("facets", "saved_filters", "inspector", "decisions"):
        panel, least = window.docks[name].widget(), window.docks[name].widget().minimumSizeHint()
        assert panel.width() >= least.width(), name
        assert panel.height() >= least.height(), name
    assert window.area.gallery.viewport().height() >= 200


def test_a_panel_that_is_opened_lies_on_top(driver) -> None:
    docks = driver.window.docks
    for name in ("jobs", "decisions"):
        driver.window.actions_[name].setChecked(True)
    driver.until(lambda: docks["decisions"].x() > 0 > docks["jobs"].x())
    driver.window.actions_["jobs"].setChecked(False)
    driver.window.actions_["jobs"].setChecked(True)
    driver.until(lambda: docks["jobs"].x() > 0 > docks["decisions"].x())
    driver.idle()


def test_larger_texts_leave_each_panel_its_room(driver) -> None:
    window = driver.window
    with larger_texts():
        driver.click_sign("p000", 1)
        window.actions_["decisions"].setChecked(True)
        driver.idle()
        for name in ("decisions", "tray"):
            panel = window.docks[name].widget()
            driver.until(lambda panel=panel: panel.width() >= panel.minimumSizeHint().width())
        history = window.findChild(HistoryPanel)
        filters = history.attribute.parentWidget()
        driver.until(lambda: filters.height() >= filters.heightForWidth(filters.width()))
        for box in (history.kind, history.actor, history.attribute):
            option = QStyleOptionComboBox()
            box.initStyleOption(option)
            part = QStyle.SubControl.SC_ComboBoxEditField
            room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box)
            assert room.width() > box.fontMetrics().horizontalAdvance(box.itemText(0))
        assert (window.width(), window.height()) == (1280, 800)


@pytest.mark.parametrize("mode", ["browse", "tag", "audit", "quality"])
def test_larger_texts_fit_the_window_beside_the_history(driver, mode: str) -> None:
    window = driver.window
    with larger_texts():
        driver.click_sign("p000", 1)
        window.actions_["decisions"].setChecked(True)
        window.modes.switch(mode)
        driver.until(window.docks["decisions"].isVisible)
        driver.idle()
        least = window.minimumSizeHint()
        assert least.width() <= 1280
        assert least.height() <= 800
        if mode == "browse":  # what is beside the photos is not cut off
            for panel in (window.facets, window.inspector):
                body = panel.scroll_area.widget()
                driver.until(lambda panel=panel, body=body: panel.width() >= body.minimumSizeHint().width())
        assert (window.width(), window.height()) == (1280, 800)


def test_larger_texts_cut_off_no_heading_button_or_key(driver) -> None:
    window = driver.window
    window.modes.switch("quality")
    driver.idle()
    with larger_texts():
        table = window.findChild(QualityTabs).dashboard.table
        for place in range(1, table.columnCount()):
            text = table.horizontalHeaderItem(place).text()
            assert table.columnWidth(place) > table.fontMetrics().horizontalAdvance(text), text
        window.modes.switch("browse")
        window.area.gallery.set_current_row(0)
        driver.idle()
        inspector = window.inspector
        room = inspector.scroll_area.viewport()
        driver.until(
            lambda: (
                inspector.less.isVisible()
                and room.rect().right() >= inspector.less.mapTo(room, inspector.less.rect().topRight()).x()
            )
        )
        window.actions_["shortcuts"].trigger()
        driver.until(lambda: bool(window.findChildren(TextSheet)))
        (sheet,) = window.findChildren(TextSheet)
        bar = sheet.findChild(QScrollArea).horizontalScrollBar()
        driver.until(lambda: sheet.isVisible() and bar.maximum() == 0)
        sheet.close()
