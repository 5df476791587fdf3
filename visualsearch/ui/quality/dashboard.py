"""Where each attribute stands, in numbers that lead to their items."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.quality import sparkline
from visualsearch.ui.quality.parts import Page, heading, sentence

if TYPE_CHECKING:
    from visualsearch.attributes.dashboard import AttributeState, Figure
    from visualsearch.ui.main_window import MainWindow

_DAYS = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_ROW = 34
_COLUMN, _LAST = 112, 170  # pixels, at least
_NAME_LETTERS = 24
_Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    """Numbers that lead somewhere look like links; the last column is a picture."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        view = cast(QTableWidget, option.widget)  # type: ignore[attr-defined]
        colours = style.colors(view.palette())
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        if view.currentIndex() == index and view.hasFocus():
            painter.setPen(QPen(colours.focus, 2))
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 4, 4)
        room = box.adjusted(style.Space.S, 0, -style.Space.S, 0)
        days = index.data(_DAYS)
        if days:
            sparkline.paint(painter, room.adjusted(0, 6, 0, -6), days, colours)
            painter.restore()
            return
        count = index.data(_COUNT)
        painter.setPen(
            colours.accent if count else colours.text if index.column() == 0 else colours.text_muted
        )
        font = view.font()
        font.setUnderline(bool(count))
        painter.setFont(font)
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, round(room.width())
        )
        side = Qt.AlignmentFlag.AlignLeft if index.column() in (0, 7) else Qt.AlignmentFlag.AlignRight
        aligned = style.visual_alignment(view.layoutDirection(), side | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(room, aligned, text)
        painter.restore()


class _Table(QTableWidget):
    """Enter is a click; Tab leaves the table, arrows move in it."""

    opened = Signal(int, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 8, parent)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(max(_ROW, self.fontMetrics().height() + 16))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(70)
        self.setItemDelegate(_Cells(self))
        self.cellClicked.connect(self.opened)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.set_widths()

    def set_widths(self) -> None:
        """No heading is cut off, whatever the size of texts."""
        last = self.columnCount() - 1
        for place in range(1, last + 1):
            item = self.horizontalHeaderItem(place)
            needed = self.fontMetrics().horizontalAdvance(item.text()) + style.Space.XL if item else 0
            self.setColumnWidth(place, max(_LAST if place == last else _COLUMN, needed))
        self._set_name_width()

    def _set_name_width(self) -> None:
        """Names get what the figures leave; but not so little that one could not tell them apart."""
        figures = sum(self.columnWidth(place) for place in range(1, self.columnCount()))
        least = _NAME_LETTERS * self.fontMetrics().averageCharWidth()
        self.setColumnWidth(0, max(least, self.viewport().width() - figures))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_name_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentRow() >= 0:
                self.opened.emit(self.currentRow(), self.currentColumn())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event) -> None:
        item = self.itemAt(event.position().toPoint())
        leads = item is not None and bool(item.data(_COUNT))
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)


