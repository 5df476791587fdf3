"""The history as a list by day and kind, and the chosen operation closely beside it."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.catalog.operations import Operation
from visualsearch.ui import style, texts
from visualsearch.ui.editing.origins import local_time
from visualsearch.ui.operations.detail import DetailView
from visualsearch.ui.operations.reading import Detail, Page, Wanted
from visualsearch.ui.operations.words import day_name, kind_name
from visualsearch.ui.panels.buttons import TickBox
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.column_area import ColumnArea
from visualsearch.ui.photos import Photos

_NUMBER = Qt.ItemDataRole.UserRole
_TYPING_MS = 200


class _Tree(QTreeWidget):
    """Delete takes the operation with the focus back."""

    deleted = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Delete:  # type: ignore[attr-defined]
            event.accept()  # elsewhere it removes an example
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class HistoryPanel(QWidget):
    """Shows a page of the log and says what is wanted; knows no catalog."""

    narrowed = Signal()
    """Another Wanted; ask for it with ``wanted``."""
    more_wanted = Signal()
    chosen = Signal(int)
    """The number of an operation, 0 for none."""
    switch_wanted = Signal(object)
    """The Operation to take back, or to do again where it is undone."""
    item_wanted = Signal(int)

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: Page | None = None
        self._item: int | None = None
        self._build_filters()
        self._build_list()
        self.detail = DetailView(photos, self)
        self.detail.item_wanted.connect(self.item_wanted)
        self.switch = QPushButton(self)
        self.switch.clicked.connect(self._switch)
        self.switch.hide()
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.detail, 1)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        left = QWidget(self)
        self._stack = QStackedLayout(left)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.hint)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(left)
        split.addWidget(ColumnArea(right, self))
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([500, 500])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(style.Space.S, style.Space.S, style.Space.S, style.Space.S)
        whole.setSpacing(style.Space.S)
        whole.addWidget(self._filters)
        whole.addWidget(split, 1)
        self.list.setMinimumHeight(60)  # the grid above must not be pushed out of the window

    def _build_filters(self) -> None:
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(self.tr("words of it"))
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName(self.tr("Words in the history"))
        self.kind, self.actor, self.attribute = QComboBox(self), QComboBox(self), QComboBox(self)
        for box, name in (
            (self.kind, self.tr("Kind")),
            (self.actor, self.tr("Person")),
            (self.attribute, self.tr("Attribute")),
        ):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(9)
            box.currentIndexChanged.connect(lambda _place: self.narrowed.emit())
        self.only_item = TickBox(self.tr("Only of this photo"), self)
        self.only_item.setToolTip(self.tr("What was changed about the photo with the focus"))
        self.only_item.toggled.connect(lambda _on: self.narrowed.emit())
        typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        typing.timeout.connect(self.narrowed)
        self.text.textChanged.connect(lambda _text: typing.start())
        title = QLabel(self.tr("History"), self)
        title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._filters = QWidget(self)
        line = FlowLayout(self._filters, style.Space.S)
        line.setContentsMargins(0, 0, 0, 0)
        for part in (title, self.text, self.kind, self.actor, self.attribute, self.only_item):
            line.addWidget(part)

    def _build_list(self) -> None:
        self.list = _Tree(self)
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName(self.tr("History of decisions"))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(lambda *_: self._choose())
        self.list.itemActivated.connect(self._activate)
        self.list.deleted.connect(self._switch)
        self.hint = QLabel(
            self.tr(
                "Nothing was decided yet. What you set, tag, judge or save is listed here, to be taken back."
            ),
            self,
        )
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    # --- what is wanted -------------------------------------------------------------------------------------

    def set_item(self, item: int | None) -> None:
        """The photo that "only of this photo" means."""
        if item != self._item:
            self._item = item
            if self.only_item.isChecked():
                self.narrowed.emit()

    def wanted(self) -> Wanted:
        """What the history is narrowed to."""
        return Wanted(
            self.text.text().strip(),
            self.actor.currentData() or "",
            self.kind.currentData() or "",
            self.attribute.currentData() or "",
            self._item if self.only_item.isChecked() else None,
        )

    def set_attributes(self, names: list[str]) -> None:
        """The attributes that one can narrow to."""
        _fill(self.attribute, self.tr("all attributes"), [(name, name) for name in names])

    # --- the page -------------------------------------------------------------------------------------------

    def show_page(self, page: Page) -> None:
        """Show operations; the one that was chosen stays so."""
        self._page = page
        _fill(self.actor, self.tr("everybody"), [(actor, actor) for actor in page.actors])
        _fill(self.kind, self.tr("all kinds"), [(kind_name(kind), kind) for kind in page.kinds])
        current, scrolled = self.current(), self.list.verticalScrollBar().value()
        with QSignalBlocker(self.list):
            self.list.clear()
            for day, acts in groupby(page.operations, lambda act: local_time(act.at).date()):
                self._add_day(day_name(day), list(acts), current.number if current is not None else 0)
            if page.has_more:
                more = QTreeWidgetItem([self.tr("Show more…")])
                more.setToolTip(0, self.tr("Double click or Enter"))
                self.list.addTopLevelItem(more)
        self.list.verticalScrollBar().setValue(scrolled)
        self._stack.setCurrentIndex(0 if page.operations else 1)
        if page.operations or self.wanted() == Wanted():
            self.hint.setText(
                self.tr(
                    "Nothing was decided yet. What you set, tag, judge or save is listed here, to be taken back."
                )
            )
        else:
            self.hint.setText(self.tr("Nothing of this kind was decided. Choose less above."))
        self._choose()

    def _add_day(self, name: str, acts: list[Operation], current: int) -> None:
        day = QTreeWidgetItem([name])
        day.setFont(0, style.font("heading"))
        self.list.addTopLevelItem(day)
        kinds: dict[str, list[Operation]] = {}
        for act in acts:
            kinds.setdefault(act.kind, []).append(act)
        for kind, group in kinds.items():
            heading = QTreeWidgetItem([f"{kind_name(kind)} ({texts.number(len(group))})"])
            heading.setForeground(0, self.palette().color(QPalette.ColorRole.PlaceholderText))
            day.addChild(heading)
            for act in group:
                row = self._row(act)
                heading.addChild(row)
                if act.number == current:
                    self.list.setCurrentItem(row)
            heading.setExpanded(True)
        day.setExpanded(True)

    def _row(self, act: Operation) -> QTreeWidgetItem:
        undo = self._page.undoings.get(act.number) if self._page is not None else None
        label = act.label
        row = QTreeWidgetItem([label, act.actor, local_time(act.at).toString("HH:mm")])
        row.setData(0, _NUMBER, act.number)
        tip = label
        if act.undone_by is not None:
            font = self.list.font()
            font.setStrikeOut(True)
            row.setFont(0, font)
            muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
            for column in range(3):
                row.setForeground(column, muted)
            who = undo.actor if undo is not None else ""
            tip = self.tr("{0}: taken back by {1}").format(label, who)
            row.setData(0, Qt.ItemDataRole.AccessibleTextRole, tip)
        for column in range(3):
            row.setToolTip(column, tip)
        return row

    def current(self) -> Operation | None:
        """The operation with the focus."""
        item = self.list.currentItem()
        number = item.data(0, _NUMBER) if item is not None else None
        acts = self._page.operations if self._page is not None else ()
        return next((act for act in acts if act.number == number), None)

    def show_detail(self, detail: Detail | None) -> None:
        """Show an operation closely."""
        self.detail.show_detail(detail)

    def _choose(self) -> None:
        act = self.current()
        self.switch.setVisible(act is not None)
        if act is not None:
            again = act.undone_by is not None
            self.switch.setText(self.tr("Do it &again") if again else self.tr("Take it &back"))
            self.switch.setToolTip(
                self.tr("Do again what was taken back (Delete)")
                if again
                else self.tr("Undo just this; what was changed since stays (Delete)")
            )
        self.chosen.emit(act.number if act is not None else 0)

    def _switch(self) -> None:
        act = self.current()
        if act is not None:
            self.switch_wanted.emit(act)

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _NUMBER) is None and item.parent() is None and item.childCount() == 0:
            self.more_wanted.emit()


def _fill(box: QComboBox, everything: str, entries: list[tuple[str, str]]) -> None:
    """Offer these, and "all"; what was chosen stays so, also when it is not among them."""
    wanted = box.currentData()
    if wanted and wanted not in [value for _, value in entries]:
        entries = [*entries, (wanted, wanted)]
    with QSignalBlocker(box):
        box.clear()
        box.addItem(everything, "")
        for text, value in entries:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(wanted)))
