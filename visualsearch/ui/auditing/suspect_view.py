"""One suspect: its photo, large; what speaks against its value; what it could be instead; what a person says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.auditing.pictures import GIVEN, OTHER, SUGGESTED, Strip
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.column_area import ColumnArea
from visualsearch.ui.panels.other_value import OtherValue
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.photos import Photos

if TYPE_CHECKING:
    from visualsearch.attributes.audit import Details, Suspect

_TYPICAL = 84  # pixels of a typical item's side
_NEIGHBOUR = 76
_OPTIONS = 9
_ROOMY_LINES = 32  # of height from which on typical items have room
_MAX = 16_777_215  # Qt's largest size


class _Side(QFrame):
    """A value, with typical items of it and the button that chooses it."""

    def __init__(self, photos: Photos, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel(self)
        self.title.setFont(style.font("caption"))
        self.value = QLabel(self)
        self.value.setFont(style.font("heading"))
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setWordWrap(True)
        self.typical = Strip(photos, _TYPICAL, self)
        self.button = QPushButton(self)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.XS)
        column.addWidget(self.title)
        column.addWidget(self.value)
        column.addStretch(1)  # beside a value of more lines
        column.addWidget(self.typical)
        column.addWidget(self.button)


class SuspectView(QWidget):
    """Shows what the desk has described. Verdicts are signals."""

    keep_wanted = Signal()
    change_wanted = Signal(str)
    unsure_wanted = Signal()
    undo_wanted = Signal()
    alike_wanted = Signal()
    item_wanted = Signal(int)
    finished_writing = Signal()
    """The field of another value was left without one."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._suspect: Suspect | None = None
        self._read_only = False
        self.options: list[str] = []
        self.option_buttons: list[QPushButton] = []
        self.question = QLabel(self)
        self.question.setFont(style.font("title"))
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.question.setWordWrap(True)
        self.photo = PhotoView(self)
        self.photo.setMinimumHeight(160)
        self.photo.setMaximumHeight(_MAX)
        self.photo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.given, self.suggested = _Side(photos, self), _Side(photos, self)
        self.reasons = self._text("body")
        self.neighbours_title = self._text("caption")
        self.neighbours = Strip(photos, _NEIGHBOUR, self)
        self.note = self._text("caption")
        self.unsure = self._button(
            self.tr("Not sure (U)"), self.tr("The photo does not tell: ask me last (U)")
        )
        self.undo = self._button(
            self.tr("Take back (Backspace)"), self.tr("Take the last verdict back (Backspace or Ctrl+Z)")
        )
        self.alike = self._button(
            self.tr("All like this (L)"),
            self.tr("The suspects that share this mistake, to be mended together (L)"),
        )
        self.field = OtherValue(self)
        self.field.setPlaceholderText(self.tr("Another value… (O)"))
        self.field.setAccessibleName(self.tr("Another value"))
        self.field.setToolTip(self.tr("Write the right value, then press Enter (O)"))
        self._options = QWidget(self)
        FlowLayout(self._options, style.Space.XS).setContentsMargins(0, 0, 0, 0)
        self._arrange()
        self._connect()

    def _text(self, kind) -> QLabel:
        label = QLabel(self)
        label.setFont(style.font(kind))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _arrange(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(style.Space.L)
        sides.addWidget(self.given, 1)
        sides.addWidget(self.suggested, 1)
        verdicts = QGridLayout()
        verdicts.setSpacing(style.Space.S)
        for place, button in enumerate((self.unsure, self.undo, self.alike)):
            verdicts.addWidget(button, place // 2, place % 2)
        verdicts.setColumnStretch(2, 1)
        right = QVBoxLayout()
        right.setSpacing(style.Space.M)
        for part in (self.reasons, sides, verdicts, self._options, self.field, self.note):
            right.addLayout(part) if isinstance(part, QLayout) else right.addWidget(part)
        right.addStretch(1)
        panel = QWidget(self)
        panel.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        self._area = ColumnArea(panel, self)
        style.width_in_letters(self._area, 96, self._area.setMaximumWidth)
        middle = QHBoxLayout()
        middle.setSpacing(style.Space.L)
        middle.addWidget(self.photo, 3)
        middle.addWidget(self._area, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, style.Space.S)
        column.setSpacing(style.Space.S)
        column.addWidget(self.question)
        column.addLayout(middle, 1)
        column.addWidget(self.neighbours_title)
        column.addWidget(self.neighbours)

    def _connect(self) -> None:
        self.given.button.clicked.connect(self.keep_wanted)
        self.suggested.button.clicked.connect(self._change)
        self.unsure.clicked.connect(self.unsure_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.alike.clicked.connect(self.alike_wanted)
        self.field.chosen.connect(self._choose)
        self.field.given_up.connect(self.finished_writing)
        self.field.warned.connect(self._warn)
        for strip in (self.neighbours, self.given.typical, self.suggested.typical):
            strip.chosen.connect(self.item_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window what a person decides by comes first: typical items give way."""
        super().resizeEvent(event)
        roomy = self.height() >= _ROOMY_LINES * self.fontMetrics().lineSpacing()
        for side in (self.given, self.suggested):
            side.typical.setVisible(roomy)

    # --- showing --------------------------------------------------------------------------------------------

    def set_read_only(self, read_only: bool) -> None:
        """In a read-only catalog one can look, but not decide."""
        self._read_only = read_only
        for widget in (self.given.button, self.unsure, self.undo, self.field, self._options):
            widget.setEnabled(not read_only)
        self._warn("")

    def show_suspect(self, suspect: Suspect, name: str) -> None:
        """Show what is known at once; details follow."""
        self._suspect = suspect
        self.question.setText(
            self.tr("{0}: is this really {1}?").format(suspect.attribute, texts.value_name(suspect.given))
        )
        self.photo.setAccessibleName(self.tr("Photo of {0}").format(name) if name else self.tr("Photo"))
        self.reasons.setText(" ".join(suspect.reasons))
        self.given.title.setText(self.tr("It has now"))
        self.given.value.setText(suspect.given)
        self.given.button.setText(self.tr("Keep (K)"))
        self.given.button.setToolTip(
            self.tr("{0} is right: it leaves this list for good (K)").format(suspect.given)
        )
        self.suggested.title.setText(self.tr("It looks like"))
        self.suggested.value.setText(suspect.suggested or self.tr("nothing in particular"))
        self.suggested.button.setText(self.tr("Change (C)"))
        self.suggested.button.setToolTip(
            self.tr("Change it to {0} (C or Enter)").format(suspect.suggested)
            if suspect.suggested
            else self.tr("Nothing fits better: choose another value below")
        )
        self.suggested.button.setEnabled(bool(suspect.suggested) and not self._read_only)
        self.given.typical.show_items([])
        self.suggested.typical.show_items([])
        self.neighbours.show_items([])
        self.neighbours_title.clear()
        self.show_options([])
        self.field.clear()
        self._warn("")

    def show_details(self, details: Details, values: Sequence[str]) -> None:
        """Neighbours, typical items, other values."""
        suspect = details.suspect
        self.reasons.setText(" ".join(suspect.reasons))
        for side, items, name in (
            (self.given, details.typical_given, suspect.given),
            (self.suggested, details.typical_suggested, suspect.suggested),
        ):
            tip = self.tr("A typical {0}").format(name)
            side.typical.show_items([(item, "", OTHER, tip) for item in items])
        self.neighbours_title.setText(self.tr("What looks most like it, and what that is:"))
        self.neighbours.show_items([self._neighbour(suspect, one) for one in details.neighbours])
        self.show_options(options_of(details, values))
        self.field.set_values([value for value in values if value != suspect.given])

    def _neighbour(
        self, suspect: Suspect, one: tuple[int, float, tuple[str, ...]]
    ) -> tuple[int, str, str, str]:
        item, _similarity, values = one
        side = GIVEN if suspect.given in values else SUGGESTED if suspect.suggested in values else OTHER
        text = ", ".join(values) or self.tr("no value")
        return item, text, side, self.tr("{0}: show it in the grid").format(text)

    def show_options(self, values: Sequence[str]) -> None:
        """Offer other values, each with its digit."""
        flow = self._options.layout()
        assert flow is not None
        for button in self.option_buttons:
            flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.options = list(values)
        self.option_buttons = []
        for digit, value in enumerate(self.options, 1):
            tip = self.tr("Change it to {0} ({1})").format(value, digit)
            button = self._button(f"{digit}  {value}".replace("&", "&&"), tip)
            button.clicked.connect(lambda _checked=False, value=value: self._choose(value))
            flow.addWidget(button)
            button.show()
            self.option_buttons.append(button)
        self._options.setVisible(bool(self.options))
        self._options.updateGeometry()

    # --- verdicts -------------------------------------------------------------------------------------------

    def change(self) -> None:
        """To the suggestion, if there is one."""
        self._change()

    def choose_option(self, digit: int) -> bool:
        """Change to an other value by its digit; False where there is none."""
        if not 1 <= digit <= len(self.options):
            return False
        self._choose(self.options[digit - 1])
        return True

    def _change(self) -> None:
        if self._suspect is None:
            return
        if self._suspect.suggested:
            self._choose(self._suspect.suggested)
        else:
            self.field.setFocus()

    def _choose(self, value: str) -> None:
        if self._suspect is not None and value == self._suspect.given:
            self.keep_wanted.emit()
        elif self._suspect is not None:
            self.change_wanted.emit(value)

    def _warn(self, text: str) -> None:
        if not text and self._read_only:
            text = self.tr("This catalog can only be read: you can look, but not decide.")
        self.note.setText(text)
        self.note.setVisible(bool(text))


def options_of(details: Details, values: Sequence[str]) -> list[str]:
    """The values offered by digit: what the neighbours have, the most frequent first, then what is most used at all."""
    suspect = details.suspect
    votes = Counter(value for _, _, own in details.neighbours for value in own)
    near = [value for value, _ in votes.most_common()]
    unwanted = {suspect.given, suspect.suggested}
    return [value for value in dict.fromkeys((*near, *values)) if value not in unwanted][:_OPTIONS]
