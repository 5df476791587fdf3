"""What the facets learn from workers: histograms of numbers, and what ticking a value would leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from visualsearch.jobs import JobControl
from visualsearch.ui import edits, texts

if TYPE_CHECKING:
    from visualsearch.catalog.browsing import Histogram
    from visualsearch.filters.query import Results
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_HOVER_MS = 180  # as long as one rests on a value that one means


class FacetFeature(QObject):
    """Feeds the facet panel of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._hovered = ("", "")
        self._resting = QTimer(self, singleShot=True, interval=_HOVER_MS)
        self._resting.timeout.connect(self._preview)
        controller, facets = window.controller, window.facets
        controller.settled.connect(self._count)
        facets.range_wanted.connect(
            lambda name, low, high: controller.edit(
                lambda query: edits.set_range(query, name, low, high), f"range {name}"
            )
        )
        facets.range_settled.connect(controller.seal)
        facets.hovered.connect(self._hover)
        facets.ordered.connect(self._remember_order)
        facets.set_order(window.settings.facet_order)
        if controller.is_settled:
            self._count()

    # --- histograms -----------------------------------------------------------------------------------------

    def _count(self) -> None:
        """Count the values of all attributes that hold numbers, alone or with a unit, among the results."""
        workspace, results = self._window.controller.workspace, self._window.controller.results
        if workspace is None or results is None or self._window.controller.failure is not None:
            return
        names = [name for name, kind in self._window.attributes if kind != "text"]
        if names:
            self._window.background.run(
                lambda: _histograms(workspace, results, names), self._show, key="histograms"
            )

    def _show(self, found: dict[str, Histogram]) -> None:
        query, sections = self._window.controller.query, self._window.facets.sections()
        for name in found.keys() & sections.keys():
            section = sections[name]
            section.show_histogram(found[name])
            section.setVisible(section.has_something)
        self._window.facets.show_query(query)

    # --- what a value would leave ---------------------------------------------------------------------------

    def _hover(self, attribute: str, value: str) -> None:
        self._hovered = (attribute, value)
        self._window.background.forget("preview")
        self._window.statusBar().clearMessage()
        if attribute:
            self._resting.start()
        else:
            self._resting.stop()

    def _preview(self) -> None:
        """Say in the status bar how many photos a click on the value under the mouse would leave."""
        workspace, (attribute, value) = self._window.controller.workspace, self._hovered
        query = self._window.controller.query
        if workspace is None or not attribute or value in edits.left_out(query).get(attribute, ()):
            return
        ticked = value in dict(query.choices).get(attribute, ())
        pattern = self.tr("Without {0}: {1}") if ticked else self.tr("With {0}: {1}")

        def say(total: int) -> None:
            if (attribute, value) == self._hovered and query == self._window.controller.query:
                name = f"{attribute} {texts.value_name(value)}"
                photos = texts.counted(total, self.tr("1 photo"), self.tr("{0} photos"))
                self._window.statusBar().showMessage(pattern.format(name, photos))

        self._window.background.run(
            lambda: workspace.preview_count(query, attribute, value, JobControl()),
            say,
            lambda _error: None,
            key="preview",
        )

    def _remember_order(self) -> None:
        self._window.settings.facet_order = self._window.facets.order()


def _histograms(workspace: Workspace, results: Results, names: list[str]) -> dict[str, Histogram]:
    """Of those attributes that hold numbers. For workers."""
    found = {name: workspace.browsing.histogram(name, results.items) for name in names}
    return {name: histogram for name, histogram in found.items() if histogram is not None}


def install(window: MainWindow) -> None:
    """Let a window's facets show histograms, previews and the person's order."""
    FacetFeature(window)
