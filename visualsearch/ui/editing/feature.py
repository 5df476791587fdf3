"""Connects editing to a window: rows of the inspector, "Set attribute…", number keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from visualsearch.catalog.store import ItemDetails
from visualsearch.errors import VisualSearchError
from visualsearch.ui import texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.editing.acting import Edit, perform
from visualsearch.ui.editing.choices import Choices, Key, read_choices, read_keys
from visualsearch.ui.editing.keys import DIGITS, KeysDialog, KeyStrip, bind
from visualsearch.ui.editing.origins import origin
from visualsearch.ui.editing.set_dialog import SetDialog
from visualsearch.ui.editing.value_field import ValueField
from visualsearch.ui.modes import BROWSE
from visualsearch.ui.panels.attribute_rows import Origin, shown_value

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class Editing(QObject):
    """Editing in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._last = ""  # the attribute that was edited last
        self._wanted: str | None = (
            None  # to be edited when the inspector shows it; "" is the last or the first
        )
        self._from_grid = False
        self._asked: QLineEdit | None = None
        self.keys: dict[str, Key] = {}
        rows = window.inspector.attributes
        rows.edit_wanted.connect(self.edit)
        rows.add_wanted.connect(self.add_attribute)
        window.features_installed.connect(rows.prepare)
        window.inspector.shown.connect(self._show_origins)
        window.undoing.changed.connect(self._reread)
        window.catalog_changed.connect(self._take)
        window.catalogs.grown.connect(lambda *_: self._read_keys())
        window.modes.changed.connect(lambda _mode: self._show_strip())
        self._add_actions()
        digits = {digit: window.actions_[f"key_{digit}"] for digit in DIGITS}
        self.strip = KeyStrip(digits, window.actions_["keys"], window)
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.strip)
        self._take(window.controller.workspace)

    def _add_actions(self) -> None:
        window = self._window
        entries = (
            Entry("set_attribute", self.tr("&Set attribute…"), ("Ctrl+T",), needs="browse"),
            Entry("edit_attribute", self.tr("&Edit in the inspector"), ("F2", "E"), "pencil", needs="browse"),
            Entry("keys", self.tr("&Number keys…"), ("Ctrl+Shift+K",), needs="browse"),
            *(
                Entry(
                    f"key_{digit}",
                    self.tr("Value of key {0}").format(digit),
                    (digit,),
                    needs="browse",
                    gap=digit == "1",
                )
                for digit in DIGITS
            ),
        )
        slots: dict[str, Callable[..., object]] = {
            "edit_attribute": self.edit_current,
            "set_attribute": self.set_attribute,
            "keys": self.edit_keys,
        }
        slots |= {f"key_{digit}": partial(self.press, digit) for digit in DIGITS}
        can = self._can_write
        when: dict[str, Callable[[], bool]] = dict.fromkeys(("edit_attribute", "set_attribute", "keys"), can)
        when |= {f"key_{digit}": lambda digit=digit: digit in self.keys and can() for digit in DIGITS}
        window.actions_.add("values", entries, slots, title=self.tr("Va&lues"), when=when)

    def _can_write(self) -> bool:
        workspace = self._window.controller.workspace
        return workspace is not None and not workspace.read_only

    # --- the catalog ----------------------------------------------------------------------------------------

    def _take(self, workspace: Workspace | None) -> None:
        self.keys, self._wanted, self._last = {}, None, ""
        self._window.inspector.attributes.set_editable(workspace is not None and not workspace.read_only)
        self._show_keys({})
        self._read_keys()

    def _reread(self) -> None:
        """Something was decided: the rows and the keys may be others."""
        if not any(row.editor for row in self._window.inspector.attributes.rows()):
            self._window.inspector.reload()
        self._read_keys()
        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(workspace.attributes, self._offer, key="attributes")

    def _offer(self, attributes: list[tuple[str, str]]) -> None:
        if self._window.controller.workspace is not None and attributes != self._window.attributes:
            self._window.offer_attributes(attributes)

    def _show_origins(self, details: ItemDetails | None) -> None:
        workspace, wanted = self._window.controller.workspace, self._wanted
        self._asked = None
        if details is None or workspace is None:
            return

        def show(origins: dict[str, Origin]) -> None:
            if self._window.inspector.item == details.number:
                self._window.inspector.attributes.set_origins(origins)

        def read() -> dict[str, Origin]:
            return {name: origin(one) for name, one in workspace.decisions.provenance(details.number).items()}

        self._window.background.run(read, show, key="origins")
        if wanted is not None:
            self._wanted = None
            self._edit_row(wanted)

    # --- a row of the inspector -----------------------------------------------------------------------------

    def edit_current(self) -> None:
        """F2, E: the row with the focus; from the grid the attribute edited last, or the first one."""
        window = self._window
        inspector, focused = window.inspector, window.focusWidget()
        for row in inspector.attributes.rows():
            if focused is not None and (row is focused or row.isAncestorOf(focused)):
                self._edit_row(row.name)
                return
        item = window.area.gallery.current_item()
        if inspector.isAncestorOf(focused) if focused else False:
            item = inspector.item if inspector.item is not None else item
        if item < 0:
            window.banner.show_message(
                self.tr("Choose a photo first."), self.tr("Click on one, or move there with the arrows.")
            )
            return
        self._from_grid = focused is window.area.gallery
        window.actions_["inspector"].setChecked(True)
        if inspector.item == item and not inspector.is_waiting and inspector.attributes.rows():
            self._edit_row("")
        else:
            self._wanted = ""
            inspector.show_item(item)

    def edit(self, name: str) -> None:
        """Edit an attribute of the item in the inspector."""
        self._from_grid = False
        self._edit_row(name)

    def _edit_row(self, name: str) -> None:
        rows = self._window.inspector.attributes
        names = [row.name for row in rows.rows()]
        if not name:
            name = self._last if self._last in names else (names[0] if names else "")
        if not name:
            self.add_attribute()
            return
        workspace, item = self._window.controller.workspace, self._window.inspector.item
        if workspace is not None and item is not None:
            self._window.background.run(
                lambda: read_choices(workspace, name),
                lambda choices: self._open(item, name, choices),
                key="choices",
            )

    def _open(self, item: int, name: str, choices: Choices) -> None:
        inspector = self._window.inspector
        if inspector.item != item:
            return
        row = inspector.attributes.add_row(name)
        field = ValueField(row)
        field.set_choices(choices, multi=choices.rules.multi or len(row.values) > 1)
        field.set_values(tuple(map(shown_value, row.values)))
        field.committed.connect(lambda values: self._commit(item, name, values, field))
        field.given_up.connect(lambda: self._close(name))
        for other in inspector.attributes.rows():
            other.close_editor()
        row.open_editor(field)
        inspector.scroll_area.ensureWidgetVisible(field)
        field.line.setFocus()

    def _commit(self, item: int, name: str, values: tuple[str, ...], field: ValueField) -> None:
        self._last = name
        edit = Edit([item], name, "set" if values else "clear", values)

        def wrong(error: BaseException) -> None:
            row = self._window.inspector.attributes.row(name)
            if isinstance(error, VisualSearchError) and row is not None and row.editor is field:
                field.show_error(texts.error_line(error))
            else:
                self._window.faults.show(error)

        field.setEnabled(False)
        perform(self._window, edit, lambda _applied: self._close(name, edited=True), wrong)

    def _close(self, name: str, *, edited: bool = False) -> None:
        inspector = self._window.inspector
        row = inspector.attributes.row(name)
        if row is not None:
            row.close_editor()
            if not edited and not row.values and not row.origin.text():
                inspector.reload()  # a row that was there only to be filled
            row.setFocus()
        if edited:
            inspector.reload()
        if self._from_grid:
            self._window.area.gallery.setFocus()

    def add_attribute(self) -> None:
        """Ask for the name of an attribute that the item has not got."""
        inspector = self._window.inspector
        if self._asked is not None:
            self._asked.setFocus()
            return
        have = {row.name for row in inspector.attributes.rows()}
        line = self._asked = QLineEdit(inspector.attributes)
        line.setPlaceholderText(self.tr("name of the attribute, then Enter"))
        line.setAccessibleName(self.tr("Name of the attribute"))
        completer = QCompleter([name for name, _ in self._window.attributes if name not in have], line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line.setCompleter(completer)

        def entered() -> None:
            name = line.text().strip()
            self._drop_asked()
            if name:
                self._edit_row(name)

        line.returnPressed.connect(entered)
        line.editingFinished.connect(lambda: None if line.text().strip() else self._drop_asked())
        inspector.attributes.put_above_add(line)
        line.show()
        line.setFocus()
        inspector.scroll_area.ensureWidgetVisible(line)

    def _drop_asked(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.hide()
            asked.deleteLater()

    # --- many at once ---------------------------------------------------------------------------------------

    def items(self) -> list[int]:
        """The selected items, or the current one."""
        gallery = self._window.area.gallery
        selected = gallery.selected_items().tolist()
        return selected or ([gallery.current_item()] if gallery.current_item() >= 0 else [])

    def set_attribute(self) -> SetDialog | None:
        """Ctrl+T: for the selection, or for all that the search has found."""
        window, items = self._window, self.items()
        groups: list = []
        if len(items) == 1:
            groups.append((self.tr("this photo"), items))
        elif items:
            groups.append((self.tr("the {0} selected photos").format(texts.number(len(items))), items))
        results = window.controller.results
        if results is not None and window.controller.is_settled and len(results.items) == results.total > 0:
            text = self.tr("all {0} photos that are shown").format(texts.number(results.total))
            groups.append((text, results.items))
        if not groups:
            return None
        names = [name for name, _ in window.attributes]
        dialog = SetDialog(window, groups, names, self._last)
        dialog.decided.connect(self._remember)
        dialog.open()
        return dialog

    def _remember(self, attribute: str) -> None:
        self._last = attribute

    # --- number keys ----------------------------------------------------------------------------------------

    def press(self, digit: str) -> None:
        """Give the key's value to the selection; of an attribute with several values, add it."""
        key, items = self.keys.get(digit), self.items()
        if key is None:
            return
        if not items:
            self._window.banner.show_message(
                self.tr("Choose photos first: {0} gives them {1}.").format(digit, key.value)
            )
            return
        mode = "add" if key.multi else "set"
        perform(self._window, Edit(items, key.attribute, mode, (key.value,)))

    def edit_keys(self) -> None:
        """Ask which key gives which value."""
        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(
                lambda: (read_keys(workspace), workspace.browsing.values()),
                lambda answer: self._open_keys(workspace, *answer),
                key="keys editor",
            )

    def _open_keys(self, workspace: Workspace, keys: dict[str, Key], values: dict[str, list[str]]) -> None:
        names = [name for name, kind in self._window.attributes if kind != "text"]
        label = self.tr("Number keys")

        def save(wanted: dict[str, tuple[str, str]]) -> None:
            self._window.undoing.write(
                lambda: bind(workspace, wanted, label),
                lambda operation: self._window.undoing.note(
                    operation, self.tr("The number keys are bound.") if operation else ""
                ),
                self._window.faults.show,
            )

        KeysDialog(keys, names, values, save, self._window).open()

    def _read_keys(self) -> None:
        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(lambda: read_keys(workspace), self._show_keys, key="number keys")

    def _show_keys(self, keys: dict[str, Key]) -> None:
        self.keys = {digit: key for digit, key in keys.items() if digit in DIGITS}
        for digit in DIGITS:
            action, key = self._window.actions_[f"key_{digit}"], self.keys.get(digit)
            text = f"{digit}  {key.value}" if key else digit
            action.setText(text.replace("&", "&&"))
            action.setToolTip(f"{key.attribute} = {key.value} ({digit})" if key else digit)
        self._show_strip()
        self._window.enable_actions()

    def _show_strip(self) -> None:
        if hasattr(self, "strip"):
            self.strip.show_keys(self.keys)
            self.strip.setVisible(bool(self.keys) and self._window.modes.current == BROWSE)


def install(window: MainWindow) -> None:
    Editing(window)
