"""`visualsearch tag | certify | certificates`: tag mode without the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import FAILED, OK, catalog_argument, json_option, numbers_of, precision_option
from visualsearch.cli.suggest import GUESS, start_of, start_options
from visualsearch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch.attributes.certifying import Certificate
    from visualsearch.attributes.situation import Page, State
    from visualsearch.catalog.decisions import Applied
    from visualsearch.workspace import Workspace


def ids_option(flag: str, help: str) -> Any:
    """An option that takes ids of items, any number of times."""
    return click.option(flag, multiple=True, metavar="ID", help=help)


@click.command()
@catalog_argument
@click.argument("target", metavar="ATTRIBUTE=VALUE")
@start_options
@ids_option("--yes", "This item gets the value.")
@ids_option("--no", "This item is rejected: remembered, and the next page is sharper.")
@ids_option("--unsure", "Nobody can tell: it is not asked again.")
@click.option("--size", type=click.IntRange(1, 1000), default=24, show_default=True, help="Items on a page.")
@click.option(
    "--mode", type=click.Choice(("likely", "useful", "random")), default="likely", show_default=True
)
@json_option
def tag(
    catalog: Path,
    target: str,
    yes: tuple[str, ...],
    no: tuple[str, ...],
    unsure: tuple[str, ...],
    size: int,
    mode: Any,
    as_json: bool,
    **options: Any,
) -> int:
    """Answer suggestions for ATTRIBUTE=VALUE in CATALOG, and show the next page and how far it is.

    What it starts from is remembered: give --like, --unlike, --filter, --where once. Only what --yes names is written.
    """
    from visualsearch.attributes.situation import Start
    from visualsearch.attributes.target import Target
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        start, aim = start_of(workspace, options), Target.parse(target)
        tagging = workspace.tagging
        session = tagging.session(aim, control) if start == Start() else tagging.start(aim, start, control)
        answered: Applied | None = None
        stale: tuple[int, ...] = ()
        if yes or no or unsure:
            given = {
                answer: numbers_of(workspace, ids)
                for answer, ids in (("yes", yes), ("no", no), ("unsure", unsure))
            }
            every = [item for items in given.values() for item in items]
            if len(set(every)) < len(every):
                raise UsageError("There are two answers for one item.", "Take one of them away.")
            page = session.chosen(every, control)
            on_page = set(page.items.tolist())
            stale = tuple(item for item in every if item not in on_page)
            if on_page:
                rejected, open_ = ([i for i in given[answer] if i in on_page] for answer in ("no", "unsure"))
                answered = session.confirm(page, control, no=rejected, unsure=open_).applied
        page, state = session.page(size, mode, control), session.state(control)
        document = _page_document(workspace, page, state, answered, stale)
    if as_json:
        console.print_json(document)
    else:
        _print_page(document)
    return OK


def _page_document(
    workspace: Workspace, page: Page, state: State, answered: Applied | None, stale: Sequence[int]
) -> dict[str, Any]:
    left = state.remaining
    rows = zip(
        workspace.ids_of(page.items.tolist()), page.scores.tolist(), page.probabilities.tolist(), strict=True
    )
    return {
        "target": str(state.target),
        "operation": answered.operation if answered else None,
        "not_open": workspace.ids_of(list(stale)),
        "page": [
            {"id": name, "score": round(score, 6), "probability": round(chance, 6)}
            for name, score, chance in rows
        ],
        "guess": not page.learnt,
        "ranking": page.ranking,
        "having": state.having,
        "yes": state.yes,
        "no": state.no,
        "unsure": state.unsure,
        "open": state.open,
        "left": {
            "expected": round(left.expected, 1),
            "low": left.low,
            "high": left.high,
            "guess": left.guess,
        },
        "advice": state.advice.text,
    }


def _print_page(document: dict[str, Any]) -> None:
    if document["not_open"]:
        console.warn(f"Left as they are, since they are not open: {', '.join(document['not_open'])}")
    for row in document["page"]:
        console.say(f"{row['probability']:7.1%}  {row['id']}")
    left = document["left"]
    how = " (a guess; answer a page with --mode random to know)" if left["guess"] else ""
    console.say(
        f"{document['target']}: {document['having']:,} have it · {document['yes']:,} yes, {document['no']:,} no, "
        f"{document['unsure']:,} unsure · {document['open']:,} open, of which probably {left['low']:,} to "
        f"{left['high']:,} deserve it{how}"
    )
    if document["guess"] and document["page"]:
        console.warn(GUESS)
    if document["advice"]:
        console.say(document["advice"])


@click.command()
@catalog_argument
@click.argument("target", metavar="ATTRIBUTE=VALUE")
@precision_option
@click.option(
    "--count", type=click.IntRange(1), help="Certify this many of the best; otherwise as many as are likely."
)
@click.option("--again", is_flag=True, help="Begin a new one even though one is open.")
@ids_option("--right", "This item of the sample deserves the value.")
@ids_option("--wrong", "This one does not.")
@ids_option("--unsure", "Nobody can tell: counts as wrong.")
@click.option("--accept", is_flag=True, help="Give the value to all the rest, as the certificate allows.")
@json_option
def certify(
    catalog: Path,
    target: str,
    precision: str,
    count: int | None,
    again: bool,
    right: tuple[str, ...],
    wrong: tuple[str, ...],
    unsure: tuple[str, ...],
    accept: bool,
    as_json: bool,
) -> int:
    """Certify the rest of ATTRIBUTE=VALUE in CATALOG from a random sample, then accept it.

    The first call draws the sample and prints what to judge; answer with --right, --wrong and --unsure until it is
    certified; --accept then writes the rest. `undo` takes that back as one step.
    """
    from visualsearch.attributes.target import Target
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        certificates = workspace.tagging.certificates
        aim = workspace.tagging.session(Target.parse(target), control).target
        found = None if again else certificates.latest(aim)
        if found is None:
            if right or wrong or unsure or accept:
                raise UsageError(f"No certificate of {aim} is open.", "Begin one without these options.")
            found = certificates.start(aim, int(precision) / 100, control, count=count)
        answers = [numbers_of(workspace, ids) for ids in (right, wrong, unsure)]
        if any(answers):
            given = dict(zip(("right", "wrong", "unsure"), answers, strict=True))
            found = certificates.answer(found.name, control, **given)
        if accept:
            certificates.accept(found.name, control)
            found = certificates.get(found.name)
        document = certificate_document(workspace, found)
    if as_json:
        console.print_json(document)
    else:
        print_certificate(document)
    return FAILED if document["state"] == "failed" else OK


@click.group()
def certificates() -> None:
    """The certificates by which values were accepted."""


@certificates.command("list")
@catalog_argument
@json_option
def list_certificates(catalog: Path, as_json: bool) -> int:
    """List the certificates of CATALOG."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        kept = workspace.tagging.certificates
        rows = [certificate_document(workspace, kept.get(name), brief=True) for name in kept.names()]
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        console.say(f"{row['name']}: {row['state']}, {row['wanted']:.0%} of {row['candidates']:,} candidates")
    if not rows:
        console.say("There are no certificates.")
    return OK


