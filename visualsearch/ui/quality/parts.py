"""What the four pages of the Quality mode share: their life with a catalog, choices, and empty pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl
from visualsearch.ui import style
from visualsearch.ui.job_runner import Job
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.job_view import JobView

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

LANE = "quality"
"""The lane of this mode's jobs: they only read much, so that an import may go on beside them."""
_EMPTY_WIDTH = 97  # letters


class ChoiceButton(QPushButton):
    """A button that shows clearly, in every theme, whether it is the chosen one."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isChecked():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = style.colors(self.palette())
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(colours.focus, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colours.accent)
        painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)
        painter.setPen(colours.on_accent)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self.text())


class EmptyPage(QWidget):
    """What a page shows while it has nothing to show: a title, a sentence, and the button that changes that."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        inside = QWidget(self)
        style.width_in_letters(inside, _EMPTY_WIDTH, inside.setMaximumWidth)
        self.title = heading("", inside)
        self.title.setFont(style.font("title"))
        self.text = sentence("", inside)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = MainButton(parent=inside)
        column = QVBoxLayout(inside)
        column.setSpacing(style.Space.M)
        column.addStretch(2)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(inside, 100)  # as wide as it may be
        row.addStretch(1)

    def say(self, title: str, text: str, button: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))


class Page(QWidget):
    """One of the pages. It has a catalog only while the mode is on screen."""

    leads = Signal(object)
    """To Browse: a condition (str) that finds the items, or their numbers, where they are few."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window_ = window
        self.workspace: Workspace | None = None
        self.job: Job | None = None

    def open(self, workspace: Workspace) -> None:
        """The mode comes on screen; the catalog may be another one than before."""
        other, self.workspace = workspace is not self.workspace, workspace
        if other:
            self.reset()
        self.reload()

    def reset(self) -> None:
        """Drop what belongs to the catalog before."""

    def reload(self) -> None:
        """Something was decided, here or elsewhere, or the page comes on screen."""

    def focus_first(self) -> None:
        """Give the keyboard to where work begins."""
        self.setFocus()

    @property
    def is_working(self) -> bool:
        return self.job is not None and not self.job.is_over

    def run(self, work: Callable[[], Any], done: Callable[[Any], None], key: str = "") -> None:
        """Short work in a thread; what comes when the catalog has gone is dropped."""
        workspace = self.workspace

        def deliver(answer: Any) -> None:
            if self.workspace is workspace:
                done(answer)

        self.window_.background.run(work, deliver, key=key)

    def start(
        self, view: JobView, title: str, work: Callable[[JobControl], Any], done: Callable[[Any], None]
    ) -> None:
        """Long work as a job, shown in ``view``; a page has one at a time."""
        if self.is_working:
            return
        workspace = self.workspace

        def ended(answer: Any, error: BaseException | None) -> None:
            if self.workspace is workspace and error is None:
                done(answer)
            elif error is not None and not isinstance(error, Cancelled):
                self.window_.faults.show(error)
            self.job_ended()

        self.job = self.window_.jobs.start(title, work, ended, lane=LANE)
        view.follow(self.job)

    def job_ended(self) -> None:
        """The job of the page is over, however it went."""


def heading(text: str, parent: QWidget) -> QLabel:
    """A label in a larger font."""
    label = QLabel(text, parent)
    label.setFont(style.font("heading"))
    label.setTextFormat(Qt.TextFormat.PlainText)
    _wrap(label)
    return label


def sentence(text: str, parent: QWidget, *, quiet: bool = False) -> QLabel:
    """A label whose text may take several lines."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    _wrap(label)
    if quiet:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def _wrap(label: QLabel) -> None:
    """Several lines, and as high as they are."""
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)


def percent(share: float) -> str:
    """A share as people read it, with one more digit where it is small."""
    return f"{share * 100:.2f}\u00a0%" if 0 < share < 0.01 else f"{share * 100:.1f}\u00a0%"
