"""`visualsearch filter`: save, list, show, export, import, delete, rename and judge visual filters."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import (
    OK,
    PATH,
    SOME_REFUSED,
    WHERE_TO_WRITE,
    answers_of,
    catalog_argument,
    json_option,
)
from visualsearch.cli.query_options import query_from, query_options
from visualsearch.errors import VisualSearchError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.filters.saved import State

name_argument = click.argument("name")
replace_option = click.option("--replace", is_flag=True, help="Replace a filter that has this name.")


@click.group("filter")
def filter_group() -> None:
    """Save visual filters under a name; then visual:NAME is a condition, as in --where 'visual:hawaiian'."""


@filter_group.command()
@catalog_argument
@name_argument
@query_options
@replace_option
@json_option
def save(catalog: Path, name: str, replace: bool, as_json: bool, **options: Any) -> int:
    """Save a filter of CATALOG as NAME: its examples, and the conditions that are given."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        query = query_from(workspace, options)
        conditions = bool(query.where or query.text.strip())
        saved = workspace.filters.save(name, query, control, conditions=conditions, overwrite=replace)
    if as_json:
        console.print_json(asdict(saved))
    else:
        console.say(f"Saved {saved.name}: {counted(saved.count, 'item')}. Use it as {_term(saved.name)}")
    return OK


@filter_group.command("list")
@catalog_argument
@json_option
def list_command(catalog: Path, as_json: bool) -> int:
    """List the saved filters of CATALOG, with what is new in each and whether its scores have drifted."""
    from visualsearch.workspace import Workspace

    rows: list[dict[str, Any]] = []
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        for name in workspace.filters.names():
            try:
                state = workspace.filters.state(name, control)
            except (
                VisualSearchError,
                KeyError,
            ) as error:  # deleted meanwhile, or no longer of use: name it, go on
                rows.append({"name": name, "error": str(error)})
                continue
            rows.append(_summary(name, state))
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        if "error" in row:
            console.say(f"{row['name']}  ! {row['error']}")
            continue
        new = f" · {row['new']:,} new" if row["new"] else ""
        console.say(f"{row['name']:<24} {counted(row['count'], 'item'):>15}{new}  {row['reason']}".rstrip())
    if not rows:
        console.say("No filter has been saved yet. See: visualsearch filter save --help")
    return OK


@filter_group.command()
@catalog_argument
@name_argument
@click.option(
    "--new", "only_new", is_flag=True, help="Only items that came since it was last looked through."
)
@click.option("--seen", is_flag=True, help="From now on nothing that is there counts as new.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many items to print."
)
@json_option
def show(catalog: Path, name: str, only_new: bool, seen: bool, limit: int, as_json: bool) -> int:
    """Show what is in the filter NAME, what is new in it, how sure it is, and whether its scores have drifted."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        filters = workspace.filters
        state = filters.state(name, control)
        items = filters.new_since(name, control) if only_new else filters.ranked(name, control)
        ids = workspace.ids_of(items[:limit].tolist())
        estimate = filters.estimate_of(name, control)
        notes = [*state.notes, *workspace.warnings(state.saved.where)]
        if seen:
            filters.mark_seen(name, control)
    answer = {
        **_summary(name, state),
        **_described(state),
        "notes": notes,
        "estimate": asdict(estimate),
        "total": len(items),
        "items": ids,
    }
    if as_json:
        console.print_json(answer)
        return OK
    for item_id in ids:
        console.say(item_id)
    what = counted(len(items), "new item" if only_new else "item")
    console.say(f"{what} in {name}; new: {state.new:,}.")
    console.say(estimate.sentence())
    for note in (state.drift.reason, *notes):
        if note:
            console.say(note)
    return OK


@filter_group.command()
@catalog_argument
@name_argument
@click.option("--out", type=PATH, help="The file to write; standard output otherwise.")
@json_option
def export(catalog: Path, name: str, out: Path | None, as_json: bool) -> int:
    """Write the filter NAME as JSON, for another catalog, a colleague, or a folder under version control."""
    from visualsearch.replacing import replace_file
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        text = workspace.filters.export_text(name)
    if out is None:
        console.print_file(text)
        return OK
    try:
        replace_file(out, text.encode())
    except OSError as error:
        raise VisualSearchError(
            f"The filter cannot be written to {out} ({error.strerror}).", WHERE_TO_WRITE
        ) from error
    if as_json:
        console.print_json({"name": name, "file": str(out)})
    else:
        console.say(f"{name} is in {out}.")
    return OK


@filter_group.command("import")
@catalog_argument
@click.argument("file", type=PATH)
@click.option("--name", help="Another name than the file gives it.")
@replace_option
@json_option
def import_command(catalog: Path, file: Path, name: str | None, replace: bool, as_json: bool) -> int:
    """Take over a filter from a FILE that `filter export` wrote, in this catalog or in another."""
    from visualsearch.workspace import Workspace

    text = _text_of(file)
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        saved = workspace.filters.import_text(text, control, name=name, overwrite=replace)
    if as_json:
        console.print_json(asdict(saved))
        return OK
    console.say(f"Imported {saved.name}: {counted(saved.count, 'item')}.")
    for note in saved.notes:
        console.say(note)
    return OK


@filter_group.command()
@catalog_argument
@name_argument
@json_option
def delete(catalog: Path, name: str, as_json: bool) -> int:
    """Delete the filter NAME. `visualsearch undo` brings it back."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        users = workspace.filters.delete(name)
    if as_json:
        console.print_json({"deleted": name, "used_by": users})
        return OK
    console.say(f"Deleted {name}.")
    if users:
        console.warn(f"These filters speak of it and do not work without it: {', '.join(users)}.")
    return OK


