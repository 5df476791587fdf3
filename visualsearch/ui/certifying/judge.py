"""One photo, large, and three answers: right, wrong, not sure. By button or by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualsearch.ui import style
from visualsearch.ui.loupe.pane import PhotoPane
from visualsearch.ui.loupe.photos import LoupePhotos
from visualsearch.ui.loupe.zoom import Zoom

if TYPE_CHECKING:
    from visualsearch.catalog.store import ItemDetails
    from visualsearch.ui.background import Background
    from visualsearch.workspace import Workspace

_AHEAD = 3  # photos that are read before they are asked for
_KEYS = {
    Qt.Key.Key_Y: "right",
    Qt.Key.Key_Return: "right",
    Qt.Key.Key_Enter: "right",
    Qt.Key.Key_N: "wrong",
    Qt.Key.Key_X: "wrong",
    Qt.Key.Key_U: "unsure",
}


class Judge(QWidget):
    """Shows one item at a time; says what the person answers. ``slot`` tells it from other places that load photos."""

    answered = Signal(str)
    """ "right", "wrong" or "unsure"."""
    back_wanted = Signal()
    """Backspace: the last answer was a mistake."""

    def __init__(
        self,
        background: Background,
        thumbnail: Callable[[int], QPixmap | None],
        slot: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._photos = LoupePhotos(background, self)
        self._thumbnail, self._slot = thumbnail, slot
        self.zoom = Zoom(self)
        self.pane = PhotoPane(slot, self.zoom, self._photos, self)
        self.question = QLabel(self)
        self.question.setFont(style.font("heading"))
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.question.setWordWrap(True)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.addStretch()
        for answer, text, key in (
            ("right", self.tr("Yes"), "Y"),
            ("wrong", self.tr("No"), "N"),
            ("unsure", self.tr("Not sure"), "U"),
        ):
            button = self.buttons[answer] = QPushButton(f"{text} ({key})", self)
            button.setToolTip(f"{text} ({key})")
            button.setAccessibleName(text)
            button.setMinimumWidth(130)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, given=answer: self.answered.emit(given))
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pane, 1)
        column.addWidget(self.question)
        column.addLayout(row)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def item(self) -> int:
        """What is shown, −1 for nothing."""
        return self.pane.item

    def set_workspace(self, workspace: Workspace | None) -> None:
        self._photos.set_workspace(workspace)

    def show_item(self, item: int, question: str, ahead: Sequence[int] = ()) -> None:
        """Show an item and ask about it; ``ahead``: what is probably asked next."""
        self.question.setText(question)
        self.zoom.reset()
        self.pane.set_caption("")
        self.pane.show_photo(item, 0, self._thumbnail(item))
        self.setAccessibleName(question)
        self._photos.details(item, self._name)
        self.read_ahead(ahead)

    def read_ahead(self, items: Sequence[int]) -> None:
        """Read the photos of what is probably asked next."""
        side = round(max(self.pane.width(), self.pane.height()) * self.devicePixelRatioF())
        for place, other in enumerate(items[:_AHEAD]):
            if self._photos.known(other, 0) is None:
                self._photos.load(other, 0, side, lambda *_: None, f"judge-{self._slot}-{place}")

    def enable(self, enabled: bool) -> None:
        """Whether an answer is taken now."""
        for button in self.buttons.values():
            button.setEnabled(enabled)

    def _name(self, details: ItemDetails) -> None:
        if details.number == self.pane.item:
            self.pane.set_caption(details.id)
            self.setAccessibleDescription(details.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in _KEYS:
            if self.buttons["right"].isEnabled() and not event.isAutoRepeat():
                self.answered.emit(_KEYS[Qt.Key(event.key())])
        elif plain and event.key() == Qt.Key.Key_Backspace:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)
