"""Number keys bound to values: the strip that shows them, and the editor that binds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style
from visualsearch.ui.editing.choices import Key, keyed_bodies
from visualsearch.ui.editing.value_field import ValueLine
from visualsearch.ui.panels.buttons import MainButton

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

DIGITS = tuple("123456789")


class KeyStrip(QToolBar):
    """Shows which value each key gives; a click does the same."""

    def __init__(self, actions: Mapping[str, QAction], editor: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("keyStrip")
        self.setWindowTitle(self.tr("Number keys"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._actions = actions
        for action in (*actions.values(), editor):
            self.addAction(action)
        self.hide()

    def show_keys(self, keys: Mapping[str, Key]) -> None:
        """Show the keys that are bound."""
        for digit, action in self._actions.items():
            action.setVisible(digit in keys)


class KeysDialog(QDialog):
    """A row for each key: attribute and value. Nothing is bound while the value is empty."""

    def __init__(
        self,
        keys: Mapping[str, Key],
        attributes: Sequence[str],
        values: Mapping[str, Sequence[str]],
        save: Callable[[dict[str, tuple[str, str]]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Number keys"))
        self.setMinimumWidth(460)
        self._values, self._save = values, save
        hint = QLabel(
            self.tr(
                "In Browse, a number key gives its value to the selected photos, or to the one with the focus."
            ),
            self,
        )
        hint.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(style.Space.S)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for column, text in enumerate((self.tr("Key"), self.tr("Attribute"), self.tr("Value"))):
            grid.addWidget(QLabel(text, self), 0, column)
        self.rows: dict[str, tuple[QComboBox, ValueLine]] = {}
        before = next((keys[digit].attribute for digit in DIGITS if digit in keys), "")
        for row, digit in enumerate(DIGITS, 1):
            attribute, value = QComboBox(self), ValueLine(self)
            attribute.addItems(list(attributes))
            attribute.setAccessibleName(self.tr("Attribute of key {0}").format(digit))
            value.setAccessibleName(self.tr("Value of key {0}").format(digit))
            value.setPlaceholderText(self.tr("not bound"))
            attribute.setCurrentText(keys[digit].attribute if digit in keys else before)
            value.setText(keys[digit].value if digit in keys else "")
            attribute.currentTextChanged.connect(lambda name, line=value: self._complete(line, name))
            self._complete(value, attribute.currentText())
            self.rows[digit] = (attribute, value)
            grid.addWidget(QLabel(digit, self), row, 0)
            grid.addWidget(attribute, row, 1)
            grid.addWidget(value, row, 2)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.save = MainButton(self.tr("&Save"), buttons)
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addLayout(grid)
        column.addWidget(buttons)
        self.rows["1"][1].setFocus()

    def _complete(self, line: ValueLine, attribute: str) -> None:
        completer = QCompleter(list(self._values.get(attribute, ())), line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line.setCompleter(completer)

    def _accept(self) -> None:
        wanted = {
            digit: (attribute.currentText(), value.text().strip())
            for digit, (attribute, value) in self.rows.items()
            if value.text().strip() and attribute.currentText()
        }
        self._save(wanted)
        self.accept()


def bind(workspace: Workspace, wanted: Mapping[str, tuple[str, str]], label: str) -> int | None:
    """Let the keys give these values and no others, as one operation; its number. For workers. A synonym becomes its
    value. Raises VocabularyError."""
    from visualsearch.catalog.operations import Document
    from visualsearch.catalog.rules import KIND, Rules

    rules = workspace.vocabulary.rules()
    meant = {
        key: (name, str(rules.get(name, Rules(name)).value(value))) for key, (name, value) in wanted.items()
    }
    bodies = keyed_bodies(workspace, meant)
    documents = [Document(KIND, name, body) for name, body in bodies.items()]
    return workspace.decisions.apply("vocabulary", label, documents=documents).operation
