"""A line with a path."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from visualsearch.ui import style


def documents() -> Path:
    """The folder in which files are offered to be written: the person's documents, or home where there are none."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return folder if folder.is_dir() else Path(QDir.homePath())


def fill_row(row: QWidget, first: QWidget, second: QWidget) -> None:
    """Lay two controls side by side, the first one wide. The key of the row's label leads to it."""
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(style.Space.S)
    layout.addWidget(first, 1)
    layout.addWidget(second)
    row.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else the key would not reach the row
    row.setFocusProxy(first)


class PathLine(QWidget):
    """A path to type or to choose. ``kind``: "folder" and "table" are there, "new" (a folder) and "file" will be."""

    changed = Signal()

    def __init__(self, name: str, placeholder: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._kind = name, kind
        self.replacing: Path | None = None
        """The file of which the person knows that it is there and is replaced."""
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(placeholder)
        self.text.setAccessibleName(name)
        self.text.setToolTip(name)
        self.text.setClearButtonEnabled(True)
        self.button = QPushButton(self.tr("Choose…"), self)
        self.button.setAccessibleName(self.tr("Choose: {0}").format(name))
        self.button.setAutoDefault(False)
        fill_row(self, self.text, self.button)
        self.text.textChanged.connect(self.changed)
        self.button.clicked.connect(self._choose)

    @property
    def path(self) -> Path | None:
        text = self.text.text().strip()
        return Path(os.path.expanduser(text)) if text else None

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
        elif self._kind == "file":
            chosen, _ = QFileDialog.getSaveFileName(self, self._name, start)
            self.replacing = Path(chosen) if chosen else self.replacing  # the system's dialog has asked
        else:
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.text.setText(chosen)
