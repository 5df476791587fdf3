"""A line with a path."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


def documents() -> Path:
    """The folder in which files are offered to be written: the person's documents, or home where there are none."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return folder if folder.is_dir() else Path.home()


class PathLine(QWidget):
    """A path to type or to choose."""

    changed = Signal()

    def __init__(self, name: str, placeholder: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._kind = name, kind
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(placeholder)
        self.text.setAccessibleName(name)
        self.text.setClearButtonEnabled(True)
        self.button = QPushButton(self.tr("Choose…"), self)
        self.button.setAccessibleName(self.tr("Choose: {0}").format(name))
        self.button.setAutoDefault(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        self.text.textChanged.connect(self.changed)
        self.button.clicked.connect(self._choose)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else the key of its label would not reach it
        self.setFocusProxy(self.text)

    @property
    def path(self) -> Path | None:
        text = self.text.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        self.text.setText(str(path) if path is not None else "")

    def _choose(self) -> None:
        start = self.text.text()
        if self._kind == "table":
            tables = "*.csv *.tsv *.txt *.jsonl *.ndjson *.json *.parquet"
            filters = self.tr("Tables") + f" ({tables});;" + self.tr("All files") + " (*)"
            chosen, _ = QFileDialog.getOpenFileName(self, self._name, start, filters)
        elif self._kind == "new":
            option = QFileDialog.Option.ShowDirsOnly
            chosen, _ = QFileDialog.getSaveFileName(self, self._name, start, "", "", option)
        else:
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.text.setText(chosen)
