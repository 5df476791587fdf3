"""Set, add, remove or clear an attribute of many items at once, with the counts before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.editing.acting import Edit, Mode, perform
from visualsearch.ui.editing.choices import Choices, read_choices
from visualsearch.ui.editing.value_field import ValueField
from visualsearch.ui.panels.buttons import LinkButton, MainButton, TickBox
from visualsearch.ui.panels.chips import FlowLayout

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Applied
    from visualsearch.ui.main_window import MainWindow

_TYPING_MS = 120
_SHOWN_VALUES = 4


class SetDialog(QDialog):
    """``groups``: texts such as "the 12 selected photos" and the items that each means; the first is chosen."""

    decided = Signal(str)
    """The attribute that is about to be changed."""

    def __init__(
        self,
        window: MainWindow,
        groups: Sequence[tuple[str, Sequence[int]]],
        attributes: Sequence[str],
        attribute: str = "",
    ) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Set attribute"))
        self.setMinimumWidth(460)
        self._window, self._groups, self._known = window, groups, set(attributes)
        self._is_over = False
        self._choices: Choices | None = None
        self._tally: dict[str, int] = {}
        self.whom = QComboBox(self)
        self.whom.addItems([text for text, _ in groups])
        self.whom.setAccessibleName(self.tr("Items"))
        self.attribute = QComboBox(self)
        self.attribute.setEditable(True)
        self.attribute.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.attribute.addItems(list(attributes))
        self.attribute.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.attribute.setAccessibleName(self.tr("Attribute"))
        self.attribute.setToolTip(self.tr("Choose one, or type the name of a new one"))
        self.attribute.setCurrentText(attribute or (attributes[0] if attributes else ""))
        self.several = TickBox(self.tr("New attribute: an item may have several values"), self)
        self.several.hide()
        self.value = ValueField(self, buttons=False)
        self.recent = QWidget(self)
        self._recent = FlowLayout(self.recent, style.Space.XS)
        self._recent.setContentsMargins(0, 0, 0, 0)
        self.counts = QLabel(self)
        self.counts.setWordWrap(True)
        self.counts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = MainButton(self.tr("&Set"), self.buttons)
        self.buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._load)
        self.attribute.currentTextChanged.connect(lambda _text: self._typing.start())
        self.whom.currentIndexChanged.connect(lambda _place: self._load())
        self.several.toggled.connect(lambda on: self._rules_known(multi=on))
        self.value.changed.connect(self._count)
        self.value.committed.connect(lambda _values: self._do())
        self.value.given_up.connect(self.reject)
        self.buttons.accepted.connect(self._do)
        self.buttons.rejected.connect(self.reject)
        (self.value if self.name else self.attribute).setFocus()
        self._load()

    def _lay_out(self) -> None:
        self._modes = QButtonGroup(self)
        modes = QHBoxLayout()
        self.modes: dict[Mode, QRadioButton] = {}
        rows: tuple[tuple[Mode, str, str], ...] = (
            ("set", self.tr("S&et to"), self.tr("The items have exactly this afterwards")),
            ("add", self.tr("&Add"), self.tr("The items keep what they have, and get this, too")),
            ("remove", self.tr("&Remove"), self.tr("The items lose this, and keep the rest")),
            ("clear", self.tr("&Clear"), self.tr("The items have no value afterwards")),
        )
        for mode, text, tip in rows:
            button = self.modes[mode] = QRadioButton(text, self)
            button.setToolTip(tip)
            button.toggled.connect(lambda on: self._count() if on else None)
            self._modes.addButton(button)
            modes.addWidget(button)
        modes.addStretch(1)
        self.modes["set"].setChecked(True)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("&For"), self.whom)
        form.addRow(self.tr("A&ttribute"), self.attribute)
        form.addRow("", self.several)
        form.addRow("", modes)
        form.addRow(self.tr("&Value"), self.value)
        form.addRow("", self.recent)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.counts)
        column.addStretch(1)
        column.addWidget(self.buttons)

    # --- what it is about -----------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        return next(mode for mode, button in self.modes.items() if button.isChecked())

    @property
    def items(self) -> Sequence[int]:
        """The items that are meant."""
        return self._groups[self.whom.currentIndex()][1]

    @property
    def name(self) -> str:
        """The attribute."""
        return self.attribute.currentText().strip()

    def _load(self) -> None:
        workspace, name, items = self._window.controller.workspace, self.name, self.items
        if workspace is None:
            return

        def read() -> tuple[Choices, dict[str, int]]:
            import numpy as np  # for workers

            tally = workspace.browsing.tally(name, np.asarray(items, np.int64))
            return read_choices(workspace, name), tally

        self._choices = None
        self._count()
        self._window.background.run(read, self._show, key="set attribute")

    def _show(self, answer: tuple[Choices, dict[str, int]]) -> None:
        self._choices, self._tally = answer
        self.several.setVisible(self._choices.is_new and bool(self.name))
        self._rules_known(multi=self._choices.rules.multi or self.several.isChecked())
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for value in self._choices.recent:
            button = LinkButton(value, self.recent)
            button.setToolTip(self.tr("Take {0}, used lately").format(value))
            button.clicked.connect(lambda _checked=False, chosen=value: self._take(chosen))
            self._recent.addWidget(button)
            button.show()
        self.recent.setVisible(bool(self._choices.recent))

    def _rules_known(self, *, multi: bool) -> None:
        if self._choices is not None:
            self.value.set_choices(self._choices, multi=multi)
        for mode in ("add", "remove"):
            self.modes[mode].setEnabled(multi)
        if not multi and self.mode in ("add", "remove"):
            self.modes["set"].setChecked(True)
        self._count()

    def _take(self, value: str) -> None:
        self.value.line.setText(value)
        self.value.line.setFocus()

    # --- counts, and doing it -------------------------------------------------------------------------------

    def _count(self) -> None:
        """What the items have now, and whether the dialog knows enough."""
        mode, values = self.mode, self.value.values()
        self.value.setEnabled(mode != "clear")
        labels = {
            "set": self.tr("&Set"),
            "add": self.tr("&Add"),
            "remove": self.tr("&Remove"),
            "clear": self.tr("&Clear"),
        }
        self.ok.setText(labels[mode])
        ready = self._choices is not None and bool(self.name)
        self.ok.setEnabled(ready and (mode == "clear" or bool(values)))
        if not ready:
            self.counts.setText("")
            return
        total, none = len(self.items), self._tally.get("", 0)
        parts = [texts.counted(total, self.tr("1 item"), self.tr("{0} items"))]
        same = self._tally.get(values[0], 0) if len(values) == 1 else 0
        if same:
            parts.append(self.tr("{0}: {1}").format(values[0], texts.number(same)))
        others = {value: count for value, count in self._tally.items() if value and value not in values}
        texts_there = others.pop("…", 0)  # see `Browsing.tally`
        if texts_there:
            parts.append(self.tr("with a text: {0}").format(texts.number(texts_there)))
        if others:
            parts.append(self._others(others, with_same=bool(same)))
        if none:
            parts.append(self.tr("no value: {0}").format(texts.number(none)))
        new = self._choices.unknown(values) if self._choices is not None else []
        if new and mode in ("set", "add"):
            parts.append(self.tr("new value: {0}").format(", ".join(new)))
        self.counts.setText(" · ".join(parts))

    def _others(self, others: dict[str, int], *, with_same: bool) -> str:
        named = [
            self.tr("{0}: {1}").format(value, texts.number(count))
            for value, count in list(others.items())[:_SHOWN_VALUES]
        ]
        if with_same or len(others) > _SHOWN_VALUES:
            count = texts.number(sum(others.values()))
            listed = ", ".join(list(others)[:_SHOWN_VALUES]) + ("…" if len(others) > _SHOWN_VALUES else "")
            return self.tr("another value: {0} ({1})").format(count, listed)
        return " · ".join(named)

    def _do(self) -> None:
        if not self.ok.isEnabled() or self._choices is None:
            return
        mode = self.mode
        values = () if mode == "clear" else self.value.values()
        document = {"multi": True} if self._choices.is_new and self.several.isChecked() else None
        self.ok.setEnabled(False)
        self.decided.emit(self.name)
        perform(self._window, Edit(self.items, self.name, mode, values, document), self._done, self._wrong)

    def _done(self, _applied: Applied) -> None:
        if not self._is_over:
            self.accept()

    def done(self, result: int) -> None:
        self._is_over = True
        self._typing.stop()  # else it would ask for a dialog that is gone
        self._window.background.forget("set attribute")
        super().done(result)

    def _wrong(self, error: BaseException) -> None:
        if self._is_over:
            self._window.faults.show(error)
            return
        self._count()
        self.value.show_error(texts.error_line(error))
