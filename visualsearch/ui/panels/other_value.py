"""A line for another value than the one that is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from visualsearch.ui import texts


class OtherValue(QLineEdit):
    """Completes from the values that there are. One that no item has takes a second Enter."""

    given_up = Signal()
    chosen = Signal(str)
    warned = Signal(str)
    """What is to be said of a value that no item has yet; "" when it is no longer there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[str] = []
        self._listed = QStringListModel(self)
        self._asks = True
        self._asked = ""
        self._is_accepting = False
        self.setClearButtonEnabled(True)
        self.returnPressed.connect(self._take)
        self.textEdited.connect(lambda _text: self.warned.emit(""))

    def set_values(self, values: Sequence[str] | None) -> None:
        """Offer these, by a new list also where they are the same: an open one would take the focus back. None: any
        value is as good, as of a number."""
        self.clear()
        self._asked = ""
        if self._values != list(values or ()):
            self._values = list(values or ())
            self._listed.setStringList(self._values)
        self._asks = values is not None
        before = self.completer()
        # A line deletes its own child at once: here in the middle of the Enter that the list is still passing on.
        completer = QCompleter(self._listed, self.parent())
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(lambda text: self._accept(str(text)))
        self.setCompleter(completer)
        if before is not None:
            before.deleteLater()

    def _take(self) -> None:
        text = " ".join(self.text().split())
        known = next((value for value in self._values if value.casefold() == text.casefold()), None)
        if self._is_accepting:
            return
        if not text:
            self.given_up.emit()
        elif known is not None:
            self._accept(known)
        elif text == self._asked or not self._asks:
            self._accept(text)
        else:
            self._asked = text
            self.warned.emit(texts.new_value(text))

    def _accept(self, text: str) -> None:
        """Once: Enter on a completion counts for the list and for the field."""
        if text and not self._is_accepting:
            self._is_accepting = True
            QTimer.singleShot(0, self, self._ready)
            self._asked = ""
            self.chosen.emit(text)

    def _ready(self) -> None:
        self._is_accepting = False
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.warned.emit("")
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the page must not take it for the suggestion
