"""All certificates of a catalog: on what grounds values were accepted together, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from visualsearch.ui import style, texts
from visualsearch.ui.certifying import wording

if TYPE_CHECKING:
    from visualsearch.attributes.register import Entry
    from visualsearch.ui.main_window import MainWindow


class CertificateList(QDialog):
    """Shows them; revokes what one of them let pass."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Certificates"))
        self.resize(820, 480)
        self._window = window
        self._entries: list[Entry] = []
        self.list = QTreeWidget(self)
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(self.tr("Certificates"))
        self.list.setHeaderLabels(
            [self.tr("What"), self.tr("Candidates"), self.tr("Judged"), self.tr("State"), self.tr("When")]
        )
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.detail = QLabel(self)
        self.detail.setWordWrap(True)
        self.detail.setMinimumHeight(72)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.revoke = QPushButton(self.tr("&Revoke: take back what it let pass"), self)
        self.revoke.setToolTip(self.tr("Undo the acceptance; the answers to the sample stay"))
        self.revoke.setAutoDefault(False)
        self.revoke.clicked.connect(self._revoke)
        closing = QPushButton(self.tr("&Close"), self)
        closing.clicked.connect(self.close)
        below = QHBoxLayout()
        below.addWidget(self.revoke)
        below.addStretch()
        below.addWidget(closing)
        column = QVBoxLayout(self)
        column.setSpacing(style.Space.M)
        column.addWidget(self.list, 1)
        column.addWidget(self.detail)
        column.addLayout(below)
        window.undoing.taken_back.connect(self._read)
        window.undoing.made_again.connect(self._read)
        self._read()

    @property
    def current(self) -> Entry | None:
        """The certificate with the focus."""
        item = self.list.currentItem()
        place = self.list.indexOfTopLevelItem(item) if item is not None else -1
        return self._entries[place] if 0 <= place < len(self._entries) else None

    def _read(self, _act: int = 0) -> None:
        workspace = self._window.controller.workspace
        if workspace is None:
            self.close()
            return
        self._window.background.run(
            lambda: workspace.tagging.register.entries(), self._take, key="certificates"
        )

    def _take(self, entries: list[Entry]) -> None:
        from shiboken6 import isValid

        if not isValid(self):
            return
        current = self.current
        self._entries = entries
        self.list.clear()
        for entry in entries:
            self.list.addTopLevelItem(QTreeWidgetItem(_row(entry)))
        names = [entry.name for entry in entries]
        place = names.index(current.name) if current is not None and current.name in names else 0
        first = self.list.topLevelItem(place)
        if first is not None:
            self.list.setCurrentItem(first)
            for column in range(1, self.list.columnCount()):
                self.list.resizeColumnToContents(column)
        self.list.setFocus()
        self._show_current()

    def _show_current(self) -> None:
        entry = self.current
        self.revoke.setEnabled(entry is not None and entry.used is not None)
        if entry is None:
            self.detail.setText(
                self.tr(
                    "There are no certificates yet. “Accept the rest” in Tag, auto tagging, and suspects mended "
                    "together in Audit make them: a random sample that you judged, and what it proves."
                )
            )
        elif entry.certificate is None:
            self.detail.setText(texts.error_line(entry.problem) if entry.problem is not None else "")
        else:
            self.detail.setText(self._told(entry, entry.certificate))

    def _told(self, entry: Entry, certificate: wording.Certified) -> str:
        parts = wording.told(certificate)
        if entry.used is not None:
            parts.append(
                self.tr("Accepted by {0} on {1}.").format(entry.used.actor, wording.moment(entry.used.at))
            )
        return "\n".join(part for part in parts if part)

    def _revoke(self) -> None:
        entry = self.current
        if entry is not None and entry.used is not None:
            self.revoke.setEnabled(False)
            self._window.undoing.take_back(entry.used.number)


def _row(entry: Entry) -> list[str]:
    certificate = entry.certificate
    when = wording.moment(entry.begun.at) if entry.begun is not None else ""
    if certificate is None:
        return [entry.name, "", "", "", when]
    return [
        entry.name,
        texts.number(len(certificate.candidates)),
        texts.number(certificate.standing.judged),
        wording.state_name(certificate),
        when,
    ]
