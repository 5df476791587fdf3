"""What of the results to look at first: most likely, most useful to judge, random."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from visualsearch.filters.query import Look, Query
from visualsearch.ui import style
from visualsearch.ui.panels.mode_switch import SegmentButton

Way = Literal["likely", "useful", "random"]
WAYS: tuple[Way, ...] = ("likely", "useful", "random")


class LookSwitch(QWidget):
    """Three buttons, one of them pressed; none while an attribute orders the results."""

    look_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = parent
        self._look = Look()
        self._by = ""
        self.buttons: dict[Way, SegmentButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, style.Space.S, 3)
        row.setSpacing(0)
        self._title = QLabel(self.tr("First:"), self)
        self._title.setToolTip(self.tr("What of the results to look at first"))
        row.addWidget(self._title)
        row.addSpacing(style.Space.XS)
        self._short = {"likely": self.tr("likely"), "useful": self.tr("useful"), "random": self.tr("random")}
        texts: dict[Way, tuple[str, str]] = {
            "likely": (
                self.tr("most likely"),
                self.tr("What matches the examples best comes first (Alt+1)"),
            ),
            "useful": (
                self.tr("most useful to judge"),
                self.tr(
                    "What is least certain and unlike the rest comes first: + and − tell most there (Alt+2)"
                ),
            ),
            "random": (
                self.tr("random"),
                self.tr("In no order, to see what the whole is like; again for another one (Alt+3)"),
            ),
        }
        for way in WAYS:
            text, tip = texts[way]
            button = self.buttons[way] = SegmentButton(self)
            button.setAutoExclusive(False)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(self.tr("First: {0}").format(text))
            button.setProperty("whole", text)
            button.clicked.connect(partial(self._click, way))
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("What to look at first"))
        self.hide()
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Shorter words where the whole ones would take more than half of the line from the chips beside them."""
        if isinstance(event, QResizeEvent):
            self._make_room(event.size().width())
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room(self._line.width())

    def _make_room(self, width: int) -> None:
        wide = self.fontMetrics().horizontalAdvance
        whole = wide(self._title.text()) + 2 * style.Space.S
        whole += sum(wide(button.property("whole")) + 2 * style.Space.M for button in self.buttons.values())
        roomy = width >= 2 * whole
        self._title.setVisible(roomy)
        for way, button in self.buttons.items():
            button.setText(button.property("whole") if roomy else self._short[way])
            button.updateGeometry()

    def want(self, way: Way) -> None:
        """As by a click."""
        again = way == "random" == self._by
        self.look_wanted.emit(Look(way, self._look.seed + 1 if again else self._look.seed))
        self._press()

    def _click(self, way: Way, _checked: bool = False) -> None:
        self.want(way)

    def show_query(self, query: Query) -> None:
        """Show how a query's results are ordered; it is only there for those that have examples."""
        self._look = query.look
        self._by = query.look.by if query.sort.by == "relevance" else ""
        self._press()
        self.setVisible(bool(query.visual))

    def _press(self) -> None:
        for way, button in self.buttons.items():
            button.setChecked(way == self._by)
