"""Photos of the items that would get a value, the least sure first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style, texts
from visualsearch.ui.autotag.table import percent
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import Photos

if TYPE_CHECKING:
    from visualsearch.attributes.autotag import ValuePlan

_SIDE = 104
_SHOWN = 60  # more are not looked at


class Examples(QWidget):
    """What one value would be given to."""

    photo_wanted = Signal(int)
    """The item whose photo was clicked."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self.thumbs: list[Thumb] = []
        self.heading = QLabel(self)
        self.heading.setFont(style.font("heading"))
        self.note = QLabel(self)
        for label in (self.heading, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._sheet = QWidget(self)
        self._flow = FlowLayout(self._sheet, style.Space.S)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._cells: list[QWidget] = []
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._sheet)
        self._area = area
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.note)
        column.addWidget(area, 1)
        self.setMinimumWidth(3 * (_SIDE + style.Space.S) + style.Space.XL)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_value(self, one: ValuePlan | None) -> None:
        """Show where a value would go."""
        for cell in self._cells:
            self._flow.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.thumbs, self._cells = [], []
        self.heading.setText(texts.value_name(one.value) if one is not None else "")
        self.note.setText(self._note(one))
        if one is None:
            return
        for item, chance in zip(one.items[:_SHOWN].tolist(), one.chances[:_SHOWN].tolist(), strict=True):
            self._cells.append(self._cell(item, chance))
            self._flow.addWidget(self._cells[-1])
            self._cells[-1].show()
        self._area.verticalScrollBar().setValue(0)
        thumbs = list(self.thumbs)
        self._photos.thumbnails(
            [thumb.example for thumb in thumbs], lambda images: self._fill(thumbs, images)
        )

    def _note(self, one: ValuePlan | None) -> str:
        if one is None:
            return ""
        if one.reason:
            return one.reason
        if not len(one.items):
            return self.tr("No item without a value looks enough like these.")
        if len(one.items) <= _SHOWN:
            return self.tr("All {0} that would get it, the least sure first.").format(
                texts.number(len(one.items))
            )
        return self.tr("The {0} least sure of {1} that would get it.").format(
            _SHOWN, texts.number(len(one.items))
        )

    def _cell(self, item: int, chance: float) -> QWidget:
        cell = QWidget(self._sheet)
        thumb = Thumb(Example(item=item), 0, _SIDE, cell, badge=False)
        said = self.tr("{0} sure; click to see it large").format(percent(chance))
        thumb.setToolTip(said)
        thumb.setAccessibleName(said)
        thumb.clicked.connect(lambda: self.photo_wanted.emit(item))
        self.thumbs.append(thumb)
        caption = QLabel(percent(chance), cell)
        caption.setFont(style.font("caption"))
        caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        caption.setGeometry(0, _SIDE + 2, _SIDE, caption.sizeHint().height())
        cell.setFixedSize(_SIDE, _SIDE + 4 + caption.height())
        return cell

    def _fill(self, thumbs: list[Thumb], images: dict) -> None:
        if thumbs != self.thumbs:
            return
        for thumb in thumbs:
            if thumb.example in images:
                thumb.set_image(images[thumb.example])
            else:
                thumb.set_broken()
