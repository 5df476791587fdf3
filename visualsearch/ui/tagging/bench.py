"""The page on screen with all that goes with it: what is tagged, how far it is, the modes, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.certifying.judge import Judge
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.mode_switch import SegmentButton
from visualsearch.ui.tagging.desk import Desk
from visualsearch.ui.tagging.grid import PageGrid, capacity
from visualsearch.ui.tagging.stats import Stats

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow

_SLOT = 80  # of the large photo, among all that load some
PAGE, SINGLE = "page", "single"


class Segments(QWidget):
    """Some choices of which one holds."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: list[tuple[str, str, str]], parent: QWidget) -> None:
        """``choices``: code, text, tooltip."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, SegmentButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for code, text, tip in choices:
            button = self.buttons[code] = SegmentButton(self)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.clicked.connect(lambda _checked=False, which=code: self.chosen.emit(which))
            self._group.addButton(button)
            row.addWidget(button)
        self.choose(choices[0][0])

    def choose(self, code: str) -> None:
        self.buttons[code].setChecked(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = style.colors(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tokens.border)
        painter.setBrush(tokens.raised)
        painter.drawRoundedRect(
            self.rect().adjusted(0, 0, -1, -1), style.RADIUS / 2 + 2, style.RADIUS / 2 + 2
        )


class Bench(QWidget):
    """Shows what the desk has; passes on what the person does. GUI thread only."""

    change_wanted = Signal()
    """Another attribute or value."""
    certificate_wanted = Signal()

    def __init__(self, window: MainWindow, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.grid = PageGrid(self)
        self.judge = Judge(window.background, self.grid.pixmaps.pixmap, _SLOT, self)
        self.judge.buttons["right"].setToolTip(self.tr("Yes: it gets the value (Y or Enter)"))
        self.judge.buttons["wrong"].setToolTip(self.tr("No: it is not suggested again (N or X)"))
        self.judge.buttons["unsure"].setToolTip(self.tr("Not sure: it is set aside (U)"))
        self.middle = QStackedWidget(self)
        self.nothing = self._make_nothing()
        for part in (self.grid, self.judge, self.nothing):
            self.middle.addWidget(part)
        self.stats = Stats(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.M, style.Space.M, style.Space.M, style.Space.M)
        column.setSpacing(style.Space.S)
        column.addLayout(self._make_head())
        column.addWidget(self.stats)
        column.addWidget(self.middle, 1)
        column.addLayout(self._make_foot())
        self._connect()

    # --- building -------------------------------------------------------------------------------------------

    def _make_head(self) -> QHBoxLayout:
        self.title = QLabel(self)
        self.title.setFont(style.font("title"))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.change = QPushButton(self.tr("Change…"), self)
        self.change.setToolTip(self.tr("Tag something else (Esc)"))
        self.change.setAccessibleName(self.tr("Tag something else"))
        self.modes = Segments(
            self.tr("Which suggestions come"),
            [
                ("likely", self.tr("Most likely"), self.tr("Best first: the quickest way to tag (1)")),
                (
                    "useful",
                    self.tr("Most useful"),
                    self.tr("What the program is least sure of: it learns most (2)"),
                ),
                ("random", self.tr("Random"), self.tr("Picked by chance: tells how many are left (3)")),
            ],
            self,
        )
        self.views = Segments(
            self.tr("How many at a time"),
            [
                (PAGE, self.tr("Page"), self.tr("A page at a time; click what is wrong (4)")),
                (SINGLE, self.tr("One by one"), self.tr("One photo at a time, full size (5)")),
            ],
            self,
        )
        self.certify = QPushButton(self.tr("Accept the rest…"), self)
        self.certify.setToolTip(
            self.tr("Judge a random sample; if enough are right, accept all others together (Ctrl+Shift+A)")
        )
        row = QHBoxLayout()
        row.setSpacing(style.Space.S)
        row.addWidget(self.title, 1)
        row.addWidget(self.change)
        for part in (self.modes, self.views, self.certify):
            row.addWidget(part)
        return row

    def _make_foot(self) -> QHBoxLayout:
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.back = QPushButton(self.tr("Take back the last page"), self)
        self.back.setToolTip(self.tr("Take back the last page and show it again (Backspace)"))
        self.confirm = MainButton(parent=self)
        self.confirm.setToolTip(self.tr("Save this page and show the next (Enter)"))
        self.confirm.setMinimumWidth(220)
        row = QHBoxLayout()
        row.addWidget(self.hint, 1)
        row.addWidget(self.back)
        row.addWidget(self.confirm)
        return row

    def _make_nothing(self) -> QWidget:
        page = QWidget(self)
        self.nothing_text = QLabel(self.tr("Nothing is left to suggest: every item has been answered."), page)
        self.nothing_text.setFont(style.font("heading"))
        self.again = QPushButton(page)
        self.other = QPushButton(self.tr("Tag something else"), page)
        self.other.setToolTip(self.tr("Tag something else (Esc)"))
        column = QVBoxLayout(page)
        column.addStretch()
        for part in (self.nothing_text, self.again, self.other):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _connect(self) -> None:
        desk = self._desk
        desk.page_size = self._page_size
        desk.begun.connect(self._begin)
        desk.page_changed.connect(self.show_page)
        desk.mark_changed.connect(self._show_mark)
        desk.state_changed.connect(self._show_state)
        desk.busy_changed.connect(self._show_busy)
        self.grid.marked.connect(desk.toggle)
        self.grid.confirm_wanted.connect(desk.confirm)
        self.grid.back_wanted.connect(desk.take_back)
        self.judge.answered.connect(desk.answer)
        self.judge.back_wanted.connect(desk.take_back)
        self.confirm.clicked.connect(desk.confirm)
        self.back.clicked.connect(desk.take_back)
        self.again.clicked.connect(desk.ask_again)
        for button in (self.change, self.other):
            button.clicked.connect(self.change_wanted)
        self.modes.chosen.connect(self.set_mode)
        self.views.chosen.connect(self.set_view)
        self.certify.clicked.connect(self.certificate_wanted)

    # --- showing --------------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """PAGE or SINGLE."""
        return SINGLE if self.views.buttons[SINGLE].isChecked() else PAGE

    def _page_size(self) -> int:
        if self.view == SINGLE:
            return 1
        room, layout = self.parentWidget(), self.layout()
        if self.isVisible() or room is None or layout is None:
            return capacity(self.middle.size())
        around = layout.minimumSize() - self.middle.minimumSizeHint()  # it has not been laid out yet
        return capacity(QSize(room.width() - 2 * style.Space.L, room.height() - around.height()))

    def set_view(self, view: str) -> None:
        """A page at a time, or one by one. What was marked on the page and not confirmed is dropped."""
        self.views.choose(view)
        self._desk.marks = {}
        self._desk.reload()

    def set_mode(self, mode: str) -> None:
        """The switch follows, also when it was a key."""
        self.modes.choose(mode)
        self._desk.set_mode(mode)

    def focus(self) -> None:
        """Give the keyboard to where work goes on."""
        here = self.middle.currentWidget()
        if here is self.grid:
            self.grid.focus_current()
        elif here is self.judge:
            self.judge.setFocus()
        elif self.again.isEnabled():
            self.again.setFocus()
        else:
            self.other.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        codes = {Qt.Key.Key_1: "likely", Qt.Key.Key_2: "useful", Qt.Key.Key_3: "random"}
        views = {Qt.Key.Key_4: PAGE, Qt.Key.Key_5: SINGLE}
        key = event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in codes:
            self.set_mode(codes[Qt.Key(key)])
        elif key in views:
            self.set_view(views[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self.change_wanted.emit()
        elif key == Qt.Key.Key_Backspace and not event.isAutoRepeat():
            self._desk.take_back()
        else:
            super().keyPressEvent(event)

    def _begin(self) -> None:
        target = self._desk.target
        text = f"{target.attribute} = {target.value}" if target is not None else ""
        self.title.setText(self.title.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 360))
        self.title.setToolTip(text)
        self.modes.choose(self._desk.mode)
        self.stats.clear()

    def show_page(self) -> None:
        """Another page has come."""
        sheet, target = self._desk.sheet, self._desk.target
        if sheet is None or target is None:
            return
        items = sheet.page.items.tolist()
        chances = [self._chance(chance, sheet.page.learnt) for chance in sheet.page.probabilities.tolist()]
        if not items:
            self.middle.setCurrentWidget(self.nothing)
        elif self.view == SINGLE and len(items) == 1:
            self.middle.setCurrentWidget(self.judge)
            question = self.tr("Is it {0}?").format(f"{target.attribute} = {target.value}")
            self.judge.show_item(items[0], f"{question}  ({chances[0]})", self._desk.ahead)
        else:
            self.middle.setCurrentWidget(self.grid)
            self.grid.show_page(items, sheet.ids, chances, self._desk.marks)
        if self.isVisible() and QApplication.activeModalWidget() is None:
            self.focus()
        self._show_foot()
        self._show_nothing()
        if self.isVisible():
            self.middle.repaint()  # before all that follows from the answers: the person waits for the photos

    def _chance(self, chance: float, learnt: bool) -> str:
        text = self.tr("{0} % likely").format(min(99, max(1, round(100 * chance))))
        return text if learnt else self.tr("{0}, a guess").format(text)

    def _show_mark(self, item: int) -> None:
        self.grid.set_mark(item, self._desk.marks.get(item, ""))
        self._show_foot()

    def _show_foot(self) -> None:
        sheet = self._desk.sheet
        count = len(sheet.page.items) if sheet is not None else 0
        no, unsure = len(self._desk.marked("no")), len(self._desk.marked("unsure"))
        parts = [self.tr("{0} yes").format(texts.number(count - no - unsure))]
        if no:
            parts.append(self.tr("{0} no").format(texts.number(no)))
        if unsure:
            parts.append(self.tr("{0} not sure").format(texts.number(unsure)))
        self.confirm.setText(self.tr("Confirm: {0}").format(", ".join(parts)))
        on_page = self.middle.currentWidget() is self.grid
        self.confirm.setVisible(on_page)
        if on_page:
            self.hint.setText(
                self.tr("Click or X: wrong · ? or U: not sure · Enter: confirm · Backspace: take back")
            )
        else:
            self.hint.setText(self.tr("Each answer is saved at once · Backspace: take back"))

    def _show_nothing(self) -> None:
        state = self._desk.state
        unsure = state.unsure if state is not None else 0
        self.again.setText(
            self.tr("Ask again about the {0} that you were not sure of").format(texts.number(unsure))
        )
        self.again.setEnabled(unsure > 0)
        self.again.setVisible(unsure > 0)

    def _show_state(self) -> None:
        state = self._desk.state
        if state is not None:
            self.stats.show_state(state, self._desk.pace.per_minute)
        self._show_nothing()
        self.certify.setEnabled(state is not None and state.open > 0)
        if self.middle.currentWidget() is self.grid:
            self.grid.read_ahead(self._desk.ahead)
        elif self.middle.currentWidget() is self.judge:
            self.judge.read_ahead(self._desk.ahead)

    def _show_busy(self) -> None:
        free = not self._desk.is_busy
        self.judge.enable(free)
        self.back.setEnabled(free)
        self.confirm.setEnabled(free)
