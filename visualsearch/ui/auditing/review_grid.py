"""A group of suspects as a grid: the wrong ones are marked, the others are changed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style, texts
from visualsearch.ui.auditing.pictures import fill
from visualsearch.ui.panels.buttons import MainButton, PatientButton
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import Photos

if TYPE_CHECKING:
    from visualsearch.attributes.certificate import Answer
    from visualsearch.attributes.fixing import Review

_SIDE = 128
_AT_ONCE = 60  # photos on a page
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MarkThumb(Thumb):
    """A photo with an answer: right until a click, X or U says otherwise."""

    marked = Signal()

    def __init__(self, item: int, parent: QWidget) -> None:
        super().__init__(Example(item=item), 0, _SIDE, parent, badge=False)
        self.item = item
        self.answer: Answer = "right"
        self.clicked.connect(lambda: self.mark("wrong"))
        self._describe()

    def mark(self, answer: Answer) -> None:
        """Say this of it; saying it again takes it back."""
        self.answer = "right" if self.answer == answer else answer
        self.set_muted(self.answer != "right")
        self._describe()
        self.marked.emit()

    def _describe(self) -> None:
        said = {
            "right": self.tr("will be changed"),
            "wrong": self.tr("stays as it is"),
            "unsure": self.tr("not sure, stays as it is"),
        }[self.answer]
        self.setAccessibleName(said)
        self.setToolTip(self.tr("{0}: click or X leaves it out, U says not sure").format(said.capitalize()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # it is the grid's: Space marks
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.answer == "right":
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = style.colors(self.palette())
        colour = tokens.negative if self.answer == "wrong" else tokens.warning
        painter.setPen(QPen(colour, 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 6, 6)
        painter.setPen(tokens.on_mark)
        text = self.tr("no") if self.answer == "wrong" else self.tr("not sure")
        width = painter.fontMetrics().horizontalAdvance(text) + style.Space.M
        plate = QRectF(6, 6, width, painter.fontMetrics().height() + 4)
        painter.fillRect(plate, colour)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


class ReviewGrid(QWidget):
    """Shows a review page by page, and keeps its answers until they are written."""

    fix_wanted = Signal(bool)
    """Write it; True: with the rest that was not looked at."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self.review: Review | None = None
        self.answers: dict[int, Answer] = {}
        self.thumbs: list[MarkThumb] = []
        self._read_only = False
        self.heading = QLabel(self)
        self.heading.setFont(style.font("heading"))
        self.help = QLabel(self)
        for label in (self.heading, self.help):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._sheet = QWidget(self)
        self._flow = FlowLayout(self._sheet, style.Space.S)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._sheet)
        self.more = QPushButton(self)
        self.more.setToolTip(self.tr("Take these as marked and look at the next ones (N)"))
        self.fix = MainButton(parent=self)
        self.fix.setToolTip(self.tr("Change all that is not marked, as one step that can be undone (Enter)"))
        self.fix_all = PatientButton(self)
        self.fix_all.setToolTip(
            self.tr("Change those that you have not seen, too, as one step that can be undone")
        )
        self.more.clicked.connect(self.next_page)
        self.fix.clicked.connect(lambda: self._finish(False))
        self.fix_all.clicked.connect(lambda: self._finish(True))
        buttons = QHBoxLayout()
        buttons.addWidget(self.fix)
        buttons.addWidget(self.more)
        buttons.addWidget(self.fix_all)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.S)
        column.addWidget(self.heading)
        column.addWidget(self.help)
        column.addWidget(self._area, 1)
        column.addLayout(buttons)
        self.clear("")

    # --- showing --------------------------------------------------------------------------------------------

    def set_read_only(self, read_only: bool) -> None:
        self._read_only = read_only

    def clear(self, text: str) -> None:
        """No group is open; a sentence instead."""
        self.review, self.answers = None, {}
        self._put([])
        self.heading.setText("")
        self.help.setText(text)
        for button in (self.more, self.fix, self.fix_all):
            button.hide()

    def show_review(self, review: Review) -> None:
        """Begin with a group."""
        self.review, self.answers = review, {}
        self.heading.setText(
            self.tr("{0}: change {1} to {2}?").format(review.attribute, review.given, review.suggested)
        )
        self._show_page()

    def _show_page(self) -> None:
        assert self.review is not None
        left = [item for item in self.review.order.tolist() if item not in self.answers]
        self._put(left[:_AT_ONCE])
        self._tell()

    def next_page(self) -> None:
        """What is on the page is answered; show what comes next."""
        if self.review is not None and self.more.isVisibleTo(self):
            self.answers |= {thumb.item: thumb.answer for thumb in self.thumbs}
            self._show_page()
            self.focus_first()

    def _put(self, items: Sequence[int]) -> None:
        for thumb in self.thumbs:
            self._flow.removeWidget(thumb)
            thumb.hide()
            thumb.deleteLater()
        self.thumbs = []
        for item in items:
            thumb = MarkThumb(item, self._sheet)
            thumb.marked.connect(self._tell)
            self._flow.addWidget(thumb)
            thumb.show()
            self.thumbs.append(thumb)
        self._area.verticalScrollBar().setValue(0)
        thumbs = list(self.thumbs)
        self._photos.thumbnails(
            [thumb.example for thumb in thumbs],
            lambda images: fill(thumbs, images) if thumbs == self.thumbs else None,
        )

    def _tell(self) -> None:
        """What the buttons would do now."""
        review = self.review
        if review is None:
            return
        answers = self.said
        right = sum(answer == "right" for answer in answers.values())
        unseen = len(review.order) - len(answers)
        found = review.standing(answers)
        number = texts.number
        self.help.setText(self._advice(found.state, found.until, unseen, review.wanted))
        self.fix.setText(
            texts.counted(right, self.tr("Change 1 item  ⏎"), self.tr("Change {0} items  ⏎"))
            if right
            else self.tr("Keep all of them as they are")
        )
        self.more.setText(self.tr("Look at {0} more (N)").format(number(min(unseen, _AT_ONCE))))
        self.fix_all.setText(self.tr("Change all {0}, seen or not").format(number(right + unseen)))
        self.fix.setVisible(True)
        self.more.setVisible(unseen > 0)
        self.fix_all.setVisible(unseen > 0 and found.state == "certified")
        for button in (self.fix, self.fix_all):
            button.setEnabled(not self._read_only)

    def _advice(self, state: str, until: int, unseen: int, wanted: float) -> str:
        if self._read_only:
            return self.tr("This catalog can only be read: you can look, but not decide.")
        how = self.tr("Click what is right as it is (or press X; U when not sure).")
        if not unseen:
            return how + " " + self.tr("All that is not marked is changed.")
        left = texts.number(unseen)
        if state == "certified":
            text = self.tr(
                "So few were wrong that the other {0} can be changed unseen: at least {1:.0%} are right."
            )
            return how + " " + text.format(left, wanted)
        if state == "failed":
            return how + " " + self.tr("Too many were marked to change the other {0} unseen.").format(left)
        text = self.tr(
            "After {0} more, if few are marked, the other ones can be changed unseen; {1} are left."
        )
        return how + " " + text.format(texts.number(until), left)

    @property
    def said(self) -> dict[int, Answer]:
        """All answers so far, those of the page on screen among them."""
        page: dict[int, Answer] = {thumb.item: thumb.answer for thumb in self.thumbs}
        return self.answers | page

    # --- keyboard -------------------------------------------------------------------------------------------

    def focus_first(self) -> None:
        if self.thumbs:
            self.thumbs[0].setFocus()

    def _finish(self, rest: bool) -> None:
        if self.review is not None and not self._read_only:
            self.fix_wanted.emit(rest)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        thumb = next((one for one in self.thumbs if one.hasFocus()), None)
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_N:
            self.next_page()
        elif thumb is not None and key in (Qt.Key.Key_X, Qt.Key.Key_Delete):
            thumb.mark("wrong")
        elif thumb is not None and key == Qt.Key.Key_U:
            thumb.mark("unsure")
        elif thumb is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(False)
        elif thumb is not None and key in _ARROWS:
            self._move(thumb, *_ARROWS[key])
        else:
            super().keyPressEvent(event)

    def _move(self, thumb: MarkThumb, across: int, down: int) -> None:
        at = self.thumbs.index(thumb)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            across = -across
        columns = sum(one.y() == self.thumbs[0].y() for one in self.thumbs) or 1
        target = at + across + down * columns
        if 0 <= target < len(self.thumbs):
            self.thumbs[target].setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(self.thumbs[target])
