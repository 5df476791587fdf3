"""The panels around the middle: which are wanted, in which modes they make sense, how wide they are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_LOW = 200  # pixels of height below which a list and what its entry says have no room
_LEAST_LINES = 9  # the same in lines, for large letters
_ROOMY = 1000  # pixels of window from which on a dock's width is what the person wants


class _Widths(QObject):
    """Remembers the widths that docks have while there is room for them."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._widths: dict[QDockWidget, int] = {}
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            before, now = event.oldSize().width(), event.size().width()
            if watched is self._window and before < _ROOMY <= now:
                docks = list(self._widths)
                self._window.resizeDocks(docks, list(self._widths.values()), Qt.Orientation.Horizontal)
            elif isinstance(watched, QDockWidget) and before != now and self._window.width() >= _ROOMY:
                self._widths[watched] = now
        return False

    def add(self, dock: QDockWidget, width: int) -> None:
        """Watch one more."""
        self._widths[dock] = width
        dock.installEventFilter(self)


class Docks:
    """The docks of a window by name. One that makes no sense in a mode hides, and comes back afterwards."""

    def __init__(self, window: QMainWindow, keeps: Callable[[str], bool]) -> None:
        self._window = window
        self._keeps = keeps
        self._docks: dict[str, QDockWidget] = {}
        self._modes: dict[str, tuple[str, ...]] = {}
        self._widths = _Widths(window)
        self.wanted: dict[str, bool] = {}
        area, corner = Qt.DockWidgetArea, Qt.Corner
        for where, side in (  # panels at the sides keep their height, but for what stands above the photos
            (corner.TopLeftCorner, area.LeftDockWidgetArea),
            (corner.TopRightCorner, area.TopDockWidgetArea),
            (corner.BottomLeftCorner, area.LeftDockWidgetArea),
            (corner.BottomRightCorner, area.RightDockWidgetArea),
        ):
            window.setCorner(where, side)
        window.setTabPosition(_BOTTOM, QTabWidget.TabPosition.North)

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def __contains__(self, name: str) -> bool:
        return name in self._docks

    def add(
        self,
        name: str,
        title: str,
        panel: QWidget,
        side: Qt.DockWidgetArea,
        modes: tuple[str, ...],
        width: int = 0,
    ) -> QDockWidget:
        """A dock that cannot be moved or closed by the mouse: it opens and closes with its action.

        ``width``: pixels of one at the left or right, until the person says otherwise. Those at the bottom lie on each
        other, with tabs: side by side none of them would have room.
        """
        dock = QDockWidget(title.replace("&", ""), self._window)
        dock.setObjectName(name)
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setWidget(panel)
        self._modes[name] = modes
        self.wanted.setdefault(name, True)
        self._window.addDockWidget(side, dock)
        beside = [one for one in self._docks.values() if self._window.dockWidgetArea(one) == side]
        if side == _BOTTOM and beside:
            self._window.tabifyDockWidget(beside[-1], dock)
        if not self._window.restoreDockWidget(dock) and width:
            self._window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        if width:
            self._widths.add(dock, width)
        self._docks[name] = dock
        return dock

    def lift(self, name: str) -> None:
        """Put a dock above those in its place; one at the bottom gets a height to work with."""
        dock = self._docks[name]
        dock.raise_()
        needed = max(_LOW, _LEAST_LINES * dock.fontMetrics().lineSpacing())
        if self._window.dockWidgetArea(dock) == _BOTTOM and dock.height() < needed:
            self._window.resizeDocks([dock], [needed], Qt.Orientation.Vertical)

    def makes_sense(self, name: str, mode: str) -> bool:
        """Whether a mode shows the dock."""
        return mode in self._modes[name] or self._keeps(name)

    def make_room(self, mode: str) -> None:
        """Hide what a mode does not show, before its page comes: the window has no room for both."""
        for name, dock in self._docks.items():
            if not self.makes_sense(name, mode):
                dock.hide()

    def show(self, mode: str | None) -> None:
        """Show what is wanted in a mode; None, without a catalog, shows nothing."""
        for name, dock in self._docks.items():
            dock.setVisible(mode is not None and self.wanted[name] and self.makes_sense(name, mode))
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setFocusPolicy(
                Qt.FocusPolicy.NoFocus
            )  # Tab came to it also with no dock in sight; each has a key
