"""Where a dialog writes its file: a line, and a button that asks the system's dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from visualsearch.ui import style


class FileToWrite(QWidget):
    """A row of a form. ``title`` is that of the system's dialog."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self.replacing: Path | None = None
        """The file of which the person knows that it is there and is replaced."""
        self.line = QLineEdit(self)
        self.line.setAccessibleName(self.tr("File to write"))
        self.line.setToolTip(self.tr("The file to write"))
        self.button = QPushButton(self.tr("&Choose…"), self)
        self.button.setAutoDefault(False)
        self.button.setToolTip(self.tr("Choose the file"))
        self.button.clicked.connect(self._choose)
        fill_row(self, self.line, self.button)

    @property
    def text(self) -> str:
        """What stands there, without the spaces around it."""
        return self.line.text().strip()

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self._title, self.line.text())
        if chosen:
            self.replacing = Path(chosen)  # the file dialog has asked
            self.line.setText(chosen)


def fill_row(row: QWidget, first: QWidget, second: QWidget) -> None:
    """Lay two controls side by side, the first one wide. The key of the row's label leads to it."""
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(style.Space.S)
    line.addWidget(first, 1)
    line.addWidget(second)
    row.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else the key would not reach the row
    row.setFocusProxy(first)
