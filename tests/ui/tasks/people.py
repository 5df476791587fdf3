"""Two people who know the window only as it shows itself: one has a keyboard, the other a mouse.

Both act on Qt's windows, not on widgets: keys go where the system would send them, a click hits what lies on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeySequence,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QMenu,
    QTabBar,
    QTreeView,
    QWidget,
)
from shiboken6 import isValid

from tests.ui.conftest import Driver
from visualsearch.ui.certifying.judge import Judge
from visualsearch.ui.gallery.view import GalleryView
from visualsearch.ui.tagging.grid import Tile
from visualsearch.workspace import Workspace

MOST_TABS = 30
_CALM = 4  # looks
_SOON_MS = 300  # the longest pause before a question; what only saves or hides itself waits longer
_NO, _LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
_Widget = TypeVar("_Widget", bound=QWidget)


def plain(text: str) -> str:
    """A text without what marks its key, and without the dots of what asks further."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").split("\t")[0].strip().rstrip("…:")


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it: its own name, that of the label whose buddy it is, or its text."""
    if widget.accessibleName():
        return plain(widget.accessibleName())
    around = widget.parentWidget()
    for label in around.findChildren(QLabel) if around is not None else ():
        if label.buddy() is widget:
            return plain(label.text())
    known = QAccessible.queryAccessibleInterface(widget)
    said = known.text(QAccessible.Text.Name) if known is not None and known.isValid() else ""
    return plain(said)


def on_top() -> QWidget:
    """What takes keys and clicks now: a menu or list that dropped, a dialog, else the window."""
    found = (
        QApplication.activePopupWidget() or QApplication.activeModalWidget() or QApplication.activeWindow()
    )
    if found is None:  # a dialog has closed, and the desktop has not yet gone back to the one below
        windows = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        found = next(one for one in windows if isinstance(one, QMainWindow))
    return found


def handle(window: QWidget) -> QWindow:
    found = window.windowHandle()
    assert found is not None
    return found


class _Person:
    """What both can do: look and wait."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window
        self._held: list[QWidget] = []

    def until(self, condition: Callable[[], bool]) -> None:
        self.driver.until(condition)

    def rest(self) -> None:
        """Wait until the window has had nothing to do for some looks in a row, and is not about to begin: one answer
        may ask the next question, and what is typed is searched for when the typing pauses."""
        window, calm = self.window, 0

        def is_due(timer: QTimer) -> bool:
            return timer.isActive() and timer.isSingleShot() and timer.interval() <= _SOON_MS

        def is_calm() -> bool:
            nonlocal calm
            working = window.jobs.is_running or window.undoing.is_busy
            idle = window.controller.is_settled and window.background.is_idle and not working
            idle = idle and not any(is_due(timer) for timer in window.findChildren(QTimer))
            calm = calm + 1 if idle else 0
            return calm >= _CALM

        self.until(is_calm)

    @property
    def workspace(self) -> Workspace:
        """The catalog, to look whether it is as it should be."""
        found = self.window.controller.workspace
        assert found is not None
        return found

    def values(self, item_id: str, attribute: str) -> list[str]:
        """What an item has of an attribute, as the catalog tells."""
        return [str(value) for value in self.driver.values(item_id, attribute)]

    def sees(self, text: str) -> bool:
        """Whether a text stands somewhere on screen."""
        return any(text in said for said in self.read())

    def read(self) -> list[str]:
        """All names and texts on screen."""
        found = []
        for widget in self.shown(QWidget):
            found += [name_of(widget), widget.text() if isinstance(widget, QLabel) else ""]
        return [text for text in found if text]

    def shown(self, kind: type[_Widget], inside: QWidget | None = None) -> Iterator[_Widget]:
        """The widgets of a kind in what is on top, as far as they can be seen or scrolled to."""
        for widget in (inside or on_top()).findChildren(kind):
            if isValid(widget) and widget.isVisible():
                yield widget

    def find(self, name: str, kind: type[_Widget] = QWidget) -> _Widget:
        """The control with a name, or whose name begins so; it is enabled."""
        found = [widget for widget in self.shown(kind) if name_of(widget).startswith(name)]
        found = [one for one in found if one.isEnabled()]
        exact = [widget for widget in found if name_of(widget) == name]
        assert found, f"nothing on screen is called {name}: {self.read()}"
        return (exact or found)[0]


