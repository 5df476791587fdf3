"""*Merge answers*: how far the judges agree, the conflicts one by one, and all of it applied as one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.attributes.packet_merge import HERE
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.packets import wording
from visualsearch.ui.panels.buttons import MainButton, PatientButton
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.page_keys import PageKeys
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.panels.work_dialog import WorkDialog

if TYPE_CHECKING:
    from visualsearch.attributes.packet_merge import Conflict, Merged
    from visualsearch.ui.main_window import MainWindow

_SIDE = 380  # pixels of what stands beside the photo
_DIGITS = tuple(Qt.Key(Qt.Key.Key_1 + place) for place in range(9))


class MergeDialog(WorkDialog):
    """Nothing is changed before *Apply*, which is one operation."""

    def __init__(self, window: MainWindow, files: Sequence[Path], tell: Callable[[Merged], object]) -> None:
        """``tell`` is called with what was merged."""
        super().__init__(window)
        self._tell = tell
        workspace = window.controller.workspace
        assert workspace is not None, "answers are merged into a catalog"
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Merge answers"))
        self.resize(900, 620)
        self._workspace, self._files = workspace, list(files)
        self._control = JobControl()
        self._photos = LargePhotos(window)
        self.conflicts: list[Conflict] = []
        self.chosen: dict[str, str] = {}
        """Id → the judge whose answer counts, or "here"."""
        self.place = 0
        self._numbers: dict[str, int | None] = {}
        self._ready = 0
        self.choices: list[QPushButton] = []
        self._lay_out()
        self.apply.clicked.connect(self.apply_all)
        self.back.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        self.closing.clicked.connect(self.close)
        key = Qt.Key
        self._keys = PageKeys(
            self,
            {
                **{digit: lambda at=at: self._press(at) for at, digit in enumerate(_DIGITS)},
                key.Key_H: lambda: self._press(len(self.choices) - 1),
                key.Key_Left: lambda: self.go(-1),
                key.Key_Right: lambda: self.go(1),
                key.Key_Backspace: lambda: self.go(-1),
            },
        )
        self.finished.connect(lambda _code: self._control.cancel())
        self.read()

    def _lay_out(self) -> None:
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.photo = PhotoView(self)
        self.photo.setMinimumHeight(200)
        self.photo.setMaximumHeight(16_777_215)
        self.heading = QLabel(self)
        self.heading.setFont(style.font("heading"))
        self.heading.setWordWrap(True)
        self.why = QLabel(self)
        self.why.setWordWrap(True)
        self.sides = QVBoxLayout()
        self.sides.setSpacing(style.Space.S)
        self.back = self._button(self.tr("Back"), self.tr("The conflict before (Left, Backspace)"))
        self.next = self._button(self.tr("Leave it open"), self.tr("The next conflict (Right)"))
        turning = QHBoxLayout()
        turning.addWidget(self.back)
        turning.addWidget(self.next)
        turning.addStretch()
        beside = QWidget(self)
        style.width_in_letters(beside, 44, beside.setFixedWidth, _SIDE)
        side = QVBoxLayout(beside)
        side.setContentsMargins(style.Space.M, 0, 0, 0)
        side.addWidget(self.heading)
        side.addWidget(self.why)
        side.addLayout(self.sides)
        side.addStretch()
        side.addLayout(turning)
        asking = QWidget(self)
        row = QHBoxLayout(asking)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.photo, 1)
        row.addWidget(beside)
        self.ending = QLabel(self)
        self.ending.setFont(style.font("heading"))
        self.ending.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.ending.setWordWrap(True)
        self.middle = QStackedWidget(self)
        self.asking = asking
        for part in (asking, self.ending):
            self.middle.addWidget(part)
        self.middle.setCurrentWidget(self.ending)
        self.said = Notice(self)
        self.apply = MainButton(self.tr("&Apply"), self, by_enter=False)
        self.apply.setToolTip(self.tr("Write it all as one step, which one undo takes back"))
        self.apply.setEnabled(False)
        self.closing = self._button(self.tr("&Close"), self.tr("Close; what was not applied is not changed"))
        below = QHBoxLayout()
        below.addWidget(self.apply)
        below.addStretch()
        below.addWidget(self.closing)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.M, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.M)
        column.addWidget(self.summary)
        column.addWidget(self.middle, 1)
        column.addWidget(self.said)
        column.addLayout(below)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        return button

    # --- showing --------------------------------------------------------------------------------------------

    def read(self) -> None:
        """What the files hold, and where they do not agree; nothing is changed."""
        workspace, files, control = self._workspace, self._files, self._control

        def work() -> tuple[Merged, dict[str, int | None]]:
            found = workspace.packets.merge(files, control, dry_run=True)
            return found, {one.id: workspace.number_of(one.id) for one in found.conflicts}

        def take(answer: tuple[Merged, dict[str, int | None]]) -> None:
            found, self._numbers = answer
            self.conflicts, self._ready = found.conflicts, found.ready
            self.chosen, self.place = {}, 0
            self.summary.setText(self._summed(found))
            self._show()

        self.ending.setText(self.tr("Reading the answers…"))

        def fail() -> None:
            self.ending.setText("")
            self.closing.setFocus()

        self.run(work, take, fail)

    def _summed(self, found: Merged) -> str:
        lines = [wording.agreement_line(one) for one in found.agreements]
        if found.ready:
            lines.append(self.tr("Answers that can be applied: {0}.").format(texts.number(found.ready)))
        if found.already:
            lines.append(
                self.tr("Items that are here as they were decided: {0}.").format(texts.number(found.already))
            )
        if found.missing:
            count = texts.number(len(found.missing))
            lines.append(
                self.tr("Items that are not in this catalog, or were not asked about: {0}.").format(count)
            )
        return "\n".join(lines)

    def _show(self) -> None:
        open_ = len(self.conflicts) - len(self.chosen)
        ready = self._ready + sum(name != HERE for name in self.chosen.values())
        self.apply.setText(
            self.tr("&Apply answers: {0}").format(texts.number(ready))
            if not open_
            else self.tr("&Apply answers: {0}; conflicts left open: {1}").format(
                texts.number(ready), texts.number(open_)
            )
        )
        self.apply.setEnabled(ready > 0)
        if self.place >= len(self.conflicts):
            if self.conflicts:
                text = self.tr("Every conflict was shown. Apply, or go back (Left).")
            else:
                text = self.tr("There is no conflict.") if ready else self.tr("There is nothing to apply.")
            self.ending.setText(text)
            self.middle.setCurrentWidget(self.ending)
            (self.apply if ready else self.closing).setFocus()
            return
        self._ask(self.conflicts[self.place])

    def _ask(self, conflict: Conflict) -> None:
        self.middle.setCurrentWidget(self.asking)
        count = self.tr("Conflict {0} of {1}").format(
            texts.number(self.place + 1), texts.number(len(self.conflicts))
        )
        self.heading.setText(f"{count}  ·  {conflict.id}")
        before = self.tr("In the packet it was {0}.").format(wording.held(conflict.given))
        self.why.setText(texts.sentences(conflict.why, before))
        self._photos.show(self._numbers.get(conflict.id), self.photo)
        upcoming = [self._numbers.get(one.id) for one in self.conflicts[self.place + 1 : self.place + 3]]
        self._photos.prefetch([number for number in upcoming if number is not None])
        self.photo.setAccessibleName(self.tr("Photo of {0}").format(conflict.id))
        sides = [(judge, f"{judge}: {wording.decided(one)}") for judge, one in conflict.judged.items()]
        now = wording.held(conflict.here)
        if conflict.answer_here:
            now += f", {wording.answer(conflict.answer_here)}"
        sides.append((HERE, self.tr("As it is here now: {0}").format(now)))
        for button in self.choices:
            self.sides.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.choices = []
        for at, (name, text) in enumerate(sides):
            key = "H" if name == HERE else str(at + 1)
            button = PatientButton(f"{text} ({key})".replace("&", "&&"), self)
            button.setAccessibleName(text)
            button.setToolTip(self.tr("This counts ({0})").format(key))
            button.setCheckable(True)
            button.setChecked(self.chosen.get(conflict.id) == name)
            button.setMinimumHeight(40)
            button.clicked.connect(lambda _on=False, which=name: self.choose(which))
            button.installEventFilter(self._keys)
            self.sides.addWidget(button)
            self.choices.append(button)
        self.back.setEnabled(self.place > 0)
        if self.isVisible():
            self.choices[0].setFocus()

    # --- choosing -------------------------------------------------------------------------------------------

    def _press(self, place: int) -> None:
        if self.middle.currentWidget() is self.asking and place < len(self.choices):
            self.choices[place].click()

    def choose(self, name: str) -> None:
        """Whose answer counts for the conflict on screen; the next one comes."""
        self.chosen[self.conflicts[self.place].id] = name
        self.go(1)

    def go(self, step: int) -> None:
        """To another conflict."""
        if self.is_busy:
            return
        self.place = max(0, min(len(self.conflicts), self.place + step))
        self._show()

    def apply_all(self) -> None:
        """One operation of all that is not open."""
        workspace, files, control = self._workspace, self._files, self._control
        chosen = dict(self.chosen)
        self.decide(
            lambda: workspace.packets.merge(files, control, resolve=chosen, together=True),
            self._tell,  # also of a dialog that has been closed
            lambda _merged: self.reject(),
            self._show,
        )

    def show_busy(self) -> None:
        """What is being applied must not change meanwhile."""
        self.middle.setEnabled(not self.is_busy)
        if self.is_busy:
            self.apply.setEnabled(False)
