"""The columns of a table about to be imported: what each is taken for, corrected from a menu by column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

SEPARATORS = ("|", ";", ",", "/")


class ColumnsButton(QPushButton):
    """Holds the corrections: ``separators`` by column ("" keeps its cells whole). A column not in it is guessed."""

    changed = Signal()
    id_wanted = Signal(str)
    image_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(self.tr("Correct a &column"))
        self.setToolTip(self.tr("Say what a column is; a click on its heading does the same"))
        self.setAutoDefault(False)
        self.separators: dict[str, str] = {}
        self._menu = QMenu(self)
        self._menus: dict[str, QMenu] = {}
        self.setMenu(self._menu)

    def forget(self) -> None:
        """Another table: nothing is corrected any more."""
        self.separators.clear()
        self._menu.clear()
        self._menus.clear()

    def set_columns(self, names: Sequence[str]) -> None:
        """Offer the table's columns."""
        self._menu.clear()
        self._menus = {name: self._column_menu(name) for name in names}
        self.setVisible(bool(names))

    def menu_of(self, name: str) -> QMenu | None:
        return self._menus.get(name)

    def _column_menu(self, name: str) -> QMenu:
        menu = self._menu.addMenu(name.replace("&", "&&"))
        menu.addAction(self.tr("The &id of the items"), lambda: self.id_wanted.emit(name))
        menu.addAction(self.tr("The &photos"), lambda: self.image_wanted.emit(name))
        menu.addSeparator()
        kinds = [(None, self.tr("&As guessed")), ("", self.tr("&One value in a cell"))]
        kinds += [(mark, self.tr("Several values, separated by {0}").format(mark)) for mark in SEPARATORS]
        for separator, text in kinds:
            action = menu.addAction(text, lambda to=separator: self._separate(name, to))
            action.setCheckable(True)
            action.setChecked(self.separators.get(name) == separator)
        return menu

    def _separate(self, name: str, separator: str | None) -> None:
        if separator is None:
            self.separators.pop(name, None)
        else:
            self.separators[name] = separator
        self.changed.emit()
