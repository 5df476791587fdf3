"""Reviewing what is in the catalog twice: pairs of a kind, one after the other, and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.page_keys import PageKeys
from visualsearch.ui.quality.pair_list import GROUPS, Line, Lines, Listed, key_of, listed
from visualsearch.ui.quality.pair_view import GroupView, PairView
from visualsearch.ui.quality.parts import ChoiceButton, EmptyPage, Page, sentence

if TYPE_CHECKING:
    from visualsearch.attributes.duplicates import Answer, Pair
    from visualsearch.catalog.decisions import Applied
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class DuplicatesPage(Page):
    """Nothing until somebody asks to look: it may take minutes the first time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.photos = LargePhotos(window)
        self.kind: str = "exact"
        self._is_known = False  # whether copies were looked for since the catalog was opened
        self._is_waiting = False
        self._judged: dict[int, Line] = {}  # operations, and what was on screen: undo brings it back
        self._shown: Line | None = None
        self._listed: Listed | None = None
        self._wants_back = False  # the answer that is being written
        self._has_others = False  # whether there is something of any kind
        self.empty = EmptyPage(self)
        self.empty.button.clicked.connect(self.look)
        self.working = JobView(window, self)
        self.filters: dict[str, ChoiceButton] = {}
        self.model = Lines(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(self.tr("Pairs"))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_current())
        self.pair = PairView(window, self.photos)
        self.pair.taken.connect(self._take)
        self.group = GroupView(window)
        self.group.item_wanted.connect(lambda item: self.leads.emit([item]))
        self.nothing = EmptyPage(self)
        self.answers: dict[str, ChoiceButton] = {}
        self.state = sentence("", self)
        self.learnt = QLabel(self)
        self.undo = QPushButton(self.tr("Take back  (Backspace)"), self)
        self.undo.setToolTip(self.tr("Take the last answer back (Backspace)"))
        self.undo.clicked.connect(self._take_back)
        self.browse = QPushButton(self.tr("Show them in Browse"), self)
        self.browse.clicked.connect(self._browse)
        self.read_only = sentence(self.tr("This catalog can only be read: pairs cannot be judged."), self)
        self._arrange()
        window.undoing.taken_back.connect(self._forget)
        keys = Qt.Key
        self._keys = PageKeys(
            self.review,
            {
                keys.Key_D: lambda: self._judge("duplicate"),
                keys.Key_V: lambda: self._judge("variant"),
                keys.Key_N: lambda: self._judge("no"),
                keys.Key_Left: lambda: self._move(-1),
                keys.Key_Right: lambda: self._move(1),
                keys.Key_Backspace: self.undo.click,
            },
        )

    # --- building -------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.review = QWidget(self)
        split = QSplitter(Qt.Orientation.Horizontal, self.review)
        split.addWidget(self.list)
        self.shown = QStackedWidget(split)
        for page in (self.pair, self.group, self.nothing):
            self.shown.addWidget(page)
        split.addWidget(self.shown)
        split.setStretchFactor(1, 1)
        split.setSizes([230, 900])
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self.review)
        column.setContentsMargins(style.Space.M, style.Space.M, style.Space.M, style.Space.S)
        column.setSpacing(style.Space.S)
        column.addLayout(self._filter_row())
        column.addWidget(self.read_only)
        column.addWidget(split, 1)
        column.addLayout(self._answer_row())
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.review)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.working.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, 0)
        outer.addWidget(self.working)
        outer.addWidget(self.stack, 1)

    def _filter_row(self) -> QHBoxLayout:
        row, flow = self._flowing()
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
            button.clicked.connect(lambda _checked=False, kind=kind: self.choose(kind))
            group.addButton(button)
            flow.addWidget(button)
            self.filters[kind] = button
        self.filters[self.kind].setChecked(True)
        self.learnt.setWordWrap(True)
        self.learnt.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.learnt.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.learnt.setToolTip(
            self.tr("D, V and N move the limits from which on pairs are shown, and told apart by colour")
        )
        row.addWidget(self.learnt, 1)
        return row

    def _flowing(self) -> tuple[QHBoxLayout, FlowLayout]:
        """A row with room at its end, and where its buttons go: on to a second line where texts are large."""
        row, buttons = QHBoxLayout(), QWidget(self)
        flow = FlowLayout(buttons, style.Space.S)
        flow.setContentsMargins(0, 0, 0, 0)
        row.addWidget(buttons, 3)
        return row, flow

    def _answer_row(self) -> QHBoxLayout:
        row, flow = self._flowing()
        for answer, text, key in (
            ("duplicate", self.tr("Duplicate"), "D"),
            ("variant", self.tr("Variant"), "V"),
            ("no", self.tr("Not a duplicate"), "N"),
        ):
            button = ChoiceButton(f"{text}  ({key})", self)
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key})")
            button.clicked.connect(lambda _checked=False, answer=answer: self._judge(answer))
            button.setMinimumHeight(36)
            flow.addWidget(button)
            self.answers[answer] = button
        flow.addWidget(self.undo)
        flow.addWidget(self.browse)
        row.addWidget(self.state, 1)
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return row

    # --- looking --------------------------------------------------------------------------------------------

    def reset(self) -> None:
        self._is_known, self._judged, self._shown = False, {}, None
        self._is_waiting = self._wants_back = False  # the answer about another catalog is not told any more
        self.photos.clear()
        self._listed = None
        self.model.set_lines([])

    def focus_first(self) -> None:
        (self.list if self.stack.currentWidget() is self.review else self.empty.button).setFocus()

    def reload(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        self.read_only.setVisible(workspace.read_only)
        if self._is_known:
            self._read()
            return
        self.stack.setCurrentWidget(self.empty)
        self.empty.say(
            self.tr("What is in this catalog twice?"),
            self.tr(
                "The program compares all photos with each other: the same file, the same photo saved differently, the "
                "same thing in another colour. The first time takes a while, later only new photos are looked at."
            ),
            self.tr("Look for duplicates"),
        )
        self.empty.button.setEnabled(not self.is_working)

    def look(self) -> None:
        """Find all pairs, as a job."""
        workspace = self.workspace
        if workspace is None or self.is_working:
            return

        def done(_found: object) -> None:
            self._is_known = True
            self._read(first=True)

        self.empty.button.setEnabled(False)
        work = lambda control: workspace.quality.duplicates.found(control)  # noqa: E731
        self.start(self.working, self.tr("Looking for duplicates"), work, done)

    def job_ended(self) -> None:
        self.empty.button.setEnabled(True)

    def choose(self, kind: str) -> None:
        """Show another kind."""
        self.kind = kind
        self.filters[kind].setChecked(True)
        self._shown = None
        self._read()

    def _read(self, *, first: bool = False) -> None:
        workspace, kind = self.workspace, self.kind
        if workspace is None:
            return

        def take(found: Listed) -> None:
            if first and not any(line.pair or line.group for line in found.lines):
                best = next((kind for kind, count in found.counts.items() if count), "")
                if best and best != found.kind:
                    self.choose(best)  # show what there is, not an empty list
                    return
            self._show_listed(found)

        self.run(lambda: listed(workspace, kind), take, key="duplicates")

    def _show_listed(self, found: Listed) -> None:
        if found.kind != self.kind:
            return
        self._has_others = any(found.counts.values())
        was_empty = self.stack.currentWidget() is self.empty
        self.stack.setCurrentWidget(self.review)
        for kind, button in self.filters.items():
            name = button.text().partition(" (")[0]
            button.setText(f"{name} ({texts.number(found.counts[kind])})")
        self.learnt.setText(
            self.tr("Fitted to your answers")
            if found.has_learnt
            else self.tr("Your answers teach what a copy is here")
        )
        row = self._place(found.lines)
        self._listed = found
        self.model.set_lines(found.lines)
        if found.lines:
            self.list.setCurrentIndex(self.model.index(row))
        self._show_current()
        if was_empty:
            self.focus_first()

    def _place(self, lines: list[Line]) -> int:
        """Where what was on screen is now; where it has gone, what came after it."""
        shown, before = self._shown, self.list.currentIndex().row()
        for row, line in enumerate(lines):
            if shown is not None and key_of(line) == key_of(shown):
                return row
        return max(0, min(before, len(lines) - 1))

    def _line(self) -> Line | None:
        row = self.list.currentIndex().row()
        return self.model.lines[row] if 0 <= row < len(self.model.lines) else None

    def _show_current(self) -> None:
        line, workspace = self._line(), self.workspace
        self._shown = line
        writes = workspace is not None and not workspace.read_only
        is_pair = line is not None and line.pair is not None
        for answer, button in self.answers.items():
            button.setVisible(self.kind != GROUPS)
            button.setEnabled(writes and is_pair)
            button.setChecked(
                is_pair and line is not None and line.pair is not None and line.pair.answer == answer
            )
        self.undo.setEnabled(bool(self._judged))
        self.browse.setEnabled(line is not None)
        self._count()
        if line is None or workspace is None:
            self.shown.setCurrentWidget(self.nothing)
            self._say_none()
        elif line.group is not None:
            self.shown.setCurrentWidget(self.group)
            self.group.show_group(line.group.items, line.ids, line.group.keep)
        elif line.pair is not None:
            self._show_pair(line.pair, workspace)

    def _say_none(self) -> None:
        if self._has_others:
            self.nothing.say(self.tr("None of these"), self.tr("Choose another kind above."))
        else:
            self.nothing.say(
                self.tr("Nothing is here twice"), self.tr("No photo looks like a copy of another.")
            )

    def _show_pair(self, pair: Pair, workspace: Workspace) -> None:
        def take(found: tuple[ItemDetails, ItemDetails]) -> None:
            if self._shown is not None and self._shown.pair is pair:
                self.shown.setCurrentWidget(self.pair)
                self.pair.show_pair(pair, *found, writes=not workspace.read_only)
                self._prefetch()

        self.run(lambda: (workspace.details(pair.item), workspace.details(pair.other)), take, key="pair")

    def _prefetch(self) -> None:
        row = self.list.currentIndex().row() + 1
        if row < len(self.model.lines) and (pair := self.model.lines[row].pair) is not None:
            self.photos.prefetch([pair.item, pair.other])

    def _count(self) -> None:
        found = self._listed
        if found is None or not found.lines:
            self.state.setText("")
            return
        row, total = self.list.currentIndex().row() + 1, found.counts[found.kind]
        text = self.tr("{0} of {1}") if self.kind == GROUPS else self.tr("{0} of {1}; {2} judged")
        if len(found.lines) < total:
            text += self.tr("; {3} listed")
        numbers = (row, total, found.judged, len(found.lines))
        self.state.setText(text.format(*map(texts.number, numbers)))

    def _move(self, step: int) -> None:
        row = self.list.currentIndex().row() + step
        if 0 <= row < len(self.model.lines):
            self.list.setCurrentIndex(self.model.index(row))

    def _browse(self) -> None:
        line = self._line()
        if line is not None and line.pair is not None:
            self.leads.emit([line.pair.item, line.pair.other])
        elif line is not None and line.group is not None:
            self.leads.emit(line.group.items)

    # --- deciding -------------------------------------------------------------------------------------------

    def _judge(self, answer: str) -> None:
        workspace, line = self.workspace, self._line()
        if workspace is None or workspace.read_only or line is None or line.pair is None or self._is_waiting:
            return
        pair = line.pair
        self._move_on()
        work = lambda: workspace.quality.duplicates.judge(pair.item, pair.other, cast("Answer", answer))  # noqa: E731
        self._decide(line, work)

    def _move_on(self) -> None:
        """To the next pair that nobody has judged; what was on screen stays in sight where there is none."""
        row = self.list.currentIndex().row()
        for place in range(row + 1, len(self.model.lines)):
            pair = self.model.lines[place].pair
            if pair is not None and pair.answer is None:
                self.list.setCurrentIndex(self.model.index(place))
                return

    def _take(self, attribute: str, to_right: bool) -> None:
        workspace, line = self.workspace, self._line()
        if workspace is None or workspace.read_only or line is None or line.pair is None or self._is_waiting:
            return
        source, target = line.pair.item, line.pair.other
        if not to_right:
            source, target = target, source
        work = lambda: workspace.quality.duplicates.take_value(attribute, source, target)  # noqa: E731
        self._decide(line, work, self.tr("Both now have the same {0}.").format(attribute))

    def _decide(self, line: Line, work: Any, said: str = "") -> None:
        self._is_waiting = True

        def done(applied: Applied) -> None:
            self._is_waiting = False
            if applied.operation is not None:
                self._judged[applied.operation] = line
            self.window_.undoing.note(applied.operation, said, applied.skipped)
            if said:
                self.window_.controller.refresh()
            if applied.operation is None:
                self._show_current()
            elif self._wants_back:
                self._take_back()
            self._wants_back = False

        def failed(error: BaseException) -> None:
            self._is_waiting = self._wants_back = False
            self._show_current()
            self.window_.faults.show(error)

        self.window_.undoing.write(work, done, failed)

    def _take_back(self) -> None:
        if self._is_waiting:
            self._wants_back = True  # not the answer before it
        elif self._judged and not self.window_.undoing.is_busy:
            self.window_.undoing.take_back(next(reversed(self._judged)))

    def _forget(self, operation: int) -> None:
        if operation in self._judged:
            self._shown = self._judged.pop(operation)
