"""What the history shows, read from the log. All of it is for workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from visualsearch.errors import VisualSearchError
from visualsearch.ui import texts
from visualsearch.ui.editing.origins import reasons
from visualsearch.ui.panels.attribute_rows import shown_value

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Change, Operation
    from visualsearch.workspace import Workspace

_BATCH = 500
_MOST_LOOKED_AT = 20_000  # operations that a search for words looks through


@dataclass(frozen=True)
class Wanted:
    """What the history is narrowed to; "" and None are no narrowing."""

    text: str = ""
    actor: str = ""
    kind: str = ""
    attribute: str = ""
    item: int | None = None


@dataclass(frozen=True)
class Page:
    """``operations``: the latest first, without undos and redos, which show in what they concern. ``undoings``: the
    undo of an operation that is undone, by number."""

    operations: Sequence[Operation]
    undoings: dict[int, Operation]
    has_more: bool
    actors: Sequence[str]
    kinds: Sequence[str]


def read_page(workspace: Workspace, wanted: Wanted, limit: int) -> Page:
    """The latest ``limit`` operations that are wanted."""
    decisions = workspace.decisions
    found: list[Operation] = []
    undoings: dict[int, Operation] = {}
    looked = 0
    words = wanted.text.casefold().split()
    while True:
        looked = min(_MOST_LOOKED_AT, max(_BATCH, limit * 2, looked * 4))
        entries = decisions.history(
            kind=wanted.kind or None,
            actor=wanted.actor or None,
            attribute=wanted.attribute or None,
            item=wanted.item,
            limit=looked,
        )
        acts = (entry for entry in entries if entry.inverse_of is None)
        found = [act for act in acts if all(word in act.label.casefold() for word in words)]
        if len(found) > limit or len(entries) < looked or looked >= _MOST_LOOKED_AT:
            break
    for act in found[:limit]:
        undo = decisions.operation(act.undone_by) if act.undone_by is not None else None
        if undo is not None:
            undoings[act.number] = undo
    latest = decisions.history(limit=_BATCH)
    actors = sorted({entry.actor for entry in latest})
    kinds = sorted({entry.kind for entry in latest if entry.inverse_of is None})
    return Page(found[:limit], undoings, len(found) > limit, actors, kinds)


@dataclass(frozen=True)
class Line:
    """One thing that an operation changed. ``item``: 0 for what is about none."""

    item: int
    who: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Detail:
    """An operation closely: the first things that it changed, and why it was done."""

    operation: Operation
    lines: Sequence[Line]
    why: dict[str, str]


def read_detail(workspace: Workspace, number: int, limit: int) -> Detail | None:
    """The first ``limit`` changes of an operation."""
    decisions = workspace.decisions
    operation = decisions.operation(number)
    if operation is None:
        return None
    changes = decisions.changes(number, limit)
    items = list(dict.fromkeys(change.item for change in changes if change.item))
    ids = dict(zip(items, workspace.ids_of(items), strict=True)) if items else {}
    scores = (operation.why or {}).get("scores")
    lines = [_line(change, ids, scores if isinstance(scores, dict) else {}) for change in changes]
    return Detail(operation, lines, reasons(operation))


def _line(change: Change, ids: dict[int, str], scores: dict[str, Any]) -> Line:
    who = ids.get(change.item, "")
    score = scores.get(str(change.item))
    if isinstance(score, (int, float)):
        translate = QCoreApplication.translate
        who = translate("operations", "{0} (score {1})").format(who, f"{score:.2f}")
    if change.kind == "document":
        old, new = _documents(change)
    else:
        old, new = _shown(change.old), _shown(change.new)
    return Line(change.item, who, _what(change), old, new)


def _documents(change: Change) -> tuple[str, str]:
    """A document before and after: a saved filter in words, of another one what has changed in it."""
    if change.name.startswith("filter: "):
        from visualsearch.filters.saved_format import from_body

        try:
            old, new = (
                "" if one is None else texts.filter_name(from_body(one)) for one in (change.old, change.new)
            )
            return old or "—", new or "—"
        except VisualSearchError:  # of a version that is not known here
            pass
    old, new = change.old, change.new
    if isinstance(old, dict) and isinstance(new, dict):
        other = [part for part in {**old, **new} if old.get(part) != new.get(part)]
        old, new = ({part: one[part] for part in other if part in one} for one in (old, new))
    return _shown(old), _shown(new)


def _what(change: Change) -> str:
    """Of a judgement what was judged: of what kind it is, the heading above the operation says."""
    if change.kind != "judgement":
        return change.name
    kind, _, about = change.name.partition(":")
    if kind == "estimate":  # its name, then the attribute; none where it is of all of them
        name, _, attribute = about.rpartition(":")
        return attribute or name
    return about


def _shown(content: Any) -> str:
    if content is None or content == ():
        return "—"
    if isinstance(content, tuple):
        return ", ".join(map(shown_value, content))
    if isinstance(content, dict):
        return "; ".join(f"{part}: {_part(inside)}" for part, inside in content.items()) or "—"
    return str(content)


def _part(content: Any) -> str:
    if isinstance(content, dict):
        return ", ".join(f"{key} = {value}" for key, value in content.items())
    if isinstance(content, list):
        return ", ".join(map(str, content))
    return str(content)
