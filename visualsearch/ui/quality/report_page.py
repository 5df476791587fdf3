"""The report: one button, then the file and its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from visualsearch.ui import style
from visualsearch.ui.panels.buttons import MainButton, TickBox
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.quality.parts import Page, heading, sentence

if TYPE_CHECKING:
    from visualsearch.jobs import JobControl
    from visualsearch.ui.main_window import MainWindow


class ReportPage(Page):
    """Says what is in a report, writes it as a job, and opens it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.written: Path | None = None
        self.write = MainButton(self.tr("Write the report…"), self)
        self.write.setToolTip(self.tr("Choose a file, and write the report into it (Ctrl+Shift+W)"))
        self.write.setShortcut("Ctrl+Shift+W")
        self.write.clicked.connect(self.ask)
        self.table = TickBox(self.tr("Write a table of it, too (CSV, beside the page)"), self)
        self.table.setChecked(True)
        self.working = JobView(window, self)
        self.done = heading("", self)
        self.open_file = QPushButton(self.tr("Open the report"), self)
        self.open_file.clicked.connect(lambda: self._open(self.written))
        self.open_folder = QPushButton(self.tr("Open its folder"), self)
        self.open_folder.clicked.connect(lambda: self._open(self.written.parent if self.written else None))
        self._arrange()
        self.reset()

    def _arrange(self) -> None:
        inside = QWidget(self)
        style.width_in_letters(inside, 107, inside.setMaximumWidth)
        title = heading(self.tr("A report on the quality of this catalog"), inside)
        title.setFont(style.font("title"))
        column = QVBoxLayout(inside)
        column.setSpacing(style.Space.M)
        column.addWidget(title)
        column.addWidget(
            sentence(
                self.tr(
                    "One file to read, print and send, with its pictures inside: how much is wrong of each attribute, "
                    "with the interval and the photos that were judged, so that another person can repeat it; where "
                    "each attribute stands; values that are mixed up; and what was changed, by whom, before and after."
                ),
                inside,
            )
        )
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.write)
        first.addWidget(self.table)
        first.addStretch(1)
        second.addWidget(self.open_file)
        second.addWidget(self.open_folder)
        second.addStretch(1)
        column.addLayout(first)
        column.addWidget(self.working)
        column.addWidget(self.done)
        column.addLayout(second)
        column.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(style.Space.XL, style.Space.XL, style.Space.XL, style.Space.L)
        outer.addStretch(1)
        outer.addWidget(inside, 6)
        outer.addStretch(1)

    def reset(self) -> None:
        self.written = None
        for part in (self.done, self.open_file, self.open_folder):
            part.hide()

    def focus_first(self) -> None:
        self.write.setFocus()

    def ask(self) -> None:
        """Ask for a file, then write."""
        workspace = self.workspace
        if workspace is None or self.is_working:
            return
        name = self.tr("{0} quality").format(workspace.name)
        dialog = QFileDialog(self, self.tr("Write the report"), QDir.home().filePath(f"{name}.html"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Pages (*.html)"))
        dialog.setDefaultSuffix("html")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.write_to(Path(file)))
        dialog.open()

    def write_to(self, file: Path) -> None:
        """Write the report into a file, as a job."""
        workspace = self.workspace
        if workspace is None:
            return
        table = file.with_suffix(".csv") if self.table.isChecked() else None

        def work(control: JobControl) -> None:
            workspace.quality.report(file, table, control)

        self.reset()
        self.write.setEnabled(False)
        self.start(self.working, self.tr("Report"), work, lambda _answer: self._show(file))

    def job_ended(self) -> None:
        self.write.setEnabled(True)

    def _show(self, file: Path) -> None:
        self.written = file
        self.done.setText(self.tr("Written: {0}").format(file))
        for part in (self.done, self.open_file, self.open_folder):
            part.show()
        self.open_file.setFocus()

    def _open(self, what: Path | None) -> None:
        if what is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(what))):
            self.window_.banner.show_message(
                self.tr("Nothing on this computer opens {0}.").format(what), warning=True
            )
