"""Starts the window. What the first painted grid does not need is loaded later, by workers."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from visualsearch.settings import Settings
from visualsearch.ui import style
from visualsearch.ui.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_MS = 300  # on a slow disk the window comes before the catalog
_ICON = Path(__file__).parent / "resources" / "icons" / "app.svg"


def application() -> QApplication:
    """The QApplication, made and given its look if there is none yet."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("visualsearch")
    app.setApplicationDisplayName("visualsearch")
    app.setDesktopFileName("visualsearch")
    app.setWindowIcon(QIcon(str(_ICON)))
    style.apply(app)
    return app


def run(catalog: Path | None, *, ready: Callable[[MainWindow], None] | None = None) -> int:
    """Open the window, on a catalog when one is given, and stay until it is closed. Returns the exit code.

    ``ready`` is called once the window is on screen (benchmarks and demos drive it from there).
    """
    app = application()
    window = MainWindow(Settings.load())
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
