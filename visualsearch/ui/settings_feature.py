"""The settings' dialog, and what a change of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QApplication

from visualsearch.ui import look
from visualsearch.ui.actions import Entry

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.ui.panels.settings import SettingsDialog

_QUIET_MS = 500  # after the last change, before it is written


class SettingsKeeper(QObject):
    """Opens the dialog; puts changes into effect at once, and writes them by a worker soon after."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: SettingsDialog | None = None
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._save)

    def show(self) -> None:
        if self.dialog is None:
            from visualsearch.ui.panels.settings import SettingsDialog

            self.dialog = SettingsDialog(self._window.settings, self._window)
            self.dialog.changed.connect(self._take)
        self._window.settings.tile_size = self._window.area.gallery.tile_size()
        self.dialog.show_settings()
        self.dialog.open()

    def _take(self) -> None:
        window, app = self._window, QApplication.instance()
        if isinstance(app, QApplication):
            look.apply(app, window.settings)
        window.area.gallery.set_tile_size(window.settings.tile_size)
        window.actions_["scores"].setChecked(window.settings.show_scores)
        window.actions_["ids"].setChecked(window.settings.show_ids)
        self._quiet.start()

    def _save(self) -> None:
        text = self._window.settings.to_text()
        self._window.background.run(lambda: self._window.settings.write(text), key="settings")


def install(window: MainWindow) -> None:
    keeper = SettingsKeeper(window)
    text = QCoreApplication.translate("Actions", "Se&ttings…")
    entry = Entry("settings", text, ("Ctrl+,",), needs="", gap=True, last=True)
    window.actions_.add("edit", (entry,), {"settings": keeper.show})
    window.enable_actions()
