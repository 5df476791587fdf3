"""Judging the photos of an estimate, one at a time, with what the answers show so far beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.panels.column_area import ColumnArea
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.other_value import OtherValue
from visualsearch.ui.panels.page_keys import PageKeys
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.quality.interval_bar import IntervalBar
from visualsearch.ui.quality.parts import EmptyPage, heading, percent, sentence

if TYPE_CHECKING:
    from visualsearch.attributes.estimate_progress import Left, Running
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_SIDE = 330  # pixels of what stands beside the photo
_AHEAD = 3  # photos that are read before they are asked about


@dataclass(frozen=True)
class Moment:
    """An estimate as it stands. ``upcoming``: the next items, the first one with its ``details``. ``values``: those
    that items have of its attribute, the most used first; None where it is no category."""

    running: Running
    left: Left
    upcoming: list[int]
    details: ItemDetails | None
    values: list[str] | None


def moment(workspace: Workspace, name: str) -> Moment:
    """Read it; for workers. Raises UsageError when there is no such estimate."""
    estimates = workspace.quality.estimates
    upcoming = estimates.next_items(name, _AHEAD)
    details = workspace.details(upcoming[0]) if upcoming else None
    running = estimates.running(name)
    return Moment(
        running, estimates.left(name), upcoming, details, _values(workspace, running.plan.attribute)
    )


def _values(workspace: Workspace, attribute: str) -> list[str] | None:
    if dict(workspace.attributes()).get(attribute) != "category":
        return None
    return workspace.audit.values(attribute, JobControl())


class Judging(QWidget):
    """Shows moments and says what was answered; knows no catalog."""

    answered = Signal(int, str, str)
    """Item, "right", "wrong" or "unsure", and the right value where somebody wrote one ("" otherwise)."""
    undo_wanted = Signal()
    left = Signal()

    def __init__(self, window: MainWindow, photos: LargePhotos) -> None:
        super().__init__(window)
        self._photos = photos
        self.moment: Moment | None = None
        self._is_waiting = False  # for the catalog to take the answer: what nobody sees is not judged
        self._read_only = False
        self.photo = PhotoView(self)
        self.photo.setMinimumHeight(160)
        self.photo.setMaximumHeight(16_777_215)
        self.finish = EmptyPage(self)
        self.finish.button.clicked.connect(self.left)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.photo)
        self.stack.addWidget(self.finish)
        self.question = heading("", self)
        self.value = heading("", self)
        self.value.setFont(style.font("title"))
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.others = sentence("", self, quiet=True)
        self.right = self._button(self.tr("Right"), "Y", "right")
        self.wrong = self._button(self.tr("Wrong"), "N", "wrong")
        self.unsure = self._button(self.tr("Not sure"), "U", "unsure")
        self.undo = QPushButton(self.tr("Take back (Backspace)"), self)
        self.undo.setToolTip(self.tr("Take the last answer back and show its photo again (Backspace)"))
        self.undo.clicked.connect(self.undo_wanted)
        self.correct = OtherValue(self)
        self.correct.setAccessibleName(self.tr("The right value"))
        self.correct.setPlaceholderText(self.tr("The right value, if you know it"))
        self.correct.setToolTip(self.tr("Enter: it is wrong, and this is right instead (E to write here)"))
        self.correct.chosen.connect(self._correct)
        self.correct.given_up.connect(self.setFocus)
        self.warning = sentence("", self)
        self.warning.hide()
        self.correct.warned.connect(self._warn)
        self.rate = heading("", self)
        self.bar = IntervalBar(self)
        self.needed = sentence("", self)
        self.unsure_said = sentence("", self, quiet=True)
        self.left_said = sentence("", self, quiet=True)
        self.back = QPushButton(self.tr("Back to the list"), self)
        self.back.setToolTip(self.tr("The answers are kept: go on whenever you want (Esc)"))
        self.back.clicked.connect(self.left)
        self._arrange()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keys = Qt.Key
        self._keys = PageKeys(
            self,
            {
                keys.Key_Y: lambda: self._answer("right"),
                keys.Key_N: lambda: self._answer("wrong"),
                keys.Key_U: lambda: self._answer("unsure"),
                keys.Key_E: self._edit,
                keys.Key_Backspace: self.undo.click,
                keys.Key_Escape: self.left.emit,
            },
        )

    def _button(self, text: str, key: str, answer: str) -> QPushButton:
        button = QPushButton(f"{text} ({key})", self)
        button.setToolTip(f"{text} ({key})")
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self._answer(answer))
        return button

    def _arrange(self) -> None:
        asked = QWidget(self)
        column = QVBoxLayout(asked)
        column.setContentsMargins(0, 0, style.Space.S, 0)
        column.setSpacing(style.Space.S)
        for part in (self.question, self.value, self.others):
            column.addWidget(part)
        column.addStretch(1)
        area = ColumnArea(asked, self)  # forty attributes must not push the answers out of sight
        told = QWidget(self)
        column = QVBoxLayout(told)
        column.setContentsMargins(0, 0, style.Space.S, 0)
        column.setSpacing(style.Space.S)
        for part in (self.rate, self.bar, self.needed, self.unsure_said, self.left_said):
            column.addWidget(part)
        result = ColumnArea(told, self)
        result.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        answers = QGridLayout()
        answers.setSpacing(style.Space.S)
        for place, button in enumerate((self.right, self.wrong, self.unsure, self.undo)):
            button.setMinimumHeight(40)
            answers.addWidget(button, place // 2, place % 2)
        beside = QWidget(self)
        style.width_in_letters(beside, 48, beside.setFixedWidth, _SIDE)
        side = QVBoxLayout(beside)
        side.setContentsMargins(style.Space.M, 0, style.Space.S, 0)
        side.setSpacing(style.Space.S)
        side.addWidget(area, 1)
        side.addLayout(answers)
        side.addWidget(self.correct)
        side.addWidget(self.warning)
        side.addSpacing(style.Space.S)
        side.addWidget(result)
        side.addWidget(self.back)
        row = QHBoxLayout(self)
        row.setContentsMargins(style.Space.M, style.Space.M, style.Space.S, style.Space.M)
        row.addWidget(self.stack, 1)
        row.addWidget(beside)

    def focus_first(self) -> None:
        self.setFocus()

    def begin(self, *, read_only: bool) -> None:
        """Another estimate: nothing can be judged until ``show_moment`` comes."""
        self.moment = None
        self._read_only = read_only
        self._is_waiting = True

    def waits(self) -> None:
        """An answer is being written: it can be taken back, but nothing judged until ``show_moment`` comes."""
        self._is_waiting = True
        self.undo.setEnabled(True)

    def ready(self, *, can_undo: bool) -> None:
        """The answer could not be written; what is on screen can be judged again."""
        self._is_waiting = False
        self.undo.setEnabled(can_undo)

    def show_moment(self, shown: Moment, *, can_undo: bool) -> None:
        """Show where the estimate is: the next photo, or that it is over."""
        self._is_waiting = False
        before = self.moment.upcoming[:1] if self.moment is not None else []
        self.moment = shown
        asks = shown.details is not None
        for button in (self.right, self.wrong, self.unsure):
            button.setEnabled(asks and not self._read_only)
        self.undo.setEnabled(can_undo)
        attribute = shown.running.plan.attribute
        self.correct.setVisible(asks and bool(attribute) and not self._read_only)
        if shown.upcoming[:1] != before:
            self.correct.set_values(shown.values)
            self._warn("")
        for label in (self.question, self.value, self.others):
            label.setVisible(asks)
        if shown.details is not None:
            self.stack.setCurrentWidget(self.photo)
            self._photos.show(shown.upcoming[0], self.photo)
            self._photos.prefetch(shown.upcoming[1:])
            self._ask(attribute, shown.details)
        else:
            self.stack.setCurrentWidget(self.finish)
            self.finish.say(*_end(shown), self.tr("Back to the list"))
        self._tell(shown)

    def _ask(self, attribute: str, details: ItemDetails) -> None:
        values = {one.name: ", ".join(map(_plain, one.values)) for one in details.attributes}
        self.photo.setAccessibleName(self.tr("Photo of {0}").format(details.id))
        if attribute:
            self.question.setText(self.tr("Is this right? {0}:").format(attribute))
            self.value.setText(values.pop(attribute, "–"))
        else:
            self.question.setText(self.tr("Is all of this right?"))
            self.value.setText("\n".join(f"{name}: {value}" for name, value in values.items()))
            self.value.setFont(style.font("body"))
            values = {}
        if attribute:
            self.value.setFont(style.font("title"))
        rows = [details.id, *(f"{name}: {value}" for name, value in values.items())]
        self.others.setText("\n".join(rows))

    def _tell(self, shown: Moment) -> None:
        """What the answers show so far."""
        running, left = shown.running, shown.left
        plan, found = running.plan, running.interval
        if found.judged:
            self.rate.setText(
                self.tr("{0} wrong, between {1} and {2}").format(
                    percent(found.rate), percent(found.low), percent(found.high)
                )
            )
        else:
            self.rate.setText(self.tr("Nothing is known yet"))
        self.bar.show_interval(found.rate, found.low, found.high, plan.half_width)
        self.bar.setVisible(bool(found.judged))
        judged = self.tr("{0} judged, {1} wrong.").format(
            texts.number(found.judged), texts.number(running.wrong)
        )
        if running.reached or running.exhausted:
            self.needed.setText(judged)
        else:
            more = self.tr("About {0} more for ± {1}.").format(
                texts.number(running.needed), percent(plan.half_width)
            )
            self.needed.setText(f"{judged} {more}")
        low, high = running.with_unsure
        self.unsure_said.setText(
            self.tr("{0} not sure: left out. If all of them were right or all wrong: {1} to {2}.").format(
                texts.number(running.unsure), percent(low), percent(high)
            )
        )
        self.unsure_said.setVisible(running.unsure > 0)
        self.left_said.setText(left_sentence(left))
        self.left_said.setVisible(bool(found.judged))

    def _answer(self, answer: str, value: str = "") -> None:
        shown = self.moment
        if self._is_waiting or self._read_only or shown is None or shown.details is None:
            return
        self.answered.emit(shown.upcoming[0], answer, value)

    def _correct(self, value: str) -> None:
        self.setFocus()
        self._warn("")
        if value == self.value.text():
            self._answer("right")
        else:
            self._answer("wrong", value)

    def _warn(self, text: str) -> None:
        self.warning.setText(text)
        self.warning.setVisible(bool(text))

    def _edit(self) -> None:
        if self.correct.isVisible():
            self.correct.setFocus(Qt.FocusReason.ShortcutFocusReason)


def left_sentence(left: Left) -> str:
    """How many errors are probably left, with what was corrected meanwhile."""
    translate = QCoreApplication.translate
    expected, low, high = (texts.number(n) for n in (left.expected, left.low, left.high))
    text = translate("quality", "Probably still wrong: about {0} items ({1} to {2}).").format(
        expected, low, high
    )
    if left.corrected:
        mended = translate("quality", "Corrected since it was begun: {0}.").format(
            texts.number(left.corrected)
        )
        text = f"{mended} {text}"
    return text


def _end(shown: Moment) -> tuple[str, str]:
    """Why there is nothing more to judge: a title and what is known now."""
    translate = QCoreApplication.translate
    running = shown.running
    plan, found = running.plan, running.interval
    title = (
        translate("quality", "Enough: you can stop")
        if running.reached
        else translate("quality", "All photos that were drawn are judged")
    )
    expected, low, high = (texts.number(n) for n in running.errors)
    what = plan.attribute or translate("quality", "any attribute")
    text = translate(
        "quality",
        "{0} have a wrong value of {1}: about {2} of {3} items (between {4} and {5}, {6} % sure). "
        "The report shows it with the pictures.",
    ).format(
        percent(found.rate),
        what,
        expected,
        texts.number(plan.population),
        low,
        high,
        round(plan.confidence * 100),
    )
    return title, text


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"
