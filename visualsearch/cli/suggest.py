"""`visualsearch suggest`: which items may deserve a value, or what the items of the last import lack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import OK, catalog_argument, json_option
from visualsearch.cli.query_options import example_of
from visualsearch.errors import UsageError

if TYPE_CHECKING:
    from visualsearch.attributes.onboarding import Missing
    from visualsearch.attributes.situation import Start
    from visualsearch.workspace import Workspace

GUESS = "The probabilities are a guess: there are too few labelled or judged items to learn them from."
START_OPTIONS = (
    click.option(
        "--like", multiple=True, metavar="ID_OR_FILE", help="An item or a picture that deserves it."
    ),
    click.option("--unlike", multiple=True, metavar="ID_OR_FILE", help="One that does not."),
    click.option("--filter", "filter_name", default="", metavar="NAME", help="Start from a saved filter."),
    click.option("--where", multiple=True, metavar="EXPR", help="Suggest only items that meet a condition."),
    click.option("--again", is_flag=True, help="Suggest also items that have another value of it."),
)


def start_options(command: Any) -> Any:
    """The options that say what suggestions start from."""
    for option in reversed(START_OPTIONS):
        command = option(command)
    return command


def start_of(workspace: Workspace, options: dict[str, Any]) -> Start:
    """Raises VisualSearchError (no such item or picture)."""
    from visualsearch.attributes.situation import Start

    like, unlike = (
        tuple(example_of(workspace, name) for name in options[side]) for side in ("like", "unlike")
    )
    both = set(like) & set(unlike)
    if both:
        raise UsageError("An example is given with --like and with --unlike.", "Take one of them away.")
    return Start(like, unlike, options["filter_name"], tuple(options["where"]), options["again"])


@click.command()
@catalog_argument
@click.argument("target", metavar="ATTRIBUTE=VALUE", required=False)
@start_options
@click.option("--new", is_flag=True, help="What the items of the last import lack, in all attributes.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many to print.")
@click.option(
    "--mode",
    type=click.Choice(("likely", "useful", "random")),
    default="likely",
    show_default=True,
    help="Best first, what an answer would teach most, or a random sample.",
)
@json_option
def suggest(
    catalog: Path, target: str | None, new: bool, limit: int, mode: str, as_json: bool, **options: Any
) -> int:
    """Suggest items of CATALOG that may deserve ATTRIBUTE=VALUE, best first.

    It starts from --like, from a saved filter or, without either, from what `tag` began with, or else from the items
    that have the value. Items that were rejected for it, or that have another value of an attribute with one value an
    item, are left out.
    """
    from visualsearch.attributes.situation import Start
    from visualsearch.attributes.target import Target
    from visualsearch.workspace import Workspace

    if new == bool(target):
        raise UsageError(
            "Give ATTRIBUTE=VALUE, or --new.", "For example: visualsearch suggest CATALOG style=hawaiian"
        )
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        if not target:
            missing = workspace.tagging.onboarding.suggestions(control)[:limit]
            rows, guess = _missing_rows(workspace, missing), not all(one.learnt for one in missing)
        else:
            start = start_of(workspace, options)
            start = None if start == Start() else start
            found = workspace.tagging.suggest(Target.parse(target), start, control, limit=limit, mode=mode)
            guess = not found.learnt
            rows = [
                {"id": name, "score": round(score, 6), "probability": round(chance, 6), "guess": guess}
                for name, score, chance in zip(
                    workspace.ids_of(found.items.tolist()),
                    found.scores.tolist(),
                    found.probabilities.tolist(),
                    strict=True,
                )
            ]
    if as_json:
        console.print_json(rows)
        return OK
    for row in rows:
        what = f"  {row['attribute']}={row['value']}" if new else f"  {row['score']:8.3f}"
        console.say(f"{row['probability']:7.1%}  {row['id']:<16}{what}")
    if not rows:
        console.say("Nothing to suggest.")
    elif guess:
        console.warn(GUESS)
    return OK


def _missing_rows(workspace: Workspace, missing: list[Missing]) -> list[dict[str, Any]]:
    names = workspace.ids_of([one.item for one in missing])
    return [
        {
            "id": name,
            "attribute": one.attribute,
            "value": one.value,
            "probability": round(one.probability, 6),
            "guess": not one.learnt,
            "others": {value: round(share, 4) for value, share in one.others},
        }
        for name, one in zip(names, missing, strict=True)
    ]
