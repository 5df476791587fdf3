"""What a job of a page is doing, on the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from visualsearch.ui import style, texts
from visualsearch.ui.job_runner import Job
from visualsearch.ui.panels.jobs import show_on

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


class JobView(QWidget):
    """What a job of this page is doing, and a button that cancels it; hidden while there is none."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = window.jobs
        self.job: Job | None = None
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setFixedSize(160, 10)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.setToolTip(self.tr("Stop; what is done so far stays (Ctrl+Shift+C)"))
        self.cancel.clicked.connect(lambda: self._jobs.cancel(self.job))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.Space.S)
        for part, stretch in ((self.bar, 0), (self.text, 1), (self.cancel, 0)):
            row.addWidget(part, stretch)
        self._jobs.changed.connect(self._show)
        self._jobs.progressed.connect(lambda _job: self._show())
        self.hide()

    def follow(self, job: Job) -> None:
        self.job = job
        self._show()

    def _show(self) -> None:
        job = self.job
        self.setVisible(job is not None and not job.is_over)
        if job is None or job.is_over:
            return
        line = texts.job_line("", job.progress, paused=job.is_paused, stopping=job.is_stopping)
        self.text.setText(self.tr("Waiting for another job…") if job.state == "waiting" else line)
        show_on(self.bar, job)
        self.cancel.setEnabled(not job.is_stopping)
