"""The audit mode: from the attribute to the last suspect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.ui import texts
from visualsearch.ui.auditing.alike import AlikeView
from visualsearch.ui.auditing.desk import LINE, NEW, Desk, listing
from visualsearch.ui.auditing.page import AuditPage
from visualsearch.ui.auditing.pairs import PairsView
from visualsearch.ui.job_runner import Job
from visualsearch.ui.modes import BROWSE, Mode
from visualsearch.ui.panels.large_photos import LargePhotos

if TYPE_CHECKING:
    from visualsearch.attributes.audit import Details, Suspect
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

ONE, ALIKE, MIXED = range(3)
LANE = "audit"


def _tr(text: str) -> str:
    return QCoreApplication.translate("auditing", text)


class AuditMode(Mode):
    """One window's audit. The desk holds the suspects; this decides what the page shows."""

    name, icon = "audit", "eye"

    def __init__(self, window: MainWindow) -> None:
        super().__init__(_tr("Audit"))
        self.window = window
        self.desk = Desk(window)
        self.attribute: str | None = None
        self.new: list[Suspect] = []
        self._attributes: list[tuple[str, str]] = []
        self._job: Job | None = None
        self._beyond = False  # whether also what is probably right is asked about
        self._again = False  # whether what one was unsure about is
        self._chosen: Suspect | None = None  # what a person chose from the list is shown, whatever it is
        self._is_entered = False
        self._is_stale = False  # whether groups were mended, so that the list on the desk is an old one
        self._photos = LargePhotos(window)
        window.catalog_changed.connect(self._begin)
        window.jobs.progressed.connect(self._show_progress)
        window.jobs.changed.connect(lambda: self._show_progress(self._job))

    # --- the page -------------------------------------------------------------------------------------------

    @property
    def page(self) -> AuditPage:
        page = self.widget
        assert isinstance(page, AuditPage)
        return page

    def make(self) -> QWidget:
        page = AuditPage(self.desk, self.window.photos, self.window)
        page.attribute_wanted.connect(self.choose)
        page.message.attribute_wanted.connect(self.choose)
        page.tab_wanted.connect(self.show_tab)
        self.alike, self.pairs = AlikeView(self.window), PairsView(self.window)
        self.alike.written.connect(self._note_written)
        self.alike.counted.connect(self._recount)
        self.pairs.item_wanted.connect(self.show_item)
        self.window.undoing.changed.connect(self._follow_decisions)
        page.queue.chosen.connect(self._jump)
        view = page.view
        view.keep_wanted.connect(lambda: self.judge("keep"))
        view.unsure_wanted.connect(lambda: self.judge("unsure"))
        view.change_wanted.connect(lambda value: self.judge("change", value))
        view.undo_wanted.connect(self.take_back)
        view.alike_wanted.connect(lambda: self.show_tab(ALIKE))
        view.item_wanted.connect(self.show_item)
        view.finished_writing.connect(page.queue.setFocus)
        self.desk.moved.connect(self._show_current)
        self.desk.described.connect(self._show_details)
        self.desk.settled.connect(self._refill)
        return page

    def enter(self, workspace: Workspace) -> None:
        self._is_entered = True
        if self.desk.workspace is not workspace:
            self.desk.set_workspace(workspace)
        self.page.view.set_read_only(workspace.read_only)
        self.page.message.say(_tr("Reading the catalog…"), "")
        self.page.show_widget(self.page.message)
        self.window.background.run(
            lambda: workspace.audit.attributes(JobControl()),
            lambda found: self._take_attributes(workspace, found),
            key="audit attributes",
        )

    def leave(self) -> None:
        """What runs goes on: it is kept for when one comes back."""
        self._is_entered = False
        self.alike.end()
        self.pairs.end()
        for key in ("audit attributes", "audit list", "audit details", "audit ahead"):
            self.window.background.forget(key)
        if self.desk.has_changed_values:
            self.desk.has_changed_values = False
            self.window.controller.refresh()

    def focus(self) -> None:
        page, focused = self.page, self.window.focusWidget()
        if page.stack.currentWidget() is page.one:
            page.queue.setFocus()
        elif focused is None or not page.isAncestorOf(focused):
            page.setFocus()

    def panes(self) -> list[tuple[QWidget, QWidget]]:
        page = self.page
        if page.stack.currentWidget() is page.one:
            return [(page.queue, page.queue), (page.view, page.view.field)]
        return super().panes()

    def _begin(self, _workspace: Workspace | None) -> None:
        """Another catalog."""
        self.attribute, self.new, self._job = None, [], None
        self._photos.clear()
        self.desk.set_workspace(None)

    # --- the list -------------------------------------------------------------------------------------------

    def _take_attributes(self, workspace: Workspace, found: list[tuple[str, str]]) -> None:
        if workspace is not self.desk.workspace:
            return
        self._attributes = found
        self.page.offer(found, self.attribute, len(self.new))
        if self.attribute is None:
            self._ask()
        else:
            self.choose(self.attribute)

    def _ask(self) -> None:
        """The first thing to do."""
        message = self.page.message
        message.ask_attribute(self._attributes)
        if message.names:
            message.names[0].setFocus()
        self.page.show_widget(message)

    def choose(self, attribute: str) -> None:
        """Look an attribute through, or what was imported last."""
        workspace = self.desk.workspace
        if workspace is None:
            return
        self.attribute, self._beyond, self._again, self._is_stale = attribute, False, False, False
        self.page.show_attribute(attribute)
        self.page.show_tab(ONE)
        why = dict(self._attributes).get(attribute, "")
        if why:
            self.desk.show_list([], 0)
            self._say(_tr("{0} cannot be looked through.").format(attribute), why)
        elif attribute == NEW or workspace.audit.remembers(attribute):
            self._read_list(workspace, attribute)
        else:
            self._start(workspace, attribute)

    def show_attribute(self, attribute: str) -> None:
        """What looks wrong of an attribute, or of what was imported last, from wherever one is."""
        self.attribute = attribute
        if self._is_entered:
            self.page.offer(self._attributes, attribute, len(self.new))
            self.choose(attribute)
        else:
            self.window.modes.switch(self.name)

    def _read_list(self, workspace: Workspace, attribute: str) -> None:
        """The ranking is in memory: a moment."""
        if self.page.stack.currentWidget() is not self.page.one:
            self.page.message.say(_tr("Reading the list…"), "")
            self.page.show_widget(self.page.message)
        self.window.background.run(
            lambda: listing(workspace, attribute, JobControl()),
            lambda found: self._listed(workspace, attribute, *found),
            lambda error: self._failed(attribute, error),
            key="audit list",
        )

    def _start(self, workspace: Workspace, attribute: str) -> None:
        if self._job is not None and not self._job.is_over:
            self.window.jobs.cancel(self._job)  # another attribute was asked for: nobody waits for that one

        def done(found: tuple[list[Suspect], int] | None, error: BaseException | None) -> None:
            if self.window.controller.workspace is not workspace or self.attribute != attribute:
                return
            if error is not None:
                self._failed(attribute, error)
            elif found is not None and self._is_entered:
                self._listed(workspace, attribute, *found)
            elif found is not None:
                self.window.banner.show_message(
                    _tr("The suspects of {0} are found.").format(attribute),
                    button=_tr("Look at them"),
                    slot=lambda: self.show_attribute(attribute),
                )

        self.desk.show_list([], 0)
        self._job = self.window.jobs.start(
            _tr("Looking for wrong values of {0}").format(attribute),
            lambda control: listing(workspace, attribute, control),
            done,
            lane=LANE,
            again=lambda: self.choose(attribute),
        )
        self._show_progress(self._job)

    def _show_progress(self, job: Job | None) -> None:
        if not self._is_entered or job is None or job is not self._job or job.is_over:
            return
        heading = _tr("Looking for wrong values of {0}…").format(self.attribute)
        self.page.message.show_job(heading, job, lambda: self.window.jobs.cancel(job))
        self.page.show_widget(self.page.message)

    def _failed(self, attribute: str, error: BaseException) -> None:
        if not self._is_entered or attribute != self.attribute:
            return
        again = _tr("Try again"), lambda: self.choose(attribute)
        if isinstance(error, Cancelled):
            self._say(
                _tr("Stopped."), _tr("The suspects of {0} are not known yet.").format(attribute), *again
            )
        elif isinstance(error, VisualSearchError):
            self._say(_tr("{0} cannot be looked through yet.").format(attribute), texts.error_line(error))
        else:
            self._say(_tr("That did not work."), texts.error_line(error), *again)
            self.window.faults.show(error)

    def _listed(self, workspace: Workspace, attribute: str, suspects: list[Suspect], above: int) -> None:
        if workspace is not self.desk.workspace or attribute != self.attribute or not self._is_entered:
            return
        self._photos.clear()
        self.desk.show_list(suspects, above)
        self.focus()

    def _refill(self) -> None:
        """All on the desk is judged. More may be wrong: what did not fit on it, or what the verdicts have shown."""
        workspace, attribute = self.desk.workspace, self.attribute
        at_end = self.page.tabs.currentIndex() == ONE and self.page.stack.currentWidget() is not self.page.one
        if at_end and workspace is not None and attribute is not None and self._is_entered:
            self._read_list(workspace, attribute)

    # --- the suspect at hand --------------------------------------------------------------------------------

    def _show_current(self) -> None:
        workspace = self.desk.workspace
        if not self._is_entered or workspace is None or self.page.tabs.currentIndex() != ONE:
            return
        suspect = self.desk.current
        if suspect is None or not self._is_asked(suspect):
            self._say_done()
            return
        if self.page.stack.currentWidget() is not self.page.one:
            self.page.show_widget(self.page.one)
            self.page.queue.setFocus()
        self.page.view.show_suspect(suspect, "")
        self._photos.show(suspect.item, self.page.view.photo)
        row = self.desk.row + 1
        self._photos.prefetch([one.item for one in self.desk.suspects[row : row + 1]])
        self.window.enable_actions()

    def _jump(self, row: int) -> None:
        self._chosen = self.desk.suspects[row]
        self.desk.go_to(row)

    def _is_asked(self, suspect: Suspect) -> bool:
        if self._beyond or suspect is self._chosen:
            return True
        return self._again if suspect.unsure else suspect.score >= LINE or self.desk.above > 0

    def _say_done(self) -> None:
        if self._job is not None and not self._job.is_over:
            return
        name = _tr("the new items") if self.attribute == NEW else str(self.attribute)
        unsure = sum(one.unsure for one in self.desk.suspects)
        if unsure:
            self._say(
                _tr("Of {0} only what you were not sure about is left.").format(name),
                texts.counted(unsure, _tr("It is one value."), _tr("These are {0} values.")),
                _tr("Look again"),
                self._look_again,
            )
            return
        judged = any(not one.unwanted for one in self.desk.judged)
        heading = (
            _tr("Done: nothing of {0} looks wrong any more.")
            if judged
            else _tr("Nothing of {0} looks wrong.")
        ).format(name)
        text, button = _tr("You can go on with the values that are least certain."), _tr("Go on")
        if not self.desk.suspects:
            text, button = _tr("Choose another attribute above, or go back to browsing."), ""
        self._say(heading, text, button, self._go_beyond)

    def _go_beyond(self) -> None:
        self._beyond = True
        self._show_current()

    def _look_again(self) -> None:
        """At what one was unsure about, which stands at the end."""
        self._again = True
        row = next(row for row, one in enumerate(self.desk.suspects) if one.unsure)
        if row == self.desk.row:
            self._show_current()
        self.desk.go_to(row)

    def _say(
        self, heading: str, text: str, button: str = "", slot: Callable[[], object] | None = None
    ) -> None:
        self.page.message.say(heading, text, button, slot)
        self.page.show_widget(self.page.message)
        (self.page.message.button if button else self.page).setFocus()
        self.window.enable_actions()

    def _show_details(self, details: Details) -> None:
        suspect = self.desk.current
        if suspect is not None and self._is_entered:
            self.page.view.show_details(details, self.desk.values.get(suspect.attribute, []))

    # --- what a person does ---------------------------------------------------------------------------------

    @property
    def can_judge(self) -> bool:
        """Whether a suspect is on screen that may be judged."""
        workspace = self.desk.workspace
        return (
            self._is_entered
            and self.desk.current is not None
            and workspace is not None
            and not workspace.read_only
            and self.page.stack.currentWidget() is self.page.one
        )

    def judge(self, answer: str, value: str = "") -> None:
        """Say what is right of the suspect at hand."""
        if self.can_judge:
            self.desk.judge(answer, value)
            if self.page.stack.currentWidget() is self.page.one:
                self.page.queue.setFocus()

    def take_back(self) -> None:
        """The last verdict."""
        if not self.desk.take_back():
            self.window.banner.show_message(_tr("There is no verdict to take back."))

    def write_value(self) -> None:
        self.page.view.field.setFocus()

    def show_item(self, item: int) -> None:
        """In the grid, with all that belongs to it."""
        self.window.modes.switch(BROWSE)
        self.window.commands.go_to_item(item)

    def show_tab(self, tab: int) -> None:
        """One by one, groups, or mixed-up values; the latter two of one attribute that was looked through."""
        workspace, attribute = self.desk.workspace, self.attribute
        if workspace is None:
            return
        suspect = self.desk.current
        if attribute == NEW and suspect is not None and tab != ONE:
            attribute = suspect.attribute
        if tab != ONE and not (attribute and workspace.audit.remembers(attribute)):
            self.window.banner.show_message(_tr("Choose an attribute first, and let its suspects be found."))
            self.page.show_tab(self.page.tabs.currentIndex())
            return
        self.alike.end()
        self.pairs.end()
        self.page.show_tab(tab)
        if tab == ONE:
            self._show_one()
        elif tab == ALIKE and attribute:
            names = [name for name, why in self._attributes if not why]
            mistake = (suspect.given, suspect.suggested) if suspect is not None else None
            self.alike.begin(workspace, attribute, names, mistake)
            self.page.show_widget(self.alike)
            self.alike.list.setFocus()
        elif attribute:
            self.pairs.begin(workspace, attribute)
            self.page.show_widget(self.pairs)
            self.pairs.area.setFocus()
        self.window.enable_actions()

    def _show_one(self) -> None:
        if self.attribute is None:
            self._ask()
        elif self._is_stale:
            self.choose(self.attribute)
        else:
            self._show_current()
            self.focus()

    def _note_written(self) -> None:
        self._is_stale = True
        self.desk.has_changed_values = True

    def _recount(self, attribute: str, above: int) -> None:
        """A group was changed, or changed back."""
        if attribute == self.attribute:
            self.desk.above = above
            self.page.show_counts()

    def _follow_decisions(self) -> None:
        """Something was decided or taken back, here or elsewhere."""
        if self._is_entered and self.page.tabs.currentIndex() == ALIKE:
            self._is_stale = True
            self.desk.has_changed_values = True
            self.alike.refresh()
