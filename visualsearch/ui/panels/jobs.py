"""The strip at the right of the status line: the job that runs, with pause and cancel."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from visualsearch.jobs import Progress
from visualsearch.ui import texts
from visualsearch.ui.background import JobRunner
from visualsearch.ui.icons import icon


class JobStrip(QWidget):
    """Hidden while nothing runs."""

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
        self.cancel.clicked.connect(jobs.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(6)
        for widget in (self.text, self.bar, self.pause, self.cancel):
            layout.addWidget(widget)
        jobs.changed.connect(self._show_state)
        jobs.progressed.connect(self._show_progress)
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

    def _show_state(self) -> None:
        running, paused = self._jobs.is_running, self._jobs.is_paused
        if running and self.isHidden():
            self.bar.setRange(0, 0)
            self.text.setText(self._jobs.title)
        self.setVisible(running)
        self.pause.setIcon(icon("play" if paused else "pause"))
        name = self.tr("Go on") if paused else self.tr("Pause")
        self.pause.setAccessibleName(name)
        self.pause.setToolTip(f"{name} (Ctrl+Shift+P)")
        self.cancel.setIcon(icon("close"))
        self.pause.setEnabled(not self._jobs.is_cancelled)
        self.cancel.setEnabled(not self._jobs.is_cancelled)
        if paused:
            self.text.setText(self.tr("{0}: paused").format(self._jobs.title))
        elif self._jobs.is_cancelled:
            self.text.setText(self.tr("{0}: stopping…").format(self._jobs.title))

    def _show_progress(self, progress: Progress) -> None:
        if self._jobs.is_paused or self._jobs.is_cancelled:
            return
        self.text.setText(texts.progress_line(progress))
        if progress.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * progress.done / progress.total))
        else:
            self.bar.setRange(0, 0)
