"""Completing a predicate while it is typed: names of attributes, after a comparison their values."""

from __future__ import annotations

import re

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from visualsearch.catalog.predicate_syntax import quoted

_WORD = r"[\w./+-]+"
_TOKEN = re.compile(rf'("[^"]*|{_WORD})?$')
_COMPARED = re.compile(rf'("[^"]*"|{_WORD})\s*(?:!?=|[<>]=?|\b(?:not\s+)?in\s*\((?:[^()]*,)?)\s*$')


class Completion(QCompleter):
    """Completes the word before the cursor, not the whole line."""

    def __init__(self, line: QLineEdit, names: list[str], values: dict[str, list[str]]) -> None:
        super().__init__(line)
        self._line, self._names, self._values = line, names, values
        self._list = QStringListModel(self)
        self.setModel(self._list)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setWidget(line)
        line.textEdited.connect(self._offer)
        self.activated.connect(self._insert)

    def offers(self) -> list[str]:
        """What could stand in place of the word before the cursor."""
        return [
            str(self.completionModel().index(row, 0).data())
            for row in range(self.completionModel().rowCount())
        ]

    def _token(self) -> tuple[int, str]:
        """Where the word before the cursor starts, and the word without its quotation mark."""
        before = self._line.text()[: self._line.cursorPosition()]
        found = _TOKEN.search(before)
        start = found.start() if found else len(before)
        return start, before[start:].lstrip('"')

    def _offer(self) -> None:
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

    def _insert(self, chosen: str) -> None:
        start, _ = self._token()
        text, cursor = self._line.text(), self._line.cursorPosition()
        written = quoted(chosen)
        self._line.setText(text[:start] + written + text[cursor:])
        self._line.setCursorPosition(start + len(written))
