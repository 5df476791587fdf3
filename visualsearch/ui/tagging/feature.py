"""Connects Tag mode to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from visualsearch.ui.actions import Entry
from visualsearch.ui.certifying.dialog import CertifyDialog
from visualsearch.ui.certifying.register import CertificateList
from visualsearch.ui.certifying.source import Suggested
from visualsearch.ui.tagging.mode import TagMode

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class Tagging(QObject):
    """Tag mode with its actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.mode = TagMode(window, self.certify)
        window.modes.add(self.mode)
        window.actions_.add(
            "tag",
            (
                Entry(
                    "tag_like", self.tr("Tag what &looks like these…"), ("Ctrl+Shift+T",), needs="browse tag"
                ),
                Entry("tag_new", self.tr("Fill in what &new items lack…"), ("Ctrl+Alt+N",)),
                Entry("tag_rest", self.tr("&Accept the rest…"), ("Ctrl+Shift+A",), needs="tag"),
                Entry("certificates", self.tr("&Certificates…"), ("Ctrl+Alt+C",)),
            ),
            {
                "tag_new": self.mode.fill_in,
                "certificates": self.list_certificates,
                "tag_like": self.mode.choose,
                "tag_rest": self.certify,
            },
            title=self.tr("&Tag"),
            when={"tag_rest": lambda: self.mode.desk.session is not None},
        )
        window.catalog_changed.connect(self._forget)

    def certify(self) -> CertifyDialog | None:
        """Judge a sample of what is suggested, then accept the rest."""
        workspace, target = self._window.controller.workspace, self.mode.desk.target
        if workspace is None or target is None:
            return None
        dialog = CertifyDialog(self._window, Suggested(workspace, target))
        dialog.changed.connect(self._decided)
        dialog.changed.connect(self.mode.desk.reload)  # the page behind it does not suggest what is answered
        dialog.finished.connect(lambda _code: self.mode.desk.reload())
        dialog.open()
        return dialog

    def list_certificates(self) -> CertificateList:
        """Show all certificates of the catalog."""
        found = CertificateList(self._window)
        found.open()
        return found

    def _decided(self) -> None:
        self.mode.desk.has_decided = True

    def _forget(self, _workspace: Workspace | None) -> None:
        self.mode.forget()


def install(window: MainWindow) -> None:
    Tagging(window)