class DashboardPage(Page):
    """A row for each attribute, a column for each figure."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.states: list[AttributeState] = []
        self._thorough: dict[tuple[str, str], int] = {}  # what takes its time, from when it was counted last
        self._counted_at = ""
        self.title = heading("", self)
        self.hint = sentence("", self, quiet=True)
        self.count = QPushButton(self.tr("Count suggestions and suspects"), self)
        self.count.setToolTip(self.tr("Look at every photo's neighbours; takes seconds to minutes"))
        self.count.clicked.connect(self.count_thoroughly)
        self.working = JobView(window, self)
        self.table = _Table(self)
        self.table.setAccessibleName(self.tr("Where each attribute stands"))
        self.table.opened.connect(self._open)
        said = QVBoxLayout()
        said.setSpacing(style.Space.XS)
        said.addWidget(self.title)
        said.addWidget(self.hint)
        top = QHBoxLayout()
        top.addLayout(said, 1)
        top.addWidget(self.count, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.L, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.M)
        column.addLayout(top)
        column.addWidget(self.working)
        column.addWidget(self.table, 1)
        self._names = self._figure_names()
        self._figures = tuple(self._names)
        self._head()
        self.table.set_widths()

    def _head(self) -> None:
        """The columns' names, with what they count."""
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        over_time = "\u2002" + self.tr("Over time")  # the heading before it ends where this one begins
        columns = [(self.tr("Attribute"), ""), *self._names.values(), (over_time, "")]
        for place, (name, told) in enumerate(columns):
            item = QTableWidgetItem(name)
            item.setToolTip(told)
            item.setTextAlignment((left if place in (0, 7) else right) | Qt.AlignmentFlag.AlignVCenter)
            self.table.setHorizontalHeaderItem(place, item)

    def _figure_names(self) -> dict[Figure, tuple[str, str]]:
        """A figure's heading, and what it counts."""
        return {
            "filled": (self.tr("Filled"), self.tr("Items that have a value")),
            "missing": (self.tr("Missing"), self.tr("Items without a value")),
            "suggested": (
                self.tr("Suggested"),
                self.tr("Items without a value for which the program has one"),
            ),
            "suspected": (self.tr("Suspected"), self.tr("Items whose value is probably wrong")),
            "certified": (
                self.tr("Certified"),
                self.tr("Items that got their value unseen, by a certificate"),
            ),
            "judged": (
                self.tr("Judged"),
                self.tr("Items that a person looked at to give or judge the value"),
            ),
        }

    def reset(self) -> None:
        self.states, self._thorough, self._counted_at = [], {}, ""
        self.table.setRowCount(0)

    def focus_first(self) -> None:
        self.table.setFocus()

    def reload(self) -> None:
        workspace = self.workspace
        if workspace is not None:
            self.run(lambda: workspace.quality.dashboard(JobControl()), self._show, key="dashboard")

    def count_thoroughly(self) -> None:
        """Suggestions and suspects, too: a job."""
        workspace = self.workspace
        if workspace is None or self.is_working:
            return

        def done(states: list[AttributeState]) -> None:
            from visualsearch.catalog.store import now

            self._counted_at = now()[11:16]
            self._thorough = {
                (state.attribute, figure): count
                for state in states
                for figure in ("suggested", "suspected")
                if (count := state.counts[figure]) is not None
            }
            self._show(states)

        self.count.setEnabled(False)
        self.start(
            self.working,
            self.tr("Counting suggestions and suspects"),
            lambda control: workspace.quality.dashboard(control, thorough=True),
            done,
        )

    def job_ended(self) -> None:
        self.count.setEnabled(True)

    def _count(self, state: AttributeState, figure: Figure) -> int | None:
        count = state.counts[figure]
        return self._thorough.get((state.attribute, figure)) if count is None else count

    def _show(self, states: list[AttributeState]) -> None:
        self.states = states
        row, column = max(0, self.table.currentRow()), max(1, self.table.currentColumn())
        self.table.setRowCount(len(states))
        for place, state in enumerate(states):
            self._fill(place, state)
        if states:
            self.table.setCurrentCell(min(row, len(states) - 1), column)
        self._say()

    def _fill(self, row: int, state: AttributeState) -> None:
        name = QTableWidgetItem(state.attribute)
        name.setToolTip(state.attribute)
        self.table.setItem(row, 0, name)
        for place, figure in enumerate(self._figures, 1):
            count = self._count(state, figure)
            item = QTableWidgetItem("–" if count is None else texts.number(count))
            item.setData(_COUNT, count or 0)
            told = self._names[figure][1]
            if count is None:
                item.setToolTip(self.tr("Not counted yet: press “Count suggestions and suspects”"))
            elif state.counts[figure] is None:
                item.setToolTip(self.tr("{0}, counted at {1} UTC").format(told, self._counted_at))
            else:
                item.setToolTip(told)
            spoken = self.tr("{0}, {1}: {2}").format(state.attribute, self._names[figure][0], item.text())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.table.setItem(row, place, item)
        days = QTableWidgetItem("" if state.days else self.tr("no work yet"))
        days.setData(_DAYS, state.days)
        days.setToolTip(sparkline.describe(state.days))
        days.setData(Qt.ItemDataRole.AccessibleTextRole, sparkline.describe(state.days))
        self.table.setItem(row, 7, days)

    def _say(self) -> None:
        """What to do next: the attribute with the most to do."""
        if not self.states:
            self.title.setText(self.tr("This catalog has no attributes yet"))
            self.hint.setText(
                self.tr("Import a table (Ctrl+I), or give items values in Tag: then they are counted here.")
            )
            return
        worst = max(self.states, key=lambda state: state.counts["missing"] or 0)
        missing = worst.counts["missing"] or 0
        if missing:
            text = self.tr("Most is missing of {0}: {1} items have no value").format(
                worst.attribute, texts.number(missing)
            )
        else:
            text = self.tr("Every item has a value of every attribute")
        self.title.setText(text)
        self.hint.setText(
            self.tr("Each number leads to its items: click it, or go there with the arrows and press Enter.")
        )

    def _open(self, row: int, column: int) -> None:
        workspace = self.workspace
        if workspace is None or not 1 <= column <= 6 or row >= len(self.states):
            return
        state, figure = self.states[row], self._figures[column - 1]
        if not self._count(state, figure):
            return
        lead = lambda _items=None: self.leads.emit(state.where[figure])  # noqa: E731
        if figure not in ("suggested", "suspected"):
            lead()
            return
        # It may have to be found out anew: as a job, that can be watched and cancelled. The search then is quick.
        what = self.tr("{0}, {1}").format(state.attribute, self._names[figure][0].lower())
        find = partial(workspace.quality.items, state.attribute, figure)
        self.start(self.working, self.tr("Finding {0}").format(what), find, lead)
