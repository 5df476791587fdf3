"""Starts the window. What the first painted grid does not need is loaded later, by workers."""

from __future__ import annotations

import gc
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualsearch.settings import Settings
    from visualsearch.ui.main_window import MainWindow

_SWITCH = 0.001  # seconds for which a worker in Python may keep the GUI thread waiting; by itself it is 5 ms, each time
_PATIENCE_MS = 300  # on a slow disk the window comes before the catalog
_ICON = Path(__file__).parent / "resources" / "icons" / "app.svg"


def application(settings: Settings | None = None) -> QApplication:
    """The QApplication, made and given its look if there is none yet."""
    sys.setswitchinterval(_SWITCH)
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        app = existing
    else:  # the style is named here since setting it later returns a QStyle, which takes long to load
        app = QApplication([*sys.argv[:1], "-style", "fusion"])
        app.setProperty("visualsearchStyle", "fusion")
    app.setApplicationName("visualsearch")
    app.setApplicationDisplayName("visualsearch")
    app.setDesktopFileName("visualsearch")
    app.setWindowIcon(QIcon(str(_ICON)))
    from visualsearch.ui import look

    look.apply(app, settings)
    return app


def run(catalog: Path | None, *, ready: Callable[[MainWindow], None] | None = None) -> int:
    """Open the window, on a catalog when one is given, and stay until it is closed. Returns the exit code.

    ``ready`` is called once the window is on screen (benchmarks and demos drive it from there).
    """
    gc.disable()  # classes come by the thousand and none goes: to look for garbage takes a fifteenth of the start
    from visualsearch.settings import Settings

    settings = Settings.load()
    app = application(settings)
    from visualsearch.ui.main_window import MainWindow

    if catalog is None and ready is None:
        from visualsearch.ui.session import last_catalog

        catalog = last_catalog()
    window = MainWindow(settings)
    window.keeps_place = ready is None  # who drives it does so from the start
    window.features_installed.connect(_collect_garbage)
    window.faults.install()
    waiting = True

    def show(*_: object) -> None:
        nonlocal waiting
        if not waiting:
            return
        waiting = False
        window.show()
        if ready is not None:
            QTimer.singleShot(0, partial(ready, window))

    if catalog is None:
        show()
    else:  # painting the start page first would only make the grid later
        window.catalogs.opened.connect(show)
        window.catalogs.failed.connect(show)
        QTimer.singleShot(_PATIENCE_MS, show)
        window.catalogs.open(catalog)
    try:
        return app.exec()
    finally:
        window.faults.uninstall()
        window.shut_down()
        gc.unfreeze()
        gc.enable()


def _collect_garbage() -> None:
    """From now on, but not among what has been there since the start."""
    gc.freeze()
    gc.enable()
