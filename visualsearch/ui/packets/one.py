"""One photo of a packet, large, and which value it should have: as it is, the suggested one, another, or not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualsearch.attributes.packet_format import shown
from visualsearch.ui import style, texts
from visualsearch.ui.editing.value_field import ValueField
from visualsearch.ui.panels.photo_view import PhotoView

if TYPE_CHECKING:
    from visualsearch.attributes.packets import State
    from visualsearch.ui.editing.choices import Choices
    from visualsearch.ui.panels.large_photos import LargePhotos


class OnePhoto(QWidget):
    """Shows an item at a time and says what is answered."""

    answered = Signal(str)
    """ "keep", "unsure" or a value."""

    def __init__(self, photos: LargePhotos, parent: QWidget) -> None:
        super().__init__(parent)
        self._photos = photos
        self.state: State | None = None
        self._choices: Choices | None = None
        self._asked = ""  # a value that nobody has, written once
        self.photo = PhotoView(self)
        self.photo.setMinimumHeight(160)
        self.photo.setMaximumHeight(16_777_215)
        self.given = QLabel(self)
        self.given.setFont(style.font("heading"))
        self.given.setTextFormat(Qt.TextFormat.PlainText)
        self.given.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.given.setWordWrap(True)
        self.keep = self._button(self.keep_it)
        self.take = self._button(self.take_suggested)
        self.unsure = self._button(lambda: self._say("unsure"))
        self.unsure.setText(self.tr("Not sure (U)"))
        self.value = ValueField(self, buttons=False)
        self.value.setToolTip(self.tr("Another value is right: write it, then Enter (E to write here)"))
        self.value.setMaximumWidth(360)
        self.value.committed.connect(self._write)
        self.value.given_up.connect(self.setFocus)
        row = QHBoxLayout()
        row.addStretch()
        for part in (self.keep, self.take, self.value, self.unsure):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.photo, 1)
        column.addWidget(self.given)
        column.addLayout(row)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _button(self, slot) -> QPushButton:
        button = QPushButton(self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def set_choices(self, choices: Choices) -> None:
        """The values that may be written."""
        self.value.set_choices(choices, multi=False)
        self._choices = choices

    def show_state(self, state: State, ahead: list[int]) -> None:
        """Ask about an item; ``ahead``: what is asked next."""
        self.state = state
        own = next(iter(state.asked.given.values()), ())
        self._photos.show(state.number, self.photo)
        self._photos.prefetch(ahead)
        self.photo.setAccessibleName(self.tr("Photo of {0}").format(state.asked.id))
        self.given.setText(f"{state.asked.id}  ·  {shown(own) if own else self.tr('has no value')}")
        self.keep.setText(
            self.tr("It is {0} (K)").format(shown(own)) if own else self.tr("No value is right (K)")
        )
        hint = state.asked.suggested[0] if state.asked.suggested else ""
        self.take.setText(self.tr("It is {0} (S)").format(hint))
        self.take.setVisible(bool(hint))
        self._asked = ""
        self.value.set_values(())
        self.value.show_error("")

    def keep_it(self) -> None:
        """It is right as it is."""
        self._say("keep")

    def take_suggested(self) -> None:
        """What is suggested is right."""
        if self.state is not None and self.state.asked.suggested:
            self._say(self.state.asked.suggested[0])

    def write(self) -> None:
        """Give the keyboard to the line for another value."""
        self.value.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _write(self, values: tuple[str, ...]) -> None:
        if not values:
            return
        text = values[0]
        if self._choices is not None and self._choices.unknown([text]) and text != self._asked:
            self._asked = text
            self.value.show_error(texts.new_value(text))
            return
        self.setFocus()
        self._say(text)

    def _say(self, answer: str) -> None:
        if self.state is not None and self.isEnabled():
            self.answered.emit(answer)
