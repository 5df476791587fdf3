"""*Auto tagging*: choose an attribute, see what would be filled in, tick values, accept them with a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.errors import Cancelled, VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.autotag.enlarged import Enlarged
from visualsearch.ui.autotag.examples import Examples
from visualsearch.ui.autotag.source import Planned
from visualsearch.ui.autotag.table import ValueTable, interval_text
from visualsearch.ui.certifying.dialog import CertifyDialog
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.jobs import show_on
from visualsearch.ui.panels.notice import Notice

if TYPE_CHECKING:
    from visualsearch.attributes.autotag import Fillable, Plan
    from visualsearch.ui.job_runner import Job
    from visualsearch.ui.main_window import MainWindow

LANE = "autotag"
_WANTED = (0.90, 0.95, 0.98)
_USUAL = 0.95
_LACKING = Qt.ItemDataRole.UserRole + 1


class _WithLacking(QStyledItemDelegate):
    """An attribute with how many items lack it."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.text = f"{option.text} · {index.data(_LACKING)}"  # type: ignore[attr-defined]


class AutoTagDialog(QDialog):
    """Shows plans. Make it, then ``open()`` it. Nothing is written here: that is the certificate dialog's."""

    planned = Signal()
    """A plan is on screen, or why there is none."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        workspace = window.controller.workspace
        assert workspace is not None, "there is nothing to tag without a catalog"
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Auto tagging"))
        self._window, self._workspace = window, workspace
        self._job: Job | None = None
        self._has_decided = False
        self._lay_out()
        self._connect()
        self.resize(QSize(1120, 700).boundedTo(window.size()))
        self._ask_attributes()

    # --- building -------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(style.Space.L, style.Space.L, style.Space.L, style.Space.M)
        column.setSpacing(style.Space.M)
        column.addLayout(self._asked())
        self.stack = QStackedWidget(self)
        self._pages = {"hint": self._hint_page(), "work": self._work_page(), "plan": self._plan_page()}
        for page in self._pages.values():
            self.stack.addWidget(page)
        column.addWidget(self.stack, 1)
        self.said = Notice(self)
        self.accepting = MainButton(self.tr("&Accept what is ticked…"), self, by_enter=False)
        self.closing = QPushButton(self.tr("&Close"), self)
        below = QHBoxLayout()
        below.addWidget(self.said, 100)
        below.addStretch(1)
        below.addWidget(self.accepting)
        below.addWidget(self.closing)
        column.addLayout(below)
        self._show_ticks()

    def _asked(self) -> QHBoxLayout:
        self.attribute = QComboBox(self)
        self.attribute.setMinimumWidth(180)
        style.width_in_letters(self.attribute, 40, self.attribute.setMaximumWidth, 320)
        self.attribute.setAccessibleName(self.tr("The attribute to fill in"))
        self.attribute.setToolTip(self.tr("The attribute to fill in"))
        self.attribute.setItemDelegate(_WithLacking(self.attribute))
        self.attribute.currentIndexChanged.connect(lambda _row: self._show_lacking())
        self.lacking = QLabel(self)
        self.lacking.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.wanted = QComboBox(self)
        self.wanted.setAccessibleName(self.tr("How many of what is filled in must be right, at the least"))
        self.wanted.setToolTip(self.tr("The more are to be right, the fewer values are filled in"))
        for share in _WANTED:
            self.wanted.addItem(f"{100 * share:.0f} %", share)
        self.wanted.setCurrentIndex(_WANTED.index(_USUAL))
        self.learning = MainButton(self.tr("&Learn and show"), self)
        self.learning.setToolTip(
            self.tr("Learn from the items that have a value; nothing is written (Enter)")
        )
        row = QHBoxLayout()
        for label, field in (
            (self.tr("&Fill in:"), self.attribute),
            (self.tr("Must be &right, at least:"), self.wanted),
        ):
            name = QLabel(label, self)
            name.setBuddy(field)
            row.addWidget(name)
            row.addWidget(field)
            if field is self.attribute:
                row.addWidget(self.lacking)
            row.addSpacing(style.Space.M)
        row.addWidget(self.learning)
        row.addStretch()
        return row

    def _hint_page(self) -> QWidget:
        page = QWidget(self)
        self.hint = QLabel(page)
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setFont(style.font("heading"))
        column = QVBoxLayout(page)
        column.setContentsMargins(5 * style.Space.XL, 0, 5 * style.Space.XL, 0)
        column.addStretch()
        column.addWidget(self.hint)
        column.addStretch()
        self.hint.setText(
            self.tr(
                "Choose an attribute that many items have already. The program learns from them how its values look, "
                "and shows what it would fill in for the others, and how often it is right. Nothing is written before "
                "you have judged a sample."
            )
        )
        return page

    def _work_page(self) -> QWidget:
        page = QWidget(self)
        self.doing = QLabel(page)
        self.doing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar(page)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(360, 10)
        self.bar.setAccessibleName(self.tr("How far the learning is"))
        self.stopping = QPushButton(self.tr("&Stop"), page)
        self.stopping.setToolTip(self.tr("Stop learning; nothing is written"))
        column = QVBoxLayout(page)
        column.addStretch()
        column.addWidget(self.doing)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.stopping, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _plan_page(self) -> QWidget:
        page = QWidget(self)
        self.summary = QLabel(page)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.table = ValueTable(page)
        self.examples = Examples(self._window.photos, page)
        halves = QSplitter(Qt.Orientation.Horizontal, page)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.table)
        halves.addWidget(self.examples)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.summary)
        column.addWidget(halves, 1)
        return page

    def _connect(self) -> None:
        self.learning.clicked.connect(self.learn)
        self.stopping.clicked.connect(self._stop)
        self.accepting.clicked.connect(self.certify)
        self.closing.clicked.connect(self.close)
        self.table.value_shown.connect(self.examples.show_value)
        self.table.values.ticks_changed.connect(self._show_ticks)
        for field in (self.attribute, self.wanted):
            field.currentIndexChanged.connect(self._show_next)
        self.examples.photo_wanted.connect(self._enlarge)
        self._window.jobs.progressed.connect(self._show_progress)
        self._window.undoing.taken_back.connect(self._changed_elsewhere)
        self._window.undoing.made_again.connect(self._changed_elsewhere)
        self.finished.connect(lambda _code: self._stop())

    # --- what can be filled in ------------------------------------------------------------------------------

    def _ask_attributes(self) -> None:
        workspace = self._workspace
        self.learning.setEnabled(False)
        self._window.background.run(
            lambda: workspace.autotag.attributes(JobControl()),
            lambda found: self._if_there(lambda: self._list_attributes(found)),
            lambda error: self._if_there(lambda: self.said.say(texts.error_line(error), warning=True)),
            key="autotag attributes",
        )

    def _list_attributes(self, found: list[Fillable]) -> None:
        """Those that cannot be filled in are listed, too, and say why."""
        model = QStandardItemModel(self.attribute)
        for one in found:
            entry = QStandardItem(one.name)
            entry.setEnabled(not one.reason)
            lacking = self.tr("Items without it: {0}").format(texts.number(one.missing))
            entry.setToolTip(one.reason or lacking)
            entry.setData(lacking, _LACKING)
            entry.setData(f"{one.name}: {one.reason or lacking}", Qt.ItemDataRole.AccessibleTextRole)
            model.appendRow(entry)
        self.attribute.setModel(model)
        self._show_lacking()
        can = any(not one.reason for one in found)
        self.learning.setEnabled(can)
        if can:
            self.attribute.setFocus()
        else:
            self.attribute.setCurrentIndex(-1)
            self.hint.setText(
                self.tr("No attribute can be learnt yet: {0}").format(
                    found[0].reason if found else self.tr("this catalog has none. Tag some items first.")
                )
            )

    def _show_lacking(self) -> None:
        """Beside the attribute that is chosen."""
        self.lacking.setText(self.attribute.currentData(_LACKING) or "")

    # --- learning -------------------------------------------------------------------------------------------

    def learn(self) -> None:
        """Work out a plan, as a job."""
        attribute, wanted = self._chosen
        if not attribute or self._is_learning:
            return
        workspace = self._workspace
        self.said.say("")
        self._job = self._window.jobs.start(
            self.tr("Auto tagging of {0}").format(attribute),
            lambda control: workspace.autotag.plan(attribute, control, wanted),
            lambda plan, error: self._if_there(lambda: self._take(plan, error)),
            lane=LANE,
        )
        self.learning.setEnabled(False)
        self._turn_to("work")
        self._show_progress(self._job)
        self._show_ticks()
        self.attribute.setFocus()  # on Stop, a second Enter would end what the first began

    @property
    def _chosen(self) -> tuple[str, float]:
        """The attribute, and how many of what is filled in must be right."""
        return self.attribute.currentText(), float(self.wanted.currentData())

    @property
    def _is_learning(self) -> bool:
        return self._job is not None and not self._job.is_over

    def _stop(self) -> None:
        if self._job is not None and not self._job.is_over:
            self._window.jobs.cancel(self._job)

    def _show_progress(self, job: Job) -> None:
        if job is self._job and not job.is_over:
            show_on(self.bar, job)
            self.doing.setText(
                texts.job_line("", job.progress, paused=job.is_paused, stopping=job.is_stopping)
            )

    def _take(self, plan: Plan | None, error: BaseException | None) -> None:
        self._job = None
        self.learning.setEnabled(True)
        if plan is None:
            self.table.show_plan(None)
            self._turn_to("hint")
            if isinstance(error, Cancelled):
                self.said.say(self.tr("Stopped. Nothing was written."))
            else:
                self.said.say(texts.error_line(error), warning=True)
                if error is not None and not isinstance(error, VisualSearchError):
                    self._window.faults.show(error)
            self.attribute.setFocus()
        else:
            self.summary.setText(summary(plan))
            self._turn_to("plan")
            self.table.show_plan(plan)
            self.table.setFocus()
        self._show_ticks()
        self.planned.emit()

    # --- accepting ------------------------------------------------------------------------------------------

    def certify(self) -> CertifyDialog | None:
        """Judge a sample of what is ticked, then accept it."""
        plan, values = self.table.values.plan, self.table.values.chosen()
        if plan is None or not values or self._workspace.read_only:
            return None
        dialog = CertifyDialog(self._window, Planned(self._workspace, plan, values))
        dialog.plan.choices[plan.wanted].setChecked(True)
        dialog.changed.connect(self._decided)
        dialog.finished.connect(lambda _code: self._if_there(self._learn_again))
        dialog.open()
        return dialog

    def _decided(self) -> None:
        self._has_decided = True

    def _learn_again(self) -> None:
        """What was judged or accepted has a value now: the plan is another one."""
        if self._has_decided:
            self._has_decided = False
            self._window.controller.refresh()
            self.learn()

    def _changed_elsewhere(self, _act: int) -> None:
        """An undo or redo: the certificate dialog reads anew by itself, and tells when it is closed."""
        self._has_decided = True

    def _show_ticks(self) -> None:
        """How many items the ticked values would be given to."""
        model = self.table.values
        chosen = model.chosen()
        count = len(model.plan.chosen(chosen)[0]) if model.plan is not None and chosen else 0
        can = count > 0 and not self._workspace.read_only and not self._is_learning
        self.accepting.setEnabled(can)
        self._show_next()
        self.accepting.setText(
            texts.counted(count, self.tr("&Accept 1 item…"), self.tr("&Accept {0} items…"))
            if count
            else self.tr("&Accept what is ticked…")
        )
        self.accepting.setToolTip(
            self.tr("This catalog is open for reading only")
            if self._workspace.read_only
            else self.tr("You judge a random sample of them first; nothing is written before that")
        )

    def _show_next(self) -> None:
        """The main button is what comes next: to accept, once it has been learnt what is chosen above."""
        plan = self.table.values.plan
        learnt = plan is not None and (plan.attribute, plan.wanted) == self._chosen
        accepts = learnt and self.accepting.isEnabled()
        self.learning.set_main(not accepts)
        self.accepting.set_main(accepts)

    # --- parts ----------------------------------------------------------------------------------------------

    def _enlarge(self, item: int) -> None:
        window = self._window
        Enlarged(window.background, self._workspace, item, window.area.pixmaps.pixmap, self).open()

    def _turn_to(self, page: str) -> None:
        self.stack.setCurrentWidget(self._pages[page])

    def _if_there(self, call) -> None:
        """The dialog may have been closed meanwhile."""
        from shiboken6 import isValid

        if isValid(self) and self.isVisible():
            call()


def summary(plan: Plan) -> str:
    """What would happen, in a sentence for each question."""
    from PySide6.QtCore import QCoreApplication

    def tr(text: str) -> str:
        return QCoreApplication.translate("autotag", text)

    lines = [
        tr(
            "Items without {1}: {0}. Of these {2} would get a value, {3} stay as they are (none of these, or not sure "
            "enough)."
        )
        .format(
            texts.number(plan.without), plan.attribute, texts.number(plan.proposed), texts.number(plan.untouched)
        )
    ]  # fmt: skip
    if plan.unseen:
        lines.append(tr("{0} are not looked at, for want of a photo.").format(texts.number(plan.unseen)))
    if plan.outside:
        lines.append(tr("{0} are not meant by the vocabulary.").format(texts.number(plan.outside)))
    if plan.strangers.judged:
        lines.append(
            tr("Of items whose value it had never seen, it left {0} alone, as it should.").format(
                interval_text(plan.strangers)
            )
        )
    return " ".join(lines)
