"""The loupe: covers the window with one photo, or with two to four side by side that zoom together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import style, texts
from visualsearch.ui.icons import icon
from visualsearch.ui.loupe.pane import PhotoPane
from visualsearch.ui.loupe.photos import LoupePhotos
from visualsearch.ui.loupe.zoom import STEP, Zoom
from visualsearch.ui.panels.thumbs import Thumb

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualsearch.catalog.store import ItemDetails

MOST = 4  # side by side
_STRIP_SIDE = 56
_STRIP_MOST = 24
_PAN = 80.0  # pixels for a key
_Key = Qt.Key
_Modifier = Qt.KeyboardModifier


class LoupeView(QWidget):
    """Shows what it is told and says what the person wants; where items come from is the feature's. GUI thread only."""

    turned = Signal(int)
    """Steps forward (back where negative) through the results."""
    jumped = Signal(int)
    """To the first (−1) or the last (1) of the results."""
    chosen = Signal(int)
    """The item that keys act on has changed."""
    sign_wanted = Signal(int, int)
    """Item, sign."""
    closed = Signal()

    def __init__(
        self,
        photos: LoupePhotos,
        thumbnail: Callable[[int], QPixmap | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._photos, self._thumbnail = photos, thumbnail
        self.zoom = Zoom(self)
        self.panes: list[PhotoPane] = []
        self.strip: list[Thumb] = []
        self._here = 0
        self._photo_counts: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._signs: dict[int, int] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Photo"))
        self._grid = QGridLayout()
        self._grid.setSpacing(style.Space.S)
        self._strip_row = QHBoxLayout()
        self._strip_row.setSpacing(style.Space.XS)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.S, style.Space.S, style.Space.S, style.Space.S)
        column.addLayout(self._make_bar())
        column.addLayout(self._grid, 1)
        column.addLayout(self._strip_row)
        self.zoom.changed.connect(self._show_zoom)
        self.zoom.passed_fit.connect(self.closed)
        self.hide()

    # --- building -------------------------------------------------------------------------------------------

    def _make_bar(self) -> QHBoxLayout:
        self.title, self.place = QLabel(self), QLabel(self)
        self.title.setFont(style.font("heading"))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.place.setFont(style.font("number"))
        self.scale = QLabel(self)
        self.scale.setFont(style.font("number"))
        self.scale.setMinimumWidth(self.fontMetrics().horizontalAdvance("3,200 %  "))
        self.more = self._button("plus", self.tr("More like this (+)"), lambda: self._sign(1))
        self.less = self._button("minus", self.tr("Less like this (−)"), lambda: self._sign(-1))
        bar = QHBoxLayout()
        bar.setSpacing(style.Space.S)
        for part in (
            self._button("back", self.tr("Previous (Left)"), lambda: self._step(-1)),
            self._button("forward", self.tr("Next (Right)"), lambda: self._step(1)),
            self.title,
            self.place,
        ):
            bar.addWidget(part)
        bar.addStretch(1)
        for part in (
            self.more,
            self.less,
            self._button("zoom_out", self.tr("Smaller (Ctrl+−)"), lambda: self.zoom_by(1 / STEP)),
            self.scale,
            self._button("zoom_in", self.tr("Larger (Ctrl++)"), lambda: self.zoom_by(STEP)),
            self._button("close", self.tr("Back to the grid (Esc)"), self.closed.emit),
        ):
            bar.addWidget(part)
        return bar

    def _button(self, symbol: str, text: str, press: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIcon(icon(symbol))
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(style.HIT_TARGET + 4, style.HIT_TARGET + 4)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # every one of them has a key
        button.clicked.connect(press)
        return button

    # --- what it shows --------------------------------------------------------------------------------------

    def show_items(self, items: Sequence[int], place: str = "") -> None:
        """Show one item, or up to four side by side. ``place`` says where it is among the results."""
        wanted = list(items)[:MOST]
        if len(wanted) != len(self.panes):
            self._make_panes(len(wanted))
        self._here = min(self._here, len(wanted) - 1)
        self.place.setText(place)
        for pane, item in zip(self.panes, wanted, strict=True):
            if pane.item != item:
                pane.show_photo(item, 0, self._thumbnail(item))
        self._describe()

    def read_ahead(self, items: Sequence[int]) -> None:
        """Items that are likely to be asked for next."""
        side = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        for place, item in enumerate(items):
            self._photos.load(item, 0, side, lambda _photo, _problem: None, f"loupe-ahead-{place}")

    def _make_panes(self, count: int) -> None:
        for pane in self.panes:
            self._grid.removeWidget(pane)
            pane.hide()
            pane.deleteLater()
        self.zoom.reset()
        self.panes = [PhotoPane(place, self.zoom, self._photos, self) for place in range(count)]
        columns = count if count <= 3 else 2
        for place, pane in enumerate(self.panes):
            self._grid.addWidget(pane, place // columns, place % columns)
            pane.pressed.connect(lambda place=place: self.choose(place))
            pane.closed.connect(self.closed)
            pane.show()
        self._here = 0

    @property
    def items(self) -> list[int]:
        """What is on screen."""
        return [pane.item for pane in self.panes]

    @property
    def current(self) -> PhotoPane:
        """The pane that keys act on."""
        return self.panes[self._here]

    def choose(self, place: int) -> None:
        """Let keys act on another pane."""
        if place != self._here and 0 <= place < len(self.panes):
            self._here = place
            self._describe()
            self.chosen.emit(self.current.item)

    def show_signs(self, signs: dict[int, int]) -> None:
        """Which items are examples."""
        self._signs = signs
        if self.panes:
            self._show_sign()

    def _describe(self) -> None:
        """Say which item and which of its photos is shown; what is not known yet is asked for."""
        for place, pane in enumerate(self.panes):
            pane.set_chosen(len(self.panes) > 1 and place == self._here)
            if pane.item not in self._ids:
                self._photos.details(pane.item, self._learn)
            pane.set_caption(self._ids.get(pane.item, "") if len(self.panes) > 1 else "")
        item = self.current.item
        self.title.setText(self._ids.get(item, "") if len(self.panes) == 1 else self.tr("Side by side"))
        self._show_strip()
        self._show_sign()
        self._show_zoom()
        name = self._ids.get(item, "")
        self.setAccessibleName(", ".join(part for part in (name, self.place.text()) if part))

    def _learn(self, details: ItemDetails) -> None:
        self._ids[details.number] = details.id
        self._photo_counts[details.number] = len(details.images)
        if details.number in self.items:
            self._describe()

    def forget(self) -> None:
        """Another catalog: what is known of items is of no use any more."""
        self._ids.clear()
        self._photo_counts.clear()

    def _show_sign(self) -> None:
        tokens, sign = style.colors(self.palette()), self._signs.get(self.current.item, 0)
        for button, kind, symbol in ((self.more, 1, "plus"), (self.less, -1, "minus")):
            colour = tokens.positive if kind > 0 else tokens.negative
            button.setIcon(icon(symbol, colour))
            button.setDown(sign == kind)

    def _show_zoom(self) -> None:
        if self.panes:
            share = self.zoom.factor / max(self.current.true_size, 1e-6)
            fits = self.zoom.factor <= 1
            percent = texts.number(round(100 * share))
            self.scale.setText(self.tr("fit") if fits else self.tr("{0} %").format(percent))

    # --- an item's photos -----------------------------------------------------------------------------------

    def _show_strip(self) -> None:
        """The photos of the item, where it has several: below the large one, to click."""
        item = self.current.item
        count = min(self._photo_counts.get(item, 1), _STRIP_MOST) if len(self.panes) == 1 else 1
        wanted = count if count > 1 else 0
        if not self.strip or self.strip[0].property("item") != item or len(self.strip) != wanted:
            self._fill_strip(item, wanted)
        for position, thumb in enumerate(self.strip):
            thumb.setEnabled(position != self.current.position)
            thumb.setAccessibleName(self.tr("Photo {0} of {1}").format(position + 1, wanted))

    def _fill_strip(self, item: int, count: int) -> None:
        while self._strip_row.count():
            entry = self._strip_row.takeAt(0)
            widget = entry.widget() if entry is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.strip = []
        if not count:
            return
        self._strip_row.addStretch(1)
        for position in range(count):
            thumb = Thumb(Example(item=item), 0, _STRIP_SIDE, self, badge=False)
            thumb.setProperty("item", item)
            thumb.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            thumb.setToolTip(self.tr("Photo {0} of {1} (Up, Down)").format(position + 1, count))
            thumb.clicked.connect(lambda _checked=False, position=position: self.show_position(position))
            self._strip_row.addWidget(thumb)
            self.strip.append(thumb)
            self._load_thumb(thumb, item, position)
        self._strip_row.addStretch(1)

    def _load_thumb(self, thumb: Thumb, item: int, position: int) -> None:
        def take(photo, _problem: str) -> None:
            if thumb in self.strip:
                thumb.set_broken() if photo is None else thumb.set_image(photo.image)

        side = round(_STRIP_SIDE * 2 * self.devicePixelRatioF())
        self._photos.load(item, position, side, take, f"loupe-strip-{position}")

    def show_position(self, position: int) -> None:
        """Show another photo of the item."""
        if 0 <= position < self._photo_counts.get(self.current.item, 1):
            self.current.show_photo(self.current.item, position, None)
            self._describe()

    # --- keys -----------------------------------------------------------------------------------------------

    def zoom_by(self, ratio: float) -> None:
        """Zoom in or out around the middle."""
        self.zoom.by(ratio, None, self.current.photo_rect)

    def toggle_true_size(self) -> None:
        """Fit, or one pixel of the photo for one of the screen (twice the fit where that is smaller)."""
        if self.zoom.factor > 1:
            self.zoom.reset()
        else:
            true = self.current.true_size
            self.zoom.to(true if true > 1.05 else 2.0, None, self.current.photo_rect)

    def _sign(self, sign: int) -> None:
        self.sign_wanted.emit(self.current.item, sign)

    def _step(self, step: int) -> None:
        if len(self.panes) > 1:
            self.choose((self._here + step) % len(self.panes))
        else:
            self.turned.emit(step)

    def _act(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does here; None for keys that are the window's."""
        key, modifiers = _Key(event.key()), event.modifiers() & ~_Modifier.KeypadModifier
        if modifiers == _Modifier.ControlModifier:
            return {
                _Key.Key_Plus: lambda: self.zoom_by(STEP),
                _Key.Key_Equal: lambda: self.zoom_by(STEP),
                _Key.Key_Minus: lambda: self.zoom_by(1 / STEP),
                _Key.Key_0: self.zoom.reset,
            }.get(key)
        pans = {
            _Key.Key_Left: QPointF(_PAN, 0),
            _Key.Key_Right: QPointF(-_PAN, 0),
            _Key.Key_Up: QPointF(0, _PAN),
            _Key.Key_Down: QPointF(0, -_PAN),
        }
        if modifiers == _Modifier.ShiftModifier and key in pans:
            return lambda: self.zoom.pan(pans[key], self.current.photo_rect)
        if key == _Key.Key_Plus:  # Shift is how some keyboards come to it
            return lambda: self._sign(1)
        return self._plain(key) if modifiers == _Modifier.NoModifier else None

    def _plain(self, key: Qt.Key) -> Callable[[], object] | None:
        ahead = -1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
        return {
            _Key.Key_Left: lambda: self._step(-ahead),
            _Key.Key_Right: lambda: self._step(ahead),
            _Key.Key_Tab: lambda: self._step(1),
            _Key.Key_PageUp: lambda: self._step(-1),
            _Key.Key_PageDown: lambda: self._step(1),
            _Key.Key_Home: lambda: self.jumped.emit(-1),
            _Key.Key_End: lambda: self.jumped.emit(1),
            _Key.Key_Up: lambda: self.show_position(self.current.position - 1),
            _Key.Key_Down: lambda: self.show_position(self.current.position + 1),
            _Key.Key_Z: self.toggle_true_size,
            _Key.Key_Space: self.toggle_true_size,
            _Key.Key_Equal: lambda: self._sign(1),
            _Key.Key_Minus: lambda: self._sign(-1),
            _Key.Key_Escape: self.closed.emit,
            _Key.Key_Return: self.closed.emit,
            _Key.Key_Enter: self.closed.emit,
        }.get(key)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._act(event) is not None
        ):
            event.accept()  # else the window's shortcuts would take these keys
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return False  # what is below is covered

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._act(event)
        if act is None:
            event.ignore()
        elif self.panes:
            act()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_zoom()
