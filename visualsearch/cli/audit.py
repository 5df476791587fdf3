"""`visualsearch audit`: items whose look contradicts their value, and what a person says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import OK, catalog_argument, json_option
from visualsearch.errors import UsageError

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

    With --keep, --change or --unsure the verdicts are written instead (`visualsearch undo` takes them back).
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
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        if attribute and judged:
            rows = _write(workspace, attribute, verdicts)
        elif attribute and pairs:
            rows = _pair_rows(workspace, attribute, control)[:limit]
        elif attribute and clusters:
            rows = _cluster_rows(workspace, attribute, control)[:limit]
        elif new:
            rows = _rows(workspace, workspace.audit.new(control, attribute)[:limit], not attribute)
        else:
            assert attribute is not None
            found = workspace.audit.suspects(attribute, control, where=where, limit=limit)
            rows = _rows(workspace, found, False)
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        console.say(_line(row))
    if not rows:
        console.say("Nothing looks wrong.")
    return OK


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
) -> list[dict[str, Any]]:
    """Raises UsageError before anything is written when an id is not there or told twice, or --change has no value."""
    changes = []
    for text in verdicts["change"]:
        name, equals, value = text.rpartition("=") if text.count("=") == 1 else text.partition("=")
        if not equals or not value:
            raise UsageError(f"--change {text!r} is not ID=VALUE.", "For example: --change 1163=Shirts")
        changes.append((name, value))
    told: list[tuple[str, str, int, str]] = [
        (answer, name, _number(workspace, name), "")
        for answer in ("keep", "unsure")
        for name in verdicts[answer]
    ]
    told += [("change", name, _number(workspace, name), value) for name, value in changes]
    if len({item for _, _, item, _ in told}) < len(told):
        raise UsageError("There are two verdicts for one item.", "Take one of them away.")
    rows = []
    for answer, name, item, value in told:
        if answer == "keep":
            applied = workspace.audit.keep(attribute, item)
        elif answer == "unsure":
            applied = workspace.audit.unsure(attribute, item)
        else:
            applied = workspace.audit.change(attribute, item, value)
        rows.append({"id": name, "verdict": answer, "value": value, "operation": applied.operation})
    return rows


def _number(workspace: Workspace, name: str) -> int:
    number = workspace.number_of(name)
    if number is None:
        raise UsageError(f"There is no item {name!r}.")
    return number


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
