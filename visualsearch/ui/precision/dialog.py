"""Judging a few: the photos that the program picks, one after the other, and what the answers tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from visualsearch.ui import style, texts
from visualsearch.ui.certifying.judge import Judge
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.precision import wording
from visualsearch.ui.precision.histogram import ScoreHistogram
from visualsearch.ui.precision.picks import Picks

if TYPE_CHECKING:
    from visualsearch.errors import VisualSearchError
    from visualsearch.filters.gauge import Gauge
    from visualsearch.filters.query import Example, VisualFilter
    from visualsearch.ui.main_window import MainWindow

ROUND = 10  # photos
_SLOT = 71  # of its photos, among all that load some
_EXAMPLE = 44
_MOST_EXAMPLES = 5
_ANSWERS = {"right": "yes", "wrong": "no", "unsure": "unsure"}


class JudgeDialog(QDialog):
    """Asks about items and tells what was answered; others keep the answers. Closing it loses nothing."""

    answered = Signal(int, str)
    """An item; "yes", "no" or "unsure"."""
    back_wanted = Signal()
    """Take back the last answer."""
    more_wanted = Signal()
    """Another round."""

    def __init__(self, window: MainWindow, visual: VisualFilter) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Judge a few"))
        self._photos, self._has_ended = window.photos, False
        self._items: list[int] = []
        self._answers: dict[int, str] = {}
        self.judge = Judge(window.background, window.area.pixmaps.pixmap, _SLOT, self)
        self.judge.set_workspace(window.controller.workspace)
        self.judge.enable(False)
        self.picks = Picks(self._fetch, self)
        self.histogram = ScoreHistogram(self, movable=False)
        self.label = QLabel(self.tr("Estimating…"), self)
        self.back = QPushButton(self.tr("Take back (Backspace)"), self)
        self.more = QPushButton(self.tr("{0} more").format(ROUND), self)
        self.done_button = QPushButton(self.tr("Done"), self)
        for button in (self.back, self.more, self.done_button):
            button.setAutoDefault(False)
        self.show_can_go_back(False)
        self._lay_out(self._examples(visual))
        self.judge.answered.connect(self._answer)
        self.judge.back_wanted.connect(self.back_wanted)
        self.picks.chosen.connect(self._ask)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.back.click)
        self.back.clicked.connect(self.back_wanted)
        self.more.clicked.connect(self.more_wanted)
        self.done_button.clicked.connect(self.accept)
        self.finished.connect(self._end)
        self.judge.question.setText(self.tr("Picking photos…"))
        screen = window.screen().availableGeometry().size()
        self.resize(QSize(760, 700).boundedTo(screen * 0.95))
        self.judge.setFocus()

    def _lay_out(self, examples: QHBoxLayout) -> None:
        known = QHBoxLayout()
        known.setSpacing(style.Space.M)
        known.addWidget(self.histogram, 1)
        known.addWidget(self.label)
        self.label.setMinimumWidth(
            self.label.fontMetrics().horizontalAdvance(self.tr("A guess: 100 % right (10–100 %),"))
        )
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch()
        buttons.addWidget(self.more)
        buttons.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.M, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.S)
        column.addLayout(examples)
        column.addWidget(self.judge, 1)
        column.addWidget(self.picks)
        column.addLayout(known)
        column.addLayout(buttons)

    def _examples(self, visual: VisualFilter) -> QHBoxLayout:
        """What is meant, as a reminder."""
        visual = visual.counting()
        row = QHBoxLayout()
        row.setSpacing(style.Space.XS)
        thumbs: list[Thumb] = []
        sides = ((self.tr("Like"), visual.positives, 1), (self.tr("but not like"), visual.negatives, -1))
        for text, examples, sign in sides:
            if not examples:
                continue
            row.addWidget(QLabel(text if visual.positives else self.tr("Not like"), self))
            for example in examples[:_MOST_EXAMPLES]:
                thumb = Thumb(example, sign, _EXAMPLE, self, badge=False)
                thumb.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                thumb.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                row.addWidget(thumb)
                thumbs.append(thumb)
            row.addSpacing(style.Space.S)
        row.addStretch()

        def take(images: dict[Example, QImage]) -> None:
            for thumb in thumbs:
                if thumb.example in images:
                    thumb.set_image(images[thumb.example])

        self._fetch([thumb.example for thumb in thumbs], take)
        return row

    def _fetch(self, examples: list[Example], done: Callable[[dict[Example, QImage]], None]) -> None:
        """Thumbnails, for as long as there is a dialog to show them."""

        def deliver(images: dict[Example, QImage]) -> None:
            if not self._has_ended:
                done(images)

        self._photos.thumbnails(examples, deliver)

    def _end(self) -> None:
        """Photos may still be on their way."""
        self._has_ended = True
        self.judge.set_workspace(None)

    # --- what is asked --------------------------------------------------------------------------------------

    @property
    def items(self) -> list[int]:
        """The photos of this round."""
        return list(self._items)

    @property
    def item(self) -> int:
        """What is asked for, −1 for nothing."""
        return self.judge.item if self.judge.buttons["right"].isEnabled() else -1

    def show_round(self, items: list[int], answers: Mapping[int, str]) -> None:
        """Ask about these; ``answers`` are all that there are."""
        self._items, self._answers = items, dict(answers)
        self.picks.show_items(items)
        if items:
            self._ask(items[0])
        else:
            self._finish(self.tr("There is nothing more to judge: all photos were answered for."))

    def show_error(self, error: VisualSearchError) -> None:
        """No photos could be picked."""
        self.show_round([], self._answers)
        self.judge.question.setText(texts.error_line(error))

    def take_back(self, item: int, answer: str | None) -> None:
        """An answer was taken back; ``answer`` is what it was before. Ask again."""
        self._answers.pop(item, None)
        if answer is not None:
            self._answers[item] = answer
        if item in self._items:
            self._ask(item)

    def show_can_go_back(self, can: bool) -> None:
        """Whether there is an answer to take back."""
        self.back.setEnabled(can)

    def _ask(self, item: int) -> None:
        self.judge.enable(True)
        later = [other for other in self._items if other != item and other not in self._answers]
        place = self._items.index(item) + 1
        question = self.tr("Is this what you mean?   {0} of {1}").format(place, len(self._items))
        self.judge.show_item(item, question, later)
        self._show_state(item)
        self.judge.setFocus()

    def _answer(self, given: str) -> None:
        item, answer = self.item, _ANSWERS[given]
        if item < 0:
            return
        self._answers[item] = answer
        self.answered.emit(item, answer)
        start = self._items.index(item) + 1
        left = [other for other in self._items[start:] + self._items[:start] if other not in self._answers]
        if left:
            self._ask(left[0])
        else:
            self._finish(self.tr("Thank you. Judge {0} more to be surer?").format(ROUND))

    def _finish(self, text: str) -> None:
        self.judge.enable(False)
        self.judge.question.setText(text)
        self._show_state(-1)
        if self._items:
            self.more.setFocus()
        else:
            self.more.setEnabled(False)
            self.done_button.setFocus()

    def _show_state(self, item: int) -> None:
        self.picks.show_state(item, self._answers)
        self.more.setEnabled(item < 0)

    # --- what the answers tell ------------------------------------------------------------------------------

    def show_gauge(self, gauge: Gauge, narrow: float) -> None:
        """Show what is known now."""
        row = gauge.row_of(narrow)
        self.histogram.show_gauge(gauge, row)
        self.label.setText("\n".join(line for line in wording.rates(gauge, row) if line))
        self.label.setToolTip(wording.explained(gauge, row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Backspace:
            self.back_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)
