"""What to say instead of an empty grid, and the ways out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from visualsearch.errors import ImageRefused, VisualSearchError
from visualsearch.filters.query import Query, Results
from visualsearch.ui import edits, texts
from visualsearch.ui.background import Background
from visualsearch.ui.catalogs import Catalogs
from visualsearch.ui.controller import Controller
from visualsearch.ui.edits import Narrowing
from visualsearch.ui.panels.browse import BrowseArea

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace


def _help(workspace: Workspace, query: Query) -> tuple[list[tuple[Narrowing, int]], list[str]]:
    """How many would be found without each narrowing, and what in the conditions cannot match. For workers."""
    from visualsearch.ui.panels.condition import total_of

    totals = [(entry, total_of(workspace, entry.without)) for entry in edits.narrowings(query)]
    return totals, workspace.warnings(query.where)


class Emptiness(QObject):
    """Decides between grid and empty page whenever results come."""

    import_wanted = Signal()
    unreadable_unwanted = Signal()
    """The examples that cannot be read are to be removed."""

    def __init__(
        self, area: BrowseArea, controller: Controller, catalogs: Catalogs, background: Background
    ) -> None:
        super().__init__(area)
        self._area = area
        self._controller = controller
        self._catalogs = catalogs
        self._background = background
        controller.settled.connect(self.decide)
        catalogs.info_changed.connect(self._learn)

    def decide(self) -> None:
        """Show the grid when there is something in it, else the page that says why not."""
        results, workspace = self._controller.results, self._controller.workspace
        if workspace is None or not self._controller.is_settled:
            return
        query = self._controller.query
        if self.is_unprepared:
            self._say_unprepared()
            return
        if self._controller.failure is not None:
            self._say_failed(self._controller.failure)
            return
        if results is None:
            return
        if results.total:
            self._background.forget("totals")
            self._area.show_grid()
            return
        if not edits.narrowings(query):
            self._say_empty()
        else:
            self._area.empty.say(self.tr("Nothing matches"), self.tr("Looking for what to drop…"))
            self._area.show_empty()
            self._background.run(
                lambda: _help(workspace, query), lambda found: self._offer(query, *found), key="totals"
            )

    def _learn(self) -> None:
        """How far the catalog is prepared is known anew; a search that failed for lack of it is being asked again."""
        if self.is_unprepared or self._controller.failure is None:
            self.decide()

    def show(self, results: Results) -> None:
        """Results with tiles are shown at once; the rest waits until the answer is final."""
        if results.total:
            self._area.show_grid()

    @property
    def is_unprepared(self) -> bool:
        """Whether the query failed since the program has looked at no photo yet, or a job is still to index them."""
        failed = self._controller.failure is not None and bool(self._controller.query.visual)
        info = self._catalogs.info
        looked_at = info is None or (info.index_rows if self._catalogs.is_busy else info.embedded)
        return failed and not looked_at

    def _say_empty(self) -> None:
        if self._catalogs.is_busy:
            self._area.empty.say(
                self.tr("The import is running"),
                self.tr("Photos appear here as they are read. Go on browsing."),
            )
        else:
            self._area.empty.say(
                self.tr("This catalog is empty"),
                self.tr(
                    "Import a folder of photos, with a table of attributes where you have one, or drop it here."
                ),
                [(self.tr("Import photos…"), self.import_wanted.emit)],
            )
        self._area.show_empty()
        for button in self._area.empty.buttons()[:1]:
            button.setFocus()

    def _say_unprepared(self) -> None:
        clear = (self.tr("Show all photos"), lambda: self._controller.edit(edits.clear))
        if self._catalogs.is_busy:
            self._area.empty.say(
                self.tr("The photos are being prepared"),
                self.tr("Searching by look works as soon as the first of them are done."),
                [clear],
            )
        else:
            self._area.empty.say(
                self.tr("The photos are not prepared yet"),
                self.tr(
                    "To search by look, the program has to look at every photo once. You can go on browsing."
                ),
                [(self.tr("Prepare the photos"), self._catalogs.prepare), clear],
            )
        self._area.show_empty()

    def _say_failed(self, error: BaseException) -> None:
        """The grid must not go on showing the answer to another query."""
        known = isinstance(error, VisualSearchError)
        reason = texts.error_line(error) if known else self.tr("Something went wrong in the program.")
        buttons: list[tuple[str, Callable[[], object]]] = []
        if isinstance(error, ImageRefused):
            buttons.append(
                (self.tr("Remove the pictures that cannot be read"), self.unreadable_unwanted.emit)
            )
        if self._controller.can_back:
            buttons.append((self.tr("Undo the last change"), self._controller.back))
        buttons.append((self.tr("Try again"), self._controller.refresh))
        self._area.empty.say(self.tr("This search has no answer"), reason, buttons)
        self._area.show_empty()

    def _offer(self, query: Query, totals: list[tuple[Narrowing, int]], warnings: list[str]) -> None:
        if query == self._controller.query:
            if query.visual and self._catalogs.is_busy:
                warnings = [*warnings, self.tr("More photos come as the import goes on.")]
            self._area.empty.offer_drops(
                totals, lambda entry: self._controller.edit(lambda _query: entry.without), warnings
            )
