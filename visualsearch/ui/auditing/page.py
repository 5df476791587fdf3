"""The audit mode's page: the attribute at the top, then one suspect, groups of them, or values that are mixed up."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.auditing.choosing import Message
from visualsearch.ui.auditing.desk import NEW, Desk
from visualsearch.ui.auditing.queue import QueueView
from visualsearch.ui.auditing.suspect_view import SuspectView
from visualsearch.ui.photos import Photos

_QUEUE = 220  # pixels


class AuditPage(QWidget):
    """Puts the parts together; what happens is decided elsewhere."""

    attribute_wanted = Signal(str)
    tab_wanted = Signal(int)
    retry_wanted = Signal()

    def __init__(self, desk: Desk, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Audit"))
        self.attributes = QComboBox(self)
        self.attributes.setAccessibleName(self.tr("Attribute to look through"))
        self.attributes.setToolTip(self.tr("The attribute whose values are looked through (A)"))
        self.attributes.setMinimumWidth(120)
        style.width_in_letters(self.attributes, 40, self.attributes.setMaximumWidth, 320)
        self.attributes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Ways to look at the suspects"))
        for text, tip in (
            (self.tr("One by one"), self.tr("The worst suspect first (Esc)")),
            (self.tr("All like this"), self.tr("Suspects that share a mistake (L)")),
            (self.tr("Mixed-up values"), self.tr("Values that look so alike that people mix them up (M)")),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(text), tip)
        self.counts = QLabel(self)
        self.counts.setFont(style.font("number"))
        self.counts.setWordWrap(True)
        style.width_in_letters(self.counts, 17, self.counts.setMinimumWidth)  # two lines in a small window
        self.counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.message = Message(self)
        self.queue = QueueView(desk, self)
        style.width_in_letters(self.queue, 25, self.queue.setFixedWidth, _QUEUE)
        self.view = SuspectView(photos, self)
        self.one = QWidget(self)
        row = QHBoxLayout(self.one)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.queue)
        row.addWidget(self.view, 1)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.one)
        self._arrange()
        self.attributes.activated.connect(
            lambda at: self.attribute_wanted.emit(str(self.attributes.itemData(at)))
        )
        self.tabs.tabBarClicked.connect(self.tab_wanted)
        self.tabs.currentChanged.connect(lambda _tab: self._mark_tab())
        self._mark_tab()
        desk.counted.connect(self.show_counts)
        desk.listed.connect(self.show_counts)

    def _arrange(self) -> None:
        label = QLabel(self.tr("Attri&bute:"), self)
        label.setBuddy(self.attributes)
        top = QHBoxLayout()
        top.setContentsMargins(style.Space.L, style.Space.S, style.Space.L, style.Space.XS)
        top.setSpacing(style.Space.S)
        top.addWidget(label)
        top.addWidget(self.attributes)
        top.addSpacing(style.Space.L)
        top.addWidget(self.tabs)
        top.addWidget(self.counts, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.stack, 1)

    def offer(self, attributes: Sequence[tuple[str, str]], current: str | None, new: int) -> None:
        """Fill the list of attributes; those that cannot be looked through stay in it and say why when chosen.

        ``new``: how many values of the last import look wrong."""
        self.attributes.clear()
        if new:
            self.attributes.addItem(self.tr("New items ({0})").format(texts.number(new)), NEW)
        for name, why in attributes:
            self.attributes.addItem(name, name)
            if why:
                self.attributes.setItemData(self.attributes.count() - 1, why, Qt.ItemDataRole.ToolTipRole)
        self.show_attribute(current)

    def show_attribute(self, name: str | None) -> None:
        """Which one is at hand; none when None."""
        self.attributes.setCurrentIndex(-1 if name is None else self.attributes.findData(name))

    def show_counts(self) -> None:
        """What is done and what is left."""
        parts = []
        if judged := sum(not one.unwanted for one in self._desk.judged):
            parts.append(self.tr("{0} judged").format(texts.number(judged)))
        if self._desk.suspects or judged:
            parts.append(
                self.tr("{0} more likely wrong than right").format(texts.number(max(0, self._desk.above)))
            )
        self.counts.setText(" · ".join(parts))

    def show_tab(self, tab: int) -> None:
        self.tabs.setCurrentIndex(tab)

    def _mark_tab(self) -> None:
        """In the dark the shapes of tabs hardly tell which is the current one: its colour does."""
        link = self.palette().color(QPalette.ColorRole.Link)
        for tab in range(self.tabs.count()):
            self.tabs.setTabTextColor(tab, link if tab == self.tabs.currentIndex() else QColor())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "tabs"):
            self._mark_tab()

    def show_widget(self, widget: QWidget) -> None:
        """Show one of the stack's pages."""
        if self.stack.indexOf(widget) < 0:
            self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and digits, wherever the keyboard is; a button with the focus is pressed by Enter."""
        focused = self.window().focusWidget()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if is_enter and isinstance(focused, QAbstractButton):
            focused.click()
        elif not plain or self.stack.currentWidget() is not self.one or self._desk.current is None:
            super().keyPressEvent(event)
        elif is_enter:
            self.view.change()
        elif not (event.text().isdigit() and self.view.choose_option(int(event.text()))):
            super().keyPressEvent(event)