class Keyboard(_Person):
    """Presses keys; they go to whatever has the focus."""

    @property
    def focus(self) -> QWidget:
        found = on_top().focusWidget()
        assert found is not None, f"nothing has the focus in {on_top()}"
        return found

    def press(self, *keys: str) -> None:
        """Keys as the guide names them: "Ctrl+Shift+T", "Enter", "+"."""
        for name in keys:
            sequence = QKeySequence.fromString("Return" if name == "Enter" else name)
            pressed = sequence[0]  # type: ignore[index]  # PySide's stubs lack it
            QTest.keyClick(self._focused(), pressed.key(), pressed.keyboardModifiers())

    def context_menu(self) -> None:
        """The Menu key: the desktop asks what has the focus for its menu."""
        spot = self.focus.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(self.focus, QContextMenuEvent(reason, spot, self.focus.mapToGlobal(spot)))
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))

    def type(self, text: str) -> None:
        for letter in text:
            QTest.keyClick(self._focused(), letter)  # type: ignore[call-overload]  # the stubs lack letters

    def _focused(self) -> QWindow:
        """The window that has the keyboard. When a dialog has closed, the desktop gives it to the one below; to one
        that has just opened it may be on its way, and what is pressed before it is there goes nowhere."""
        if QGuiApplication.focusWindow() is None:
            handle(on_top()).requestActivate()

        def is_there() -> bool:
            """Whether no dialog keeps the keys from the window that has them."""
            dialog, focus = QApplication.activeModalWidget(), QGuiApplication.focusWindow()
            if dialog is None or QApplication.activePopupWidget() is not None:
                return focus is not None
            below = (one for one in QApplication.topLevelWidgets() if isinstance(one, (QDialog, QMainWindow)))
            return focus is not None and all(
                one is dialog or one.windowHandle() is not focus for one in below
            )

        self.until(is_there)
        found = QGuiApplication.focusWindow()
        assert found is not None
        return found

    def tab_to(self, name: str, back: bool = False) -> QWidget:
        """Press Tab until the control with this name has the focus. A person gives up after so many."""
        seen = []
        for _ in range(MOST_TABS + 1):
            seen.append(name_of(self.focus))
            if seen[-1].startswith(name):
                assert self.focus.isVisible()
                return self.focus
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{MOST_TABS} times Tab did not lead to {name}: {seen}")

    def arrow_to(self, text: str, key: str = "Down", most: int = MOST_TABS) -> None:
        """Walk along a list or the values of a box until the current one begins with a text."""
        seen = []
        for _ in range(most):
            seen.append(_current_of(self.focus))
            if seen[-1].startswith(text):
                return
            self.press(key)
        raise AssertionError(f"{key} did not lead to {text}: {seen}")

    def go_to(self, item_id: str) -> None:
        """To a photo by its id."""
        self.press("Ctrl+G")
        self.until(lambda: isinstance(self.focus, QLineEdit))
        self.type(item_id)
        self.rest()
        self.press("Enter")
        number = self.driver.number(item_id)
        self.until(lambda: self.window.area.gallery.current_item() == number)

    def menu(self, title: str, text: str) -> None:
        """Open a menu by its letter and walk to an action."""
        action = next(one for one in self.window.menuBar().actions() if plain(one.text()) == title)
        letter = action.text()[action.text().index("&") + 1]
        self.press(f"Alt+{letter}")
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        self.pick(text)

    def pick(self, text: str) -> None:
        """Walk to an action of the menu that is open, and choose it."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        seen: list[str] = []
        while menu.activeAction() is None or plain(menu.activeAction().text()) != text:
            self.press("Down")
            now = menu.activeAction()
            assert now is not None, f"the menu has no {text}: {seen}"
            assert len(seen) < 2 * len(menu.actions()), f"the menu has no {text}: {seen}"
            seen.append(plain(now.text()))
        assert menu.activeAction().isEnabled(), f"{text} is disabled"
        self.press("Enter")


class Mouse(_Person):
    """Moves, clicks, drags and turns the wheel."""

    def click(
        self,
        what: str | QWidget,
        spot: QPoint | None = None,
        button: Qt.MouseButton = _LEFT,
        held: Qt.KeyboardModifier = _NO,
    ) -> None:
        """Click on a control by its name, or on a place of one."""
        widget = self.find(what) if isinstance(what, str) else what
        place = self._aim(widget, spot)
        window = self._window_of(widget)
        QTest.mouseMove(window, place)
        QTest.mouseClick(window, button, held, place)

    def double_click(self, widget: QWidget, spot: QPoint) -> None:
        place, window = self._aim(widget, spot), self._window_of(widget)
        QTest.mouseMove(window, place)
        QTest.mouseClick(window, _LEFT, _NO, place)
        QTest.mouseDClick(window, _LEFT, _NO, place)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press, move and release inside a widget."""
        first, window = self._aim(widget, start), self._window_of(widget)
        last = first + end - start
        QTest.mouseMove(window, first)
        QTest.mousePress(window, _LEFT, _NO, first)
        for step in range(1, 5):
            QTest.mouseMove(window, first + (last - first) * step / 4)
        QTest.mouseRelease(window, _LEFT, _NO, last)

    def photo(self, item_id: str) -> QPoint:
        """Where a photo is in the grid; turns the wheel until it is seen whole."""
        gallery, room = self._row(item_id)[0], self.window.area.gallery.viewport()
        for _ in range(MOST_TABS):
            tile = gallery.tile_rect(self._row(item_id)[1])
            if room.rect().contains(tile.center()):
                return tile.center()
            self.wheel(room, -1 if tile.center().y() > room.height() else 1)
        raise AssertionError(f"{item_id} is too far away")

    def _row(self, item_id: str) -> tuple[GalleryView, int]:
        row = self.window.area.model.row_of(self.driver.number(item_id))
        assert row is not None, f"{item_id} is not among the results"
        return self.window.area.gallery, row

    def sign(self, item_id: str, sign: int) -> None:
        """Click the + or − of a photo."""
        gallery, row = self._row(item_id)
        self.photo(item_id)
        square = gallery.tiles.square(gallery.tile_rect(row))
        spot = gallery.tiles.button_rect(square, sign, Qt.LayoutDirection.LeftToRight).center()
        self.click(gallery.viewport(), spot)
        self.rest()

    def wheel(self, widget: QWidget, notches: int) -> None:
        """Turn the wheel over a widget; towards oneself is negative."""
        self._aim(widget, None)
        local = widget.visibleRegion().boundingRect().center()
        QApplication.sendEvent(
            widget,
            QWheelEvent(
                QPointF(local),
                QPointF(widget.mapToGlobal(local)),
                QPoint(),
                QPoint(0, 120 * notches),
                Qt.MouseButton.NoButton,
                _NO,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            ),
        )

    def _window_of(self, widget: QWidget) -> QWindow:
        around = widget.window()
        self._held.append(
            around
        )  # PySide forgets the children of a list that dropped when its window is forgotten
        return handle(around)

    def _aim(self, widget: QWidget, spot: QPoint | None) -> QPoint:
        """Where in its window a widget is hit: it must be seen, enabled, and nothing may lie over it."""
        assert widget.isVisible(), f"{name_of(widget)} cannot be seen"
        assert widget.isEnabled(), f"{name_of(widget)} is disabled"
        around = widget.window()
        self._held.append(around)
        assert around is on_top(), f"{name_of(widget)} is behind {on_top()}"
        if spot is None:
            spot = widget.visibleRegion().boundingRect().center()
        assert widget.visibleRegion().contains(spot), f"{name_of(widget)} is not seen at {spot}"
        place = widget.mapTo(around, spot)
        hit = around.childAt(place)
        hit = hit if hit is not None else around
        assert hit is widget or widget.isAncestorOf(hit), f"{hit} lies over {name_of(widget)}"
        return place

    def menu(self, title: str, text: str) -> None:
        """Open a menu and click on an action."""
        bar = self.window.menuBar()
        action = next(one for one in bar.actions() if plain(one.text()) == title)
        self.click(bar, bar.actionGeometry(action).center())
        self.pick(text)

    def pick(self, text: str) -> None:
        """Click on an action of the menu that is open."""
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = _action(menu, text)
        assert action.isEnabled(), f"{text} is disabled"
        self.click(menu, menu.actionGeometry(action).center())

    def choose(self, box: str | QComboBox, text: str) -> None:
        """Drop the list of a box and click on the line that begins with a text."""
        widget = self.find(box, QComboBox) if isinstance(box, str) else box
        arrow = QPoint(widget.width() - 8, widget.height() // 2)
        self.click(widget, arrow if widget.isEditable() else None)
        view = widget.view()
        self.until(view.isVisible)

        def is_chosen() -> bool:
            if (
                view.isVisible()
            ):  # just after it has dropped, Qt takes a click for the end of the one that dropped it
                self.line(view, text)
            return not view.isVisible()

        self.until(is_chosen)

    def drop_line(self, text: str) -> None:
        """Click on a line of the list that has dropped from a field."""
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QAbstractItemView))
        view = QApplication.activePopupWidget()
        assert isinstance(view, QAbstractItemView)
        self.line(view, text)

    def line(self, view: QAbstractItemView, text: str, button: Qt.MouseButton = _LEFT) -> QPoint:
        """Click on the line or cell of a list or table that begins with a text; where that was."""
        spot = self.place(view, text)
        self.click(view.viewport(), spot, button)
        return spot

    def place(self, view: QAbstractItemView, text: str) -> QPoint:
        """Where a line or cell is in its list's viewport."""
        found = [index for index in _indexes(view) if str(index.data() or "").startswith(text)]
        exact = [index for index in found if index.data() == text]
        assert found, f"no line {text}: {[index.data() for index in _indexes(view)]}"
        rect = view.visualRect((exact or found)[0]).intersected(view.viewport().rect())
        assert not rect.isEmpty(), f"{text} is scrolled away"
        return rect.center()

    def tab(self, text: str) -> None:
        """Click on the tab of a page."""
        for bar in self.shown(QTabBar):
            for place in range(bar.count()):
                if plain(bar.tabText(place)) == text:
                    self.click(bar, bar.tabRect(place).center())
                    return
        raise AssertionError(f"no tab {text}")


