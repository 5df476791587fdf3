"""*All like this*: the suspects grouped by what they share, and one group open as a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.auditing.queue import TwoLines
from visualsearch.ui.auditing.review_grid import ReviewGrid

if TYPE_CHECKING:
    from visualsearch.attributes.clusters import Cluster
    from visualsearch.attributes.fixing import Review
    from visualsearch.catalog.decisions import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_LIST = 280  # pixels
_LEAST = 0.2
"""Score from which on suspects are grouped: side by side one sees at a glance which of them are wrong."""
_IMPORT = "import"  # as `clusters.IMPORT`, which loads NumPy
_KEYS = ("audit groups", "audit review")


class GroupList(QListWidget):
    """The groups; Enter goes to the photos of the one that is open."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class AlikeView(QWidget):
    """Groups at the left, the open one at the right. Reads and writes in workers."""

    written = Signal()
    """Something was changed or kept: the list of suspects is another."""
    counted = Signal(str, int)
    """An attribute, and how many of its values are more likely wrong than right now."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace: Workspace | None = None
        self._attribute = ""
        self._wanted: tuple[str, str] | None = None
        self._is_writing = False
        self.clusters: list[Cluster] = []
        self.by = QComboBox(self)
        self.by.setAccessibleName(self.tr("What the suspects of a group share"))
        self.by.setToolTip(self.tr("What the suspects of a group share, besides the mistake"))
        self.list = GroupList(self)
        self.list.setItemDelegate(TwoLines(self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("Groups of suspects, the largest first"))
        self.grid = ReviewGrid(window.photos, self)
        label = QLabel(self.tr("G&rouped by"), self)
        label.setBuddy(self.by)
        left = QWidget(self)
        style.width_in_letters(left, 32, left.setFixedWidth, _LIST)
        column = QVBoxLayout(left)
        column.setContentsMargins(style.Space.M, style.Space.S, 0, 0)
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.by, 1)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(self.grid, 1)
        self.by.activated.connect(lambda _at: self._read())
        self.list.currentRowChanged.connect(self._open)
        self.list.entered.connect(self.grid.focus_first)
        self.grid.fix_wanted.connect(self._fix)
        window.catalog_changed.connect(self._forget)

    # --- groups ---------------------------------------------------------------------------------------------

    def begin(
        self,
        workspace: Workspace,
        attribute: str,
        attributes: Sequence[str],
        mistake: tuple[str, str] | None,
    ) -> None:
        """Show an attribute's groups; with ``mistake``, given → suggested, begin with the group that shares it."""
        self._workspace, self._attribute, self._wanted = workspace, attribute, mistake
        self.grid.set_read_only(workspace.read_only)
        kept = self.by.currentData()
        self.by.clear()
        self.by.addItem(self.tr("anything"), None)
        self.by.addItem(self.tr("the last import"), _IMPORT)
        for name in attributes:
            if name != attribute:
                self.by.addItem(name, name)
        self.by.setCurrentIndex(max(0, self.by.findData(kept)))
        self.list.clear()
        self.grid.clear(self.tr("Looking for what the suspects share…"))
        self._read()

    def refresh(self) -> None:
        """Decisions were made or taken back."""
        if self._workspace is not None and not self._is_writing:
            self._read()

    def _forget(self) -> None:
        """Another catalog: that a group of the one before is mended is not told any more."""
        self._is_writing = False

    def end(self) -> None:
        """Nobody waits for answers any more."""
        for key in _KEYS:
            self._window.background.forget(key)
        self._workspace = None

    def _read(self) -> None:
        workspace, attribute, by = self._workspace, self._attribute, self.by.currentData()
        if workspace is None:
            return

        def look() -> tuple[list[Cluster], int]:
            control = JobControl()
            found = workspace.audit.clusters(attribute, control, by, _LEAST)
            return found, workspace.audit.count(attribute, control, unsure=False)

        def take(found: tuple[list[Cluster], int]) -> None:
            self._take(found[0])
            self.counted.emit(attribute, found[1])

        self._window.background.run(look, take, self._failed, key=_KEYS[0])

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, VisualSearchError):
            self.grid.clear(texts.error_line(error))
        else:
            self._window.faults.show(error)

    def _take(self, found: list[Cluster]) -> None:
        current = self.list.currentRow()
        before = self.clusters[current] if 0 <= current < len(self.clusters) else None
        self.clusters = found
        self.list.blockSignals(True)
        self.list.clear()
        for cluster in found:
            row = QListWidgetItem(f"{cluster.given} → {cluster.suggested}")
            note = note_of(cluster)
            row.setData(Qt.ItemDataRole.UserRole, note)
            row.setToolTip(f"{row.text()}: {note}")
            self.list.addItem(row)
        self.list.blockSignals(False)
        if not found:
            self.grid.clear(
                self.tr(
                    "No three suspects share a mistake: look at them one by one (Esc), or group them by something else."
                )
            )
            return
        self.list.setCurrentRow(self._place(before))

    def _place(self, before: Cluster | None) -> int:
        """The group that was open, or that was asked for, or the first."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            alike = [at for at, one in enumerate(self.clusters) if (one.given, one.suggested) == wanted]
            whole = [at for at in alike if not self.clusters[at].shared]
            return next(iter((*whole, *alike)), 0)
        same = (at for at, one in enumerate(self.clusters) if before is not None and _same(one, before))
        return next(same, 0)

    # --- one group ------------------------------------------------------------------------------------------

    def _open(self, row: int) -> None:
        workspace = self._workspace
        if workspace is None or not 0 <= row < len(self.clusters):
            return
        cluster = self.clusters[row]

        def show(review: Review) -> None:
            if self.list.currentRow() == row:
                self.grid.show_review(review)

        self._window.background.run(
            lambda: workspace.audit.fixes.review(cluster, JobControl()), show, self._failed, key=_KEYS[1]
        )

    def _fix(self, rest: bool) -> None:
        workspace, review, answers = self._workspace, self.grid.review, self.grid.said
        if workspace is None or review is None or self._is_writing:
            return
        self._is_writing = True

        def done(applied: Applied) -> None:
            self._is_writing = False
            changed = sum(answer == "right" for answer in answers.values())
            changed += (len(review.order) - len(answers)) * rest
            text = self.tr("{0}: {1} → {2} for {3}.").format(
                review.attribute,
                review.given,
                review.suggested,
                texts.counted(changed, self.tr("1 item"), self.tr("{0} items")),
            )
            self._window.undoing.note(applied.operation, text, applied.skipped)
            self.written.emit()

        def failed(error: BaseException) -> None:
            self._is_writing = False
            self._window.faults.show(error)

        self._window.undoing.write(
            lambda: workspace.audit.fixes.apply(review, answers, JobControl(), rest=rest), done, failed
        )


def _same(cluster: Cluster, other: Cluster) -> bool:
    return (cluster.given, cluster.suggested, cluster.shared, cluster.value) == (
        other.given, other.suggested, other.shared, other.value,
    )  # fmt: skip


def note_of(cluster: Cluster) -> str:
    """How many there are, and what they share."""
    translate = QCoreApplication.translate
    one, many = translate("auditing", "1 suspect"), translate("auditing", "{0} suspects")
    count = texts.counted(len(cluster.items), one, many)
    if cluster.shared == _IMPORT:
        return translate("auditing", "{0} · last import").format(count)
    if cluster.shared:
        return translate("auditing", "{0} · {1}: {2}").format(count, cluster.shared, cluster.value)
    return count
