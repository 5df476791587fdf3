"""The attributes with their values and counts, to tick."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualsearch.filters.query import Query
from visualsearch.ui import edits, style, texts
from visualsearch.ui.panels.buttons import FoldButton, LinkButton
from visualsearch.ui.panels.facet_values import FEW, FacetModel, ValueList

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

    def __init__(self, attribute: str, numeric: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.model = FacetModel(attribute, numeric, self)
        self.header = FoldButton(attribute, self)
        self.filter = QLineEdit(self)
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(self.tr("Find in {0}…").format(attribute))
        self.filter.setAccessibleName(self.tr("Find in {0}").format(attribute))
        self.values = ValueList(self.model, self)
        self.values.setAccessibleName(attribute)
        self.more = LinkButton(parent=self)
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

    def _fold(self, opened: bool) -> None:
        self.refresh()
        self.folded.emit(self.attribute, opened)

    def refresh(self) -> None:
        """Show what the model holds."""
        opened, model = self.is_open, self.model
        picked = len(model.ticked) + len(model.left_out)
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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("facetPanel")
        self._sections: dict[str, FacetSection] = {}
        self._folded: set[str] = set()
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
        self.scroll_area = QScrollArea(self)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(body)
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
        for place, name in enumerate(names):
            section = self._sections.get(name) or self._made(name, name in numeric)
            self._layout.insertWidget(place, section)
        self._sections = {name: self._sections[name] for name in names}
        self._hint.setVisible(not names)

    def _made(self, name: str, numeric: bool) -> FacetSection:
        section = self._sections[name] = FacetSection(name, numeric, self)
        section.hide()  # until there are counts
        section.set_open(name not in self._folded)
        section.toggled.connect(self.toggled)
        section.left_out.connect(self.left_out)
        section.only_wanted.connect(self.only_wanted)
        section.folded.connect(self._remember_fold)
        return section

    def _remember_fold(self, attribute: str, opened: bool) -> None:
        (self._folded.discard if opened else self._folded.add)(attribute)

    def folded(self) -> list[str]:
        """The attributes that the person has folded."""
        return sorted(self._folded)

    def set_folded(self, attributes: list[str]) -> None:
        self._folded = set(attributes)
        for name, section in self._sections.items():
            section.set_open(name not in self._folded)

    def show_query(self, query: Query) -> None:
        """Show the ticks at once, before the counts are there."""
        choices, left_out = dict(query.choices), edits.left_out(query)
        for attribute, section in self._sections.items():
            section.model.set_picked(choices.get(attribute, ()), left_out.get(attribute, ()))

    def show_counts(self, query: Query, facets: dict[str, dict[str, int]]) -> None:
        """Show exact counts of the results."""
        whole = not edits.narrowings(query)
        for attribute, section in self._sections.items():
            counts = facets.get(attribute, {})
            section.model.set_counts(counts, whole=whole, still=self._mouse_inside)
            section.refresh()
            section.setVisible(section.model.rowCount() > 0 or bool(section.filter.text()))

    def values(self) -> dict[str, list[str]]:
        """The values known of each attribute, most frequent first, without "has none"."""
        return {name: section.model.values() for name, section in self._sections.items()}

    def first_focus(self) -> QWidget | None:
        """Where the keyboard enters the panel: the first values to tick."""
        for section in self._sections.values():
            if section.isVisible():
                return section.values if section.values.isVisible() else section.header
        return None

    def enterEvent(self, event) -> None:
        self._mouse_inside = True
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self._mouse_inside = False
        for section in self._sections.values():
            section.model.settle()
        super().leaveEvent(event)
