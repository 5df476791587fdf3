"""Where errors end: known ones as a sentence with the next step, bugs as a report to copy; never a silent traceback."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.replacing import NO_ROOM
from visualsearch.ui import texts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from visualsearch.ui.bug_report import BugDialog


class Faults(QObject):
    """The one place that decides how an error is shown. ``show`` may be called from any thread."""

    known = Signal(str, str)
    """A known error's sentence and hint, for the banner."""
    _raised = Signal(object)

    def __init__(self, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: BugDialog | None = None
        self._raised.connect(self._decide)

    @property
    def dialog(self) -> BugDialog | None:
        """The report on screen, if there is one."""
        return self._dialog

    def show(self, error: BaseException) -> None:
        self._raised.emit(error)

    def install(self) -> None:
        """Take over what nobody caught, in this thread and in all others."""

        def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            sys.__excepthook__(kind, error, trace)
            if not issubclass(kind, KeyboardInterrupt):
                self.show(error)

        sys.excepthook = uncaught
        threading.excepthook = lambda args: uncaught(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def uninstall(self) -> None:
        """Give the hooks back, before the window goes."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _decide(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            return
        if isinstance(error, VisualSearchError):
            self.known.emit(texts.sentences(str(error)), texts.sentences(error.hint))
        elif isinstance(error, OSError) and not isinstance(error, ConnectionError):
            self.known.emit(*_file_trouble(error))
        else:
            self._show_bug(error)

    def _show_bug(self, error: BaseException) -> None:
        from visualsearch.ui.bug_report import BugDialog, report_of

        report = report_of(error)
        if self._dialog is not None:
            self._dialog.add(report)
            return
        self._dialog = BugDialog(report, self._window)
        self._dialog.destroyed.connect(self._forget)
        self._dialog.open()

    def _forget(self) -> None:
        self._dialog = None


def _file_trouble(error: OSError) -> tuple[str, str]:
    reason = error.strerror or str(error)
    hint = "Free some space and try again." if error.errno in NO_ROOM else ""
    return (f"{error.filename}: {reason}." if error.filename else f"{reason}."), hint
