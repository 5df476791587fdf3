"""Where one was comes back after a restart and after a crash; and the history of queries has names.

The place is written shortly after it has changed, by a worker, beside and renamed: as JSON, since nothing that is read
at a start may be executed. A damaged file is told of and forgotten.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton

from visualsearch.settings import config_dir, rewrite
from visualsearch.ui import remembered, style, texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.session_format import Place, Session

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_QUIET_MS = 700  # after the last change: one write for a burst of them, soon enough for a crash
_MENU_STEPS = 20


def session_file() -> Path:
    """Where the session is kept."""
    return config_dir() / "session.json"


def last_catalog() -> Path | None:
    """The catalog that was open when the program ended, however it ended."""
    try:
        session = Session.from_text(session_file().read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Path(session.open) if session.open else None


class SessionKeeper(QObject):
    """Follows one window, and puts it back where it was."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._writing = threading.Lock()
        self._number = self._written = 0
        self._is_told = False  # that it cannot be written
        self._wanted: Place | None = None  # to go to when the answer is there
        self._layout = Place()  # whose mode, groups and answers to take up when those are installed
        self.session = self._read()
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self.save)
        controller = window.controller
        controller.query_changed.connect(lambda _query: self._quiet.start())
        controller.settled.connect(self._arrive)
        window.area.gallery.current_item_changed.connect(lambda _item: self._quiet.start())
        window.area.gallery.verticalScrollBar().valueChanged.connect(lambda _value: self._quiet.start())
        window.modes.changed.connect(lambda _mode: self._quiet.start())
        window.area.model.modelReset.connect(self._quiet.start)  # by other groups, too
        window.catalog_changed.connect(self._take)
        window.closing.connect(self._finish)
        window.features_installed.connect(self._begin)
        self._take(controller.workspace)

    def _read(self) -> Session:
        try:
            return Session.from_text(session_file().read_text("utf-8"))
        except FileNotFoundError:
            return Session()
        except (OSError, ValueError):
            self._window.banner.show_message(
                self.tr("Where you were last time could not be read."),
                self.tr("The program starts afresh; your catalogs are not concerned."),
            )
            return Session()

    # --- coming back ----------------------------------------------------------------------------------------

    def _take(self, workspace: Workspace | None) -> None:
        """Another catalog is open: go where one was in it."""
        self._wanted = None
        self.session.open = str(workspace.path.resolve()) if workspace is not None else ""
        place = self.session.places.get(self.session.open)
        if workspace is not None and place is not None and place.queries:
            self._wanted = place
            self._window.controller.restore(place.queries, place.step)
        self._quiet.start()

    def _arrive(self) -> None:
        """The first answer is there: to the row, and to the item that had the focus."""
        place, self._wanted = self._wanted, None
        if place is None:
            return
        gallery = self._window.area.gallery
        if place.item >= 0:
            gallery.set_current_item(place.item)
        if place.row < gallery.gallery.rowCount():
            gallery.scroll_to_row(place.row, gallery.ScrollHint.PositionAtTop)
        if self._window.features.are_installed:
            self._lay_out(place)
        else:
            self._layout = place

    def _begin(self) -> None:
        self._window.precision.answers_changed.connect(self._quiet.start)  # type: ignore[attr-defined]
        self._lay_out(self._layout)

    def _lay_out(self, place: Place) -> None:
        self._window.modes.switch(place.mode)
        self._window.grouping.take_up(  # type: ignore[attr-defined]
            place.group_by, frozenset(place.folded), place.all_but, place.hide_copies
        )
        self._window.precision.take_up(place.answers)  # type: ignore[attr-defined]

    # --- keeping --------------------------------------------------------------------------------------------

    def _note(self) -> None:
        """Take down where one is."""
        window = self._window
        if self._wanted is not None or not self.session.open:
            return
        queries, step = window.controller.past
        gallery = window.area.gallery
        first = gallery.grid.visible(gallery.scroll_y)
        place = Place(list(queries), step, first.start, gallery.current_item(), window.modes.current)
        if window.features.are_installed:
            wanted = window.grouping.wanted  # type: ignore[attr-defined]
            place.group_by, place.folded = wanted.group_by, tuple(sorted(wanted.folded))
            place.all_but, place.hide_copies = wanted.all_but, wanted.hide_copies and not wanted.near
            place.answers = window.precision.answers.kept  # type: ignore[attr-defined]
        else:  # a crash now must not lose what waits for the features
            waiting = self._layout
            place.mode, place.group_by, place.folded = waiting.mode, waiting.group_by, waiting.folded
            place.all_but, place.hide_copies = waiting.all_but, waiting.hide_copies
            place.answers = waiting.answers
        others = {path: other for path, other in self.session.places.items() if path != self.session.open}
        self.session.places = {self.session.open: place, **others}

    def save(self) -> None:
        """Write where one is, and how the window looks, in a worker."""
        if not self._window.is_closed:
            self._note()
            remembered.collect(self._window)
            text, settings = self.session.to_text(), self._window.settings.to_text()
            self._number += 1
            number = self._number
            self._window.background.run(
                lambda: self._write(number, text, settings), self._written_again, self._not_written
            )

    def _written_again(self, _none: None) -> None:
        self._is_told = False

    def _not_written(self, error: BaseException) -> None:
        """Said once until it can be written again: it is tried after each change of the search."""
        if not isinstance(error, OSError):
            self._window.faults.show(error)
        elif not self._is_told:
            self._is_told = True
            self._window.banner.show_message(
                self.tr("Where you are cannot be kept in {0}: {1}.").format(
                    config_dir(), error.strerror or error
                ),
                self.tr(
                    "After a restart you would not be there again. Free some space there, or see who may write to it; "
                    "what you decide is in the catalog and not concerned."
                ),
                warning=True,
            )

    def _write(self, number: int, text: str, settings: str) -> None:
        with self._writing:
            if number < self._written:
                return  # a later one was quicker
            self._written = number
            rewrite(session_file(), text)
            self._window.settings.write(settings)

    def _finish(self) -> None:
        """The window closes: write now, since nobody will later."""
        self._quiet.stop()
        self._note()
        self._number += 1
        try:
            self._write(self._number, self.session.to_text(), self._window.settings.to_text())
        except OSError as error:  # a full disk must not keep the window open
            print(f"visualsearch: where you are could not be saved: {error}")


