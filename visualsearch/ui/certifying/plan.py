"""The first page of the certificate dialog: how sure, and how many."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import MainButton

_USUAL = 0.95
_TRY = 100  # candidates, where the program would take none


class PlanPage(QWidget):
    """Asks for the precision and the number of candidates."""

    started = Signal(float, int)
    """The precision wanted, 0 to 1, and how many of the best candidates."""
    wanted_changed = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from visualsearch.attributes.certificate import WANTED

        self._count = 0
        self._is_chosen = False  # whether a person said how many: that is not proposed away
        self._make_choices(WANTED)
        self._make_number()
        self._lay_out(name)

    def _make_choices(self, precisions: tuple[float, ...]) -> None:
        group = QButtonGroup(self)
        self.choices: dict[float, QRadioButton] = {}
        for wanted in precisions:
            share = f"{wanted:.0%}".replace("%", " %")
            button = self.choices[wanted] = QRadioButton(self.tr("at least {0}").format(share), self)
            button.setToolTip(self.tr("Accept them only if at least {0} of them are right").format(share))
            button.setChecked(wanted == _USUAL)
            button.toggled.connect(lambda on, share=wanted: on and self.wanted_changed.emit(share))
            group.addButton(button)

    def _make_number(self) -> None:
        self.number = QSpinBox(self)
        self.number.setAccessibleName(self.tr("How many of the best suggestions"))
        self.number.setToolTip(self.tr("How many of the best suggestions"))
        self.number.setMinimumWidth(110)
        self.number.setGroupSeparatorShown(True)
        self.number.valueChanged.connect(lambda _value: self._choose())
        self.of, self.proposed, self.effort = QLabel(self), QLabel(self), QLabel(self)
        self.start = MainButton(self.tr("&Draw the sample"), self)
        self.start.setToolTip(self.tr("Pick photos at random and judge them one by one (Enter)"))
        self.start.setEnabled(False)
        self.start.clicked.connect(lambda: self.started.emit(self.wanted, self.number.value()))

    def _lay_out(self, name: str) -> None:
        title = QLabel(self.tr("Accept the rest of {0} together").format(name), self)
        title.setFont(style.font("heading"))
        explained = QLabel(
            self.tr(
                "You judge a few of the suggestions, picked at random. When enough of them are right, the others can "
                "be accepted without looking at each. Nothing is accepted before that."
            ),
            self,
        )
        precisions, best, begin = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (
                precisions,
                [QLabel(self.tr("How many of them must be right?"), self), *self.choices.values()],
            ),
            (best, [QLabel(self.tr("How many to accept? The best"), self), self.number, self.of]),
            (begin, [self.start]),
        ):
            for part in parts:
                row.addWidget(part)
            row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.M)
        for part in (title, explained, best, precisions, self.proposed, self.effort, begin):
            if isinstance(part, QLabel):
                part.setWordWrap(True)
                column.addWidget(part)
            else:
                column.addLayout(part)
        column.addStretch()

    @property
    def wanted(self) -> float:
        """The precision that is chosen."""
        return next(wanted for wanted, button in self.choices.items() if button.isChecked())

    def show_count(self, count: int) -> None:
        """How many candidates there are."""
        self._count = count
        with QSignalBlocker(self.number):
            self.number.setRange(min(1, count), count)
        self.of.setText(self.tr("of {0} that are still open").format(texts.number(count)))

    def show_proposal(self, count: int) -> None:
        """How many the program would take."""
        if not self._count:
            self.proposed.setText(self.tr("Nothing is open: there is nothing left to accept."))
        elif count:
            self._propose(count)
            self.proposed.setText(
                texts.counted(
                    count,
                    self.tr("1 is likely enough, as far as can be told so far."),
                    self.tr("{0} are likely enough, as far as can be told so far."),
                )
            )
        else:
            self._propose(_TRY)
            self.proposed.setText(
                self.tr(
                    "None are likely enough to be accepted together yet: confirm some more pages first. You may try "
                    "all the same; the sample will tell."
                )
            )
        self._show_effort()

    def _propose(self, count: int) -> None:
        if not self._is_chosen:
            with QSignalBlocker(self.number):
                self.number.setValue(count)

    def _choose(self) -> None:
        self._is_chosen = True
        self._show_effort()

    def show_problem(self) -> None:
        """It could not be said how many: the person still can."""
        self._show_effort()

    def _show_effort(self) -> None:
        """How many photos have to be judged."""
        from visualsearch.attributes.certificate import looks, risk_of

        count = self.number.value()
        self.start.setEnabled(count > 0)
        if not count:
            self.effort.clear()
            return
        plan = looks(count, self.wanted, risk_of(1))
        first, last = texts.number(plan[0].answers), texts.number(plan[-1].answers)
        if plan[0].answers == count:
            text = self.tr("That few you would judge all: better confirm them as a page.")
        elif len(plan) == 1:
            text = self.tr("You judge {0} photos; all have to be right.").format(first)
        else:
            text = self.tr("You judge {0} photos if all are right, at most {1} if a few are not.").format(
                first, last
            )
        self.effort.setText(text)
