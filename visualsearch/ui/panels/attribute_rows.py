"""The attributes of one item, row by row: name, values that can be clicked, where they came from, a pencil."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from visualsearch.catalog.store import AttributeValue
from visualsearch.ui import style
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.buttons import LinkButton

_LONG_WORD = re.compile(r"\S{19,}")
_HUMP = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[_-])(?=\w)"
)  # where a name such as masterCategory may be broken
_AHEAD = 12
"""So many rows are made before somebody chooses an item: more than most catalogs have attributes."""
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True)
class Origin:
    """Where an item's values of an attribute came from. ``text`` stands below the values; "" where it is the import,
    as it is of most. ``tip`` says more."""

    text: str
    tip: str


def shown_value(value: str | float) -> str:
    """A value as the rows show it."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


class AttributeRow(QWidget):
    """One attribute. E, F2, Enter, the pencil and a double click ask to edit it."""

    value_clicked = Signal(str, str)
    edit_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = ""
        self.values: tuple[str | float, ...] = ()
        self._links: list[str] = []
        self._editor: QWidget | None = None
        self.editable = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = self._label()
        self.title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.value = self._label()
        self.value.setTextFormat(Qt.TextFormat.RichText)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.value.linkActivated.connect(
            lambda place: self.value_clicked.emit(self.name, self._links[int(place)])
        )
        self.origin = self._label()
        self.origin.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.origin.setFont(style.font("caption"))
        self.pencil = QToolButton(self)
        self.pencil.setIcon(icon("pencil"))
        self.pencil.setAutoRaise(True)
        self.pencil.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pencil.setFixedSize(24, 24)
        self.pencil.clicked.connect(lambda: self.edit_wanted.emit(self.name))
        policy = self.pencil.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.pencil.setSizePolicy(policy)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(style.Space.XS, 1, 0, 1)
        self._grid.setHorizontalSpacing(style.Space.S)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 40)
        self._grid.setColumnStretch(1, 60)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(self.title, 0, 0)
        self._grid.addWidget(self.value, 0, 1)
        self._grid.addWidget(self.pencil, 0, 2, top)
        self._grid.addWidget(self.origin, 1, 1, 1, 2)
        self._show_pencil()

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        label.setSizePolicy(policy)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        label.setContentsMargins(0, 3, 0, 3)
        return label

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "value"):
            written = self.value.text()  # links keep the colour in which they were written
            self.value.clear()
            self.value.setText(written)

    def show_values(self, name: str, values: tuple[str | float, ...], *, links: bool) -> None:
        """Show an attribute; ``links``: whether a click on a value says so."""
        import html  # its table of entities is not for the first paint

        self.close_editor()
        self.name, self.values = name, values
        self._links = [shown_value(value) for value in values]
        self.title.setText(_HUMP.sub("\u200b", _breakable(name)))
        written = [html.escape(_breakable(text)) for text in self._links]
        if links:
            written = [
                f'<a style="text-decoration:none" href="{place}">{text}</a>'
                for place, text in enumerate(written)
            ]
        self.value.setText(", ".join(written) or "—")
        self.setAccessibleName(f"{name}: {', '.join(self._links)}" if values else name)
        self.set_origin(Origin("", ""))
        self.value.setToolTip(self.tr("Click a value to tick it") if links else "")
        self.pencil.setToolTip(self.tr("Edit {0} (E, F2)").format(name))
        self.pencil.setAccessibleName(self.tr("Edit {0}").format(name))

    def set_origin(self, origin: Origin) -> None:
        """Say where the values came from."""
        self.origin.setText(origin.text)
        self.origin.setVisible(bool(origin.text) and self._editor is None)
        for part in (self, self.title, self.origin):
            part.setToolTip(origin.tip)
        self.setAccessibleDescription(origin.tip)

    def set_editable(self, editable: bool) -> None:
        self.editable = editable
        self._show_pencil()

    # --- the editor in it -----------------------------------------------------------------------------------

    @property
    def editor(self) -> QWidget | None:
        """What edits the row now."""
        return self._editor

    def open_editor(self, editor: QWidget) -> None:
        """Put an editor in the place of the values."""
        self.close_editor()
        self._editor = editor
        for part in (self.value, self.origin, self.pencil):
            part.hide()
        self._grid.addWidget(editor, 2, 0, 1, 3)
        editor.show()

    def close_editor(self) -> None:
        """Show the values again."""
        editor, self._editor = self._editor, None
        if editor is not None:
            inside = editor.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
            self._grid.removeWidget(editor)
            editor.hide()
            editor.deleteLater()
            self.value.show()
            self.origin.setVisible(bool(self.origin.text()))
            self._show_pencil()
            if inside:
                self.setFocus()

    # --- Qt's events ----------------------------------------------------------------------------------------

    def _show_pencil(self) -> None:
        near = self.underMouse() or self.hasFocus()
        self.pencil.setVisible(self.editable and near and self._editor is None)

    def _near(self) -> None:
        self._show_pencil()
        self.update()

    # one method an event: all others, some thirty whenever a row is shown, need no Python then
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._near()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._near()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._near()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._near()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.editable and self._editor is None:
            self.edit_wanted.emit(self.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.editable and self._editor is None:
            self.edit_wanted.emit(self.name)
        elif event.key() == Qt.Key.Key_Space and self._links and "<a" in self.value.text():
            self.value_clicked.emit(self.name, self._links[0])
        elif event.key() in _STEPS:
            self.focusNextPrevChild(_STEPS[Qt.Key(event.key())] > 0)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(style.colors(self.palette()).focus, 1.5))
            frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(frame, style.RADIUS / 2, style.RADIUS / 2)


