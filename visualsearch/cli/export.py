"""`visualsearch export`: a catalog, a part of it, or what people changed, as a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from visualsearch import console
from visualsearch.cli.options import OK, PATH, catalog_argument, json_option
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.exports import ExportReport
    from visualsearch.workspace import Workspace

FORMATS = ("csv", "tsv", "jsonl", "parquet", "shopify", "solr")


@click.command("export")
@catalog_argument
@click.option("--out", type=PATH, metavar="FILE", help="The file to write.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Told by the file's name otherwise.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help='Only items that meet a condition, as "gender=Men".'
)
@click.option(
    "--changes", is_flag=True, help="Only items that people changed; what was undone does not count."
)
@click.option(
    "--since", metavar="TIME", help='Only changes since a day or time in UTC, or since the "last" export.'
)
@click.option("--actor", metavar="NAME", help="Only changes by this person.")
@click.option("--image-url", default="", metavar="URL", help="For Shopify: where the photos are on the web.")
@click.option("--list", "listed", is_flag=True, help="List the exports that were made, and write nothing.")
@json_option
def export(
    catalog: Path,
    out: Path | None,
    kind: str | None,
    where: tuple[str, ...],
    changes: bool,
    since: str | None,
    actor: str | None,
    image_url: str,
    listed: bool,
    as_json: bool,
) -> int:
    """Write the items of CATALOG to a file: CSV, TSV, JSON Lines, Parquet, for Shopify, or for Solr.

    Every format imports again without loss; the small FILE.import.json beside it tells how.
    "since last" goes on from the last export in the same format that neither --where nor --actor narrowed.
    """
    from visualsearch.workspace import Workspace

    if listed == (out is not None):
        raise UsageError(
            "Give --out FILE, or --list.", "For example: visualsearch export CATALOG --out items.csv"
        )
    with Workspace.open(catalog) as workspace:
        if listed:
            return _list(workspace, as_json)
        from visualsearch.attributes.exports import ExportRequest

        assert out is not None
        request = ExportRequest(out, kind, where, changes, since, actor, image_url)
        with console.running_job() as control:
            report = workspace.export.run(request, control)
    if as_json:
        console.print_json(report.to_dict())
    else:
        _print(report)
    return OK


def _print(report: ExportReport) -> None:
    there = f"{counted(report.items, 'item')} {'is' if report.items == 1 else 'are'} in {report.file}"
    console.say(f"{there} · {console.duration(report.seconds)}")
    for note in report.notes:
        console.say(f"  note: {note}")
    if report.import_with:
        console.say(f"To bring it back: visualsearch import CATALOG {report.import_with}")


def _list(workspace: Workspace, as_json: bool) -> int:
    from dataclasses import asdict

    entries = workspace.export.history()
    if as_json:
        console.print_json([asdict(entry) for entry in entries])
        return OK
    for entry in entries:
        part = "" if entry.complete else " · a part"
        when = entry.at[:16].replace("T", " ")
        console.say(
            f"{entry.number:>4}  {when}  {entry.format:<8} {counted(entry.items, 'item'):>15}  {entry.file}{part}"
        )
    if not entries:
        console.say("Nothing was exported yet.")
    return OK
