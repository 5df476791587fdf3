"""*Judge a packet*: its photos page by page or one by one, every answer saved at once, and the file that goes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.catalog.decisions import login_name
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.editing.choices import read_choices
from visualsearch.ui.packets import wording
from visualsearch.ui.packets.one import OnePhoto
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.page_keys import PageKeys
from visualsearch.ui.panels.work_dialog import WorkDialog
from visualsearch.ui.photos import fetch_from
from visualsearch.ui.tagging.grid import PageGrid, capacity

if TYPE_CHECKING:
    from visualsearch.attributes.packet_format import Packet
    from visualsearch.attributes.packets import Collected, State
    from visualsearch.catalog.decisions import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.ui.tagging.desk import Mark

_HISTORY = 200  # operations in which the last answers are looked for
_AHEAD = 3
_WORDS = {"suggestions": ("yes", "no"), "estimate": ("right", "wrong")}
"""Queues that are judged a page at a time: what is said of photos that are not marked, and of those that are."""


class JudgeDialog(WorkDialog):
    """Goes on where it was left: what was answered is in the catalog. ``packet`` was read from ``file``."""

    def __init__(self, window: MainWindow, file: Path, packet: Packet) -> None:
        super().__init__(window)
        workspace = window.controller.workspace
        assert workspace is not None, "a packet is judged on a catalog"
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Judge {0}").format(file.name))
        self.resize(960, 700)
        self._workspace, self._file, self.packet = workspace, file, packet
        self._control = JobControl()
        self._words = _WORDS.get(packet.about.queue)
        self.states: list[State] = []
        self.page: list[State] = []
        self.marks: dict[int, Mark] = {}
        self._marked: dict[int, dict[int, Mark]] = {}
        """Operation → what was marked on the page that it saved."""
        self.grid = PageGrid(self)
        self.grid.set_fetch(fetch_from(workspace))
        self.one = OnePhoto(LargePhotos(window), self)
        self._lay_out()
        self._connect()
        self.read()

    # --- building -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.title = QLabel(wording.question(self.packet.about), self)
        self.title.setFont(style.font("title"))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.bar.setAccessibleName(self.tr("How much is judged"))
        self.over = QLabel(self)
        self.over.setFont(style.font("heading"))
        self.over.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.over.setWordWrap(True)
        self.middle = QStackedWidget(self)
        for part in (self.grid, self.one, self.over):
            self.middle.addWidget(part)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.back = self._button(self.tr("Take back the last answer"), self.tr("Backspace"))
        self.confirm = MainButton(parent=self, by_enter=False)
        self.confirm.setToolTip(self.tr("Save this page and show the next (Enter)"))
        self.confirm.setAutoDefault(False)
        self.name = QLineEdit(self._window.settings.actor or login_name(), self)
        self.name.setMaximumWidth(200)
        self.name.setAccessibleName(self.tr("Your name"))
        self.name.setToolTip(self.tr("Your name, by which your answers are told from those of others"))
        self.write = self._button(
            self.tr("&Write my answers to a file…"),
            self.tr("The file to send back; you can go on judging later (Ctrl+S)"),
        )
        self.closing = self._button(
            self.tr("&Close"), self.tr("Every answer is kept: open the packet again to go on (Esc)")
        )
        self.said = Notice(self)
        named = QLabel(self.tr("Your &name"), self)
        named.setBuddy(self.name)
        acting, below = QHBoxLayout(), QHBoxLayout()
        acting.addWidget(self.hint, 1)
        acting.addWidget(self.back)
        acting.addWidget(self.confirm)
        for part in (named, self.name, self.write):
            below.addWidget(part)
        below.addStretch()
        below.addWidget(self.closing)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.M, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.S)
        for part in (self.title, self.progress, self.bar):
            column.addWidget(part)
        column.addWidget(self.middle, 1)
        column.addLayout(acting)
        column.addWidget(self.said)
        column.addLayout(below)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _connect(self) -> None:
        self.grid.marked.connect(self.toggle)
        self.grid.confirm_wanted.connect(self.confirm_page)
        self.grid.back_wanted.connect(self.take_back)
        self.one.answered.connect(self._answer_one)
        self.confirm.clicked.connect(self.confirm_page)
        self.back.clicked.connect(self.take_back)
        self.write.clicked.connect(self.write_answers)
        self.closing.clicked.connect(self.close)
        key = Qt.Key
        PageKeys(
            self.one,
            {
                key.Key_K: self.one.keep_it,
                key.Key_S: self.one.take_suggested,
                key.Key_U: self.one.unsure.click,
                key.Key_E: self.one.write,
                key.Key_Backspace: self.take_back,
            },
        )
        PageKeys(self.over, {key.Key_Backspace: self.take_back})
        for keys, slot in (("Ctrl+S", self.write_answers), ("Ctrl+Z", self.take_back)):
            QShortcut(QKeySequence(keys), self, slot)
        self._window.undoing.taken_back.connect(self._reread)
        self._window.undoing.made_again.connect(self._reread)
        self.finished.connect(lambda _code: self._end())

    def _end(self) -> None:
        self._control.cancel()
        self.grid.set_fetch(None)
        self._window.controller.refresh()

    # --- showing --------------------------------------------------------------------------------------------

    def read(self, marked: dict[int, Mark] | None = None) -> None:
        """What is answered, and what is not, as the catalog has it; ``marked``: on a page that was taken back."""
        workspace, packet, control = self._workspace, self.packet, self._control
        attribute = packet.about.attribute

        def work() -> tuple[list[State], Any]:
            choices = None if self._words or not attribute else read_choices(workspace, attribute)
            return workspace.packets.states(packet, control), choices

        def take(found: tuple[list[State], Any]) -> None:
            self.states, choices = found
            if choices is not None:
                self.one.set_choices(choices)
            self.show_next(marked)

        self.run(work, take)

    def _reread(self, act: int) -> None:
        if not self.is_busy:
            self.read(self._marked.get(act))

    def show_next(self, marked: dict[int, Mark] | None = None) -> None:
        """The next page, or that all is judged. ``marked``: on a page that comes back."""
        there = [one for one in self.states if one.there]
        left = [one for one in there if one.judged is None]
        size = max(1, capacity(self.middle.size())) if self._words else 1
        self.page = left[:size]
        on_page = {one.number for one in self.page}
        self.marks = {item: mark for item, mark in (marked or {}).items() if item in on_page}
        done = len(there) - len(left)
        self.bar.setRange(0, max(1, len(there)))
        self.bar.setValue(done)
        parts = [
            self.tr("{0} of {1} judged").format(texts.number(done), texts.number(len(there))),
            self.tr("{0} are not in this catalog").format(texts.number(len(self.states) - len(there)))
            if len(there) < len(self.states)
            else "",
        ]
        self.progress.setText(" · ".join(filter(None, parts)))
        if not self.page:
            self.over.setText(
                self.tr("All is judged. Write your answers to a file, and send that back.")
                if there
                else self.tr("This catalog has none of the items of the packet: is it the right one?")
            )
            self._turn_to(self.over, self.write)
        elif self._words:
            numbers = [one.number or 0 for one in self.page]
            captions = [wording.held(one.asked.given) for one in self.page]
            self.grid.show_page(numbers, [one.asked.id for one in self.page], captions, self.marks)
            self.grid.read_ahead([one.number or 0 for one in left[size : 2 * size]])
            self._turn_to(self.grid, None)
            self.grid.focus_current()
        else:
            self.one.show_state(self.page[0], [one.number or 0 for one in left[1 : 1 + _AHEAD]])
            self._turn_to(self.one, self.one)
        self._show_foot()

    def _turn_to(self, part: QWidget, focus: QWidget | None) -> None:
        self.middle.setCurrentWidget(part)
        if focus is not None and not self.name.hasFocus():
            focus.setFocus()

    def _show_foot(self) -> None:
        on_page = self.middle.currentWidget() is self.grid
        self.confirm.setVisible(on_page)
        marked = [mark for mark in self.marks.values() if mark]
        if on_page and self._words:
            yes, no = map(wording.answer, self._words)
            counts = [(len(self.page) - len(marked), yes), (marked.count("no"), no)]
            counts.append((marked.count("unsure"), wording.answer("unsure")))
            said = ", ".join(f"{texts.number(count)} {word}" for count, word in counts if count)
            self.confirm.setText(self.tr("Confirm: {0}").format(said))
            self.hint.setText(
                self.tr("Click or X: {0} · ? or U: not sure · Enter: confirm · Backspace: take back").format(
                    no
                )
            )
        elif self.middle.currentWidget() is self.one:
            self.hint.setText(
                self.tr(
                    "K: as it is · S: as suggested · E: another value · U: not sure · Backspace: take back"
                )
            )
        else:
            self.hint.setText("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.page and self._words and not self.is_busy and not any(self.marks.values()):
            self.show_next()

    # --- answering ------------------------------------------------------------------------------------------

    def toggle(self, item: int, mark: Mark) -> None:
        """Mark a photo of the page, or take that mark off."""
        self.marks[item] = "" if self.marks.get(item, "") == mark else mark
        self.grid.set_mark(item, self.marks[item])
        self._show_foot()

    def confirm_page(self) -> None:
        """Save what the page says."""
        if self._words is None or not self.page or self.is_busy:
            return
        words = {"": self._words[0], "no": self._words[1], "unsure": "unsure"}
        self._answer({one.asked.id: words[self.marks.get(one.number or 0, "")] for one in self.page})

    def _answer_one(self, answer: str) -> None:
        if self.page and not self.is_busy:
            self._answer({self.page[0].asked.id: answer})

    def _answer(self, answers: dict[str, str]) -> None:
        workspace, packet, window, marks = self._workspace, self.packet, self._window, dict(self.marks)

        def work() -> tuple[Applied, list[State]]:
            control = JobControl()  # not the dialog's: it is saved, too, when that is closed before
            applied = workspace.packets.answer(packet, answers, control)
            return applied, workspace.packets.states(packet, control)

        def noted(found: tuple[Applied, list[State]]) -> None:
            window.undoing.note(found[0].operation, "", found[0].skipped)
            if not self.is_there:
                window.controller.refresh()

        def take(found: tuple[Applied, list[State]]) -> None:
            if found[0].operation is not None:
                self._marked[found[0].operation] = marks
            self.states = found[1]
            self.show_next()

        self.decide(work, noted, take)

    def take_back(self) -> None:
        """Undo the last answers about this packet, also those of an earlier day."""
        workspace, name = self._workspace, self.packet.about.packet
        if self.is_busy:
            return

        def last() -> int | None:
            found = workspace.decisions.history(limit=_HISTORY)
            own = (one for one in found if one.inverse_of is None and one.undone_by is None)
            about = (one for one in own if (one.why or {}).get("packet") == name)
            return next((one.number for one in about), None)

        def take(number: int | None) -> None:
            if number is not None:
                self._window.undoing.take_back(number)
            else:
                self.said.say(self.tr("Nothing was answered lately."))

        self.run(last, take)

    def write_answers(self) -> None:
        """Choose a file, and write all that was answered."""
        judge = self.name.text().strip()
        if self.is_busy:
            return
        if not judge:
            self.said.say(self.tr("Write your name first."), warning=True)
            self.name.setFocus()
            return
        offered = self._file.with_name(f"{self._file.stem} - {judge}{wording.ANSWERS_SUFFIX}")
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Write my answers"), str(offered))
        if not chosen:
            return
        workspace, packet, control = self._workspace, self.packet, self._control

        def take(done: Collected) -> None:
            missing = len(done.missing) + len(done.other_photos)
            odd = self.tr("Photos that are not here, or not the same: {0}.").format(texts.number(missing))
            self.said.say(
                texts.sentences(
                    self.tr("{0} of {1} answers are in {2}.").format(
                        texts.number(done.judged), texts.number(done.asked), Path(chosen).name
                    ),
                    odd if missing else "",
                    self.tr("Send that file back."),
                )
            )

        self.run(lambda: workspace.packets.collect(packet, judge, Path(chosen), control), take)

    # --- work -----------------------------------------------------------------------------------------------

    def show_busy(self) -> None:
        for part in (self.confirm, self.back, self.write):
            part.setEnabled(not self.is_busy)
