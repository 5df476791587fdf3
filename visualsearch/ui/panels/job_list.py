"""All jobs of the window: how far each is, pause, cancel, and for what went wrong the next step."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.icons import icon
from visualsearch.ui.job_runner import Job, JobRunner
from visualsearch.ui.panels.jobs import show_on

_ORDER = ("running", "failed", "waiting", "cancelled", "done")


class JobRow(QWidget):
    """One job."""

    def __init__(self, job: Job, jobs: JobRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self.job, self._jobs = job, jobs
        self.title = QLabel(job.title, self)
        self.title.setFont(style.font("heading"))
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QProgressBar(self)
        self.bar.setFixedHeight(10)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress: {0}").format(job.title))
        self.pause, self.cancel = self._button(), self._button()
        self.again = QPushButton(self.tr("Go on"), self)
        self.again.setAccessibleName(self.tr("Go on: {0}").format(job.title))
        self.pause.clicked.connect(self._toggle)
        self.cancel.clicked.connect(self._end)
        self.again.clicked.connect(self._repeat)
        grid = QGridLayout(self)
        grid.setContentsMargins(style.Space.M, style.Space.S, style.Space.S, style.Space.S)
        grid.setVerticalSpacing(style.Space.XS)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.again, 0, 1)
        grid.addWidget(self.pause, 0, 2)
        grid.addWidget(self.cancel, 0, 3)
        grid.addWidget(self.bar, 1, 0, 1, 4)
        grid.addWidget(self.text, 2, 0, 1, 4)
        self.refresh()

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(14, 14))
        return button

    def _toggle(self) -> None:
        (self._jobs.resume if self.job.is_paused else self._jobs.pause)(self.job)

    def _end(self) -> None:
        if self.job.is_over:
            self._jobs.forget(self.job)
        else:
            self._jobs.cancel(self.job)

    def _repeat(self) -> None:
        again = self.job.again
        self._jobs.forget(self.job)
        if again is not None:
            again()

    def refresh(self) -> None:
        """Show how the job is."""
        job = self.job
        self.text.setText(self._said())
        running = job.state == "running"
        self.bar.setVisible(running)
        if running:
            show_on(self.bar, job)
        self.pause.setVisible(running and not job.is_stopping)
        self.pause.setIcon(icon("play" if job.is_paused else "pause"))
        name = self.tr("Go on") if job.is_paused else self.tr("Pause")
        self.pause.setToolTip(name)
        self.pause.setAccessibleName(f"{name}: {job.title}")
        self.cancel.setIcon(icon("close"))
        self.cancel.setEnabled(not job.is_stopping)
        name = (
            self.tr("Remove from the list") if job.is_over else self.tr("Cancel; what is done so far stays")
        )
        self.cancel.setToolTip(name)
        self.cancel.setAccessibleName(f"{name}: {job.title}")
        self.again.setVisible(job.state in ("failed", "cancelled") and job.again is not None)

    def _said(self) -> str:
        job = self.job
        if job.state == "waiting":
            return self.tr("Waits until the job before it has ended.")
        if job.state == "running":
            return texts.job_line("", job.progress, paused=job.is_paused, stopping=job.is_stopping)
        took = texts.duration(job.seconds)
        if job.state == "done":
            return self.tr("Done in {0}.").format(took)
        if job.state == "cancelled":
            return self.tr("Cancelled. What was done so far stays.")
        return texts.error_line(job.error)


class JobList(QScrollArea):
    """The rows: what runs, what needs somebody, the rest; the newest first. A sentence where there are none."""

    def __init__(self, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._rows: dict[Job, JobRow] = {}
        body = self._body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._nothing = QLabel(self.tr("Nothing runs. Imports, preparing photos and audits show here."), body)
        self._nothing.setWordWrap(True)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setContentsMargins(style.Space.M, style.Space.M, style.Space.M, style.Space.M)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(150)
        self.setWidget(body)
        self.setAccessibleName(self.tr("Jobs"))
        jobs.changed.connect(self._refresh)
        jobs.progressed.connect(self._show)
        self._refresh()

    def row(self, job: Job) -> JobRow:
        return self._rows[job]

    def _show(self, job: Job) -> None:
        if job in self._rows:
            self._rows[job].refresh()

    def _refresh(self) -> None:
        for job in [job for job in self._rows if job not in self._jobs.jobs]:
            row = self._rows.pop(job)
            row.hide()
            row.deleteLater()
        newest_first = self._jobs.jobs[::-1]
        order = sorted(newest_first, key=lambda job: _ORDER.index(job.state))
        for place, job in enumerate(order):
            if job not in self._rows:
                self._rows[job] = JobRow(job, self._jobs, self._body)
            self._column.insertWidget(place, self._rows[job])
            self._rows[job].refresh()
        self._nothing.setVisible(not self._rows)