def start_tagging(keyboard: Keyboard) -> None:
    """From two examples to the first page of suggestions for form = round."""
    for item_id in ("p000", "p009"):
        keyboard.go_to(item_id)
        keyboard.press("+")
        keyboard.rest()
    keyboard.press("Ctrl+Shift+T")
    keyboard.rest()
    keyboard.type("form")
    keyboard.press("Tab")
    keyboard.type("round")
    keyboard.press("Enter")
    keyboard.until(lambda: isinstance(keyboard.focus, Tile))


def judge_all(person: Keyboard | Mouse) -> None:
    """Answer that all photos of a sample are right."""
    for _ in range(90):
        person.rest()
        if person.sees("Accept the other") or not any(person.shown(Judge)):
            return
        if isinstance(person, Keyboard):
            person.press("Y")
        else:
            person.click("Yes")


def _action(menu: QMenu, text: str) -> QAction:
    names = [plain(action.text()) for action in menu.actions()]
    found = [name for name in names if name == text or name.startswith(f"{text}: ")]  # "Undo: Set colour"
    assert found, f"the menu has no {text}: {names}"
    return menu.actions()[names.index(found[0])]


def _indexes(view: QAbstractItemView, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
    """All cells, those of a tree with what is below them."""
    model, parent = view.model(), parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        for column in range(1 if isinstance(view, QListView) else model.columnCount(parent)):
            yield model.index(row, column, parent)
        if isinstance(view, QTreeView):
            yield from _indexes(view, model.index(row, 0, parent))


def _current_of(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QAbstractItemView):
        return str(widget.currentIndex().data() or "")
    if isinstance(widget, QTabBar):
        return plain(widget.tabText(widget.currentIndex()))
    return name_of(widget)
