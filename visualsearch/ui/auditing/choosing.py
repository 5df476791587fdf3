"""What stands where no suspect does: which attribute, how far the work is, or why there is nothing to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.job_runner import Job
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.jobs import show_on


class Message(QWidget):
    """A heading, a sentence, and what to do next."""

    attribute_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = QLabel(self)
        self.heading.setFont(style.font("title"))
        self.text = QLabel(self)
        for label in (self.heading, self.text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(360, 10)
        self.bar.setAccessibleName(self.tr("How far the suspects are found"))
        self.button = MainButton(parent=self)
        self._slot: Callable[[], object] | None = None
        self.button.clicked.connect(self._act)
        self.names: list[QPushButton] = []
        self._flow = QWidget(self)
        FlowLayout(self._flow, style.Space.S).setContentsMargins(0, 0, 0, 0)
        self.others = QLabel(self)
        self.others.setTextFormat(Qt.TextFormat.PlainText)
        self.others.setWordWrap(True)
        self.others.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        inner = QWidget(self)
        inner.setMaximumWidth(760)
        column = QVBoxLayout(inner)
        column.setSpacing(style.Space.M)
        column.addWidget(self.heading)
        column.addWidget(self.text)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._flow)
        column.addWidget(self.others)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setAccessibleName(self.tr("What to look through"))
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        middle = QWidget(area)
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(style.Space.XL, 2 * style.Space.XL, style.Space.XL, style.Space.XL)
        layout.addStretch(1)
        layout.addWidget(inner, 100)  # not aligned: then it would never be higher than the page, nor scroll
        layout.addStretch(1)
        inner.setMinimumWidth(480)
        area.setWidget(middle)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.say("", "")

    def say(
        self, heading: str, text: str, button: str = "", slot: Callable[[], object] | None = None
    ) -> None:
        """Sentences, and one thing to do."""
        self._show(heading, text)
        self._offer(button, slot)

    def show_job(self, heading: str, job: Job, cancel: Callable[[], object]) -> None:
        """How far a job is, and the way to end it."""
        progress = job.progress
        said = self.tr("Stopping…") if job.is_stopping else texts.progress_line(progress) if progress else ""
        self._show(heading, said)
        show_on(self.bar, job)
        self.bar.setVisible(True)
        self._offer(self.tr("Cancel"), cancel)
        self.button.setEnabled(not job.is_stopping)

    def ask_attribute(self, attributes: Sequence[tuple[str, str]]) -> None:
        """Which attribute? Those that cannot be looked through say why."""
        if any(not why for _, why in attributes):
            self._show(
                self.tr("Which attribute shall be looked through?"),
                self.tr("Items whose photo contradicts their value come first. You say what is right."),
            )
        else:
            self._show(
                self.tr("There is nothing to look through yet."),
                self.tr("An attribute needs values that items share, and items that have them."),
            )
        flow = self._flow.layout()
        assert flow is not None
        for name, why in attributes:
            if why:
                continue
            button = QPushButton(name.replace("&", "&&"), self._flow)
            button.setToolTip(self.tr("Look for wrong values of {0}").format(name))
            button.clicked.connect(lambda _checked=False, name=name: self.attribute_wanted.emit(name))
            button.show()
            flow.addWidget(button)
            self.names.append(button)
        self._flow.setVisible(bool(self.names))
        self._flow.updateGeometry()
        reasons = [why for _, why in attributes if why]
        self.others.setText("\n".join(reasons))
        self.others.setVisible(bool(reasons))

    def _offer(self, text: str, slot: Callable[[], object] | None) -> None:
        self.button.setText(text)
        self.button.setVisible(bool(text))
        self.button.setEnabled(True)
        self._slot = slot

    def _act(self) -> None:
        if self._slot is not None:
            self._slot()

    def _show(self, heading: str, text: str) -> None:
        self.heading.setText(heading)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        flow = self._flow.layout()
        assert flow is not None
        for button in self.names:
            flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.names = []
        for widget in (self.bar, self.button, self._flow, self.others):
            widget.setVisible(False)
