"""`visualsearch autotag`: what a head that learnt from the labelled items would fill in, applied by a certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import FAILED, OK, catalog_argument, json_option, numbers_of, precision_option
from visualsearch.cli.tagging import certificate_document, ids_option, print_certificate
from visualsearch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch.attributes.autotag import AutoTag, Plan, ValuePlan
    from visualsearch.attributes.certifying import Certificate
    from visualsearch.attributes.intervals import Interval
    from visualsearch.jobs import JobControl
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
    "--certify", is_flag=True, help="Draw a sample of what is proposed for the values, to be judged."
)
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
        if certify and (right or wrong or unsure or accept):
            raise UsageError(
                "--certify draws a new sample; nobody has judged it yet.",
                "Leave it out to go on with the last.",
            )
        if certify or right or wrong or unsure or accept:
            answers = [numbers_of(workspace, ids) for ids in (right, wrong, unsure)]
            found = _begun(tagger, attribute, wanted, values, count, control) if certify else None
            found = _judged(tagger, found, attribute, answers, accept, control)
            document = certificate_document(workspace, found)
        else:
            document = _plan_document(workspace, tagger.plan(attribute, control, wanted), values, limit)
    if as_json:
        console.print_json(document)
    elif "state" in document:
        print_certificate(document)
    else:
        _print_plan(document)
    return FAILED if document.get("state") == "failed" else OK


def _begun(
    tagger: AutoTag,
    attribute: str,
    wanted: float,
    values: Sequence[str],
    count: int | None,
    control: JobControl,
) -> Certificate:
    plan = tagger.plan(attribute, control, wanted)
    return tagger.start(plan, values or [one.value for one in plan.values], wanted, count=count)


def _judged(
    tagger: AutoTag,
    found: Certificate | None,
    attribute: str,
    answers: Sequence[Sequence[int]],
    accept: bool,
    control: JobControl,
) -> Certificate:
    found = found or tagger.unfinished(attribute)
    if found is None:
        raise UsageError(
            f"No certificate for auto tagging of {attribute} is open.", "Begin one with --certify."
        )
    if any(answers):
        given = dict(zip(("right", "wrong", "unsure"), answers, strict=True))
        found = tagger.certificates.answer(found.name, control, **given)
    if accept:
        tagger.apply(found.name, control)
        found = tagger.certificates.get(found.name)
    return found


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
        f"{document['without_value']:,} items have no {document['attribute']}: {document['proposed']:,} would get a "
        f"value, {document['none_of_these']:,} are none of these or not sure enough, {away:,} are not looked at (no "
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
