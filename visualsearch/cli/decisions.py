"""`visualsearch set|clear|history|undo|redo|verify`: decide about attributes, see what was decided, take it back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import (
    FAILED,
    OK,
    SOME_REFUSED,
    answers_of,
    catalog_argument,
    check_attribute,
    json_option,
    number_of,
)
from visualsearch.errors import UsageError
from visualsearch.words import counted, cut

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.catalog.operations import Applied, BulkMode, Change, Operation, Undone
    from visualsearch.workspace import Workspace

_SHOWN = 20
_LONGEST = 120  # characters of a value in what the log calls an operation

actor_option = click.option(
    "--actor", metavar="NAME", help="Who decides; else the settings' name, or the login."
)
id_option = click.option(
    "--id", "ids", multiple=True, metavar="ID", help="An item; may be given several times."
)
where_option = click.option(
    "--where", multiple=True, metavar="EXPR", help='The items that a condition holds for, as "gender=Men".'
)


@click.command("set")
@catalog_argument
@click.argument("assignment", metavar="ATTRIBUTE=VALUE")
@id_option
@where_option
@click.option("--add", is_flag=True, help="Add the value to those that an item has.")
@click.option("--remove", is_flag=True, help="Take the value away from those that have it.")
@click.option("--new", is_flag=True, help="Make the attribute, though there is one with a similar name.")
@actor_option
@json_option
def set_command(
    catalog: Path,
    assignment: str,
    ids: tuple[str, ...],
    where: tuple[str, ...],
    add: bool,
    remove: bool,
    new: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Give items of CATALOG a value. The attribute is made when there is none, unless one has a similar name."""
    attribute, equals, value = assignment.partition("=")
    if not equals or not attribute.strip() or not value.strip():
        raise UsageError(f"{assignment!r} is not ATTRIBUTE=VALUE.", "For example: colour=Navy")
    if add and remove:
        raise UsageError("--add and --remove exclude each other.", "Choose one.")
    mode: BulkMode = "add" if add else "remove" if remove else "set"
    return _bulk(catalog, mode, attribute.strip(), (value.strip(),), ids, where, actor, as_json, new)


@click.command()
@catalog_argument
@click.argument("attribute")
@id_option
@where_option
@actor_option
@json_option
def clear(
    catalog: Path,
    attribute: str,
    ids: tuple[str, ...],
    where: tuple[str, ...],
    actor: str | None,
    as_json: bool,
) -> int:
    """Take all values of ATTRIBUTE away from items of CATALOG."""
    return _bulk(catalog, "clear", attribute, (), ids, where, actor, as_json)


def _bulk(
    catalog: Path,
    mode: BulkMode,
    attribute: str,
    values: tuple[str, ...],
    ids: tuple[str, ...],
    where: tuple[str, ...],
    actor: str | None,
    as_json: bool,
    new: bool = False,
) -> int:
    from visualsearch.catalog.nearest import no_attribute
    from visualsearch.catalog.operations import BulkValues
    from visualsearch.workspace import Workspace

    if not ids and not where:
        raise UsageError("No items are chosen.", "Name them with --id or --where.")
    with Workspace.open(catalog) as workspace:
        if mode in ("clear", "remove") and attribute not in dict(workspace.attributes()):
            raise no_attribute(attribute, (name for name, _ in workspace.attributes()))
        check_attribute(workspace, attribute, new)
        items, unknown = _chosen(workspace, ids, where)
        label = _label(mode, attribute, values, len(items))
        applied = workspace.decisions.apply(
            mode, label, values=BulkValues(items, attribute, mode, values), actor=actor
        )
        names = _names(workspace, [skipped.item for skipped in applied.skipped])
    refused = [{"id": id, "attribute": attribute, "reason": "no item has this id"} for id in unknown]
    skipped = [
        {"id": names.get(one.item, ""), "attribute": one.attribute, "reason": one.reason}
        for one in applied.skipped
    ]
    _report(label, f"{counted(applied.changed, 'value')} changed", applied, [*refused, *skipped], as_json)
    return SOME_REFUSED if refused or skipped else OK


def _chosen(
    workspace: Workspace, ids: tuple[str, ...], where: tuple[str, ...]
) -> tuple[np.ndarray, list[str]]:
    """The items that are meant, int32 (n,), and the ids that no item has. With both, the named ones that meet the
    condition. Raises UnknownName (no item has any of the ids)."""
    import numpy as np

    from visualsearch.filters.query import Query, Results

    found, unknown = answers_of(workspace, {"chosen": ids})
    items = np.array(sorted(found["chosen"]), np.int32)
    if not where:
        return items, unknown
    answers: list[Results] = []
    with console.running_job() as control:
        workspace.search(Query(where=where), answers.append, control, "exact")
    for warning in workspace.warnings(where):
        console.warn(warning)
    meeting = answers[-1].items
    return (np.intersect1d(items, meeting) if ids else np.sort(meeting)).astype(np.int32), unknown


def _label(mode: str, attribute: str, values: tuple[str, ...], count: int) -> str:
    what = {"set": "Set", "add": "Add", "remove": "Remove", "clear": "Clear"}[mode]
    value = f" = {cut(values[0], _LONGEST)}" if values else ""
    return f"{what} {attribute}{value} ({counted(count, 'item')})"


def _names(workspace: Workspace, items: list[int]) -> dict[int, str]:
    """Ids of items; numbers that no item has are left out."""
    names: dict[int, str] = {}
    for item in dict.fromkeys(items):
        try:
            names[item] = workspace.ids_of([item])[0]
        except KeyError:
            continue
    return names


