"""The import dialog: a folder, perhaps a table, how its columns are understood, what the first rows look like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import VisualSearchError
from visualsearch.ui import style
from visualsearch.ui.background import Background

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportRequest, Preview

_TYPING_MS = 300
_PROBLEMS = 5  # shown before the start; the report has them all


class PathLine(QWidget):
    """A path to type or to choose."""

    changed = Signal()

    def __init__(self, name: str, placeholder: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._kind = name, kind
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(placeholder)
        self.text.setAccessibleName(name)
        self.text.setClearButtonEnabled(True)
        self.button = QPushButton(self.tr("Choose…"), self)
        self.button.setAccessibleName(self.tr("Choose: {0}").format(name))
        self.button.setAutoDefault(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        self.text.textChanged.connect(self.changed)
        self.button.clicked.connect(self._choose)
        self.setFocusProxy(self.text)

    @property
    def path(self) -> Path | None:
        text = self.text.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        self.text.setText(str(path) if path is not None else "")

    def _choose(self) -> None:
        start = self.text.text()
        if self._kind == "table":
            tables = "*.csv *.tsv *.txt *.jsonl *.ndjson *.parquet"
            filters = self.tr("Tables") + f" ({tables});;" + self.tr("All files") + " (*)"
            chosen, _ = QFileDialog.getOpenFileName(self, self._name, start, filters)
        elif self._kind == "new":
            option = QFileDialog.Option.ShowDirsOnly
            chosen, _ = QFileDialog.getSaveFileName(self, self._name, start, "", "", option)
        else:
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.text.setText(chosen)


class ImportDialog(QDialog):
    """Asks what to import, and into which catalog when a new one is wanted."""

    wanted = Signal(object, object)
    """The ImportRequest; the folder of the new catalog, or None for the open one."""

    def __init__(
        self,
        background: Background,
        parent: QWidget | None = None,
        *,
        images: Path | None = None,
        table: Path | None = None,
        new: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New catalog") if new else self.tr("Import photos"))
        self.resize(780, 560)
        self._background = background
        self._new = new
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
        for box in (self.id_column, self.image_column):
            box.editTextChanged.connect(lambda: self._typing.start())
        self.images.set_path(images)
        self.table.set_path(table)
        self._enable()

    def _build(self) -> None:
        self.images = PathLine(
            self.tr("Folder with the photos"), self.tr("They stay where they are"), "folder", self
        )
        self.table = PathLine(
            self.tr("Table with attributes"),
            self.tr("Optional: CSV, TSV, JSON Lines or Parquet"),
            "table",
            self,
        )
        self.catalog = PathLine(self.tr("Keep the catalog in"), self.tr("A new folder"), "new", self)
        self.id_column = self._column_box(self.tr("Column with the id"))
        self.image_column = self._column_box(
            self.tr("Column with the photo, or a pattern such as images/{id}.jpg")
        )
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("&Photos"), self.images)
        form.addRow(self.tr("&Table"), self.table)
        form.addRow(self.tr("&Id column"), self.id_column)
        form.addRow(self.tr("P&hoto column"), self.image_column)
        form.addRow(self.tr("&Catalog"), self.catalog)
        form.setRowVisible(self.catalog, self._new)
        self._form = form
        self.why = QLabel(self)
        self.why.setWordWrap(True)
        self.rows = QTableWidget(self)
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.rows.setAccessibleName(self.tr("First rows"))
        self.rows.verticalHeader().hide()
        self.rows.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + style.Space.S)
        self.problems = QLabel(self)
        self.problems.setWordWrap(True)
        self.problems.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = self.buttons.addButton(self.tr("&Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(style.Space.S)
        layout.addLayout(form)
        layout.addWidget(self.why)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self.problems)
        layout.addWidget(self.buttons)

    def _column_box(self, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setAccessibleName(name)
        box.setToolTip(name)
        return box

    # --- what the person says -------------------------------------------------------------------------------

    def request(self) -> ImportRequest | None:
        """What is to be imported, or None while no folder is named."""
        from visualsearch.catalog.importing import ImportRequest

        if self.images.path is None:
            return None
        if self.table.path is None:
            return ImportRequest(self.images.path)
        identity, image = self.id_column.currentText().strip(), self.image_column.currentText().strip()
        return ImportRequest(self.images.path, self.table.path, identity or None, image or None)

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
        self._enable()
        self._typing.start()

    def _enable(self) -> None:
        folder = self.images.path is not None
        catalog = not self._new or self.catalog.path is not None
        self.ok.setEnabled(folder and catalog)
        for box in (self.id_column, self.image_column):
            self._form.setRowVisible(box, self.table.path is not None)

    def _accept(self) -> None:
        request = self.request()
        if request is not None:
            self.wanted.emit(request, self.catalog.path if self._new else None)
            self.accept()

    def done(self, result: int) -> None:
        self._typing.stop()
        self._background.forget("preview")
        super().done(result)

    # --- what the program says ------------------------------------------------------------------------------

    def _look(self) -> None:
        from visualsearch.workspace import Workspace

        request = self.request()
        if request is None:
            self._clear_preview(self.tr("Choose the folder with the photos."))
        else:
            self.why.setText(self.tr("Looking…"))
            self._background.run(
                lambda: Workspace.import_preview(request), self._show, self._refuse, key="preview"
            )

    def _clear_preview(self, why: str) -> None:
        self.why.setText(why)
        self.rows.setColumnCount(0)
        self.rows.setRowCount(0)
        self.problems.clear()

    def _refuse(self, error: BaseException) -> None:
        if not isinstance(error, VisualSearchError | OSError):
            self._background.failed.emit(error)
            return
        hint = getattr(error, "hint", "")
        self._clear_preview(f"{error} {hint}".strip())
        self.ok.setEnabled(False)

    def _show(self, preview: Preview) -> None:
        self._enable()
        description = preview.columns
        self.why.setText(" ".join([description.why, *description.notes]))
        names = _columns(preview)
        for box, guessed in ((self.id_column, description.id), (self.image_column, description.image)):
            with QSignalBlocker(box):
                typed = box.currentText().strip()
                box.clear()
                box.addItems(names)
                box.setEditText(typed or guessed)
        self._show_rows(preview)
        shown = [f"{entry.source}: {entry.reason}" for entry in preview.problems[:_PROBLEMS]]
        more = len(preview.problems) - len(shown)
        if more > 0:
            shown.append(self.tr("and {0} more").format(more))
        self.problems.setText("\n".join(shown))
        self.problems.setVisible(bool(shown))

    def _show_rows(self, preview: Preview) -> None:
        names = list(preview.types)
        names += [name for _, cells in preview.rows for name in cells if name not in names]
        names = list(dict.fromkeys(names))
        self.rows.setColumnCount(len(names) + 1)
        self.rows.setRowCount(len(preview.rows))
        heads = [f"{name}\n{preview.types.get(name, '')}".rstrip() for name in names]
        self.rows.setHorizontalHeaderLabels([self.tr("from"), *heads])
        for row, (source, cells) in enumerate(preview.rows):
            texts = [source, *(_shown(cells.get(name)) for name in names)]
            for column, text in enumerate(texts):
                self.rows.setItem(row, column, QTableWidgetItem(text))
        self.rows.resizeColumnsToContents()


def _columns(preview: Preview) -> list[str]:
    """The table's columns as far as the preview tells: id, photo and attributes."""
    image = preview.columns.image
    names = [preview.columns.id, "" if "{" in image else image, *preview.types]
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
