"""`visualsearch evaluate`: how well filters find what people mean, on a catalog whose attributes are right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import catalog_argument, json_option
from visualsearch.words import counted, printable

if TYPE_CHECKING:
    from visualsearch.evaluation.run import Report


class ShotsType(click.ParamType):
    """Numbers of examples, as 1,3,5,10."""

    name = "N,N,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(dict.fromkeys(int(text) for text in value.split(",")))
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers as 1,3,5,10", param, ctx)


@click.command()
@catalog_argument
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    required=True,
    metavar="A",
    help="Whose values people mean; A+B for a value of each, as a type in a colour.",
)
@click.option(
    "--shots",
    type=ShotsType(),
    default=(1, 3, 5, 10),
    show_default="1,3,5,10",
    help="How many examples they start with.",
)
@click.option(
    "--rounds", type=click.IntRange(0), default=0, show_default=True, help="Pages that they judge afterwards."
)
@click.option(
    "--filters", type=click.IntRange(1), default=30, show_default=True, help="Most values of an attribute."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed draws other examples."
)
@json_option
def evaluate(catalog: Path, as_json: bool, **options: Any) -> int:
    """Simulate people on CATALOG, of which the attributes are right: how well does each scorer find what they mean?

    Prints mean average precision (mAP) with its 95 % interval, the precision of the first 50 (P@50), and how many items
    people look at until they have 90 % of what they want. Filters do not know the attributes that people mean, only the
    others.
    """
    from visualsearch.evaluation.run import Plan
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace, console.running_job() as control:
        report = workspace.evaluate(Plan(**options), control)
    if as_json:
        console.print_json(report)
    else:
        _print_report(report)
    return 0


def _print_report(report: Report) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    for attribute, by_shots in report.items():
        if not by_shots:
            console.say(f"{attribute}: every value is too rare or too common.")
        for shots, scorers in by_shots.items():
            title = [
                counted(int(str(next(iter(scorers.values()))["filters"])), "filter"),
                counted(int(shots), "example"),
            ]
            table = Table(
                title=escape(printable(" · ".join([attribute, *title]))), title_justify="left", box=None
            )
            table.add_column("scorer")
            for heading in ("mAP", "95 % interval", "P@50", "clicks to 90 %"):
                table.add_column(heading, justify="right")
            for name, figures in scorers.items():
                interval = f"{figures['low']:.3f}–{figures['high']:.3f}"
                table.add_row(
                    name,
                    f"{figures['map']:.3f}",
                    interval,
                    f"{figures['p50']:.3f}",
                    f"{figures['clicks']:,.0f}",
                )
            Console().print(table)
