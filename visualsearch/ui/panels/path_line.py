"""A line with a path."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


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
