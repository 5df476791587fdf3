"""One operation closely: what it was, why, and what it changed, old → new, with thumbnails."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPalette, QPixmap
from PySide6.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style, texts
from visualsearch.ui.editing.origins import moment_name
from visualsearch.ui.operations.reading import Detail
from visualsearch.ui.photos import Photos

_ITEM = Qt.ItemDataRole.UserRole
_SIDE = 32


class DetailView(QWidget):
    """Shows a Detail."""

    item_wanted = Signal(int)
    """A double click or Enter on a photo."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._detail: Detail | None = None
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        self.title.setFont(style.font("heading"))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.about = QLabel(self)
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.changes = QTreeWidget(self)
        self.changes.setColumnCount(4)
        self.changes.setHeaderLabels([self.tr("Photo"), self.tr("What"), self.tr("Before"), self.tr("After")])
        self.changes.setRootIsDecorated(False)
        self.changes.setUniformRowHeights(True)
        self.changes.setIconSize(QSize(_SIDE, _SIDE))
        self.changes.setAccessibleName(self.tr("What it changed"))
        self.changes.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.changes.setMinimumHeight(60)
        self.changes.itemActivated.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.XS)
        for part in (self.title, self.about):
            column.addWidget(part)
        column.addWidget(self.changes, 1)
        self.show_detail(None)

    def show_detail(self, detail: Detail | None) -> None:
        """Show an operation; None says how to choose one."""
        self._detail = detail
        self.changes.clear()
        for part in (self.title, self.changes):
            part.setVisible(detail is not None)
        if detail is None:
            self.about.setText(self.tr("Choose an entry to see what it changed, and why."))
            self.about.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return
        self.about.setAlignment(Qt.AlignmentFlag.AlignLeft)
        operation = detail.operation
        self.title.setText(operation.label)
        about = [f"{operation.actor}, {moment_name(operation.at)}"]
        if operation.changed > len(detail.lines):
            shown = self.tr("the first {0} of {1} changes")
            about.append(shown.format(texts.number(len(detail.lines)), texts.number(operation.changed)))
        about += [f"{name}: {content}" for name, content in detail.why.items()]
        self.about.setText(" · ".join(about))
        self._show_lines(detail)

    def _show_lines(self, detail: Detail) -> None:
        rows: dict[int, list[QTreeWidgetItem]] = {}
        for line in detail.lines:
            row = QTreeWidgetItem([line.who, line.what, line.old, line.new])
            for column, text in enumerate((line.who, line.what, line.old, line.new)):
                row.setToolTip(column, text)
            row.setSizeHint(0, QSize(_SIDE, _SIDE + 4))  # all rows are as high as the first
            if line.item:
                row.setData(0, _ITEM, line.item)
                rows.setdefault(line.item, []).append(row)
            self.changes.addTopLevelItem(row)

        def show(images: dict[Example, QImage]) -> None:
            if self._detail is detail:
                for example, image in images.items():
                    for row in rows.get(example.item or 0, []):
                        row.setIcon(0, _icon(image, self.devicePixelRatioF()))

        if rows:
            self._photos.thumbnails([Example(item=item) for item in rows], show)

    def _go(self, row: QTreeWidgetItem) -> None:
        item = row.data(0, _ITEM)
        if item:
            self.item_wanted.emit(item)


def _icon(image: QImage, ratio: float) -> QIcon:
    small = image.scaled(
        QSize(_SIDE, _SIDE) * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    small.setDevicePixelRatio(ratio)
    return QIcon(QPixmap.fromImage(small))
