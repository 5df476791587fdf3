"""The window: makes the parts and wires them. What it knows is in the controller and the catalogs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QWidget

from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Query, Results
from visualsearch.settings import Settings
from visualsearch.ui import remembered, texts, wiring
from visualsearch.ui.actions import Actions, Entry
from visualsearch.ui.background import Background
from visualsearch.ui.catalog_commands import CatalogCommands
from visualsearch.ui.catalogs import Catalogs, Opened
from visualsearch.ui.commands import Commands
from visualsearch.ui.controller import Controller
from visualsearch.ui.docks import Docks
from visualsearch.ui.emptiness import Emptiness
from visualsearch.ui.faults import Faults
from visualsearch.ui.features import Features
from visualsearch.ui.gallery.view import MAX_TILE, MIN_TILE
from visualsearch.ui.intake import Intake
from visualsearch.ui.job_runner import JobRunner
from visualsearch.ui.modes import BROWSE, Center, Modes
from visualsearch.ui.panels.banner import Banner
from visualsearch.ui.panels.browse import BrowseArea
from visualsearch.ui.panels.examples import ExampleTray
from visualsearch.ui.panels.facets import FacetPanel
from visualsearch.ui.panels.inspector import Inspector
from visualsearch.ui.panels.jobs import JobStrip
from visualsearch.ui.panels.search_bar import SearchBar
from visualsearch.ui.photos import Photos, can_be_example, fetch_from

if TYPE_CHECKING:
    from visualsearch.ui.undoing import Undoing

_FIRST_PAINT_MS = 500  # the search, which loads the catalog's columns, waits no longer for the first photos
_LEFT, _RIGHT, _TOP = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.TopDockWidgetArea,
)


class MainWindow(QMainWindow):
    """One window, one catalog. ``settings`` are read at the start and written when it closes."""

    catalog_changed = Signal(object)
    """The Workspace now open, or None."""
    attributes_changed = Signal(list)
    """The catalog has these now: (name, type)."""
    features_installed = Signal()
    closing = Signal()
    """The window goes; its parts are still there."""
    undoing: Undoing
    """Where features note decisions; a feature itself, there after the first paint."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self._total = 0
        self.is_closed = False
        self.keeps_place = True  # whether it goes where one was in a catalog, and takes down where one is
        self._first_paint = QTimer(self, singleShot=True, interval=_FIRST_PAINT_MS)
        self.faults = Faults(self)
        self.background = Background(self)
        self.jobs = JobRunner(self)
        self.controller = Controller(self)
        self.catalogs = Catalogs(self.background, self.jobs, self)
        self.photos = Photos(self.background, self)
        self.actions_ = Actions(self)
        self.intake = Intake(self.controller, self.background, self)
        self.features = Features(self)
        self._build()
        self.commands = Commands(self)
        self.catalog_commands = CatalogCommands(self)
        back, forward = lambda: self.controller.can_back, lambda: self.controller.can_forward
        self.actions_.when({"back": back, "forward": forward})
        self.actions_.when({name: partial(self._makes_sense, name) for name in ("facets", "inspector")})
        for wire in (self._wire_catalogs, self._wire_query, self._wire_gallery):
            wire()
        remembered.restore(self)
        self.take_colours()
        self._show_catalog(None)

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.area = BrowseArea(self)
        center = Center(self.area.banner, self.area, self)
        self.setCentralWidget(center)
        self.modes = Modes(self, center.stack)
        self.docks = Docks(self, self.modes.keeps)
        self.bar = SearchBar(self.actions_["back"], self.actions_["forward"], self)
        self.bar.zoom.setRange(MIN_TILE, MAX_TILE)
        self.addToolBar(self.bar)
        self.facets = FacetPanel(self)
        self.inspector = Inspector(self.background, self.photos, self)
        self.tray = ExampleTray(self.photos, self)
        browse = (BROWSE,)
        self.docks.add("facets", self.tr("Attributes"), self.facets, _LEFT, browse, 230)
        self.docks.add("tray", self.tr("Examples"), self.tray, _TOP, browse)
        self.inspector_dock = self.docks.add(
            "inspector", self.tr("Inspector"), self.inspector, _RIGHT, browse, 290
        )
        self.strip = JobStrip(self.jobs, self)
        self.status = QLabel(self)
        self.status.setContentsMargins(8, 0, 0, 0)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().addPermanentWidget(self.strip)
        self.statusBar().setSizeGripEnabled(False)
        self.emptiness = Emptiness(self.area, self.controller, self.catalogs, self.background)
        self.actions_.fill(self.menuBar())
        self.bar.catalog.setMenu(self.actions_.catalog_menu(self))
        self.setAcceptDrops(True)
        self.resize(1280, 800)

    @property
    def banner(self) -> Banner:
        """Says things above whatever mode is on screen."""
        return self.area.banner

    def add_dock(
        self,
        name: str,
        title: str,
        panel: QWidget,
        side: Qt.DockWidgetArea,
        *,
        modes: tuple[str, ...] = (BROWSE,),
        keys: tuple[str, ...] = (),
        width: int = 0,
        wanted: bool = True,
    ) -> QDockWidget:
        """Add a panel that shows in these modes, with an action in the View menu that opens and closes it.

        ``wanted``: whether it is open until the person says otherwise, which is remembered. ``width``: pixels of one at
        the left or right; it grows and shrinks with the window.
        """
        self.docks.wanted.setdefault(name, wanted)
        dock = self.docks.add(name, title, panel, side, modes, width)
        entry = Entry(name, title, keys, checkable=True)
        self.actions_.add("view", (entry,), {name: lambda shown: self.show_panel(name, shown)})
        self.actions_.when({name: partial(self._makes_sense, name)})
        self._show_docks()
        self.enable_actions()
        return dock

    def _makes_sense(self, dock: str) -> bool:
        return self.docks.makes_sense(dock, self.modes.current)

    # --- wiring ---------------------------------------------------------------------------------------------

    def _wire_catalogs(self) -> None:
        self.catalogs.opened.connect(self._show_catalog)
        self.catalogs.counted.connect(self._count)
        self.catalogs.info_changed.connect(self._show_status)
        self.catalogs.grown.connect(self._grow)
        for part in (self.catalogs, self.background, self.area.model, self.area.pixmaps):
            part.failed.connect(self.faults.show)
        self.faults.known.connect(lambda text, hint: self.banner.show_message(text, hint, warning=True))
        self.intake.said.connect(self.banner.show_message)
        self.jobs.changed.connect(self.enable_actions)
        self.modes.changed.connect(self._show_mode)
        self.modes.added.connect(self._show_switch)
        self.emptiness.unreadable_unwanted.connect(self.intake.drop_unreadable)

    def _wire_query(self) -> None:
        controller = self.controller
        controller.query_changed.connect(self._show_query)
        controller.results_changed.connect(self._show_results)
        controller.failed.connect(self._show_failure)
        controller.history_changed.connect(self.enable_actions)
        wiring.connect_edits(self)
        wiring.tell_of_searching(self)

    def _wire_gallery(self) -> None:
        gallery = self.area.gallery
        gallery.example_requested.connect(lambda item, sign: self.intake.items([item], sign))
        gallery.example_removed.connect(self.commands.unpick_item)
        gallery.current_item_changed.connect(self._look_at)
        gallery.selection_changed.connect(self._show_status)
        gallery.moved.connect(self.jobs.give_way)
        gallery.completed.connect(self._hurry, Qt.ConnectionType.QueuedConnection)
        self._first_paint.timeout.connect(self._explore)
        gallery.tile_size_changed.connect(self.bar.zoom.setValue)
        gallery.context_menu_requested.connect(self.commands.tile_menu)
        for watched in (gallery.viewport(), self.area.start.card):
            watched.installEventFilter(self)
        self.bar.zoomed.connect(gallery.set_tile_size)
        self.inspector.example_wanted.connect(lambda item, sign: self.intake.items([item], sign))
        self.inspector.item_wanted.connect(self.commands.go_to_item)

    # --- the catalog ----------------------------------------------------------------------------------------

    def _show_catalog(self, opened: Opened | None) -> None:
        """Show a catalog just opened, or the start page; close the one before when nothing uses it any more."""
        self.modes.reset()
        former = self.controller.workspace
        workspace = opened.workspace if opened is not None else None
        self.area.pixmaps.set_fetch(fetch_from(workspace))
        self.area.model.set_id_source(workspace.ids_of if workspace is not None else None)
        self.photos.set_workspace(workspace)
        self.inspector.set_workspace(workspace)
        self.banner.hide()
        if opened is None:
            self._total = 0
            self.area.model.set_results([])
            self.area.start.show_recent(self.settings.recent)
            self.area.show_start()
            self.status.clear()
        else:
            self._total = len(opened.items)
            self.area.model.set_results(opened.items)
            self.attributes = opened.attributes  # the panels learn of them after the first paint
            self.area.show_grid()
            self.settings.remember_catalog(opened.workspace.path)
        end_search = self.controller.set_workspace(workspace)
        if former is not None:
            self.background.renew(lambda: (end_search(), former.close()))
        self.bar.setVisible(opened is not None)
        self._show_docks()
        name = f"{opened.workspace.name} — " if opened is not None else ""
        self.setWindowTitle(f"{name}visualsearch")
        self.bar.catalog.setText(opened.workspace.name if opened is not None else "")
        self.enable_actions()
        self.catalog_changed.emit(workspace)
        if opened is not None:
            self.area.gallery.setFocus()
            self._first_paint.start()

    def _hurry(self) -> None:
        """The first tiles have their photos: no need to wait any longer."""
        if self._first_paint.isActive():
            self._first_paint.stop()
            self._explore()

    def _explore(self) -> None:
        """Now that the first tiles are there: search, which loads columns and vectors, and count."""
        self.features.begin()
        if not self.is_closed and self.controller.workspace is not None:
            self.offer_attributes(self.attributes)
            self.controller.ensure_results()
            self.catalogs.explore()

    def _count(self, total: int) -> None:
        self._total = total
        self._show_status()

    def _show_docks(self) -> None:
        self.docks.show(self.modes.current if self.controller.workspace is not None else None)
        for name, wanted in self.docks.wanted.items():
            if name in self.actions_:
                self.actions_[name].setChecked(wanted)

    def show_panel(self, name: str, shown: bool) -> None:
        """Open or close a panel."""
        self.docks.wanted[name] = shown
        self._show_docks()
        if shown:
            QTimer.singleShot(0, self, lambda: self.docks.lift(name))  # once it has its place

    def _show_mode(self) -> None:
        """Another mode is on screen."""
        self._show_docks()
        self.bar.show_searching(self.modes.searches)
        self.status.setVisible(self.modes.searches)  # it tells of the search
        self.enable_actions()

    def _show_switch(self) -> None:
        """A second mode has come: offer to switch."""
        if len(self.modes.all()) == 2:
            from visualsearch.ui.panels.mode_switch import ModeSwitch

            self.switch = ModeSwitch(self.modes, self)
            self.bar.add_switch(self.switch)

    def leave_catalog(self) -> None:
        """Back to the start page."""
        self.catalogs.leave()
        self._show_catalog(None)

    def offer_attributes(self, attributes: list[tuple[str, str]]) -> None:
        """Let the panels, and who else asks for it, know what the catalog has."""
        self.attributes = attributes
        self.facets.set_attributes(attributes)
        self.bar.set_attributes(attributes)
        self.attributes_changed.emit(attributes)
        results = self.controller.results
        if results is not None and results.facets:  # an answer may be there before the attributes are
            self.facets.show_counts(self.controller.query, results.facets)

    def _grow(self, total: int, attributes: list[tuple[str, str]]) -> None:
        """An import or a preparation has brought something: ask again, fetch the pictures again."""
        self._total = total
        self.offer_attributes(attributes)
        self.area.pixmaps.invalidate()
        self.controller.refresh()

    def enable_actions(self) -> None:
        """Enable the actions that make sense now."""
        there = {"job"} if self.jobs.is_running else set()
        if self.controller.workspace is not None:
            there |= {"catalog", self.modes.current, *(("search",) if self.modes.searches else ())}
        self.actions_.enable(there)

    # --- the query and its results --------------------------------------------------------------------------

    def _show_query(self, query: Query) -> None:
        self.banner.pass_by()
        self.tray.show_query(query)
        self.area.chips.show_query(query)
        self.facets.show_query(query)
        self.bar.show_query(query)
        self.inspector.show_query(query)
        visual = query.visual.counting()
        sides = ((visual.positives, 1), (visual.negatives, -1))
        self.area.model.set_signs({e.item: sign for side, sign in sides for e in side if e.item is not None})

    def _show_results(self, results: Results) -> None:
        query = self.controller.query
        self.area.model.set_results(
            results.items, results.total, results.scores, token=replace(query, facets=True)
        )
        if results.facets:
            self.facets.show_counts(query, results.facets)
        self.tray.show_results(query, results, texts.number(results.total))
        self.emptiness.show(results)
        self._show_status()

    def _show_failure(self, _query: Query, error: BaseException) -> None:
        """The query cannot be answered: the page in the middle says why and what to do."""
        self.tray.show_no_results()
        self._show_status()
        if not isinstance(error, VisualSearchError):
            self.faults.show(error)

    def _show_status(self) -> None:
        results = self.controller.results
        if self.controller.failure is not None:
            self.status.setText(self.tr("This search has no answer"))
        elif results is not None:
            picked, info = len(self.area.gallery.selected_items()), self.catalogs.info
            self.status.setText(texts.status_line(self.controller.query, results, self._total, info, picked))

    def _look_at(self, item: int) -> None:
        if item >= 0 and self.inspector_dock.isVisible():
            self.inspector.show_item(item)

    # --- Qt's events ----------------------------------------------------------------------------------------

    def take_colours(self) -> None:
        """Draw what is painted in the theme's colours anew."""
        self.actions_.take_colours()
        for part in (self.area, self.bar, self.strip, *self.tray.zones()):
            part.take_colours()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "commands"):
            self.take_colours()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and watched is self.area.start.card:
            self.features.begin()  # the start page is there
        return event.type() == QEvent.Type.MouseButtonPress and self._travel(event)  # type: ignore[arg-type]

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.commands.order_tabs()  # not before: widgets come and go with each answer
        return super().focusNextPrevChild(forward)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._travel(event):
            super().mousePressEvent(event)

    def _travel(self, event: QMouseEvent) -> bool:
        """The mouse's own back and forward buttons."""
        if event.button() == Qt.MouseButton.BackButton:
            self.controller.back()
        elif event.button() == Qt.MouseButton.ForwardButton:
            self.controller.forward()
        else:
            return False
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if can_be_example(event.mimeData()) or event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.catalog_commands.take_drop(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        remembered.remember(self)
        self.closing.emit()
        self.hide()  # at once: a job may take a second to come to its next checkpoint
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End every thread and close the catalog."""
        if self.is_closed:
            return
        self.is_closed = True
        self.modes.reset()
        self.catalogs.close()
        self.jobs.close()
        self.area.close_workers()
        workspace = self.controller.workspace
        self.controller.set_workspace(None)()
        self.background.close()
        if workspace is not None:
            workspace.close()
