"""The query, its history and the newest answer to it. Widgets ask here and listen here, never to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from visualsearch.errors import Cancelled
from visualsearch.filters.query import Query, Results
from visualsearch.jobs import JobControl, NewestWins
from visualsearch.ui import edits
from visualsearch.ui.history import History

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace


class _Request:
    """A query once asked; asking the same query again is another request."""

    def __init__(self, workspace: Workspace, query: Query) -> None:
        self.workspace = workspace
        self.query = query


def _answer(request: _Request, emit: Callable[[Results | None], None], control: JobControl) -> None:
    """Search; None after the last phase says that this was all."""
    request.workspace.search(request.query, emit, control)
    emit(None)


def _nothing() -> None:
    """There was no search to end."""


class Controller(QObject):
    """Holds the state of browsing: one catalog, one query, one answer."""

    query_changed = Signal(object)
    """The Query now current (also after back, forward and a change of catalog)."""
    results_changed = Signal(object)
    """Results, phase by phase."""
    failed = Signal(object, object)
    """The Query that could not be answered, and the error."""
    history_changed = Signal()
    settled = Signal()
    """The last phase of the newest query is there, or it failed."""
    _arrived = Signal(object, object)
    _failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace: Workspace | None = None
        self._history: History[Query] = History(edits.START)
        self._request: _Request | None = None
        self.results: Results | None = None
        self.failure: BaseException | None = None
        self.is_settled = True
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        self._searcher: NewestWins[_Request, Results | None] | None = None

    @property
    def workspace(self) -> Workspace | None:
        return self._workspace

    @property
    def query(self) -> Query:
        return self._history.current

    @property
    def can_back(self) -> bool:
        return self._history.can_back

    @property
    def can_forward(self) -> bool:
        return self._history.can_forward

    @property
    def past(self) -> tuple[tuple[Query, ...], int]:
        """All queries of the history, oldest first, and which of them is the current one."""
        return self._history.values, self._history.place

    def go(self, place: int) -> None:
        """Go to any query of the history."""
        if self._workspace is not None and place != self._history.place:
            self._history.go(place)
            self._moved()

    def restore(self, queries: Sequence[Query], place: int) -> None:
        """Take over the history of an earlier session, and ask its current query."""
        if self._workspace is not None and queries:
            self._history.restore(queries, place)
            self._moved()

    def set_workspace(self, workspace: Workspace | None) -> Callable[[], None]:
        """Browse another catalog (or none) from the start; ``ensure_results`` asks the first question.

        Returns what ends the search of the former one: it waits, so call it in a worker, then close that workspace.
        """
        former, self._searcher = self._searcher, None
        self._workspace = workspace
        self._history = History(edits.START)
        self._request = None
        self.is_settled = workspace is None
        self.results = self.failure = None
        if workspace is not None:
            self._searcher = NewestWins(_answer, self._arrived.emit, self._failed.emit, "search")
        self.query_changed.emit(self.query)
        self.history_changed.emit()
        return former.close if former is not None else _nothing

    def edit(self, change: Callable[[Query], Query], merge: str = "") -> None:
        """Change the query and ask. ``merge``: edits in a row with the same one are one step of history."""
        if self._workspace is not None and self._history.push(change(self.query), merge):
            self._moved()

    def seal(self) -> None:
        """The typing or dragging that was merged is over."""
        self._history.seal()

    def back(self) -> None:
        if self._history.can_back:
            self._history.back()
            self._moved()

    def forward(self) -> None:
        if self._history.can_forward:
            self._history.forward()
            self._moved()

    def ensure_results(self) -> None:
        """Ask, unless somebody has asked already."""
        if self._request is None:
            self.refresh()

    def refresh(self) -> None:
        """Ask the same again, for the catalog has changed."""
        if self._workspace is not None and self._searcher is not None:
            self._request = _Request(self._workspace, self.query)
            self.is_settled = False
            self._searcher.submit(self._request)

    def _moved(self) -> None:
        self.query_changed.emit(self.query)
        self.history_changed.emit()
        self.refresh()

    def _take(self, request: _Request, results: Results | None) -> None:
        if request is not self._request:
            return
        if results is None:
            self.is_settled = True
            self.settled.emit()
        else:
            self.results, self.failure = results, None
            self.results_changed.emit(results)

    def _take_failure(self, request: _Request, error: BaseException) -> None:
        if request is self._request and not isinstance(error, Cancelled):
            self.is_settled = True
            self.failure = error
            self.failed.emit(request.query, error)
            self.settled.emit()
