"""What else there is around tagging, with a sentence about each: the first page of Tag leads there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget


class AlsoHere(QWidget):
    """A button for each. ``buttons``: by the name of the window's action."""

    wanted = Signal(str)
    """The name of one of the window's actions."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._add(
            "autotag",
            self.tr("Auto tagging"),
            "Ctrl+Shift+U",
            self.tr("All values of an attribute at once, learnt from the items that have one"),
        )
        self._add(
            "tag_new",
            self.tr("Fill in what new items lack"),
            "Ctrl+Alt+N",
            self.tr("All that the items of the last import lack, one page after the other"),
        )
        self._add(
            "certificates",
            self.tr("Certificates"),
            "Ctrl+Alt+C",
            self.tr("What was accepted together, on what grounds; take it back"),
        )
        self._add(
            "packet_send",
            self.tr("Send work to somebody"),
            "Ctrl+Alt+S",
            self.tr("Let others judge on their own computers: a file for each of them"),
        )
        self._add(
            "packet_judge",
            self.tr("Judge a packet"),
            "Ctrl+Alt+J",
            self.tr("A file that somebody sent you to judge"),
        )
        self._add(
            "packet_merge",
            self.tr("Merge answers"),
            "Ctrl+Alt+M",
            self.tr("What others have judged comes into this catalog"),
        )

    def _add(self, action: str, text: str, keys: str, about: str) -> None:
        button = QPushButton(f"{text}…", self)
        button.setToolTip(f"{text} ({keys})")
        button.clicked.connect(partial(self.wanted.emit, action))
        label = QLabel(about, self)
        label.setWordWrap(True)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row = self._grid.rowCount()
        self._grid.addWidget(button, row, 0)
        self._grid.addWidget(label, row, 1)
        self.buttons[action] = button

    def enable(self, can: Callable[[str], bool]) -> None:
        """Ask for each action whether it can be done in this catalog."""
        for action, button in self.buttons.items():
            button.setEnabled(can(action))
