"""The import dialog: a folder, perhaps a table, how its columns are understood, what the first rows look like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import VisualSearchError
from visualsearch.ui import style, texts
from visualsearch.ui.background import Background
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.encoder_box import EncoderBox
from visualsearch.ui.panels.import_columns import ColumnsButton
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.path_line import PathLine
from visualsearch.ui.photos import local_files

if TYPE_CHECKING:
    from visualsearch.catalog.previewing import Preview
    from visualsearch.workspace import Workspace

_Pairs: TypeAlias = "dict[str, str] | None"
_Asked: TypeAlias = (
    "tuple[Path, Path | None, str | None, str | None, _Pairs, str | None, _Pairs, tuple[str, ...] | None]"
)
"""Folder of photos, table, id column, photo column, separators by column, encoding, types by column, columns to skip:
as ImportRequest takes them."""
_ENCODINGS = (
    "utf-8",
    "windows-1252",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "utf-16",
    "shift_jis",
    "gb18030",
)
_TYPING_MS = 300
_PROBLEMS = 5  # shown before the start; the report has them all


class ImportDialog(QDialog):
    """Asks what to import, and into which catalog when a new one is wanted."""

    wanted = Signal(object, object, object)
    """The ImportRequest; the folder of the new catalog, or None for the open one; the encoder's name, or None for the
    usual one."""

    def __init__(
        self,
        background: Background,
        parent: QWidget | None = None,
        *,
        images: Path | None = None,
        table: Path | None = None,
        new: bool = False,
        into: Workspace | None = None,
    ) -> None:
        """``into``: the open catalog, when no new one is wanted; what it remembers of a table is shown."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New catalog") if new else self.tr("Import photos"))
        self.resize(780, 620)
        self._background = background
        self._new = new
        self._into = into
        self.setAcceptDrops(True)
        self._catalog_typed = False
        self._build()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._look)
        self.images.changed.connect(self._images_changed)
        self.table.changed.connect(self._sources_changed)
        self.catalog.text.textEdited.connect(self._typed_catalog)
        self.catalog.changed.connect(self._enable)
        for box in (self.id_column, self.image_column, self.encoding):
            box.editTextChanged.connect(lambda: self._typing.start())
        self.columns.changed.connect(self._look)
        self.columns.id_wanted.connect(self.id_column.setEditText)
        self.columns.image_wanted.connect(self.image_column.setEditText)
        self.columns.more_images_wanted.connect(self._add_photos)
        self.rows.horizontalHeader().sectionClicked.connect(self._correct)
        self.images.set_path(images)
        self.table.set_path(table)
        self._enable()

    def _build_form(self) -> None:
        """What is asked, line by line."""
        self.images = PathLine(
            self.tr("Folder with the photos"), self.tr("They stay where they are"), "folder", self
        )
        self.table = PathLine(
            self.tr("Table with attributes"),
            self.tr("Optional: CSV, TSV, JSON, Parquet, also as Shopify or Solr write them"),
            "table",
            self,
        )
        self.catalog = PathLine(self.tr("Keep the catalog in"), self.tr("A new folder"), "new", self)
        self.id_column = self._column_box(self.tr("Column with the id"))
        self.image_column = self._column_box(
            self.tr(
                "Column with the photo, or a pattern such as images/{id}.jpg; several with commas between them"
            )
        )
        self.encoding = self._column_box(self.tr("Encoding of the table's letters"))
        self.encoding.addItems(["", *_ENCODINGS])
        edit = self.encoding.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(self.tr("Detected"))
        self.encoder = EncoderBox(self._background, self._new, self)
        form = self._form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("&Photos"), self.images)
        form.addRow(self.tr("Ta&ble"), self.table)
        form.addRow(self.tr("&Id column"), self.id_column)
        form.addRow(self.tr("P&hoto column"), self.image_column)
        form.addRow(self.tr("&Letters"), self.encoding)
        form.addRow(self.tr("&Encoder"), self.encoder)
        form.addRow(self.tr("&Catalog"), self.catalog)
        form.setRowVisible(self.catalog, self._new)

    def _build(self) -> None:
        self._build_form()
        self.columns = ColumnsButton(self)
        self.columns.hide()
        self.why = Notice(self)
        self.rows = QTableWidget(self)
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.rows.setAccessibleName(self.tr("First rows"))
        self.rows.verticalHeader().hide()
        self.rows.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + style.Space.S)
        self.invitation = QLabel(self)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.invitation.setWordWrap(True)
        self.invitation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.invitation.setText(
            self.tr(
                "Choose the folder with the photos, or drop it here.\n"
                "A table with their attributes can be dropped, too. The first rows are then shown here."
            )
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.invitation)
        self._stack.addWidget(self.rows)
        self.problems = Notice(self)
        self.replace = QCheckBox(self.tr("&Replace what the catalog has"), self)
        self.replace.setToolTip(
            self.tr("What is not there any more is gone; importing what there was before brings it back")
        )
        self.replace.hide()
        self.replace.toggled.connect(self._enable)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = MainButton(self.tr("I&mport"), self.buttons)
        self.buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(style.Space.S)
        layout.addLayout(self._form)
        layout.addWidget(self.why)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.columns, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.problems)
        layout.addWidget(self.replace)
        layout.addWidget(self.buttons)

    def _column_box(self, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setAccessibleName(name)
        box.setToolTip(name)
        return box

    # --- what the person says -------------------------------------------------------------------------------

    def asked(self) -> _Asked | None:
        """What is to be imported, or None while no folder is named."""
        if self.images.path is None:
            return None
        if self.table.path is None:
            return self.images.path, None, None, None, None, None, None, None
        boxes = (self.id_column, self.image_column, self.encoding)
        identity, image, encoding = (box.currentText().strip() or None for box in boxes)
        columns, used = self.columns, (identity, *self._photo_parts())  # these are no attributes
        types = {name: kind for name, kind in columns.types.items() if name not in used} or None
        skip = None if columns.skip is None else tuple(name for name in columns.skip if name not in used)
        separators = dict(columns.separators) or None
        return self.images.path, self.table.path, identity, image, separators, encoding, types, skip

    def _photo_parts(self) -> list[str]:
        """The columns and patterns of photos."""
        from visualsearch.catalog.image_pattern import split_pattern

        text = self.image_column.currentText().strip()
        return split_pattern(text, self._known_columns()) if text else []

    def _known_columns(self) -> list[str]:
        return [self.image_column.itemText(index) for index in range(self.image_column.count())]

    def _add_photos(self, column: str) -> None:
        """One more column with photos of the same items."""
        from visualsearch.catalog.image_pattern import join_patterns

        parts = dict.fromkeys([*self._photo_parts(), column])
        self.image_column.setEditText(join_patterns(list(parts), self._known_columns()))

    def _correct(self, section: int) -> None:
        """A click on a heading: what the column may be."""
        header = self.rows.horizontalHeader()
        item = self.rows.horizontalHeaderItem(section)
        menu = self.columns.menu_of(item.text().split("\n")[0]) if item is not None else None
        if menu is not None:
            menu.popup(header.mapToGlobal(QPoint(header.sectionViewportPosition(section), header.height())))

    def _images_changed(self) -> None:
        if self._new and not self._catalog_typed and self.images.path is not None:
            self.catalog.set_path(proposed_catalog(self.images.path))
        self._sources_changed()

    def _typed_catalog(self) -> None:
        self._catalog_typed = True

    def _sources_changed(self) -> None:
        """Another folder or table: its columns are guessed anew."""
        for box in (self.id_column, self.image_column):
            with QSignalBlocker(box):
                box.clear()
                box.clearEditText()
        self.columns.forget()
        self._offer_replacing(False)
        self._typing.start()

    def _enable(self) -> None:
        folder = self.images.path is not None
        catalog = not self._new or self.catalog.path is not None
        self.ok.setEnabled(folder and catalog and (self.replace.isHidden() or self.replace.isChecked()))
        for box in (self.id_column, self.image_column, self.encoding):
            self._form.setRowVisible(box, self.table.path is not None)

    def _accept(self) -> None:
        from visualsearch.catalog.sources import ImportRequest

        asked = self.asked()
        if asked is not None:
            folder = self.catalog.path if self._new else None
            request = ImportRequest(*asked, replace=self.replace.isChecked())
            self.wanted.emit(request, folder, self.encoder.encoder)
            self.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A folder is the photos', a file is the table."""
        event.acceptProposedAction()
        for path in local_files(event.mimeData())[:2]:
            if path.is_dir():
                self.images.set_path(path)
            else:
                self.table.set_path(path)

    def done(self, result: int) -> None:
        self._typing.stop()
        for key in ("preview", "encoders"):
            self._background.forget(key)
        super().done(result)

    # --- what the program says ------------------------------------------------------------------------------

    def _look(self) -> None:
        asked = self.asked()
        if asked is None:
            self._background.forget("preview")
            self._clear_preview()
        else:
            self.encoder.ask()
            self.why.say(self.tr("Looking…"))
            self._background.run(
                lambda: _previewed(asked, self._into), self._show, self._refuse, key="preview"
            )

    def _clear_preview(self) -> None:
        self.why.say("")
        self.problems.say("")
        self.columns.set_columns([])
        self.rows.setColumnCount(0)
        self.rows.setRowCount(0)
        self._stack.setCurrentWidget(self.invitation)

    def _refuse(self, error: BaseException) -> None:
        if not isinstance(error, VisualSearchError | OSError):
            self._background.failed.emit(error)
            return
        self._clear_preview()
        self.why.say(texts.sentences(str(error), getattr(error, "hint", "")), warning=True)
        self.ok.setEnabled(False)

    def _offer_replacing(self, offered: bool) -> None:
        """Where the import would take away all that the catalog has, a person has to say that this is meant."""
        self.replace.setVisible(offered)
        if not offered:
            self.replace.setChecked(False)
        self._enable()

    def _show(self, preview: Preview) -> None:
        self._offer_replacing(bool(preview.would_lose))
        description = preview.columns
        self._explain(preview)
        names = _columns(preview)
        for box, guessed in ((self.id_column, description.id), (self.image_column, description.image)):
            with QSignalBlocker(box):
                typed = box.currentText().strip()
                box.clear()
                box.addItems(names)
                box.setEditText(typed or guessed)
        there = self.table.path is not None
        self.columns.set_columns(
            names if there else [], preview.skipped, set(names).difference(preview.attributes)
        )
        self._show_rows(preview)
        shown = [preview.would_lose] if preview.would_lose else []
        shown += [f"{entry.source}: {entry.reason}" for entry in preview.problems[:_PROBLEMS]]
        more = len(preview.problems) - _PROBLEMS
        if more > 0:
            shown.append(self.tr("and {0} more").format(more))
        self.problems.say("\n".join(shown), warning=True)

    def _explain(self, preview: Preview) -> None:
        """How the source is understood; what to do when no column names the photos."""
        from visualsearch.catalog.sources import NO_PHOTOS

        description = preview.columns
        notes = [note for note in description.notes if not note.startswith(NO_PHOTOS)]
        photoless = self.table.path is not None and not description.image
        if photoless:
            notes.append(self.tr("Choose the photo column, or type a pattern such as images/{id}.jpg."))
        self.why.say(texts.sentences(description.why, *notes), warning=photoless)

    def _show_rows(self, preview: Preview) -> None:
        names = list(
            dict.fromkeys([*preview.attributes, *(name for _, cells in preview.rows for name in cells)])
        )
        kinds = {preview.columns.id: self.tr("id"), **dict.fromkeys(preview.photos, self.tr("photos"))}
        kinds |= {**preview.types, **dict.fromkeys(preview.skipped, self.tr("left out"))}
        self.rows.setColumnCount(len(names) + 1)
        self.rows.setRowCount(len(preview.rows))
        heads = [f"{name}\n{kinds.get(name, '')}".rstrip() for name in names]
        self.rows.setHorizontalHeaderLabels([self.tr("from"), *heads])
        for row, (source, cells) in enumerate(preview.rows):
            shown = [source, *(_shown(cells.get(name)) for name in names)]
            for column, (name, text) in enumerate(zip(["", *names], shown, strict=True)):
                cell = QTableWidgetItem(text)
                if name in preview.skipped:
                    cell.setFlags(Qt.ItemFlag.NoItemFlags)  # greyed
                self.rows.setItem(row, column, cell)
        self.rows.resizeColumnsToContents()
        header = self.rows.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(len(names), QHeaderView.ResizeMode.Stretch)
        self._stack.setCurrentWidget(self.rows)


def _previewed(asked: _Asked, into: Workspace | None) -> Preview:
    """The first rows. For workers, since importing the readers of tables takes its time."""
    from visualsearch.catalog.sources import ImportRequest
    from visualsearch.workspace import Workspace

    return Workspace.import_preview(ImportRequest(*asked), into)


def _columns(preview: Preview) -> list[str]:
    """The table's columns as far as the preview tells: id, photo and attributes."""
    names = [preview.columns.id, *preview.photos, *preview.attributes]
    return [name for name in dict.fromkeys(names) if name]


def _shown(cell: object) -> str:
    if isinstance(cell, list):
        return ", ".join(map(str, cell))
    return "" if cell is None else str(cell)


def proposed_catalog(images: Path) -> Path:
    """Where a new catalog goes unless the person says otherwise: beside the photos, never among them."""
    images = images.absolute()
    name = (
        images.parent.name if images.name.lower() in ("images", "photos", "pictures", "img") else images.name
    )
    folder = images.parent / f"{name or 'photos'}-catalog"
    number = 2
    while folder.exists():
        folder = images.parent / f"{name or 'photos'}-catalog-{number}"
        number += 1
    return folder
