"""Every action of the window in one table: menus, shortcuts and the cheat sheet are made from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from visualsearch.ui import style
from visualsearch.ui.icons import icon


@dataclass(frozen=True)
class Entry:
    """A row of the table. ``needs``: "" always there, "catalog" only with one open, "job" only while one runs, a mode's
    name only in that mode, "search" in the modes that search; several with spaces between: any one of them will do."""

    name: str
    text: str
    keys: tuple[str, ...]
    icon: str = ""
    checkable: bool = False
    needs: str = "catalog"
    gap: bool = False  # a separator above
    last: bool = False  # what features add comes above it
    spare: bool = False  # only where its keys mean nothing else


def _entries(*rows: Entry) -> tuple[Entry, ...]:
    return rows


def _T(context: str, text: str) -> str:
    """Mark a text for translation."""
    return str(QT_TRANSLATE_NOOP(context, text))


MENUS: tuple[tuple[str, str, tuple[Entry, ...]], ...] = (
    (
        "file",
        _T("Actions", "&File"),
        _entries(
            Entry("new", _T("Actions", "&New catalog…"), ("Ctrl+N",), "new", needs=""),
            Entry("open", _T("Actions", "&Open catalog…"), ("Ctrl+O",), "folder", needs=""),
            Entry("import", _T("Actions", "&Import photos…"), ("Ctrl+I",), "import", gap=True),
            Entry("embed", _T("Actions", "&Prepare waiting photos"), ("Ctrl+Shift+I",), "eye"),
            Entry("refused", _T("Actions", "&Refused files…"), ("Ctrl+R",), "warning"),
            Entry("about_catalog", _T("Actions", "&About this catalog…"), ("Ctrl+D",), "info"),
            Entry("close", _T("Actions", "&Close catalog"), ("Ctrl+W",), gap=True, last=True),
            Entry("quit", _T("Actions", "&Quit"), ("Ctrl+Q",), needs="", last=True),
        ),
    ),
    (
        "edit",
        _T("Actions", "&Edit"),
        _entries(
            Entry("undo", _T("Actions", "&Undo"), ("Ctrl+Z",), "undo"),
            Entry("redo", _T("Actions", "&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
            Entry("positive", _T("Actions", "&More like this"), ("+",), "plus", gap=True, needs="browse"),
            Entry("negative", _T("Actions", "&Less like this"), ("-",), "minus", needs="browse"),
            Entry("unpick", _T("Actions", "&Remove this example"), ("Delete",), needs="browse"),
            Entry(
                "picture", _T("Actions", "More like a &picture file…"), ("Ctrl+E",), "picture", needs="browse"
            ),
            Entry(
                "unlike_picture",
                _T("Actions", "Less like a picture f&ile…"),
                ("Ctrl+Shift+E",),
                needs="browse",
            ),
            Entry("paste", _T("Actions", "&Paste as an example"), ("Ctrl+V",), needs="browse"),
            Entry("copy", _T("Actions", "&Copy ids"), ("Ctrl+C",), gap=True, needs="browse"),
            Entry("select_all", _T("Actions", "Select &all"), ("Ctrl+A",), needs="browse"),
            Entry(
                "condition",
                _T("Actions", "Add &condition…"),
                ("Ctrl+Shift+F",),
                "condition",
                gap=True,
                needs="browse",
            ),
            Entry("clear", _T("Actions", "Clear a&ll"), ("Ctrl+Backspace",), needs="browse"),
        ),
    ),
    (
        "view",
        _T("Actions", "&View"),
        _entries(
            Entry("facets", _T("Actions", "&Attributes panel"), ("F8",), checkable=True),
            Entry("inspector", _T("Actions", "&Inspector"), ("F9",), checkable=True),
            Entry("scores", _T("Actions", "&Scores on tiles"), ("Ctrl+Shift+S",), checkable=True, needs=""),
            Entry("ids", _T("Actions", "I&ds under photos"), ("Ctrl+Shift+D",), checkable=True, needs=""),
            Entry(
                "zoom_in",
                _T("Actions", "&Larger photos"),
                ("Ctrl++", "Ctrl+="),
                "large",
                gap=True,
                needs="search",
            ),
            Entry("zoom_out", _T("Actions", "S&maller photos"), ("Ctrl+-",), "small", needs="search"),
            Entry("zoom_reset", _T("Actions", "&Usual size"), ("Ctrl+0",), needs="search"),
            Entry("sort", _T("Actions", "&Choose the order"), ("Ctrl+Shift+O",), gap=True, needs="search"),
            Entry("reverse", _T("Actions", "&Reverse the order"), ("Ctrl+Shift+R",), needs="search"),
            Entry("full_screen", _T("Actions", "&Full screen"), ("F11",), checkable=True, needs="", gap=True),
        ),
    ),
    (
        "go",
        _T("Actions", "&Go"),
        _entries(
            Entry("back", _T("Actions", "&Back"), ("Alt+Left",), "back", needs="browse"),
            Entry("forward", _T("Actions", "&Forward"), ("Alt+Right",), "forward", needs="browse"),
            Entry("text", _T("Actions", "&Search text"), ("Ctrl+F",), "search", gap=True, needs="search"),
            Entry("grid", _T("Actions", "To the &grid"), ("Esc",), needs="browse"),
            Entry("close_message", _T("Actions", "&Close the message"), ("Esc",), needs="", spare=True),
            Entry("next_pane", _T("Actions", "&Next pane"), ("F6",)),
            Entry("previous_pane", _T("Actions", "&Previous pane"), ("Shift+F6",)),
        ),
    ),
    (
        "job",
        _T("Actions", "&Job"),
        _entries(
            Entry("pause", _T("Actions", "&Pause or go on"), ("Ctrl+Shift+P",), "pause", needs="job"),
            Entry("cancel", _T("Actions", "&Cancel the job"), ("Ctrl+Shift+C",), "close", needs="job"),
        ),
    ),
    (
        "help",
        _T("Actions", "&Help"),
        _entries(
            Entry("shortcuts", _T("Actions", "&Shortcuts"), ("F1", "?"), "info", needs=""),
            Entry("about", _T("Actions", "&About"), ("Shift+F1",), needs="", gap=True, last=True),
        ),
    ),
)


_GESTURES = (
    (_T("Actions", "Move"), _T("Actions", "Arrows, Home, End, Page Up, Page Down")),
    (_T("Actions", "Look at it closely; back to the grid"), _T("Actions", "Enter, double click; Esc")),
    (_T("Actions", "In the loupe: next, previous photo"), _T("Actions", "Right, Left")),
    (_T("Actions", "In the loupe: other photos of the item"), _T("Actions", "Down, Up")),
    (_T("Actions", "In the loupe: all pixels or fit"), _T("Actions", "Z, Space")),
    (
        _T("Actions", "In the loupe: zoom, move"),
        _T("Actions", "wheel, Ctrl++, Ctrl+−; dragging, Shift+arrows"),
    ),
    (_T("Actions", "Fold or unfold a group"), _T("Actions", "click on its name; Alt+Up, then Space")),
    (_T("Actions", "Select a group"), _T("Actions", "Ctrl+click on its name; Ctrl+Space")),
    (_T("Actions", "Select or deselect"), _T("Actions", "Space, Ctrl+click")),
    (_T("Actions", "Select a range"), _T("Actions", "Shift+arrows, Shift+click, dragging a frame")),
    (_T("Actions", "Larger or smaller photos"), _T("Actions", "Ctrl+wheel")),
    (_T("Actions", "From the search text to the first photo"), _T("Actions", "Enter, Down")),
    (_T("Actions", "Tick a value of an attribute; leave it out"), _T("Actions", "Space; −")),
    (
        _T("Actions", "Put an attribute in another place"),
        _T("Actions", "drag its heading; Ctrl+Up, Ctrl+Down"),
    ),
    (_T("Actions", "Narrow a number"), _T("Actions", "drag the handles; arrows, Shift+arrows")),
    (_T("Actions", "Take photos as examples"), _T("Actions", "drag them to the top")),
    (
        _T("Actions", "Where a filter cuts: move it; by wanted precision"),
        _T("Actions", "drag the line, arrows; Shift+arrows"),
    ),
    (_T("Actions", "Judge: yes, no, not sure, take back"), _T("Actions", "Y, N, U, Backspace")),
    (_T("Actions", "Mute an example, move it"), _T("Actions", "M; dragging, Ctrl+Left, Ctrl+Right")),
    (
        _T("Actions", "Let an example count more or less"),
        _T("Actions", "Ctrl+Up, Ctrl+Down; the wheel with Ctrl"),
    ),
    (_T("Actions", "In Tag: mark a photo as wrong, as not sure"), _T("Actions", "X, U")),
    (_T("Actions", "In Tag: confirm the page; take the last one back"), _T("Actions", "Enter; Backspace")),
    (_T("Actions", "In Tag: likely, useful, random; page, one by one"), _T("Actions", "1, 2, 3; 4, 5")),
    (_T("Actions", "In a packet: as it is, as suggested, another value"), _T("Actions", "K, S, E")),
    (_T("Actions", "Merging answers: whose counts, as it is here"), _T("Actions", "1, 2, 3; H")),
    (_T("Actions", "Between conflicts: back, leave it open"), _T("Actions", "Left; Right")),
    (_T("Actions", "In an estimate: right, wrong, not sure"), _T("Actions", "Y, N, U")),
    (_T("Actions", "In an estimate: write the right value"), _T("Actions", "E, then Enter")),
    (_T("Actions", "Of a pair: duplicate, variant, neither"), _T("Actions", "D, V, N")),
    (_T("Actions", "Of a pair: left or right value for both"), _T("Actions", "Ctrl+Right, Ctrl+Left")),
    (_T("Actions", "In an estimate, of a pair: take back"), _T("Actions", "Backspace")),
)


def gestures() -> tuple[str, list[tuple[str, str]]]:
    """What the keys and the mouse do that is no action of a menu: a heading, and rows for the sheet."""
    translate = QCoreApplication.translate
    rows = [(translate("Actions", text), translate("Actions", keys)) for text, keys in _GESTURES]
    return translate("Actions", "Photos and panels"), rows


class Actions:
    """The window's QActions by name."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._table = [(name, title, list(entries)) for name, title, entries in MENUS]
        self._entries = {entry.name: entry for _, _, entries in MENUS for entry in entries}
        self._actions = {name: self._made(entry) for name, entry in self._entries.items()}
        self._conditions: dict[str, Callable[[], bool]] = {}
        self._bar: QMenuBar | None = None
        self.menus: dict[str, QMenu] = {}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def add(
        self,
        menu: str,
        entries: Sequence[Entry],
        slots: Mapping[str, Callable[..., object]],
        *,
        title: str = "",
        when: Mapping[str, Callable[[], bool]] | None = None,
    ) -> None:
        """Add actions at the end of a menu, above what stays last, connected to ``slots`` by name, and to the sheet.

        A menu that is not there yet is made before Help, with ``title`` ("&Tag"). ``when``: further conditions by name
        of the action, asked whenever the window enables its actions. Texts are already translated, or marked in
        the context "Actions".
        """
        for entry in entries:
            if entry.name in self._entries:
                raise ValueError(f"there is an action {entry.name} already")
            self._entries[entry.name] = entry
            action = self._actions[entry.name] = self._made(entry)
            if entry.icon:
                action.setIcon(icon(entry.icon))
        rows = next((rows for name, _, rows in self._table if name == menu), None)
        if rows is None:
            rows = []
            self._table.insert(len(self._table) - 1, (menu, title, rows))
            if self._bar is not None:
                self.menus[menu] = style.Menu(QCoreApplication.translate("Actions", title), self._bar)
                self._bar.insertMenu(self.menus["help"].menuAction(), self.menus[menu])
        place = next((at for at, row in enumerate(rows) if row.last), len(rows))
        below = rows[place] if place < len(rows) else None
        rows[place:place] = entries
        if menu in self.menus:
            self._put(self.menus[menu], entries, below)
        self.connect(slots)
        self.when(when or {})

    def when(self, conditions: Mapping[str, Callable[[], bool]]) -> None:
        """Let actions be enabled only while their condition holds, besides what they need."""
        self._conditions.update(conditions)

    def _made(self, entry: Entry) -> QAction:
        action = QAction(QCoreApplication.translate("Actions", entry.text), self._window)
        action.setObjectName(entry.name)
        action.setShortcuts([QKeySequence(key) for key in entry.keys])
        action.setCheckable(entry.checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        text = action.text().replace("&", "").rstrip("…")
        action.setToolTip(f"{text} ({key})" if key else text)
        return action

    def connect(self, slots: Mapping[str, Callable[..., object]]) -> None:
        """Connect actions by name; checkable ones call with their new state, the others with nothing."""
        for name, slot in slots.items():
            if self._entries[name].checkable:
                self._actions[name].toggled.connect(slot)
            else:
                self._actions[name].triggered.connect(lambda _checked=False, call=slot: call())

    def fill(self, bar: QMenuBar) -> None:
        """Make the menus."""
        self._bar = bar
        for name, title, entries in self._table:
            self.menus[name] = style.Menu(QCoreApplication.translate("Actions", title), bar)
            bar.addMenu(self.menus[name])
            self._put(self.menus[name], entries)

    def _put(self, menu: QMenu, entries: Sequence[Entry], below: Entry | None = None) -> None:
        """Put actions at the end of a menu, or above that of ``below`` and its separator."""
        before = None
        if below is not None:
            there = menu.actions()
            place = there.index(self._actions[below.name])
            before = there[place - 1] if below.gap and place else there[place]
        for entry in entries:
            if entry.gap:
                menu.insertSeparator(before)  # type: ignore[arg-type]  # None: at the end
            menu.insertAction(before, self._actions[entry.name])  # type: ignore[arg-type]

    def catalog_menu(self, parent: QWidget) -> QMenu:
        """The menu of the catalog's button."""
        menu = style.Menu(parent)
        for name in ("open", "new", "import", "about_catalog", "refused", "close"):
            menu.addAction(self._actions[name])
        return menu

    def take_colours(self) -> None:
        """Draw the icons anew in the palette's colours."""
        for name, entry in self._entries.items():
            if entry.icon:
                self._actions[name].setIcon(icon(entry.icon))

    def enable(self, there: Collection[str]) -> None:
        """Enable what makes sense now; ``there`` is what an entry may need."""
        for name, entry in self._entries.items():
            possible = not entry.needs or any(need in there for need in entry.needs.split())
            condition = self._conditions.get(name)
            self._actions[name].setEnabled(possible and (condition is None or condition()))
        taken = {
            key
            for name, entry in self._entries.items()
            if not entry.spare and self._actions[name].isEnabled()
            for key in entry.keys
        }
        for name, entry in self._entries.items():
            if entry.spare and taken.intersection(entry.keys):
                self._actions[name].setEnabled(False)

    def listed(self) -> list[tuple[str, str, QAction]]:
        """Name, menu and action of all, menu by menu."""
        return [
            (
                entry.name,
                QCoreApplication.translate("Actions", title).replace("&", ""),
                self._actions[entry.name],
            )
            for _, title, entries in self._table
            for entry in entries
        ]

    def sheet(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Menu by menu: the actions' texts and their shortcuts."""
        native = QKeySequence.SequenceFormat.NativeText
        found = []
        for _, title, entries in self._table:
            rows = []
            for entry in entries:
                action = self._actions[entry.name]
                keys = ", ".join(key.toString(native) for key in action.shortcuts())
                text = QCoreApplication.translate("Actions", entry.text)  # the action's may name more
                rows.append((text.replace("&", "").rstrip("…"), keys))
            found.append((QCoreApplication.translate("Actions", title).replace("&", ""), rows))
        return found
