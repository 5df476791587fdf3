"""`visualsearch search`: a query from options, its results to text or JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import catalog_argument, json_option
from visualsearch.cli.query_options import example_name, query_from, query_options
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.filters.query import Query, Results
    from visualsearch.workspace import Workspace

_SHOWN = 20
"""So many values of an attribute are printed for people; an attribute may have thousands."""


@click.command()
@catalog_argument
@query_options
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many results to print."
)
@click.option("--exact", is_flag=True, help="Scan everything; do not ask the index first.")
@click.option("--approximate", is_flag=True, help="Only the index's candidates.")
@click.option(
    "--look",
    type=click.Choice(["likely", "useful", "random"]),
    default="likely",
    show_default=True,
    help="Which results of examples come first: the likely ones, those most useful to judge, or any.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, help="Another seed gives another order of --look random."
)
@click.option("--facets", is_flag=True, help="Count the results' attribute values.")
@json_option
def search(catalog: Path, exact: bool, approximate: bool, limit: int, as_json: bool, **options: Any) -> int:
    """Search CATALOG by example, condition and words."""
    from visualsearch.filters.query import Look
    from visualsearch.workspace import Workspace

    if exact and approximate:
        raise UsageError("--exact and --approximate exclude each other.", "Leave both out for the usual way.")
    mode = "exact" if exact else "approximate" if approximate else "two-phase"
    with Workspace.open(catalog) as workspace:
        look = Look(options["look"], options["seed"])
        query = replace(query_from(workspace, options), look=look)
        results = _ask(workspace, query, mode)
        for warning in [*workspace.warnings(query.where), *_useless(workspace, query, results)]:
            console.warn(warning)
        shown = results.items[:limit]
        ids = workspace.ids_of(shown.tolist())
        paths = workspace.image_paths(shown.tolist())
    facets = _values_only(results.facets)
    rows = [
        {
            "id": item_id,
            "score": round(float(results.scores[place]), 6) if results.scores is not None else 0.0,
            "image": str(paths.get(int(item), "")),
        }
        for place, (item, item_id) in enumerate(zip(shown, ids, strict=True))
    ]
    if as_json:
        console.print_json(
            {
                "total": results.total,
                "exact": results.phase.value != "approximate",
                "elapsed_ms": round(results.elapsed_ms, 3),
                "results": rows,
                "facets": facets,
            }
        )
    else:
        _print_results(results, rows, facets)
    return 0


def _useless(workspace: Workspace, query: Query, results: Results) -> list[str]:
    """What of a query restricts, compares or teaches nothing, for the person to know."""
    from visualsearch.catalog.text import has_words

    found = []
    if query.text.strip() and not has_words(query.text):
        found.append(f"There is no word in {query.text!r}: it restricts nothing.")
    items = [
        example.item
        for example in (*query.visual.positives, *query.visual.negatives)
        if example.item is not None
    ]
    for item in items:
        if all(image.refused is not None for image in workspace.details(item).images):
            name = workspace.ids_of([item])[0]
            found.append(f"The item {name!r} has no photo that could be read: as an example it says nothing.")
    if results.refused:
        names = [example_name(workspace, example) for example in results.refused]
        found.append(
            f"Not learnt from, for the ranking would get no better: {', '.join(names)}. "
            f"One that is given a weight counts in any case, as {names[0]}*2."
        )
    if query.visual and (missing := workspace.not_searchable()):
        found.append(
            f"Not searchable by look yet: {counted(missing, 'item')}. The same import again goes on with them."
        )
    return found


def _ask(workspace: Workspace, query: Query, mode: Any) -> Results:
    answers: list[Results] = []
    with console.running_job() as control:
        workspace.search(query, answers.append, control, mode)
    return answers[-1]


def _values_only(facets: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Counts of values; how many items have none ("") is for the window."""
    return {
        attribute: {value: count for value, count in counts.items() if value}
        for attribute, counts in facets.items()
    }


def _print_results(results: Results, rows: list[dict[str, Any]], facets: dict[str, dict[str, int]]) -> None:
    is_scored = any(row["score"] for row in rows)  # by a condition alone nothing is
    for row in rows:
        score = f"{row['score']:9.4f}  " if is_scored else ""
        console.say(f"{score}{row['id']:<16}  {row['image']}")
    for attribute, counts in facets.items():
        values = [f"{value} {count:,}" for value, count in counts.items()]
        if len(values) > _SHOWN:
            values[_SHOWN:] = [f"… and {len(values) - _SHOWN:,} more values; --json lists them all"]
        console.say(f"{attribute}: {', '.join(values)}")
    console.say(f"{results.total:,} found · {results.phase.value} · {results.elapsed_ms:.0f} ms")
