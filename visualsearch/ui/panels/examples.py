"""The tray: positive and negative examples, style ↔ colour, and how close the results must be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.filters.query import LEAST_WEIGHT, MOST_WEIGHT, Example, Query, Results
from visualsearch.ui import style
from visualsearch.ui.gallery.model import items_of
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.sliders import STEPS, AutoSlider, Setting
from visualsearch.ui.panels.thumbs import BAR, Thumb, ThumbScroll
from visualsearch.ui.photos import Photos, can_be_example, local_files

_SIDE = 60
_DIFFER = 0.2  # from where on it is said that the colours of the examples differ


class ExampleZone(QWidget):
    """The examples of one sign; a place to drop more."""

    items_dropped = Signal(list, int)
    files_dropped = Signal(list, int)
    picture_dropped = Signal(QImage, int)
    removed = Signal(object)
    shown = Signal(object)
    placed = Signal(object, int, int)
    """An example, the sign and the place that it is to have."""
    weighed = Signal(object, float)
    """How much an example is to count; 0 mutes it."""
    region_wanted = Signal(object)
    """Example: only a part of its photo is to count."""
    file_wanted = Signal(int)

    def __init__(self, sign: int, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign = sign
        self._photos = photos
        self._thumbs: dict[Example, Thumb] = {}
        self._hot = False
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_SIDE + BAR + 4)
        name = self.tr("More like these") if sign > 0 else self.tr("Less like these")
        self.setAccessibleName(name)
        self.add_button = QToolButton(self)
        self.add_button.setAutoRaise(True)
        self.add_button.setFixedSize(32, _SIDE)
        self.add_button.setAccessibleName(self.tr("{0}: picture file…").format(name))
        self.add_button.setToolTip(self.tr("{0}: add a picture file…").format(name))
        self.add_button.clicked.connect(lambda: self.file_wanted.emit(self.sign))
        self._hint = QLabel(self)
        self._hint.setWordWrap(True)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._row = QHBoxLayout()
        self._row.setSpacing(5)
        self._row.addStretch(1)
        holder = QWidget()
        holder.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._scroll = ThumbScroll(holder, _SIDE, self)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(4, 2, 6, 2)
        self._line.setSpacing(4)
        self._line.addWidget(self.add_button)
        self._line.addWidget(self._hint, 1)
        self._line.addWidget(self._scroll, 1)
        self.setToolTip(self._hint_text())
        self.take_colours()
        self.show_examples(())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_hint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_hint()

    def _fit_hint(self) -> None:
        """Say all of the hint only where it has room: a line that is cut in two says nothing."""
        margins, text = self._line.contentsMargins(), self._hint_text()
        beside = self.add_button.width() + self._line.spacing() + margins.left() + margins.right()
        wide = self.width() - beside
        needed = self.fontMetrics().boundingRect(0, 0, wide, 0, Qt.TextFlag.TextWordWrap, text)
        fits = needed.height() <= self.height() - margins.top() - margins.bottom() and needed.width() <= wide
        self._hint.setText(text if fits else self.accessibleName())

    def _hint_text(self) -> str:
        if self.sign > 0:
            return self.tr("More like these: click + on photos, drop or paste pictures")
        return self.tr("Less like these: click − on photos")

    def take_colours(self) -> None:
        """Draw the sign and the frame in the theme's colours."""
        tokens = style.colors(self.palette())
        colour = tokens.positive if self.sign > 0 else tokens.negative
        self.add_button.setIcon(icon("plus" if self.sign > 0 else "minus", colour))
        self._scroll.take_colours()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = style.colors(self.palette())
        colour = tokens.positive if self.sign > 0 else tokens.negative
        pen = QPen(colour if self._hot or self._thumbs else tokens.border, 2 if self._hot else 1)
        pen.setStyle(Qt.PenStyle.SolidLine if self._hot else Qt.PenStyle.DashLine)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), style.RADIUS, style.RADIUS)

    def thumbs(self) -> list[Thumb]:
        """The thumbnails, first example first."""
        return list(self._thumbs.values())

    def show_examples(
        self, examples: tuple[Example, ...], weights: Mapping[Example, float] = MappingProxyType({})
    ) -> None:
        """Show these and no others; what is there already stays as it is. ``weights``: how much each counts, where that
        is not once."""
        fresh = set(examples) - self._thumbs.keys()
        if tuple(self._thumbs) != examples:
            for example in [other for other in self._thumbs if other not in examples]:
                thumb = self._thumbs.pop(example)
                self._row.removeWidget(thumb)
                thumb.hide()
                thumb.deleteLater()
            self._thumbs = {example: self._thumbs.get(example) or self._made(example) for example in examples}
            for place, thumb in enumerate(self._thumbs.values()):
                self._row.insertWidget(place, thumb)
            self.take_colours()
            if fresh:
                QTimer.singleShot(0, self._show_newest)
        for example, thumb in self._thumbs.items():
            thumb.set_weight(weights.get(example, 1.0))
            thumb.setAccessibleName(self._name(thumb))
        self._hint.setVisible(not examples)
        self._scroll.setVisible(bool(examples))
        missing = [example for example, thumb in self._thumbs.items() if not thumb.has_image]
        if missing:
            self._photos.thumbnails(missing, lambda images: self._take(missing, images))

    def mark_refused(self, refused: Collection[Example]) -> None:
        """Mark the examples among these, and no others, as not learnt from."""
        for example, thumb in self._thumbs.items():
            thumb.set_refused(example in refused)
            thumb.setAccessibleName(self._name(thumb))

    def _show_newest(self) -> None:
        """Once the row has been laid out."""
        bar = self._scroll.horizontalScrollBar()
        bar.setValue(bar.maximum())

    def _made(self, example: Example) -> Thumb:
        thumb = Thumb(example, self.sign, _SIDE)
        tip = Path(example.file).name if example.file else ""
        thumb.setToolTip(
            self.tr(
                "{0}Delete or × removes it, M mutes it for a moment; drag it to another place or side\n"
                "Ctrl+Up, or the wheel with Ctrl: it counts more; Ctrl+Down: less"
            ).format(tip and tip + "\n")
        )
        thumb.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        thumb.customContextMenuRequested.connect(lambda at: self.menu(thumb).popup(thumb.mapToGlobal(at)))
        thumb.badge_clicked.connect(lambda: self.removed.emit(example))
        thumb.clicked.connect(lambda: self.shown.emit(example))
        thumb.mute_pressed.connect(lambda: self._mute(thumb))
        thumb.move_pressed.connect(lambda step: self._move(thumb, step))
        thumb.weight_pressed.connect(lambda step: self._weigh(thumb, step))
        return thumb

    def _name(self, thumb: Thumb) -> str:
        """For screen readers."""
        example = thumb.example
        name = Path(example.file).name if example.file else self.tr("example {0}").format(example.item)
        if thumb.is_muted:
            return self.tr("{0}, muted").format(name)
        if thumb.is_refused:
            return self.tr("{0}, not learnt from").format(name)
        return (
            name if thumb.weight == 1 else self.tr("{0}, counts {1} times").format(name, f"{thumb.weight:g}")
        )

    def _mute(self, thumb: Thumb) -> None:
        """Let an example not count for the moment, or again, as much as before."""
        self.weighed.emit(thumb.example, thumb.weight if thumb.is_muted else 0.0)

    def _weigh(self, thumb: Thumb, step: int) -> None:
        """Let an example count twice as much, or half."""
        if not thumb.is_muted:
            weight = min(MOST_WEIGHT, max(LEAST_WEIGHT, thumb.weight * 2.0**step))
            self.weighed.emit(thumb.example, weight)

    def _take(self, asked: list[Example], images: dict[Example, QImage]) -> None:
        for example in asked:
            if example in self._thumbs and example in images:
                self._thumbs[example].set_image(images[example])
            elif example in self._thumbs:
                self._thumbs[example].set_broken()

    def _place_at(self, point: QPoint, moved: Thumb) -> int:
        """The place among the other examples that a point of the zone means."""
        others = [thumb for thumb in self._thumbs.values() if thumb is not moved]
        middles = [thumb.mapTo(self, thumb.rect().center()).x() for thumb in others]
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return sum((point.x() < middle) == mirrored for middle in middles)

    def _move(self, thumb: Thumb, step: int) -> None:
        thumbs = self.thumbs()
        place = max(0, min(thumbs.index(thumb) + step, len(thumbs) - 1))
        self.placed.emit(thumb.example, self.sign, place)

    def menu(self, thumb: Thumb) -> QMenu:
        """What can be done with an example."""
        menu = style.Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        example = thumb.example
        text = self.tr("Let it count again (M)") if thumb.is_muted else self.tr("Mute for a moment (M)")
        menu.addAction(text, lambda: self._mute(thumb))
        other = self.tr("Less like this") if self.sign > 0 else self.tr("More like this")
        menu.addAction(other, lambda: self.placed.emit(example, -self.sign, 1 << 20))
        menu.addAction(self.tr("Only a region of it…"), lambda: self.region_wanted.emit(example))
        menu.addSeparator()
        for text, step in ((self.tr("Count more (Ctrl+Up)"), 1), (self.tr("Count less (Ctrl+Down)"), -1)):
            action = menu.addAction(text, lambda step=step: self._weigh(thumb, step))
            end = MOST_WEIGHT if step > 0 else LEAST_WEIGHT
            action.setEnabled(not thumb.is_muted and thumb.weight != end)
        menu.addSeparator()
        menu.addAction(self.tr("Move left (Ctrl+Left)"), lambda: self._move(thumb, -1))
        menu.addAction(self.tr("Move right (Ctrl+Right)"), lambda: self._move(thumb, 1))
        menu.addSeparator()
        menu.addAction(self.tr("Remove (Delete)"), lambda: self.removed.emit(example))
        return menu

    def dragEnterEvent(self, event) -> None:
        if can_be_example(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._heat(True)

    def dragLeaveEvent(self, event) -> None:
        self._heat(False)

    def dropEvent(self, event) -> None:
        self._heat(False)
        mime, source = event.mimeData(), event.source()
        if isinstance(source, Thumb) and source.sign:
            self.placed.emit(source.example, self.sign, self._place_at(event.position().toPoint(), source))
        elif items := items_of(mime):
            self.items_dropped.emit(items, self.sign)
        elif files := local_files(mime):
            self.files_dropped.emit(files, self.sign)
        elif mime.hasImage():
            self.picture_dropped.emit(QImage(mime.imageData()), self.sign)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _heat(self, hot: bool) -> None:
        self._hot = hot
        self.take_colours()


class ExampleTray(QWidget):
    """Both zones and the sliders."""

    blocks_changed = Signal(object)
    narrow_changed = Signal(object)
    slider_released = Signal()

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exampleTray")
        fixed, wide = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred
        self.setSizePolicy(wide, fixed)  # what is below the examples comes and goes: so does its height
        self.positive = ExampleZone(1, photos, self)
        self.negative = ExampleZone(-1, photos, self)
        self.blocks = AutoSlider(
            self.tr("style"),
            self.tr("colour"),
            self.tr("Style or colour"),
            self.tr("What counts: shape and pattern (left) or colour (right)"),
            self,
        )
        self.narrow = AutoSlider(
            self.tr("loose"),
            self.tr("close"),
            self.tr("How close to the examples"),
            self.tr(
                "How close to the examples a photo must be to stay: all of them (left), only the nearest (right)"
            ),
            self,
        )
        self.count = QLabel(self)
        self.count.setFont(style.font("number"))
        self.count.setMinimumWidth(self.fontMetrics().horizontalAdvance("100,000 left"))
        self.count.setToolTip(
            self.tr("Photos that remain besides the examples; a saved filter has these in it, too")
        )
        self.refused = QLabel(self)
        self.refused.setFont(style.font("caption"))
        self.refused.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.refused.setSizePolicy(QSizePolicy.Policy.Ignored, fixed)  # the tray is not wider for it
        self.refused.setFixedHeight(self.refused.fontMetrics().height())  # the sliders stay where they are
        self._line_up()
        sliders = QGridLayout()
        sliders.setSpacing(4)
        sliders.addWidget(self.blocks, 0, 0)
        sliders.addWidget(self.narrow, 1, 0)
        sliders.addWidget(self.count, 1, 1)
        sliders.addWidget(self.refused, 2, 0, 1, 2)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.positive, 3)
        line.addWidget(self.negative, 2)
        line.addLayout(sliders, 2)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(8, 6, 8, 6)
        self._lines.setSpacing(6)
        self._lines.addLayout(line)
        self.below: list[QWidget] = []
        """What features have put below the examples."""
        self.blocks.changed.connect(self.blocks_changed)
        self.narrow.changed.connect(self.narrow_changed)
        self.blocks.released.connect(self.slider_released)
        self.narrow.released.connect(self.slider_released)
        self.show_query(Query())

    def _line_up(self) -> None:
        pairs = (self.blocks.label_widths(), self.narrow.label_widths())
        low, high = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
        for slider in (self.blocks, self.narrow):
            slider.set_label_widths(low, high)

    def add_below(self, strip: QWidget) -> None:
        """Put something below the examples, as wide as the tray."""
        self.below.append(strip)
        self._lines.addWidget(strip)

    def zones(self) -> tuple[ExampleZone, ExampleZone]:
        return self.positive, self.negative

    def show_query(self, query: Query) -> None:
        visual = query.visual
        for zone, examples in ((self.positive, visual.positives), (self.negative, visual.negatives)):
            zone.show_examples(examples, dict(visual.weights))
        self.blocks.setEnabled(bool(query.visual))
        self.narrow.setEnabled(bool(query.visual))
        for slider, setting in zip(self._sliders(), self._settings(query), strict=True):
            if setting != "auto" or not query.visual:
                slider.show_setting(setting, None)
            elif not slider.auto.isChecked():
                slider.show_setting("auto", slider.slider.value() / STEPS)

    def _sliders(self) -> tuple[AutoSlider, AutoSlider]:
        return self.blocks, self.narrow

    @staticmethod
    def _settings(query: Query) -> tuple[Setting, Setting]:
        return query.visual.blocks, query.visual.narrow

    def show_no_results(self) -> None:
        """The query has no answer."""
        self.count.clear()
        self._show_refused(())

    def show_results(self, query: Query, results: Results, count: str) -> None:
        """Show what the program chose, and how many are left."""
        self.count.setText(self.tr("{0} left").format(count) if query.visual else "")
        self._show_refused(results.refused)
        if query.visual:
            differ = results.colours_differ > _DIFFER
            why = (
                self.tr("Colour counts less: the examples are tagged with different colours")
                if differ
                else ""
            )
            self.blocks.show_setting(query.visual.blocks, results.colour_share, why)
            self.narrow.show_setting(query.visual.narrow, results.strictness)

    def _show_refused(self, refused: tuple[Example, ...]) -> None:
        """Say which of the examples the filter does not learn from; always a whole round of them."""
        text = self.tr("{0} examples not learnt from (dashed)").format(len(refused))
        why = self.tr(
            "Left out in turn, they are told apart no better by a filter that learns from the others of them.\n"
            "They are looked at again with your next answers. One that counts more (Ctrl+Up) counts in any case."
        )
        self.refused.setText(text if refused else "")
        self.refused.setToolTip(why if refused else "")
        for zone in self.zones():
            zone.mark_refused(refused)
