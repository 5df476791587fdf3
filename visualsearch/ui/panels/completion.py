"""Completing a predicate: while it is typed, and word by word, with the mouse or the arrows alone."""

from __future__ import annotations

import re
from typing import cast

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from visualsearch.catalog.predicate_syntax import quoted

_WORD = r"[\w./+-]+"
_TOKEN = re.compile(rf'("[^"]*|{_WORD})?$')
_COMPARED = re.compile(rf'("[^"]*"|{_WORD})\s*(?:!?=|[<>]=?|\b(?:not\s+)?in\s*\((?:[^()]*,)?)\s*$')
_LAST = re.compile(rf'("[^"]*"|{_WORD})\s*$')
_COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]
_JOINS = ["and", "or"]


class Completion(QCompleter):
    """Completes the word before the cursor, not the whole line. A click into the line, or Down, offers what may come
    next there."""

    def __init__(self, line: QLineEdit, names: list[str], values: dict[str, list[str]]) -> None:
        super().__init__(line)
        self._line, self._names, self._values = line, names, values
        self._is_next = False  # what is offered comes after the cursor, and replaces nothing
        self._list = QStringListModel(self)
        self.setModel(self._list)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setWidget(line)
        line.textEdited.connect(self._offer)
        line.installEventFilter(self)
        self.activated.connect(self._insert)

    def offers(self) -> list[str]:
        """What could stand in place of the word before the cursor, or come next."""
        return [
            str(self.completionModel().index(row, 0).data())
            for row in range(self.completionModel().rowCount())
        ]

    def following(self, before: str) -> list[str]:
        """What may come after the beginning of a predicate."""
        compared = _COMPARED.search(before)
        if compared:
            return self._values.get(compared[1].strip('"'), [])
        last = _LAST.search(before)
        if last is None or last[1].lower() in (*_JOINS, "not"):
            return self._names
        if _COMPARED.search(before[: last.start()]):
            return _JOINS
        return _COMPARISONS if last[1].strip('"') in self._names else []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._line and not self._is_open:
            if event.type() == QEvent.Type.MouseButtonRelease:
                self._offer_next()
            elif event.type() == QEvent.Type.KeyPress and cast("QKeyEvent", event).key() == Qt.Key.Key_Down:
                self._offer_next()
                return True
        return super().eventFilter(watched, event)

    @property
    def _is_open(self) -> bool:
        popup = self.popup()
        return popup is not None and popup.isVisible()

    def _token(self) -> tuple[int, str]:
        """Where the word before the cursor starts, and the word without its quotation mark."""
        before = self._line.text()[: self._line.cursorPosition()]
        found = _TOKEN.search(before)
        start = found.start() if found else len(before)
        return start, before[start:].lstrip('"')

    def _offer(self) -> None:
        self._is_next = False
        start, word = self._token()
        compared = _COMPARED.search(self._line.text()[:start])
        candidates = self._values.get(compared[1].strip('"'), []) if compared else self._names
        self._list.setStringList(candidates)
        self.setCompletionPrefix(word)
        offers = self.offers()
        popup = self.popup()
        if (word or compared) and offers and offers != [word]:
            self.complete()
        elif popup is not None:
            popup.hide()

    def _offer_next(self) -> None:
        self._list.setStringList(self.following(self._line.text()[: self._line.cursorPosition()]))
        self.setCompletionPrefix("")
        self._is_next = True
        if self.offers() and not self._line.hasSelectedText():
            self.complete()

    def _insert(self, chosen: str) -> None:
        text, cursor = self._line.text(), self._line.cursorPosition()
        start = cursor if self._is_next else self._token()[0]
        before = text[:start]
        sign = chosen in (*_COMPARISONS, *_JOINS) and self._is_next
        gap = " " if self._is_next and before and not before.endswith((" ", "(")) else ""
        written = gap + (chosen if sign else quoted(chosen))
        is_value = bool(_COMPARED.search(before))
        self._line.setText(before + written + text[cursor:])
        self._line.setCursorPosition(start + len(written))
        if self._is_next and not is_value:  # a comparison is complete with its value
            QTimer.singleShot(0, self, self._offer_next)
