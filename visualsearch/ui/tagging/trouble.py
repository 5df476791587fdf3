"""Why there are no suggestions, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from visualsearch.ui import style, texts


class Trouble(QWidget):
    """Takes the place of the page of suggestions."""

    prepare_wanted = Signal()
    change_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = QLabel(self)
        self.message.setFont(style.font("heading"))
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.prepare = QPushButton(self)
        self.prepare.setToolTip(self.tr("Prepare the photos, so that they can be compared (Ctrl+Shift+I)"))
        self.retry = QPushButton(self.tr("&Try again"), self)
        self.retry.setToolTip(self.tr("Ask for suggestions again"))
        self.change = QPushButton(self.tr("Tag &something else"), self)
        self.change.setToolTip(self.tr("Back to what to tag"))
        for button, signal in (
            (self.prepare, self.prepare_wanted),
            (self.retry, self.retry_wanted),
            (self.change, self.change_wanted),
        ):
            button.clicked.connect(signal)
        column = QVBoxLayout(self)
        column.setSpacing(style.Space.M)
        column.addStretch()
        column.addWidget(
            self.message
        )  # in the middle of all the width: else it is as high as its first guess
        for part in (self.prepare, self.retry, self.change):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def show_problem(self, text: str, waiting: int) -> None:
        """``waiting``: how many photos are not prepared yet."""
        self.message.setText(text)
        self.prepare.setText(
            texts.counted(waiting, self.tr("&Prepare 1 photo now"), self.tr("&Prepare {0} photos now"))
        )
        self.prepare.setVisible(waiting > 0)

    def focus(self) -> None:
        (self.prepare if self.prepare.isVisibleTo(self) else self.change).setFocus()
