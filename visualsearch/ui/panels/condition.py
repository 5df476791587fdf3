"""Adding a condition: a predicate's text, tried out while it is typed, its mistakes pointed at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from visualsearch.catalog.predicate_syntax import quoted
from visualsearch.errors import PredicateError, VisualSearchError
from visualsearch.filters.query import Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.ui import style, texts
from visualsearch.ui.background import Background
from visualsearch.ui.panels.buttons import MainButton
from visualsearch.ui.panels.completion import Completion

if TYPE_CHECKING:
    from visualsearch.workspace import Workspace

_TYPING_MS = 150


def total_of(workspace: Workspace, query: Query) -> int:
    """How many items a query has. For workers. Raises what `Workspace.search` raises."""
    totals: list[int] = [0]
    seen: Callable[[Results], None] = lambda results: totals.append(results.total)  # noqa: E731
    workspace.search(replace(query, facets=False), seen, JobControl(), mode="exact")
    return totals[-1]


class ConditionDialog(QDialog):
    """A line to type in, what it would find, and what is wrong with it."""

    accepted_text = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        background: Background,
        attributes: list[tuple[str, str]],
        values: dict[str, list[str]],
        parent: QWidget | None = None,
    ) -> None:
        """``values``: of each attribute, those that are offered while it is typed."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Add a condition"))
        self.setMinimumWidth(520)
        self._workspace = workspace
        self._background = background
        self.text = QLineEdit(self)
        self.text.setFont(style.fixed_font())
        self.text.setAccessibleName(self.tr("Condition"))
        self.text.setPlaceholderText(self._example(attributes))
        self.completion = Completion(self.text, [name for name, _ in attributes], values)
        self.answer = QLabel(self)
        self.answer.setFont(style.fixed_font())
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self._room = self.fontMetrics().height() * 4
        self.answer.setMinimumHeight(self._room)
        self.answer.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.answer.setWordWrap(True)
        help_text = QLabel(
            self.tr(
                "attribute = value,  !=,  <,  <=,  >,  >=,  attribute (has a value),  !attribute (has none);"
                '  visual:NAME (in a saved filter);  "words" (in ids and attributes);'
                '  joined by and, or, not and parentheses. Quote what has spaces: "Navy Blue", visual:"floral dress".'
                "\nA click into the line, or the arrow down, offers what may come next."
            ),
            self,
        )
        help_text.setWordWrap(True)
        help_text.setFont(style.font("caption"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = MainButton(self.tr("&Add"), self.buttons)
        self.buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.text, self.answer, help_text, self.buttons):
            layout.addWidget(widget)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._try)
        self.text.textChanged.connect(self._changed)
        self.text.returnPressed.connect(self._accept)  # also while it is still tried out, when OK is disabled
        self._changed("")

    def _example(self, attributes: list[tuple[str, str]]) -> str:
        for name, kind in attributes:
            if kind == "number":
                return self.tr("for example: {0} >= …").format(quoted(name))
        return self.tr("for example: {0} = …").format(quoted(attributes[0][0])) if attributes else "…"

    def _changed(self, text: str) -> None:
        self.ok.setEnabled(False)
        self._background.forget("condition")
        if text.strip():
            self._typing.start()
        else:
            self._typing.stop()
            self.answer.clear()

    def _try(self, accept: bool = False) -> None:
        workspace, text = self._workspace, self.text.text().strip()

        def look() -> tuple[int, list[str]]:
            total = total_of(workspace, query)
            return total, workspace.warnings([text])

        def found(answer: tuple[int, list[str]]) -> None:
            total, warnings = answer
            self.ok.setEnabled(True)
            self._say("\n".join([self.tr("Photos that meet it: {0}").format(texts.number(total)), *warnings]))
            if accept:
                self.accepted_text.emit(text)
                self.accept()

        query = Query(visual=VisualFilter(), where=(text,))
        self._background.run(look, found, self._wrong, key="condition")

    def _wrong(self, error: BaseException) -> None:
        if isinstance(error, PredicateError):
            self._say(f"{error.pointed()}\n{texts.error_line(error)}")
        elif isinstance(error, VisualSearchError):
            self._say(texts.error_line(error))
        else:
            self._background.failed.emit(error)

    def _say(self, text: str) -> None:
        """Show what came of it. The dialog grows with it: a window does not by itself when a text in it wraps."""
        self.answer.setText(text)
        self.answer.setMinimumHeight(max(self._room, self.answer.heightForWidth(self.answer.width())))
        self.resize(self.width(), max(self.height(), self.heightForWidth(self.width())))

    def _accept(self) -> None:
        self._typing.stop()
        if self.text.text().strip():
            self._try(accept=True)

    def done(self, result: int) -> None:
        self._background.forget("condition")
        super().done(result)
