"""Connects a filter's precision to a window: the strip in the tray, judging, and what to look at first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from visualsearch.errors import Cancelled, UsageError, VisualSearchError
from visualsearch.filters.judged import conditions_of, meant_by
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl
from visualsearch.ui import edits
from visualsearch.ui.actions import Entry
from visualsearch.ui.modes import BROWSE
from visualsearch.ui.precision.answers import UNSURE, Answers, Known, measured, picked
from visualsearch.ui.precision.look_switch import WAYS, LookSwitch
from visualsearch.ui.precision.strip import PrecisionStrip
from visualsearch.ui.saved_filters.feature import SavedFilters

if TYPE_CHECKING:
    from visualsearch.filters.gauge import Gauge
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.ui.precision.dialog import JudgeDialog

_KEY = "precision"
_PAUSE_MS = 120  # an estimate takes about as long: not one for each step of a slider


class Precision(QObject):
    """How precise the filter in the tray is."""

    answers_changed = Signal()
    """What `answers` keeps for filters without a name is something else."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.answers = Answers()
        self._control = JobControl()
        self._shown: object = None  # what the strip's gauge is about …
        self._knows_auto = False  # … and whether it has a row for the cut that the program chooses
        self._known = Known(None, {})
        self._given: list[tuple[int, str | None, int | None]] = []  # item, its answer before, the operation
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_writing = False
        self._has_moved = False  # the query, since the last answer to one
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._measure)
        self.dialog: JudgeDialog | None = None
        self.strip = PrecisionStrip(window.tray)
        self.strip.hide()
        window.tray.add_below(self.strip)
        self.look = LookSwitch(window.area)
        window.area.add_beside_chips(self.look)
        self._connect()
        self._add_actions()
        self._follow(window.controller.query)
        self._settle()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is about to be measured or kept."""
        return not self._pause.isActive() and not self._is_writing

    def _connect(self) -> None:
        window = self._window
        controller = window.controller
        controller.query_changed.connect(self._follow)
        controller.settled.connect(self._settle)
        window.catalog_changed.connect(lambda _workspace: self._begin())
        window.undoing.changed.connect(self._forget_gauge)
        window.modes.changed.connect(lambda _mode: self._show_look())
        self.strip.narrow_wanted.connect(
            lambda narrow: controller.edit(lambda query: edits.set_narrow(query, narrow), "narrow")
        )
        self.strip.released.connect(controller.seal)
        self.strip.judge_wanted.connect(self.judge)
        self.look.look_wanted.connect(
            lambda look: controller.edit(lambda query: edits.set_look(query, look), "look")
        )
        saved = window.findChild(SavedFilters)
        if saved is not None:
            saved.answers = self.answers_of

    def _add_actions(self) -> None:
        picks = lambda: bool(self._window.controller.query.visual)  # noqa: E731
        ways = (
            self.tr("First the most li&kely"),
            self.tr("First the most &useful to judge"),
            self.tr("Random o&rder"),
        )
        names = [f"look_{way}" for way in WAYS]
        self._window.actions_.add(
            "filters",
            (
                Entry("judge", self.tr("&Judge a few…"), ("J",), needs="browse", gap=True),
                *(
                    Entry(name, text, (f"Alt+{place}",), needs="browse", gap=place == 1)
                    for place, (name, text) in enumerate(zip(names, ways, strict=True), 1)
                ),
            ),
            {
                "judge": self.judge,
                **{f"look_{way}": (lambda by=way: self.look.want(by)) for way in WAYS},
            },
            when=dict.fromkeys(("judge", *names), picks),
        )

    # --- measuring ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Another catalog, or none."""
        if self.dialog is not None:
            self.dialog.reject()
        self.answers.take_up([])
        self._known = Known(None, {})
        self._given.clear()
        self._waiting.clear()
        self._is_writing = False
        self._shown = None
        self._follow(self._window.controller.query)

    def take_up(self, kept: list[tuple[Query, dict[int, str]]]) -> None:
        """Go on with the answers that were given before the program ended."""
        self.answers.take_up(kept)
        self._forget_gauge()

    def _follow(self, query: Query) -> None:
        """The query is another one."""
        self._has_moved = True
        self._show_look()
        if bool(query.visual) == self.strip.isHidden():
            self.strip.setVisible(bool(query.visual))
        if not query.visual:
            self._stop()
            self._shown = None
            self.strip.show_gauge(None)
        elif self._shown != _about(query):
            self.strip.wait()
        elif isinstance(query.visual.narrow, float):
            self.strip.show_narrow(query.visual.narrow)

    def _show_look(self) -> None:
        query = self._window.controller.query
        self.look.show_query(query)
        if self._window.modes.current != BROWSE:
            self.look.hide()

    def _settle(self) -> None:
        """The answer to the query is there: show where it cuts, and measure what has changed."""
        refreshed, self._has_moved = not self._has_moved, False
        controller = self._window.controller
        query, results = controller.query, controller.results
        if not query.visual or controller.workspace is None or controller.failure is not None:
            return
        is_current = self._shown == _about(query)
        if results is not None and is_current:
            self.strip.show_narrow(results.strictness or 0.0)
        if refreshed or not is_current or (query.visual.narrow == "auto" and not self._knows_auto):
            self._pause.start()

    def _forget_gauge(self) -> None:
        """A decision was made or taken back."""
        self._shown = None
        if self._window.controller.query.visual and self._window.controller.is_settled:
            self._pause.start()

    def _stop(self) -> None:
        self._pause.stop()
        self._control.cancel()
        self._window.background.forget(_KEY)

    def _measure(self) -> None:
        """In a worker; a newer one replaces it."""
        controller = self._window.controller
        workspace, query = controller.workspace, controller.query
        if workspace is None or not query.visual:
            return
        self._control.cancel()
        control = self._control = JobControl()
        given = self.answers.of(query)

        def show(found: tuple[Known, Gauge]) -> None:
            self._known, gauge = found
            self._shown, self._knows_auto = _about(query), query.visual.narrow == "auto"
            narrow = self._narrow()
            if not self.strip.histogram.is_dragging:
                self.strip.show_gauge(gauge, narrow)
            if self.dialog is not None:
                self.dialog.show_gauge(gauge, narrow)

        self._window.background.run(
            lambda: measured(workspace, query, given, control), show, self._fail, key=_KEY
        )

    def _narrow(self) -> float:
        """Where the query cuts."""
        query, results = self._window.controller.query, self._window.controller.results
        if isinstance(query.visual.narrow, float):
            return query.visual.narrow
        return (results.strictness if results is not None else None) or 0.0

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, UsageError):
            self.strip.say(self.tr("Nothing to estimate:\nno photo is left."))
        elif not isinstance(error, (VisualSearchError, Cancelled)):  # the search itself says what is wrong
            self._window.faults.show(error)

    # --- judging --------------------------------------------------------------------------------------------

    def answers_of(self, query: Query) -> dict[int, str]:
        """The answers, yes or no, that hold for a query and have no name yet."""
        return {item: said for item, said in self.answers.of(query).items() if said != UNSURE}

    def judge(self) -> JudgeDialog | None:
        """Ask about a few photos."""
        from visualsearch.ui.precision.dialog import JudgeDialog

        window = self._window
        if window.controller.workspace is None or not window.controller.query.visual:
            return None
        dialog = self.dialog = JudgeDialog(window, window.controller.query.visual)
        self._given.clear()
        dialog.answered.connect(self._answer)
        dialog.back_wanted.connect(self._take_back)
        dialog.more_wanted.connect(self._pick)
        dialog.finished.connect(self._close)
        if self.strip.gauge is not None:
            dialog.show_gauge(self.strip.gauge, self._narrow())
        dialog.open()
        self._pick()
        return dialog

    def _close(self) -> None:
        self.dialog = None

    def _pick(self) -> None:
        from visualsearch.ui.precision.dialog import ROUND

        workspace, query = self._window.controller.workspace, self._window.controller.query
        if workspace is None:
            return
        given, dialog = self.answers.of(query), self.dialog

        def ask(found: tuple[Known, list[int]]) -> None:
            self._known, items = found
            if dialog is not None and dialog is self.dialog:
                dialog.show_round(items, self._known.answers)

        def wrong(error: BaseException) -> None:
            if not isinstance(error, VisualSearchError):
                self._window.faults.show(error)
            elif dialog is not None and dialog is self.dialog:
                dialog.show_error(error)

        self._write(
            lambda: self._window.background.run(
                lambda: picked(workspace, query, given, ROUND, JobControl()),
                self._then(ask),
                self._then(wrong),
            )
        )

    def _answer(self, item: int, answer: str) -> None:
        """Keep an answer: with the filter where it has a name, else in the window."""
        workspace, query = self._window.controller.workspace, self._window.controller.query
        if workspace is None:
            return
        before, name = self._known.answers.get(item), self._known.name
        self._known.answers[item] = answer
        if name is None or answer == UNSURE:
            self._keep(query, item, answer)
        if name is None or (answer == UNSURE and before in (None, UNSURE)):
            self._note(item, before, None)
            return

        def noted(operation: int | None) -> None:
            self._window.undoing.note(operation)
            self._note(item, before, operation)

        def lost(error: BaseException) -> None:
            self._restore(item, before)
            self._window.faults.show(error)

        change = {item: None if answer == UNSURE else answer}
        self._write(
            lambda: self._window.undoing.write(
                lambda: workspace.filters.judge(name, change),
                self._then(noted),
                self._then(lost),
            )
        )

    def _keep(self, query: Query, item: int, answer: str | None) -> None:
        self.answers.give(query, item, answer)
        self.answers_changed.emit()

    def _note(self, item: int, before: str | None, operation: int | None) -> None:
        """An answer is kept."""
        self._given.append((item, before, operation))
        if self.dialog is not None:
            self.dialog.show_can_go_back(True)
        self._pause.start()

    def _take_back(self) -> None:
        """Take back the last answer, once all are kept."""

        def back() -> None:
            self._is_writing = False
            if self._given:
                item, before, operation = self._given.pop()
                query = self._window.controller.query
                self._keep(query, item, before if operation is None else None)
                self._restore(item, before)
                if operation is not None:
                    self._window.undoing.take_back(operation)
                else:
                    self._pause.start()
            self._go_on()

        self._write(back)

    def _restore(self, item: int, before: str | None) -> None:
        """An answer does not count any more: ask again."""
        self._known.answers.pop(item, None)
        if before is not None:
            self._known.answers[item] = before
        if self.dialog is not None:
            self.dialog.take_back(item, before)
            self.dialog.show_can_go_back(bool(self._given))

    # --- one after the other --------------------------------------------------------------------------------

    def _write(self, start: Callable[[], None]) -> None:
        """Begin something when what was begun before is done: answers are kept in their order."""
        self._waiting.append(start)
        if not self._is_writing:
            self._go_on()

    def _then(self, done: Callable) -> Callable:
        def call(answer: object) -> None:
            self._is_writing = False
            done(answer)
            self._go_on()

        return call

    def _go_on(self) -> None:
        if self._waiting and not self._is_writing:
            self._is_writing = True
            self._waiting.popleft()()


def _about(query: Query) -> tuple[object, ...]:
    """What an estimate depends on, besides answers and where it cuts."""
    return meant_by(query.visual), conditions_of(query)


def install(window: MainWindow) -> None:
    window.precision = Precision(window)  # type: ignore[attr-defined]
