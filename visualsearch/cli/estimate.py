"""`visualsearch estimate`: how much of a catalog is wrong, from items that a person judges."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import (
    OK,
    SOME_REFUSED,
    answers_of,
    catalog_argument,
    is_given,
    json_option,
)
from visualsearch.errors import UnknownName, UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.estimate import Answer, Estimates
    from visualsearch.attributes.estimate_plan import Method, Plan
    from visualsearch.attributes.estimate_progress import Left, Running
    from visualsearch.jobs import JobControl
    from visualsearch.workspace import Workspace

_ALL = "catalog"  # the name of an estimate of all attributes together
_ANSWERS: tuple[Answer, ...] = ("right", "wrong", "unsure")


@click.command()
@catalog_argument
@click.argument("attribute", required=False)
@click.option("--name", help="The estimate's name; the attribute's by default.")
@click.option(
    "--half-width",
    type=float,
    default=0.02,
    show_default=True,
    help="How exact: 0.02 is ± 2 percentage points.",
)
@click.option("--confidence", type=float, default=95.0, show_default=True, help="How sure, in per cent.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed draws other items."
)
@click.option(
    "--stratified", is_flag=True, help="Ask more often where errors are likelier: fewer answers needed."
)
@click.option("--difference", is_flag=True, help="A plain random sample, helped by the suspicion scores.")
@click.option(
    "--right", multiple=True, metavar="ID", help="The value of this item is right; may be repeated."
)
@click.option("--wrong", multiple=True, metavar="ID", help="It is wrong.")
@click.option("--unsure", multiple=True, metavar="ID", help="It cannot be told.")
@click.option("--take-back", multiple=True, metavar="ID", help="Take the answer about this item back.")
@click.option(
    "--next", "count", type=click.IntRange(0), default=10, show_default=True, help="How many items to name."
)
@click.option("--show", is_flag=True, help="Only say how it stands; begin nothing.")
@click.option("--list", "list_", is_flag=True, help="List the estimates of the catalog.")
@json_option
def estimate(catalog: Path, attribute: str | None, list_: bool, as_json: bool, **options: Any) -> int:
    """Estimate how many values of ATTRIBUTE (of all attributes, when left out) are wrong, with an interval.

    Begins an estimate or goes on with it: names the next items to judge, and says what the answers show so far. Judge
    with --right, --wrong and --unsure.
    """
    from visualsearch.workspace import Workspace

    if attribute is not None and not attribute.strip():
        raise UsageError("The attribute is empty.", "Leave it out to estimate all attributes together.")
    unknown: list[str] = []
    judging = any(options[answer] for answer in (*_ANSWERS, "take_back"))
    if judging and (options["show"] or list_):
        raise UsageError(
            "--show and --list write nothing, and answers are written.", "Leave one of them out."
        )
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        estimates = workspace.quality.estimates
        if list_:
            rows = [_summary(estimates.running(name), estimates.left(name)) for name in estimates.names()]
            _print_estimates(rows, as_json)
            return OK
        name = attribute or _ALL if options["name"] is None else options["name"]
        if options["show"]:
            _check_goes_on(estimates.plan(name), attribute or "", options)
        else:
            unknown = _go_on(workspace, estimates, name, attribute or "", options, control)
        running, left = estimates.running(name), estimates.left(name)
        upcoming = workspace.ids_of(estimates.next_items(name, options["count"]))
    row = {**_summary(running, left), "next": upcoming}
    if as_json:
        console.print_json(row)
    else:
        _print_running(running, left, upcoming)
    return SOME_REFUSED if unknown else OK


def _go_on(
    workspace: Workspace,
    estimates: Estimates,
    name: str,
    attribute: str,
    options: dict[str, Any],
    control: JobControl,
) -> list[str]:
    """Begin the estimate where there is none of the name, then take down the answers. The ids that no item has."""
    if options["stratified"] and options["difference"]:
        raise UsageError("--stratified and --difference exclude each other.", "Leave one of them out.")
    if not 0 < options["confidence"] < 100:
        raise UsageError(
            f"A confidence of {options['confidence']:.15g} per cent has no meaning.", "Give, for example, 95."
        )
    given, unknown = answers_of(workspace, {answer: options[answer] for answer in (*_ANSWERS, "take_back")})
    if name not in estimates.names():
        if any(given.values()):
            raise UnknownName(
                f"There is no estimate {name!r} that could have asked about these items.",
                "Begin it by the same command without answers; then judge the items that it names.",
            )
        method: Method = (
            "stratified" if options["stratified"] else "difference" if options["difference"] else "plain"
        )
        estimates.start(
            name,
            attribute,
            control,
            half_width=options["half_width"],
            confidence=options["confidence"] / 100,
            seed=options["seed"],
            method=method,
        )
    else:
        _check_goes_on(estimates.plan(name), attribute, options)
    said: dict[int, Answer | None] = {item: answer for answer in _ANSWERS for item in given[answer]}
    said |= dict.fromkeys(given["take_back"])
    if said:
        estimates.judge(name, said)
    return unknown


def _check_goes_on(plan: Plan, attribute: str, options: dict[str, Any]) -> None:
    """Raise UsageError where the options that a person gave contradict the estimate that is there: how it was drawn
    cannot be changed afterwards."""
    if attribute and plan.attribute != attribute:
        raise UsageError(f"The estimate {plan.name!r} is about something else.", "Give it another --name.")
    method = "stratified" if options["stratified"] else "difference" if options["difference"] else plan.method
    asked = {
        "--half-width": (is_given("half_width"), options["half_width"], plan.half_width),
        "--confidence": (is_given("confidence"), options["confidence"], plan.confidence * 100),
        "--seed": (is_given("seed"), options["seed"], plan.seed),
    }
    for option, (given, wanted, has) in asked.items():
        if given and abs(wanted - has) > 1e-9:
            raise UsageError(
                f"The estimate {plan.name!r} was begun with {option} {has:.15g}, not {wanted:.15g}.",
                f"Leave {option} out to go on with it, or begin another with --name.",
            )
    if method != plan.method:
        raise UsageError(
            f"The estimate {plan.name!r} was begun as {plan.method}, not {method}.",
            f"Leave --{method} out to go on with it, or begin another with --name.",
        )


def _summary(running: Running, left: Left) -> dict[str, Any]:
    plan, found = running.plan, running.interval
    errors, low, high = running.errors
    return {
        "name": plan.name,
        "attribute": plan.attribute,
        "method": plan.method,
        "seed": plan.seed,
        "confidence": plan.confidence,
        "half_width": plan.half_width,
        "population": plan.population,
        "judged": found.judged,
        "wrong": running.wrong,
        "unsure": running.unsure,
        "rate": found.rate if found.judged else None,
        "low": found.low,
        "high": found.high,
        "with_unsure": list(running.with_unsure),
        "errors": {"expected": errors if found.judged else None, "low": low, "high": high},
        "needed": running.needed,
        "reached": running.reached,
        "exhausted": running.exhausted,
        "left": asdict(left) | ({} if found.judged else {"expected": None}),
    }


def _print_estimates(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        console.print_json(rows)
        return
    for row in rows:
        rate = f"{row['rate']:.1%}" if row["rate"] is not None else "–"
        console.say(
            f"{row['name']:<20} {rate:>6} ({row['low']:.1%} to {row['high']:.1%})  {row['judged']:,} judged  "
            f"{'reached' if row['reached'] else format(row['needed'], ',') + ' more'}  seed {row['seed']}"
        )
    if not rows:
        console.say("There are no estimates yet. Begin one with: visualsearch estimate CATALOG ATTRIBUTE")


def _print_running(running: Running, left: Left, upcoming: list[str]) -> None:
    plan, found = running.plan, running.interval
    what = plan.attribute or "all attributes"
    console.say(f"{plan.name}: {what} of {counted(plan.population, 'item')}, {plan.method}, seed {plan.seed}")
    if found.judged:
        expected, low, high = running.errors
        console.say(
            f"Wrong: {found.rate:.1%}, between {found.low:.1%} and {found.high:.1%} with {plan.confidence:.0%} "
            f"confidence ({found.judged:,} judged): {counted(expected, 'item')}, {low:,} to {high:,}"
        )
    if running.unsure:
        low, high = running.with_unsure
        console.say(f"Unsure: {running.unsure:,}; counted as right or wrong: {low:.1%} to {high:.1%}")
    if left.corrected:
        console.say(
            f"Corrected since: {left.corrected:,}. Probably left: {left.expected:,}, {left.low:,} to {left.high:,}"
        )
    if running.reached:
        console.say(f"Reached ± {plan.half_width:.1%}: nothing more to judge.")
    elif running.exhausted:
        console.say("Every item has been judged.")
    else:
        console.say(
            f"About {counted(running.needed, 'more answer')} until ± {plan.half_width:.1%}. Judge next:"
        )
        for item_id in upcoming:
            console.say(f"  {item_id}")