@certificates.command()
@catalog_argument
@click.argument("name")
@json_option
def show(catalog: Path, name: str, as_json: bool) -> int:
    """Show the certificate NAME of CATALOG: its plan, its sample with the answers, what it allowed."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        document = certificate_document(workspace, workspace.tagging.certificates.get(name))
    if as_json:
        console.print_json(document)
    else:
        print_certificate(document)
    return OK


def certificate_document(workspace: Workspace, found: Certificate, brief: bool = False) -> dict[str, Any]:
    """A certificate for JSON; ``brief`` leaves out the sample."""
    standing = found.standing
    document: dict[str, Any] = {
        "name": found.name,
        "target": found.about,
        "state": "accepted" if found.accepted is not None else standing.state,
        "wanted": found.wanted,
        "confidence": found.body["confidence"],
        "candidates": len(found.candidates),
        "digest": found.body["digest"],
        "threshold": found.threshold,
        "attempt": found.attempt,
        "judged": standing.judged,
        "wrong": standing.wrong,
        "until_next_look": standing.until,
        "bound": round(standing.bound, 6),
        "bound_infinite": round(standing.bound_infinite, 6),
        "accepted": found.accepted,
    }
    if not brief:
        names = workspace.ids_of(found.sample.tolist())
        meant = zip(names, found.values_of(found.sample), strict=True)
        document["values"] = {name: list(values) for name, values in meant}
        document["looks"] = [{"answers": look.answers, "allowed_wrong": look.allowed} for look in found.plan]
        document["to_judge"] = workspace.ids_of(found.next_items.tolist())
        document["answers"] = {
            name: answer for name, answer in zip(names, found.answers, strict=True) if answer is not None
        }
    return document


def print_certificate(document: dict[str, Any]) -> None:
    """What `certificate_document` made, for people."""
    wanted, count = f"{document['wanted']:.0%}", f"{document['candidates']:,}"
    console.say(f"{document['name']}: {count} candidates, at least {wanted} of them right")
    for name in document["to_judge"]:
        console.say(f"{name:<16}{', '.join(document['values'][name])}")
    state, judged, wrong = document["state"], document["judged"], document["wrong"]
    if state == "open":
        allowed = next(
            look for look in document["looks"] if look["answers"] >= judged + document["until_next_look"]
        )
        console.say(
            f"Judge these {len(document['to_judge']):,} with --right and --wrong: {judged:,} are judged, {wrong:,} of "
            f"them wrong; certified when at most {allowed['allowed_wrong']:,} of {allowed['answers']:,} are."
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
            console.say(
                f"Accepted: {document['accepted']['written']:,} more items have the value. `undo` takes it back."
            )