class HistoryMenu(QObject):
    """The names of the queries: below the buttons for back and forward, and as a menu of its own."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.menu = style.Menu(self.tr("History"), window)
        self.menu.aboutToShow.connect(self.fill)
        for name in ("back", "forward"):
            button = window.bar.widgetForAction(window.actions_[name])
            if isinstance(button, QToolButton):
                button.setMenu(self.menu)
                button.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
                button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                button.customContextMenuRequested.connect(lambda _spot, at=button: self.show_below(at))
        entry = Entry("history", self.tr("&History of the search…"), ("Ctrl+Alt+H",), needs="search")
        window.actions_.add("go", (entry,), {"history": self.show_menu})
        window.controller.history_changed.connect(self._name_buttons)

    def fill(self) -> None:
        """The newest first; the current one is ticked."""
        self.menu.clear()
        queries, here = self._window.controller.past
        for place in range(len(queries) - 1, max(-1, here - _MENU_STEPS), -1):
            action = QAction(texts.query_name(queries[place]).replace("&", "&&"), self.menu)
            action.setCheckable(True)
            action.setChecked(place == here)
            action.triggered.connect(lambda _checked=False, to=place: self._window.controller.go(to))
            self.menu.addAction(action)

    def show_menu(self) -> None:
        button = self._window.bar.widgetForAction(self._window.actions_["back"])
        self.show_below(button if isinstance(button, QToolButton) else self._window.bar.catalog)

    def show_below(self, button: QToolButton) -> None:
        self.menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _name_buttons(self) -> None:
        """Say where the buttons lead."""
        queries, here = self._window.controller.past
        for name, place in (("back", here - 1), ("forward", here + 1)):
            action = self._window.actions_[name]
            text = action.text().replace("&", "")
            keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            where = texts.query_name(queries[place]) if 0 <= place < len(queries) else ""
            action.setToolTip(f"{text}: {where} ({keys})" if where else f"{text} ({keys})")


def install(window: MainWindow) -> None:
    if window.keeps_place:
        SessionKeeper(window)
    HistoryMenu(window)
