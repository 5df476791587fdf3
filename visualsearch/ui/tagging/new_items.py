"""What the items of the last import lack: a row for each, a suggestion in each gap, confirmed by item or by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.filters.query import Example
from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import PatientButton
from visualsearch.ui.panels.thumbs import Thumb

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Missing
    from visualsearch.ui.photos import Photos

_SIDE = 76  # of a photo
_ROW = 92  # pixels of a row with what is between
_FEWEST, _MOST = 3, 12  # items on a page
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class Gap(QToolButton):
    """One suggestion. A click or X says that it is wrong; the arrow offers other values."""

    changed = Signal()

    def __init__(self, missing: Missing, parent: QWidget) -> None:
        super().__init__(parent)
        self.suggested = self.missing = missing
        self.is_wrong = False
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setMinimumSize(150, 44)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self.turn)
        options = [(missing.value, missing.probability), *missing.others]
        if len(options) > 1:
            self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
            menu = style.Menu(self)
            for value, chance in options:
                action = QAction(f"{value}  ({_percent(chance)})".replace("&", "&&"), menu)
                action.triggered.connect(lambda _on=False, v=value, c=chance: self.choose(v, c))
                menu.addAction(action)
            self.setMenu(menu)
        self._show()

    def turn(self) -> None:
        """Wrong, or right after all."""
        self.is_wrong = not self.is_wrong
        self._show()
        self.changed.emit()

    def take_over(self, former: Gap | None) -> None:
        """What the person marked while this was shown before."""
        if (
            former is not None and former.suggested.value == self.suggested.value
        ):  # how sure it is may have changed
            self.missing, self.is_wrong = former.missing, former.is_wrong
            self._show()

    def choose(self, value: str, chance: float) -> None:
        """Another value is the right one."""
        self.missing = replace(self.missing, value=value, probability=chance)
        self.is_wrong = False
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        one = self.missing
        chance = _percent(one.probability)
        if not one.learnt:
            chance = self.tr("{0}, a guess").format(chance)
        said = self.tr("wrong, will be rejected") if self.is_wrong else self.tr("taken as right")
        self.setText(f"{'✗' if self.is_wrong else '✓'} {one.value}\n{chance}".replace("&", "&&"))
        font = self.font()
        font.setStrikeOut(self.is_wrong)
        self.setFont(font)
        palette = QPalette()  # of its own only what differs, so that a change of theme reaches the rest
        if self.is_wrong:
            palette.setColor(QPalette.ColorRole.ButtonText, style.colors(self.palette()).negative)
        self.setPalette(palette)
        self.setAccessibleName(f"{one.attribute}: {one.value}, {said}")
        self.setToolTip(
            f"{one.attribute} = {one.value} ({chance}) · {said}\n"
            + self.tr("Click or X: wrong, or right again. Arrow or Alt+Down: another value.")
        )


def _percent(chance: float) -> str:
    return f"{min(99, max(1, round(100 * chance)))} %"


class NewItems(QWidget):
    """A page of items with their gaps. Says what the person confirms; what is confirmed goes at once."""

    confirmed = Signal(list, list)
    """Missing that are right, Missing that are wrong."""
    back_wanted = Signal()
    left = Signal()

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._left: list[Missing] = []
        self._ids: dict[int, str] = {}
        self._more = ""
        self._first = 0
        self.gaps: dict[tuple[int, str], Gap] = {}
        self.rows: dict[int, QPushButton] = {}
        self.columns: dict[str, QPushButton] = {}
        self.title = QLabel(self.tr("What new items lack"), self)
        self.title.setFont(style.font("title"))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setAccessibleName(self.title.text())
        self.closing = QPushButton(self.tr("Tag something else"), self)
        self.closing.setToolTip(self.tr("Back to what to tag (Esc)"))
        self.closing.clicked.connect(self.left)
        self.back = QPushButton(self.tr("Take back the last step"), self)
        self.back.setToolTip(self.tr("Take back what was confirmed last (Backspace)"))
        self.back.clicked.connect(self.back_wanted)
        self.next = QPushButton(self.tr("Skip to the next items"), self)
        self.next.setToolTip(self.tr("Leave these as they are for now (Page Down)"))
        self.next.clicked.connect(self.turn)
        self.hint = QLabel(
            self.tr(
                "Click or X: wrong · Enter: confirm the item · Ctrl+Enter: confirm the column · Backspace: take back"
            ),
            self,
        )
        self.hint.setWordWrap(True)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch()
        head.addWidget(self.closing)
        foot.addWidget(self.hint, 100)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.M, style.Space.L, style.Space.M)
        column.addLayout(head)
        column.addWidget(self.note)
        self._progress = QVBoxLayout()
        column.addLayout(self._progress)
        column.addWidget(self._scroll, 1)
        column.addLayout(foot)
        self.say(self.tr("Looking at what is missing…"))

    # --- what it shows --------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A sentence in place of the rows."""
        self._left = []
        self._build([])
        self.next.hide()
        self.hint.hide()
        self.note.setText(text)

    def add_progress(self, view: QWidget) -> None:
        """Where the work tells how far it is."""
        self._progress.addWidget(view)

    def show_missing(self, missing: Sequence[Missing], ids: dict[int, str], note: str = "") -> None:
        """All that is suggested, and more to say of it; the page stays where it was as far as it can, with what was
        marked."""
        self._left, self._ids, self._more = list(missing), ids, note
        items = self._items()
        self._first = min(self._first, max(0, len(items) - 1))
        self._show()

    def turn(self) -> None:
        """The next items, from the first one on after the last."""
        items = self._items()
        self._first = self._first + self._size() if self._first + self._size() < len(items) else 0
        self._show()
        self.focus()

    def focus(self) -> None:
        """Give the keyboard to the first suggestion."""
        first = next(iter(self.gaps.values()), None)
        (first or self.closing).setFocus()

    def _items(self) -> list[int]:
        return list(dict.fromkeys(one.item for one in self._left))

    def _size(self) -> int:
        return max(_FEWEST, min(_MOST, (self._scroll.height() - 40) // _ROW))

    def _show(self) -> None:
        items = self._items()
        page = items[self._first : self._first + self._size()]
        said = self.tr("{0}, {1}. What you confirm is saved at once; the rest stays as it is.").format(
            texts.counted(len(items), self.tr("1 new item"), self.tr("{0} new items")),
            texts.counted(len(self._left), self.tr("1 value missing"), self.tr("{0} values missing")),
        )
        self.note.setText(f"{said} {self._more}".strip())
        self.hint.show()
        self.next.setVisible(len(items) > len(page))
        self._build(page)

    def _build(self, page: list[int]) -> None:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        before, here = self.gaps, self.focusWidget()
        focused = next((place for place, gap in before.items() if gap is here), None)
        self.gaps, self.rows, self.columns = {}, {}, {}
        shown = [one for one in self._left if one.item in page]
        attributes = list(dict.fromkeys(one.attribute for one in shown))
        for at, attribute in enumerate(attributes):
            button = self.columns[attribute] = PatientButton(
                self.tr("{0}: confirm all").format(attribute), body
            )
            button.setToolTip(self.tr("Confirm this column as it is shown (Ctrl+Enter)"))
            button.clicked.connect(lambda _on=False, which=attribute: self.confirm_column(which))
            grid.addWidget(button, 0, at + 2)
        for row, item in enumerate(page, 1):
            thumb = Thumb(Example(item=item), 0, _SIDE, body, badge=False)
            thumb.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            thumb.setToolTip(self._ids.get(item, ""))
            thumb.setAccessibleName(self._ids.get(item, ""))
            self._fetch(thumb)
            button = self.rows[item] = PatientButton(
                self.tr("Confirm {0}").format(self._ids.get(item, "")), body
            )
            button.setToolTip(self.tr("Confirm all of this item as it is shown (Enter)"))
            button.clicked.connect(lambda _on=False, which=item: self.confirm_item(which))
            grid.addWidget(thumb, row, 0)
            grid.addWidget(button, row, 1)
        for one in shown:
            gap = self.gaps[one.item, one.attribute] = Gap(one, body)
            gap.take_over(before.get((one.item, one.attribute)))
            grid.addWidget(gap, page.index(one.item) + 1, attributes.index(one.attribute) + 2)
        grid.setRowStretch(len(page) + 1, 1)
        grid.setColumnStretch(len(attributes) + 2, 1)
        self._scroll.setWidget(body)
        if focused in self.gaps:
            self.gaps[focused].setFocus()

    def _fetch(self, thumb: Thumb) -> None:
        def show(images: dict) -> None:
            if thumb.example in images:
                thumb.set_image(images[thumb.example])

        self._photos.thumbnails([thumb.example], show)

    # --- confirming -----------------------------------------------------------------------------------------

    def confirm_item(self, item: int) -> None:
        """All that is suggested for an item, as it is marked."""
        self._confirm([gap for (of, _), gap in self.gaps.items() if of == item])

    def confirm_column(self, attribute: str) -> None:
        """All that is on screen of an attribute, as it is marked."""
        self._confirm([gap for (_, name), gap in self.gaps.items() if name == attribute])

    def _confirm(self, gaps: list[Gap]) -> None:
        if not gaps or not self.isEnabled():
            return
        yes = [gap.missing for gap in gaps if not gap.is_wrong]
        no = [gap.missing for gap in gaps if gap.is_wrong]
        no += [gap.suggested for gap in gaps if not gap.is_wrong and gap.missing.value != gap.suggested.value]
        self.confirmed.emit(yes, no)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, here = event.key(), self.focusWidget()
        place = next((at for at, gap in self.gaps.items() if gap is here), None)
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_Backspace and not event.isAutoRepeat():
            self.back_wanted.emit()
        elif key == Qt.Key.Key_PageDown and not self.next.isHidden():
            self.turn()
        elif place is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.confirm_column(place[1])
            else:
                self.confirm_item(place[0])
        elif key == Qt.Key.Key_X:
            self.gaps[place].turn()
        elif key == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.gaps[place].showMenu()
        elif key in _ARROWS:
            self._step(place, *_ARROWS[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def _step(self, place: tuple[int, str], down: int, across: int) -> None:
        """To the next suggestion in a direction."""
        rows, columns = list(self.rows), list(self.columns)
        row, column = rows.index(place[0]) + down, columns.index(place[1]) + across
        while 0 <= row < len(rows) and 0 <= column < len(columns):
            gap = self.gaps.get((rows[row], columns[column]))
            if gap is not None:
                gap.setFocus()
                return
            row, column = row + down, column + across
