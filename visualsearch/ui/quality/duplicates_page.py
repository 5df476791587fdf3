"""Reviewing what is in the catalog twice: pairs of a kind, one after the other, and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.panels.page_keys import PageKeys
from visualsearch.ui.quality.pair_list import GROUPS, Line, Lines, Listed, key_of, listed
from visualsearch.ui.quality.pair_rows import AnswerRow, KindRow
from visualsearch.ui.quality.pair_view import GroupView, PairView
from visualsearch.ui.quality.parts import EmptyPage, Page, sentence

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
        self._parts = 1  # that are listed
        self._wants_back = False  # the answer that is being written
        self._has_others = False  # whether there is something of any kind
        self.empty = EmptyPage(self)
        self.empty.button.clicked.connect(self.look)
        self.working = JobView(window, self)
        self.kinds = KindRow(self)
        self.kinds.buttons[self.kind].setChecked(True)
        self.kinds.chosen.connect(self.choose)
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
        self.answers = AnswerRow(self)
        self.answers.answered.connect(self._judge)
        self.answers.undo.clicked.connect(self._take_back)
        self.answers.browse.clicked.connect(self._browse)
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
                keys.Key_Backspace: self.answers.undo.click,
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
        column.addWidget(self.kinds)
        column.addWidget(self.read_only)
        column.addWidget(split, 1)
        column.addWidget(self.answers)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.review)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.working.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, 0)
        outer.addWidget(self.working)
        outer.addWidget(self.stack, 1)

    # --- looking --------------------------------------------------------------------------------------------

    def reset(self) -> None:
        self._is_known, self._judged, self._shown = False, {}, None
        self._is_waiting = self._wants_back = False  # the answer about another catalog is not told any more
        self.photos.clear()
        self._listed, self._parts = None, 1
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
        self.kinds.buttons[kind].setChecked(True)
        self._shown, self._parts = None, 1
        self._read()

    def _read(self, *, first: bool = False) -> None:
        workspace, kind, parts = self.workspace, self.kind, self._parts
        if workspace is None:
            return

        def take(found: Listed) -> None:
            if first and not any(line.pair or line.group for line in found.lines):
                best = next((kind for kind, count in found.counts.items() if count), "")
                if best and best != found.kind:
                    self.choose(best)  # show what there is, not an empty list
                    return
            self._show_listed(found)

        self.run(lambda: listed(workspace, kind, parts), take, key="duplicates")

    def _show_listed(self, found: Listed) -> None:
        if found.kind != self.kind:
            return
        self._has_others = any(found.counts.values())
        was_empty = self.stack.currentWidget() is self.empty
        self.stack.setCurrentWidget(self.review)
        self.kinds.show_counts(found.counts, found.has_learnt)
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
        for answer, button in self.answers.buttons.items():
            button.setVisible(self.kind != GROUPS)
            button.setEnabled(writes and is_pair)
            button.setChecked(
                is_pair and line is not None and line.pair is not None and line.pair.answer == answer
            )
        self.answers.undo.setEnabled(bool(self._judged))
        self.answers.browse.setEnabled(line is not None)
        self._count()
        self._read_more()
        if line is None or workspace is None:
            self.shown.setCurrentWidget(self.nothing)
            self._say_none()
        elif line.group is not None:
            self.shown.setCurrentWidget(self.group)
            self.group.show_group(line.group.items, line.ids, line.group.keep)
        elif line.pair is not None:
            self._show_pair(line.pair, workspace)

    def _read_more(self) -> None:
        """At the end of the list the next part comes."""
        found = self._listed
        if found is None or found.kind != self.kind or self._parts > found.parts:
            return
        is_last = self.list.currentIndex().row() == len(found.lines) - 1
        if is_last and len(found.lines) < found.counts[found.kind]:
            self._parts = found.parts + 1
            self._read()

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
            self.answers.state.setText("")
            return
        row, total = self.list.currentIndex().row() + 1, found.counts[found.kind]
        text = self.tr("{0} of {1}") if self.kind == GROUPS else self.tr("{0} of {1}; {2} judged")
        if len(found.lines) < total:
            text += self.tr("; {3} listed")
        numbers = (row, total, found.judged, len(found.lines))
        self.answers.state.setText(text.format(*map(texts.number, numbers)))

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
