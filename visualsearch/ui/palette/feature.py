"""The command palette (Ctrl+K) and "go to" (Ctrl+G) of a window: what they offer, and what taking it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeySequence

from visualsearch.catalog.predicate_syntax import quoted
from visualsearch.filters.query import Sort
from visualsearch.ui import edits, texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.palette.matching import Choice, Index
from visualsearch.ui.palette.view import PaletteView

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_PLACE = re.compile(r"#?\s*(\d[\d.,\s]*)\s*(%?)")
_IDS = 8


class Palette(QObject):
    """Both of a window; they share one view."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._index = Index([])
        self._is_going = False  # "go to", not the palette
        self._wanted_item = -1  # to be shown once it is among the results
        self.view = PaletteView(window)
        self.view.asked.connect(self._ask)
        self.view.taken.connect(self._take)
        window.area.model.modelReset.connect(self._reveal_wanted)
        window.controller.query_changed.connect(lambda _query: self._forget_wanted())
        window.actions_.add(
            "go",
            (
                Entry(
                    "palette",
                    self.tr("&Find an action or a value…"),
                    ("Ctrl+K",),
                    "search",
                    needs="",
                    gap=True,
                ),
                Entry("go_to", self.tr("Go to an &id or place…"), ("Ctrl+G",), needs="browse"),
            ),
            {"palette": self.open, "go_to": self.open_go_to},
        )

    # --- the palette ----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Come up with all actions, attributes, saved filters and catalogs; values follow from a worker."""
        self._is_going = False
        near = self._actions() + self._attributes() + self._catalogs()
        self._index = Index(near)
        self.view.open(
            self.tr("Find an action or a value"), self.tr("Find an action, an attribute, a value, a filter…")
        )
        workspace = self._window.controller.workspace
        if workspace is not None:
            query, saved = self._window.controller.query, self.tr("saved filter")
            ticked = {(name, value) for name, values in query.choices for value in values}
            self._window.background.run(
                lambda: Index([*near, *_filters(workspace, saved), *_values(workspace, ticked)]),
                self._take_index,
                key="palette-index",
            )

    def _take_index(self, index: Index) -> None:
        self._index = index
        if self.view.isVisible() and not self._is_going and self.view.line.text():
            self._ask(self.view.line.text())

    def _actions(self) -> list[Choice]:
        native = QKeySequence.SequenceFormat.NativeText
        found = []
        for name, menu, action in self._window.actions_.listed():
            if action.isEnabled() and name != "palette":
                keys = ", ".join(key.toString(native) for key in action.shortcuts())
                state = (
                    (self.tr("on") if action.isChecked() else self.tr("off")) if action.isCheckable() else ""
                )
                detail = f"{menu}, {state}" if state else menu
                title = action.text().replace("&", "").rstrip("…")
                found.append(Choice("action", title, detail, keys, (name,), bonus=6))
        return found

    def _attributes(self) -> list[Choice]:
        if self._window.controller.workspace is None:
            return []
        found = []
        for name, kind in self._window.attributes:
            detail = self.tr("attribute")
            found.append(Choice("sort", self.tr("Order by {0}").format(name), detail, "", (name,), bonus=4))
            if kind != "text":
                group, find = self.tr("Group by {0}"), self.tr("Find in {0}")
                found.append(Choice("group", group.format(name), detail, "", (name,), bonus=4))
                found.append(Choice("facet", find.format(name), detail, "", (name,), bonus=4))
        return found

    def _catalogs(self) -> list[Choice]:
        return [
            Choice("catalog", self.tr("Open {0}").format(Path(path).name), path, "", (path,), bonus=3)
            for path in self._window.settings.recent
        ]

    # --- go to ----------------------------------------------------------------------------------------------

    def open_go_to(self) -> None:
        """Ask for an id or a place."""
        self._is_going = True
        self.view.open(self.tr("Go to"), self.tr("An id, a place such as 500 or 50 %, a group"))

    def _destinations(self, text: str) -> Callable[[], list[Choice]]:
        """What is found for a text; call it in a worker."""
        workspace, total = self._window.controller.workspace, self._window.area.model.total
        place = _place(text, total)
        sections = self._window.area.model.sections
        groups = sections.names if sections is not None else []
        describe, name_group = self.tr("Photo {0} of {1}"), self.tr("group")

        def look() -> list[Choice]:
            found: list[Choice] = []
            if workspace is None or not text:
                return found
            number = workspace.number_of(text)
            if number is not None:
                found.append(Choice("item", text, "id", "", (text,)))
            if place is not None:
                title = describe.format(texts.number(place + 1), texts.number(total))
                found.append(Choice("place", title, "", "", (str(place),)))
            folded = text.casefold()
            named = [name for name in groups if texts.value_name(name).casefold().startswith(folded)]
            found += [
                Choice("header", texts.value_name(name), name_group, "", (name,)) for name in named[:_IDS]
            ]
            near = [name for name in workspace.browsing.ids_starting(text, _IDS + 1) if name != text]
            return found + [Choice("item", name, "id", "", (name,)) for name in near[:_IDS]]

        return look

    # --- asking and acting ----------------------------------------------------------------------------------

    def _ask(self, text: str) -> None:
        index = self._index
        look = self._destinations(text.strip()) if self._is_going else lambda: index.search(text)
        self._window.background.run(look, self._offer, key="palette")

    def _offer(self, choices: Sequence[Choice]) -> None:
        if self.view.isVisible():
            self.view.show_choices(choices)

    def _take(self, choice: Choice) -> None:
        act = {
            "action": self._trigger,
            "sort": lambda name: self._window.controller.edit(
                lambda query: edits.set_sort(query, Sort(name, query.sort.descending))
            ),
            "group": lambda name: self._window.grouping.group_by(name),  # type: ignore[attr-defined]
            "facet": self._window.facets.find_in,
            "value": self._tick,
            "filter": lambda name: self._window.controller.edit(
                lambda query: edits.add_condition(query, f"visual:{quoted(name)}")
            ),
            "catalog": lambda path: self._window.catalogs.open(Path(path)),
            "item": self._go_to_id,
            "place": lambda row: self._go_to_row(int(row)),
            "header": self._go_to_group,
        }[choice.kind]
        act(*choice.payload)

    def _trigger(self, name: str) -> None:
        """After the keyboard is back where it was: some actions act on what has the focus."""
        QTimer.singleShot(0, self._window, self._window.actions_[name].trigger)

    def _tick(self, attribute: str, value: str) -> None:
        ticked = value in dict(self._window.controller.query.choices).get(attribute, ())
        self._window.controller.edit(lambda query: edits.tick(query, attribute, value, not ticked))

    def _go_to_row(self, row: int) -> None:
        self._window.area.gallery.setFocus()
        self._window.area.gallery.set_current_row(row)

    def _go_to_group(self, name: str) -> None:
        sections = self._window.area.model.sections
        if sections is not None and name in sections.names:
            self._window.area.gallery.setFocus()
            self._window.area.gallery.headers.focus(sections.names.index(name))

    def _go_to_id(self, item_id: str) -> None:
        workspace = self._window.controller.workspace
        if workspace is not None:
            self._window.background.run(lambda: workspace.number_of(item_id), self._go_to_item, key="go-to")

    def _go_to_item(self, item: int | None) -> None:
        """Show an item; where it is in a folded group, unfold; where the query leaves it out, show all again."""
        if item is None:
            return
        window = self._window
        window.area.gallery.setFocus()
        if window.area.model.row_of(item) is not None:
            window.area.gallery.set_current_item(item)
            return
        results = window.controller.results
        if results is None or not (results.items == item).any():
            window.controller.edit(edits.clear)
            window.banner.show_message(
                self.tr("All photos are shown, since the one you looked for was left out."),
                self.tr("Ctrl+Z brings the former results back."),
            )
        else:
            window.grouping.show_all()  # type: ignore[attr-defined]
        self._wanted_item = item
        self._reveal_wanted()

    def _reveal_wanted(self) -> None:
        if self._wanted_item >= 0 and self._window.area.model.row_of(self._wanted_item) is not None:
            item, self._wanted_item = self._wanted_item, -1
            QTimer.singleShot(0, self._window, lambda: self._window.area.gallery.set_current_item(item))

    def _forget_wanted(self) -> None:
        self._wanted_item = -1


def _place(text: str, total: int) -> int | None:
    """The row that a text such as "500", "#1,200" or "50 %" names."""
    found = _PLACE.fullmatch(text)
    if found is None or not total:
        return None
    digits = re.sub(r"[,\s]", "", found[1]).rstrip(".")
    try:
        number = float(digits)
    except ValueError:
        return None
    row = round(number / 100 * (total - 1)) if found[2] else int(number) - 1
    return row if 0 <= row < total else None


def _filters(workspace: Workspace, detail: str) -> list[Choice]:
    """Saved filters. For workers."""
    return [Choice("filter", name, detail, "", (name,), bonus=5) for name in workspace.filters.names()]


def _values(workspace: Workspace, ticked: set[tuple[str, str]]) -> list[Choice]:
    """All values of all attributes. For workers."""
    return [
        Choice("value", value, f"{name} ✓" if (name, value) in ticked else name, "", (name, value))
        for name, values in workspace.browsing.values().items()
        for value in values
    ]


def install(window: MainWindow) -> None:
    """Add the palette to a window."""
    window.palette_ = Palette(window)  # type: ignore[attr-defined]
