"""The auditor's desk: the list of suspects, the one at hand, verdicts on their way into the catalog. Shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.attributes.audit import Details, Suspect
    from visualsearch.catalog.decisions import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

NEW = ""
"""The name under which the list of attributes offers what was imported last."""
_LIMIT = 300  # suspects on the desk at once; more are fetched when these are judged
_KEPT = 40  # details: those behind, for who goes back, and those ahead
_AHEAD = 2
LINE = 0.5
"""The score from which on a value is more likely wrong than right, as `audit.SUSPICIOUS`, which loads NumPy."""

Key = tuple[str, int, str]  # attribute, item, given value


def key_of(suspect: Suspect) -> Key:
    """What tells a suspect from all others."""
    return suspect.attribute, suspect.item, suspect.given


def listing(workspace: Workspace, attribute: str, control: JobControl) -> tuple[list[Suspect], int]:
    """What belongs on the desk, and how many open suspects are more likely wrong than right. For workers."""
    audit = workspace.audit
    if attribute == NEW:
        found = audit.new(control)
        return found, sum(not suspect.unsure for suspect in found)
    found = audit.suspects(attribute, control, limit=_LIMIT, unsure=False)
    found += audit.suspects(attribute, control, unsure=True)
    return found, audit.count(attribute, control, unsure=False)


@dataclass
class Judged:
    """A verdict: ``answer`` keep, change or unsure. ``operation`` is None until it is written; ``unwanted``: it is to
    be taken back as soon as it is. ``place``: where the suspect stood."""

    suspect: Suspect
    answer: str
    value: str
    place: int
    operation: int | None = None
    unwanted: bool = False


class Desk(QObject):
    """One list at a time. GUI thread only; reads and writes in workers."""

    listed = Signal()
    """Another list, or none."""
    removed = Signal(int)
    """The row that has left the list."""
    inserted = Signal(int)
    """The row that has come (back) into it."""
    moved = Signal()
    """Another suspect is at hand, or none is left."""
    described = Signal(object)
    """The Details of the suspect at hand."""
    counted = Signal()
    """Something was judged, or taken back."""
    settled = Signal()
    """All verdicts are in the catalog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.workspace: Workspace | None = None
        self.suspects: list[Suspect] = []
        self.row = -1
        self.above = 0  # open suspects that are more likely wrong than right, also those beyond the list
        self.judged: list[Judged] = []
        self.values: dict[str, list[str]] = {}
        self.has_changed_values = False
        self._known: dict[Key, Details] = {}
        self._unwritten = 0
        self._taken_back: dict[int, Judged] = {}
        window.undoing.taken_back.connect(self._restore)
        window.undoing.made_again.connect(self._judge_again)

    # --- the list -------------------------------------------------------------------------------------------

    @property
    def current(self) -> Suspect | None:
        """The suspect at hand."""
        return self.suspects[self.row] if 0 <= self.row < len(self.suspects) else None

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Begin with another catalog."""
        self.workspace = workspace
        self.judged, self._taken_back = [], {}
        self._unwritten = 0
        self.values = {}
        self.show_list([], 0)

    def show_list(self, suspects: Sequence[Suspect], above: int) -> None:
        """Put another list on the desk and take its first suspect."""
        self.suspects = list(suspects)
        self.above = above
        self._known.clear()
        self.row = 0 if self.suspects else -1
        self.listed.emit()
        self._take()

    def go_to(self, row: int) -> None:
        """Take another suspect of the list."""
        if 0 <= row < len(self.suspects) and row != self.row:
            self.row = row
            self._take()

    def _take(self) -> None:
        self.moved.emit()
        suspect = self.current
        if suspect is None:
            return
        known = self._known.get(key_of(suspect))
        if known is not None:
            self.described.emit(known)
            self._look_ahead()
        else:
            self._describe(suspect, "audit details", self._look_ahead)

    def _look_ahead(self) -> None:
        for step in range(1, _AHEAD + 1):
            at = self.row + step
            if at < len(self.suspects) and key_of(self.suspects[at]) not in self._known:
                self._describe(self.suspects[at], "audit ahead", self._look_ahead)
                return

    def _describe(self, suspect: Suspect, key: str, then: Callable[[], None]) -> None:
        workspace = self.workspace
        if workspace is None:
            return

        def work() -> tuple[Details, list[str] | None]:
            audit, control = workspace.audit, JobControl()
            found = audit.details(suspect.attribute, suspect.item, control, suspect.given)
            new = suspect.attribute not in self.values
            return found, audit.values(suspect.attribute, control) if new else None

        def done(answer: tuple[Details, list[str] | None]) -> None:
            if workspace is not self.workspace:
                return
            found, values = answer
            if values is not None:
                self.values[suspect.attribute] = values
            self._known[key_of(suspect)] = found
            while len(self._known) > _KEPT:
                self._known.pop(next(iter(self._known)))
            if self.current is not None and key_of(self.current) == key_of(suspect):
                self.described.emit(found)
            then()

        self._window.background.run(work, done, key=key)

    # --- verdicts -------------------------------------------------------------------------------------------

    def judge(self, answer: str, value: str = "") -> None:
        """Say of the suspect at hand: "keep", "unsure", or "change" to a value. The next one comes at once."""
        suspect = self.current
        if suspect is None or self.workspace is None or self.workspace.read_only:
            return
        verdict = Judged(suspect, answer, value, self.row)
        self.judged.append(verdict)
        self._leave(self.row, verdict)
        self._write(self.workspace, verdict)

    def take_back(self) -> bool:
        """Undo the last verdict of this catalog that stands. False where there is none."""
        last = next((one for one in reversed(self.judged) if not one.unwanted), None)
        if last is None:
            return False
        last.unwanted = True
        if last.operation is not None:
            self._window.undoing.take_back(last.operation)
        return True

    def _leave(self, row: int, verdict: Judged) -> None:
        """The suspect leaves its row; one that nobody can judge goes to the end."""
        del self.suspects[row]
        self.removed.emit(row)
        self.above -= verdict.suspect.score >= LINE and not verdict.suspect.unsure
        if verdict.answer == "unsure":
            self.suspects.append(replace(verdict.suspect, unsure=True))
            self.inserted.emit(len(self.suspects) - 1)
        if self.row > row or self.row >= len(self.suspects):
            self.row -= 1
        self.counted.emit()
        self._take()

    def _write(self, workspace: Workspace, verdict: Judged) -> None:
        self._unwritten += 1
        suspect = verdict.suspect

        def work() -> Applied:
            audit = workspace.audit
            if verdict.answer == "change":
                return audit.change(suspect.attribute, suspect.item, verdict.value, suspect.given)
            say = audit.keep if verdict.answer == "keep" else audit.unsure
            return say(suspect.attribute, suspect.item, suspect.given)

        self._window.undoing.write(
            work,
            lambda applied: self._written(workspace, verdict, applied),
            lambda error: self._not_written(workspace, verdict, error),
        )

    def _written(self, workspace: Workspace, verdict: Judged, applied: Applied) -> None:
        if workspace is not self.workspace:
            return
        verdict.operation = applied.operation
        self.has_changed_values |= verdict.answer == "change"
        self._window.undoing.note(applied.operation, skipped=applied.skipped)
        if applied.operation is None:  # it stood in the catalog already, or was skipped
            self.judged.remove(verdict)
            if applied.skipped:
                self._put_back(verdict)
            self.counted.emit()
        elif verdict.unwanted:
            self._window.undoing.take_back(applied.operation)
        self._one_less()

    def _not_written(self, workspace: Workspace, verdict: Judged, error: BaseException) -> None:
        """It stays a suspect, and is on screen again."""
        if workspace is not self.workspace:
            return
        self._window.faults.show(error)
        if verdict in self.judged:
            self.judged.remove(verdict)
        self._put_back(verdict)
        self._one_less()

    def _one_less(self) -> None:
        self._unwritten -= 1
        if not self._unwritten:
            self.settled.emit()

    # --- undo and redo --------------------------------------------------------------------------------------

    def _restore(self, act: int) -> None:
        """An operation was taken back, by whatever way: if it was a verdict, its suspect is at hand again."""
        verdict = next((one for one in self.judged if one.operation == act), None)
        if verdict is None:
            return
        self.judged.remove(verdict)
        verdict.unwanted = False
        self._taken_back[act] = verdict
        self.has_changed_values |= verdict.answer == "change"
        self._put_back(verdict)

    def _judge_again(self, act: int) -> None:
        verdict = self._taken_back.pop(act, None)
        if verdict is None:
            return
        self.judged.append(verdict)
        self.has_changed_values |= verdict.answer == "change"
        row = self._row_of(verdict.suspect)
        if row is not None:
            self._leave(row, verdict)

    def _put_back(self, verdict: Judged) -> None:
        if self._window.modes.current != "audit":
            return
        row = self._row_of(verdict.suspect)
        if row is not None:  # it went to the end as unsure
            del self.suspects[row]
            self.removed.emit(row)
        place = min(verdict.place, len(self.suspects))
        self.suspects.insert(place, verdict.suspect)
        self.above += verdict.suspect.score >= LINE and not verdict.suspect.unsure
        self.inserted.emit(place)
        self.row = place
        self.counted.emit()
        self._take()

    def _row_of(self, suspect: Suspect) -> int | None:
        key = key_of(suspect)
        return next((row for row, other in enumerate(self.suspects) if key_of(other) == key), None)
