"""The estimates of a catalog: the list of them, the wizard that begins one, and the judging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import UsageError
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.panels.large_photos import LargePhotos
from visualsearch.ui.quality.estimate_list import EstimateList, Line, lines
from visualsearch.ui.quality.judging import Judging, Moment, moment
from visualsearch.ui.quality.parts import EmptyPage, Page, heading, sentence
from visualsearch.ui.quality.wizard import Wanted, Wizard

if TYPE_CHECKING:
    from visualsearch.attributes.estimate import Answer
    from visualsearch.attributes.sampling import Outlook
    from visualsearch.catalog.decisions import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class EstimatesPage(Page):
    """Three pages in one: what there is, a new one, and the one that is being judged."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.photos = LargePhotos(window)
        self.name = ""  # of the estimate that is being judged
        self._answers: dict[
            str, list[int]
        ] = {}  # by estimate: operations made here, to take the last one back
        self._written: set[str] = set()  # estimates whose latest answer is on its way into the catalog
        self._unwanted: set[str] = set()  # those of them whose answer is to be taken back then
        self.list = EstimateList(self)
        self.empty = EmptyPage(self)
        self.wizard = Wizard(window)
        self.judging = Judging(window, self.photos)
        self.new = QPushButton(self.tr("New estimate…"), self)
        self.new.setToolTip(self.tr("Choose what to estimate (Ctrl+Shift+N)"))
        self.new.setShortcut("Ctrl+Shift+N")
        self.go_on = QPushButton(self.tr("Go on"), self)
        self.go_on.setToolTip(self.tr("Judge more photos of the chosen estimate (Enter)"))
        self.delete = QPushButton(self.tr("Delete"), self)
        self.delete.setToolTip(self.tr("Forget the chosen estimate and its answers; can be undone (Delete)"))
        self.read_only = sentence(self.tr("This catalog can only be read: nothing can be judged here."), self)
        self.empty.button.setToolTip(self.new.toolTip())
        self._arrange()
        self.new.clicked.connect(self.ask)
        self.empty.button.clicked.connect(self.ask)
        self.go_on.clicked.connect(self._go_on)
        self.delete.clicked.connect(self._delete)
        self.list.deleted.connect(self._delete)
        self.list.opened.connect(self.judge)
        self.list.currentItemChanged.connect(lambda *_: self._enable())
        self.wizard.left.connect(self.show_list)
        self.wizard.asked.connect(self._look_ahead)
        self.wizard.begun.connect(self.begin)
        self.judging.left.connect(self.show_list)
        self.judging.answered.connect(self._answer)
        self.judging.undo_wanted.connect(self._take_back)
        window.undoing.taken_back.connect(self._forget)

    def _arrange(self) -> None:
        self.listing = QWidget(self)
        buttons = QHBoxLayout()
        buttons.addWidget(heading(self.tr("Go on with an estimate, or begin another"), self.listing), 1)
        for button in (self.delete, self.go_on, self.new):
            buttons.addWidget(button)
        column = QVBoxLayout(self.listing)
        column.setContentsMargins(style.Space.L, style.Space.L, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.M)
        column.addLayout(buttons)
        column.addWidget(self.list, 1)
        self.stack = QStackedWidget(self)
        for page in (self.listing, self.empty, self.wizard, self.judging):
            self.stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.read_only.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, 0)
        outer.addWidget(self.read_only)
        outer.addWidget(self.stack, 1)

    # --- the list -------------------------------------------------------------------------------------------

    def reset(self) -> None:
        self.name, self._answers = "", {}
        self._written, self._unwanted = set(), set()  # answers about another catalog are not told any more
        self.photos.clear()
        self.list.clear()
        self.stack.setCurrentWidget(self.listing)

    def focus_first(self) -> None:
        page = self.stack.currentWidget()
        if page is self.judging:
            self.judging.focus_first()
        elif page is self.wizard:
            self.wizard.attribute.setFocus()
        else:
            (self.empty.button if page is self.empty else self.list).setFocus()

    def reload(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        self.read_only.setVisible(workspace.read_only)
        if self.stack.currentWidget() is self.judging:
            self._show_moment()
        self.run(lambda: lines(workspace), self._show_lines, key="estimates")

    def show_list(self) -> None:
        """Back to what there is."""
        self.name = ""
        self.stack.setCurrentWidget(self.listing if self.list.topLevelItemCount() else self.empty)
        self.reload()
        self.focus_first()

    def _show_lines(self, found: list[Line]) -> None:
        self.list.show_lines(found)
        read_only = self.workspace is not None and self.workspace.read_only
        self.empty.say(
            self.tr("How much of this catalog is wrong?"),
            self.tr(
                "Judge some photos drawn by chance, and you can say it with numbers: so many values are wrong, "
                "give or take so many. A few hundred photos are often enough, whatever the size of the catalog."
            ),
            "" if read_only else self.tr("New estimate…"),
        )
        self.empty.button.setShortcut(self.new.shortcut())  # after its text, which sets another
        if self.stack.currentWidget() in (self.listing, self.empty):
            had_focus = self.empty.button.hasFocus() or self.list.hasFocus()
            self.stack.setCurrentWidget(self.listing if found else self.empty)
            if had_focus:
                self.focus_first()
        self._enable()

    def _enable(self) -> None:
        writes = self.workspace is not None and not self.workspace.read_only
        self.go_on.setEnabled(bool(self.list.chosen()))
        self.delete.setEnabled(writes and bool(self.list.chosen()))
        self.new.setEnabled(writes)

    def _go_on(self) -> None:
        if self.list.chosen():
            self.judge(self.list.chosen())

    def _delete(self) -> None:
        workspace, name = self.workspace, self.list.chosen()
        if workspace is None or not name or workspace.read_only:
            return
        from visualsearch.ui.undoing import newest

        def work() -> int | None:
            workspace.quality.estimates.delete(name)
            return newest(workspace)

        text = self.tr("The estimate “{0}” is deleted.").format(name)
        undoing = self.window_.undoing
        undoing.write(work, lambda number: undoing.note(number, text), self.window_.faults.show)

    # --- a new one ------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Show the wizard."""
        workspace = self.workspace
        if workspace is None or workspace.read_only:
            return

        def work() -> tuple[list[str], list[str], bool]:
            names = [name for name, _ in workspace.attributes()]
            return names, workspace.quality.estimates.names(), workspace.quality.can_suspect(JobControl())

        def show(found: tuple[list[str], list[str], bool]) -> None:
            self.stack.setCurrentWidget(self.wizard)
            self.wizard.offer(found[0], found[1], looks=found[2])
            self.wizard.attribute.setFocus()

        self.run(work, show, key="estimate wizard")

    def _look_ahead(self) -> None:
        workspace, wanted = self.workspace, self.wizard.wanted()
        if workspace is None:
            return

        def work() -> Outlook | str:
            try:
                return workspace.quality.estimates.outlook(
                    wanted.attribute, wanted.half_width, wanted.confidence, JobControl()
                )
            except UsageError as error:
                return texts.error_line(error)

        def show(outlook: Outlook | str) -> None:
            if isinstance(outlook, str):
                self.wizard.refuse(outlook)
            else:
                self.wizard.say(outlook)

        self.run(work, show, key="estimate outlook")

    def begin(self, wanted: Wanted) -> None:
        """Draw the items, as a job: with suspicion that may take its time."""
        workspace = self.workspace
        if workspace is None or self.is_working:
            return

        def work(control: JobControl) -> None:
            workspace.quality.estimates.start(
                wanted.name,
                wanted.attribute,
                control,
                half_width=wanted.half_width,
                confidence=wanted.confidence,
                seed=1 + sum(map(ord, wanted.name)),  # another name draws others, and the plan keeps it
                method=wanted.method,
            )

        def done(_answer: Any) -> None:
            self._note_newest()
            if self.stack.currentWidget() is self.wizard:
                self.judge(wanted.name)

        self.wizard.begin.setEnabled(False)
        self.start(self.wizard.working, self.tr("Drawing photos for “{0}”").format(wanted.name), work, done)

    def job_ended(self) -> None:
        self.wizard.begin.setEnabled(True)

    def _note_newest(self) -> None:
        from visualsearch.ui.undoing import newest

        workspace = self.workspace
        if workspace is not None:
            self.run(lambda: newest(workspace), self.window_.undoing.note)

    # --- judging --------------------------------------------------------------------------------------------

    def judge(self, name: str) -> None:
        """Show the next photo of an estimate."""
        workspace = self.workspace
        if workspace is None:
            return
        self.name = name
        self.judging.begin(read_only=workspace.read_only)
        self._show_moment()

    def _show_moment(self) -> None:
        workspace, name = self.workspace, self.name
        if workspace is None or not name:
            return

        def work() -> Moment | str:
            try:
                return moment(workspace, name)
            except UsageError as error:  # undone, or deleted elsewhere
                return texts.error_line(error)

        def take(shown: Moment | str) -> None:
            if name not in self._written:  # the answer brings its own, and until then nothing can be judged
                self._take_moment(shown)

        self.run(work, take, key="estimate moment")

    def _take_moment(self, shown: Moment | str) -> None:
        if isinstance(shown, str):
            self.show_list()
            return
        if shown.running.plan.name != self.name:
            return
        self.judging.show_moment(shown, can_undo=bool(self._answers.get(self.name)))
        if self.stack.currentWidget() is not self.judging:
            self.stack.setCurrentWidget(self.judging)
            self.judging.focus_first()

    def _answer(self, item: int, answer: Answer, value: str) -> None:
        workspace, name = self.workspace, self.name
        if workspace is None:
            return
        self.judging.waits()
        self._written.add(name)

        def work() -> tuple[Applied, Moment]:
            values = _values(workspace, name, value) if value else None
            applied = workspace.quality.estimates.answer(name, [item], answer, values=values)
            return applied, moment(workspace, name)

        def done(found: tuple[Applied, Moment]) -> None:
            applied, shown = found
            if applied.operation is not None:
                self._answers.setdefault(name, []).append(applied.operation)
                self.window_.undoing.note(applied.operation, skipped=applied.skipped)
            if value:
                self.window_.controller.refresh()
            is_unwanted = end()
            if name == self.name:
                self._take_moment(shown)
            if is_unwanted and applied.operation is not None:
                self.window_.undoing.take_back(applied.operation)

        def failed(error: BaseException) -> None:
            end()
            if name == self.name:
                self.judging.ready(can_undo=bool(self._answers.get(name)))
            self.window_.faults.show(error)

        def end() -> bool:
            is_unwanted = name in self._unwanted
            self._written.discard(name)
            self._unwanted.discard(name)
            return is_unwanted

        self.window_.undoing.write(work, done, failed)

    def _take_back(self) -> None:
        if self.name in self._written:
            self._unwanted.add(self.name)  # the answer that is being written, not the one before it
        elif self._answers.get(self.name) and not self.window_.undoing.is_busy:
            self.window_.undoing.take_back(self._answers[self.name][-1])

    def _forget(self, operation: int) -> None:
        """An answer was taken back, by our button or by Ctrl+Z; ``reload`` shows its photo again."""
        for answers in self._answers.values():
            if operation in answers:
                answers.remove(operation)


def _values(workspace: Workspace, name: str, text: str) -> tuple[str | float, ...]:
    """What somebody wrote as the right value, as the attribute has them. Raises UsageError for what is no number."""
    attribute = workspace.quality.estimates.plan(name).attribute
    if dict(workspace.attributes()).get(attribute) != "number":
        return (text,)
    try:
        return (float(text.replace(",", ".")),)
    except ValueError:
        raise UsageError(f"{text!r} is no number.", f"{attribute} has numbers: write one, as 12.5.") from None
