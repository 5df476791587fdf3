"""A dialog that reads and writes in workers, and may be closed before the answer comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from visualsearch.errors import Cancelled
from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.ui.panels.notice import Notice


class WorkDialog(QDialog):
    """One thing at a time: ``is_busy`` from asking to the answer. GUI thread only."""

    said: Notice
    """Where the dialog says what went wrong; subclasses make it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.is_busy = False

    def show_busy(self) -> None:
        """Enable what may be pressed now, by ``is_busy``."""

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[], None] | None = None
    ) -> None:
        """Do ``work()`` in a worker; then ``done(answer)``, or ``failed()`` and a sentence; neither, once closed."""
        self._set_busy(True)
        self.said.say("")

        def take(answer: Any) -> None:
            self._set_busy(False)
            done(answer)

        def fail(error: BaseException) -> None:
            self._set_busy(False)
            if failed is not None:
                failed()
            if not isinstance(error, Cancelled):
                self.said.say(texts.error_line(error), warning=True)

        self._window.background.run(
            work,
            lambda answer: self.if_there(lambda: take(answer)),
            lambda error: self.if_there(lambda: fail(error)),
        )

    def if_there(self, call: Callable[[], object]) -> None:
        """Call, unless the dialog has been closed meanwhile."""
        if isValid(self) and self.isVisible():
            call()

    def _set_busy(self, busy: bool) -> None:
        self.is_busy = busy
        self.show_busy()
