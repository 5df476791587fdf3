"""The strip at the right of the status line: the job that runs, with pause and cancel, and the way to all of them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from visualsearch.ui import texts
from visualsearch.ui.icons import icon
from visualsearch.ui.job_runner import Job, JobRunner


def show_on(bar: QProgressBar, job: Job) -> None:
    """Show how far a job is; a bar that wanders while nobody knows."""
    progress = job.progress
    if progress is not None and progress.total:
        bar.setRange(0, 1000)
        bar.setValue(round(1000 * progress.done / progress.total))
    elif job.is_paused:
        bar.setRange(0, 1000)
        bar.setValue(0)
    else:
        bar.setRange(0, 0)


class JobStrip(QWidget):
    """Hidden while nothing runs."""

    opened = Signal()
    """The person wants to see all jobs."""

    def __init__(self, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.text = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setFixedWidth(120)
        self.bar.setFixedHeight(10)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the job"))
        self.pause = self._button()
        self.cancel = self._button()
        self.cancel.setToolTip(self.tr("Cancel; what is done so far stays (Ctrl+Shift+C)"))
        self.cancel.setAccessibleName(self.tr("Cancel the job"))
        self.pause.clicked.connect(self.toggle_pause)
        self.cancel.clicked.connect(lambda: jobs.cancel())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(6)
        for widget in (self.text, self.bar, self.pause, self.cancel):
            layout.addWidget(widget)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("Show all jobs (Ctrl+J)"))
        jobs.changed.connect(self._show_state)
        jobs.progressed.connect(lambda _job: self._show_state())
        self._show_state()

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(14, 14))
        return button

    def toggle_pause(self) -> None:
        if self._jobs.is_paused:
            self._jobs.resume()
        else:
            self._jobs.pause()

    def take_colours(self) -> None:
        self._show_state()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()

    def _show_state(self) -> None:
        job = self._jobs.first
        self.setVisible(job is not None)
        if job is None:
            return
        text = texts.job_line(job.title, job.progress, paused=job.is_paused, stopping=job.is_stopping)
        others = sum(not other.is_over for other in self._jobs.jobs) - 1
        if others:
            text += " · " + self.tr("{0} more").format(texts.number(others))
        self.text.setText(text)
        show_on(self.bar, job)
        self.pause.setIcon(icon("play" if job.is_paused else "pause"))
        name = self.tr("Go on") if job.is_paused else self.tr("Pause")
        self.pause.setAccessibleName(name)
        self.pause.setToolTip(f"{name} (Ctrl+Shift+P)")
        self.cancel.setIcon(icon("close"))
        for button in (self.pause, self.cancel):
            button.setEnabled(not job.is_stopping)
