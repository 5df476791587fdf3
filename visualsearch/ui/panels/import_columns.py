"""The columns of a table about to be imported: what each is taken for, corrected from a menu by column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from visualsearch.ui import style

SEPARATORS = ("|", ";", ",", "/")


class ColumnsButton(QPushButton):
    """Holds the corrections: ``separators`` by column ("" keeps its cells whole), ``types`` by column (category, number
    or text), and ``skip``, the columns that are left out (None: those that were left out the last time). What is not
    corrected is guessed."""

    changed = Signal()
    id_wanted = Signal(str)
    image_wanted = Signal(str)
    more_images_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(self.tr("Correct a col&umn"))
        self.setToolTip(self.tr("Say what a column is (Alt+U); a click on its heading does the same"))
        self.setAutoDefault(False)
        self.separators: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.skip: tuple[str, ...] | None = None
        self._left_out: set[str] = set()  # as the preview shows it
        self._menu = style.Menu(self)
        self._menus: dict[str, QMenu] = {}
        self.setMenu(self._menu)

    def forget(self) -> None:
        """Another table: nothing is corrected any more."""
        self.separators.clear()
        self.types.clear()
        self.skip = None
        self._left_out.clear()
        self._clear()

    def set_columns(
        self, names: Sequence[str], left_out: Collection[str] = (), used: Collection[str] = ()
    ) -> None:
        """Offer the table's columns. ``left_out``: those that would not be imported; ``used``: the id and the photos,
        which are no attributes."""
        self._left_out = set(left_out)
        self._clear()
        self._menus = {name: self._column_menu(name, name not in used) for name in names}
        self.setVisible(bool(names))

    def _clear(self) -> None:
        self._menu.clear()  # leaves the menus below it alive
        for menu in self._menus.values():
            menu.deleteLater()
        self._menus = {}

    def menu_of(self, name: str) -> QMenu | None:
        return self._menus.get(name)

    def _column_menu(self, name: str, is_attribute: bool) -> QMenu:
        menu = style.Menu(name.replace("&", "&&"), self._menu)
        self._menu.addMenu(menu)
        menu.addAction(self.tr("The &id of the items"), lambda: self.id_wanted.emit(name))
        menu.addAction(self.tr("The &photos"), lambda: self.image_wanted.emit(name))
        menu.addAction(self.tr("&Further photos"), lambda: self.more_images_wanted.emit(name))
        menu.addSeparator()
        corrected = name in self.separators or name in self.types or name in self._left_out
        self._add(menu, self.tr("&As guessed"), not corrected, lambda: self._guess(name))
        if is_attribute:
            for kind, text in (
                ("category", self.tr("&Categories, to tick and to count")),
                ("number", self.tr("&Numbers, from … to …")),
                ("text", self.tr("&Text, to search for words")),
            ):
                self._add(menu, text, self.types.get(name) == kind, lambda to=kind: self._type(name, to))
        menu.addSeparator()
        kinds = [("", self.tr("&One value in a cell"))]
        kinds += [(mark, self.tr("Several values, separated by {0}").format(mark)) for mark in SEPARATORS]
        for separator, text in kinds:
            chosen = self.separators.get(name) == separator
            self._add(menu, text, chosen, lambda to=separator: self._separate(name, to))
        if is_attribute:
            menu.addSeparator()
            left_out = name in self._left_out
            self._add(
                menu, self.tr("&Leave this column out"), left_out, lambda: self._leave_out(name, not left_out)
            )
        return menu

    @staticmethod
    def _add(menu: QMenu, text: str, chosen: bool, slot: Callable[[], None]) -> None:
        action = menu.addAction(text, slot)
        action.setCheckable(True)
        action.setChecked(chosen)

    def _guess(self, name: str) -> None:
        self.separators.pop(name, None)
        self.types.pop(name, None)
        self._set_left_out(name, False)
        self.changed.emit()

    def _type(self, name: str, kind: str) -> None:
        self.types[name] = kind
        self._set_left_out(name, False)
        self.changed.emit()

    def _separate(self, name: str, separator: str) -> None:
        self.separators[name] = separator
        self._set_left_out(name, False)
        self.changed.emit()

    def _leave_out(self, name: str, out: bool) -> None:
        self.types.pop(name, None)
        self._set_left_out(name, out)
        self.changed.emit()

    def _set_left_out(self, name: str, out: bool) -> None:
        if (name in self._left_out) != out:
            self._left_out ^= {name}
            self.skip = tuple(sorted(self._left_out))
