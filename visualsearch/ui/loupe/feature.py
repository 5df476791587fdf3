"""Opens the loupe over a window, on the photo with the focus or on those that are selected, and follows the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from visualsearch.ui import texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.loupe.photos import LoupePhotos
from visualsearch.ui.loupe.view import MOST, LoupeView

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class Loupe(QObject):
    """The loupe of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._row = 0  # where the photo is, or was before an answer without it came
        self._photos = LoupePhotos(window.background, self)
        self.view = LoupeView(self._photos, window.area.pixmaps.pixmap, window)
        gallery = window.area.gallery
        gallery.item_activated.connect(self.open)
        gallery.zoomed_past.connect(self.open)
        self.view.turned.connect(self._turn)
        self.view.jumped.connect(lambda end: self._go(0 if end < 0 else window.area.model.total - 1))
        self.view.chosen.connect(gallery.set_current_item)
        self.view.sign_wanted.connect(gallery.press_sign)
        self.view.closed.connect(self.close)
        window.controller.query_changed.connect(lambda _query: self._show_signs())
        window.catalog_changed.connect(self._begin)
        window.modes.changed.connect(lambda _name: self.close())
        window.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        window.actions_.add(
            "view",
            (
                Entry("loupe", self.tr("L&ook closely"), ("Ctrl+L",), "eye", needs="browse", gap=True),
                Entry("compare", self.tr("Co&mpare selected photos"), ("Ctrl+Shift+M",), needs="browse"),
            ),
            {"loupe": self._open_current, "compare": self.compare},
        )
        self._begin(window.controller.workspace)

    @property
    def is_open(self) -> bool:
        return self.view.isVisible()

    def open(self, item: int) -> None:
        """Show one item."""
        self._window.area.gallery.set_current_item(item)
        self._show([item])

    def compare(self) -> None:
        """Show the selected items side by side."""
        gallery = self._window.area.gallery
        items = gallery.selected_items()[: MOST + 1].tolist()
        if not 2 <= len(items) <= MOST:
            self._window.banner.show_message(
                self.tr("Select two to four photos to compare them."),
                self.tr("Ctrl+click adds a photo to the selection, as does the space bar."),
            )
            return
        self._show(items)
        gallery.set_current_item(items[0])

    def close(self) -> None:
        """Back to the grid."""
        if self.is_open:
            self.view.hide()
            self._window.area.gallery.setFocus()

    def _open_current(self) -> None:
        item = self._window.area.gallery.current_item()
        if item < 0:
            first = self._window.area.model.item_at(0)
            item = -1 if first is None else first
        if item >= 0:
            self.open(item)

    def _show(self, items: list[int]) -> None:
        self._row = self._window.area.model.row_of(items[0]) or 0
        self.view.setGeometry(self._window.rect())
        self.view.show_items(items, self._place(items))
        self._show_signs()
        self.view.show()
        self.view.raise_()
        self.view.setFocus()
        if len(items) == 1:
            self._read_ahead(1)

    def _place(self, items: list[int]) -> str:
        total = self._window.area.model.total
        if len(items) > 1 or self._window.area.model.row_of(items[0]) is None:
            return ""
        return self.tr("{0} of {1}").format(texts.number(self._row + 1), texts.number(total))

    def _turn(self, step: int) -> None:
        row = self._window.area.model.row_of(self.view.current.item)
        if row is None:  # it has left the results, as examples do: what took its place is next
            self._go(self._row if step > 0 else self._row - 1)
        else:
            self._go(row + step)

    def _go(self, row: int) -> None:
        model = self._window.area.model
        item = model.item_at(max(0, min(row, model.total - 1)))
        if item is None:
            return
        step = 1 if row >= self._row else -1
        self._row = model.row_of(item) or 0
        self._window.area.gallery.set_current_row(self._row)
        self.view.show_items([item], self._place([item]))
        self._read_ahead(step)

    def _read_ahead(self, step: int) -> None:
        """The next photo in the direction in which one goes."""
        item = self._window.area.model.item_at(self._row + step)
        if item is not None:
            self.view.read_ahead([item])

    def _show_signs(self) -> None:
        if self.is_open or self.view.panes:
            self.view.show_signs({item: self._window.area.model.sign_of(item) for item in self.view.items})

    def _begin(self, workspace: Workspace | None) -> None:
        self.close()
        self._photos.set_workspace(workspace)
        self.view.forget()

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Whatever takes the keyboard elsewhere in the window ends the loupe; menus and dialogs do not."""
        if now is None or not self.is_open or now.window() is not self._window:
            return
        if now is not self.view and not self.view.isAncestorOf(now):
            self.view.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.is_open:
            self.view.setGeometry(self._window.rect())
        return False


def install(window: MainWindow) -> None:
    """Add the loupe to a window."""
    window.loupe = Loupe(window)  # type: ignore[attr-defined]
