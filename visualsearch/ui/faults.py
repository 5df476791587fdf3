"""Where errors end: known ones as a sentence with the next step, bugs as a report to copy; never a silent traceback."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

import visualsearch
from visualsearch.errors import Cancelled, VisualSearchError

_LONGEST = 200_000  # characters of a report: a recursion's traceback is no use beyond


def report_of(error: BaseException) -> str:
    """A bug's report: versions and the traceback; no ids, no attributes and no settings of the person."""
    import platform
    import traceback

    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return (
        f"visualsearch {visualsearch.__version__}, PySide6 {PySide6.__version__}, "
        f"Python {platform.python_version()}, {platform.platform()}\n\n{trace[-_LONGEST:]}"
    )


class BugDialog(QDialog):
    """Shows bugs; further ones that come while it is open are added below."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Something went wrong in the program"))
        self.resize(680, 420)
        message = QLabel(
            self.tr(
                "This is a mistake of the program, not yours. Your catalog is safe: every change is written whole or"
                " not at all. You can go on; please send the report below to whoever looks after the program."
            ),
            self,
        )
        message.setWordWrap(True)
        self.report = QPlainTextEdit(report, self)
        self.report.setReadOnly(True)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName(self.tr("Report"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("&Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(message)
        layout.addWidget(self.report, 1)
        layout.addWidget(buttons)

    def add(self, report: str) -> None:
        self.report.appendPlainText("\n" + "─" * 40 + "\n" + report)


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
            self.known.emit(str(error), error.hint)
        elif isinstance(error, OSError) and not isinstance(error, ConnectionError):
            self.known.emit(*_file_trouble(error))
        else:
            self._show_bug(report_of(error))

    def _show_bug(self, report: str) -> None:
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
    if error.filename:
        return f"{error.filename}: {reason}.", ""
    return f"{reason}.", ""
