"""Connects saved filters to a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QFileDialog

from visualsearch.catalog.predicate_syntax import ID, OneOf, Visual
from visualsearch.errors import VisualSearchError, not_written
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl
from visualsearch.replacing import replace_file
from visualsearch.ui import edits, style, texts
from visualsearch.ui.actions import Entry
from visualsearch.ui.saved_filters.dialogs import NameDialog
from visualsearch.ui.saved_filters.panel import Line, SavedFilterPanel
from visualsearch.ui.undoing import newest

if TYPE_CHECKING:
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

_MOST_NEW = 5_000  # new items that are shown at a time: their ids are a condition


class SavedFilters(QObject):
    """The saved filters of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.answers: Callable[[Query], dict[int, str]] = lambda _query: {}
        """What was judged of a query that has no name yet: it is saved along."""
        self.panel = SavedFilterPanel(window)
        side = Qt.DockWidgetArea.LeftDockWidgetArea
        self.dock = window.add_dock(
            "saved_filters", self.tr("Saved filters"), self.panel, side, keys=("F7",), wanted=False
        )
        window.actions_["saved_filters"].triggered.connect(
            lambda on: self.panel.list.setFocus() if on else None
        )
        self.panel.save_wanted.connect(self.save)
        self.panel.shown.connect(self.show_only)
        self.panel.only_wanted.connect(lambda name: self.narrow(name))
        self.panel.delete_wanted.connect(self.delete)
        self.panel.menu_wanted.connect(self._menu)
        window.catalog_changed.connect(lambda _workspace: self.refresh())
        window.catalogs.grown.connect(lambda *_: self.refresh())
        window.controller.query_changed.connect(lambda _query: window.enable_actions())
        window.undoing.changed.connect(self.refresh)
        window.actions_.add(
            "filters",
            (
                Entry("save_filter", self.tr("&Save as a filter…"), ("Ctrl+S",), needs="browse"),
                Entry(
                    "import_filter", self.tr("&Import a filter…"), ("Ctrl+Alt+I",), needs="catalog", gap=True
                ),
            ),
            {"save_filter": self.save, "import_filter": self.import_file},
            title=self.tr("F&ilters"),
            when={"save_filter": lambda: bool(window.controller.query.visual)},
        )
        self.refresh()

    # --- what is there --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the filters anew: names at once, numbers as they come."""
        workspace = self._window.controller.workspace
        if workspace is None:
            self.panel.show_lines([])
            return
        self._window.background.run(
            lambda: [Line(name) for name in workspace.filters.names()],
            lambda lines: self._show_names(workspace, lines),
            key="filter names",
        )

    def _show_names(self, workspace: Workspace, lines: list[Line]) -> None:
        self.panel.show_lines(lines)
        if lines:
            names = [line.name for line in lines]
            self._window.background.run(
                lambda: [_line(workspace, name) for name in names], self.panel.show_lines, key="filter states"
            )

    def show_panel(self) -> None:
        """Open the list and give it the keyboard."""
        self._window.actions_["saved_filters"].setChecked(True)
        self.panel.list.setFocus()

    # --- saving ---------------------------------------------------------------------------------------------

    def save(self) -> NameDialog | None:
        """Ask for a name and save the search's examples under it."""
        window = self._window
        query, workspace = window.controller.query, window.controller.workspace
        if workspace is None or not query.visual:
            window.banner.show_message(
                self.tr("There is nothing to save yet."),
                self.tr("Pick photos that are alike: + takes one as an example."),
            )
            return None
        rest = len(edits.narrowings(query)) > 1
        along = self.tr("Also save the words, ticks and conditions") if rest else ""
        names = self.panel.names()
        dialog = NameDialog(
            self.tr("Save as a filter"),
            self.tr("&Save"),
            names,
            window,
            name=self._proposal(query, names),
            along=along,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda name, whole: self._save(workspace, query, name, whole, dialog.replaces))
        dialog.open()
        return dialog

    def _proposal(self, query: Query, taken: list[str]) -> str:
        """A name that is free: after the words and ticks of the search, where there are some."""
        ticked = [value for _, values in query.choices for value in values]
        base = " ".join(part for part in (query.text.strip(), *ticked) if part) or self.tr("filter")
        name, number = base, 2
        while name in taken:
            name, number = f"{base} {number}", number + 1
        return name

    def _save(self, workspace: Workspace, query: Query, name: str, whole: bool, overwrite: bool) -> None:
        plain = query if whole else replace(query, where=(), choices=(), text="")
        answers = self.answers(plain)

        def work() -> tuple[str, int]:
            done = workspace.filters.save(
                name, query, JobControl(), conditions=whole, overwrite=overwrite, answers=answers
            )
            return done.name, done.count

        def told(answer: tuple[str, int]) -> str:
            saved, count = answer
            self.show_panel()
            text = self.tr("The filter “{0}” is saved. Photos in it, with its examples: {1}.")
            return text.format(saved, texts.number(count))

        self._decide(work, told)

    # --- using ----------------------------------------------------------------------------------------------

    def show_only(self, name: str) -> None:
        """Show what is in a filter instead of what is in others; what else narrows the search stays."""
        wanted = str(Visual(name))
        others = {str(Visual(other)) for other in self.panel.names()} - {wanted}

        def switch(query: Query) -> Query:
            where = tuple(condition for condition in query.where if condition not in others)
            return edits.add_condition(replace(query, where=where), wanted)

        self._window.controller.edit(switch)

    def narrow(self, name: str, *, leave_out: bool = False) -> None:
        """Keep only what is in a filter, or leave that out."""
        term = str(Visual(name))
        condition = f"not {term}" if leave_out else term
        self._window.controller.edit(lambda query: edits.add_condition(query, condition))

    def open(self, name: str) -> None:
        """Show a filter with its examples in the tray, to be changed further."""
        workspace = self._workspace()
        self._run(
            lambda: workspace.filters.query(name, JobControl()),
            lambda query: self._window.controller.edit(lambda _query: query),
        )

    def show_new(self, name: str) -> None:
        """Show what came into a filter since it was last looked at, the first ones where there are many; then these are
        seen."""
        workspace, window = self._workspace(), self._window

        def work() -> tuple[list[str], int, int]:
            items = sorted(workspace.filters.new_since(name, JobControl()).tolist())
            shown = items[:_MOST_NEW]
            return workspace.ids_of(shown), max(shown, default=0), len(items)

        def show(answer: tuple[list[str], int, int]) -> None:
            ids, last, count = answer
            if not ids:
                self.refresh()
                window.banner.show_message(self.tr("Nothing new is in “{0}”.").format(name))
                return
            window.undoing.write(
                lambda: workspace.filters.mark_seen(name, JobControl(), last),
                lambda _none: self.refresh(),
                window.faults.show,
            )
            condition = str(OneOf(ID, tuple(ids)))
            window.controller.edit(lambda query: edits.add_condition(edits.clear(query), condition))
            if count > len(ids):
                text = self.tr(
                    "{0} photos are new in “{1}”. The {2} that came first are shown: look again for the next."
                )
                numbers = texts.number(count), name, texts.number(len(ids))
                window.banner.show_message(text.format(*numbers))

        self._run(work, show)

    # --- changing -------------------------------------------------------------------------------------------

    def rename(self, name: str) -> NameDialog:
        taken = [other for other in self.panel.names() if other != name]
        dialog = NameDialog(self.tr("Rename the filter"), self.tr("&Rename"), taken, self._window, name=name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        workspace = self._workspace()
        dialog.chosen.connect(
            lambda fresh, _along: self._rename(workspace, name, fresh, overwrite=dialog.replaces)
        )
        dialog.open()
        return dialog

    def _rename(self, workspace: Workspace, name: str, fresh: str, *, overwrite: bool) -> None:
        text = self.tr("The filter “{0}” is now called “{1}”.").format(name, fresh)
        self._decide(
            lambda: workspace.filters.rename(name, fresh, overwrite=overwrite),
            lambda _none: self._renamed(name, fresh, text),
        )

    def _renamed(self, name: str, fresh: str, text: str) -> str:
        """The conditions of this search follow; what is said of it."""
        from visualsearch.filters.anchoring import renamed

        before = self._window.controller.query.where
        where = tuple(renamed(condition, name, fresh) for condition in before)
        if where != before:
            self._window.controller.edit(lambda query: replace(query, where=where))
        return text

    def delete(self, name: str) -> None:
        """Delete at once: it can be undone."""
        workspace = self._workspace()

        def told(speaking: list[str]) -> str:
            text = self.tr("The filter “{0}” is deleted.").format(name)
            if speaking:
                text += " " + self.tr("The conditions of {0} speak of it.").format(", ".join(speaking))
            return text

        self._decide(lambda: workspace.filters.delete(name), told)

    def export_file(self, name: str) -> None:
        """Ask for a file and write the filter there."""
        file, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export the filter"),
            f"{name.replace('/', '-')}.json",
            self.tr("Filters (*.json)"),
        )
        if file:
            self.write_file(name, Path(file))

    def write_file(self, name: str, file: Path) -> None:
        workspace = self._workspace()

        def work() -> None:
            content = workspace.filters.export_text(name).encode()
            try:
                replace_file(file, content)
            except OSError as error:
                raise not_written(f"The filter cannot be written to {file}", error) from error

        text = self.tr("The filter “{0}” is in {1}.").format(name, file)
        self._run(work, lambda _none: self._window.banner.show_message(text))

    def import_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Import a filter"), "", self.tr("Filters (*.json)")
        )
        if file:
            self.read_file(Path(file))

    def read_file(self, file: Path) -> None:
        """Take the filter of a file; ask under which name, where its own is taken."""

        def work() -> tuple[str, str]:
            from visualsearch.filters import saved_format

            try:
                text = file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
                raise VisualSearchError(
                    f"The filter {file} cannot be read ({reason}).", "Choose a file that was exported."
                ) from error
            return text, saved_format.from_text(text).name

        def ask(answer: tuple[str, str]) -> None:
            text, name = answer
            names = self.panel.names()
            if name not in names:
                self._import(text, name, False)
                return
            dialog = NameDialog(
                self.tr("Import a filter"), self.tr("&Import"), names, self._window, name=name
            )
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.chosen.connect(lambda name, _along: self._import(text, name, dialog.replaces))
            dialog.open()

        self._run(work, ask)

    def _import(self, text: str, name: str, overwrite: bool) -> None:
        workspace = self._workspace()

        def work() -> Any:
            return workspace.filters.import_text(text, JobControl(), name=name, overwrite=overwrite)

        def told(saved: Any) -> str:
            sentence = self.tr("The filter “{0}” is imported. Photos in it: {1}.")
            self.show_panel()
            return " ".join([sentence.format(saved.name, texts.number(saved.count)), *saved.notes])

        self._decide(work, told)

    # --- inside ---------------------------------------------------------------------------------------------

    def _menu(self, name: str, point: QPoint) -> None:
        menu = style.Menu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("&Only what is in it"), lambda: self.narrow(name))
        menu.addAction(self.tr("&Leave out what is in it"), lambda: self.narrow(name, leave_out=True))
        menu.addAction(self.tr("Open its &examples"), lambda: self.open(name))
        menu.addAction(self.tr("What is &new in it"), lambda: self.show_new(name))
        menu.addSeparator()
        menu.addAction(self.tr("&Rename…"), lambda: self.rename(name))
        menu.addAction(self.tr("E&xport…"), lambda: self.export_file(name))
        menu.addAction(self.tr("&Delete"), lambda: self.delete(name))
        menu.popup(point)

    def _workspace(self) -> Workspace:
        workspace = self._window.controller.workspace
        assert workspace is not None, "the panel is only there with a catalog"
        return workspace

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._window.background.run(work, done)

    def _decide(self, work: Callable[[], Any], tell: Callable[[Any], str]) -> None:
        """Change something; then say so in the words of ``tell``, offer to take it back, and read anew."""
        workspace, window = self._workspace(), self._window

        def done(answer: tuple[Any, int | None]) -> None:
            found, operation = answer
            window.undoing.note(operation, tell(found))
            window.controller.refresh()

        window.undoing.write(lambda: (work(), newest(workspace)), done, window.faults.show)


def _line(workspace: Workspace, name: str) -> Line:
    """What the list says of a filter. For workers: one that has a problem does not hide the others."""
    try:
        state = workspace.filters.state(name, JobControl())
    except VisualSearchError as error:
        return Line(name, error=texts.error_line(error))
    reason = state.drift.reason if state.drift.state == "amber" else ""
    return Line(name, state.count, state.new, reason)


def install(window: MainWindow) -> None:
    SavedFilters(window)
