"""The pairs and groups of a catalog as a list that costs nothing until it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget

from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.duplicates import Group, Kind, Pair
    from visualsearch.workspace import Workspace

GROUPS = "groups"
MOST = 5_000  # pairs to judge, or groups, that come at a time: a list view lays out a million in two seconds
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Line:
    """A pair or a group as the list shows it."""

    text: str
    pair: Pair | None = None
    group: Group | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """What there is of one kind: all that somebody has judged, ``judged``, and of the others the first ``parts`` times
    `MOST`; and how many pairs there are of each kind. ``has_learnt``: answers have moved what counts as a copy or as a
    variant."""

    kind: str
    lines: list[Line]
    counts: dict[str, int]
    parts: int
    judged: int
    has_learnt: bool


class Lines(QAbstractListModel):
    """Lines for a list view: tens of thousands cost nothing until they are seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def set_lines(self, lines: list[Line]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.lines[index.row()].text
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, QFontMetrics(QApplication.font()).height() + 10)
        return None


def key_of(line: Line) -> Sequence[int]:
    """What a line is about, whatever was said of it since."""
    if line.pair is not None:
        return line.pair.item, line.pair.other
    return line.group.items if line.group is not None else ()


def listed(workspace: Workspace, kind: str, parts: int) -> Listed:
    """For workers: quick once the pairs were found."""
    from visualsearch.attributes.duplicates import Thresholds

    found, control = workspace.quality.duplicates, JobControl()
    groups = found.groups(control)
    listing = found.listing(None if kind == GROUPS else cast("Kind", kind), control, parts * MOST)
    counts = {**listing.counts, GROUPS: len(groups)}
    lines = []
    if kind == GROUPS:
        groups = groups[: parts * MOST]
        names = iter(workspace.ids_of([item for group in groups for item in group.items]))
        for group in groups:
            ids = tuple(next(names) for _ in group.items)
            kept = ids[group.items.index(group.keep)]  # first in the line, so that typing it finds it
            lines.append(Line(f"{kept} × {len(ids)}", group=group, ids=ids))
    names = iter(workspace.ids_of([item for pair in listing.pairs for item in (pair.item, pair.other)]))
    marks = {"duplicate": "= ", "variant": "~ ", "no": "≠ ", None: ""}
    for pair in listing.pairs:
        one, other = next(names), next(names)
        about = f": {', '.join(pair.conflicts)}" if kind == "conflict" else ""
        lines.append(Line(f"{marks[pair.answer]}{one} · {other}{about}", pair, ids=(one, other)))
    judged = sum(pair.answer is not None for pair in listing.pairs)
    return Listed(kind, lines, counts, parts, judged, listing.thresholds != Thresholds())
