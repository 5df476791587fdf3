"""What the actions for catalogs do: make, open, fill and close them, and tell how that went.

Dialogs are imported by the methods that show them, so that the window is on screen sooner.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QMimeData, QObject

from visualsearch.errors import Cancelled
from visualsearch.ui import style, texts
from visualsearch.ui.catalogs import is_catalog
from visualsearch.ui.photos import local_files

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportReport, ImportRequest
    from visualsearch.jobs import JobControl
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import CatalogInfo

_TABLES = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet"}
_RECENT = 8  # in the menu; the start page has more room


class CatalogCommands(QObject):
    """Connects the actions of one window that have to do with its catalog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.actions_.connect(
            {
                "new": self.new_catalog,
                "open": self.open_catalog,
                "import": self.import_photos,
                "embed": window.catalogs.prepare,
                "refused": self.show_refused,
                "about_catalog": self.about_catalog,
                "close": self.close_catalog,
            }
        )
        window.catalogs.not_found.connect(self.offer_new)
        window.catalogs.info_changed.connect(self.offer_preparing)
        window.catalogs.imported.connect(self.report_import)
        window.emptiness.import_wanted.connect(self.import_photos)
        start = window.area.start
        start.new_wanted.connect(self.new_catalog)
        start.open_wanted.connect(self.open_catalog)
        start.sample_wanted.connect(self.open_sample)
        start.chosen.connect(window.catalogs.open)
        self._recent = style.Menu(self.tr("Open &recent"), window)
        self._recent.aboutToShow.connect(self._list_recent)
        menu = window.bar.catalog.menu()
        if menu is not None:
            menu.insertMenu(window.actions_["new"], self._recent)

    def _list_recent(self) -> None:
        """The recent catalogs but the one that is open."""
        self._recent.clear()
        is_open = self._window.controller.workspace is not None  # then it is the first of them
        for path in self._window.settings.recent[int(is_open) :][:_RECENT]:
            text = f"{Path(path).name} — {path}".replace("&", "&&")
            self._recent.addAction(text, lambda chosen=path: self._window.catalogs.open(Path(chosen)))
        if self._recent.isEmpty():
            self._recent.addAction(self.tr("None yet")).setEnabled(False)

    def new_catalog(self) -> None:
        self._ask_import(None, None, new=True)

    def open_catalog(self) -> None:
        from PySide6.QtWidgets import QFileDialog  # not at the start: see docs/decisions/window.md

        if not self._is_free():
            return
        recent = self._window.settings.recent
        start = str(Path(recent[0]).parent) if recent else QDir.homePath()
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
            window.banner.show_message(
                self.tr("A job is still running."),
                self.tr("What it has done so far stays when you cancel it."),
                warning=True,
                button=self.tr("Cancel the job"),
                slot=window.jobs.cancel,
            )
        return not window.jobs.is_running

    def offer_new(self, folder: Path, is_there: bool) -> None:
        """What was to be opened is no catalog."""
        banner = self._window.banner
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
            window.jobs.start(self.tr("Sample catalog"), make, self._sample_made, again=self.open_sample)

    def _sample_made(self, catalog: Path | None, error: BaseException | None) -> None:
        if catalog is not None:
            self._window.catalogs.open(catalog)
        elif isinstance(error, Cancelled):
            self._window.banner.show_message(
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
        into = None if new else window.controller.workspace
        dialog = ImportDialog(window.background, window, images=images, table=table, new=new, into=into)

        def start(request: ImportRequest, catalog: Path | None, encoder: str | None) -> None:
            if catalog is not None:
                window.catalogs.open(catalog, create=True, then=request, encoder=encoder)
            else:
                window.catalogs.import_photos(request, encoder)

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
        if not window.banner.isHidden():
            return
        if info.outdated and not window.catalogs.is_busy:
            works = self.tr(
                "Searching and tagging work; pictures from outside and parts of photos only after they were "
                "prepared anew."
            )
            locked = self.tr("This catalog can only be read: copy it to a folder that you may write to.")
            window.banner.show_message(
                self.tr("Another version of the program has prepared these photos."),
                f"{works} {locked}" if info.read_only else works,
                button="" if info.read_only else self.tr("Prepare them anew"),
                slot=window.catalogs.prepare,
            )
        elif (waiting := _waiting(info)) and not info.read_only and not window.catalogs.is_busy:
            window.banner.show_message(
                self.tr("Photos that are not yet searchable by look: {0}.").format(texts.number(waiting)),
                button=self.tr("Prepare them"),
                slot=window.catalogs.prepare,
            )
        elif info.without_thumbnail and not info.read_only and not window.catalogs.is_busy:
            window.banner.show_message(
                self.tr("Small pictures that were lost: {0}.").format(texts.number(info.without_thumbnail)),
                self.tr("Searching works; the pictures are made again from the photos."),
                button=self.tr("Make them"),
                slot=window.catalogs.prepare,
            )
        elif info.read_only:
            window.banner.show_message(
                self.tr("This catalog can only be read: its folder or disk is read-only."),
                self.tr("Searching works; importing does not."),
            )

    def report_import(self, report: ImportReport | object, error: BaseException | None) -> None:
        """An import or a preparation has ended: tell it where it takes no keys from whoever is typing."""
        window = self._window
        if isinstance(error, Cancelled):
            window.banner.show_message(
                self.tr("Cancelled. What was done so far stays."),
                button=self.tr("Go on"),
                slot=window.catalogs.go_on,
            )
        elif error is not None:
            window.faults.show(error)
        elif hasattr(report, "items_new"):
            window.banner.show_message(
                texts.import_line(report),  # type: ignore[arg-type]
                button=self.tr("Report…"),
                slot=lambda: self.show_report(report),  # type: ignore[arg-type]
            )
        elif getattr(report, "refused", []) or getattr(report, "vanished", []):
            refused, vanished = len(report.refused), len(report.vanished)  # type: ignore[attr-defined]
            parts = [
                text.format(texts.number(count))
                for text, count in (
                    (self.tr("Refused: {0}."), refused),
                    (self.tr("Not there any more: {0}."), vanished),
                )
                if count
            ]
            window.banner.show_message(
                " ".join([self.tr("Photos are prepared."), *parts]),
                button=self.tr("Refused files…") if refused else "",
                slot=self.show_refused,
            )
        else:
            window.banner.show_message(self.tr("All photos are prepared."))

    def show_report(self, report: ImportReport) -> None:
        """All that an import did, and what it refused."""
        from visualsearch.ui.panels.sheets import ReportDialog

        info = self._window.catalogs.info
        ReportDialog(report, info.image_root if info is not None else "", self._window).open()

    def show_refused(self) -> None:
        from visualsearch.ui.panels.sheets import RefusedDialog

        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(
                lambda: (workspace.refusals(), workspace.info().image_root),
                lambda found: RefusedDialog(found[0], found[1], self._window).open(),
                key="refused",
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
            (self.tr("Refused files"), texts.number(info.refused)),
            (self.tr("Items without a photo"), texts.number(info.without_image)),
            (self.tr("Attributes"), ", ".join(info.attributes)),
            (self.tr("Encoder"), info.encoder),
            (self.tr("Searchable by look"), texts.number(info.embedded)),
            (self.tr("Still to prepare"), texts.number(info.to_embed + info.without_thumbnail)),
        ]
        TextSheet(self.tr("About this catalog"), [("", rows)], self._window).open()


def _waiting(info: CatalogInfo) -> int:
    """How many pictures no search by look finds, also for want of an index."""
    return info.to_embed or (0 if info.index_rows else info.embedded)
