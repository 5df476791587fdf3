"""`visualsearch autotag`: what a head that learnt from the labelled items would fill in, applied by a certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.certificates import certificate_document
from visualsearch.cli.options import OK, catalog_argument, json_option, precision_option
from visualsearch.cli.tagging import (
    answered,
    check_goes_on,
    ids_option,
    told_of_certificate,
)
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch.attributes.autotag import Plan, ValuePlan
    from visualsearch.attributes.intervals import Interval
    from visualsearch.workspace import Workspace


@click.command()
@catalog_argument
@click.argument("attribute")
@precision_option
@click.option(
    "--values", multiple=True, metavar="VALUE", help="Only this value; may be given again. Otherwise all."
)
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many items to print of each value, the least sure first.",
)
@click.option(
    "--certify",
    is_flag=True,
    help="Draw a sample of what is proposed for the values, to be judged; goes on with one that is open.",
)
@click.option("--again", is_flag=True, help="Draw a new sample even though a certificate is open.")
@click.option(
    "--count",
    type=click.IntRange(1),
    help="Certify this many of the surest; otherwise as many as are likely.",
)
@ids_option("--right", "This item of the sample deserves what is proposed.")
@ids_option("--wrong", "This one does not.")
@ids_option("--unsure", "Nobody can tell: counts as wrong.")
@click.option("--accept", is_flag=True, help="Write all the rest, as the certificate allows.")
@json_option
def autotag(
    catalog: Path,
    attribute: str,
    precision: str,
    values: tuple[str, ...],
    limit: int,
    certify: bool,
    again: bool,
    count: int | None,
    right: tuple[str, ...],
    wrong: tuple[str, ...],
    unsure: tuple[str, ...],
    accept: bool,
    as_json: bool,
) -> int:
    """Show what auto tagging would fill in for ATTRIBUTE in CATALOG. Nothing is written.

    To write it, draw a sample with --certify and judge it with --right, --wrong and --unsure until it is certified;
    --accept then writes the rest as one operation, which `undo` takes back.
    """
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        tagger, wanted = workspace.autotag, int(precision) / 100
        given = {"right": right, "wrong": wrong, "unsure": unsure}
        if not (certify or again or accept or any(given.values())):
            document = _plan_document(workspace, tagger.plan(attribute, control, wanted), values, limit)
        else:
            found = None if again else tagger.unfinished(attribute)
            if found is not None:
                check_goes_on(found, precision, count, values)
                continued = True
            elif accept or any(given.values()):
                raise _nothing_open(workspace, attribute, certify or again)
            else:
                plan, continued = tagger.plan(attribute, control, wanted), False
                chosen = values or [one.value for one in plan.values]
                found = tagger.start(plan, chosen, wanted, count=count)
            found, refused = answered(workspace, tagger.certificates, found, given, accept, control)
            document = certificate_document(workspace, found) | {"continued": continued}
            return told_of_certificate(document, refused, as_json)
    if as_json:
        console.print_json(document)
    else:
        _print_plan(document)
    return OK


def _nothing_open(workspace: Workspace, attribute: str, begins: bool) -> UsageError:
    from visualsearch.catalog.nearest import no_attribute

    known = [name for name, _ in workspace.attributes()]
    if attribute not in known:
        return no_attribute(attribute, known)
    if begins:
        return UsageError(
            "A new sample is drawn first; nobody can have judged it yet.", "Give the answers afterwards."
        )
    return UsageError(f"No certificate for auto tagging of {attribute} is open.", "Begin one with --certify.")


def _plan_document(workspace: Workspace, plan: Plan, values: Sequence[str], limit: int) -> dict[str, Any]:
    shown = [plan.value(name) for name in dict.fromkeys(values)] if values else list(plan.values)
    return {
        "attribute": plan.attribute,
        "wanted": plan.wanted,
        "without_value": plan.without,
        "no_photo": plan.unseen,
        "out_of_scope": plan.outside,
        "proposed": plan.proposed,
        "none_of_these": plan.untouched,
        "strangers_left_alone": _interval(plan.strangers),
        "values": [_value_document(workspace, one, limit) for one in shown],
    }


def _value_document(workspace: Workspace, one: ValuePlan, limit: int) -> dict[str, Any]:
    names = workspace.ids_of(one.items[:limit].tolist())
    chances = one.chances[:limit].tolist()
    return {
        "value": one.value,
        "labelled": one.labelled,
        "proposed": len(one.items),
        "precision": _interval(one.precision),
        "recall": _interval(one.recall),
        "left_out": one.reason,
        "items": [
            {"id": name, "probability": round(chance, 6)} for name, chance in zip(names, chances, strict=True)
        ],
    }


def _interval(found: Interval) -> dict[str, float] | None:
    if not found.judged:
        return None
    return {
        "rate": round(found.rate, 6),
        "low": round(found.low, 6),
        "high": round(found.high, 6),
        "of": found.judged,
    }


def _print_plan(document: dict[str, Any]) -> None:
    console.say(f"{'value':<24}{'has it':>8}{'would get':>11}  {'right of these':<22}{'found of all':<22}")
    for row in document["values"]:
        head = f"{row['value']:<24}{row['labelled']:>8,}{row['proposed']:>11,}"
        if row["left_out"]:
            console.say(f"{head}  {row['left_out']}")
        else:
            console.say(f"{head}  {_text(row['precision']):<22}{_text(row['recall']):<22}")
        for item in row["items"]:
            console.say(f"    {item['probability']:7.1%}  {item['id']}")
    away = document["no_photo"] + document["out_of_scope"]
    console.say(
        f"{counted(document['without_value'], 'item')} without {document['attribute']}: {document['proposed']:,} would "
        f"get a value, {document['none_of_these']:,} none of these or not sure enough, {away:,} not looked at (no "
        "photo, or out of scope)."
    )
    strangers = document["strangers_left_alone"]
    if strangers is not None:
        console.say(
            f"Of items whose value was hidden from it, {_text(strangers)} were left alone, as they should be."
        )
    if document["proposed"]:
        console.say("Nothing is written yet. To accept it, judge a sample: repeat this with --certify.")


def _text(found: dict[str, float] | None) -> str:
    if found is None:
        return "unknown"
    return f"{found['rate']:.1%} ({found['low']:.0%} to {found['high']:.0%})"
