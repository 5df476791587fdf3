"""`visualsearch audit`: items whose look contradicts their value, and what a person says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import OK, SOME_REFUSED, answers_of, catalog_argument, json_option
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.audit import Suspect
    from visualsearch.workspace import Workspace


@click.command()
@catalog_argument
@click.argument("attribute", required=False)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many to list.")
@click.option("--where", multiple=True, metavar="EXPR", help="Only items that meet a condition.")
@click.option(
    "--new", is_flag=True, help="Only items of the last import; of all attributes without ATTRIBUTE."
)
@click.option("--pairs", is_flag=True, help="List the values that are mixed up instead.")
@click.option("--clusters", is_flag=True, help="List what the suspects have in common instead.")
@click.option("--keep", multiple=True, metavar="ID", help="Its value is right: it leaves the list.")
@click.option("--change", multiple=True, metavar="ID=VALUE", help="Give it another value.")
@click.option("--unsure", multiple=True, metavar="ID", help="The photo does not tell: it goes to the end.")
@json_option
def audit(
    catalog: Path,
    attribute: str | None,
    limit: int,
    where: tuple[str, ...],
    new: bool,
    pairs: bool,
    clusters: bool,
    as_json: bool,
    **verdicts: tuple[str, ...],
) -> int:
    """List the items of CATALOG whose look contradicts their ATTRIBUTE, the worst first.

    With --keep, --change or --unsure the verdicts are written instead, all as one operation, which `visualsearch undo`
    takes back.
    """
    from visualsearch.workspace import Workspace

    judged = any(verdicts.values())
    if not attribute and (not new or judged or pairs or clusters):
        raise UsageError(
            "Name an attribute, or ask with --new.", "For example: visualsearch audit CATALOG type"
        )
    if pairs + clusters + judged + new > 1:
        raise UsageError("--new, --pairs, --clusters and verdicts exclude each other.", "Ask one at a time.")
    if new and where:
        raise UsageError("--new and --where exclude each other.", "Leave one of them out.")
    unknown: list[str] = []
    suspects = 0
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        if attribute and judged:
            rows, unknown = _write(workspace, attribute, verdicts)
        elif attribute and pairs:
            rows = _pair_rows(workspace, attribute, control)[:limit]
        elif attribute and clusters:
            rows = _cluster_rows(workspace, attribute, control)[:limit]
            suspects = workspace.audit.count(attribute, control) if not rows else 0
        elif new:
            rows = _rows(workspace, workspace.audit.new(control, attribute)[:limit], not attribute)
        else:
            assert attribute is not None
            found = workspace.audit.suspects(attribute, control, where=where, limit=limit)
            rows = _rows(workspace, found, False)
    if as_json:
        console.print_json(rows)
    else:
        for row in rows:
            console.say(_line(row))
        if judged:
            console.say(_told(rows))
        elif not rows:
            console.say(_nothing(pairs, suspects))
    return SOME_REFUSED if unknown else OK


def _told(rows: list[dict[str, Any]]) -> str:
    operation = rows[0]["operation"]
    if operation is None:
        return "All of it was said before: nothing had to be changed."
    return f"{counted(len(rows), 'verdict')} · operation {operation}"


def _nothing(pairs: bool, suspects: int) -> str:
    if pairs:
        return "No values are mixed up."
    if suspects:
        have = "value looks wrong, and has" if suspects == 1 else "values look wrong, but have"
        return f"{suspects:,} {have} no mistake in common with others. Leave --clusters out to list what looks wrong."
    return "Nothing looks wrong."


def _rows(workspace: Workspace, found: list[Suspect], several: bool) -> list[dict[str, Any]]:
    names = workspace.ids_of([one.item for one in found])
    return [
        {
            "id": name,
            **({"attribute": one.attribute} if several else {}),
            "given": one.given,
            "suggested": one.suggested,
            "score": round(one.score, 6),
            "unsure": one.unsure,
            "reasons": list(one.reasons),
        }
        for name, one in zip(names, found, strict=True)
    ]


def _pair_rows(workspace: Workspace, attribute: str, control: Any) -> list[dict[str, Any]]:
    return [
        {
            "value": pair.value,
            "other": pair.other,
            "count": pair.count,
            "of": pair.of,
            "examples": workspace.ids_of(pair.examples),
            "other_examples": workspace.ids_of(pair.other_examples),
        }
        for pair in workspace.audit.pairs(attribute, control)
    ]


def _cluster_rows(workspace: Workspace, attribute: str, control: Any) -> list[dict[str, Any]]:
    return [
        {
            "given": one.given,
            "suggested": one.suggested,
            "shared": {one.shared: one.value} if one.shared else {},
            "count": len(one.items),
            "purity": round(one.purity, 4),
            "ids": workspace.ids_of(one.items),
        }
        for one in workspace.audit.clusters(attribute, control)
    ]


def _write(
    workspace: Workspace, attribute: str, verdicts: dict[str, tuple[str, ...]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """What was written, and the ids that no item has. Raises UsageError before anything is written (an item is told
    twice, --change has no value), UnknownName (no item has any of the ids)."""
    from visualsearch.attributes.verdicts import Told

    new: dict[str, str] = {}
    for text in verdicts["change"]:
        name, equals, value = text.rpartition("=") if text.count("=") == 1 else text.partition("=")
        if not equals or not name or not value.strip():
            raise UsageError(f"--change {text!r} is not ID=VALUE.", "For example: --change 1163=Shirts")
        if new.setdefault(name, value) != value:
            raise UsageError("There are two answers for one item.", "Take one of them away.")
    given = {"keep": verdicts["keep"], "unsure": verdicts["unsure"], "change": tuple(new)}
    items, unknown = answers_of(workspace, given)
    ids = {item: name for own in given.values() for name in own if (item := workspace.number_of(name))}
    told = [
        Told(item, answer, new[ids[item]] if answer == "change" else None)  # type: ignore[arg-type]
        for answer, own in items.items()
        for item in own
    ]
    applied = workspace.audit.judge(attribute, told)
    return [
        {
            "id": ids[one.item],
            "verdict": one.answer,
            "value": one.value or "",
            "operation": applied.operation,
        }
        for one in told
    ], unknown


def _line(row: dict[str, Any]) -> str:
    if "verdict" in row:
        what = f"{row['verdict']} {row['value']}".strip()
        return f"{row['id']:<16}  {what}"
    if "other" in row:
        return f"{row['count']:6,} of {row['of']:,}  {row['value']} / {row['other']}  {', '.join(row['examples'])}"
    change = f"{row['given']} → {row['suggested'] or '?'}"
    if "purity" in row:
        shared = " · ".join(f"{name}: {value}" for name, value in row["shared"].items())
        return f"{row['count']:6,} ({row['purity']:.0%})  {change}  {shared}".rstrip()
    of = f"{row['attribute']}: " if "attribute" in row else ""
    reason = row["reasons"][0] if row["reasons"] else ""
    return f"{row['score']:7.1%}  {row['id']:<16}  {of}{change}  {reason}".rstrip()
