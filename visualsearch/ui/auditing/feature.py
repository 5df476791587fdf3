"""Connects the audit mode to a window: its actions, and a second opinion after an import."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from visualsearch.ui.actions import Entry
from visualsearch.ui.auditing.mode import ONE, AuditMode

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow


class Auditing(QObject):
    """The audit of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.mode = AuditMode(window)
        window.modes.add(self.mode)
        self._add_actions()

    def _add_actions(self) -> None:
        mode = self.mode
        judging: dict[str, Callable[[], bool]] = dict.fromkeys(
            ("audit_keep", "audit_change", "audit_unsure", "audit_other"), lambda: mode.can_judge
        )
        self._window.actions_.add(
            "audit",
            (
                Entry("audit_keep", self.tr("&Keep the value"), ("K",), needs="audit"),
                Entry("audit_change", self.tr("&Change it to the suggestion"), ("C",), needs="audit"),
                Entry("audit_other", self.tr("Change it to an&other value"), ("O",), needs="audit"),
                Entry("audit_unsure", self.tr("&Unsure: ask me last"), ("U",), needs="audit"),
                Entry(
                    "audit_back",
                    self.tr("&Take the last verdict back"),
                    ("Backspace",),
                    "undo",
                    needs="audit",
                ),
                Entry("audit_one", self.tr("One &by one"), (), needs="audit", gap=True),
                Entry("audit_attribute", self.tr("Choose the &attribute"), ("A",), needs="audit"),
            ),
            {
                "audit_keep": lambda: mode.judge("keep"),
                "audit_change": lambda: mode.page.view.change(),
                "audit_other": mode.write_value,
                "audit_unsure": lambda: mode.judge("unsure"),
                "audit_back": mode.take_back,
                "audit_one": lambda: mode.show_tab(ONE),
                "audit_attribute": lambda: mode.page.attributes.showPopup(),
            },
            title=QCoreApplication.translate("Actions", "&Audit"),
            when=judging,
        )


def install(window: MainWindow) -> None:
    window.auditing = Auditing(window)  # type: ignore[attr-defined]
