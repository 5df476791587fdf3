"""Shows the guide's pages: Markdown and pictures that came with the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from visualsearch.ui import style

PAGES = Path(__file__).parents[1] / "resources" / "guide"
"""In the source a link to docs/guide; in a package the pages themselves."""
START = "index.md"


class Guide(QDialog):
    """The pages with the way back, forward and to the contents. Esc closes it; it does not block the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("User guide"))
        self.resize(920, 760)
        self.page = QTextBrowser(self)
        self.page.setAccessibleName(self.tr("Page of the guide"))
        self.page.setOpenExternalLinks(True)
        self.page.document().setDocumentMargin(style.Space.XL)
        self.contents = self._button(self.tr("&Contents"), self.tr("All pages (Alt+Home)"), "Alt+Home")
        self.back = self._button(self.tr("&Back"), self.tr("To the page before (Alt+Left)"), "Alt+Left")
        self.forward = self._button(
            self.tr("&Forward"), self.tr("To the page after (Alt+Right)"), "Alt+Right"
        )
        self.contents.clicked.connect(lambda: self.open_page(START))
        self.back.clicked.connect(self.page.backward)
        self.forward.clicked.connect(self.page.forward)
        self.page.backwardAvailable.connect(self.back.setEnabled)
        self.page.forwardAvailable.connect(self.forward.setEnabled)
        row = QHBoxLayout()
        for button in (self.contents, self.back, self.forward):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.page, 1)
        self.back.setEnabled(False)
        self.forward.setEnabled(False)
        self.open_page(START)
        self.page.setFocus()

    def open_page(self, name: str) -> None:
        """Show a page by its file's name."""
        self.page.setSource(QUrl.fromLocalFile(str(PAGES / name)))

    def _button(self, text: str, tip: str, key: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        button.setShortcut(QKeySequence(key))
        return button
