"""The bar at the top: catalog, back and forward, text, look ↔ words, order, zoom."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from visualsearch.filters.query import Query, Sort
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.sliders import STEPS, ClickSlider

_TYPING_MS = 120  # shorter than a pause between words, longer than between keys


class WeightSlider(QWidget):
    """Look ↔ words: whose score orders the results. Shown only when both are there."""

    changed = Signal(float)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = ClickSlider(self)
        self.slider.setFixedWidth(90)
        self.slider.setAccessibleName(self.tr("Order by look or by words"))
        self.slider.setToolTip(self.tr("What orders the results: the look (left) or the words (right)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.setSpacing(4)
        layout.addWidget(QLabel(self.tr("look"), self))
        layout.addWidget(self.slider)
        layout.addWidget(QLabel(self.tr("words"), self))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.slider.valueChanged.connect(lambda value: self.changed.emit(value / STEPS))
        self.slider.sliderReleased.connect(self.released)

    def show_weight(self, weight: float) -> None:
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(weight * STEPS))


class _SearchLine(QLineEdit):
    """Down leads to what was found, as in a list that drops from the line."""

    went_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.went_down.emit()
        else:
            super().keyPressEvent(event)


class SearchBar(QToolBar):
    """Wires nothing itself: it tells what the person wants."""

    text_changed = Signal(str)
    results_wanted = Signal()
    """Enter or Down in the line: on to the first of the results."""
    text_finished = Signal()
    weight_changed = Signal(float)
    sort_changed = Signal(object)
    zoomed = Signal(int)

    def __init__(self, back: QAction, forward: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchBar")
        self.setWindowTitle(self.tr("Search bar"))
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.toggleViewAction().setVisible(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.catalog = QToolButton(self)
        self.catalog.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.catalog.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.catalog.setIconSize(QSize(18, 18))
        self.catalog.setMaximumWidth(220)
        self.catalog.setAccessibleName(self.tr("Catalog"))
        self._is_showing = False
        self.text = _SearchLine(self)
        self.text.setPlaceholderText(self.tr("Search words in ids and attributes"))
        self.text.setAccessibleName(self.tr("Search text"))
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(160)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lens = self.text.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.weight = WeightSlider(self)
        self.sort = QComboBox(self)
        self.sort.setAccessibleName(self.tr("Order by"))
        self.sort.setToolTip(self.tr("Order by (Ctrl+Shift+O)"))
        self.sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sort.setMinimumContentsLength(12)
        self.direction = QToolButton(self)
        self.direction.setCheckable(True)
        self.direction.setAutoRaise(True)
        self.zoom = ClickSlider(self)
        self.zoom.setFixedWidth(110)
        self.zoom.setAccessibleName(self.tr("Size of the photos"))
        self.zoom.setToolTip(self.tr("Size of the photos (Ctrl + and −, or Ctrl and the wheel)"))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._fill(back, forward)
        self._connect()
        self.set_attributes([])
        self.take_colours()

    def _fill(self, back: QAction, forward: QAction) -> None:
        self.addWidget(self.catalog)
        self._back = back
        self.addActions([back, forward])
        found = [back, forward, self.addWidget(self.text)]
        self._weight_action = self.addWidget(self.weight)
        found += [self.addSeparator(), self.addWidget(self.sort), self.addWidget(self.direction)]
        found += [self.addSeparator(), self.addWidget(self.zoom)]
        self._searching = found
        self._has_weight = False

    def add_control(self, control: QWidget) -> None:
        """Put something more that belongs to searching before the zoom."""
        before = self._searching[-2]  # the separator
        self._searching.insert(-2, self.insertWidget(before, control))

    def add_switch(self, switch: QWidget) -> None:
        """Put the modes' switch after the catalog."""
        self.insertWidget(self._back, switch)

    def show_searching(self, wanted: bool) -> None:
        """Show or hide what belongs to searching: some modes have no use for it."""
        for action in self._searching:
            action.setVisible(wanted)
        self._weight_action.setVisible(wanted and self._has_weight)

    def _connect(self) -> None:
        self.text.textEdited.connect(lambda: self._typing.start())
        self.text.textChanged.connect(self._cleared)
        for signal in (self.text.returnPressed, self.text.went_down):
            signal.connect(self.flush)
            signal.connect(self.results_wanted)
        self.text.editingFinished.connect(self._finish)
        self._typing.timeout.connect(lambda: self.text_changed.emit(self.text.text()))
        self.weight.changed.connect(self.weight_changed)
        self.weight.released.connect(self.text_finished)
        self.sort.activated.connect(self._sorted)
        self.direction.clicked.connect(self._sorted)
        self.zoom.valueChanged.connect(self.zoomed)

    def take_colours(self) -> None:
        self._lens.setIcon(icon("search"))
        self.catalog.setIcon(icon("folder"))
        self._show_direction()

    def flush(self) -> None:
        """Search now, without waiting for the next key."""
        if self._typing.isActive():
            self._typing.stop()
            self.text_changed.emit(self.text.text())

    def _finish(self) -> None:
        self.flush()
        self.text_finished.emit()

    def _cleared(self, text: str) -> None:
        if not text and not self._typing.isActive() and not self._is_showing and self.text.hasFocus():
            self.text_changed.emit("")  # the clear button, which is not an edit for Qt

    def _sorted(self) -> None:
        self._show_direction()
        self.sort_changed.emit(Sort(self.sort.currentData(), self.direction.isChecked()))

    def reverse(self) -> None:
        self.direction.click()

    def _show_direction(self) -> None:
        down = self.direction.isChecked()
        self.direction.setIcon(icon("descending" if down else "ascending"))
        text = self.tr("Reversed order") if down else self.tr("Usual order")
        self.direction.setToolTip(self.tr("{0}; click to turn it round (Ctrl+Shift+R)").format(text))
        self.direction.setAccessibleName(text)

    def set_attributes(self, attributes: list[tuple[str, str]]) -> None:
        """Offer the attributes (name, type) to order by."""
        current = self.sort.currentData()
        self.sort.clear()
        self.sort.addItem(self.tr("Relevance"), "relevance")
        self.sort.addItem(self.tr("Id"), "id")
        for name, _ in attributes:
            self.sort.addItem(name, name)
        self.sort.setCurrentIndex(max(0, self.sort.findData(current)))

    def show_query(self, query: Query) -> None:
        """Show what the query says, without disturbing the typing."""
        if not self._typing.isActive() and self.text.text().strip() != query.text:
            self._is_showing = True  # not blocking its signals: the clear button listens to them
            self.text.setText(query.text)
            self._is_showing = False
        self._has_weight = bool(query.text and query.visual)
        self._weight_action.setVisible(self._has_weight and self.text.isVisibleTo(self))
        self.weight.show_weight(query.text_weight)
        self.sort.setCurrentIndex(max(0, self.sort.findData(query.sort.by)))
        self.direction.setChecked(query.sort.descending)
        self._show_direction()
