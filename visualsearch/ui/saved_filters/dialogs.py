"""Asks for the name of a filter."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from visualsearch.ui.panels.buttons import MainButton


class NameDialog(QDialog):
    """A name; with ``along`` a tick that saves the conditions, too. ``chosen``: name, whether it is ticked."""

    chosen = Signal(str, bool)

    def __init__(
        self, title: str, button: str, taken: list[str], parent: QWidget, *, name: str, along: str = ""
    ) -> None:
        """``name``: what is proposed, or the name that it has; the first letter typed replaces it."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(380)
        self._taken = taken
        self._button = button
        self.name = QLineEdit(self)
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("such as hawaiian"))
        self.name.setText(name)
        self.name.selectAll()
        self.along = QCheckBox(along, self)
        self.along.setVisible(bool(along))
        self.along.setChecked(bool(along))  # what is on screen is what people mean to save
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.accept_button = MainButton(button, self.buttons)
        self.buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._choose)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(self.tr("Name"), self))
        for part in (self.name, self.along, self.note, self.buttons):
            column.addWidget(part)
        self.name.textChanged.connect(self._check)
        self._check()

    @property
    def replaces(self) -> bool:
        """Whether the name is that of a filter that is there."""
        return self.name.text().strip() in self._taken

    def _check(self) -> None:
        self.accept_button.setEnabled(bool(self.name.text().strip()))
        self.accept_button.setText(self.tr("&Replace") if self.replaces else self._button)
        self.note.setText(
            self.tr("There is a filter of this name; it would be replaced.") if self.replaces else ""
        )
        self.note.setVisible(self.replaces)

    def _choose(self) -> None:
        self.accept()
        self.chosen.emit(self.name.text().strip(), self.along.isChecked())
