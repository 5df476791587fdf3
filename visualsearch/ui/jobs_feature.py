"""The panel with all jobs, a word from the desktop when a long one has ended while nobody was looking, and the end of
what is said of one that is started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from visualsearch.ui import texts
from visualsearch.ui.job_runner import Job
from visualsearch.ui.panels.job_list import JobList

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow

LONG = 20.0  # seconds from which on somebody may have turned to something else


class Notifier(QObject):
    """Tells of the end of long jobs outside the window: by the desktop where it can, else by the window's entry."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        window.jobs.ended.connect(self._tell)
        window.closing.connect(self._leave)

    def _tell(self, job: Job) -> None:
        if job.seconds < LONG or self._window.isActiveWindow() or self._window.is_closed:
            return
        if job.state == "done":
            text = self.tr("Done in {0}.").format(texts.duration(job.seconds))
        elif job.state == "failed":
            text = texts.error_line(job.error)
        else:
            return  # somebody has just cancelled it
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            if self._tray is None:
                self._tray = QSystemTrayIcon(QApplication.windowIcon(), self)
                self._tray.messageClicked.connect(self._window.activateWindow)
            self._tray.show()
            self._tray.showMessage(job.title, text, QApplication.windowIcon())
        elif self._window.banner.isHidden():
            self._window.banner.show_message(f"{job.title}: {text}", warning=job.state == "failed")

    def _leave(self) -> None:
        if self._tray is not None:
            self._tray.hide()


class Told(QObject):
    """Takes a message away that a job ended with, failed or cancelled, when that job is started again."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._banner = window.banner
        self._said: dict[str, str] = {}  # of the jobs' titles
        window.jobs.ended.connect(self._note)
        window.jobs.begun.connect(self._withdraw)

    def _note(self, job: Job) -> None:
        if job.state in ("failed", "cancelled") and not self._banner.isHidden():
            self._said[job.title] = self._banner.message.text()

    def _withdraw(self, job: Job) -> None:
        if self._said.pop(job.title, None) == self._banner.message.text():
            self._banner.hide()


def install(window: MainWindow) -> None:
    Notifier(window)
    Told(window)
    panel = JobList(window.jobs)
    window.add_dock(
        "jobs",
        panel.tr("&Jobs"),
        panel,
        Qt.DockWidgetArea.BottomDockWidgetArea,
        modes=("browse", "tag", "audit", "quality"),
        keys=("Ctrl+J",),
        wanted=False,
    )
    window.strip.opened.connect(lambda: window.actions_["jobs"].setChecked(True))
