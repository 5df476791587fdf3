"""What is being tagged: the session, the page on screen, what the person marked on it. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl
from visualsearch.ui.tagging.pace import Pace

if TYPE_CHECKING:
    from visualsearch.attributes.session import Session
    from visualsearch.attributes.situation import Confirmed, Page, Start, State
    from visualsearch.attributes.target import Target
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

Mark = Literal["", "no", "unsure"]
_PAGES_AHEAD = 2  # of the present order whose photos are made ready
_HISTORY = 200  # operations in which the last page is looked for


@dataclass(frozen=True)
class Sheet:
    """A page as it is shown: the core's page, the items' ids, and what was marked when it was confirmed before."""

    page: Page
    ids: list[str]
    marks: dict[int, Mark]


class Desk(QObject):
    """One session at a time. All methods in the GUI thread; the work is done in workers, one piece after the other."""

    begun = Signal()
    """A session is there; its first page comes at once afterwards."""
    page_changed = Signal()
    mark_changed = Signal(int)
    state_changed = Signal()
    busy_changed = Signal()
    failed = Signal(object)
    """An error (BaseException): there is no page to show."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._control = JobControl()
        self.workspace: Workspace | None = None
        self.session: Session | None = None
        self.sheet: Sheet | None = None
        self.state: State | None = None
        self.marks: dict[int, Mark] = {}
        self.ahead: list[int] = []
        self.mode = "likely"
        self.page_size: Callable[[], int] = lambda: 24
        self.pace = Pace()
        self.is_busy = False
        self.has_decided = False  # something since the catalog was shown elsewhere
        self._is_reading = self._is_writing = False
        self._next: Callable[[], None] | None = None  # what was asked for while a page is being written
        window.undoing.taken_back.connect(self._taken_back)
        window.undoing.made_again.connect(lambda _act: self.reload())

    @property
    def target(self) -> Target | None:
        return self.session.target if self.session is not None else None

    # --- coming and going -----------------------------------------------------------------------------------

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Work on another catalog, or on none. Drops the session."""
        self._control.cancel()
        self._control = JobControl()
        self.workspace = workspace
        self.session = self.sheet = self.state = None
        self.marks, self.ahead = {}, []
        self._is_reading = self._is_writing = False
        self._next = None
        self._show_busy()

    def begin(self, target: Target, start: Start | None, prepare: Callable[[], object] | None = None) -> None:
        """Tag a value: from ``start``, or, when None, go on where it was left. ``prepare`` is called before that, in
        the worker."""
        workspace, control, size, mode = self.workspace, self._control, self.page_size(), self.mode
        if workspace is None:
            return

        def work() -> tuple[Session, Sheet]:
            if prepare is not None:
                prepare()
            tagging = workspace.tagging
            session = (
                tagging.session(target, control) if start is None else tagging.start(target, start, control)
            )
            return session, _sheet(workspace, session.page(size, mode, control))  # type: ignore[arg-type]

        def take(found: tuple[Session, Sheet]) -> None:
            self.session, self.state, self.pace = found[0], None, Pace()
            self.begun.emit()
            self._show(found[1])

        self._run(work, take, self.failed.emit)

    # --- marking --------------------------------------------------------------------------------------------

    def toggle(self, item: int, mark: Mark) -> None:
        """Mark an item of the page, or take that mark off again."""
        if self.sheet is None or item not in self.sheet.page.items.tolist():
            return
        self.marks[item] = "" if self.marks.get(item, "") == mark else mark
        self.mark_changed.emit(item)

    def marked(self, mark: Mark) -> list[int]:
        """The items of the page with a mark."""
        return [item for item, given in self.marks.items() if given == mark]

    # --- acting ---------------------------------------------------------------------------------------------

    def confirm(self) -> None:
        """Save the page as it is marked, as one operation, and bring the next."""
        session, sheet, workspace = self.session, self.sheet, self.workspace
        if session is None or sheet is None or workspace is None or self.is_busy or not len(sheet.page.items):
            return
        size, mode = self.page_size(), self.mode
        no, unsure = self.marked("no"), self.marked("unsure")
        self._window.banner.hide()  # what it says is of an earlier page

        def work() -> tuple[Confirmed, Sheet]:
            control = (
                JobControl()
            )  # not that of the page: it is saved, too, when the catalog closes meanwhile
            done = session.confirm(sheet.page, control, no=no, unsure=unsure, size=size, mode=mode)  # type: ignore[arg-type]
            return done, _sheet(workspace, done.page)

        def take(found: tuple[Confirmed, Sheet]) -> None:
            done, fresh = found
            self.pace.note(len(sheet.page.items))
            if session is self.session:
                self._show(fresh)
            text = ""
            if done.stale:
                text = self.tr("{0} had been answered elsewhere meanwhile, and were left as they are.")
            self._window.undoing.note(
                done.applied.operation, text.format(len(done.stale)), done.applied.skipped
            )

        self._write(work, take)

    def answer(self, answer: str) -> None:
        """One by one: "right", "wrong" or "unsure" for the item on screen, saved at once."""
        if self.sheet is None or self.is_busy or len(self.sheet.page.items) != 1:
            return
        marks: dict[str, Mark] = {"right": "", "wrong": "no", "unsure": "unsure"}
        self.marks = {int(self.sheet.page.items[0]): marks[answer]}
        self.confirm()

    def take_back(self) -> None:
        """Undo the last page of this value, also one that was confirmed before the window was opened."""
        target, workspace = self.target, self.workspace
        if self._is_writing:
            self._next = self.take_back  # the page that is being written, not the one before it
            return
        if target is None or workspace is None or self.is_busy:
            return

        def last() -> int | None:
            return next(
                (
                    operation.number
                    for operation in workspace.decisions.history(limit=_HISTORY)
                    if operation.undone_by is None
                    and operation.inverse_of is None
                    and (operation.why or {}).get("target") == str(target)
                    and "page" in (operation.why or {})
                ),
                None,
            )

        def take(number: int | None) -> None:
            if number is not None:
                self._window.undoing.take_back(number)
            else:
                self._window.banner.show_message(self.tr("No page was confirmed lately."))

        self._run(last, take, self._window.faults.show)

    def ask_again(self) -> None:
        """Suggest what was answered *unsure* once more."""
        session = self.session
        if session is None or self.is_busy:
            return

        def take(applied: Any) -> None:
            self._window.undoing.note(applied.operation)
            self.reload()

        self._write(lambda: session.reopen(session.unsure_items().tolist()), take)

    def set_mode(self, mode: str) -> None:
        """ "likely", "useful" or "random": for this page and the next ones."""
        if mode != self.mode:
            self.mode = mode
            self.reload()

    def reload(self) -> None:
        """Ask for the page anew; where it is the same, what was marked stays."""
        session, workspace = self.session, self.workspace
        if session is None or workspace is None:
            return
        if self._is_writing:
            self._next = self._next or self.reload
            return
        control, size, mode = self._control, self.page_size(), self.mode

        def take(sheet: Sheet) -> None:
            same = self.sheet is not None and sheet.page.items.tolist() == self.sheet.page.items.tolist()
            self._show(replace(sheet, marks=dict(self.marks)) if same else sheet)

        self._run(lambda: _sheet(workspace, session.page(size, mode, control)), take, self.failed.emit)  # type: ignore[arg-type]

    # --- inside ---------------------------------------------------------------------------------------------

    def _taken_back(self, act: int) -> None:
        """A page of ours comes back as it was, with what was marked on it."""
        session, workspace = self.session, self.workspace
        if session is None or workspace is None:
            return
        control, size, mode = self._control, self.page_size(), self.mode

        def work() -> Sheet:
            found = _former_page(workspace, session, act, control)
            return found or _sheet(workspace, session.page(size, mode, control))  # type: ignore[arg-type]

        self._run(work, self._show, self.failed.emit)

    def _show(self, sheet: Sheet) -> None:
        self.sheet, self.marks = sheet, dict(sheet.marks)
        self.pace.begin()
        self.page_changed.emit()
        self._read_on(sheet)

    def _read_on(self, sheet: Sheet) -> None:
        """How far it is, and what is likely to come next: not needed for the page itself, hence after it."""
        session, control = self.session, self._control
        if session is None:
            return
        size = max(1, len(sheet.page.items))
        shown = set(sheet.page.items.tolist())

        def work() -> tuple[State, list[int]]:
            ahead: list[int] = []
            if self.mode == "likely":
                best = session.page((1 + _PAGES_AHEAD) * max(size, 4), "likely", control).items.tolist()
                ahead = [item for item in best if item not in shown]
            return session.state(control), ahead

        def take(found: tuple[State, list[int]]) -> None:
            if session is self.session:
                self.state, self.ahead = found
                self.state_changed.emit()

        self._window.background.run(work, take, self._report, key="tag-state")

    def _report(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._window.faults.show(error)

    def _write(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Decide something; what is asked for meanwhile comes after it."""
        control = self._control
        self._is_writing = True
        self._show_busy()

        def end() -> bool:
            if control is self._control:
                self._is_writing = False
                self._show_busy()
            return control is self._control

        def take(answer: Any) -> None:
            if not end():
                return
            done(answer)
            if self._window.modes.current == "tag":
                self.has_decided = True
            else:  # it came too late for ``leave``
                self._window.controller.refresh()
            self._go_on()

        def fail(error: BaseException) -> None:
            if end():
                self._window.faults.show(error)
                self._go_on()

        self._window.undoing.write(work, take, fail)

    def _go_on(self) -> None:
        then, self._next = self._next, None
        if then is not None:
            then()

    def _run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[BaseException], object]
    ) -> None:
        control = self._control
        self._is_reading = True
        self._show_busy()

        def end() -> bool:
            if control is self._control:
                self._is_reading = False
                self._show_busy()
            return control is self._control

        def take(answer: Any) -> None:
            if end():
                done(answer)

        def fail(error: BaseException) -> None:
            if end() and not isinstance(error, Cancelled):
                failed(error)

        self._window.background.run(work, take, fail, key="tag-page")

    def _show_busy(self) -> None:
        busy = self._is_reading or self._is_writing
        if busy != self.is_busy:
            self.is_busy = busy
            self.busy_changed.emit()


