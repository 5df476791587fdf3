"""The vocabulary: attributes at the left, what the chosen one may hold at the right. Every change is done at once, and
can be undone."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualsearch.ui import style, texts
from visualsearch.ui.panels.buttons import LinkButton, TickBox
from visualsearch.ui.panels.chips import FlowLayout
from visualsearch.ui.vocabulary.reading import Entry


class VocabularyDialog(QDialog):
    """Shows entries and says what is wanted; knows no catalog."""

    attribute_chosen = Signal(str)
    parts_wanted = Signal(str, object)
    """Attribute, {part of its document: new content}."""
    task_wanted = Signal(str)
    """The name of one of ``tasks``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Vocabulary"))
        self.resize(860, 560)
        self.entry: Entry | None = None
        self.tasks: dict[str, QPushButton] = {}
        columns = QHBoxLayout()
        columns.addLayout(self._left(), 1)
        columns.addLayout(self._right(), 3)
        self.status = QLabel(self)
        self.status.setWordWrap(True)
        self.undo = LinkButton(self.tr("Undo"), self)
        self.undo.hide()
        QShortcut(QKeySequence.StandardKey.Undo, self.undo, self.undo.click)  # while it is offered
        told = QHBoxLayout()
        told.addWidget(self.status, 1)
        told.addWidget(self.undo)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)  # Enter saves the scope
        whole = QVBoxLayout(self)
        whole.addLayout(columns, 1)
        whole.addLayout(told)
        whole.addWidget(buttons)
        self.show_entry(None)

    def _task(self, name: str, text: str, tip: str) -> QPushButton:
        button = self.tasks[name] = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.task_wanted.emit(name))
        return button

    def _left(self) -> QVBoxLayout:
        self.attributes = QListWidget(self)
        self.attributes.setAccessibleName(self.tr("Attributes"))
        self.attributes.currentTextChanged.connect(self.attribute_chosen)
        column = QVBoxLayout()
        column.addWidget(self.attributes, 1)
        column.addWidget(self._task("new", self.tr("&New attribute…"), self.tr("Make an attribute")))
        column.addWidget(
            self._task(
                "delete_attribute",
                self.tr("Delete attribute"),
                self.tr("Its values are taken from all items; this can be undone"),
            )
        )
        column.addWidget(
            self._task(
                "import",
                self.tr("&Import a file…"),
                self.tr("A vocabulary as JSON, or as CSV with the columns attribute and value"),
            )
        )
        return column

    def _right(self) -> QVBoxLayout:
        self.about = QLabel(self)
        self.about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.multi = TickBox(self.tr("An item may have several values"), self)
        self.multi.clicked.connect(lambda on: self._change({"multi": on}))
        self.closed = TickBox(self.tr("Only the values listed here are allowed"), self)
        self.closed.setToolTip(self.tr("Binds people, not imports"))
        self.closed.clicked.connect(self._close_list)
        self.scope = QLineEdit(self)
        self.scope.setAccessibleName(self.tr("Scope"))
        self.scope.setPlaceholderText(self.tr("all items; or a condition, such as category = Tops"))
        self.scope.setToolTip(self.tr("For which items the attribute is meant; Enter saves"))
        self.scope.returnPressed.connect(lambda: self._change({"scope": self.scope.text().strip() or None}))
        scope = QHBoxLayout()
        label = QLabel(self.tr("Meant &for"), self)
        label.setBuddy(self.scope)
        scope.addWidget(label)
        scope.addWidget(self.scope, 1)
        self.values = QTreeWidget(self)
        self.values.setColumnCount(4)
        self.values.setHeaderLabels(
            [self.tr("Value"), self.tr("Items"), self.tr("Synonyms"), self.tr("Excludes")]
        )
        self.values.setRootIsDecorated(False)
        self.values.setUniformRowHeights(True)
        self.values.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.values.setAccessibleName(self.tr("Values"))
        for column in (0, 2, 3):
            self.values.header().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.values.itemSelectionChanged.connect(self._enable)
        self.values.itemActivated.connect(lambda *_: self.task_wanted.emit("rename"))
        column = QVBoxLayout()
        column.setSpacing(style.Space.S)
        for part in (self.about, self.multi, self.closed):
            column.addWidget(part)
        column.addLayout(scope)
        column.addWidget(self.values, 1)
        column.addWidget(self._value_tasks())
        return column

    def _value_tasks(self) -> QWidget:
        row = QWidget(self)
        flow = FlowLayout(row, style.Space.S)
        flow.setContentsMargins(0, 0, 0, 0)
        for name, text, tip in (
            ("add", self.tr("&Add…"), self.tr("Allow another value")),
            ("rename", self.tr("&Rename…"), self.tr("The old name becomes a synonym (Enter)")),
            ("merge", self.tr("&Merge…"), self.tr("Make one value of those that are selected")),
            ("synonyms", self.tr("S&ynonyms…"), self.tr("Words that stand for the value, also in imports")),
            (
                "exclude",
                self.tr("E&xclude"),
                self.tr("The selected values exclude each other, or no longer do"),
            ),
            ("delete", self.tr("&Delete"), self.tr("No item has the value any more; this can be undone")),
        ):
            flow.addWidget(self._task(name, text, tip))
        return row

    # --- what is shown --------------------------------------------------------------------------------------

    def show_attributes(self, names: list[str]) -> None:
        """Show these; the one that was chosen stays so, else the first."""
        before = self.current()
        with QSignalBlocker(self.attributes):
            self.attributes.clear()
            self.attributes.addItems(names)
            self.attributes.setCurrentRow(names.index(before) if before in names else (0 if names else -1))
        self.attribute_chosen.emit(self.current())

    def choose(self, name: str) -> None:
        """Go to an attribute."""
        found = self.attributes.findItems(name, Qt.MatchFlag.MatchExactly)
        if found:
            self.attributes.setCurrentItem(found[0])

    def current(self) -> str:
        """The attribute that is chosen."""
        item = self.attributes.currentItem()
        return item.text() if item is not None else ""

    def selected(self) -> list[str]:
        """The values that are selected, in their order."""
        rows = (self.values.topLevelItem(place) for place in range(self.values.topLevelItemCount()))
        return [row.text(0) for row in rows if row is not None and row.isSelected()]

    def show_entry(self, entry: Entry | None) -> None:
        """Show an attribute; None, where there is none."""
        chosen = self.selected() if entry is not None and self.entry is not None else []
        self.entry = entry
        self.values.clear()
        rules = entry.rules if entry is not None else None
        kinds = {
            "category": self.tr("values to choose from"),
            "number": self.tr("a number"),
            "text": self.tr("free text"),
        }
        self.about.setText(
            f"{rules.name}: {kinds.get(rules.type, rules.type)}"
            if rules
            else self.tr("There is no attribute yet: make one, or import a vocabulary.")
        )
        self.multi.setChecked(rules.multi if rules else False)
        self.closed.setChecked(bool(rules.values) if rules else False)
        self.scope.setText(rules.scope if rules else "")
        for value in entry.values if entry is not None else ():
            row = QTreeWidgetItem(
                [value.text, texts.number(value.count), ", ".join(value.synonyms), ", ".join(value.excludes)]
            )
            row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if not value.allowed:
                row.setToolTip(0, self.tr("Items have it, but it is not among the allowed values"))
                row.setForeground(0, style.colors(self.palette()).warning)
            self.values.addTopLevelItem(row)
            row.setSelected(value.text in chosen)
        self._enable()

    def say(self, text: str, *, undo: bool) -> None:
        """Tell what was done, or what went wrong."""
        self.status.setText(text)
        self.undo.setVisible(undo)

    def _enable(self) -> None:
        count, has = len(self.selected()), self.entry is not None
        category = has and self.entry is not None and self.entry.rules.type == "category"
        for part in (self.multi, self.scope, self.tasks["delete_attribute"]):
            part.setEnabled(has)
        self.closed.setEnabled(category)
        self.tasks["add"].setEnabled(has)
        for name, possible in (
            ("rename", count == 1),
            ("synonyms", count == 1),
            ("merge", count > 1),
            ("exclude", count > 1),
            ("delete", count > 0),
        ):
            self.tasks[name].setEnabled(category and possible)

    def _change(self, parts: dict[str, object]) -> None:
        if self.entry is not None:
            self.parts_wanted.emit(self.entry.rules.name, parts)

    def _close_list(self, on: bool) -> None:
        if self.entry is not None:
            values = [value.text for value in self.entry.values] if on else None
            self._change({"values": values})
