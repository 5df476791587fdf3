"""The Quality mode of a window: four pages, the one that is open, and the way from a number to its items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QTabWidget, QWidget

from visualsearch.catalog.predicate_syntax import OneOf
from visualsearch.ui import edits
from visualsearch.ui.modes import BROWSE, Mode
from visualsearch.ui.quality.dashboard import DashboardPage
from visualsearch.ui.quality.duplicates_page import DuplicatesPage
from visualsearch.ui.quality.estimates import EstimatesPage
from visualsearch.ui.quality.parts import Page
from visualsearch.ui.quality.report_page import ReportPage

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class QualityTabs(QTabWidget):
    """The pages as tabs; only the one in sight reads anything."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace: Workspace | None = None
        self.setAccessibleName(self.tr("Quality"))
        self.setDocumentMode(True)
        self.dashboard = DashboardPage(window)
        self.estimates = EstimatesPage(window)
        self.duplicates = DuplicatesPage(window)
        self.report = ReportPage(window)
        for page, title in (
            (self.dashboard, self.tr("&Dashboard")),
            (self.estimates, self.tr("E&stimate")),
            (self.duplicates, self.tr("D&uplicates")),
            (self.report, self.tr("Re&port")),
        ):
            self.addTab(page, title)
            page.leads.connect(self.lead)
        self.currentChanged.connect(lambda _place: self._open_page())
        window.undoing.changed.connect(self._reload)
        window.catalogs.grown.connect(lambda *_: self._reload())
        window.catalog_changed.connect(lambda _workspace: self._forget())

    @property
    def page(self) -> Page:
        page = self.currentWidget()
        assert isinstance(page, Page)
        return page

    def open(self, workspace: Workspace) -> None:
        """The mode comes on screen."""
        self._workspace = workspace
        self._open_page()

    def close_catalog(self) -> None:
        """The mode goes: what still comes for it finds nobody."""
        self._workspace = None

    def _forget(self) -> None:
        """Another catalog is there, or none."""
        for page in (self.dashboard, self.estimates, self.duplicates, self.report):
            page.workspace = None

    def _open_page(self) -> None:
        if self._workspace is not None:
            self.page.open(self._workspace)

    def _reload(self) -> None:
        if self._workspace is not None:
            self.page.reload()

    def lead(self, found: str | list[int]) -> None:
        """To Browse, with a search for nothing but these items."""
        workspace = self._workspace
        if workspace is None:
            return
        if isinstance(found, str):
            self._browse(found)
            return
        show = lambda ids: self._browse(str(OneOf("id", tuple(ids))))  # noqa: E731
        self._window.background.run(lambda: workspace.ids_of(found), show, key="quality leads")

    def _browse(self, condition: str) -> None:
        self._window.controller.edit(lambda query: edits.add_condition(edits.clear(query), condition))
        self._window.modes.switch(BROWSE)


class QualityMode(Mode):
    """How good the catalog is."""

    name, icon, docks = "quality", "info", ("jobs",)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(QCoreApplication.translate("modes", "Quality"))
        self._window = window

    def make(self) -> QWidget:
        self.tabs = QualityTabs(self._window)
        return self.tabs

    def enter(self, workspace: Workspace) -> None:
        self.tabs.open(workspace)

    def leave(self) -> None:
        self.tabs.close_catalog()

    def focus(self) -> None:
        self.tabs.page.focus_first()

    def panes(self) -> list[tuple[QWidget, QWidget]]:
        return [(self.tabs.tabBar(), self.tabs.tabBar()), (self.tabs.page, self.tabs.page)]


def install(window: MainWindow) -> None:
    window.modes.add(QualityMode(window))
