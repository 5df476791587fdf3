"""The estimates that there are, as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidgetItem, QWidget

from visualsearch.errors import VisualSearchError
from visualsearch.ui import texts
from visualsearch.ui.panels.plain_tree import PlainTree
from visualsearch.ui.quality.judging import left_sentence
from visualsearch.ui.quality.parts import percent

if TYPE_CHECKING:
    from visualsearch.attributes.estimate_progress import Left, Running
    from visualsearch.workspace import Workspace

_NAME = Qt.ItemDataRole.UserRole
_ROW = 30


@dataclass(frozen=True)
class Line:
    """An estimate as the list shows it; ``error``: why it cannot be read."""

    name: str
    running: Running | None = None
    left: Left | None = None
    error: str = ""


class EstimateList(PlainTree):
    """``opened`` gives the name of an estimate."""

    opened = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setColumnCount(6)
        self.setHeaderLabels(
            [
                self.tr("Estimate"),
                self.tr("Of"),
                self.tr("Wrong"),
                self.tr("Judged"),
                self.tr("To do"),
                self.tr("Probably still wrong"),
            ]
        )
        self.setAlternatingRowColors(True)
        self.setAccessibleName(self.tr("Estimates"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.itemActivated.connect(lambda item, _column: self.opened.emit(item.data(0, _NAME)))

    def chosen(self) -> str:
        """The name of the current one, "" where there is none."""
        item = self.currentItem()
        return str(item.data(0, _NAME)) if item is not None else ""

    def show_lines(self, lines: list[Line]) -> None:
        """Show these; the one that was current stays so."""
        current = self.chosen() or (lines[0].name if lines else "")
        self.clear()
        for line in lines:
            item = QTreeWidgetItem(self._cells(line))
            item.setData(0, _NAME, line.name)
            item.setSizeHint(0, QSize(0, max(_ROW, self.fontMetrics().height() + 12)))
            for column in (3, 4):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            tip = line.error or (left_sentence(line.left) if line.left is not None else "")
            for column in range(6):
                item.setToolTip(column, item.text(column) if column < 2 else tip)
            self.addTopLevelItem(item)
            if line.name == current:
                self.setCurrentItem(item)

    def _cells(self, line: Line) -> list[str]:
        running, left = line.running, line.left
        if running is None or left is None:
            return [line.name, line.error, "", "", "", ""]
        found = running.interval
        rate = self.tr("not known yet")
        if found.judged:
            rate = self.tr("{0} ({1} to {2})").format(*map(percent, (found.rate, found.low, found.high)))
        if running.reached:
            to_do = self.tr("enough")
        elif running.exhausted:
            to_do = self.tr("all judged")
        else:
            to_do = self.tr("about {0}").format(texts.number(running.needed))
        of = running.plan.attribute or self.tr("all attributes")
        still = self.tr("{0} ({1} to {2})").format(*map(texts.number, (left.expected, left.low, left.high)))
        return [line.name, of, rate, texts.number(found.judged), to_do, still if found.judged else "–"]


def lines(workspace: Workspace) -> list[Line]:
    """The list; one that cannot be read does not hide the others."""
    estimates, found = workspace.quality.estimates, []
    for name in estimates.names():
        try:
            found.append(Line(name, estimates.running(name), estimates.left(name)))
        except VisualSearchError as error:
            found.append(Line(name, error=texts.error_line(error)))
    return found
