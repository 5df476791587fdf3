"""Opening, making, filling and closing catalogs. Owns the open workspace; shows nothing itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from visualsearch.errors import CatalogError
from visualsearch.jobs import JobControl
from visualsearch.ui.background import Background
from visualsearch.ui.job_runner import JobRunner

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportRequest
    from visualsearch.workspace import CatalogInfo, Workspace

FIRST_TILES = 600  # more than any screen shows at once
DATABASE = "catalog.sqlite3"
_INFO_SHARE = 0.02  # of the time while a job runs: to count what is prepared goes through all photos


@dataclass(frozen=True)
class Opened:
    """A catalog just opened, with what the first paint needs. ``items``: numbers of the first ones by id."""

    workspace: Workspace
    items: Sequence[int]
    attributes: list[tuple[str, str]]


def open_catalog(path: Path, create: bool = False) -> Opened:
    """Open a catalog as far as the first paint needs it. Any thread. Raises CatalogError and its kinds."""
    from visualsearch.workspace import Workspace

    workspace = Workspace.open(path, create=create)
    try:
        return Opened(
            workspace,
            workspace.first_items(FIRST_TILES),
            workspace.attributes(),
        )
    except BaseException:
        workspace.close()
        raise


def is_catalog(folder: Path) -> bool:
    """Whether a folder is one of our catalogs."""
    return (folder / DATABASE).is_file()


class Catalogs(QObject):
    """One open catalog at a time, and the jobs that fill it."""

    opened = Signal(object)
    """An Opened; the former workspace is `former` to whoever listens."""
    counted = Signal(int)
    """Items in the catalog just opened."""
    grown = Signal(int, list)
    """What an import brought is there: total of items, attributes."""
    info_changed = Signal(object)
    """A CatalogInfo."""
    imported = Signal(object, object)
    """An import ended: the report or None, the error or None."""
    failed = Signal(object)
    not_found = Signal(object, bool)
    """What was to be opened is no catalog: its path, and whether there is a folder at all."""
    _something_new = Signal()

    def __init__(self, background: Background, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._jobs = jobs
        self.workspace: Workspace | None = None
        self.info: CatalogInfo | None = None
        self._info_due = 0.0
        self._opening: Path | None = None
        self._closed = threading.Event()
        self._reading = JobControl()  # of what only reads the current workspace
        self.go_on: Callable[[], None] = self.prepare
        """What goes on with the newest job where it failed or was cancelled."""
        self._something_new.connect(self._refresh, Qt.ConnectionType.QueuedConnection)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._come_back)

    @property
    def is_busy(self) -> bool:
        """Whether a job writes to the catalog, which must not be closed then."""
        return self._jobs.is_running

    def open(
        self,
        path: Path,
        *,
        create: bool = False,
        then: ImportRequest | None = None,
        encoder: str | None = None,
    ) -> None:
        """Open a catalog (the newest call wins), and import into it. Refused while a job runs."""
        if self.is_busy:
            self.failed.emit(_busy())
            return
        self._opening = path

        def work() -> Opened | bool:
            if not create and not is_catalog(path):
                return path.is_dir()
            found = open_catalog(path, create)
            if self._closed.is_set():
                found.workspace.close()
            return found

        def done(found: Opened | bool) -> None:
            if isinstance(found, bool):
                self.not_found.emit(path, found)
                return
            self.take(found, path)
            if then is not None and self.workspace is found.workspace:
                self.import_photos(then, encoder)

        self._background.run(work, done, self.failed.emit)

    def take(self, found: Opened, path: Path) -> None:
        """Make an opened catalog the current one, unless another was asked for meanwhile."""
        if self._opening not in (None, path) or self.is_busy:
            self._background.run(found.workspace.close)
            return
        self._opening = None
        self._stop_reading()
        self.workspace = found.workspace
        self.info = None
        self.opened.emit(found)

    def explore(self) -> None:
        """After the first paint: count what there is, and find out how far it is indexed."""
        workspace = self.workspace
        if workspace is not None:
            control = self._reading
            self._background.run(lambda: workspace.item_count(control), self.counted.emit, key="count")
            self.ask_info()

    def leave(self) -> None:
        """Forget the current workspace: the window closes it when nothing uses it any more."""
        self._stop_reading()
        self.workspace = self.info = None

    def close(self) -> None:
        """The window goes: what is still being opened is closed again at once."""
        self._closed.set()
        self._stop_reading()

    def _stop_reading(self) -> None:
        """Nobody waits for the answers any more, but the workspace can only be closed when they have ended."""
        self._reading.cancel()
        self._reading = JobControl()

    def ask_info(self) -> None:
        """Find out how far the catalog is indexed."""
        workspace = self.workspace
        if workspace is not None:
            control = self._reading

            def work() -> tuple[CatalogInfo, float]:
                begun = time.monotonic()
                return workspace.info(control), time.monotonic() - begun

            self._background.run(work, lambda found: self._take_info(*found), key="info")

    def _take_info(self, info: CatalogInfo, seconds: float) -> None:
        self.info = info
        self._info_due = time.monotonic() + seconds / _INFO_SHARE
        self.info_changed.emit(info)

    def import_photos(self, request: ImportRequest, encoder: str | None = None) -> None:
        """Import, embed and index as a job, while browsing goes on; with another ``encoder`` than the catalog's."""
        workspace = self.workspace
        if workspace is None:
            return
        self._start(
            self.tr("Import"),
            lambda control: workspace.import_all(
                request, control, encoder=encoder, on_change=self._something_new.emit
            ),
            lambda: self.import_photos(request, encoder),
        )

    def prepare(self) -> None:
        """Embed and index what waits, as a job."""
        workspace = self.workspace
        if workspace is not None:
            self._start(
                self.tr("Preparing"),
                lambda control: workspace.index(control, on_change=self._something_new.emit),
                self.prepare,
            )

    def _start(self, title: str, work: Callable[..., object], again: Callable[[], None]) -> None:
        """A job that writes into the current catalog; one that fails or is cancelled goes on by ``again``, which does
        only what was not done yet."""
        path = self.workspace.path if self.workspace is not None else None

        def go_on() -> None:
            if self.workspace is not None and self.workspace.path == path:
                again()
            else:
                self.failed.emit(
                    CatalogError(
                        f"The catalog {path} is not open any more.", "Open it to go on with the job."
                    )
                )

        self.go_on = go_on
        self._jobs.start(title, work, self._job_ended, again=go_on)

    def _job_ended(self, report: object, error: BaseException | None) -> None:
        self._refresh()
        self.ask_info()
        self.imported.emit(report, error)

    def _come_back(self, state: Qt.ApplicationState) -> None:
        """The person has been in another program: show what others have imported or decided meanwhile."""
        workspace = self.workspace
        if workspace is None or state != Qt.ApplicationState.ApplicationActive:
            return

        def look() -> tuple[int, list[tuple[str, str]]] | None:
            return (workspace.item_count(), workspace.attributes()) if workspace.refresh() else None

        def show(found: tuple[int, list[tuple[str, str]]] | None) -> None:
            if found is not None:
                self.grown.emit(*found)

        def leave(_error: BaseException) -> None:
            """What the person asks next says so."""

        self._background.run(look, show, leave)  # without a key: who comes back again finds nothing new

    def _refresh(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return

        def work() -> tuple[int, list[tuple[str, str]]]:
            workspace.refresh()
            return workspace.item_count(), workspace.attributes()

        self._background.run(work, lambda found: self.grown.emit(*found), key="refresh")
        unprepared = self.info is None or not self.info.embedded
        if self.is_busy and (unprepared or time.monotonic() >= self._info_due):
            self.ask_info()


def _busy() -> CatalogError:
    return CatalogError(
        "A job is still running in this catalog.",
        "Wait for it, or cancel it at the lower right, then try again.",
    )
