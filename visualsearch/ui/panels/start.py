"""Pages for when there are no tiles: no catalog, an empty one, nothing found. Each says what to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.edits import Narrowing
from visualsearch.ui.icons import icon
from visualsearch.ui.panels.buttons import EntryButton
from visualsearch.ui.panels.column_area import ColumnArea


def _text(text: str, kind: str, parent: QWidget, *, muted: bool = False) -> QLabel:
    label = QLabel(text, parent)
    label.setFont(style.font(kind))  # type: ignore[arg-type]
    label.setWordWrap(True)
    if muted:
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label


class StartPage(QWidget):
    """What the program is for, and the ways into a catalog."""

    new_wanted = Signal()
    open_wanted = Signal()
    sample_wanted = Signal()
    chosen = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = self._build_card()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.card, 100)  # as wide as it may be
        row.addStretch(1)
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ColumnArea(body, self))
        self.new.clicked.connect(self.new_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.sample.clicked.connect(self.sample_wanted)
        self.recent.itemActivated.connect(self._choose)
        self.recent.itemClicked.connect(self._choose)

    def _build_card(self) -> QWidget:
        card = QWidget(self)
        card.setMaximumWidth(620)
        self.new = EntryButton(
            "new",
            self.tr("New catalog from a folder of photos…"),
            self.tr("Photos stay where they are and are never changed. You can also drop a folder here."),
            card,
        )
        self.open = EntryButton(
            "folder", self.tr("Open a catalog…"), self.tr("A folder made by this program."), card
        )
        self.sample = EntryButton(
            "picture",
            self.tr("Try the sample catalog"),
            self.tr("1,200 drawn products; making it takes a minute or two the first time."),
            card,
        )
        self.recent = QListWidget(card)
        self.recent.setFrameShape(QFrame.Shape.NoFrame)
        self.recent.setAccessibleName(self.tr("Recent catalogs"))
        self._recent_title = _text(self.tr("Recent catalogs"), "heading", card)
        layout = QVBoxLayout(card)
        layout.setSpacing(style.Space.S)
        layout.addWidget(_text(self.tr("Find products by how they look"), "title", card))
        layout.addWidget(
            _text(
                self.tr(
                    "Click a few photos that are right, and the grid narrows to what looks like them."
                    " Add attributes and words to narrow further."
                ),
                "body",
                card,
                muted=True,
            )
        )
        layout.addSpacing(style.Space.M)
        layout.addWidget(self.new)
        layout.addWidget(self.open)
        layout.addWidget(self.sample)
        layout.addSpacing(style.Space.L)
        layout.addWidget(self._recent_title)
        layout.addWidget(self.recent)
        return card

    def take_colours(self) -> None:
        self.update()

    def show_recent(self, paths: list[str]) -> None:
        """List recent catalogs, newest first. Looks at no disk: a sleeping network drive must not stop the window."""
        self.recent.clear()
        for path in paths:
            entry = QListWidgetItem(icon("folder"), f"{Path(path).name}\n{path}")
            entry.setData(Qt.ItemDataRole.UserRole, path)
            self.recent.addItem(entry)
        self.recent.setVisible(bool(paths))
        self._recent_title.setVisible(bool(paths))
        rows = min(5, len(paths))
        self.recent.setFixedHeight(rows * self.recent.sizeHintForRow(0) + 6 if rows else 0)

    def _choose(self, entry: QListWidgetItem) -> None:
        self.chosen.emit(Path(entry.data(Qt.ItemDataRole.UserRole)))


class EmptyPage(QWidget):
    """A heading, an explanation, and buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = _text("", "title", self)
        self.explanation = _text("", "body", self, muted=True)
        for label in (self.heading, self.explanation):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(style.Space.S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(style.Space.XL, style.Space.XL, style.Space.XL, style.Space.XL)
        layout.setSpacing(style.Space.S)
        layout.addStretch(2)
        layout.addWidget(self.heading)
        layout.addWidget(self.explanation)
        layout.addSpacing(style.Space.S)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def say(
        self, heading: str, explanation: str, buttons: list[tuple[str, Callable[[], object]]] | None = None
    ) -> None:
        """Say what is the matter, and offer the ways out."""
        self.heading.setText(heading)
        self.explanation.setText(explanation)
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for text, slot in buttons or []:
            button = QPushButton(text, self)
            button.clicked.connect(lambda _checked=False, call=slot: call())
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            button.show()  # the layout would do it a turn later

    def buttons(self) -> list[QPushButton]:
        """The ways out that are offered."""
        return [button for button in self.findChildren(QPushButton) if not button.isHidden()]

    def offer_drops(
        self,
        totals: list[tuple[Narrowing, int]],
        drop: Callable[[Narrowing], object],
        warnings: list[str] | None = None,
    ) -> None:
        """Nothing matches: offer to drop what hinders most, with how many would then be found. ``warnings``: what
        in the conditions cannot match anything."""
        helpful = sorted((pair for pair in totals if pair[1]), key=lambda pair: -pair[1])
        offers: list[tuple[str, Callable[[], object]]] = [
            (
                self.tr("Drop {0}: {1}").format(
                    _shortened(texts.narrowing(entry)),
                    texts.counted(total, self.tr("1 photo"), self.tr("{0} photos")),
                ),
                lambda entry=entry: drop(entry),
            )
            for entry, total in helpful[:4]
        ]
        advice = (
            self.tr("No photo meets all of this at once. Drop one condition:")
            if offers
            else self.tr(
                "No photo meets all of this at once. Take conditions away with their ×, or undo with Ctrl+Z."
            )
        )
        self.say(self.tr("Nothing matches"), "\n".join([*(warnings or []), advice]), offers)


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
