"""`visualsearch certificates`: on what grounds values were accepted together, and taking that back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.decisions import actor_option
from visualsearch.cli.options import OK, SOME_REFUSED, catalog_argument, json_option
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.certificate import Certificate
    from visualsearch.attributes.fixing import Fix
    from visualsearch.attributes.register import Entry
    from visualsearch.workspace import Workspace


@click.group()
def certificates() -> None:
    """The certificates by which values were accepted."""


@certificates.command("list")
@catalog_argument
@json_option
def list_certificates(catalog: Path, as_json: bool) -> int:
    """List the certificates of CATALOG, the latest first: suggestions, auto tagging, groups mended together."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        rows = [_row(workspace, entry) for entry in workspace.tagging.register.entries()]
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        if row["state"] == "damaged":
            console.say(f"{row['name']}: {row['problem']}")
        else:
            console.say(
                f"{row['name']}: {row['state']}, {row['wanted']:.0%} of {counted(row['candidates'], 'candidate')}"
            )
    if not rows:
        console.say("There are no certificates.")
    return OK


def _row(workspace: Workspace, entry: Entry) -> dict[str, Any]:
    if entry.certificate is None:
        return {"name": entry.name, "state": "damaged", "problem": str(entry.problem)}
    return certificate_document(workspace, entry.certificate, brief=True) | {
        "accepted_by": entry.used.actor if entry.used is not None else None,
        "accepted_at": entry.used.at if entry.used is not None else None,
        "operation": entry.used.number if entry.used is not None else None,
    }


@certificates.command()
@catalog_argument
@click.argument("name")
@json_option
def show(catalog: Path, name: str, as_json: bool) -> int:
    """Show the certificate NAME of CATALOG: its plan, its sample with the answers, what it allowed."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        document = certificate_document(workspace, workspace.tagging.register.get(name))
    if as_json:
        console.print_json(document)
    else:
        print_certificate(document)
    return OK


@certificates.command()
@catalog_argument
@click.argument("name")
@actor_option
@json_option
def revoke(catalog: Path, name: str, actor: str | None, as_json: bool) -> int:
    """Take back what the certificate NAME of CATALOG let pass, as one undo. Answers to a sample stay."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        undone = workspace.tagging.register.revoke(name, actor)
    if as_json:
        console.print_json(
            {"operation": undone.operation, "changed": undone.changed, "skipped": len(undone.skipped)}
        )
    else:
        left = f"; {counted(len(undone.skipped), 'item')} changed since and stayed" if undone.skipped else ""
        console.say(f"Revoked: {undone.label}{left}")
    return SOME_REFUSED if undone.skipped else OK


def certificate_document(
    workspace: Workspace, found: Certificate | Fix, brief: bool = False
) -> dict[str, Any]:
    """A certificate for JSON; ``brief`` leaves out the sample."""
    from visualsearch.attributes.fixing import Fix

    standing, fix = found.standing, found if isinstance(found, Fix) else None
    certificate = found if not isinstance(found, Fix) else None
    unused = "looked at" if fix is not None else standing.state
    document: dict[str, Any] = {
        "name": found.name,
        "target": found.about,
        "state": "accepted" if found.accepted is not None else unused,
        "wanted": found.wanted,
        "confidence": found.body["confidence"],
        "candidates": len(found.candidates),
        "digest": found.body["digest"],
        "threshold": certificate.threshold if certificate is not None else None,
        "attempt": found.attempt,
        "judged": standing.judged if fix is None else len(fix.answers),
        "wrong": standing.wrong if fix is None else sum(answer != "right" for answer in fix.answers),
        "until_next_look": standing.until,
        "bound": round(standing.bound, 6),
        "bound_infinite": round(standing.bound_infinite, 6),
        "accepted": found.accepted,
    }
    if not brief:
        names = workspace.ids_of(found.sample.tolist())
        if certificate is not None:
            meant = certificate.values_of(found.sample)
            waiting = certificate.next_items.tolist()
        else:
            meant, waiting = [(found.body["suggested"],)] * len(names), []
        document["values"] = {name: list(values) for name, values in zip(names, meant, strict=True)}
        document["looks"] = [{"answers": look.answers, "allowed_wrong": look.allowed} for look in found.plan]
        document["to_judge"] = workspace.ids_of(waiting)
        document["answers"] = {
            name: answer for name, answer in zip(names, found.answers, strict=True) if answer is not None
        }
    return document


def print_certificate(document: dict[str, Any]) -> None:
    """What `certificate_document` made, for people."""
    if document.get("continued"):
        console.say("Going on with the certificate that is open; --again begins another.")
    wanted, count = f"{document['wanted']:.0%}", counted(document["candidates"], "candidate")
    console.say(f"{document['name']}: {count}, at least {wanted} right")
    for name in document["to_judge"]:
        console.say(f"{name:<16}{', '.join(document['values'][name])}")
    state, judged, wrong = document["state"], document["judged"], document["wrong"]
    if state == "open":
        allowed = next(
            look for look in document["looks"] if look["answers"] >= judged + document["until_next_look"]
        )
        console.say(
            f"Judge these {len(document['to_judge']):,} with --right and --wrong: {judged:,} judged so far, {wrong:,} "
            f"of them wrong; certified when at most {allowed['allowed_wrong']:,} of {allowed['answers']:,} are."
        )
    elif state == "looked at":
        console.say(
            f"{judged:,} were looked at one by one, {wrong:,} of them kept. Nothing was changed unseen."
        )
    elif state == "failed":
        console.say(
            f"Failed: {wrong:,} of {judged:,} were not right. Confirm more pages, then certify fewer."
        )
    else:
        console.say(
            f"{judged:,} judged, {wrong:,} wrong: at least {document['bound']:.1%} are right (95 % confidence)."
        )
        if state == "certified":
            console.say("Give the value to the rest with --accept.")
        else:
            written = counted(document["accepted"]["written"], "more item")
            console.say(f"Accepted: the value is written to {written}. `undo` takes it back.")
