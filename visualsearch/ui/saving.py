"""What is decided is on its way into the catalog: said where it takes long, and waited for before the window closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow

_LONG_MS = (
    500  # another program may hold the catalog for some seconds; most decisions take a few milliseconds
)


class Saving(QObject):
    """A note in the status bar, and the window stays open until all is saved, also what is decided while it waits. One
    that fails keeps it open: the person has to see what was not saved. Whoever closes once more, or ends the session,
    does not wait to be told."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._closes = False
        self._close_now = window.close  # kept: a message is withdrawn by the very thing that it offers
        self.note = QLabel(window)
        self.note.hide()
        window.statusBar().addPermanentWidget(self.note)
        self._long = QTimer(self)
        self._long.setSingleShot(True)
        self._long.setInterval(_LONG_MS)
        self._long.timeout.connect(self.note.show)
        window.background.writing_changed.connect(self._follow)
        window.background.write_failed.connect(self._stay)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self._window and self._must_wait():
            event.ignore()
            return True
        return False

    def _must_wait(self) -> bool:
        if self._closes or self._window.is_closed or _session_ends():
            return False
        self._closes = self._window.background.writing > 0
        if self._closes:
            self._window.banner.show_message(
                self.tr("What you decided last is being saved; the window closes then."),
                button=self.tr("Close now"),
                slot=self._close_now,
            )
        return self._closes

    def _follow(self, writing: int) -> None:
        if writing:
            self.note.setText(texts.counted(writing, self.tr("Saving…"), self.tr("Saving {0} decisions…")))
            if self.note.isHidden() and not self._long.isActive():
                self._long.start()
            return
        self._long.stop()
        self.note.hide()
        if self._closes:
            QTimer.singleShot(0, self._window, self._close)

    def _close(self) -> None:
        """All was saved, unless something was decided since."""
        if self._closes and not self._window.background.writing:
            self._window.close()

    def _stay(self) -> None:
        if self._closes:
            self._closes = False
            self._window.banner.withdraw(self._close_now)


def _session_ends() -> bool:
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()


def install(window: MainWindow) -> None:
    window.saving = Saving(window)  # type: ignore[attr-defined]
