"""The settings in the window: in effect at once, taken along as a file, put back; other languages and directions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from tests.ui.conftest import Driver
from visualsearch.settings import Settings
from visualsearch.ui import style
from visualsearch.ui.panels.settings import SettingsDialog
from visualsearch.ui.settings_feature import SettingsKeeper
from visualsearch.ui.translation import PseudoTranslator

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTextEdit,
)


@pytest.fixture(autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    yield
    style.apply(qapp, "light")
    style.scale_fonts(qapp, 100)


def dialog_of(driver: Driver) -> SettingsDialog:
    driver.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    keeper = driver.window.findChild(SettingsKeeper)
    assert keeper is not None
    assert keeper.dialog is not None
    return keeper.dialog


def choose(dialog: SettingsDialog, code: str) -> None:
    dialog.theme.setCurrentIndex(dialog.theme.findData(code))
    dialog.theme.activated.emit(dialog.theme.currentIndex())


def test_choices_take_effect_at_once_and_are_kept(empty: Driver, qapp: QApplication) -> None:
    dialog = dialog_of(empty)
    choose(dialog, "dark")
    assert style.is_dark(qapp.palette())
    assert style.colors(qapp.palette()) is style.DARK
    dialog.contrast.click()
    assert style.colors(qapp.palette()) is style.DARK_CONTRAST
    before = qapp.font().pointSizeF()
    dialog.font_percent.setValue(150)
    assert qapp.font().pointSizeF() == pytest.approx(1.5 * before, rel=0.05)
    empty.qtbot.keyClicks(dialog.person, "Ada")
    empty.until(lambda: Settings.load().actor == "Ada")
    kept = Settings.load()
    assert (kept.theme, kept.high_contrast, kept.font_percent) == ("dark", True, 150)


def test_settings_travel_and_are_reset(empty: Driver, tmp_path: Path) -> None:
    dialog = dialog_of(empty)
    empty.window.settings.recent = ["/here/only"]
    choose(dialog, "dark")
    dialog.export_to(tmp_path / "mine.json")
    assert "/here/only" not in (tmp_path / "mine.json").read_text()
    dialog.reset.click()
    assert empty.window.settings.theme == "system"
    assert empty.window.settings.recent == ["/here/only"]
    dialog.import_from(tmp_path / "mine.json")
    assert empty.window.settings.theme == "dark"
    (tmp_path / "other.json").write_text(json.dumps([1, 2]))
    dialog.import_from(tmp_path / "other.json")
    assert empty.window.settings.theme == "dark"
    assert "no settings" in dialog.said.text()


@pytest.fixture
def pseudo(qapp: QApplication) -> Iterator[PseudoTranslator]:
    translator = PseudoTranslator(qapp)
    qapp.installTranslator(translator)
    yield translator
    qapp.removeTranslator(translator)


def texts_of(root: QWidget) -> list[str]:
    found = []
    for widget in root.findChildren(QWidget):
        if isinstance(widget, QAbstractButton | QLabel) and widget.text():
            found.append(widget.text())
        if isinstance(widget, QLineEdit) and widget.placeholderText():
            found.append(widget.placeholderText())
        found += [text for text in (widget.toolTip(), widget.accessibleName()) if text]
    return found


def test_every_text_goes_through_the_translation(
    pseudo: PseudoTranslator, make_window: Callable[..., Driver], catalog: Path
) -> None:
    driver = make_window()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    menus = [action.text() for action in driver.window.menuBar().actions()]
    rows = [text for _, entries in driver.window.actions_.sheet() for text, _ in entries]
    said = menus + rows + texts_of(dialog_of(driver)) + texts_of(driver.window)
    data = {
        "catalog",
        "shape",
        "colour",
        "price",
        "name",
        "disc",
        "box",
        "cross",
        "red",
        "blue",
        "green",
        "English",
    }
    plain = {
        text
        for text in said
        if "⟦" not in text and any(letter.isalpha() for letter in text) and text not in data
    }
    assert not {text for text in plain if not text.startswith(("p0", "<"))}, "not translated"


def test_the_pseudo_language_keeps_what_is_filled_in() -> None:
    said = PseudoTranslator().translate("x", "{0} of <b>{1}</b> photos")
    assert "{0}" in said
    assert "<b>{1}</b>" in said
    assert len(said) > 1.3 * len("{0} of <b>{1}</b> photos")
    assert PseudoTranslator().translate("x", said) == said


def test_from_right_to_left_nothing_breaks(
    qapp: QApplication, make_window: Callable[..., Driver], catalog: Path
) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        driver = make_window()
        driver.window.catalogs.open(catalog)
        driver.until(lambda: driver.window.controller.results is not None)
        driver.idle()
        window = driver.window
        at = lambda widget: widget.mapTo(window, QPoint(0, 0)).x()  # noqa: E731
        assert at(window.bar.catalog) > at(window.bar.text) > at(window.bar.zoom)
        frame = QRect(QPoint(0, 0), window.size())
        for widget in window.findChildren(QWidget):
            if isinstance(widget, QTabBar) and widget.parent() is window and not widget.count():
                continue  # Qt keeps the tabs of panels that are closed beside the window
            if widget.isVisible() and widget.window() is window and not isinstance(widget, QScrollBar):
                spot = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
                assert frame.intersects(spot) or spot.isEmpty() or inside_scroll(widget), widget
        window.area.gallery.setFocus()
        window.area.gallery.set_current_row(3)
        driver.key(Qt.Key.Key_Plus)
        driver.settle()
        assert window.controller.query.visual.positives
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def inside_scroll(widget: QWidget) -> bool:
    """Whether the widget may be scrolled out of sight."""
    at: QWidget | None = widget
    while at is not None:
        if at.objectName() == "qt_scrollarea_viewport" or hasattr(at, "viewport"):
            return True
        at = at.parentWidget()
    return False


def nameless(root: QWidget) -> list[str]:
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or isinstance(widget, QScrollBar) or not widget.isVisibleTo(root):
            continue
        owner = widget.parentWidget()
        if isinstance(owner, QComboBox | QAbstractSpinBox | QLineEdit) or (
            owner is not None and isinstance(owner.parentWidget(), QComboBox)
        ):
            continue  # part of another control
        said = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        if not said and not (isinstance(widget, QAbstractButton) and widget.toolTip()):
            found.append(
                f"{type(widget).__name__} in {type(owner).__name__} of {type(owner.parent()).__name__}"
                if owner
                else "?"
            )
    return found


def test_a_screen_reader_has_a_name_for_every_control(driver: Driver) -> None:
    driver.click_sign("p003", 1)
    driver.idle()
    assert nameless(dialog_of(driver)) == []
    assert nameless(driver.window) == []
    assert QCoreApplication.applicationName()


def silent(root: QWidget) -> list[str]:
    """What Tab or a click gives the focus to, but of which a screen reader has nothing to say then."""
    return [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(root)
        and not isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)  # these speak for their lines
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]


@pytest.mark.parametrize("mode", [Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4])
def test_what_has_the_focus_has_a_name_in_each_mode(driver: Driver, mode: Qt.Key) -> None:
    driver.key(mode, Qt.KeyboardModifier.ControlModifier)
    driver.idle()
    assert silent(driver.window) == []
