"""*Accept the rest*: choose a precision, judge a random sample one by one, then accept, or read why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.certifying import wording
from visualsearch.ui.certifying.judge import Judge
from visualsearch.ui.certifying.plan import PlanPage
from visualsearch.ui.certifying.source import Source
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.work_dialog import WorkDialog
from visualsearch.ui.undoing import newest

if TYPE_CHECKING:
    from visualsearch.attributes.certificate import Certificate
    from visualsearch.catalog.decisions import Applied
    from visualsearch.ui.main_window import MainWindow

_SLOT = 70  # of its photos, among all that load some
_HISTORY = 60  # operations in which the last answer is looked for


class CertifyDialog(WorkDialog):
    """Certifies what a ``Source`` offers. Make it, then ``open()`` it; it goes on with a certificate that was begun.

    Every answer is an operation, noted for undo; so is accepting. Closing it in the middle loses nothing.
    """

    changed = Signal()
    """An answer was saved or taken back, or the rest was accepted: show the catalog anew."""

    def __init__(self, window: MainWindow, source: Source) -> None:
        super().__init__(window)
        workspace = window.controller.workspace
        assert workspace is not None, "there is nothing to certify without a catalog"
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Accept the rest of {0}").format(source.name))
        self.resize(760, 660)
        self._workspace, self._source = workspace, source
        self._control = JobControl()
        self.certificate: Certificate | None = None
        self.plan = PlanPage(source.name, self)
        self.judge = Judge(window.background, window.area.pixmaps.pixmap, _SLOT, self)
        self.judge.set_workspace(workspace)
        self.stack = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._find()

    # --- building -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.progress = QLabel(self)
        self.progress.setWordWrap(True)
        judging = QWidget(self)
        column = QVBoxLayout(judging)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.progress)
        column.addWidget(self.judge, 1)
        self.back = QPushButton(self.tr("Take back the last answer (Backspace)"), judging)
        self.back.setAutoDefault(False)
        self.back.setToolTip(self.tr("Take back the last answer (Backspace)"))
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignHCenter)
        ending = QWidget(self)
        self.outcome = QLabel(ending)
        self.outcome.setFont(style.font("heading"))
        self.next_step = QLabel(ending)
        for label in (self.outcome, self.next_step):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.accept_button = MainButton(parent=ending, by_enter=False)
        self.reopen_button = QPushButton(self.tr("Take back the last answer (Backspace)"), ending)
        self.reopen_button.setAutoDefault(False)
        end = QVBoxLayout(ending)
        end.addStretch()
        end.addWidget(self.outcome)
        end.addWidget(self.next_step)
        row = QHBoxLayout()
        row.addWidget(self.accept_button)
        row.addWidget(self.reopen_button)
        row.addStretch()
        end.addLayout(row)
        end.addStretch()
        self.pages = {"plan": self.plan, "judge": judging, "end": ending}
        for page in self.pages.values():
            self.stack.addWidget(page)
        self.said = Notice(self)
        self.closing = QPushButton(self.tr("&Close"), self)
        self.closing.setAutoDefault(False)
        below = QHBoxLayout()
        below.addWidget(self.said, 1)
        below.addStretch()
        below.addWidget(self.closing)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(style.Space.L, style.Space.L, style.Space.L, style.Space.M)
        whole.addWidget(self.stack, 1)
        whole.addLayout(below)

    def _connect(self) -> None:
        self.plan.started.connect(self._start)
        self.plan.wanted_changed.connect(self._propose)
        self.judge.answered.connect(self._answer)
        self.accept_button.clicked.connect(self._accept)
        self.closing.clicked.connect(self.close)
        for button in (self.back, self.reopen_button):
            button.clicked.connect(self.take_back)
        self.judge.back_wanted.connect(self.take_back)
        QShortcut(QKeySequence("Ctrl+Z"), self, self.take_back)
        self._window.undoing.taken_back.connect(self._reload)
        self._window.undoing.made_again.connect(self._reload)
        self.finished.connect(lambda _code: self._control.cancel())
        # Photos on their way come too late.
        self.finished.connect(lambda _code: self.judge.set_workspace(None))

    # --- the plan -------------------------------------------------------------------------------------------

    def _find(self) -> None:
        """Is there one to go on with? Else ask for the precision."""
        source, control = self._source, self._control
        self.run(
            lambda: (source.unfinished(control), source.count(control)),
            self._take_found,
            self.plan.show_problem,
        )

    def _take_found(self, found: tuple[Certificate | None, int]) -> None:
        certificate, count = found
        if certificate is not None:
            self.said.say(self.tr("You go on with what you had begun."))
            self._show(certificate)
        else:
            self.plan.show_count(count)
            self._propose(self.plan.wanted)

    def _propose(self, wanted: float) -> None:
        source, control = self._source, self._control
        self.run(lambda: source.proposal(wanted, control), self.plan.show_proposal, self.plan.show_problem)

    def _start(self, wanted: float, count: int) -> None:
        source, workspace = self._source, self._workspace
        self._decide(lambda control: (source.start(wanted, count, control), newest(workspace)))

    # --- judging --------------------------------------------------------------------------------------------

    def _answer(self, answer: str) -> None:
        certificate, item = self.certificate, self.judge.item
        if certificate is None or self.is_busy or item not in certificate.next_items.tolist():
            return
        source, workspace = self._source, self._workspace
        self._decide(
            lambda control: (source.answer(certificate.name, item, answer, control), newest(workspace))
        )

    def take_back(self) -> None:
        """Undo the last answer to this certificate, or its acceptance."""
        certificate, workspace = self.certificate, self._workspace
        if certificate is None or self.is_busy:
            return

        def last() -> int | None:
            found = workspace.decisions.history(limit=_HISTORY)
            own = (one for one in found if one.inverse_of is None and one.undone_by is None)
            about = (one for one in own if (one.why or {}).get("certificate") == certificate.name)
            return next((one.number for one in about if one.kind != "certify"), None)

        def take(number: int | None) -> None:
            if number is not None:
                self._window.undoing.take_back(number)

        self.run(last, take)

    def _accept(self) -> None:
        certificate, source = self.certificate, self._source
        if certificate is None or self.is_busy:
            return

        def work(control: JobControl) -> tuple[Certificate, int | None]:
            applied: Applied = source.accept(certificate.name, control)
            return source.get(certificate.name), applied.operation

        self._decide(work)

    # --- showing --------------------------------------------------------------------------------------------

    def _show(self, certificate: Certificate) -> None:
        self.certificate = certificate
        waiting = certificate.next_items.tolist()
        if waiting:
            self.progress.setText(wording.progress_line(certificate))
            self.back.setEnabled(certificate.standing.judged > 0)
            self._turn_to("judge")
            self.judge.show_item(waiting[0], self._source.question(waiting[0]), waiting[1:])
            self.judge.enable(True)
            self.judge.setFocus()
            return
        self.outcome.setText(wording.result_line(certificate))
        passed, used = certificate.standing.state == "certified", certificate.accepted is not None
        rest = len(certificate.candidates) - sum(answer is not None for answer in certificate.answers)
        self.accept_button.setText(
            self.tr("&Accept the other {0}").format(texts.number(rest))
            if rest
            else self.tr("&Keep the certificate")
        )
        self.accept_button.setVisible(passed and not used)
        self.reopen_button.setText(
            self.tr("Take it back (Backspace)") if used else self.tr("Take back the last answer (Backspace)")
        )
        self.reopen_button.setShortcut("Backspace")  # after its text, which sets another
        self.next_step.setText(self._next_step(certificate, passed, used, rest))
        self._turn_to("end")
        (self.accept_button if passed and not used else self.closing).setFocus()

    def _next_step(self, certificate: Certificate, passed: bool, used: bool, rest: int) -> str:
        if used:
            return wording.written_line(certificate)
        if passed and not rest:
            return self.tr("You judged all of them: none is left to accept unseen.")
        if passed:
            return self.tr(
                "Accepting is one step, which one undo takes back; this certificate is kept with it."
            )
        return self.tr(
            "Nothing was accepted unseen; what you judged is kept. Confirm some more pages, so that the suggestions "
            "become better, then try again with fewer of the best."
        )

    def _turn_to(self, page: str) -> None:
        self.stack.setCurrentWidget(self.pages[page])

    def _reload(self, _act: int = 0) -> None:
        """Something was taken back or made again, perhaps an answer of this sample."""
        certificate, source = self.certificate, self._source
        if certificate is None or self.is_busy:
            return

        def read() -> Certificate | None:
            from visualsearch.errors import VisualSearchError

            try:
                return source.get(certificate.name)
            except VisualSearchError:  # its beginning was taken back
                return None

        def take(found: Certificate | None) -> None:
            if found is None:
                self.certificate = None
                self._turn_to("plan")
                self._find()
            else:
                self._show(found)
            self.changed.emit()

        self.run(read, take)

    # --- work -----------------------------------------------------------------------------------------------

    def _decide(self, work: Callable[[JobControl], tuple[Certificate, int | None]]) -> None:
        """Do what makes an operation, note that for undo, and show where the certificate stands now. It is saved, too,
        when the dialog is closed before."""
        window = self._window

        def noted(answer: tuple[Certificate, int | None]) -> None:
            window.undoing.note(answer[1])
            if not self.is_there:
                window.controller.refresh()

        def take(answer: tuple[Certificate, int | None]) -> None:
            self._show(answer[0])
            self.changed.emit()

        self.decide(lambda: work(JobControl()), noted, take)

    def show_busy(self) -> None:
        self.judge.enable(not self.is_busy)
