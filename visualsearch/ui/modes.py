"""Browse, Tag, Audit, Quality: what the middle of the window shows, and which docks and actions go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

BROWSE = "browse"
_SHOWN, _HIDDEN = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored
_KEYS = {BROWSE: "Ctrl+1", "tag": "Ctrl+2", "audit": "Ctrl+3", "quality": "Ctrl+4"}
"""Modes stand in this order in the switch; others come after them, without a shortcut."""


class Mode:
    """A way of working. Subclass it: ``make`` the widget, and override what else differs.

    ``docks`` names docks that were added for other modes and stay in this one. ``searches``: whether the search text,
    the order and the zoom of the top bar mean something here. All methods are called in the GUI thread.
    """

    name = ""
    icon = ""
    docks: tuple[str, ...] = ()
    searches = False

    def __init__(self, title: str) -> None:
        self.title = title
        self._widget: QWidget | None = None

    @property
    def widget(self) -> QWidget:
        """What the mode shows; made when it is first entered."""
        if self._widget is None:
            self._widget = self.make()
        return self._widget

    def make(self) -> QWidget:
        """Build the widget. Called once."""
        raise NotImplementedError

    def enter(self, workspace: Workspace) -> None:
        """The mode comes on screen, over this catalog."""

    def leave(self) -> None:
        """The mode goes, or its catalog is about to be closed: drop what belongs to it."""

    def focus(self) -> None:
        """Give the keyboard to where work begins."""
        self.widget.setFocus()

    def panes(self) -> list[tuple[QWidget, QWidget]]:
        """The panes of the widget with what takes the focus in each, for F6."""
        return [(self.widget, self.widget)]


class Center(QWidget):
    """The middle of the window: the banner over the modes' widgets."""

    def __init__(self, banner: QWidget, browse: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(banner)
        layout.addWidget(self.stack, 1)


class Modes(QObject):
    """The modes that are installed, and the one on screen. Without a catalog that is always Browse."""

    changed = Signal(str)
    """The name of the mode now on screen."""
    added = Signal()

    def __init__(self, window: MainWindow, stack: QStackedWidget) -> None:
        super().__init__(window)
        self._window = window
        self._stack = stack
        self._modes: dict[str, Mode] = {}
        self._entered: Mode | None = None
        self.current = BROWSE

    def __getitem__(self, name: str) -> Mode:
        return self._modes[name]

    def __contains__(self, name: str) -> bool:
        return name in self._modes

    def all(self) -> list[Mode]:
        """The installed ones in the order of the switch."""
        order = list(_KEYS)
        return sorted(self._modes.values(), key=lambda mode: (*order, mode.name).index(mode.name))

    @property
    def searches(self) -> bool:
        """Whether the search text, the order and the zoom mean something now."""
        return self.current not in self._modes or self._modes[self.current].searches

    def keeps(self, dock: str) -> bool:
        """Whether the mode on screen wants a dock that was added for others."""
        return self.current in self._modes and dock in self._modes[self.current].docks

    def key_text(self, name: str) -> str:
        """The shortcut of a mode as people read it, "" where there is none."""
        native = QKeySequence.SequenceFormat.NativeText
        return self._window.actions_[f"mode_{name}"].shortcut().toString(native)

    def add(self, mode: Mode) -> None:
        """Install a mode: it gets its place in the switch, an action and a shortcut."""
        from visualsearch.ui.actions import Entry

        self._modes[mode.name] = mode
        keys = (_KEYS[mode.name],) if mode.name in _KEYS else ()
        entry = Entry(f"mode_{mode.name}", mode.title, keys, mode.icon, gap=len(self._modes) == 1)
        self._window.actions_.add("go", (entry,), {entry.name: lambda: self.switch(mode.name)})
        self._window.enable_actions()
        self.added.emit()

    def switch(self, name: str) -> None:
        """Show a mode. Without a catalog there is nothing to do in another than Browse."""
        workspace = self._window.controller.workspace
        if name == self.current or name not in self._modes or workspace is None:
            return
        self._leave()
        mode = self._modes[name]
        try:
            if self._stack.indexOf(mode.widget) < 0:
                self._stack.addWidget(mode.widget)
            self._show(name, mode.widget)
            self._entered = mode
            mode.enter(workspace)
            mode.focus()
        except Exception as error:  # whatever a mode cannot do, the person can go on browsing
            self.reset()
            self._window.faults.show(error)

    def reset(self) -> None:
        """Back to Browse: the catalog of the mode on screen is about to go."""
        self._leave()
        if self.current != BROWSE:
            self._show(BROWSE, self._window.area)

    def _leave(self) -> None:
        mode, self._entered = self._entered, None
        if mode is not None:
            mode.leave()

    def _show(self, name: str, widget: QWidget) -> None:
        self.current = name
        self._window.docks.make_room(name)
        former = self._stack.currentWidget()
        if former is not None and former is not widget:
            former.setSizePolicy(_HIDDEN, _HIDDEN)  # or a wide page that is hidden would squeeze the docks
        widget.setSizePolicy(_SHOWN, _SHOWN)
        self._stack.setCurrentWidget(widget)
        self.changed.emit(name)
