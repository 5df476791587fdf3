"""The rows above and below the pairs: which kind is shown, and what a person may say of a pair."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QWidget

from visualsearch.ui import style, texts
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.quality.pair_list import GROUPS
from visualsearch.ui.quality.parts import ChoiceButton, sentence

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Row(QWidget):
    """Buttons, which go on to a second line where texts are large, and a text at the end."""

    def __init__(self, text: QLabel, parent: QWidget) -> None:
        super().__init__(parent)
        row, buttons = QHBoxLayout(self), QWidget(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._flow = FlowLayout(buttons, style.Space.S)
        self._flow.setContentsMargins(0, 0, 0, 0)
        row.addWidget(buttons, 3)
        text.setWordWrap(True)
        text.setAlignment(_RIGHT)
        row.addWidget(text, 1)

    def _add(self, button: QPushButton) -> None:
        self._flow.addWidget(button)


class KindRow(_Row):
    """``chosen`` gives the kind, or `GROUPS`."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        self.learnt = QLabel()
        super().__init__(self.learnt, parent)
        self.buttons: dict[str, ChoiceButton] = {}
        group = QButtonGroup(self)
        for kind, text, tip in (
            ("exact", self.tr("Same file"), self.tr("Items that show the very same file")),
            ("near", self.tr("Same photo"), self.tr("The same photo, saved, sized or cropped differently")),
            ("variant", self.tr("Other colour"), self.tr("The same photo in another colour")),
            ("conflict", self.tr("Conflicts"), self.tr("The same look, but different attributes")),
            (GROUPS, self.tr("Groups"), self.tr("All copies of one photo together, with the one to keep")),
        ):
            button = ChoiceButton(text, self)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _checked=False, kind=kind: self.chosen.emit(kind))
            group.addButton(button)
            self._add(button)
            self.buttons[kind] = button
        self.learnt.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.learnt.setToolTip(
            self.tr("D, V and N move the limits from which on pairs are shown, and told apart by colour")
        )

    def show_counts(self, counts: Mapping[str, int], has_learnt: bool) -> None:
        """How many there are of each kind, and whether answers have moved what counts as one."""
        for kind, button in self.buttons.items():
            name = button.text().partition(" (")[0]
            button.setText(f"{name} ({texts.number(counts[kind])})")
        self.learnt.setText(
            self.tr("Fitted to your answers")
            if has_learnt
            else self.tr("Your answers teach what a copy is here")
        )


class AnswerRow(_Row):
    """``answered`` gives duplicate, variant or no. ``state`` says where in the list one is."""

    answered = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        self.state = sentence("", parent)
        super().__init__(self.state, parent)
        self.buttons: dict[str, ChoiceButton] = {}
        for answer, text, key in (
            ("duplicate", self.tr("Duplicate"), "D"),
            ("variant", self.tr("Variant"), "V"),
            ("no", self.tr("Not a duplicate"), "N"),
        ):
            button = ChoiceButton(f"{text} ({key})", self)
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key})")
            button.clicked.connect(lambda _checked=False, answer=answer: self.answered.emit(answer))
            button.setMinimumHeight(36)
            self._add(button)
            self.buttons[answer] = button
        self.undo = QPushButton(self.tr("Take back (Backspace)"), self)
        self.undo.setToolTip(self.tr("Take the last answer back (Backspace)"))
        self._add(self.undo)
        self.browse = QPushButton(self.tr("Show them in Browse"), self)
        self._add(self.browse)
