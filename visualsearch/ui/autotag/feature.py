"""Connects auto tagging to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from visualsearch.ui.actions import Entry
from visualsearch.ui.autotag.dialog import AutoTagDialog

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


class AutoTagging(QObject):
    """The action and its dialog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.actions_.add(
            "tag",
            (Entry("autotag", self.tr("A&uto tagging…"), ("Ctrl+Shift+U",), gap=True),),
            {"autotag": self.show},
            title=self.tr("&Tag"),
        )

    def show(self) -> AutoTagDialog | None:
        """Open the dialog."""
        if self._window.controller.workspace is None:
            return None
        dialog = AutoTagDialog(self._window)
        dialog.open()
        return dialog


def install(window: MainWindow) -> None:
    AutoTagging(window)
