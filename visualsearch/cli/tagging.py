"""`visualsearch tag | certify`: tag mode without the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.certificates import certificate_document, print_certificate
from visualsearch.cli.options import (
    FAILED,
    OK,
    SOME_REFUSED,
    answers_of,
    catalog_argument,
    check_attribute,
    is_given,
    json_option,
    precision_option,
)
from visualsearch.cli.suggest import GUESS, start_of, start_options
from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from visualsearch.attributes.certificate import Certificate
    from visualsearch.attributes.certifying import Certificates
    from visualsearch.attributes.situation import Page, State
    from visualsearch.catalog.decisions import Applied
    from visualsearch.jobs import JobControl
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
@click.option("--new", is_flag=True, help="Make the attribute, though there is one with a similar name.")
@json_option
def tag(
    catalog: Path,
    target: str,
    yes: tuple[str, ...],
    no: tuple[str, ...],
    unsure: tuple[str, ...],
    size: int,
    mode: Any,
    new: bool,
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
        check_attribute(workspace, aim.attribute, new)
        given, unknown = answers_of(workspace, {"yes": yes, "no": no, "unsure": unsure})
        tagging = workspace.tagging
        session = tagging.session(aim, control) if start == Start() else tagging.start(aim, start, control)
        answered: Applied | None = None
        stale: tuple[int, ...] = ()
        if yes or no or unsure:
            every = [item for items in given.values() for item in items]
            page = session.chosen(every, control)
            on_page = set(page.items.tolist())
            stale = tuple(item for item in every if item not in on_page)
            if on_page:
                rejected, open_ = ([i for i in given[answer] if i in on_page] for answer in ("no", "unsure"))
                answered = session.confirm(page, control, no=rejected, unsure=open_).applied
        page, state = session.page(size, mode, control), session.state(control)
        document = _page_document(workspace, page, state, answered, stale) | {"unknown": unknown}
    if as_json:
        console.print_json(document)
    else:
        _print_page(document)
    return SOME_REFUSED if unknown or stale else OK


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

    The first call draws the sample and prints what to judge; further calls go on with it. Answer with --right, --wrong
    and --unsure until it is certified; --accept then writes the rest. `undo` takes that back as one step.
    """
    from visualsearch.attributes.target import Target
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        certificates = workspace.tagging.certificates
        aim = workspace.tagging.session(Target.parse(target), control).target
        found = None if again else certificates.latest(aim)
        continued = found is not None
        if found is None:
            if right or wrong or unsure or accept:
                raise UsageError(f"No certificate of {aim} is open.", "Begin one without these options.")
            found = certificates.start(aim, int(precision) / 100, control, count=count)
        else:
            check_goes_on(found, precision, count)
        given = {"right": right, "wrong": wrong, "unsure": unsure}
        found, refused = answered(workspace, certificates, found, given, accept, control)
        document = certificate_document(workspace, found) | {"continued": continued}
    return told_of_certificate(document, refused, as_json)


def check_goes_on(
    found: Certificate, precision: str, count: int | None, values: Sequence[str] | None = None
) -> None:
    """Raise UsageError where the options that a person gave contradict the certificate that is open."""
    if is_given("precision") and int(precision) != round(found.wanted * 100):
        raise _contradiction(found, f"at least {found.wanted:.0%} right, not {precision} %", "--precision")
    if count is not None and count not in found.asked_counts:
        raise _contradiction(
            found, f"{counted(len(found.candidates), 'candidate')}, not {count:,}", "--count"
        )
    if values and set(values) != set(found.asked_values):
        its = ", ".join(found.asked_values)
        raise _contradiction(found, f"{its}, not {', '.join(dict.fromkeys(values))}", "--values")


def _contradiction(found: Certificate, what: str, option: str) -> UsageError:
    return UsageError(
        f"The certificate {found.name!r} is open, and is about {what}.",
        f"Leave {option} out to go on with it, or begin another with --again.",
    )


def answered(
    workspace: Workspace,
    certificates: Certificates,
    found: Certificate,
    given: Mapping[str, Sequence[str]],
    accept: bool,
    control: JobControl,
) -> tuple[Certificate, bool]:
    """The certificate with answers to its sample and, where ``accept``, accepted; whether a part was refused.

    Raises UnknownName (no item has any of the ids), and what answering and accepting raise when nothing was done.
    """
    answers, unknown = answers_of(workspace, given)
    judged = any(answers.values())
    if judged:
        found = certificates.answer(
            found.name, control, right=answers["right"], wrong=answers["wrong"], unsure=answers["unsure"]
        )
    if accept and unknown:
        console.warn("Nothing was accepted: give these answers first.")
    elif accept:
        try:
            certificates.accept(found.name, control)
        except VisualSearchError as error:
            if not judged:
                raise
            console.warn(f"The answers are kept, but nothing was accepted: {error}")
            return found, True
        found = certificates.get(found.name)
    return found, bool(unknown)


def told_of_certificate(document: dict[str, Any], refused: bool, as_json: bool) -> int:
    """Print what `certificate_document` made; the exit code."""
    if as_json:
        console.print_json(document)
    else:
        print_certificate(document)
    return FAILED if document["state"] == "failed" else SOME_REFUSED if refused else OK
