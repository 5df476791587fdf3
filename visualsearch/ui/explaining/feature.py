"""Connects reasons, the veil over the inspector's photo, and regions to a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Example
from visualsearch.jobs import JobControl
from visualsearch.ui import edits, texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.explaining.reasons import Reasons
from visualsearch.ui.explaining.region import Box, RegionDialog
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.photos import image_of

if TYPE_CHECKING:
    from visualsearch.filters.explain import Explanation
    from visualsearch.ui.main_window import MainWindow

_PAUSE_MS = 300  # the query is asked once for each example: not while somebody races through the grid
_SIDE = 1024  # pixels of the photo in the dialog
_VEIL = 320  # pixels of the veil's longest side: it is smooth


class Explaining(QObject):
    """Reasons and regions of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._item: int | None = None
        self._control = JobControl()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._explain)
        inspector = window.inspector
        self.reasons = Reasons(window.photos, inspector)
        inspector.add_reasons(self.reasons)
        inspector.asked_why.connect(self._ask)
        inspector.photo_changed.connect(self._show_where)
        self.reasons.where_wanted.connect(self._want_where)
        self.reasons.removal_wanted.connect(window.commands.unpick)
        self.reasons.example_shown.connect(window.commands.show_example)
        window.catalog_changed.connect(lambda _workspace: self._ask(None))
        for zone in window.tray.zones():
            zone.region_wanted.connect(self.choose_region)
        window.actions_.add(
            "view",
            (Entry("where", self.tr("Show &where it matched"), ("W",), checkable=True, needs="browse"),),
            {"where": self.reasons.where.setChecked},
        )
        window.actions_.add(
            "edit",
            (Entry("region", self.tr("Only a re&gion of it…"), ("Ctrl+Shift+B",), needs="browse", gap=True),),
            {"region": self.choose_region},
        )

    # --- reasons --------------------------------------------------------------------------------------------

    def _ask(self, item: int | None) -> None:
        self._control.cancel()
        self._window.background.forget("explain")
        self._item = item
        self.reasons.setVisible(item is not None)
        self._window.inspector.photo.set_veil(QImage())
        if item is None:
            self._pause.stop()
            return
        self.reasons.wait()
        self._pause.start()
        self._show_where()

    def _explain(self) -> None:
        workspace, item, query = self._window.controller.workspace, self._item, self._window.controller.query
        if workspace is None or item is None:
            return
        control = self._control = JobControl()

        def show(found: Explanation) -> None:
            if item == self._item:
                self.reasons.show_explanation(found)

        self._window.background.run(
            lambda: workspace.explain(query, item, control), show, self._no_reasons, key="explain"
        )

    def _no_reasons(self, error: BaseException) -> None:
        """A query that has no answer says so in the middle of the window; here is no room for it again."""
        if not isinstance(error, VisualSearchError):
            self._window.faults.show(error)

    # --- where ----------------------------------------------------------------------------------------------

    def _want_where(self, wanted: bool) -> None:
        self._window.actions_["where"].setChecked(wanted)
        if wanted:
            self._show_where()
        else:
            self.reasons.show_note("")
            self._window.inspector.photo.set_veil(QImage())

    def _show_where(self) -> None:
        """Fetch the heat map for the photo on screen, if it is wanted."""
        window, item = self._window, self._item
        workspace, inspector = window.controller.workspace, window.inspector
        if workspace is None or item is None or not self.reasons.where.isChecked():
            return
        visual, size = window.controller.query.visual, inspector.photo.image_size()
        if size.isEmpty():
            return  # asked again when the photo is there
        scale = _VEIL / max(size.width(), size.height())
        width, height = (max(1, round(side * scale)) for side in (size.width(), size.height()))

        def work() -> tuple[bytes, int]:
            from visualsearch.filters.explain import veil

            heat, place = workspace.heat_map(visual, item, JobControl())
            return veil(heat, width, height).tobytes(), place

        def show(answer: tuple[bytes, int]) -> None:
            pixels, place = answer
            if item != self._item or not self.reasons.where.isChecked():
                return
            if place != inspector.position:
                self.reasons.show_note(self.tr("Photo {0} of this item matched best.").format(place + 1))
                return
            self.reasons.show_note("")
            picture = QImage(pixels, width, height, 4 * width, QImage.Format.Format_RGBA8888)
            inspector.photo.set_veil(picture.copy())

        window.background.run(work, show, self._no_veil, key="veil")

    def _no_veil(self, error: BaseException) -> None:
        if isinstance(error, VisualSearchError):
            self.reasons.show_note(texts.error_line(error))
        else:
            self._window.faults.show(error)

    # --- regions --------------------------------------------------------------------------------------------

    def choose_region(self, example: Example | None = None) -> RegionDialog | None:
        """Ask for a region of an example: of the one with the focus, or that is the current photo, or of that photo."""
        window = self._window
        example = example or self._example()
        workspace = window.controller.workspace
        if example is None or workspace is None:
            window.banner.show_message(
                self.tr("Choose a photo first."), self.tr("Then draw a box around what counts in it.")
            )
            return None
        dialog = RegionDialog(example, window)
        dialog.chosen.connect(lambda box: self._take_region(example, box))

        def read() -> tuple[int, int, bytes]:
            if example.item is not None:
                return workspace.photo(example.item, 0, _SIDE)
            return workspace.photo_of_file(Path(example.file or ""), _SIDE)

        window.background.run(
            lambda: image_of(*read()),
            dialog.show_photo,
            lambda error: dialog.show_error(str(error)),
            key="region",
        )
        dialog.finished.connect(lambda _code: window.background.forget("region"))
        dialog.open()
        return dialog

    def _example(self) -> Example | None:
        window = self._window
        focused = window.focusWidget()
        if isinstance(focused, Thumb) and focused.sign:
            return focused.example
        item = window.area.gallery.current_item()
        if item < 0:
            return None
        own = edits.examples_of(window.controller.query, item)
        return own[0] if own else Example(item=item)

    def _take_region(self, example: Example, box: Box | None) -> None:
        fresh = replace(example, region=box, embedding=None)
        query = self._window.controller.query
        if example in (*query.visual.positives, *query.visual.negatives):
            self._window.controller.edit(lambda query: edits.replace_example(query, example, fresh))
        elif box is not None:
            self._window.controller.edit(lambda query: edits.add_examples(query, [fresh], 1))


def install(window: MainWindow) -> None:
    Explaining(window)
