"""Sliders that can be left to the program."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from visualsearch.ui.panels.buttons import TickBox

STEPS = 100
Setting = Literal["auto"] | float | None  # type: ignore[valid-type]


class ClickSlider(QSlider):
    """A horizontal slider that goes where it is clicked, as people expect, instead of a page nearer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, STEPS)
        self.setSingleStep(2)
        self.setPageStep(10)

    def mousePressEvent(self, event) -> None:
        from PySide6.QtWidgets import QStyle, QStyleOptionSlider  # the first paint is sooner without them

        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        point = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(point):
            span = max(1, self.width() - handle.width())
            at = point.x() - handle.width() // 2
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            self.setValue(
                QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span, upsideDown=mirrored)
            )
        super().mousePressEvent(event)


class AutoSlider(QWidget):
    """A labelled slider from 0 to 1 with a tick "auto": while ticked it shows what the program chose."""

    changed = Signal(object)
    """"auto" or a float, set by the person (never by ``show_setting``)."""
    released = Signal()
    """The person has let go: the drag was one step."""

    def __init__(self, low: str, high: str, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = ClickSlider(self)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(tip)
        self.slider.setMinimumWidth(110)
        self.auto = TickBox(self.tr("auto"), self)
        self.auto.setAccessibleName(self.tr("{0}: chosen by the program").format(name))
        self._tip = self.tr("Let the program choose from the examples")
        self._low, self._high = QLabel(low, self), QLabel(high, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self._low, self.slider, self._high, self.auto):
            layout.addWidget(widget)
        layout.setStretch(1, 1)
        self._low.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self.released)
        self.auto.toggled.connect(self._ticked)
        self.show_setting("auto", None)

    def set_label_widths(self, low: int, high: int) -> None:
        """So that sliders below one another line up."""
        self._low.setFixedWidth(low)
        self._high.setFixedWidth(high)

    def label_widths(self) -> tuple[int, int]:
        return self._low.sizeHint().width(), self._high.sizeHint().width()

    def show_setting(self, setting: Setting, inferred: float | None, why: str = "") -> None:
        """Show what the query says; ``inferred`` is what the program chose, for "auto", and ``why``, if it can say."""
        automatic = setting == "auto"
        self.auto.setToolTip(f"{self._tip}\n{why}".strip())
        value = inferred if automatic else setting
        with QSignalBlocker(self.slider), QSignalBlocker(self.auto):
            self.auto.setChecked(automatic)
            if value is None:
                self.slider.setValue(STEPS // 2 if automatic else 0)
            elif not self.slider.isSliderDown():
                self.slider.setValue(round(float(value) * STEPS))

    def _slid(self, value: int) -> None:
        with QSignalBlocker(self.auto):
            self.auto.setChecked(False)
        self.changed.emit(value / STEPS)

    def _ticked(self, automatic: bool) -> None:
        self.changed.emit("auto" if automatic else self.slider.value() / STEPS)
