"""The command line: arguments to the workspace, its answers to text or JSON.

Exit codes: 0 done, 1 nothing done because of an error, 2 wrong usage, 3 done with some input refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from visualsearch import __version__, console
from visualsearch.cli_evaluate import evaluate
from visualsearch.errors import Cancelled, UsageError, VisualSearchError

if TYPE_CHECKING:
    from visualsearch.filters.query import Example, Query, Results
    from visualsearch.workspace import Workspace

OK, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3
_REFUSALS_SHOWN = 20

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
catalog_argument = click.argument("catalog", type=click.Path(path_type=Path))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="visualsearch")
def cli() -> None:
    """Find, filter and check the products of a catalog by how their photos look."""


@cli.command("import")
@catalog_argument
@click.option("--images", type=click.Path(path_type=Path), required=True, help="Folder with the photos.")
@click.option(
    "--table", type=click.Path(path_type=Path), help="CSV, TSV, JSON Lines or Parquet file with the items."
)
@click.option("--id", "id_column", metavar="COLUMN", help="Column with the items' ids; guessed otherwise.")
@click.option(
    "--image", metavar="COLUMN_OR_PATTERN", help="Column with photo paths, or a pattern as images/{id}.jpg."
)
@click.option(
    "--separator", "separators", multiple=True, metavar="COLUMN=SEP", help="Column with several values."
)
@click.option("--encoding", metavar="NAME", help="The table's encoding, as cp1252; detected otherwise.")
@click.option("--encoder", metavar="NAME", help="See `visualsearch encoders`.")
@click.option("--weights", type=click.Path(path_type=Path), help="File with the encoder's weights.")
@click.option(
    "--report", "report_file", type=click.Path(path_type=Path), help="Write the whole report as JSON."
)
@json_option
def import_command(
    catalog: Path,
    images: Path,
    table: Path | None,
    id_column: str | None,
    image: str | None,
    separators: tuple[str, ...],
    encoding: str | None,
    encoder: str | None,
    weights: Path | None,
    report_file: Path | None,
    as_json: bool,
) -> int:
    """Import photos and a table into CATALOG (made when it is not there), encode and index them."""
    from visualsearch.catalog.importing import ImportRequest
    from visualsearch.workspace import Workspace

    request = ImportRequest(images, table, id_column, image, _pairs(separators), encoding)
    with Workspace.open(catalog, create=True) as workspace, console.running_job() as control:
        report = workspace.import_all(request, control, encoder=encoder, weights=weights)
    if report_file is not None:
        _write_report(report_file, report.to_dict())
    if as_json:
        console.print_json(report.to_dict())
    else:
        _print_report(report)
    return SOME_REFUSED if report.refused else OK


def _pairs(separators: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in separators:
        column, equals, separator = text.partition("=")
        if not equals or not separator:
            raise UsageError(
                f"--separator {text!r} is not COLUMN=SEPARATOR.", "For example: --separator tags='|'"
            )
        pairs[column] = separator
    return pairs


def _write_report(file: Path, report: dict[str, Any]) -> None:
    import json

    beside = file.with_name(file.name + ".new")
    try:
        beside.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
        os.replace(beside, file)
    except OSError as error:
        raise VisualSearchError(
            f"The import is done, but its report cannot be written to {file} ({error.strerror})."
        ) from error


def _print_report(report: Any) -> None:
    values = report.to_dict()
    for thing in ("items", "images"):
        counts = ", ".join(
            f"{values[f'{thing}_{what}']:,} {what}" for what in ("new", "changed", "unchanged", "gone")
        )
        console.out.print(f"{thing.capitalize()}: {counts}")
    for name, guess in values["columns"].items():
        console.out.print(f"  {name}: {guess}", markup=False)
    for note in report.notes:
        console.out.print(f"  note: {note}", markup=False)
    for refusal in report.refused[:_REFUSALS_SHOWN]:
        console.out.print(f"  refused {refusal.source}: {refusal.reason}", markup=False)
    if len(report.refused) > _REFUSALS_SHOWN:
        more = len(report.refused) - _REFUSALS_SHOWN
        console.out.print(f"  … and {more:,} more; --report FILE lists them all")
    console.out.print(f"Refused: {len(report.refused):,} · {console.duration(report.seconds)}")


@cli.command()
@catalog_argument
@json_option
def info(catalog: Path, as_json: bool) -> int:
    """Say what CATALOG holds and how far it is indexed."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        values = workspace.info().to_dict()
    if as_json:
        console.print_json(values)
        return OK
    for name, value in values.items():
        text = ", ".join(value) if isinstance(value, list) else f"{value:,}" if type(value) is int else value
        console.out.print(f"{name.replace('_', ' ')}: {text}", markup=False)
    return OK


