"""The attributes with their values and counts, to tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from visualsearch.filters.query import Query
from visualsearch.ui import edits, style, texts
from visualsearch.ui.panels.buttons import FoldButton, LinkButton
from visualsearch.ui.panels.column_area import ColumnArea
from visualsearch.ui.panels.facet_values import FEW, VALUE, FacetModel, ValueList
from visualsearch.ui.panels.section_mover import SectionMover

if TYPE_CHECKING:
    from visualsearch.catalog.browsing import Histogram
    from visualsearch.ui.panels.ranges import Range, RangeRow

_FILTER_FROM = 13  # values from which on typing is quicker than looking


class FacetSection(QWidget):
    """One attribute: a header that folds it, a filter when there are many values, the values, "show more"."""

    toggled = Signal(str, str, bool)
    """Attribute, value, ticked."""
    left_out = Signal(str, str, bool)
    """Attribute, value, left out or no longer."""
    only_wanted = Signal(str, str)
    """Attribute, the value to tick alone."""
    folded = Signal(str, bool)
    range_wanted = Signal(str, object, object)
    """Attribute, lowest and highest value, None where open."""
    range_settled = Signal()

    def __init__(self, attribute: str, numeric: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.model = FacetModel(attribute, numeric, self)
        self._asked: Range = (None, None)
        self.header = FoldButton(attribute, self)
        self.filter = QLineEdit(self)
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(self.tr("Find in {0}…").format(attribute))
        self.filter.setAccessibleName(self.tr("Find in {0}").format(attribute))
        self.values = ValueList(self.model, self)
        self.values.setAccessibleName(attribute)
        self.more = LinkButton(parent=self)
        self.range: RangeRow | None = None
        """Made when the first histogram comes."""
        self._filter_row = self._indented(self.filter)
        self._more_row = self._indented(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(2)
        layout.addWidget(self.header)
        layout.addWidget(self._filter_row)
        layout.addWidget(self.values)
        layout.addWidget(self._more_row)
        self.header.toggled.connect(self._fold)
        self.filter.textChanged.connect(self.model.set_filter)
        self.more.clicked.connect(lambda: self.model.set_expanded(not self.model.expanded))
        self.values.toggled.connect(lambda value, on: self.toggled.emit(attribute, value, on))
        self.values.left_out.connect(lambda value, on: self.left_out.emit(attribute, value, on))
        self.values.only_wanted.connect(lambda value: self.only_wanted.emit(attribute, value))
        self.model.changed.connect(self.refresh)
        self.refresh()

    def _indented(self, widget: QWidget) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(20, 0, 6, 0)
        row.addWidget(widget)
        if widget is self.more:
            row.addStretch(1)
        return holder

    @property
    def is_open(self) -> bool:
        return self.header.isChecked()

    def set_open(self, opened: bool) -> None:
        self.header.setChecked(opened)

    def enter(self) -> None:
        """Take the keyboard."""
        for part in (self.filter, self.values, self.header):
            if part.isVisible():
                part.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def show_histogram(self, histogram: Histogram) -> None:
        """Offer a range of the number."""
        if self.range is None:
            from visualsearch.ui.panels.ranges import RangeRow

            self.range = RangeRow(self.attribute, self)
            self.layout().insertWidget(1, self.range)  # type: ignore[union-attr]
            self.range.changed.connect(lambda low, high: self.range_wanted.emit(self.attribute, low, high))
            self.range.released.connect(self.range_settled)
            self.range.missing_wanted.connect(lambda on: self.toggled.emit(self.attribute, "", on))
        self.range.show_histogram(histogram)
        self.refresh()

    def show_query(self, ticked: tuple[str, ...], left_out: tuple[str, ...], asked: Range) -> None:
        """Show what the query says of this attribute."""
        self._asked = asked
        self.model.set_picked(ticked, left_out)
        if self.range is not None:
            self.range.show_query(asked, "" in ticked)

    @property
    def has_something(self) -> bool:
        """Whether there is anything to pick from."""
        return self.model.rowCount() > 0 or bool(self.filter.text()) or self.range is not None

    def _fold(self, opened: bool) -> None:
        self.refresh()
        self.folded.emit(self.attribute, opened)

    def refresh(self) -> None:
        """Show what the model holds."""
        opened, model = self.is_open, self.model
        picked = len(model.ticked) + len(model.left_out) + (self._asked != (None, None))
        if self.range is not None:
            self.range.setVisible(opened)
        self.header.set_note(texts.number(picked) if picked else "")
        many = model.live_count >= _FILTER_FROM or bool(self.filter.text()) or self.filter.hasFocus()
        self._filter_row.setVisible(opened and many)
        self.values.setVisible(opened and model.rowCount() > 0)
        self.values.fit()
        hidden = model.hidden_count
        if model.expanded:
            self.more.setText(self.tr("Show fewer"))
        else:
            self.more.setText(self.tr("Show {0} more").format(texts.number(hidden)))
        self.more.updateGeometry()
        wanted = hidden > 0 or (model.expanded and model.value_count > FEW)
        self._more_row.setVisible(opened and wanted)


class FacetPanel(QWidget):
    """All attributes of the catalog. While the mouse is over it nothing moves; counts change in place."""

    toggled = Signal(str, str, bool)
    left_out = Signal(str, str, bool)
    only_wanted = Signal(str, str)
    range_wanted = Signal(str, object, object)
    range_settled = Signal()
    hovered = Signal(str, str)
    """Attribute and value under the mouse or with the keyboard's focus; "" and "": none any more."""
    ordered = Signal()
    """The person has put the attributes in another order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("facetPanel")
        self._sections: dict[str, FacetSection] = {}
        self._folded: set[str] = set()
        self._order: list[str] = []  # as the person has put them; others follow in the catalog's order
        self._mover = SectionMover(self)
        self._mouse_inside = False
        self._title = QLabel(self.tr("Attributes"), self)
        self._title.setFont(style.font("caption"))
        self._title.setContentsMargins(style.Space.S, 0, 0, 0)
        self._title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint = QLabel(self.tr("The attributes of your table appear here, with counts to tick."), self)
        self._hint.setWordWrap(True)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint.setContentsMargins(8, 4, 8, 4)
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(2, 0, 2, 8)
        self._layout.setSpacing(4)
        self._layout.addStretch(1)
        self.scroll_area = ColumnArea(body, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._hint)
        layout.addWidget(self.scroll_area, 1)

    def sections(self) -> dict[str, FacetSection]:
        """The sections by attribute, in the catalog's order."""
        return dict(self._sections)

    def set_attributes(self, attributes: list[tuple[str, str]]) -> None:
        """Offer the attributes (name, type) of a catalog; what is there already keeps its state."""
        names = [name for name, kind in attributes if kind != "text"]
        numeric = {name for name, kind in attributes if kind == "number"}
        for name in [other for other in self._sections if other not in names]:
            self._sections.pop(name).deleteLater()
        for name in names:
            if name not in self._sections:
                self._made(name, name in numeric)
        self._sections = {name: self._sections[name] for name in names}
        self._arrange()
        self._hint.setVisible(not names)

    def _made(self, name: str, numeric: bool) -> FacetSection:
        section = self._sections[name] = FacetSection(name, numeric, self)
        section.hide()  # until there are counts
        section.set_open(name not in self._folded)
        section.toggled.connect(self.toggled)
        section.left_out.connect(self.left_out)
        section.only_wanted.connect(self.only_wanted)
        section.range_wanted.connect(self.range_wanted)
        section.range_settled.connect(self.range_settled)
        section.values.entered.connect(lambda index: self.hovered.emit(name, index.data(VALUE)))
        section.values.selectionModel().currentChanged.connect(
            lambda index: self.hovered.emit(name, index.data(VALUE)) if index.isValid() else None
        )
        for signal in (section.values.viewportEntered, section.values.unfocused):
            signal.connect(lambda: self.hovered.emit("", ""))
        section.header.installEventFilter(self._mover)
        section.folded.connect(self._remember_fold)
        return section

    def _remember_fold(self, attribute: str, opened: bool) -> None:
        (self._folded.discard if opened else self._folded.add)(attribute)

    def _arrange(self) -> None:
        """Put the sections in the person's order; those that it does not know come last, as the catalog has them."""
        place = {name: at for at, name in enumerate(self._order)}
        ordered = sorted(self._sections, key=lambda name: place.get(name, len(place)))
        self._sections = {name: self._sections[name] for name in ordered}
        for at, section in enumerate(self._sections.values()):
            if self._layout.indexOf(section) != at:
                self._layout.insertWidget(at, section)

    def order(self) -> list[str]:
        """The attributes in the order in which the person has put them; empty while nobody has."""
        return list(self._order)

    def set_order(self, names: list[str]) -> None:
        """Put attributes in this order."""
        self._order = list(names)
        self._arrange()

    def move_section(self, attribute: str, place: int) -> None:
        """Put an attribute at another place among those on screen."""
        shown = [
            name for name, section in self._sections.items() if section.isVisible() and name != attribute
        ]
        place = max(0, min(place, len(shown)))
        rest = [name for name in self._sections if name != attribute]
        at = rest.index(shown[place]) if place < len(shown) else len(rest)
        wanted = [*rest[:at], attribute, *rest[at:]]
        if wanted != list(self._sections):
            self.set_order(wanted)
            self.ordered.emit()

    def folded(self) -> list[str]:
        """The attributes that the person has folded."""
        return sorted(self._folded)

    def set_folded(self, attributes: list[str]) -> None:
        self._folded = set(attributes)
        for name, section in self._sections.items():
            section.set_open(name not in self._folded)

    def show_query(self, query: Query) -> None:
        """Show the ticks at once, before the counts are there."""
        choices, left_out, ranges = dict(query.choices), edits.left_out(query), edits.ranges(query)
        for attribute, section in self._sections.items():
            asked = ranges.get(attribute, (None, None))
            section.show_query(choices.get(attribute, ()), left_out.get(attribute, ()), asked)

    def show_counts(self, query: Query, facets: dict[str, dict[str, int]]) -> None:
        """Show exact counts of the results."""
        whole = not edits.narrowings(query)
        for attribute, section in self._sections.items():
            counts = facets.get(attribute, {})
            section.model.set_counts(counts, whole=whole, still=self._mouse_inside)
            section.refresh()
            section.setVisible(section.has_something)

    def values(self) -> dict[str, list[str]]:
        """The values known of each attribute, most frequent first, without "has none"."""
        return {name: section.model.values() for name, section in self._sections.items()}

    def find_in(self, attribute: str) -> None:
        """Give the keyboard to an attribute: to its line for finding values, where it has one."""
        section = self._sections.get(attribute)
        if section is None:
            return
        section.set_open(True)
        section.enter()
        self.scroll_area.ensureWidgetVisible(section)

    def first_focus(self) -> QWidget | None:
        """Where the keyboard enters the panel: the first values to tick."""
        for section in self._sections.values():
            if section.isVisible():
                return section.values if section.values.isVisible() else section.header
        return None

    def enterEvent(self, event) -> None:
        self._mouse_inside = True
        super().enterEvent(event)

    def hideEvent(self, event) -> None:
        self.hovered.emit("", "")
        super().hideEvent(event)

    def leaveEvent(self, event) -> None:
        self._mouse_inside = False
        self.hovered.emit("", "")
        for section in self._sections.values():
            section.model.settle()
        super().leaveEvent(event)
