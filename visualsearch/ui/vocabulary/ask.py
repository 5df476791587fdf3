"""Asks for one text: the new name of a value, its synonyms, a new attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui.panels.buttons import MainButton


class AskDialog(QDialog):
    """A line to type in. ``notes``: what is said when a text is entered that is one of these; ``choices``: a text and
    a name each, chosen along with it; ``empty`` allows no text."""

    answered = Signal(str, str)
    """The text, and the name of what was chosen along with it or ""."""

    def __init__(
        self,
        title: str,
        question: str,
        button: str,
        parent: QWidget,
        *,
        text: str = "",
        known: Sequence[str] = (),
        notes: Mapping[str, str] | None = None,
        choices: Sequence[tuple[str, str]] = (),
        empty: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(380)
        self._notes, self._empty = notes or {}, empty
        label = QLabel(question, self)
        label.setWordWrap(True)
        self.line = QLineEdit(text, self)
        self.line.setAccessibleName(question)
        self.line.selectAll()
        if known:
            completer = QCompleter(list(known), self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.line.setCompleter(completer)
        self.choice = QComboBox(self)
        for shown, name in choices:
            self.choice.addItem(shown, name)
        self.choice.setVisible(bool(choices))
        self.choice.setAccessibleName(self.tr("Kind"))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = MainButton(button, buttons)
        buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._answer)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (label, self.line, self.choice, self.note, buttons):
            column.addWidget(part)
        self.line.textChanged.connect(lambda _text: self._check())
        self._check()

    def _check(self) -> None:
        text = self.line.text().strip()
        self.ok.setEnabled(self._empty or bool(text))
        self.note.setText(self._notes.get(text, ""))
        self.note.setVisible(text in self._notes)

    def _answer(self) -> None:
        self.answered.emit(self.line.text().strip(), self.choice.currentData() or "")
        self.accept()
