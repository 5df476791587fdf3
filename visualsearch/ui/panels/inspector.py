"""One item, closely: its photos, its attributes, why it matched, and what looks most like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPalette
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualsearch.catalog.store import ItemDetails
from visualsearch.errors import ImageRefused
from visualsearch.filters.query import Example, Query
from visualsearch.ui import style
from visualsearch.ui.background import Background
from visualsearch.ui.panels.attribute_rows import AttributeRows
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.column_area import ColumnArea
from visualsearch.ui.panels.photo_view import PhotoView
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import Photos

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_NEIGHBOURS = 9
_SIDE = 78
_LARGE = 1024  # pixels of the longest side that are decoded
_PAUSE_MS = 60  # while the arrow keys race through the grid nothing is loaded


class ShareBar(QWidget):
    """How much style and how much colour made an item match."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(8)
        self.colour = 0.5

    def show_share(self, colour: float) -> None:
        self.colour = colour
        self.update()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tokens = style.colors(self.palette())
        edge = round(self.width() * (1 - self.colour))
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setClipPath(outline)
        painter.fillRect(0, 0, edge, self.height(), tokens.accent)
        painter.fillRect(edge, 0, self.width() - edge, self.height(), tokens.warning)


class Inspector(QWidget):
    """Shows the item that is current in the grid, or one that was clicked here or in the tray."""

    example_wanted = Signal(int, int)
    """Item, sign."""
    item_wanted = Signal(int)
    """A neighbour was clicked."""
    choice_wanted = Signal(str, str)
    """An attribute's value was clicked."""
    asked_why = Signal(object)
    """The item whose match is to be explained, or None where there is nothing to explain."""
    shown = Signal(object)
    """The ItemDetails now on screen, or None."""
    photo_changed = Signal()
    """Another photo is on its way or on screen."""

    def __init__(self, background: Background, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._photos = photos
        self._workspace: Workspace | None = None
        self._query = Query()
        self.item: int | None = None
        self._details: ItemDetails | None = None
        self._is_sharp = False
        self._position = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._load)
        self._build()
        self.show_item(None)

    def _build(self) -> None:
        self.photo = PhotoView(self)
        self.images = QWidget(self)
        self._images_row = FlowLayout(self.images, 4)
        self.title = QLabel(self)
        self.title.setFont(style.font("heading"))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.more = QPushButton(self.tr("+ More like this"), self)
        self.less = QPushButton(self.tr("− Less"), self)
        self.more.clicked.connect(lambda: self._pick(1))
        self.less.clicked.connect(lambda: self._pick(-1))
        buttons = QWidget(self)
        row = FlowLayout(buttons, style.Space.S)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.more)
        row.addWidget(self.less)
        self._why_title = self._heading(self.tr("How it matches"))
        self.why = QLabel(self)
        self.why.setWordWrap(True)
        self.bar = ShareBar(self)
        self.attributes = AttributeRows(self)
        self.attributes.choice_wanted.connect(self.choice_wanted)
        self._near_title = self._heading(self.tr("Looks most like it"))
        self.near = QWidget(self)
        self._near_grid = QGridLayout(self.near)
        self._near_grid.setContentsMargins(0, 0, 0, 0)
        self._near_grid.setSpacing(4)
        self._near_grid.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._hint = QLabel(
            self.tr("Choose a photo to see it closely: its attributes and what looks like it."), self
        )
        self._hint.setWordWrap(True)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._stack_up(buttons)

    def _stack_up(self, buttons: QWidget) -> None:
        """One part below the other, scrolled together."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for part in (self.photo, self.images, self.title, self._hint, buttons):
            column.addWidget(part)
        self._reasons = QVBoxLayout()
        for part in (self._why_title, self.bar, self.why):
            column.addWidget(part)
        column.addLayout(self._reasons)
        for part in (self.attributes, self._near_title, self.near):
            column.addWidget(part)
        column.addStretch(1)
        self.scroll_area = ColumnArea(body, self)
        self.scroll_area.setAccessibleName(self.tr("Inspector"))
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.scroll_area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def add_reasons(self, widget: QWidget) -> None:
        """A feature's own part of "how it matches"."""
        self._reasons.addWidget(widget)

    @property
    def position(self) -> int:
        """Which of the item's photos is on screen, from 0."""
        return self._position

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setFont(style.font("heading"))
        return label

    def set_workspace(self, workspace: Workspace | None) -> None:
        self._workspace = workspace
        self.show_item(None)

    def show_query(self, query: Query) -> None:
        """The visual filter that "why it matched" speaks of."""
        if query.visual != self._query.visual:
            self._query = query
            self._load_why()
        self._query = query

    def show_item(self, item: int | None) -> None:
        """Show an item, a moment after the last call; None empties the panel."""
        self.item = item
        if item is None:
            self._pause.stop()
            self._background.forget("inspector")
            self._show_details(None)
        else:
            self._pause.start()

    @property
    def is_waiting(self) -> bool:
        """Whether an item was chosen so lately that the panel still shows the one before."""
        return self._pause.isActive()

    def _pick(self, sign: int) -> None:
        if self.item is not None:
            self.example_wanted.emit(self.item, sign)

    def _load(self) -> None:
        workspace, item = self._workspace, self.item
        if workspace is None or item is None:
            return
        self._background.run(lambda: workspace.details(item), self._show_details, key="inspector")
        self._load_photo(item, 0)
        self._background.run(
            lambda: workspace.neighbours(item, _NEIGHBOURS),
            lambda answer: self._show_neighbours(answer[0].tolist()),
            lambda _error: self._show_neighbours([]),
            key="neighbours",
        )
        self._load_why()

    def reload(self) -> None:
        """Read the attributes anew: something was decided."""
        workspace, item = self._workspace, self.item
        if workspace is not None and item is not None and not self.is_waiting:
            self._background.run(lambda: workspace.details(item), self._show_details, key="inspector")

    def _load_photo(self, item: int, position: int) -> None:
        """Show the thumbnail at once and the large photo when it has been read."""
        example = Example(item=item)
        self._is_sharp, self._position = False, position
        self.photo_changed.emit()

        def preview(images: dict[Example, QImage]) -> None:
            if item == self.item and not self._is_sharp:
                self.photo.set_image(images.get(example, QImage()))

        if position == 0:
            self._photos.thumbnails([example], preview)
        self._photos.photo(item, position, _LARGE, self._show_photo, self._no_photo)

    def _show_photo(self, image: QImage) -> None:
        self._is_sharp = True
        self.photo.set_image(image)
        self.photo_changed.emit()

    def _load_why(self) -> None:
        workspace, item, query = self._workspace, self.item, self._query
        self._show_why({})
        visual = query.visual.counting()
        examples = {example.item for example in (*visual.positives, *visual.negatives)}
        wanted = workspace is not None and item is not None and bool(query.visual) and item not in examples
        self.asked_why.emit(item if wanted else None)  # that an example looks like itself says nothing
        if wanted and workspace is not None and item is not None:
            self._background.run(lambda: workspace.block_scores(query, item), self._show_why, key="why")

    def _no_photo(self, error: BaseException) -> None:
        self._is_sharp = True
        images = self._details.images if self._details is not None else []
        files = [str(image.file) for image in images[self._position : self._position + 1]]
        advice = self.tr("If the photos were moved, import them again from their new folder.")
        gone = isinstance(error, ImageRefused) and bool(files)
        self.photo.set_image(QImage(), "\n".join([str(error), *files, *([advice] if gone else [])]))

    def _show_details(self, details: ItemDetails | None) -> None:
        self._details = details
        self._hint.setVisible(details is None)
        for widget in (self.photo, self.title, self.more, self.less, self.attributes):
            widget.setVisible(details is not None)
        self.images.setVisible(details is not None and len(details.images) > 1)
        if details is None:
            self.photo.set_image(QImage())
            self._show_neighbours([])
            self._show_why({})
            self.shown.emit(None)
            return
        self.title.setText(details.id)
        self.title.setToolTip(details.id)
        self.attributes.show_attributes(details.attributes)
        self._show_images(details)
        self.shown.emit(details)

    def _show_images(self, details: ItemDetails) -> None:
        _empty(self._images_row)
        if len(details.images) < 2:
            return
        for position, image in enumerate(details.images):
            thumb = Thumb(Example(item=details.number), 0, 48, self.images, badge=False)
            thumb.setToolTip(image.refused or image.path)
            thumb.setAccessibleName(image.path)
            thumb.clicked.connect(lambda _checked=False, place=position: self._show_image(place))
            self._images_row.addWidget(thumb)
            thumb.show()
            self._photos.file(image.file, thumb.set_image)

    def _show_image(self, position: int) -> None:
        if self.item is not None:
            self._load_photo(self.item, position)

    def _show_neighbours(self, items: list[int]) -> None:
        _empty(self._near_grid)
        self._near_title.setVisible(len(items) > 0)
        self.near.setVisible(len(items) > 0)
        thumbs = {}
        columns = max(2, (max(self.width(), 240) - 16) // (_SIDE + 4))
        for place, item in enumerate(items):
            thumb = thumbs[Example(item=item)] = Thumb(Example(item=item), 0, _SIDE, self.near)
            thumb.setAccessibleName(self.tr("neighbour {0}").format(place + 1))
            thumb.setToolTip(self.tr("Click shows it; + takes it as an example"))
            thumb.clicked.connect(lambda _checked=False, number=item: self.item_wanted.emit(number))
            thumb.badge_clicked.connect(lambda number=item: self.example_wanted.emit(number, 1))
            self._near_grid.addWidget(thumb, place // columns, place % columns)

        def show(images: dict[Example, QImage]) -> None:
            for example, image in images.items():
                thumbs[example].set_image(image)

        if thumbs:
            self._photos.thumbnails(list(thumbs), show)

    def _show_why(self, scores: dict[str, float]) -> None:
        parts = {name: max(0.0, score) for name, score in scores.items()}
        whole = sum(parts.values())
        wanted = bool(scores) and self._details is not None
        for widget in (self._why_title, self.why, self.bar):
            widget.setVisible(wanted)
        self.bar.setVisible(wanted and whole > 0)
        if not wanted:
            return
        if not whole:
            self.why.setText(self.tr("Neither style nor colour speaks for it."))
            return
        colour = parts.get("colour", 0.0) / whole
        self.bar.show_share(colour)
        self.why.setText(
            self.tr("{0} % style, {1} % colour").format(100 - round(100 * colour), round(100 * colour))
        )


def _empty(layout: QGridLayout | FlowLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