class AttributeRows(QWidget):
    """All rows, and below them a button that adds an attribute."""

    choice_wanted = Signal(str, str)
    """An attribute's value was clicked."""
    edit_wanted = Signal(str)
    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool: list[AttributeRow] = []
        self._shown = 0
        self._editable = False
        self.add = LinkButton(self.tr("Add an attribute…"), self, symbol="plus")
        self.add.setToolTip(self.tr("Give this item an attribute that it does not have"))
        self.add.clicked.connect(self.add_wanted)
        self.add.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def show_attributes(self, attributes: Iterable[AttributeValue]) -> None:
        """Show these; rows are used again, since somebody may race through the grid."""
        self._shown = 0
        for attribute in attributes:
            self._next_row().show_values(attribute.name, attribute.values, links=attribute.type != "text")
        for row in self._pool[self._shown :]:
            row.close_editor()
            row.hide()

    def prepare(self) -> None:
        """Make rows ahead, one in each turn of the event loop: all at once are a dropped frame or two when the first
        item is chosen."""
        if len(self._pool) < _AHEAD:
            self._make_row().show_values("", (), links=False)
            QTimer.singleShot(0, self, self.prepare)

    def _make_row(self) -> AttributeRow:
        row = AttributeRow(self)
        row.hide()
        row.value_clicked.connect(self.choice_wanted)
        row.edit_wanted.connect(self.edit_wanted)
        row.set_editable(self._editable)
        self._pool.append(row)
        self._column.insertWidget(self._column.count() - 1, row)
        return row

    def _next_row(self) -> AttributeRow:
        row = self._make_row() if self._shown == len(self._pool) else self._pool[self._shown]
        row.show()
        self._shown += 1
        return row

    def set_editable(self, editable: bool) -> None:
        """Whether rows offer to be edited."""
        self._editable = editable
        self.add.setVisible(editable)
        for row in self._pool:
            row.set_editable(editable)

    def set_origins(self, origins: Mapping[str, Origin]) -> None:
        """Say where values came from; what was cleared by a person gets a row, too."""
        known = {row.name: row for row in self.rows()}
        for name, origin in origins.items():
            if name not in known and origin.text:
                known[name] = self.add_row(name)
            if name in known:
                known[name].set_origin(origin)

    def add_row(self, name: str) -> AttributeRow:
        """The row of an attribute; one without values, where there is none yet."""
        found = self.row(name)
        if found is None:
            found = self._next_row()
            found.show_values(name, (), links=False)
        return found

    def rows(self) -> list[AttributeRow]:
        """The rows on screen."""
        return self._pool[: self._shown]

    def row(self, name: str) -> AttributeRow | None:
        return next((row for row in self.rows() if row.name == name), None)

    def put_above_add(self, widget: QWidget) -> None:
        """A place for what asks the name of a new attribute."""
        self._column.insertWidget(self._column.count() - 1, widget)


def _breakable(text: str) -> str:
    """Lets a line break within words that are too long for the panel, such as paths and codes."""
    return _LONG_WORD.sub(
        lambda word: "\u200b".join(word[0][at : at + 6] for at in range(0, len(word[0]), 6)), text
    )
