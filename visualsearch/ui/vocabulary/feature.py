"""Connects the vocabulary dialog to a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from visualsearch.errors import VisualSearchError
from visualsearch.ui import texts
from visualsearch.ui.actions import Entry as Action
from visualsearch.ui.undoing import skipped_text
from visualsearch.ui.vocabulary.ask import AskDialog
from visualsearch.ui.vocabulary.dialog import VocabularyDialog
from visualsearch.ui.vocabulary.reading import Entry, read_entry

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace


class VocabularyEditor(QObject):
    """The vocabulary of one window's catalog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: VocabularyDialog | None = None
        self._wanted = ""  # the attribute to go to when it is there
        window.actions_.add(
            "values",
            (Action("vocabulary", self.tr("&Vocabulary…"), ("Ctrl+Shift+V",), gap=True),),
            {"vocabulary": self.open},
            title=self.tr("Va&lues"),
            when={"vocabulary": lambda: bool(self._workspace and not self._workspace.read_only)},
        )
        window.undoing.changed.connect(self._read)
        window.catalog_changed.connect(lambda _workspace: self.dialog and self.dialog.reject())

    @property
    def _workspace(self) -> Workspace | None:
        return self._window.controller.workspace

    def open(self) -> None:
        """Show the dialog."""
        dialog = self.dialog = VocabularyDialog(self._window)
        dialog.attribute_chosen.connect(self._read_entry)
        dialog.parts_wanted.connect(self._change)
        dialog.task_wanted.connect(self._start)
        dialog.undo.clicked.connect(self._undo)
        dialog.finished.connect(self._closed)
        dialog.open()
        self._read()

    def _closed(self) -> None:
        self.dialog = None
        self._window.background.forget("vocabulary")
        self._window.background.forget("vocabulary entry")

    # --- reading --------------------------------------------------------------------------------------------

    def _read(self) -> None:
        workspace = self._workspace
        if self.dialog is not None and workspace is not None:
            self._window.background.run(workspace.vocabulary.names, self._show_names, key="vocabulary")

    def _show_names(self, names: list[str]) -> None:
        if self.dialog is not None:
            self.dialog.show_attributes(names)
            if self._wanted in names:
                self.dialog.choose(self._wanted)
                self._wanted = ""

    def _read_entry(self, attribute: str) -> None:
        workspace = self._workspace
        if workspace is not None:
            self._window.background.run(
                lambda: read_entry(workspace, attribute), self._show_entry, key="vocabulary entry"
            )

    def _show_entry(self, entry: Entry | None) -> None:
        if self.dialog is not None:
            self.dialog.show_entry(entry)

    # --- changing -------------------------------------------------------------------------------------------

    def _apply(self, work: Callable[[Workspace], Applied], text: str) -> None:
        """Change the vocabulary in a worker, then say so."""
        workspace = self._workspace
        if workspace is None:
            return

        def done(applied: Applied) -> None:
            told = text if applied.operation is not None else self.tr("Nothing had to be changed.")
            self._window.undoing.note(applied.operation, told, applied.skipped)
            self._window.controller.refresh()
            if self.dialog is not None:
                said = f"{told} {skipped_text(applied.skipped)}".strip()
                self.dialog.say(said, undo=applied.operation is not None)

        self._window.undoing.write(lambda: work(workspace), done, self._wrong)

    def _wrong(self, error: BaseException) -> None:
        if self.dialog is None or not isinstance(error, VisualSearchError):
            self._window.faults.show(error)
            return
        self.dialog.say(texts.error_line(error), undo=False)
        self._read()  # what was ticked or typed is not so

    def _undo(self) -> None:
        self._window.undoing.undo()
        if self.dialog is not None:
            self.dialog.say(self.tr("Taken back."), undo=False)

    def _change(self, attribute: str, parts: Mapping[str, Any]) -> None:
        self._apply(
            lambda workspace: workspace.vocabulary.change(attribute, parts),
            self.tr("The rules of {0} are changed.").format(attribute),
        )

    def _start(self, task: str) -> None:
        """Begin what a button of the dialog is for."""
        if self.dialog is None:
            return
        if task == "new":
            self._ask_new(self.dialog)
        elif task == "import":
            self._ask_file()
        elif self.dialog.entry is not None:
            tasks = {
                "delete_attribute": self._delete_attribute,
                "add": self._ask_value,
                "rename": self._ask_name,
                "merge": self._ask_merged,
                "synonyms": self._ask_synonyms,
                "exclude": self._exclude,
                "delete": self._delete_values,
            }
            if self.dialog.tasks[task].isEnabled():
                tasks[task](self.dialog, self.dialog.entry)

    def _ask_new(self, dialog: VocabularyDialog) -> None:
        kinds = (
            (self.tr("values to choose from"), "category"),
            (self.tr("a number"), "number"),
            (self.tr("free text"), "text"),
        )
        ask = AskDialog(
            self.tr("New attribute"), self.tr("Its name"), self.tr("&Make"), dialog, choices=kinds
        )

        def make(name: str, kind: str) -> None:
            self._wanted = name
            self._apply(
                lambda workspace: workspace.vocabulary.add(name, [], type=kind),
                self.tr("The attribute {0} is there.").format(name),
            )

        ask.answered.connect(make)
        ask.open()

    def _delete_attribute(self, _dialog: VocabularyDialog, entry: Entry) -> None:
        name = entry.rules.name
        self._apply(
            lambda workspace: workspace.vocabulary.delete(name),
            self.tr("The attribute {0} is deleted.").format(name),
        )

    def _ask_value(self, dialog: VocabularyDialog, entry: Entry) -> None:
        name = entry.rules.name
        ask = AskDialog(
            self.tr("Allow a value"), self.tr("Another value of {0}").format(name), self.tr("&Add"), dialog
        )
        ask.answered.connect(
            lambda value, _choice: self._apply(
                lambda workspace: workspace.vocabulary.add(name, [value]),
                self.tr("{0} may be {1} now.").format(name, value),
            )
        )
        ask.open()

    def _ask_name(self, dialog: VocabularyDialog, entry: Entry) -> None:
        """Rename a value; the name of another one merges the two."""
        (old,), name = dialog.selected(), entry.rules.name
        others = [value.text for value in entry.values if value.text != old]
        note = self.tr("There is this value already: both become one.")
        ask = AskDialog(
            self.tr("Rename a value"),
            self.tr("New name of {0}").format(old),
            self.tr("&Rename"),
            dialog,
            text=old,
            known=others,
            notes=dict.fromkeys(others, note),
        )

        def rename(new: str, _choice: str) -> None:
            if new in others:
                self._merge(name, [old], new)
            else:
                self._apply(
                    lambda workspace: workspace.vocabulary.rename(name, old, new),
                    self.tr("{0} is called {1} now.").format(old, new),
                )

        ask.answered.connect(rename)
        ask.open()

    def _ask_merged(self, dialog: VocabularyDialog, entry: Entry) -> None:
        values, name = dialog.selected(), entry.rules.name
        counts = {value.text: value.count for value in entry.values}
        ask = AskDialog(
            self.tr("Merge values"),
            self.tr("{0} become").format(", ".join(values)),
            self.tr("&Merge"),
            dialog,
            text=max(values, key=lambda value: counts[value]),
            known=list(counts),
        )
        ask.answered.connect(lambda into, _choice: self._merge(name, values, into))
        ask.open()

    def _merge(self, attribute: str, values: list[str], into: str) -> None:
        self._apply(
            lambda workspace: workspace.vocabulary.merge(attribute, values, into),
            self.tr("{0} are {1} now.").format(", ".join(value for value in values if value != into), into),
        )

    def _ask_synonyms(self, dialog: VocabularyDialog, entry: Entry) -> None:
        (value,) = dialog.selected()
        words = next(one.synonyms for one in entry.values if one.text == value)
        ask = AskDialog(
            self.tr("Synonyms"),
            self.tr("Words that stand for {0}, with commas between").format(value),
            self.tr("&Save"),
            dialog,
            text=", ".join(words),
            empty=True,
        )

        def save(text: str, _choice: str) -> None:
            kept = {word: meant for word, meant in entry.rules.synonyms.items() if meant != value}
            fresh = {word.strip(): value for word in text.split(",") if word.strip()}
            self._change(entry.rules.name, {"synonyms": kept | fresh})

        ask.answered.connect(save)
        ask.open()

    def _exclude(self, dialog: VocabularyDialog, entry: Entry) -> None:
        chosen = dialog.selected()
        groups = [list(group) for group in entry.rules.exclusive]
        together = [group for group in groups if set(chosen) <= set(group)]
        rest = [group for group in groups if group not in together]
        self._change(entry.rules.name, {"exclusive": rest if together else [*rest, chosen]})

    def _delete_values(self, dialog: VocabularyDialog, entry: Entry) -> None:
        name, values = entry.rules.name, dialog.selected()
        self._apply(
            lambda workspace: workspace.vocabulary.remove(name, values),
            self.tr("{0} is deleted from {1}.").format(", ".join(values), name),
        )

    def _ask_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self.dialog, self.tr("Import a vocabulary"), "", self.tr("Vocabularies (*.json *.csv)")
        )
        if file:
            self.import_file(Path(file))

    def import_file(self, file: Path) -> None:
        """Take over a vocabulary file."""
        self._apply(
            lambda workspace: workspace.vocabulary.import_file(file),
            self.tr("The vocabulary of {0} is imported.").format(file.name),
        )


def install(window: MainWindow) -> None:
    VocabularyEditor(window)