def _report(
    label: str, effect: str, applied: Applied | Undone, left: list[dict[str, str]], as_json: bool
) -> None:
    if as_json:
        answer = {
            "operation": applied.operation,
            "label": label,
            "changed": applied.changed,
            "skipped": left,
            "notes": applied.notes,
        }
        console.print_json(answer)
        return
    number = f" · operation {applied.operation}" if applied.operation is not None else ""
    console.say(f"{label}{f': {effect}' if effect else ''}{number}")
    for note in applied.notes:
        console.say(f"  note: {note}")
    for one in left[:_SHOWN]:
        name = f"{one['id']}: " if one["id"] else ""
        console.say(f"  left as it is: {name}{one['attribute']}: {one['reason']}")
    if len(left) > _SHOWN:
        console.say(f"  … and {len(left) - _SHOWN:,} more")


@click.command()
@catalog_argument
@click.option("--kind", help="Only operations of a kind, as set, tag or undo.")
@click.option("--actor", metavar="NAME", help="Only those of a person.")
@click.option("--attribute", help="Only those that changed an attribute.")
@click.option("--id", "item_id", metavar="ID", help="Only those that changed an item.")
@click.option(
    "--since", metavar="TIME", help="Only those since a day or a time, as 2026-11-22T13:00, in UTC."
)
@click.option("--before", metavar="TIME", help="Only those before a day or a time.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@click.option("--changes", "changes", type=click.IntRange(0), default=0, help="Show so many changes of each.")
@json_option
def history(
    catalog: Path,
    kind: str | None,
    actor: str | None,
    attribute: str | None,
    item_id: str | None,
    since: str | None,
    before: str | None,
    limit: int,
    changes: int,
    as_json: bool,
) -> int:
    """List what people decided about CATALOG, the latest first."""
    from visualsearch.catalog.history import log_time
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        item = number_of(workspace, item_id) if item_id is not None else None
        found = workspace.decisions.history(
            kind=kind,
            actor=actor,
            attribute=attribute,
            item=item,
            since=log_time(since) if since is not None else None,
            before=log_time(before) if before is not None else None,
            limit=limit,
        )
        entries = [(entry, _changes(workspace, entry, changes) if changes else []) for entry in found]
    if as_json:
        console.print_json(
            [asdict(entry) | ({"changes": rows} if changes else {}) for entry, rows in entries]
        )
        return OK
    for entry, rows in entries:
        undone = f" · undone by {entry.undone_by}" if entry.undone_by and entry.kind != "undo" else ""
        console.say(
            f"{entry.number:>6}  {entry.at[:16].replace('T', ' ')}  {entry.actor:<10}  {entry.kind:<11} "
            f"{entry.label}{f' · {entry.effect}' if entry.effect else ''}{undone}"
        )
        for row in rows:
            console.say(f"          {row['id']}  {row['name']}: {_effect(row)}")
    if not entries:
        console.say("No operation matches.")
    return OK


def _changes(workspace: Workspace, entry: Operation, limit: int) -> list[dict[str, Any]]:
    rows: list[Change] = workspace.decisions.changes(entry.number, limit)
    names = _names(workspace, [row.item for row in rows if row.item])
    return [
        {"what": row.kind, "id": names.get(row.item, ""), "name": row.name, "old": row.old, "new": row.new}
        for row in rows
    ]


def _effect(row: dict[str, Any]) -> str:
    """What became of a value or an answer; of a document, which may be long, only whether it was there."""
    if row["what"] == "document":
        return "made" if row["old"] is None else "deleted" if row["new"] is None else "changed"
    return f"{_shown(row['old'])} → {_shown(row['new'])}"


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{part:.15g}" if isinstance(part, float) else part for part in value) or "—"
    return "—" if value is None else str(value)


@click.command()
@catalog_argument
@click.argument("operation", type=int, required=False)
@actor_option
@json_option
def undo(catalog: Path, operation: int | None, actor: str | None, as_json: bool) -> int:
    """Take back the latest operation of CATALOG, or any OPERATION of its history; an undo is undone by its number."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        return _undone(workspace, "Undone", workspace.decisions.undo(operation, actor), as_json)


@click.command()
@catalog_argument
@actor_option
@json_option
def redo(catalog: Path, actor: str | None, as_json: bool) -> int:
    """Do again what was undone last in CATALOG."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        return _undone(workspace, "Done again", workspace.decisions.redo(actor), as_json)


def _undone(workspace: Workspace, what: str, undone: Undone, as_json: bool) -> int:
    names = _names(workspace, [one.item for one in undone.skipped if one.item])
    left = [
        {"id": names.get(one.item, ""), "attribute": one.attribute, "reason": one.reason}
        for one in undone.skipped
    ]
    entry = workspace.decisions.operation(undone.operation) if undone.operation is not None else None
    effect = entry.effect if entry else "nothing changed"
    _report(undone.label if as_json else f"{what}: {undone.label}", effect, undone, left, as_json)
    return SOME_REFUSED if left else OK


@click.command()
@catalog_argument
@json_option
def verify(catalog: Path, as_json: bool) -> int:
    """Rebuild what CATALOG holds from its imports and its history, and compare."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        problems = workspace.decisions.verify(control)
    if as_json:
        console.print_json({"agrees": not problems, "problems": problems})
    else:
        for problem in problems:
            console.say(problem)
        console.say(
            f"{counted(len(problems), 'problem')}: restore the catalog from a backup."
            if problems
            else "The catalog is what its imports and its history make it."
        )
    return FAILED if problems else OK
