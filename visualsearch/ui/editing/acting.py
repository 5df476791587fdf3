"""One way in which the window changes values: as one operation, told in the banner, undone in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QCoreApplication

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Applied
    from visualsearch.ui.main_window import MainWindow
    from visualsearch.workspace import Workspace

Mode = Literal["set", "add", "remove", "clear"]


@dataclass(frozen=True, eq=False)
class Edit:
    """A change of one attribute for many items. ``document``: what the vocabulary shall say of it, with the change."""

    items: Sequence[int]
    attribute: str
    mode: Mode
    values: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None


def label_of(edit: Edit, whom: str) -> str:
    """What the history and the menu call an edit: "Set colour to Blue for 12 items"."""
    translate = QCoreApplication.translate
    patterns = {
        "set": translate("acting", "Set {0} to {1} for {2}"),
        "add": translate("acting", "Add {1} to {0} of {2}"),
        "remove": translate("acting", "Remove {1} from {0} of {2}"),
        "clear": translate("acting", "Clear {0} of {2}"),
    }
    return patterns[edit.mode].format(edit.attribute, ", ".join(edit.values), whom)


def perform(
    window: MainWindow,
    edit: Edit,
    done: Callable[[Applied], object] | None = None,
    failed: Callable[[BaseException], None] | None = None,
) -> None:
    """Change values in a worker; then say so, offer undo, and show it everywhere."""
    workspace = window.controller.workspace
    if workspace is None:
        return

    def told(answer: tuple[Applied, str]) -> None:
        applied, label = answer
        nothing = QCoreApplication.translate("acting", "Nothing had to be changed.")
        window.undoing.note(
            applied.operation, nothing if applied.operation is None else label, applied.skipped
        )
        if done is not None:
            done(applied)
        if applied.operation is not None:
            window.controller.refresh()

    window.undoing.write(lambda: _apply(workspace, edit), told, failed or window.faults.show)


def _apply(workspace: Workspace, edit: Edit) -> tuple[Applied, str]:
    import numpy as np  # for workers

    from visualsearch.catalog.operations import BulkValues, Document
    from visualsearch.catalog.rules import KIND

    items = np.asarray(edit.items, np.int64)
    if len(items) == 1:
        whom = workspace.ids_of([int(items[0])])[0]
    else:
        whom = QCoreApplication.translate("acting", "{0} items").format(texts.number(len(items)))
    label = label_of(edit, whom)
    documents = [Document(KIND, edit.attribute, edit.document)] if edit.document is not None else []
    values = BulkValues(items, edit.attribute, edit.mode, edit.values)
    return workspace.decisions.apply(edit.mode, label, values=values, documents=documents), label + "."
