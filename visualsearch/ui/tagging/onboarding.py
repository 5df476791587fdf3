"""Runs what new items lack: the suggestions as a job, each confirmation as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl
from visualsearch.ui import texts
from visualsearch.ui.tagging.new_items import NewItems

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Missing
    from visualsearch.ui.job_runner import Job
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_LANE = "suggestions"


class Onboarding(QObject):
    """What the page of new items shows. GUI thread only."""

    def __init__(self, window: MainWindow, page: NewItems) -> None:
        super().__init__(page)
        self._window, self.page = window, page
        self._workspace: Workspace | None = None
        self._acts: list[int] = []  # confirmed here, the latest last
        self._job: Job | None = None
        self.has_decided = False
        page.confirmed.connect(self._confirm)
        page.back_wanted.connect(self._take_back)
        window.undoing.taken_back.connect(self._reread)
        window.undoing.made_again.connect(self._reread)

    def begin(self, workspace: Workspace) -> None:
        """Work out the suggestions; the first time that takes some seconds."""
        if workspace is not self._workspace:
            self._acts = []
        self._workspace = workspace
        if workspace.read_only:
            self.page.say(self.tr("This catalog is open for reading only: nothing can be filled in."))
            return
        if self._job is not None and not self._job.is_over:
            return  # it is still at it
        self.page.say(
            self.tr(
                "Looking at what is missing: below is how far it is. You can do something else meanwhile."
            )
        )
        self._job = self._window.jobs.start(
            self.tr("Suggestions for new items"),
            lambda control: self._read(workspace, control),
            lambda answer, error: self._take(workspace, answer, error),
            lane=_LANE,
            again=lambda: self.begin(workspace),
        )

    def stop(self) -> None:
        """Nobody looks any more."""
        if self._job is not None and not self._job.is_over:
            self._window.jobs.cancel(self._job)
        self._job = None

    def forget(self) -> None:
        """The catalog goes."""
        self.stop()
        self._workspace, self._acts = None, []

    @staticmethod
    def _read(workspace: Workspace, control: JobControl) -> tuple[int, list[Missing], dict[int, str]]:
        onboarding = workspace.tagging.onboarding
        items = onboarding.items(control)
        missing = onboarding.suggestions(control)
        shown = list(dict.fromkeys(one.item for one in missing))
        return len(items), missing, dict(zip(shown, workspace.ids_of(shown), strict=True))

    def _take(self, workspace: Workspace, answer: Any, error: BaseException | None) -> None:
        if workspace is not self._workspace:
            return
        if isinstance(error, Cancelled):
            self.page.say(self.tr("Stopped. Open this page again to go on."))
        elif error is not None:
            self.page.say(texts.error_line(error))
        else:
            self._show(answer)

    def _show(self, answer: tuple[int, list[Missing], dict[int, str]]) -> None:
        count, missing, ids = answer
        self.page.setEnabled(True)
        if missing:
            had_focus = self.page.isVisible()
            self.page.show_missing(missing, ids)
            if had_focus:
                self.page.focus()
            return
        if not count:
            text = self.tr("No import has brought items yet. Import photos or a table, then come back.")
        else:
            text = self.tr(
                "Nothing to fill in: the {0} items of the last import lack no value that could be suggested. (An "
                "attribute needs at least ten items that have a value, and prepared photos.)"
            ).format(texts.number(count))
        self.page.say(text)
        self.page.focus()

    def _confirm(self, yes: list[Missing], no: list[Missing]) -> None:
        workspace = self._workspace
        if workspace is None:
            return
        self.page.setEnabled(False)

        def work() -> Any:
            applied = workspace.tagging.onboarding.confirm(yes, no)
            return applied, self._read(workspace, JobControl())

        def take(found: Any) -> None:
            applied, answer = found
            self.has_decided = True
            if applied.operation is not None:
                self._acts.append(applied.operation)
            self._window.undoing.note(applied.operation, "", applied.skipped)
            self._show(answer)

        def fail(error: BaseException) -> None:
            self.page.setEnabled(True)
            self._window.faults.show(error)

        self._window.background.run(work, take, fail, key="new-items")

    def _take_back(self) -> None:
        if self._acts:
            self._window.undoing.take_back(self._acts.pop())
        else:
            self._window.banner.show_message(self.tr("Nothing was confirmed here lately."))

    def _reread(self, _act: int) -> None:
        workspace = self._workspace
        if workspace is None or not self.page.isVisible():
            return
        self._window.background.run(lambda: self._read(workspace, JobControl()), self._show, key="new-items")