def _sheet(workspace: Workspace, page: Page, marks: dict[int, Mark] | None = None) -> Sheet:
    return Sheet(page, workspace.ids_of(page.items.tolist()), marks or {})


def _former_page(workspace: Workspace, session: Session, act: int, control: JobControl) -> Sheet | None:
    """The page that an operation confirmed, as it was shown; None where it was none of this session. For workers."""
    import numpy as np

    from visualsearch.attributes.progress import PageRecord

    change = next(iter(workspace.decisions.changes(act, 1)), None)
    if change is None or change.kind != "document" or not change.name.startswith(f"page:{session.target}: "):
        return None
    record = PageRecord.from_body(change.new)  # type: ignore[arg-type]
    now = session.chosen(record.items, control)
    place = {item: at for at, item in enumerate(now.items.tolist())}
    kept = [at for at, item in enumerate(record.items) if item in place]
    if not kept:
        return None
    order = [place[record.items[at]] for at in kept]
    page = replace(
        now,
        mode=record.mode,  # type: ignore[arg-type]
        open=record.open,
        items=now.items[order],
        scores=np.array([record.scores[at] for at in kept], np.float32),
        probabilities=now.probabilities[order],
    )
    letters: dict[str, Mark] = {"n": "no", "u": "unsure"}
    marks: dict[int, Mark] = {record.items[at]: letters.get(record.answers[at], "") for at in kept}
    return _sheet(workspace, page, marks)
