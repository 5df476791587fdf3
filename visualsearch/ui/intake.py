"""How examples come in: from the grid, by drop, paste and file dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from visualsearch.filters.query import Example
from visualsearch.ui import edits
from visualsearch.ui.background import Background
from visualsearch.ui.controller import Controller
from visualsearch.ui.gallery.model import items_of
from visualsearch.ui.photos import local_files, save_picture

_AT_ONCE = 50  # a slip of the hand with everything selected must not make 40,000 examples
_PICTURES = "*.jpg *.jpeg *.png *.webp *.gif *.bmp *.tif *.tiff *.avif *.heic *.heif"


class Intake(QObject):
    """Turns items, files and pictures into examples of the query."""

    said = Signal(str)
    """Something could not be used: one sentence."""

    def __init__(self, controller: Controller, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._background = background
        self._window = window

    def items(self, items: Sequence[int], sign: int) -> None:
        """Take items of the catalog."""
        if len(items) > _AT_ONCE:
            self.said.emit(
                self.tr("{0} photos are too many examples; the first {1} were taken.").format(
                    len(items), _AT_ONCE
                )
            )
        self._add([Example(item=int(item)) for item in items[:_AT_ONCE]], sign)

    def files(self, files: Sequence[Path], sign: int) -> None:
        """Take picture files. One that is no picture is named by the search."""
        self._add([Example(file=str(file.absolute())) for file in files[:_AT_ONCE]], sign)

    def picture(self, image: QImage, sign: int) -> None:
        """Take a picture that is no file: it is kept as one, so that history can come back to it."""
        if image.isNull():
            self.said.emit(self.tr("What was dropped or pasted is no picture that can be read."))
        else:
            self._background.run(lambda: save_picture(image), lambda file: self.files([file], sign))

    def mime(self, mime: QMimeData, sign: int) -> bool:
        """Take what was dropped or pasted. False when there is nothing in it that could be an example."""
        if items := items_of(mime):
            self.items(items, sign)
        elif files := [file for file in local_files(mime) if file.is_file()]:
            self.files(files, sign)
        elif mime.hasImage():
            self.picture(QImage(mime.imageData()), sign)
        elif mime.hasUrls():
            self.said.emit(
                self.tr(
                    "Only pictures on this computer can be examples: save it first, or copy the picture itself."
                )
            )
        else:
            return False
        return True

    def ask(self, sign: int) -> None:
        """Let the person choose files."""
        title = self.tr("More like these pictures") if sign > 0 else self.tr("Less like these pictures")
        names, _ = QFileDialog.getOpenFileNames(
            self._window, title, "", self.tr("Pictures") + f" ({_PICTURES});;" + self.tr("All files") + " (*)"
        )
        self.files([Path(name) for name in names], sign)

    def _add(self, examples: list[Example], sign: int) -> None:
        if examples:
            self._controller.edit(lambda query: edits.add_examples(query, examples, sign))
