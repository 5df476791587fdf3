"""The first page of the certificate dialog: how sure, and how many."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts

_USUAL = 0.95


class PlanPage(QWidget):
    """Asks for the precision and the number of candidates."""

    started = Signal(float, int)
    """The precision wanted, 0 to 1, and how many of the best candidates."""
    wanted_changed = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from visualsearch.attributes.certificate import WANTED

        self._count = 0
        title = QLabel(self.tr("Accept the rest of {0} together").format(name), self)
        title.setFont(style.font("heading"))
        explained = QLabel(
            self.tr(
                "You judge a few of the suggestions, picked at random. When enough of them are right, the others can "
                "be accepted without looking at each. Nothing is accepted before that."
            ),
            self,
        )
        self.group = QButtonGroup(self)
        self.choices: dict[float, QRadioButton] = {}
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("At least so many are to be right:"), self))
        for wanted in WANTED:
            button = self.choices[wanted] = QRadioButton(f"{wanted:.0%}".replace("%", " %"), self)
            button.setToolTip(
                self.tr("At least {0} of what is accepted shall be right").format(button.text())
            )
            button.setChecked(wanted == _USUAL)
            button.toggled.connect(lambda on, share=wanted: on and self.wanted_changed.emit(share))
            self.group.addButton(button)
            row.addWidget(button)
        row.addStretch()
        self.number = QSpinBox(self)
        self.number.setAccessibleName(self.tr("How many of the best suggestions"))
        self.number.setToolTip(self.tr("How many of the best suggestions"))
        self.number.setMinimumWidth(110)
        self.number.valueChanged.connect(lambda _value: self._show_effort())
        best = QHBoxLayout()
        best.addWidget(QLabel(self.tr("The best"), self))
        best.addWidget(self.number)
        self.of = QLabel(self)
        best.addWidget(self.of)
        best.addStretch()
        self.proposed = QLabel(self)
        self.effort = QLabel(self)
        self.start = QPushButton(self.tr("&Draw the sample"), self)
        self.start.setDefault(True)
        self.start.setEnabled(False)
        self.start.clicked.connect(lambda: self.started.emit(self.wanted, self.number.value()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.Space.M)
        for label in (title, explained, self.proposed, self.effort):
            label.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(explained)
        column.addLayout(row)
        column.addLayout(best)
        column.addWidget(self.proposed)
        column.addWidget(self.effort)
        begin = QHBoxLayout()
        begin.addWidget(self.start)
        begin.addStretch()
        column.addLayout(begin)
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
            self.number.setValue(count)
            self.proposed.setText(
                self.tr("{0} are likely enough, as far as can be told so far.").format(texts.number(count))
            )
        else:
            self.proposed.setText(
                self.tr(
                    "None are likely enough to be accepted together yet: confirm some more pages first. You may try "
                    "all the same; the sample will tell."
                )
            )
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
        if len(plan) == 1:
            text = self.tr("You judge {0} photos; all have to be right.").format(first)
        else:
            text = self.tr("You judge {0} photos if all are right, at most {1} if a few are not.").format(
                first, last
            )
        self.effort.setText(text)