@filter_group.command()
@catalog_argument
@name_argument
@click.argument("new_name")
@replace_option
@json_option
def rename(catalog: Path, name: str, new_name: str, replace: bool, as_json: bool) -> int:
    """Call the filter NAME from now on NEW_NAME, also in the conditions of other filters."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        workspace.filters.rename(name, new_name, overwrite=replace)
    if as_json:
        console.print_json({"name": new_name.strip(), "before": name})
    else:
        console.say(f"{name} is now {new_name}.")
    return OK


@filter_group.command()
@catalog_argument
@name_argument
@click.option("--yes", multiple=True, metavar="ID", help="An item that belongs in the filter.")
@click.option("--no", multiple=True, metavar="ID", help="One that does not.")
@click.option(
    "--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="Items to judge next."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed picks other items."
)
@json_option
def judge(
    catalog: Path, name: str, yes: tuple[str, ...], no: tuple[str, ...], count: int, seed: int, as_json: bool
) -> int:
    """Answer for some items whether they belong in NAME; says what to judge next, and how precise NAME is."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        workspace.filters.get(name)
        given, unknown = answers_of(workspace, {"yes": yes, "no": no})
        answers = {item: answer for answer, items in given.items() for item in items}
        workspace.filters.judge(name, answers)
        estimate = workspace.filters.estimate_of(name, control)
        picked = workspace.filters.next_to_judge(name, count, seed, control)
        ids = workspace.ids_of(picked.tolist())
    if as_json:
        console.print_json({"next": ids, "estimate": asdict(estimate), "unknown": unknown})
    else:
        console.say(estimate.sentence())
        console.say(f"To judge next: {' '.join(ids)}" if ids else "There is nothing more to judge.")
    return SOME_REFUSED if unknown else OK


def _summary(name: str, state: State) -> dict[str, Any]:
    return {
        "name": name,
        "count": state.count,
        "new": state.new,
        "state": state.drift.state,
        "reason": state.drift.reason,
    }


def _described(state: State) -> dict[str, Any]:
    body = state.saved.to_body()
    kept = ("encoder", "blocks", "narrow", "where", "choices", "text", "saved")
    sides = {
        side: [example.id or example.file for example in getattr(state.saved, side)]
        for side in ("positives", "negatives")
    }
    drift = {"distance": state.drift.distance, "share": state.drift.share, "items": state.drift.items}
    return {
        **{key: body[key] for key in kept},
        **sides,
        "threshold": state.threshold,
        "drift": drift,
    }


def _text_of(file: Path) -> str:
    from visualsearch.filters.saved_format import MAX_CHARACTERS

    if file.is_fifo():  # opening it would wait for somebody who writes
        raise VisualSearchError(f"{file} is a pipe, not a file.", "Save what comes from it in a file.")
    try:
        with file.open("rb") as stream:
            content = stream.read(4 * MAX_CHARACTERS + 1)  # whatever size it claims: a device never ends
        if len(content) > 4 * MAX_CHARACTERS:
            raise VisualSearchError(f"{file} is too large for a filter.", "Check the name.")
        return content.decode("utf-8")
    except OSError as error:
        raise VisualSearchError(f"{file} cannot be read ({error.strerror}).", "Check the name.") from error
    except UnicodeDecodeError as error:
        raise VisualSearchError(f"{file} is no text in UTF-8.", "Export the filter again.") from error


def _term(name: str) -> str:
    from visualsearch.catalog.predicate_syntax import Visual

    return f"--where {shlex.quote(str(Visual(name)))}"
