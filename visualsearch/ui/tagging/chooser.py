"""What to tag, and what to start from: the first page of Tag mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.panels.notice import Notice
from visualsearch.ui.panels.thumbs import Thumb
from visualsearch.ui.tagging.also_here import AlsoHere
from visualsearch.ui.tagging.facts import Facts, Offer
from visualsearch.words import cut

if TYPE_CHECKING:
    from visualsearch.attributes.situation import Start
    from visualsearch.ui.photos import Photos

_THUMB = 64
_MOST_THUMBS = 5  # of either sign
_MOST_LETTERS = 40  # of a name on a button
_MOST_RECENT = 4


class Chooser(QWidget):
    """Asks; says ``wanted`` when it is clear what to do. GUI thread only."""

    wanted = Signal(object, object, object)
    """Target, Start, and what a new attribute is: True several values, False one, None it is not new."""
    resumed = Signal(object)
    """A Target to go on with."""
    browse_wanted = Signal()
    left = Signal()
    """Esc."""

    def __init__(self, photos: Photos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = photos
        self._facts, self._offer = Facts(), Offer()
        self._card = QWidget(self)
        self._card.setMaximumWidth(760)
        self._make_fields()
        self._make_starts()
        self._make_ends()
        self._is_busy = False
        self._waiting: list[QKeyEvent] = []
        self._lay_out()
        self._connect()
        self.show_facts(Facts())

    # --- building -------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.attribute, self.value = (self._combo(name) for name in (self.tr("Attribute"), self.tr("Value")))
        self.attribute.lineEdit().setPlaceholderText(self.tr("such as style"))  # type: ignore[union-attr]
        self.value.lineEdit().setPlaceholderText(self.tr("such as hawaiian"))  # type: ignore[union-attr]
        self.single = QRadioButton(self.tr("An item has one value of it"), self._card)
        self.multi = QRadioButton(self.tr("An item may have several"), self._card)
        self.single.setChecked(True)
        self.allow = QCheckBox(
            self.tr("This value is not among the allowed ones: allow it from now on"), self._card
        )
        self.allow.setToolTip(self.tr("Add it to the allowed values of the attribute"))
        self.kind = QWidget(self._card)
        row = self._line(self.kind)
        row.addWidget(QLabel(self.tr("This attribute is new."), self.kind))
        self.meant = QPushButton(self.kind)
        self.meant.setToolTip(self.tr("There is an attribute with a similar name already: take that"))
        row.addWidget(self.meant)
        group = QButtonGroup(self.kind)
        for button in (self.single, self.multi):
            group.addButton(button)
            row.addWidget(button)

    @staticmethod
    def _line(holder: QWidget) -> FlowLayout:
        line = FlowLayout(holder, style.Space.S)
        line.setContentsMargins(0, 0, 0, 0)
        return line

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox(self._card)
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumWidth(260)
        completer = combo.completer()
        assert completer is not None
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        return combo

    def _make_starts(self) -> None:
        self.from_examples = QRadioButton(self._card)
        self.from_filter = QRadioButton(self.tr("A saved filter:"), self._card)
        self.from_having = QRadioButton(self._card)
        group = QButtonGroup(self._card)
        for button in (self.from_examples, self.from_filter, self.from_having):
            group.addButton(button)
        self.filter = QComboBox(self._card)
        self.filter.setAccessibleName(self.tr("Saved filter"))
        self.filter.setToolTip(self.tr("The saved filter to start from"))
        self.filter.setMinimumWidth(200)
        self.pick = QPushButton(self.tr("Pick examples in Browse"), self._card)
        self.pick.setToolTip(self.tr("Back to the photos: + makes one an example (Ctrl+1)"))
        self.thumbs = QWidget(self._card)
        self._row = QHBoxLayout(self.thumbs)
        self._row.setContentsMargins(0, 0, 0, 0)

    def _make_ends(self) -> None:
        self.start = MainButton(self.tr("&Start tagging"), self._card)
        self.start.setMinimumWidth(180)
        self.start.setToolTip(self.tr("Show the first page (Enter)"))
        self.said = Notice(self._card)
        self.recent = QWidget(self._card)
        self._recent_row = QHBoxLayout(self.recent)
        self._recent_row.setContentsMargins(0, 0, 0, 0)
        self.recent_title = self._heading(self.tr("Go on with"))
        self.also_here = AlsoHere(self._card)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("What do you want to tag?"), self._card)
        title.setFont(style.font("title"))
        explained = QLabel(
            self.tr(
                "You get pages of photos that probably deserve the value. You click those that do not; Enter saves "
                "the page and brings the next. Two examples are enough to start."
            ),
            self._card,
        )
        explained.setWordWrap(True)
        fields = QGridLayout()
        fields.setColumnStretch(2, 1)
        for row, (name, combo) in enumerate(
            ((self.tr("Attri&bute"), self.attribute), (self.tr("Val&ue"), self.value))
        ):
            label = QLabel(name, self._card)
            label.setBuddy(combo)
            fields.addWidget(label, row, 0)
            fields.addWidget(combo, row, 1)
        examples, filters = QWidget(self._card), QWidget(self._card)
        for holder, parts in (
            (examples, (self.from_examples, self.pick)),
            (filters, (self.from_filter, self.filter)),
        ):
            line = self._line(holder)
            for part in parts:
                line.addWidget(part)
        column = QVBoxLayout(self._card)
        column.setSpacing(style.Space.M)
        column.addStretch(1)
        for part in (self.recent_title, self.recent, title, explained, fields, self.kind, self.allow,
                     self._heading(self.tr("Start from")), examples, self.thumbs, filters, self.from_having,
                     self.said, self.start, self._heading(self.tr("Also here")), self.also_here):  # fmt: skip
            if isinstance(part, QWidget):
                column.addWidget(
                    part, 0, Qt.AlignmentFlag.AlignLeft if part is self.start else Qt.AlignmentFlag(0)
                )
            else:
                column.addLayout(part)
        column.addStretch(2)
        outer = QWidget()
        middle = QHBoxLayout(outer)
        middle.addStretch(1)
        middle.addWidget(self._card, 20)
        middle.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setAccessibleName(self.tr("What to tag"))
        scroll.setWidget(outer)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text, self._card)
        label.setFont(style.font("heading"))
        return label

    def _connect(self) -> None:
        self.attribute.currentTextChanged.connect(lambda _text: self._attribute_changed())
        self.value.currentTextChanged.connect(lambda _text: self._check())
        self.filter.activated.connect(lambda _place: self.from_filter.setChecked(True))
        for button in (self.from_examples, self.from_filter, self.from_having, self.allow):
            button.toggled.connect(lambda _on: self._check())
        self.meant.clicked.connect(
            lambda: self.attribute.setEditText(self._facts.meant(self.attribute.currentText().strip()))
        )
        self.start.clicked.connect(self.begin)
        self.pick.clicked.connect(self.browse_wanted)

    # --- what it knows --------------------------------------------------------------------------------------

    def show_facts(self, facts: Facts) -> None:
        """The catalog's attributes, filters, and what was tagged lately."""
        self._facts = facts
        attribute, value = self.attribute.currentText(), self.value.currentText()
        with QSignalBlocker(self.attribute):
            self.attribute.clear()
            self.attribute.addItems(list(facts.attributes))
            self.attribute.setEditText(attribute)
        self.filter.clear()
        self.filter.addItems(facts.filters)
        has_filters = bool(facts.filters)
        self.from_filter.setEnabled(has_filters)
        self.filter.setEnabled(has_filters)
        if not has_filters:
            self.filter.addItem(self.tr("none is saved yet"))
        self._clear(self._recent_row)
        for target in facts.recent[:_MOST_RECENT]:
            button = QPushButton(f"{target.attribute} = {target.value}", self.recent)
            button.setToolTip(self.tr("Go on with {0} where you were").format(button.text()))
            button.clicked.connect(lambda _checked=False, which=target: self.resumed.emit(which))
            self._recent_row.addWidget(button)
        self._recent_row.addStretch()
        for part in (self.recent, self.recent_title):
            part.setVisible(bool(facts.recent))
        self._attribute_changed()
        self.value.setEditText(value)
        self._card.setEnabled(not facts.read_only)
        if facts.read_only:
            self.said.say(
                self.tr(
                    "This catalog is open for reading only: nothing can be tagged. Open it where you may write."
                ),
                warning=True,
            )
        self._check()

    def show_offer(self, offer: Offer) -> None:
        """The examples of Browse."""
        self._offer = offer
        self._clear(self._row)
        for sign, examples in ((1, offer.like), (-1, offer.unlike)):
            for example in examples[:_MOST_THUMBS]:
                thumb = Thumb(example, sign, _THUMB, self.thumbs, badge=False)
                thumb.setAccessibleName(self.tr("like this") if sign > 0 else self.tr("not like this"))
                self._row.addWidget(thumb)
                self._photos.thumbnails([example], _setter(thumb, example))
        self._row.addStretch()
        self.thumbs.setVisible(bool(offer.like))
        count = len(offer.like)
        self.from_examples.setText(self._examples_name(count - offer.selected, offer.selected))
        self.from_examples.setEnabled(count > 0)
        if count:
            self.from_examples.setChecked(True)
        elif self.from_examples.isChecked() or not self.from_filter.isChecked():
            self.from_having.setChecked(True)
        self._check()

    def _examples_name(self, picked: int, selected: int) -> str:
        """Where the examples come from."""
        if picked and selected:
            text = self.tr("The examples that you picked ({0}) and the selection ({1})")
        elif picked:
            text = self.tr("The examples that you picked ({0})")
        else:
            text = self.tr("The selection ({1})") if selected else self.tr("Examples: none are picked yet")
        return text.format(texts.number(picked), texts.number(selected))

    def say(self, text: str) -> None:
        """Say why it did not work."""
        self.said.say(text, warning=True)

    def focus(self) -> None:
        """Give the keyboard to the first field that is empty."""
        empty = [combo for combo in (self.attribute, self.value) if not combo.currentText().strip()]
        (empty[0] if empty else self.start).setFocus()

    @property
    def is_new(self) -> bool:
        """Whether no item and no vocabulary has the attribute yet."""
        return self._facts.is_new(self.attribute.currentText().strip())

    @property
    def is_unknown(self) -> bool:
        """Whether the attribute has a list of allowed values, and this is none of them."""
        from visualsearch.errors import VocabularyError

        rules = self._facts.attributes.get(self.attribute.currentText().strip())
        value = self.value.currentText().strip()
        if rules is None or not rules.values or not value:
            return False
        try:
            rules.value(value)
        except VocabularyError:
            return True
        return False

    def set_busy(self, busy: bool) -> None:
        """The first page is being looked for. Meanwhile the keyboard stays here, and keys wait for the page."""
        focused = self.window().focusWidget()
        if busy and not self._is_busy:
            self._waiting.clear()
            if focused is not None and self.isAncestorOf(focused):
                self.setFocus()
        self._is_busy = busy
        self._card.setEnabled(not busy and not self._facts.read_only)
        if not busy and self.hasFocus():
            self.focus()
        self.start.setText(self.tr("Looking for the first page…") if busy else self.tr("&Start tagging"))

    # --- answering ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """All is said: go."""
        from visualsearch.attributes.situation import Start
        from visualsearch.attributes.target import Target

        if self._is_busy or not self.start.isEnabled():
            return
        target = Target(self.attribute.currentText().strip(), self.value.currentText().strip())
        if self.from_examples.isChecked():
            start: Start = Start(self._offer.like, self._offer.unlike)
        elif self.from_filter.isChecked():
            start = Start(filter=self.filter.currentText())
        else:
            start = Start()
        self.wanted.emit(target, start, self.multi.isChecked() if self.is_new else None)

    def keys_for_page(self) -> list[QKeyEvent]:
        """What was pressed while the first page was on its way, but for what would confirm a page unseen."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.begin()
        elif self._is_busy:
            self._waiting.append(QKeyEvent(event))
        else:
            super().keyPressEvent(event)

    # --- inside ---------------------------------------------------------------------------------------------

    def _attribute_changed(self) -> None:
        values = self._facts.values.get(self.attribute.currentText().strip(), {})
        with QSignalBlocker(self.value):
            text = self.value.currentText()
            self.value.clear()
            self.value.addItems(list(values))
            self.value.setEditText(text)
        self._check()

    def _check(self) -> None:
        """What can be started, and what is missing."""
        attribute, value = self.attribute.currentText().strip(), self.value.currentText().strip()
        self.kind.setVisible(self.is_new)
        meant = self._facts.meant(attribute)
        self.meant.setText(self.tr("Take {0} instead").format(cut(meant, _MOST_LETTERS)).replace("&", "&&"))
        self.meant.setVisible(bool(meant))
        self.allow.setVisible(self.is_unknown)
        having = self._facts.values.get(attribute, {}).get(value, 0)
        self.from_having.setText(
            self.tr("The {0} items that have it already").format(texts.number(having))
            if having
            else self.tr("The items that have it already: there are none yet")
        )
        starts = (
            (self.from_examples.isChecked() and bool(self._offer.like))
            or (self.from_filter.isChecked() and bool(self._facts.filters))
            or (self.from_having.isChecked() and having > 0)
        )
        allowed = self.allow.isChecked() or not self.is_unknown
        given = bool(attribute and value) and attribute not in self._facts.others
        self.start.setEnabled(given and starts and allowed and not self._facts.read_only)
        if self._facts.read_only:
            return
        missing = ""
        if attribute in self._facts.others:
            missing = self.tr("{0} has numbers or free text, which photos do not show.").format(attribute)
        elif attribute and value and not starts:
            missing = self.tr(
                "There is nothing to start from yet: pick one or two photos as examples in Browse, or a saved filter."
            )
        self.said.say(missing)

    @staticmethod
    def _clear(row: QHBoxLayout) -> None:
        while (item := row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _setter(thumb: Thumb, example: object) -> Callable[[dict], None]:
    def show(images: dict) -> None:
        if example in images:
            thumb.set_image(images[example])

    return show
