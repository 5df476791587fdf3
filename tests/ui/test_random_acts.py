"""Whatever a person does, in whatever order: no bug report appears, and the window comes to rest.

RANDOM_ACTS=1000 and RANDOM_SEEDS=20 in the environment look further than the suite does.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QSlider,
    QWidget,
)

from .conftest import Driver

ACTS = int(os.environ.get("RANDOM_ACTS", "150"))
SEEDS = int(os.environ.get("RANDOM_SEEDS", "2"))
LEAVING = {"quit", "close", "new", "open", "full_screen"}  # what ends the test, or asks the system for a file
WORDS = ("shirt", "red", "a", "shirt OR", '"', "blue dress", "-x", "7", "100", "kind", "colour")
KEYS = (
    *(Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Backspace, Qt.Key.Key_Y, Qt.Key.Key_N, Qt.Key.Key_U, Qt.Key.Key_X, Qt.Key.Key_M),
    *(Qt.Key.Key_K, Qt.Key.Key_S, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_5, Qt.Key.Key_H, Qt.Key.Key_D),
)
NONE, SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Fidget:
    """Somebody who tries everything. ``done`` tells what, to do it again."""

    def __init__(self, driver: Driver, seed: int) -> None:
        self.driver, self.window = driver, driver.window
        self.random = random.Random(seed)
        self.done: list[str] = []
        self.popups = QTimer(driver.window, interval=60)
        self.popups.timeout.connect(self.choose)
        self.popups.start()

    def act(self) -> None:
        """Something, then a moment or none."""
        top = self.top()
        acts: tuple[tuple[int, Callable[[QWidget], str]], ...] = (
            *((4, self.action), (5, self.button), (4, self.key), (2, self.word), (2, self.sign)),
            *((2, self.row), (2, self.setting), (2, self.anywhere), (1, self.close)),
        )
        (chosen,) = self.random.choices([act for _, act in acts], [weight for weight, _ in acts])
        self.done.append(chosen(top))
        for _ in range(self.random.choice((0, 1, 1, 3, 10))):
            QCoreApplication.processEvents()

    def top(self) -> QWidget:
        """Where a person would act: a dialog keeps the rest of the window from it, mostly."""
        asked = QApplication.activeModalWidget()
        if asked is not None:
            return asked
        open_ = self.visible(self.window, QDialog)
        return open_[-1] if open_ and self.random.random() < 0.8 else self.window

    @staticmethod
    def visible(top: QWidget, kind: type) -> list:
        return [one for one in top.findChildren(kind) if one.isVisible() and one.isEnabled()]

    # --- acts: each tells what it did -----------------------------------------------------------------------

    def action(self, top: QWidget) -> str:
        if top is not self.window:
            return ""
        names = [
            name
            for name, _, action in self.window.actions_.listed()
            if action.isEnabled() and name not in LEAVING
        ]
        name = self.random.choice(names)
        self.window.actions_[name].trigger()
        return f"action {name}"

    def button(self, top: QWidget) -> str:
        buttons = self.visible(top, QAbstractButton)
        if not buttons:
            return ""
        button = self.random.choice(buttons)
        said = f"button {button.accessibleName() or button.text()}"
        self.click(button, button.rect().center())
        return said

    def key(self, top: QWidget) -> str:
        key, focus = self.random.choice(KEYS), top.focusWidget() or top
        modifiers = self.random.choice((NONE, NONE, NONE, NONE, SHIFT, CONTROL, ALT))
        QTest.keyClick(focus, key, modifiers)
        return f"key {key.name} {modifiers.name}"

    def word(self, top: QWidget) -> str:
        lines = self.visible(top, QLineEdit)
        if not lines:
            return ""
        line, word = self.random.choice(lines), self.random.choice(WORDS)
        line.setFocus()
        QTest.keyClicks(line, word)
        return f"word {word}"

    def sign(self, top: QWidget) -> str:
        gallery, model = self.window.area.gallery, self.window.area.model
        if top is not self.window or not gallery.isVisible() or not model.total:
            return ""
        row = self.random.randrange(min(model.total, 40))
        gallery.scroll_to_row(row)
        tile = gallery.tiles.square(gallery.tile_rect(row))
        spot = gallery.tiles.button_rect(
            tile, self.random.choice((1, -1)), gallery.layoutDirection()
        ).center()
        QTest.mouseMove(gallery.viewport(), spot)
        self.click(gallery.viewport(), spot)
        return f"sign on {row}"

    def row(self, top: QWidget) -> str:
        views = [
            view for view in self.visible(top, QAbstractItemView) if view is not self.window.area.gallery
        ]
        if not views:
            return ""
        port = self.random.choice(views).viewport()
        self.click(port, self.spot(port.width(), min(port.height(), 200)), twice=self.random.random() < 0.2)
        return "row"

    def setting(self, top: QWidget) -> str:
        found = [*self.visible(top, QSlider), *self.visible(top, QComboBox)]
        if not found:
            return ""
        chosen = self.random.choice(found)
        if isinstance(chosen, QSlider):
            self.click(chosen, QPoint(self.random.randrange(chosen.width()), chosen.height() // 2))
        elif chosen.count():
            chosen.setCurrentIndex(self.random.randrange(chosen.count()))
            chosen.activated.emit(chosen.currentIndex())
        return "setting"

    def anywhere(self, top: QWidget) -> str:
        widget = self.random.choice([top, *self.visible(top, QWidget)])
        said = f"click on {type(widget).__name__}"
        self.click(
            widget, self.spot(widget.width(), widget.height()), self.random.choice((LEFT, LEFT, RIGHT))
        )
        return said

    def close(self, top: QWidget) -> str:
        if isinstance(top, QDialog):
            top.reject()
        return f"close {type(top).__name__}"

    def choose(self) -> None:
        """A menu that is open: one of its actions, or none."""
        popup = QApplication.activePopupWidget()
        if popup is None:
            return
        popup.close()
        if isinstance(popup, QMenu) and self.random.random() < 0.5:
            actions = [
                action
                for action in popup.actions()
                if action.isEnabled() and action.menu() is None and action.objectName() not in LEAVING
            ]
            if actions:
                action = self.random.choice(actions)
                self.done.append(f"menu {action.text()}")
                action.trigger()

    # --- the mouse ------------------------------------------------------------------------------------------

    def spot(self, width: int, height: int) -> QPoint:
        return QPoint(self.random.randrange(max(1, width)), self.random.randrange(max(1, height)))

    def click(
        self, widget: QWidget, spot: QPoint, button: Qt.MouseButton = LEFT, *, twice: bool = False
    ) -> None:
        """Posted, not sent as by QTest: a menu that opens waits in a loop of its own, with Python's lock held there."""
        press, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
        kinds = [press, release, *((QEvent.Type.MouseButtonDblClick, release) if twice else ())]
        at, everywhere = QPointF(spot), QPointF(widget.mapToGlobal(spot))
        for kind in kinds:
            held = Qt.MouseButton.NoButton if kind == release else button
            QCoreApplication.postEvent(widget, QMouseEvent(kind, at, everywhere, button, held, NONE))
        if button == RIGHT:
            reason = QContextMenuEvent.Reason.Mouse
            QCoreApplication.postEvent(
                widget, QContextMenuEvent(reason, spot, widget.mapToGlobal(spot), NONE)
            )


@pytest.fixture
def own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever is asked for a file cancels; what is written by a name that was typed stays here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, answer in (
        ("getOpenFileName", ("", "")),
        ("getSaveFileName", ("", "")),
        ("getOpenFileNames", ([], "")),
        ("getExistingDirectory", ""),
    ):
        monkeypatch.setattr(QFileDialog, name, lambda *_, answer=answer, **__: answer)


@pytest.mark.usefixtures("own_files")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_window_stands_whatever_is_done(driver: Driver, seed: int) -> None:
    fidget = Fidget(driver, seed)
    for number in range(ACTS):
        fidget.act()
        assert driver.window.faults.dialog is None, fidget.done[-20:]
        if number % 25 == 24:
            try:
                driver.idle()
            except Exception:
                print(fidget.done[-40:])
                raise
    fidget.popups.stop()
    driver.idle()
    assert driver.window.controller.workspace is not None, "the catalog is still open"
