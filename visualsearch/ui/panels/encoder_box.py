"""The choice of the encoder, which decides what looks alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from visualsearch.ui.background import Background

if TYPE_CHECKING:
    from visualsearch.encoders.encoder import EncoderState

_OWN = "litert:"  # and the model's file


class EncoderBox(QComboBox):
    """The usual encoder, or the catalog's own, until a person chooses another one."""

    def __init__(self, background: Background, new: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._new = new
        self._asked = False
        self.setAccessibleName(self.tr("What compares the photos"))
        tip = self.tr("What compares the photos (Alt+E): it decides which ones look alike.")
        if not new:
            tip += " " + self.tr("With another one, all photos of the catalog are looked at anew.")
        self.setToolTip(tip)
        self._entries = QStandardItemModel(self)
        self.setModel(self._entries)
        self._append(self.tr("The usual one") if new else self.tr("As until now"), "")
        self.activated.connect(self._activated)

    @property
    def encoder(self) -> str | None:
        """The encoder's name as an import takes it; None for the usual one or the catalog's own."""
        name = self.currentData(Qt.ItemDataRole.UserRole)
        return name if name and name != _OWN else None

    def ask(self) -> None:
        """Find out, once, which encoders there are. That loads NumPy: do it when other work loads it, too."""
        if not self._asked:
            self._asked = True
            self._background.run(_states, self._list, key="encoders")

    def _append(self, text: str, name: str, hint: str = "", *, enabled: bool = True) -> None:
        entry = QStandardItem(text)
        entry.setData(name, Qt.ItemDataRole.UserRole)
        entry.setToolTip(hint)
        entry.setEnabled(enabled)
        self._entries.appendRow(entry)

    def _list(self, found: tuple[str, list[EncoderState]]) -> None:
        """The encoders of this computer, those that cannot be had greyed."""
        usual, states = found
        marks = {
            "needs compile": self.tr("made ready on first use"),
            "needs download": self.tr("downloaded on first use"),
            "unavailable": self.tr("not installed"),
        }
        for state in states:
            if not state.selectable:
                continue
            mark = marks.get(state.state)
            text = f"{state.title} ({mark})" if mark else state.title
            if self._new and state.name == usual:
                self.setItemText(0, self.tr("The usual one: {0}").format(text))
                continue
            hint = state.hint if state.state == "unavailable" else ""
            self._append(text, state.name, hint, enabled=state.state != "unavailable")
        self._append(self.tr("Your own model…"), _OWN)

    def _activated(self, index: int) -> None:
        """The entry for a model of one's own asks for its file."""
        if self.itemData(index) != _OWN:
            return
        title, kinds = self.tr("Your own LiteRT model"), self.tr("LiteRT models") + " (*.tflite)"
        chosen, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if not chosen:
            self.setCurrentIndex(0)
            return
        entry = QStandardItem(Path(chosen).name)
        entry.setData(_OWN + chosen, Qt.ItemDataRole.UserRole)
        entry.setToolTip(chosen)
        self._entries.insertRow(index, entry)
        self.setCurrentIndex(index)


def _states() -> tuple[str, list[EncoderState]]:
    """The usual encoder's name, and all there are."""
    from visualsearch.encoders.encoder import DEFAULT_ENCODER, list_encoders

    return DEFAULT_ENCODER, list_encoders()
