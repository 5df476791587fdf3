"""One undo for everything: Ctrl+Z takes back the last thing that was done in this window, whatever it was.

Two kinds of steps are kept in the order in which they happened: narrowings of the search, whose history the controller
has, and decisions, whose log the catalog has. What the window did not see (an earlier session, the command line) comes
after that: first the decisions that the log offers, then the searches that came back with the session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from visualsearch.ui import texts
from visualsearch.ui.modes import BROWSE

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Skipped, Undone
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_LONGEST = 50  # characters of what is undone that a menu shows


@dataclass(frozen=True)
class _Step:
    """``act``: the operation that a feature noted; 0 for a narrowing, −1 for what the log offers. ``entry``: the one to
    invert now, which is another one after an undo and a redo."""

    act: int = 0
    entry: int = 0
    label: str = ""


@dataclass(frozen=True)
class _Waiting:
    """What goes on then, what it is to write if it is a decision, and whether it undoes the decision under way."""

    go_on: Callable[[], None]
    work: Callable[[], Any] | None = None
    undoes: bool = False


_NARROWING = _Step()
_Offer = tuple[str | None, str | None]  # labels of what the log would undo and redo


def newest(workspace: Workspace) -> int | None:
    """The number of the latest operation, for a worker that calls a facade which does not say it."""
    found = workspace.decisions.history(limit=1)
    return found[0].number if found else None


class Undoing(QObject):
    """Undo and redo of one window. All methods in the GUI thread."""

    changed = Signal()
    """A decision was made, taken back or made again: panels that show decisions read anew."""
    taken_back = Signal(int)
    """The number of the act that was taken back, whoever asked for it."""
    made_again = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._offered: _Offer = (None, None)
        self._turns = 0  # undos and redos of decisions so far
        self._waiting: deque[_Waiting] = deque()  # until what is under way has ended
        self._is_busy = False
        self._writes = 0  # decisions that are on their way into the catalog
        self._said: Callable[[], object] | None = None  # what the banner offers
        self._past = window.controller.past
        window.controller.history_changed.connect(self._follow)
        window.modes.changed.connect(lambda _mode: self._name())
        window.catalog_changed.connect(lambda _workspace: self._start())
        window.catalogs.grown.connect(lambda *_: self._ask_log())
        window.background.closing.connect(self._write_waiting)
        window.actions_.connect({"undo": self.undo, "redo": self.redo})
        window.actions_.when(
            {
                "undo": lambda: self._writes > 0 or self._last(0) is not None,
                "redo": lambda: self._last(1) is not None,
            }
        )
        self._start()

    @property
    def is_busy(self) -> bool:
        """Whether an undo or redo of a decision is under way."""
        return self._is_busy

    # --- what was done --------------------------------------------------------------------------------------

    def write(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Let a worker decide something; ``done`` notes it. Decisions are written one after the other, also when the
        catalog closes meanwhile. An undo that is asked for meanwhile is about that decision: it waits for it, and what
        is decided after that undo waits, too."""
        if self._waiting:
            self._waiting.append(_Waiting(lambda: self._begin(work, done, failed), work))
        else:
            self._begin(work, done, failed)

    def _begin(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        workspace = self._window.controller.workspace
        self._writes += 1
        self._name()

        def end(call: Callable[[Any], object], answer: Any, is_written: bool) -> None:
            try:
                call(answer)
            finally:
                if workspace is self._window.controller.workspace:
                    self._writes -= 1
                    if not is_written and not self._writes and self._waiting and self._waiting[0].undoes:
                        self._waiting.popleft()  # there is nothing of it to undo
                    self._go_on()

        self._window.background.write(
            work, lambda answer: end(done, answer, True), lambda error: end(failed, error, False)
        )

    def note(self, operation: int | None, text: str = "", skipped: Sequence[Skipped] = ()) -> None:
        """A decision was made in this window (``Applied.operation``; None, when nothing had to change, is no step).

        With ``text`` the banner says so and offers to undo exactly this; what was skipped is said, too.
        """
        workspace = self._window.controller.workspace
        if workspace is None:
            return
        if text or skipped:
            self._say(
                text, skipped, self.tr("Undo"), (lambda: self.take_back(operation)) if operation else None
            )
        elif operation is not None:  # what was said of the step before is no longer the last
            self._window.banner.withdraw(self._said)
        if operation is None:
            return
        self._window.controller.seal()
        self._done.append(_Step(operation, operation))
        self._end_redo()
        self._name()
        self.changed.emit()

        def label(found: Any) -> None:
            self._done = [
                _Step(step.act, step.entry, found.label) if step.act == operation and found else step
                for step in self._done
            ]
            self._name()

        self._window.background.run(lambda: workspace.decisions.operation(operation), label)

    def _end_redo(self) -> None:
        """Something new was done."""
        self._undone.clear()
        self._offered = (self._offered[0], None)

    def _start(self) -> None:
        """Another catalog, or none."""
        self._done, self._undone = [], []
        self._waiting.clear()
        self._is_busy = False
        self._writes = 0
        self._offered = (None, None)
        self._past = self._window.controller.past
        self._name()
        self._ask_log()

    def _ask_log(self) -> None:
        """What the log itself would undo and redo."""
        workspace = self._window.controller.workspace
        if workspace is None or workspace.read_only:
            return

        turns = self._turns

        def take(offered: _Offer) -> None:
            if turns == self._turns:  # else it is out of date
                self._offered = offered
                self._name()

        self._window.background.run(lambda: _offer(workspace), take, key="undo labels")

    def _follow(self) -> None:
        """The query has moved: a new step, a longer one, a step back or forward, or another history altogether."""
        (before, was), (values, place) = self._past, self._window.controller.past
        self._past = (values, place)
        if values == before:
            source, target = (self._done, self._undone) if place < was else (self._undone, self._done)
            for _ in range(abs(place - was)):
                last = next((at for at in reversed(range(len(source))) if not source[at].act), None)
                if last is not None:
                    del source[last]
                target.append(_NARROWING)
        elif place == was > 0 and values[:place] == before[:place]:
            self._end_redo()  # typing goes on
        elif 0 < place == len(values) - 1 and values[:-1] == before[: was + 1][-place:]:
            self._end_redo()
            self._done.append(_NARROWING)
        else:
            self._done = [step for step in self._done if step.act]
            self._undone = []
        self._name()

    # --- undo and redo --------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last step."""
        self._walk(0)

    def redo(self) -> None:
        """Do the last step that was taken back again."""
        self._walk(1)

    def take_back(self, act: int) -> None:
        """Undo any operation of the log, whether it was made in this window or not; it can be redone."""
        if self._is_busy:
            self._waiting.append(_Waiting(lambda: self.take_back(act)))
            return
        if any(step.act == act for step in self._undone):
            return  # a second click, before what shows it was read anew
        step = next((step for step in self._done if step.act == act), _Step(act, act))
        self._decide(0, step)

    def do_again(self, act: int, undo: int) -> None:
        """Do an operation again that ``undo`` (a number of the log) took back."""
        if self._is_busy:
            self._waiting.append(_Waiting(lambda: self.do_again(act, undo)))
            return
        if any(step.act == act for step in self._done):
            return
        step = next((step for step in self._undone if step.act == act), _Step(act, undo))
        self._decide(1, step)

    def _walk(self, way: int) -> None:
        if self._is_busy or self._writes:
            undoes = way == 0 and self._writes > 0 and not any(one.undoes for one in self._waiting)
            self._waiting.append(_Waiting(lambda: self._walk(way), undoes=undoes))
            return
        step, controller = self._last(way), self._window.controller
        if step is _NARROWING:
            (controller.forward if way else controller.back)()
        elif step is not None:
            self._decide(way, step)

    def _last(self, way: int) -> _Step | None:
        """The step that undo (0) or redo (1) would take; outside Browse, where no search is seen, only decisions."""
        controller, browses = self._window.controller, self._window.modes.current == BROWSE
        if controller.workspace is None:
            return None
        for step in reversed((self._done, self._undone)[way]):
            if step.act or browses:
                return step
        if label := self._offered[way]:
            return _Step(-1, 0, label)
        there = controller.can_forward if way else controller.can_back
        return _NARROWING if there and browses else None

    def _decide(self, way: int, step: _Step) -> None:
        workspace = self._window.controller.workspace
        if workspace is None:
            return
        self._is_busy = True

        def work() -> tuple[Undone, int, _Offer]:
            decisions = workspace.decisions
            if step.entry:
                return decisions.undo(step.entry), step.act, _offer(workspace)
            undone = decisions.redo() if way else decisions.undo()
            return undone, _act_of(workspace, undone.operation), _offer(workspace)

        def done(answer: tuple[Undone, int, _Offer]) -> None:
            undone, act, self._offered = answer
            self._turns += 1
            self._drop(step)
            if undone.operation is not None:
                (self._done if way else self._undone).append(_Step(act, undone.operation, undone.label))
            self._told(way, undone, act)
            (self.made_again if way else self.taken_back).emit(act)
            self._settle()

        def failed(error: BaseException) -> None:
            self._drop(step)
            self._ask_log()
            self._window.faults.show(error)
            self._settle()

        self._window.background.write(work, done, failed)

    def _drop(self, step: _Step) -> None:
        """Forget a decision that is under way, wherever it stands; its label may have come meanwhile."""
        for steps in (self._done, self._undone):
            steps[:] = [other for other in steps if other.act != step.act]

    def _told(self, way: int, undone: Undone, act: int) -> None:
        entry = undone.operation
        if entry is None:
            text = self.tr("Nothing could be changed: {0}.").format(undone.label)
            self._say(text, undone.skipped, "", None)
        elif way:
            text = self.tr("Done again: {0}.").format(undone.label)
            self._say(text, undone.skipped, self.tr("Undo"), lambda: self.take_back(act))
        else:
            text = self.tr("Taken back: {0}.").format(undone.label)
            self._say(text, undone.skipped, self.tr("Redo"), lambda: self.do_again(act, entry))

    def _settle(self) -> None:
        """It is in the catalog, or it failed: show that, and go on with what was asked meanwhile."""
        self._is_busy = False
        self._name()
        self._window.controller.refresh()
        self.changed.emit()
        self._go_on()

    def _go_on(self) -> None:
        """With what was asked for while something else was under way."""
        if self._waiting and not self._is_busy and not self._writes:
            self._waiting.popleft().go_on()
            self._go_on()

    def _write_waiting(self) -> None:
        """The catalog closes: an undo that waits is given up, a decision is not."""
        waiting, self._waiting = self._waiting, deque()
        for one in waiting:
            if one.work is not None:
                self._window.background.write(one.work, lambda _: None, self._window.faults.show)

    # --- telling --------------------------------------------------------------------------------------------

    def _say(
        self, text: str, skipped: Sequence[Skipped], button: str, slot: Callable[[], object] | None
    ) -> None:
        self._said = slot
        self._window.banner.show_message(
            text, skipped_text(skipped), warning=bool(skipped), button=button if slot else "", slot=slot
        )

    def _name(self) -> None:
        """Menu and tooltip name what would be undone."""
        for way, name, plain, pattern in (
            (0, "undo", self.tr("&Undo"), self.tr("&Undo: {0}")),
            (1, "redo", self.tr("&Redo"), self.tr("&Redo: {0}")),
        ):
            step, action = self._last(way), self._window.actions_[name]
            label = "" if step is None else (step.label if step.act else self._search_name(way))
            text = label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
            action.setText(pattern.format(text.replace("&", "&&")) if text else plain)
            full = (pattern.format(label) if label else plain).replace("&", "", 1)
            key = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            action.setToolTip(f"{full} ({key})")
        self._window.enable_actions()

    def _search_name(self, way: int) -> str:
        """The search that a step leads to is what tells narrowings apart."""
        values, place = self._window.controller.past
        step = place + 1 if way else place
        return self.tr("the search “{0}”").format(texts.query_name(values[min(step, len(values) - 1)]))


def _offer(workspace: Workspace) -> _Offer:
    return workspace.decisions.can_undo, workspace.decisions.can_redo


def _act_of(workspace: Workspace, entry: int | None) -> int:
    """The act that an entry of the log is about: itself, or what it undid or did again. For workers."""
    found = workspace.decisions.operation(entry) if entry is not None else None
    while found is not None and found.inverse_of is not None:
        found = workspace.decisions.operation(found.inverse_of)
    return found.number if found is not None else 0


def skipped_text(skipped: Sequence[Skipped]) -> str:
    """What an operation left as it was, in a sentence: how many, and why."""
    reasons: dict[str, int] = {}
    for one in skipped:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    translate = QCoreApplication.translate
    return " ".join(
        translate("Undoing", "Left as it was: {0} ({1}).").format(texts.number(count), reason)
        for reason, count in reasons.items()
    )


def install(window: MainWindow) -> None:
    window.undoing = Undoing(window)