class BlocksType(click.ParamType):
    """auto, style, colour, or the colour block's weight from 0 to 1."""

    name = "auto|style|colour|WEIGHT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "auto" or isinstance(value, float):
            return value
        try:
            weight = {"style": 0.0, "colour": 1.0}.get(value)
            weight = float(value) if weight is None else weight
        except ValueError:
            self.fail(f"{value!r} is not auto, style, colour or a number from 0 to 1", param, ctx)
        if not 0 <= weight <= 1:
            self.fail(f"{value} is not between 0 (style only) and 1 (colour only)", param, ctx)
        return weight


@cli.command()
@catalog_argument
@click.option(
    "--like", multiple=True, metavar="ID_OR_FILE", help="An item or a picture that the results look like."
)
@click.option("--unlike", multiple=True, metavar="ID_OR_FILE", help="One that they do not look like.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help='A condition, as "gender=Men and not usage=Sports".'
)
@click.option("--text", default="", metavar="WORDS", help="Words that the items contain.")
@click.option(
    "--text-weight", type=click.FloatRange(0, 1), default=0.0, help="Share of the words in the order."
)
@click.option(
    "--blocks", type=BlocksType(), default="auto", help="What counts: style, colour or a weight between."
)
@click.option(
    "--narrow", metavar="auto|STRICTNESS", help="Keep only what is close: auto, or 0 (all) to 1 (closest)."
)
@click.option("--sort", default="relevance", metavar="relevance|id|ATTRIBUTE", help="Order of the results.")
@click.option("--descending", is_flag=True, help="Turn the order of --sort round.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many results to print."
)
@click.option("--exact", "mode", flag_value="exact", help="Scan everything; do not ask the index first.")
@click.option("--approximate", "mode", flag_value="approximate", help="Only the index's candidates.")
@click.option("--facets", is_flag=True, help="Count the results' attribute values.")
@json_option
def search(catalog: Path, mode: str | None, limit: int, as_json: bool, **options: Any) -> int:
    """Search CATALOG by example, condition and words."""
    from visualsearch.workspace import Workspace

    with Workspace.open(catalog) as workspace:
        query = _query(workspace, options)
        results = _ask(workspace, query, mode or "two-phase")
        for warning in workspace.warnings(query.where):
            console.err.print(warning, markup=False)
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
    return OK


def _query(workspace: Workspace, options: dict[str, Any]) -> Query:
    from visualsearch.filters.query import Query, Sort, VisualFilter

    return Query(
        visual=VisualFilter(
            tuple(_example(workspace, name) for name in options["like"]),
            tuple(_example(workspace, name) for name in options["unlike"]),
            options["blocks"],
            _narrow(options["narrow"]),
        ),
        where=options["where"],
        text=options["text"],
        text_weight=options["text_weight"],
        sort=Sort(options["sort"], options["descending"]),
        facets=options["facets"],
    )


def _example(workspace: Workspace, name: str) -> Example:
    from visualsearch.filters.query import Example

    number = workspace.number_of(name)
    if number is not None:
        return Example(item=number)
    file = Path(name)
    if file.is_file():
        return Example(file=str(file.resolve()))
    raise VisualSearchError(
        f"{name!r} is neither the id of an item nor a picture file.", "Look the id up with --text."
    )


