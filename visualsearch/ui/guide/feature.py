"""Opens the user guide from the Help menu: one window beside the program's, so that one can read and do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from visualsearch.ui.actions import Entry

if TYPE_CHECKING:
    from visualsearch.ui.guide.viewer import Guide
    from visualsearch.ui.main_window import MainWindow


class GuideOpener(QObject):
    """The guide of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.guide: Guide | None = None
        entry = Entry("guide", self.tr("&User guide"), ("Ctrl+F1",), needs="", gap=True)
        window.actions_.add("help", (entry,), {"guide": self.show})
        window.enable_actions()

    def show(self) -> None:
        """Open it, or bring it to the front where the reader was."""
        from visualsearch.ui.guide.viewer import Guide

        if self.guide is None:
            self.guide = Guide(self._window)
            self.guide.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.guide.destroyed.connect(self._forget)
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()

    def _forget(self) -> None:
        self.guide = None


def install(window: MainWindow) -> None:
    GuideOpener(window)
