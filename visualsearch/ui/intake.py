"""How examples come in: from the grid, by drop, paste and file dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from visualsearch.errors import ImageRefused
from visualsearch.filters.query import Example
from visualsearch.ui import edits, texts
from visualsearch.ui.background import Background
from visualsearch.ui.controller import Controller
from visualsearch.ui.gallery.model import items_of
from visualsearch.ui.photos import local_files, save_picture

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_LOOK_SIDE = 64  # pixels: enough to find out whether a picture can be read
_AT_ONCE = 50  # a slip of the hand with everything selected must not make 40,000 examples
_PICTURES = "*.jpg *.jpeg *.png *.webp *.gif *.bmp *.tif *.tiff *.avif *.heic *.heif"


def _unreadable(workspace: Workspace, files: Sequence[str]) -> dict[str, str]:
    """The files that are no pictures, each with the reason. For workers."""
    refused: dict[str, str] = {}
    for file in files:
        try:
            workspace.photo_of_file(file, _LOOK_SIDE)
        except ImageRefused as refusal:
            refused[file] = str(refusal)
    return refused


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
        self._add([Example(item=int(item)) for item in items[:_AT_ONCE]], sign)
        self._say_too_many(len(items))

    def files(self, files: Sequence[Path], sign: int) -> None:
        """Take picture files once a worker has found that they can be read; the others are named."""
        workspace = self._controller.workspace
        names = [str(file.absolute()) for file in files[:_AT_ONCE]]
        if workspace is None or not names:
            return

        def take(refused: dict[str, str]) -> None:
            self._add([Example(file=name) for name in names if name not in refused], sign)
            self._say_too_many(len(files))
            self._say_refused(refused)

        self._background.run(lambda: _unreadable(workspace, names), take)

    def drop_unreadable(self) -> None:
        """Remove the examples whose files have gone or cannot be read any more."""
        workspace, visual = self._controller.workspace, self._controller.query.visual
        names = [example.file for example in (*visual.positives, *visual.negatives) if example.file]
        if workspace is None:
            return

        def drop(refused: dict[str, str]) -> None:
            gone = [Example(file=name) for name in refused]
            self._controller.edit(lambda query: edits.remove_examples(query, gone))

        self._background.run(lambda: _unreadable(workspace, names), drop)

    def _say_too_many(self, count: int) -> None:
        if count > _AT_ONCE:
            self.said.emit(
                self.tr("{0} photos are too many examples; the first {1} were taken.").format(
                    texts.number(count), _AT_ONCE
                )
            )

    def _say_refused(self, refused: dict[str, str]) -> None:
        if not refused:
            return
        (file, reason), *others = refused.items()
        sentence = self.tr("{0} was not taken. {1}").format(Path(file).name, reason)
        if others:
            sentence += " " + self.tr("Nor were {0} more.").format(texts.number(len(others)))
        self.said.emit(sentence)

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
        from PySide6.QtWidgets import QFileDialog  # not at the start: see docs/decisions/window.md

        title = self.tr("More like these pictures") if sign > 0 else self.tr("Less like these pictures")
        names, _ = QFileDialog.getOpenFileNames(
            self._window, title, "", self.tr("Pictures") + f" ({_PICTURES});;" + self.tr("All files") + " (*)"
        )
        self.files([Path(name) for name in names], sign)

    def _add(self, examples: list[Example], sign: int) -> None:
        if examples:
            self._controller.edit(lambda query: edits.add_examples(query, examples, sign))
