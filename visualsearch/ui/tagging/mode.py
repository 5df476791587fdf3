"""Tag mode: the page that asks what to tag, the pages of suggestions, and what new items lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from visualsearch.ui import texts
from visualsearch.ui.modes import BROWSE, Mode
from visualsearch.ui.photos import fetch_from
from visualsearch.ui.tagging import facts
from visualsearch.ui.tagging.bench import Bench
from visualsearch.ui.tagging.chooser import Chooser
from visualsearch.ui.tagging.desk import Desk
from visualsearch.ui.tagging.facts import Facts, Offer
from visualsearch.ui.tagging.new_items import NewItems
from visualsearch.ui.tagging.onboarding import Onboarding
from visualsearch.ui.tagging.trouble import Trouble

if TYPE_CHECKING:
    from visualsearch.attributes.situation import Start
    from visualsearch.attributes.target import Target
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class TagMode(Mode):
    """Goes on where one was: in this window, or, after a restart, with what was tagged last."""

    name, icon = "tag", "plus"

    def __init__(self, window: MainWindow, certify: Callable[[], object]) -> None:
        """``certify`` opens the certificate dialog for what is being tagged."""
        super().__init__(QCoreApplication.translate("modes", "Tag"))
        self._window, self._certify = window, certify
        self.desk = Desk(window)
        self._workspace: Workspace | None = None  # whose facts are on screen
        self._again: Callable[[], None] | None = None  # asks for the first page that did not come
        self._asked = False  # a person wants the first page, not what was tagged last

    # --- the mode -------------------------------------------------------------------------------------------

    def make(self) -> QWidget:
        window, desk = self._window, self.desk
        self.stack = QStackedWidget(window)
        self.chooser = Chooser(window.photos, self.stack)
        self.bench = Bench(window, desk, self.stack)
        self.trouble = Trouble(self.stack)
        self.new_items = NewItems(window.photos, self.stack)
        self.onboarding = Onboarding(window, self.new_items)
        for part in (self.chooser, self.bench, self.trouble, self.new_items):
            self.stack.addWidget(part)
        self.chooser.wanted.connect(self._begin)
        self.chooser.resumed.connect(lambda target: self._resume(target))
        self.chooser.browse_wanted.connect(lambda: window.modes.switch(BROWSE))
        self.chooser.left.connect(self._leave_chooser)
        self.bench.change_wanted.connect(self.choose)
        self.bench.certificate_wanted.connect(self._certify)
        self.chooser.also_here.wanted.connect(lambda name: window.actions_[name].trigger())
        self.new_items.left.connect(self.choose)
        self.trouble.prepare_wanted.connect(lambda: window.actions_["embed"].trigger())
        self.trouble.change_wanted.connect(self.choose)
        self.trouble.retry_wanted.connect(self._retry)
        window.catalogs.grown.connect(self._grown)
        desk.begun.connect(lambda: self._turn_to(self.bench))
        desk.page_changed.connect(self._page_came)
        desk.failed.connect(self._fail)
        desk.busy_changed.connect(lambda: self.chooser.set_busy(desk.is_busy))
        return self.stack

    def enter(self, workspace: Workspace) -> None:
        self.bench.grid.set_fetch(fetch_from(workspace))
        self.bench.judge.set_workspace(workspace)
        self.chooser.show_offer(self._offer())
        if workspace is not self.desk.workspace:
            self.desk.set_workspace(workspace)
            self._turn_to(self.chooser)
        elif self.desk.session is not None and not self._asked:
            self._turn_to(self.bench)
            self.desk.reload()
        self._read_facts(workspace)

    def leave(self) -> None:
        self.bench.grid.set_fetch(None)
        if self.desk.has_decided or self.onboarding.has_decided:
            self.desk.has_decided = self.onboarding.has_decided = False
            self._window.controller.refresh()

    def forget(self) -> None:
        """The catalog goes."""
        self._workspace = self._again = None
        self.desk.set_workspace(None)
        if self._widget is not None:
            self.onboarding.forget()

    def focus(self) -> None:
        here = self.stack.currentWidget()
        if isinstance(here, Chooser | Bench | Trouble | NewItems):
            here.focus()

    # --- choosing -------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask what to tag, with the examples that Browse has now."""
        self._asked = True
        if self._window.modes.current != self.name:
            self._window.modes.switch(self.name)
        else:
            self.chooser.show_offer(self._offer())
            if self.desk.workspace is not None:
                self._read_facts(self.desk.workspace)
        self._asked = False
        self._workspace = self.desk.workspace
        self._turn_to(self.chooser)

    def fill_in(self) -> None:
        """Show what new items lack."""
        self._asked = True
        self._window.modes.switch(self.name)
        self._asked = False
        workspace = self._workspace = self.desk.workspace
        if workspace is not None:
            self._turn_to(self.new_items)
            self.onboarding.begin(workspace)

    def _offer(self) -> Offer:
        """The tray's examples and the selected photos."""
        from visualsearch.filters.query import Example

        visual = self._window.controller.query.visual.counting()
        selected = [Example(item=item) for item in self._window.area.gallery.selected_items()[:50].tolist()]
        picked = {*visual.positives, *visual.negatives}
        more = tuple(one for one in selected if one not in picked)
        return Offer((*visual.positives, *more), visual.negatives, len(more))

    def _read_facts(self, workspace: Workspace) -> None:
        self.chooser.also_here.enable(lambda name: self._window.actions_[name].isEnabled())

        def take(found: Facts) -> None:
            if workspace is not self.desk.workspace:
                return
            first, self._workspace = workspace is not self._workspace, workspace
            self.chooser.show_facts(found)
            idle = self.desk.session is None and not self.desk.is_busy
            if first and idle and found.recent and not self.chooser.attribute.currentText().strip():
                self._resume(found.recent[0])
            elif self._window.modes.current == self.name and self.stack.currentWidget() is self.chooser:
                self.chooser.focus()

        self._window.background.run(lambda: facts.read(workspace), take, key="tag-facts")

    def _begin(self, target: Target, start: Start, multi: bool | None) -> None:
        workspace = self.desk.workspace
        if workspace is None:
            return

        allows = self.chooser.is_unknown

        def prepare() -> None:
            if multi is not None:
                workspace.vocabulary.change(target.attribute, {"type": "category", "multi": multi})
            elif allows:
                workspace.vocabulary.add(target.attribute, [target.value])

        self._again = lambda: self.desk.begin(target, start, prepare)
        self._again()

    def _resume(self, target: Target) -> None:
        self._again = lambda: self.desk.begin(target, None)
        self._again()

    def _retry(self) -> None:
        if self.desk.session is not None:
            self.desk.reload()
        elif self._again is not None:
            self._again()

    def _grown(self, *_: object) -> None:
        """Photos have been prepared: perhaps the page can come now."""
        if self._window.modes.current == self.name and self.stack.currentWidget() is self.trouble:
            self._retry()

    def _leave_chooser(self) -> None:
        if self.desk.session is not None:
            self._turn_to(self.bench)
        else:
            self._window.modes.switch(BROWSE)

    # --- showing --------------------------------------------------------------------------------------------

    def _turn_to(self, page: QWidget) -> None:
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)
        if self._window.modes.current == self.name:
            self.focus()
        self._window.enable_actions()

    def _page_came(self) -> None:
        if self.stack.currentWidget() is self.trouble:
            self._turn_to(self.bench)
        for event in self.chooser.keys_for_page():
            focused = self.bench.window().focusWidget()
            if focused is not None and self.bench.isAncestorOf(focused):
                QCoreApplication.sendEvent(focused, event)

    def _fail(self, error: BaseException) -> None:
        """There is no page: say what to do, where the person is."""
        from visualsearch.errors import VisualSearchError

        if not isinstance(error, VisualSearchError):
            self._window.faults.show(error)
            return
        info = self._window.catalogs.info
        if (
            self.desk.session is None
            and self.stack.currentWidget() is self.chooser
            and not self._needs_photos()
        ):
            self.chooser.say(texts.error_line(error))
            return
        waiting = info.to_embed if info is not None else 0
        self.trouble.show_problem(texts.error_line(error), waiting)
        self._turn_to(self.trouble)

    def _needs_photos(self) -> bool:
        info = self._window.catalogs.info
        return info is not None and not info.embedded
