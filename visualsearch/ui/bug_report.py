"""The report of a bug: its text, and the dialog that shows it. Loaded when there is one."""

from __future__ import annotations

import platform
import traceback

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

import visualsearch
from visualsearch.ui import style

_LONGEST = 200_000  # characters of a report: a recursion's traceback is no use beyond


def report_of(error: BaseException) -> str:
    """A bug's report: versions and the traceback; no ids, no attributes and no settings of the person."""
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
        self.report.setFont(style.fixed_font())
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
