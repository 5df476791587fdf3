"""Connects the audit mode to a window: its actions, and a second opinion after an import."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from visualsearch.ui import texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.auditing.desk import NEW
from visualsearch.ui.auditing.mode import ALIKE, LANE, MIXED, ONE, AuditMode

if TYPE_CHECKING:
    from visualsearch.attributes.audit import Suspect
    from visualsearch.catalog.importing import ImportReport
    from visualsearch.jobs import JobControl
    from visualsearch.ui.main_window import MainWindow


class Auditing(QObject):
    """The audit of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.mode = AuditMode(window)
        window.modes.add(self.mode)
        self._add_actions()
        window.catalogs.imported.connect(self._ask_after_import)
        window.attributes_changed.connect(self._follow_attributes)

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
                Entry("audit_unsure", self.tr("Not s&ure: ask me last"), ("U",), needs="audit"),
                Entry(
                    "audit_back",
                    self.tr("&Take the last verdict back"),
                    ("Backspace",),
                    "undo",
                    needs="audit",
                ),
                Entry("audit_one", self.tr("One &by one"), ("Esc",), needs="audit", gap=True),
                Entry("audit_alike", self.tr("A&ll like this"), ("L",), needs="audit"),
                Entry("audit_mixed", self.tr("&Mixed-up values"), ("M",), needs="audit"),
                Entry("audit_attribute", self.tr("Choose the &attribute"), ("A",), needs="audit"),
            ),
            {
                "audit_keep": lambda: mode.judge("keep"),
                "audit_change": lambda: mode.page.view.change(),
                "audit_other": mode.write_value,
                "audit_unsure": lambda: mode.judge("unsure"),
                "audit_back": mode.take_back,
                "audit_one": self._leave_groups,
                "audit_alike": lambda: mode.show_tab(ALIKE),
                "audit_mixed": lambda: mode.show_tab(MIXED),
                "audit_attribute": lambda: mode.page.attributes.showPopup(),
            },
            title=QCoreApplication.translate("Actions", "&Audit"),
            when=judging,
        )

    def _leave_groups(self) -> None:
        """Esc: back to one by one, and there closes the message."""
        if self.mode.page.tabs.currentIndex() == ONE:
            self._window.banner.hide()
        self.mode.show_tab(ONE)

    def _follow_attributes(self, attributes: list[tuple[str, str]]) -> None:
        """The attribute that is looked through may be gone, as where it was tagged into being and that is undone."""
        mode, workspace = self.mode, self._window.controller.workspace
        if mode.attribute and mode.attribute not in dict(attributes):
            mode.attribute = None
            mode.desk.set_workspace(None)
            if workspace is not None and self._window.modes.current == mode.name:
                mode.enter(workspace)

    # --- the second opinion at the door ---------------------------------------------------------------------

    def _ask_after_import(self, report: object, error: BaseException | None) -> None:
        """An import has brought items: look their values through before anyone searches for them."""
        workspace = self._window.controller.workspace
        if workspace is None or error is not None or not _has_new_items(report):
            return

        def look(control: JobControl) -> list[Suspect]:
            workspace.refresh()  # nobody may have asked since the items came
            return workspace.audit.new(control)

        def done(found: list[Suspect] | None, error: BaseException | None) -> None:
            if self._window.controller.workspace is not workspace or not found:
                return
            if error is None:
                self.offer_new(found, report)  # type: ignore[arg-type]

        self._window.jobs.start(self.tr("Looking new items through"), look, done, lane=LANE)

    def offer_new(self, found: list[Suspect], report: ImportReport) -> None:
        """Say how many of the new items look wrongly attributed, with the way to them, after how their import went:
        this comes so soon after it that nobody has read that yet."""
        self.mode.new = found
        count = len({one.item for one in found})
        text = (
            self.tr("1 new item looks wrongly attributed.")
            if count == 1
            else self.tr("{0} new items look wrongly attributed.").format(texts.number(count))
        )
        self._window.banner.show_message(
            texts.import_line(report),
            text,
            warning=True,
            button=self.tr("Look at them"),
            slot=lambda: self.mode.show_attribute(NEW),
            other=self.tr("Report…"),
            other_slot=lambda: self._window.catalog_commands.show_report(report),
        )


def _has_new_items(report: object) -> bool:
    return bool(getattr(report, "items_new", 0))


def install(window: MainWindow) -> None:
    window.auditing = Auditing(window)  # type: ignore[attr-defined]
