"""`visualsearch duplicates`, `report`, `dashboard`: what is there twice, and where each attribute stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import (
    OK,
    PATH,
    SOME_REFUSED,
    catalog_argument,
    json_option,
    refuse,
)
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.duplicates import Answer, Pair
    from visualsearch.workspace import Workspace


@click.command()
@catalog_argument
@click.option(
    "--kind",
    type=click.Choice(["exact", "near", "variant", "conflict"]),
    help="The same file, the same photo, the same in another colour, or the same with other attributes.",
)
@click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many pairs to print."
)
@click.option("--duplicate", nargs=2, multiple=True, metavar="A B", help="These two items are duplicates.")
@click.option("--variant", nargs=2, multiple=True, metavar="A B", help="They are variants of each other.")
@click.option("--not-duplicate", nargs=2, multiple=True, metavar="A B", help="They are neither; remembered.")
@click.option("--groups", is_flag=True, help="Print groups of duplicates, each with the item to keep.")
@json_option
def duplicates(
    catalog: Path,
    kind: str | None,
    limit: int,
    groups: bool,
    as_json: bool,
    **judged: tuple[tuple[str, str], ...],
) -> int:
    """Find items that are in CATALOG twice, and remember what is said of them."""
    from visualsearch.attributes.duplicates import KINDS
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        found = workspace.quality.duplicates
        pairs: list[Pair] = []
        answers, unknown = _judged_pairs(workspace, judged)
        if answers:
            found.judge_all(answers)
        if groups:
            rows = [
                {"keep": workspace.ids_of([group.keep])[0], "items": workspace.ids_of(group.items)}
                for group in found.groups(control)[:limit]
            ]
        else:
            pairs = [
                pair
                for one in KINDS
                if kind in (None, one) and (kind or one != "conflict")
                for pair in found.pairs(one, control)
            ]
            rows = [_pair_row(workspace, pair) for pair in pairs[:limit]]
    if as_json:
        console.print_json(rows)
    elif groups:
        for row in rows:
            console.say(f"keep {row['keep']}: {', '.join(row['items'])}")
    else:
        for row in rows:
            differing = "; ".join(
                f"{name}: {', '.join(a)} | {', '.join(b)}" for name, (a, b) in row["conflicts"].items()
            )
            console.say(f"{row['kind']:<8} {row['id']:<16} {row['other']:<16} {differing}")
        console.say(counted(len(pairs), "pair"))
    return SOME_REFUSED if unknown else OK


def _judged_pairs(
    workspace: Workspace, judged: dict[str, tuple[tuple[str, str], ...]]
) -> tuple[dict[tuple[int, int], Answer], list[str]]:
    """The answer for each pair of items that are there, and the ids that no item has. Raises UsageError and UnknownName
    (no pair is left) before any is written."""
    answers: dict[str, Answer] = {"duplicate": "duplicate", "variant": "variant", "not_duplicate": "no"}
    found: dict[tuple[int, int], Answer] = {}
    unknown: list[str] = []
    for option, answer in answers.items():
        for ids in judged[option]:
            numbers = [workspace.number_of(item_id) for item_id in ids]
            missing = [item_id for item_id, number in zip(ids, numbers, strict=True) if number is None]
            unknown += missing
            if missing:
                continue
            one, other = sorted(number for number in numbers if number is not None)
            if one == other:
                raise UsageError("An item is not a duplicate of itself.", "Name two items.")
            if found.setdefault((one, other), answer) != answer:
                raise UsageError(
                    f"There are two answers for {ids[0]} and {ids[1]}.", "Take one of them away."
                )
    unknown = list(dict.fromkeys(unknown))
    refuse(unknown, anything=bool(found))
    return found, unknown


def _pair_row(workspace: Workspace, pair: Pair) -> dict[str, Any]:
    one, other = workspace.ids_of([pair.item, pair.other])
    return {
        "id": one,
        "other": other,
        "kind": pair.kind,
        "score": None if pair.score == float("inf") else round(pair.score, 4),
        "answer": pair.answer,
        "conflicts": {name: [list(side) for side in both] for name, both in pair.conflicts.items()},
    }


@click.command()
@catalog_argument
@click.option("--out", type=PATH, required=True, help="The page to write, as report.html.")
@click.option("--csv", "csv_file", type=PATH, help="Write the same as a table too.")
@json_option
def report(catalog: Path, out: Path, csv_file: Path | None, as_json: bool) -> int:
    """Write a report on CATALOG's quality: one HTML file with everything in it, to read, print and send."""
    from visualsearch.workspace import Workspace

    for file in filter(None, (out, csv_file)):
        if file.is_dir() or not file.absolute().parent.is_dir():
            raise UsageError(
                f"The report cannot be written to {file}.", "Name a file in a folder that is there."
            )
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        workspace.quality.report(out, csv_file, control)
    written = [str(file) for file in (out, csv_file) if file is not None]
    if as_json:
        console.print_json({"written": written})
    else:
        console.say(f"Written: {', '.join(written)}")
    return OK


@click.command()
@catalog_argument
@click.option("--thorough", is_flag=True, help="Look for suggestions and suspects too; may take a minute.")
@click.option("--days", is_flag=True, help="Print how each attribute came about, day by day.")
@click.option(
    "--items", nargs=2, metavar="ATTRIBUTE FIGURE", help="Print the ids that a figure counts instead."
)
@json_option
def dashboard(catalog: Path, thorough: bool, days: bool, items: tuple[str, Any] | None, as_json: bool) -> int:
    """Say where each attribute of CATALOG stands: filled, missing, suggested, suspected, certified, judged."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        if items is not None:
            ids = workspace.ids_of(workspace.quality.items(items[0], items[1], control).tolist())
            if as_json:
                console.print_json(ids)
            for item_id in () if as_json else ids:
                console.say(item_id)
            return OK
        states = workspace.quality.dashboard(control, thorough=thorough)
    if as_json:
        console.print_json([state.to_dict() for state in states])
        return OK
    for state in states:
        counts = (
            f"{figure} {'–' if count is None else format(count, ',')}"
            for figure, count in state.counts.items()
        )
        console.say(f"{state.attribute}: {', '.join(counts)}")
        for day in state.days if days else ():
            console.say(
                f"  {day.day}: {counted(day.changed, 'value')} changed, {counted(day.answers, 'answer')}; then "
                f"{day.filled:,} filled, {day.certified:,} certified, {day.judged:,} judged"
            )
    return OK
