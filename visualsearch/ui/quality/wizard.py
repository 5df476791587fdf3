"""Begins an estimate: of what, how exact, how sure, and what that takes, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.job_view import JobView
from visualsearch.ui.quality.parts import heading, sentence

if TYPE_CHECKING:
    from visualsearch.attributes.estimate_plan import Method
    from visualsearch.attributes.sampling import Outlook
    from visualsearch.ui.main_window import MainWindow

_CONFIDENCES = (0.90, 0.95, 0.99)
_LONGEST = 60  # characters of an attribute's name that a choice shows


@dataclass(frozen=True)
class Wanted:
    """What is to be estimated. ``attribute``: "" for all together; ``half_width`` and ``confidence`` are shares."""

    name: str
    attribute: str
    half_width: float
    confidence: float
    method: Method


class Wizard(QWidget):
    """A form with few questions. ``asked`` whenever an answer changes, so that somebody says what it takes."""

    asked = Signal()
    begun = Signal(object)
    """A Wanted."""
    left = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._taken: list[str] = []
        self._own_name = ""  # the one that we gave: it follows the attribute until somebody writes another
        self.attribute = QComboBox(self)
        self.attribute.setAccessibleName(self.tr("What to estimate"))
        self.attribute.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.attribute.setMinimumContentsLength(28)
        self.half_width = QDoubleSpinBox(self)
        self.half_width.setRange(0.5, 20.0)
        self.half_width.setDecimals(1)
        self.half_width.setSingleStep(0.5)
        self.half_width.setValue(3.0)
        self.half_width.setPrefix("± ")
        self.half_width.setSuffix(" %")
        self.half_width.setAccessibleName(self.tr("How exact, in percentage points"))
        self.confidence = QComboBox(self)
        self.confidence.setAccessibleName(self.tr("How sure"))
        for share in _CONFIDENCES:
            self.confidence.addItem(self.tr("{0} % sure").format(round(share * 100)), share)
        self.confidence.setCurrentIndex(1)
        self.plain = QRadioButton(self.tr("A plain random sample"), self)
        self.stratified = QRadioButton(self.tr("Ask more often where mistakes are likelier"), self)
        self.plain.setChecked(True)
        group = QButtonGroup(self)
        for button in (self.plain, self.stratified):
            group.addButton(button)
        self.method_hint = sentence(
            self.tr("Needs prepared photos and a moment at the start; often saves a third of the work."),
            self,
            quiet=True,
        )
        style.width_in_letters(self.method_hint, 88, self.method_hint.setMinimumWidth)  # forms give less
        self.name = QLineEdit(self)
        self.name.setAccessibleName(self.tr("Name of the estimate"))
        self.said = heading("", self)
        self.more = sentence("", self)
        self.begin = MainButton(self.tr("Begin to judge"), self)
        self.begin.setToolTip(self.tr("Draw the photos and show the first one (Enter)"))
        self.begin.setShortcut("Ctrl+Return")
        self.back = QPushButton(self.tr("Back"), self)
        self.back.setToolTip(self.tr("Back to the list without beginning anything"))
        self.back.setAutoDefault(True)
        self.working = JobView(window, self)
        self._arrange()
        self.attribute.currentIndexChanged.connect(self._choose_name)
        self.name.textEdited.connect(self._check)
        for signal in (
            self.attribute.currentIndexChanged,
            self.half_width.valueChanged,
            self.confidence.currentIndexChanged,
            self.plain.toggled,
        ):
            signal.connect(lambda *_: self.asked.emit())
        self.begin.clicked.connect(self._go)
        self.back.clicked.connect(self.left)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(style.Space.L)
        form.setVerticalSpacing(style.Space.M)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(self.tr("&What"), self.attribute)
        form.addRow(self.tr("How e&xact"), self.half_width)
        form.addRow(self.tr("How su&re"), self.confidence)
        ways = QVBoxLayout()
        for part in (self.plain, self.stratified, self.method_hint):
            ways.addWidget(part)
        form.addRow(QLabel(self.tr("Which photos"), self), ways)
        form.addRow(self.tr("&Name"), self.name)
        self.name.setMinimumWidth(320)
        buttons = QHBoxLayout()
        buttons.addWidget(self.begin)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        inside = QWidget()
        style.width_in_letters(inside, 114, inside.setMaximumWidth)
        column = QVBoxLayout(inside)
        column.setSpacing(style.Space.L)
        title = heading(self.tr("How many values are wrong?"), inside)
        title.setFont(style.font("title"))
        column.addWidget(title)
        column.addWidget(
            sentence(
                self.tr(
                    "You judge photos drawn by chance, one at a time. What they show holds for all of them."
                ),
                inside,
                quiet=True,
            )
        )
        column.addLayout(form)
        for part in (self.said, self.more, self.working):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.addWidget(area)

    def offer(self, attributes: list[str], taken: list[str], *, looks: bool) -> None:
        """The attributes to choose from, the names that are taken, and whether suspicion can help (photos were
        prepared)."""
        self._taken = taken
        chosen = self.attribute.currentData()
        self.attribute.blockSignals(True)
        self.attribute.clear()
        self.attribute.addItem(self.tr("All attributes together"), "")
        for name in attributes:
            short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            self.attribute.addItem(short, name)
            self.attribute.setItemData(self.attribute.count() - 1, name, Qt.ItemDataRole.ToolTipRole)
        place = self.attribute.findData(chosen) if chosen else -1
        self.attribute.setCurrentIndex(place if place >= 0 else min(1, self.attribute.count() - 1))
        self.attribute.blockSignals(False)
        self.stratified.setEnabled(looks)
        if not looks:
            self.plain.setChecked(True)
        self._own_name = self.name.text() if self.name.text() == self._own_name else ""
        self._choose_name()
        self.said.clear()
        self.more.clear()
        self.asked.emit()

    def wanted(self) -> Wanted:
        return Wanted(
            self.name.text().strip(),
            self.attribute.currentData() or "",
            round(self.half_width.value() / 100, 4),
            float(self.confidence.currentData()),
            cast("Method", "stratified" if self.stratified.isChecked() else "plain"),
        )

    def say(self, outlook: Outlook) -> None:
        """What it takes, in words."""
        usual, most, of = (texts.number(n) for n in (outlook.usual, outlook.most, outlook.population))
        if outlook.usual == outlook.most:
            self.said.setText(self.tr("You will judge about {0} of {1} photos.").format(most, of))
        else:
            self.said.setText(
                self.tr("You will judge about {0} of {1} photos if 5 % are wrong, and at most {2}.").format(
                    usual, of, most
                )
            )
        width = f"{self.half_width.value():g}"
        self.more.setText(
            self.tr(
                "You are told as soon as it is enough. Then you can say: so many are wrong, give or take {0} "
                "percentage points, {1} % sure. You can stop at any time and go on later."
            ).format(width, round(float(self.confidence.currentData()) * 100))
        )

    def refuse(self, text: str) -> None:
        """It cannot be estimated, for this reason."""
        self.said.setText(text)
        self.more.clear()

    def _choose_name(self) -> None:
        """A name after the attribute, with a number where there is one of that name."""
        if self.name.text() not in ("", self._own_name):
            return
        base = (self.attribute.currentData() or self.tr("catalog")).replace(":", " ")
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base} {number}", number + 1
        self._own_name = name
        self.name.setText(name)
        self._check()

    def _check(self) -> None:
        name = self.name.text().strip()
        self.begin.setEnabled(bool(name) and name not in self._taken and ":" not in name)
        if name in self._taken:
            self.name.setToolTip(
                self.tr("There is an estimate of this name: go on with it, or choose another name")
            )
        else:
            self.name.setToolTip(self.tr("Under this name you find it again; without colons"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter begins from every field; a button with the focus has taken it for itself."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go()
        else:
            super().keyPressEvent(event)

    def _go(self) -> None:
        if self.begin.isEnabled():
            self.begun.emit(self.wanted())
