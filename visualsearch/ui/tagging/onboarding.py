"""Runs what new items lack: the suggestions as a job, attribute by attribute; each confirmation as one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl
from visualsearch.ui import texts
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.tagging.new_items import NewItems

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Missing
    from visualsearch.ui.job_runner import Job
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_LANE = "suggestions"
_BUSY_MS = 300  # until what has come is tried again, where a menu is open


class Onboarding(QObject):
    """What the page of new items shows: each attribute's suggestions as soon as it is learnt. GUI thread only."""

    _came = Signal(object, str, object, object)
    """From the worker: the job's control, an attribute, what is suggested of it, ids of the items."""

    def __init__(self, window: MainWindow, page: NewItems) -> None:
        super().__init__(page)
        self._window, self.page = window, page
        self._workspace: Workspace | None = None
        self._acts: list[int] = []  # confirmed here, the latest last
        self._undone: set[int] = set()  # of these
        self._job: Job | None = None
        self._control: JobControl | None = None  # of the job whose answers count
        self._found: dict[
            str, list[Missing]
        ] = {}  # by attribute, in the customer's order, as far as it is learnt
        self._ids: dict[int, str] = {}
        self.has_decided = False
        self.progress = JobView(window, page)
        page.add_progress(self.progress)
        page.confirmed.connect(self._confirm)
        page.back_wanted.connect(self._take_back)
        self._came.connect(self._add)
        window.undoing.taken_back.connect(self._taken_back)
        window.undoing.made_again.connect(self._made_again)

    def begin(self, workspace: Workspace) -> None:
        """Work out the suggestions; the first time that takes some seconds for each attribute."""
        if workspace is not self._workspace:
            self._acts = []
        self._workspace = workspace
        self._show_back()
        if workspace.read_only:
            self.page.say(self.tr("This catalog is open for reading only: nothing can be filled in."))
            return
        if self.is_learning:
            return
        self._found = {}
        self.page.say(
            self.tr(
                "Looking at what is missing. What is found is shown at once; you can do something else meanwhile."
            )
        )
        self._job = self._window.jobs.start(
            self.tr("Suggestions for new items"),
            lambda control: self._learn(workspace, control),
            lambda answer, error: self._end(workspace, answer, error),
            lane=_LANE,
            again=lambda: self.begin(workspace),
        )
        self.progress.follow(self._job)

    @property
    def is_learning(self) -> bool:
        """Whether attributes are still being looked at."""
        return self._job is not None and not self._job.is_over

    def stop(self) -> None:
        """Nobody looks any more."""
        if self.is_learning:
            self._window.jobs.cancel(self._job)
        self._job = None

    def forget(self) -> None:
        """The catalog goes."""
        self.stop()
        self._workspace, self._control = None, None
        self._acts, self._undone, self._found = [], set(), {}

    # --- learning -------------------------------------------------------------------------------------------

    def _learn(self, workspace: Workspace, control: JobControl) -> int:
        """In the worker: tells each attribute's suggestions when they are there; how many items are new."""
        self._control = control
        onboarding = workspace.tagging.onboarding
        count = len(onboarding.items(control))

        def learnt(attribute: str, found: list[Missing]) -> None:
            self._came.emit(control, attribute, found, _ids(workspace, found))

        onboarding.suggestions(control, learnt=learnt)
        return count

    def _add(self, control: JobControl, attribute: str, found: list[Missing], ids: dict[int, str]) -> None:
        if control is not self._control or self._workspace is None:
            return
        if QApplication.activePopupWidget() is not None:  # a menu of the page would be gone under the hand
            QTimer.singleShot(_BUSY_MS, self, lambda: self._add(control, attribute, found, ids))
            return
        self._found[attribute] = found
        self._ids |= ids
        if found:
            self._show()

    def _end(self, workspace: Workspace, count: int | None, error: BaseException | None) -> None:
        if workspace is not self._workspace:
            return
        shown = any(self._found.values())
        if isinstance(error, Cancelled):
            text = self.tr("Stopped. Open this page again to go on.")
        elif error is not None:
            text = texts.error_line(error)
        elif not count:
            text = self.tr("No import has brought items yet. Import photos or a table, then come back.")
        else:
            text = _nothing(count)
        if shown:
            self._show("" if error is None else text)
        else:
            self.page.say(text)
            self.page.focus()

    def _show(self, note: str = "") -> None:
        """What is known now."""
        places = {attribute: place for place, attribute in enumerate(self._found)}
        missing = [one for found in self._found.values() for one in found]
        missing.sort(key=lambda one: (one.item, places[one.attribute]))
        if self.is_learning:
            note = self.tr("More attributes are being looked at.")
        if missing:
            first = not self.page.gaps
            self.page.setEnabled(True)
            self.page.show_missing(missing, self._ids, note)
            here = QApplication.focusWidget()
            if self.page.isVisible() and (first or here is None or not self.page.isAncestorOf(here)):
                self.page.focus()
            return
        self.page.setEnabled(True)
        self.page.say(note or _nothing(None))
        self.page.focus()

    # --- confirming -----------------------------------------------------------------------------------------

    def _confirm(self, yes: list[Missing], no: list[Missing]) -> None:
        workspace = self._workspace
        if workspace is None:
            return
        self.page.setEnabled(False)
        attributes = list(self._found)

        def work() -> Any:
            applied = workspace.tagging.onboarding.confirm(yes, no)
            return applied, _known(workspace, attributes)

        def take(answer: Any) -> None:
            if workspace is not self._workspace:
                return
            applied, (found, ids) = answer
            if applied.operation is not None:
                self._acts.append(applied.operation)
                self._show_back()
            self._window.undoing.note(applied.operation, "", applied.skipped)
            self._take(workspace, found, ids)
            if self._window.modes.current == "tag":
                self.has_decided = True
            else:  # the mode was left before
                self._window.controller.refresh()

        def fail(error: BaseException) -> None:
            self.page.setEnabled(True)
            self._window.faults.show(error)

        self._window.undoing.write(work, take, fail)

    def _take_back(self) -> None:
        if not self._acts:
            self._window.banner.show_message(self.tr("Nothing was confirmed here lately."))
        elif not self._window.undoing.is_busy:
            self._window.undoing.take_back(self._acts[-1])

    def _taken_back(self, act: int) -> None:
        """By the page's button, by Ctrl+Z or in the history."""
        if act in self._acts:
            self._acts.remove(act)
            self._undone.add(act)
        self._reread()

    def _made_again(self, act: int) -> None:
        if act in self._undone:
            self._undone.remove(act)
            self._acts.append(act)
        self._reread()

    def _show_back(self) -> None:
        self.page.back.setVisible(bool(self._acts))

    def _reread(self) -> None:
        self._show_back()
        workspace = self._workspace
        if workspace is None or not self.page.isVisible():
            return
        attributes = list(self._found)
        self._window.background.run(
            lambda: _known(workspace, attributes),
            lambda answer: self._take(workspace, *answer),
            key="new-items",
        )

    def _take(self, workspace: Workspace, found: dict[str, list[Missing]], ids: dict[int, str]) -> None:
        """Attributes that were learnt already, as they are after a decision."""
        if workspace is self._workspace:
            self._found |= found
            self._ids |= ids
            self._show()


def _known(workspace: Workspace, attributes: list[str]) -> tuple[dict[str, list[Missing]], dict[int, str]]:
    """What is suggested of attributes that were learnt, and ids of the items. For workers."""
    found: dict[str, list[Missing]] = {}
    suggestions = workspace.tagging.onboarding.suggestions
    missing = suggestions(JobControl(), attributes=attributes, learnt=found.__setitem__)
    return found, _ids(workspace, missing)


def _ids(workspace: Workspace, missing: list[Missing]) -> dict[int, str]:
    items = list(dict.fromkeys(one.item for one in missing))
    return dict(zip(items, workspace.ids_of(items), strict=True))


def _nothing(count: int | None) -> str:
    """Why no gap is shown."""
    translate = QCoreApplication.translate
    who = (
        translate("Onboarding", "the {0} items of the last import").format(texts.number(count))
        if count
        else translate("Onboarding", "the items of the last import")
    )
    return translate(
        "Onboarding",
        "Nothing to fill in: {0} lack no value that could be suggested. (An attribute needs at least ten items that "
        "have a value, and prepared photos.)",
    ).format(who)
