"""Connects the history of decisions to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from visualsearch.ui.operations.panel import HistoryPanel
from visualsearch.ui.operations.reading import read_detail, read_page

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Operation
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_PAGE = 200
_CHANGES = 200


class Operations(QObject):
    """The history dock of one window. It is read while it is on screen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._limit = _PAGE
        self.panel = HistoryPanel(window.photos, window)
        self.dock = window.add_dock(
            "decisions",
            self.tr("&History of decisions"),
            self.panel,
            Qt.DockWidgetArea.BottomDockWidgetArea,
            modes=("browse", "tag", "audit", "quality"),
            keys=("Ctrl+H",),
            wanted=False,
        )
        self.dock.visibilityChanged.connect(lambda shown: self._open() if shown else None)
        self.panel.narrowed.connect(self._narrow)
        self.panel.more_wanted.connect(self._more)
        self.panel.chosen.connect(self._choose)
        self.panel.switch_wanted.connect(self._switch)
        self.panel.item_wanted.connect(window.commands.go_to_item)
        window.undoing.changed.connect(self.refresh)
        window.catalogs.grown.connect(lambda *_: self.refresh())
        window.catalog_changed.connect(self._take)
        window.area.gallery.current_item_changed.connect(self._look_at)

    def _take(self, _workspace: Workspace | None) -> None:
        self._limit = _PAGE
        self.panel.show_detail(None)
        self.refresh()

    def _open(self) -> None:
        self._look_at(self._window.area.gallery.current_item())
        self.refresh()
        self.panel.list.setFocus()

    def _look_at(self, item: int) -> None:
        self.panel.set_item(item if item >= 0 else None)

    def refresh(self) -> None:
        """Read the log anew, as far as it is shown."""
        workspace = self._window.controller.workspace
        if workspace is None or not self.dock.isVisible():
            return
        wanted, limit = self.panel.wanted(), self._limit
        self.panel.set_attributes([name for name, _ in self._window.attributes])
        self._window.background.run(
            lambda: read_page(workspace, wanted, limit), self.panel.show_page, key="history page"
        )

    def _narrow(self) -> None:
        self._limit = _PAGE
        self.refresh()

    def _more(self) -> None:
        self._limit += _PAGE
        self.refresh()

    def _choose(self, number: int) -> None:
        workspace = self._window.controller.workspace
        if workspace is None or not number:
            self._window.background.forget("history detail")
            self.panel.show_detail(None)
            return
        self._window.background.run(
            lambda: read_detail(workspace, number, _CHANGES), self.panel.show_detail, key="history detail"
        )

    def _switch(self, act: Operation) -> None:
        if act.undone_by is not None:
            self._window.undoing.do_again(act.number, act.undone_by)
        else:
            self._window.undoing.take_back(act.number)


def install(window: MainWindow) -> None:
    Operations(window)
