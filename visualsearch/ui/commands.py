"""What the actions do: each a short method that tells the parts of the window what to do.

Dialogs are imported by the methods that show them, so that the window is on screen sooner.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

import visualsearch
from visualsearch.errors import Cancelled
from visualsearch.filters.query import Example
from visualsearch.ui import edits, tab_order, texts
from visualsearch.ui.actions import gestures
from visualsearch.ui.catalogs import is_catalog
from visualsearch.ui.gallery.view import DEFAULT_TILE
from visualsearch.ui.panels.chips import Chip
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import local_files

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportReport, ImportRequest
    from visualsearch.jobs import JobControl
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import CatalogInfo

_TABLES = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet"}


class Commands(QObject):
    """Connects the actions of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._wants_first = False  # the first photo found is to become the current one
        window.controller.settled.connect(self._choose_first)
        window.controller.settled.connect(self.order_tabs)
        window.bar.results_wanted.connect(self.go_to_results)
        window.actions_.connect(
            {
                "new": self.new_catalog,
                "open": self.open_catalog,
                "import": self.import_photos,
                "embed": window.catalogs.prepare,
                "refused": self.show_refused,
                "about_catalog": self.about_catalog,
                "close": self.close_catalog,
                "quit": window.close,
                "undo": window.controller.back,
                "redo": window.controller.forward,
                "positive": lambda: self.pick(1),
                "negative": lambda: self.pick(-1),
                "unpick": self.remove_focused,
                "picture": lambda: window.intake.ask(1),
                "unlike_picture": lambda: window.intake.ask(-1),
                "paste": self.paste,
                "copy": self.copy_ids,
                "select_all": window.area.gallery.selectAll,
                "condition": self.add_condition,
                "clear": self.clear,
                "facets": lambda shown: window.show_panel("facets", shown),
                "inspector": lambda shown: window.show_panel("inspector", shown),
                "scores": window.area.gallery.set_show_scores,
                "zoom_in": lambda: window.area.gallery.zoom(1),
                "zoom_out": lambda: window.area.gallery.zoom(-1),
                "zoom_reset": lambda: window.area.gallery.set_tile_size(DEFAULT_TILE),
                "sort": self.choose_order,
                "reverse": window.bar.reverse,
                "full_screen": self.full_screen,
                "back": window.controller.back,
                "forward": window.controller.forward,
                "text": self.go_to_text,
                "grid": self.go_to_grid,
                "next_pane": lambda: self.turn_pane(1),
                "previous_pane": lambda: self.turn_pane(-1),
                "pause": window.strip.toggle_pause,
                "cancel": window.jobs.cancel,
                "shortcuts": self.show_shortcuts,
                "about": self.about,
            }
        )

    # --- catalogs -------------------------------------------------------------------------------------------

    def new_catalog(self) -> None:
        self._ask_import(None, None, new=True)

    def open_catalog(self) -> None:
        if not self._is_free():
            return
        recent = self._window.settings.recent
        start = str(Path(recent[0]).parent if recent else Path.home())
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open a catalog"), start)
        if chosen:
            self._window.catalogs.open(Path(chosen))

    def import_photos(self) -> None:
        self._ask_import(None, None, new=False)

    def close_catalog(self) -> None:
        if self._is_free():
            self._window.leave_catalog()

    def _is_free(self) -> bool:
        """Whether no job runs; says so, and offers to cancel it, where one does."""
        window = self._window
        if window.jobs.is_running:
            window.area.banner.show_message(
                self.tr("A job is still running."),
                self.tr("What it has done so far stays when you cancel it."),
                warning=True,
                button=self.tr("Cancel the job"),
                slot=window.jobs.cancel,
            )
        return not window.jobs.is_running

    def offer_new(self, folder: Path, is_there: bool) -> None:
        """What was to be opened is no catalog."""
        banner = self._window.area.banner
        if is_there:
            banner.show_message(
                self.tr("{0} is no catalog.").format(folder),
                self.tr("A catalog is made from photos, and kept in a folder of its own."),
                warning=True,
                button=self.tr("New catalog from these photos…"),
                slot=lambda: self._ask_import(folder, None, new=True),
            )
            return
        known = str(folder) in self._window.settings.recent
        banner.show_message(
            self.tr("There is no folder {0}.").format(folder),
            self.tr("It was moved or deleted, or its disk is not connected."),
            warning=True,
            button=self.tr("Forget it") if known else "",
            slot=lambda: self._forget(folder),
        )

    def _forget(self, folder: Path) -> None:
        settings = self._window.settings
        settings.recent = [path for path in settings.recent if path != str(folder)]
        self._window.area.start.show_recent(settings.recent)

    def open_sample(self) -> None:
        """Make the sample catalog as a job, where it is not there yet, and open it."""
        window = self._window

        def make(control: JobControl) -> Path:
            from visualsearch import demo

            return demo.prepare(control)

        if self._is_free():
            window.jobs.start(self.tr("Sample catalog"), make, self._sample_made)

    def _sample_made(self, catalog: Path | None, error: BaseException | None) -> None:
        if catalog is not None:
            self._window.catalogs.open(catalog)
        elif isinstance(error, Cancelled):
            self._window.area.banner.show_message(
                self.tr("Cancelled. What was done so far stays."),
                button=self.tr("Go on"),
                slot=self.open_sample,
            )
        elif error is not None:
            self._window.faults.show(error)

    def _ask_import(self, images: Path | None, table: Path | None, *, new: bool) -> None:
        from visualsearch.ui.panels.importing import ImportDialog

        window = self._window
        if not self._is_free():
            return
        dialog = ImportDialog(window.background, window, images=images, table=table, new=new)

        def start(request: ImportRequest, catalog: Path | None) -> None:
            if catalog is not None:
                window.catalogs.open(catalog, create=True, then=request)
            else:
                window.catalogs.import_photos(request)

        dialog.wanted.connect(start)
        dialog.open()

    def take_drop(self, mime: QMimeData) -> None:
        """Something was dropped on the window: a catalog, a folder of photos, a table, or pictures as examples."""
        window = self._window
        files = local_files(mime)
        there = window.controller.workspace is not None
        if files and files[0].is_dir():
            if is_catalog(files[0]):
                window.catalogs.open(files[0])
            else:
                self._ask_import(files[0], None, new=not there)
        elif files and files[0].suffix.lower() in _TABLES:
            self._ask_import(files[0].parent, files[0], new=not there)
        elif there:
            window.intake.mime(mime, 1)

    def offer_preparing(self, info: CatalogInfo) -> None:
        """A job was cancelled or killed earlier: offer to go on with it, unless something else is being said."""
        window = self._window
        if not window.area.banner.isHidden():
            return
        if info.to_embed and not info.read_only and not window.catalogs.is_busy:
            window.area.banner.show_message(
                self.tr("{0} photos are not yet searchable by look.").format(texts.number(info.to_embed)),
                button=self.tr("Prepare them"),
                slot=window.catalogs.prepare,
            )
        elif info.read_only:
            window.area.banner.show_message(
                self.tr("This catalog can only be read: its folder or disk is read-only."),
                self.tr("Searching works; importing does not."),
            )

    def report_import(self, report: ImportReport | object, error: BaseException | None) -> None:
        """An import or a preparation has ended: tell it where it takes no keys from whoever is typing."""
        window = self._window
        if isinstance(error, Cancelled):
            window.area.banner.show_message(
                self.tr("Cancelled. What was done so far stays."),
                button=self.tr("Go on"),
                slot=window.catalogs.prepare,
            )
        elif error is not None:
            window.faults.show(error)
        elif hasattr(report, "items_new"):
            window.area.banner.show_message(
                texts.import_line(report),  # type: ignore[arg-type]
                button=self.tr("Report…"),
                slot=lambda: self._show_report(report),  # type: ignore[arg-type]
            )
        else:
            window.area.banner.show_message(self.tr("All photos are prepared."))

    def _show_report(self, report: ImportReport) -> None:
        from visualsearch.ui.panels.sheets import ReportDialog

        ReportDialog(report, self._window).open()

    def show_refused(self) -> None:
        from visualsearch.ui.panels.sheets import RefusedDialog

        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(
                workspace.refusals, lambda found: RefusedDialog(found, self._window).open(), key="refused"
            )

    def about_catalog(self) -> None:
        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(workspace.info, self._show_info, key="about")

    def _show_info(self, info: CatalogInfo) -> None:
        from visualsearch.ui.panels.sheets import TextSheet

        rows = [
            (self.tr("Catalog"), info.path),
            (self.tr("Photos in"), info.image_root),
            (self.tr("Items"), texts.number(info.items)),
            (self.tr("Photos"), texts.number(info.images)),
            (self.tr("Refused photos"), texts.number(info.refused)),
            (self.tr("Items without a photo"), texts.number(info.without_image)),
            (self.tr("Attributes"), ", ".join(info.attributes)),
            (self.tr("Encoder"), info.encoder),
            (self.tr("Searchable by look"), texts.number(info.embedded)),
            (self.tr("Still to prepare"), texts.number(info.to_embed)),
        ]
        TextSheet(self.tr("About this catalog"), [("", rows)], self._window).open()

    # --- examples and narrowing -----------------------------------------------------------------------------

    def pick(self, sign: int) -> None:
        """The selected photos, or the current one; from the inspector when that has the focus."""
        window = self._window
        gallery = window.area.gallery
        inside = window.inspector.isAncestorOf(window.focusWidget()) if window.focusWidget() else False
        if inside and window.inspector.item is not None:
            window.intake.items([window.inspector.item], sign)
            return
        current = gallery.current_item()
        if current >= 0 and gallery.is_selected(current):
            window.intake.items(gallery.selected_items().tolist(), sign)
        elif current >= 0:
            gallery.press_sign(current, sign)

    def unpick(self, example: Example) -> None:
        self._window.controller.edit(lambda query: edits.remove_example(query, example))

    def unpick_item(self, item: int) -> None:
        self.unpick(Example(item=item))

    def remove_focused(self) -> None:
        """Delete: the example or chip with the focus, else the example under the grid's focus."""
        focused = self._window.focusWidget()
        if isinstance(focused, Thumb) and focused.sign:
            focused.badge_clicked.emit()
        elif isinstance(focused, Chip):
            focused.click()
        elif self._window.area.gallery.current_item() >= 0:
            self.unpick_item(self._window.area.gallery.current_item())

    def paste(self) -> None:
        if not self._window.intake.mime(QGuiApplication.clipboard().mimeData(), 1):
            self._window.area.banner.show_message(
                self.tr("The clipboard holds no picture."),
                self.tr("Copy a picture or a picture file, then paste again."),
            )

    def copy_ids(self) -> None:
        workspace, gallery = self._window.controller.workspace, self._window.area.gallery
        items = gallery.selected_items().tolist() or [gallery.current_item()]
        if workspace is not None and items[0] >= 0:
            self._window.background.run(
                lambda: workspace.ids_of(items),
                lambda ids: QGuiApplication.clipboard().setText("\n".join(ids)),
            )

    def clear(self) -> None:
        self._window.controller.edit(edits.clear)

    def add_condition(self) -> None:
        from visualsearch.ui.panels.condition import ConditionDialog

        window = self._window
        workspace = window.controller.workspace
        if workspace is None:
            return
        dialog = ConditionDialog(
            workspace, window.background, window.attributes, window.facets.values(), window
        )
        dialog.accepted_text.connect(
            lambda text: window.controller.edit(lambda query: edits.add_condition(query, text))
        )
        dialog.open()

    # --- looking --------------------------------------------------------------------------------------------

    def inspect(self, item: int) -> None:
        """Enter or a double click: look at it closely."""
        self._window.actions_["inspector"].setChecked(True)
        self._window.inspector.show_item(item)

    def go_to_item(self, item: int) -> None:
        """Show an item in the inspector, and in the grid where it is among the results."""
        self._window.area.gallery.set_current_item(item)
        self.inspect(item)

    def show_example(self, example: Example) -> None:
        if example.item is not None:
            self.go_to_item(example.item)

    def tile_menu(self, item: int, point: QPoint) -> None:
        window = self._window
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("positive", "negative"):
            menu.addAction(window.actions_[name])
        if window.area.model.sign_of(item):
            menu.addAction(window.actions_["unpick"])
        menu.addSeparator()
        menu.addAction(self.tr("Inspect"), lambda: self.inspect(item))
        menu.addAction(window.actions_["copy"])
        menu.popup(point)

    def full_screen(self, wanted: bool) -> None:
        if wanted:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def choose_order(self) -> None:
        self._window.bar.sort.setFocus()
        self._window.bar.sort.showPopup()

    # --- where the keyboard is ------------------------------------------------------------------------------

    def go_to_text(self) -> None:
        self._window.bar.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._window.bar.text.selectAll()

    def go_to_grid(self) -> None:
        """Esc: from anywhere to the grid, there drops the selection."""
        gallery = self._window.area.gallery
        if gallery.hasFocus():
            gallery.clearSelection()
        else:
            gallery.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to_results(self) -> None:
        """To the first photo that is found, once the answer to what was typed is there."""
        self._window.area.gallery.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._wants_first = True
        if self._window.controller.is_settled:
            self._choose_first()

    def _choose_first(self) -> None:
        item = self._window.area.model.item_at(0)
        if self._wants_first and item is not None and self._window.area.gallery.hasFocus():
            self._window.area.gallery.set_current_item(item)
        self._wants_first = False

    def panes(self) -> list[tuple[QWidget, QWidget]]:
        """The panes on screen with the widget that gets the focus, in the order of F6."""
        window = self._window
        thumbs = [thumb for zone in window.tray.zones() for thumb in zone.thumbs()]
        tray = thumbs[0] if thumbs else window.tray.positive.add_button
        chips = window.area.chips
        found: list[tuple[QWidget, QWidget | None]] = [
            (window.bar, window.bar.text),
            (window.tray, tray),
            (window.facets, window.facets.first_focus()),
            (chips, chips.chips()[0] if chips.chips() else chips.condition),
            (window.area.gallery, window.area.gallery),
            (window.inspector, window.inspector.scroll_area),
        ]
        return [(pane, target) for pane, target in found if target is not None and target.isVisible()]

    def order_tabs(self) -> None:
        """Tab goes where F6 goes, step by step."""
        window, tray = self._window, self._window.tray
        zones = [part for zone in tray.zones() for part in (zone.add_button, *zone.thumbs())]
        examples = (*zones, tray.blocks, tray.narrow)
        tab_order.chain(
            (window.bar, *examples, window.facets, window.area.chips, window.area.gallery, window.inspector)
        )

    def turn_pane(self, step: int) -> None:
        panes, focused = self.panes(), self._window.focusWidget()
        if not panes:
            return
        here = [
            place
            for place, (pane, _) in enumerate(panes)
            if focused is not None and (pane is focused or pane.isAncestorOf(focused))
        ]
        place = (here[0] + step) % len(panes) if here else 0
        panes[place][1].setFocus(Qt.FocusReason.TabFocusReason)

    # --- help -----------------------------------------------------------------------------------------------

    def show_shortcuts(self) -> None:
        from visualsearch.ui.panels.sheets import TextSheet, shortcut_page

        page = [gestures(), *shortcut_page(self._window.actions_.sheet())]
        TextSheet(self.tr("Shortcuts"), page, self._window).open()

    def about(self) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About visualsearch"))
        box.setText(f"<b>visualsearch {visualsearch.__version__}</b>")
        box.setInformativeText(
            self.tr(
                "Finds, filters and checks the products of a catalog by how their photos look. MIT licence."
            )
        )
        box.open()
