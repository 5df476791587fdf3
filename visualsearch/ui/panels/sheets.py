"""Dialogs that only tell: an import's report, refused files, shortcuts, a catalog's state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.catalog.store import Refusal
from visualsearch.ui import style, texts

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportReport

Page = list[tuple[str, list[tuple[str, str]]]]
_MOST_ROWS = 2_000  # of refusals on screen; copying takes all


class _Sheet(QDialog):
    """A dialog with a Close button, gone when closed."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.column = QVBoxLayout(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.buttons.rejected.connect(self.reject)

    def finish(self) -> None:
        self.column.addWidget(self.buttons)
        close = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()

    def offer_copy(self, refusals: Sequence[Refusal]) -> None:
        copy = self.buttons.addButton(self.tr("&Copy list"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: _copied(refusals))


class TextSheet(_Sheet):
    """Names and values in groups."""

    def __init__(self, title: str, page: Page, parent: QWidget) -> None:
        super().__init__(title, parent)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(style.Space.XL)
        grid.setVerticalSpacing(style.Space.XS)
        grid.setColumnStretch(1, 1)
        row = 0
        for heading, pairs in page:
            if heading:
                label = QLabel(heading, body)
                label.setFont(style.font("heading"))
                label.setContentsMargins(0, style.Space.S if row else 0, 0, 0)
                grid.addWidget(label, row, 0, 1, 2)
                row += 1
            for name, value in pairs:
                left, right = QLabel(name, body), QLabel(value, body)
                right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                right.setTextFormat(Qt.TextFormat.PlainText)
                right.setWordWrap(True)
                grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(right, row, 1, Qt.AlignmentFlag.AlignTop)
                row += 1
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setAccessibleName(title)
        self.column.addWidget(scroll, 1)
        self.finish()
        wanted = body.sizeHint()
        width, height = wanted.width() + 60, wanted.height() + self.buttons.sizeHint().height() + 60
        self.resize(max(560, min(width, parent.width() - 40)), min(640, height))


def shortcut_page(sheet: list[tuple[str, list[tuple[str, str]]]]) -> Page:
    """The actions' sheet as a page: all rows have both a text and a key."""
    return [(menu, [(text, keys) for text, keys in rows if keys]) for menu, rows in sheet]


class RefusalTable(QTableWidget):
    """What was refused, and why. A double click or Enter opens the folder of a refused file below ``root``."""

    def __init__(self, refusals: Sequence[Refusal], root: str, parent: QWidget) -> None:
        super().__init__(min(len(refusals), _MOST_ROWS), 2, parent)
        self._root = Path(root) if root else None
        self.setAccessibleName(self.tr("Refused files"))
        self.setToolTip(self.tr("Double click or Enter: open the folder of the file"))
        self.itemActivated.connect(lambda cell: self.show_file(cell.row()))
        self.setHorizontalHeaderLabels([self.tr("File or line"), self.tr("Reason")])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(0, 260)
        self.setAlternatingRowColors(True)
        for row, refusal in enumerate(refusals[:_MOST_ROWS]):
            for column, text in enumerate((refusal.source, refusal.reason)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.setItem(row, column, cell)

    def file_of(self, row: int) -> Path | None:
        """The refused file of a row, None for a line of a table or what is not there any more."""
        cell = self.item(row, 0)
        if cell is None or self._root is None:
            return None
        file = self._root / cell.text()
        return file if file.is_file() else None

    def show_file(self, row: int) -> None:
        """Open the folder of a row's file in the desktop's file manager."""
        file = self.file_of(row)
        if file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))


def _copied(refusals: Sequence[Refusal]) -> None:
    QGuiApplication.clipboard().setText("\n".join(f"{entry.source}\t{entry.reason}" for entry in refusals))


class RefusedDialog(_Sheet):
    """All that the imports into this catalog could not use."""

    def __init__(self, refusals: Sequence[Refusal], root: str, parent: QWidget) -> None:
        super().__init__(self.tr("Refused files"), parent)
        if refusals:
            self.resize(760, 420)
            text = self.tr("{0} could not be used. Mend them and import again.").format(
                texts.number(len(refusals))
            )
        else:
            text = self.tr("Nothing was refused.")
        self.column.addWidget(QLabel(text, self))
        if refusals:
            self.table = RefusalTable(refusals, root, self)
            self.column.addWidget(self.table, 1)
            self.offer_copy(refusals)
        else:
            self.column.addStretch(1)
            self.setMinimumWidth(320)
        self.finish()


class ReportDialog(_Sheet):
    """How an import went."""

    def __init__(self, report: ImportReport, root: str, parent: QWidget) -> None:
        super().__init__(self.tr("Import finished"), parent)
        self.column.addWidget(self._table(report))
        if report.refused:
            self.resize(760, 480)
            label = QLabel(
                self.tr("Refused: {0}. Everything else was imported.").format(
                    texts.number(len(report.refused))
                ),
                self,
            )
            self.column.addWidget(label)
            self.column.addWidget(RefusalTable(report.refused, root, self), 1)
            self.offer_copy(report.refused)
        self.finish()

    def _table(self, report: ImportReport) -> QWidget:
        holder = QWidget(self)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(style.Space.XL)
        heads = (self.tr("new"), self.tr("changed"), self.tr("unchanged"), self.tr("gone"))
        rows = (
            (
                self.tr("Items"),
                report.items_new,
                report.items_changed,
                report.items_unchanged,
                report.items_gone,
            ),
            (
                self.tr("Photos"),
                report.images_new,
                report.images_changed,
                report.images_unchanged,
                report.images_gone,
            ),
        )
        for column, head in enumerate(heads, 1):
            label = QLabel(head, holder)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addWidget(label, 0, column, Qt.AlignmentFlag.AlignRight)
        for row, (name, *numbers) in enumerate(rows, 1):
            grid.addWidget(QLabel(name, holder), row, 0)
            for column, value in enumerate(numbers, 1):
                label = QLabel(texts.number(value), holder)
                label.setFont(style.font("number"))
                grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(5, 1)
        return holder
