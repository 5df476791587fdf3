"""Connects exports to a window: the dialog, the job, and what it brought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.ui import texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.edits import narrowings
from visualsearch.ui.exporting.dialog import ExportDialog, Offer
from visualsearch.ui.panels.path_line import documents

if TYPE_CHECKING:
    from visualsearch.attributes.exports import ExportReport, ExportRequest
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

LANE = "export"
_LOOKED_BACK = 1_000  # operations among which people are looked for


class Exporting(QObject):
    """The exports of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: ExportDialog | None = None
        entry = Entry("export", self.tr("E&xport…"), ("Ctrl+Shift+X",), needs="catalog", gap=True)
        window.actions_.add("file", (entry,), {"export": self.show})
        window.catalog_changed.connect(lambda _workspace: self._close())
        window.enable_actions()

    def show(self) -> None:
        """Find out what there is to export, and ask."""
        workspace = self._window.controller.workspace
        if workspace is None or self.dialog is not None:
            return
        self._window.background.run(
            lambda: _known(workspace), lambda known: self._open(workspace, *known), key="export"
        )

    def _open(self, workspace: Workspace, total: int, made: list, people: list[str]) -> None:
        if self._window.controller.workspace is not workspace or self.dialog is not None:
            return
        window, results = self._window, self._window.controller.results
        shown = None
        if results is not None and window.controller.is_settled and narrowings(window.controller.query):
            shown = results.items if len(results.items) == results.total else None
        selected = window.area.gallery.selected_items()
        folder = Path(made[-1].file).parent if made else documents()
        offer = Offer(total, shown, selected, made, people)
        self.dialog = ExportDialog(offer, folder, workspace.name, window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.chosen.connect(lambda request: self._check(workspace, request))
        self.dialog.destroyed.connect(self._forget)
        self.dialog.open()

    def _check(self, workspace: Workspace, request: ExportRequest) -> None:
        """What can be said at once is said in the dialog, before a job begins."""

        def work() -> bool:
            workspace.export.check(request)
            return request.file.exists()

        def checked(there: bool) -> None:
            if there and self.dialog is not None and self.dialog.place.replacing != request.file:
                self.dialog.ask_to_replace(request.file)
            else:
                self._begin(workspace, request)

        self._window.background.run(work, checked, self._refused, key="export")

    def _refused(self, error: BaseException) -> None:
        if self.dialog is not None and isinstance(error, VisualSearchError):
            self.dialog.refuse(texts.sentences(str(error), error.hint))
        else:
            self._window.faults.show(error)

    def _begin(self, workspace: Workspace, request: ExportRequest) -> None:
        self._close()
        self._window.jobs.start(
            self.tr("Export to {0}").format(request.file.name),
            lambda control: workspace.export.run(request, control),
            lambda report, error: self._ended(report, error),
            lane=LANE,
            again=lambda: self._begin(workspace, request),
        )

    def _ended(self, report: ExportReport | None, error: BaseException | None) -> None:
        if report is None:
            if error is not None and not isinstance(error, Cancelled):
                self._window.faults.show(error)
            return
        file = Path(report.file)
        text = self.tr("Items in {1}: {0}.").format(texts.number(report.items), file.name)
        self._window.banner.show_message(
            text,
            texts.sentences(*report.notes),
            button=self.tr("Open the folder"),
            slot=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.absolute().parent))),
        )

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _forget(self) -> None:
        self.dialog = None


def _known(workspace: Workspace) -> tuple[int, list, list[str]]:
    """How many items there are, the exports that were made, and who changed something. For a worker."""
    people = {one.actor for one in workspace.decisions.history(limit=_LOOKED_BACK) if one.values}
    return workspace.item_count(), workspace.export.history(), sorted(people)


def install(window: MainWindow) -> None:
    Exporting(window)