def _narrow(text: str | None) -> Any:
    if text is None or text == "auto":
        return text
    try:
        strictness = float(text)
    except ValueError:
        strictness = -1.0
    if not 0 <= strictness <= 1:
        raise UsageError(f"--narrow {text!r} is neither auto nor a number from 0 to 1.")
    return strictness


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
    for row in rows:
        console.out.print(f"{row['score']:9.4f}  {row['id']:<16}  {row['image']}", markup=False)
    for attribute, counts in facets.items():
        values = ", ".join(f"{value} {count:,}" for value, count in counts.items())
        console.out.print(f"{attribute}: {values}", markup=False)
    console.out.print(f"{results.total:,} found · {results.phase.value} · {results.elapsed_ms:.0f} ms")


@cli.command()
@json_option
def encoders(as_json: bool) -> int:
    """List the encoders and whether they are ready."""
    from dataclasses import asdict

    from visualsearch.encoders.encoder import list_encoders

    states = [asdict(state) for state in list_encoders()]
    if as_json:
        console.print_json(states)
        return OK
    for state in states:
        console.out.print(
            f"{state['name']:<20} {state['dimension']:>5}-d  {state['state']:<16} {state['title']}"
        )
        if state["hint"]:
            console.out.print(f"  {state['hint']}", markup=False)
    return OK


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--items", type=int, default=1000, show_default=True, help="How many, from 300 to 1,000,000.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed draws another catalog.")
@json_option
def sample(folder: Path, items: int, seed: int, as_json: bool) -> int:
    """Draw a sample catalog into FOLDER: photos, products.csv, and the truth in truth.csv."""
    from visualsearch.sample import generate

    with console.running_job() as control:
        report = generate(folder, items, seed, control)
    if as_json:
        console.print_json(report.to_dict())
    else:
        console.out.print(f"{items:,} items are in {folder}.", markup=False)
        console.out.print(
            f"Next: visualsearch import CATALOG --images {folder} --table {folder / 'products.csv'}",
            markup=False,
        )
    return OK


@cli.command()
@click.argument("catalog", type=click.Path(path_type=Path), required=False)
def gui(catalog: Path | None) -> int:
    """Open the window, on CATALOG when given."""
    if not _has_display():
        raise VisualSearchError(
            "There is no display to open a window on.",
            "Log in to a desktop, or try `visualsearch demo --headless`, or run under `xvfb-run -a`.",
        )
    from visualsearch.ui.app import run

    return run(catalog)


@cli.command()
@click.option("--headless", is_flag=True, help="Do not show the window; write screenshots and a report.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo-output"), help="Where those are written."
)
@json_option
def demo(headless: bool, out: Path, as_json: bool) -> int:
    """Open the window on a drawn sample catalog; without a display, do the same work and write screenshots."""
    from visualsearch.demo import prepare

    with console.running_job() as control:
        catalog = prepare(control)
    if not headless and _has_display():
        from visualsearch.ui.app import run

        return run(catalog)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from visualsearch.ui.demo import drive

    report = drive(catalog, out, lambda line: console.err.print(line, markup=False))
    if as_json:
        console.print_json(report)
    else:
        console.out.print(f"Screenshots and the report are in {out.resolve()}.", markup=False)
    return OK


def _has_display() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


cli.add_command(evaluate)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    try:
        code = cli.main(arguments, prog_name="visualsearch", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (Cancelled, click.Abort):
        console.err.print("Cancelled. What was done so far is kept; the same command goes on from there.")
        code = FAILED
    except VisualSearchError as error:
        console.print_error(error, as_json)
        code = USAGE if isinstance(error, UsageError) else FAILED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader had enough, as in `… | head`
        code = OK
    sys.exit(code if isinstance(code, int) else OK)
