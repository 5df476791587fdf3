"""A field for the values of an attribute: completion, tokens where there may be several, what is wrong below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style
from visualsearch.ui.editing.choices import Choices
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.chips import FlowLayout


class ValueLine(QLineEdit):
    """Offers all values on Down and, until one has typed, on a click."""

    erased = Signal()
    """Backspace, with nothing left to erase."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()  # it gives up the editing here; elsewhere it leads to the grid
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.completer().popup()
        if event.key() == Qt.Key.Key_Down and popup is not None and not popup.isVisible():
            self.offer_all()
        elif event.key() == Qt.Key.Key_Backspace and not self.text():
            self.erased.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.text() or not self.isModified():
            self.offer_all()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()

    def offer_all(self) -> None:
        """Show the list as it is."""
        self.completer().setCompletionPrefix("")
        self.completer().complete()


class Token(QToolButton):
    """One of several values; a click, Delete or Backspace removes it."""

    def __init__(self, value: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.value = value
        self.setText(f"{value}  ×")
        self.setAccessibleName(self.tr("Remove {0}").format(value))
        self.setToolTip(self.tr("Remove {0} (Delete)").format(value))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.click()
        else:
            super().keyPressEvent(event)


class ValueField(QWidget):
    """Asks for values. Enter saves; where there may be several, it first adds what is typed. Esc gives up.

    ``buttons``: whether it has its own Save, Clear and Cancel, as in a row; in a dialog that has them it does not.
    """

    committed = Signal(tuple)
    """The values, texts; () clears."""
    changed = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget, *, buttons: bool = True) -> None:
        super().__init__(parent)
        self._multi = False
        self._list = QStringListModel(self)
        self.line = ValueLine(self)
        self.line.setAccessibleName(self.tr("Value"))
        completer = QCompleter(self._list, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(10)
        self.line.setCompleter(completer)
        self.line.returnPressed.connect(self._enter)
        self.line.textChanged.connect(self._edited)
        self.line.erased.connect(self._erase)
        completer.activated.connect(self._picked)
        self._tokens = QWidget(self)
        self._flow = FlowLayout(self._tokens, style.Space.XS)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self.error = QLabel(self)
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.error.setSizePolicy(policy)
        self.error.hide()
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.line, 1)
        self.save = self._button("plus", self.tr("Save (Enter)"), self.commit)
        self.save.setText(self.tr("Save"))
        self.save.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.clear = self._button("minus", self.tr("Clear: the item has no value then"), self._clear)
        self.clear.setText(self.tr("Clear"))
        self.clear.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.cancel = self._button("close", self.tr("Leave it as it was (Esc)"), self.given_up.emit)
        for button in (self.save, self.clear, self.cancel):
            button.setVisible(buttons)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(style.Space.XS)
        column.addWidget(self._tokens)
        column.addLayout(row)
        column.addWidget(self.error)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else the key of its label would not reach it
        self.setFocusProxy(self.line)
        self._tokens.hide()

    def _button(self, symbol: str, tip: str, slot) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(symbol))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.clicked.connect(lambda: slot())
        return button

    def set_choices(self, choices: Choices, *, multi: bool | None = None) -> None:
        """What may be entered; ``multi`` overrides whether there may be several."""
        self._multi = choices.rules.multi if multi is None else multi
        self._list.setStringList(list(choices.values))
        if choices.rules.type == "number":
            hint = self.tr("a number")
        elif self._multi:
            hint = self.tr("another value")
        else:
            hint = self.tr("a value")
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(self.tr("Value of {0}").format(choices.rules.name))
        if not self._multi:
            self._show_tokens([])

    def set_values(self, values: tuple[str, ...]) -> None:
        """What there is now."""
        if self._multi:
            self._show_tokens(list(values))
        else:
            self.line.setText(", ".join(values))
            self.line.selectAll()

    def values(self) -> tuple[str, ...]:
        """The values, with what is typed."""
        typed = self.line.text().strip()
        return tuple(dict.fromkeys([*self.tokens(), *([typed] if typed else [])]))

    def tokens(self) -> list[str]:
        """The values that stand as tokens."""
        return [token.value for token in self._tokens.findChildren(Token) if not token.isHidden()]

    def show_error(self, text: str) -> None:
        """What is wrong with the values."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.setEnabled(True)
        self.line.setFocus()

    def commit(self) -> None:
        """Say the values as they are."""
        self.committed.emit(self.values())

    # --- inside ---------------------------------------------------------------------------------------------

    def _show_tokens(self, values: list[str]) -> None:
        while self._flow.count():
            item = self._flow.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for value in dict.fromkeys(values):
            token = Token(value, self._tokens)
            token.clicked.connect(lambda _checked=False, gone=value: self._remove(gone))
            self._flow.addWidget(token)
            token.show()
        self._tokens.setVisible(bool(values))
        self._tokens.updateGeometry()

    def _remove(self, value: str) -> None:
        self._show_tokens([other for other in self.tokens() if other != value])
        self.line.setFocus()
        self.changed.emit()

    def _erase(self) -> None:
        if tokens := self.tokens():
            self._remove(tokens[-1])

    def _enter(self) -> None:
        typed = self.line.text().strip()
        if self._multi and typed:
            self._add(typed)
        else:
            self.commit()

    def _add(self, value: str) -> None:
        self._show_tokens([*self.tokens(), value])
        self.line.clear()
        self.changed.emit()

    def _picked(self, value: str) -> None:
        """A value of the list; Qt writes it into the line after this."""
        if self._multi:
            QTimer.singleShot(0, self, lambda: self._add(value) if self.line.text() == value else None)

    def _clear(self) -> None:
        self.committed.emit(())

    def _edited(self) -> None:
        self.error.hide()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Enter was the line's; a dialog would press its default button: done with the first of several values
            super().keyPressEvent(event)
