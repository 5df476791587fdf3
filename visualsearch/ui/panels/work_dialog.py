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
        self._begin()
        self._window.background.run(
            work,
            lambda answer: self.if_there(lambda: self._take(done, answer)),
            lambda error: self.if_there(lambda: self._fail(failed, error)),
        )

    def decide(
        self,
        work: Callable[[], Any],
        noted: Callable[[Any], object],
        done: Callable[[Any], None],
        failed: Callable[[], None] | None = None,
    ) -> None:
        """Decide something in a worker. ``noted(answer)``, for undo, is called although the dialog was closed
        meanwhile; what went wrong then is said by the window. For the rest like ``run``."""
        self._begin()
        window = self._window

        def take(answer: Any) -> None:
            noted(answer)
            self.if_there(lambda: self._take(done, answer))

        def fail(error: BaseException) -> None:
            if self.is_there:
                self._fail(failed, error)
            else:
                window.faults.show(error)

        window.undoing.write(work, take, fail)

    @property
    def is_there(self) -> bool:
        """Whether the dialog has not been closed."""
        return isValid(self) and self.isVisible()

    def _begin(self) -> None:
        self._set_busy(True)
        self.said.say("")

    def _take(self, done: Callable[[Any], None], answer: Any) -> None:
        self._set_busy(False)
        done(answer)

    def _fail(self, failed: Callable[[], None] | None, error: BaseException) -> None:
        self._set_busy(False)
        if failed is not None:
            failed()
        if not isinstance(error, Cancelled):
            self.said.say(texts.error_line(error), warning=True)

    def if_there(self, call: Callable[[], object]) -> None:
        """Call, unless the dialog has been closed meanwhile."""
        if self.is_there:
            call()

    def _set_busy(self, busy: bool) -> None:
        self.is_busy = busy
        self.show_busy()
