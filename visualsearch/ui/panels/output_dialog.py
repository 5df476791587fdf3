"""A dialog that asks what is written into a file, and where that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from visualsearch.ui import style
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.path_line import PathLine


class OutputDialog(QDialog):
    """A form with a line for the file. Subclasses make their controls in the order of the form, which is the order of
    the Tab key, then call ``lay_out``."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(540)

    def make_place(self) -> None:
        """The line with the file's path."""
        self.place = PathLine(self.tr("File to write"), "", "file", self)
        self.file, self.choose = self.place.text, self.place.button

    def box(self, name: str) -> QComboBox:
        """A choice with a name for readers of the screen."""
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return box

    def lay_out(self, rows: Sequence[tuple[str, QWidget]], button: str) -> None:
        """Put labels and controls into a form, above what is said and the buttons; ``button`` is that which writes."""
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setVerticalSpacing(style.Space.S)
        for label, control in rows:
            self.form.addRow(label, control)
        self.said = Notice(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = MainButton(button, self.buttons)
        self.buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(style.Space.M)
        column.addLayout(self.form)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def refuse(self, text: str) -> None:
        """Say why it cannot be done; the dialog stays."""
        self.said.say(text, warning=True)

    def ask_to_replace(self, file: Path) -> None:
        """The file is there already: the next press replaces it."""
        self.place.replacing = file
        self.refuse(self.tr("{0} is there already. Press the button again to replace it.").format(file.name))
        self.ok.setFocus()
