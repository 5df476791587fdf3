"""What the window gains right after its first paint: each feature is a module with ``install(window)``.

A feature adds actions (``window.actions_.add``), docks (``window.add_dock``) and modes (``window.modes.add``), and
connects itself to the parts of the window. The first painted grid needs none of them, so none is imported before it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow

FEATURES: tuple[str, ...] = (
    "visualsearch.ui.session",
    "visualsearch.ui.undoing",
    "visualsearch.ui.saving",
    "visualsearch.ui.browse_mode",
    "visualsearch.ui.jobs_feature",
    "visualsearch.ui.settings_feature",
    "visualsearch.ui.grouping",
    "visualsearch.ui.facet_feature",
    "visualsearch.ui.loupe.feature",
    "visualsearch.ui.palette.feature",
    "visualsearch.ui.explaining.feature",
    "visualsearch.ui.saved_filters.feature",
    "visualsearch.ui.exporting.feature",
    "visualsearch.ui.quality.feature",
    "visualsearch.ui.precision.feature",
    "visualsearch.ui.editing.feature",
    "visualsearch.ui.operations.feature",
    "visualsearch.ui.vocabulary.feature",
    "visualsearch.ui.tagging.feature",
    "visualsearch.ui.packets.feature",
    "visualsearch.ui.autotag.feature",
    "visualsearch.ui.auditing.feature",
    "visualsearch.ui.guide.feature",
)
"""Module names, in the order in which they are installed."""


class Features:
    """Installs the features of one window, one in each turn of the event loop, so that nobody waits for all of them."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._left = list(FEATURES)
        self._begun = False

    @property
    def are_installed(self) -> bool:
        return not self._left

    def begin(self) -> None:
        """The first paint is over. Calling again does nothing. What comes first, comes at once: where one was."""
        if not self._begun:
            self._begun = True
            self._install(self._left.pop(0))
            QTimer.singleShot(0, self._window, self._next)

    def install_all(self) -> None:
        """Install what is left now, for whoever cannot wait (tests, demos)."""
        self._begun = True
        while self._left:
            self._install(self._left.pop(0))

    def _next(self) -> None:
        if self._left and not self._window.is_closed:
            self._install(self._left.pop(0))
            QTimer.singleShot(0, self._window, self._next)

    def _install(self, name: str) -> None:
        """One feature that fails must not take the others along."""
        try:
            import_module(name).install(self._window)
        except Exception as error:
            self._window.faults.show(error)
        if not self._left:
            self._window.features_installed.emit()
