"""How far tagging is: how many are done, how many are probably left, how fast it goes, when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from visualsearch.ui import style, texts

if TYPE_CHECKING:
    from visualsearch.attributes.situation import State


class _Figure(QWidget):
    """A heading with what it counts below it."""

    def __init__(self, heading: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._heading = heading
        self.value = QLabel(self)
        self.value.setFont(style.font("heading"))
        small = QLabel(heading, self)
        small.setFont(style.font("caption"))
        small.setForegroundRole(small.palette().ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.M, style.Space.XS, style.Space.M, style.Space.XS)
        column.setSpacing(0)
        column.addWidget(small)
        column.addWidget(self.value)

    def show_text(self, text: str, tip: str = "") -> None:
        self.value.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"{self._heading}: {text}")


class Stats(QWidget):
    """A strip above the photos, always visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.done = _Figure(self.tr("Answered"), self)
        self.left = _Figure(self.tr("Probably left to find"), self)
        self.pace = _Figure(self.tr("Decisions a minute"), self)
        self.advice = QLabel(self)
        self.advice.setWordWrap(True)
        self.advice.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.advice.setSizePolicy(policy)
        self.stops = False
        row = QHBoxLayout(self)
        row.setContentsMargins(style.Space.XS, 0, style.Space.M, 0)
        for part in (self.done, self.left, self.pace):
            row.addWidget(part)
        row.addWidget(self.advice, 1)
        self.clear()

    def clear(self) -> None:
        """Nothing is known yet."""
        for figure in (self.done, self.left, self.pace):
            figure.show_text("…")
        self.advice.clear()
        self.stops = False
        self.update()

    def show_state(self, state: State, per_minute: int | None) -> None:
        number, left = texts.number, state.remaining
        answered = state.yes + state.no + state.unsure
        self.done.show_text(
            self.tr("{0} yes · {1} no · {2} not sure").format(
                *map(number, (state.yes, state.no, state.unsure))
            ),
            self.tr("{0}; with the value: {1}; still open: {2}").format(
                texts.counted(answered, self.tr("1 answer"), self.tr("{0} answers")),
                number(state.having),
                number(state.open),
            ),
        )
        span = number(left.low) if left.low == left.high else f"{number(left.low)}–{number(left.high)}"
        if left.guess:
            self.left.show_text(
                self.tr("{0} (a guess)").format(span),
                self.tr("A guess of the program; a page in random order tells it better."),
            )
        else:
            self.left.show_text(
                self.tr("{0} (95 % sure)").format(span),
                self.tr("From {0} items that were picked at random.").format(number(left.judged)),
            )
        self.pace.show_text(number(per_minute) if per_minute is not None else "–")
        self.stops = bool(state.advice)
        if self.stops:
            text = self.tr("You can stop here.") + " " + state.advice.text
        elif not state.pages:
            text = self.tr("Mark what is wrong, then press Enter.")
        elif state.advice.dry_pages:
            text = self.tr("Go on: only the last page had no hit.")
        else:
            text = self.tr("Go on: pages still bring hits.")
        self.advice.setText(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = style.colors(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tokens.positive if self.stops else tokens.border)
        painter.setBrush(tokens.raised)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), style.RADIUS, style.RADIUS)
