"""The command line: arguments to the workspace, its answers to text or JSON.

Exit codes: 0 done, 1 nothing done because of an error, 2 wrong usage, 3 done with some input refused. A name that the
catalog does not have is an error; of several ids of which only some are unknown, the others are done, and it is 3.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from visualsearch import __version__, console
from visualsearch.catalog.paths import is_unicode, require_outside
from visualsearch.cli.audit import audit
from visualsearch.cli.autotag import autotag
from visualsearch.cli.certificates import certificates
from visualsearch.cli.decisions import clear, history, redo, set_command, undo, verify
from visualsearch.cli.estimate import estimate
from visualsearch.cli.evaluate import evaluate
from visualsearch.cli.explain import explain
from visualsearch.cli.export import export
from visualsearch.cli.filter import filter_group
from visualsearch.cli.options import FAILED, OK, PATH, SOME_REFUSED, USAGE, catalog_argument, json_option
from visualsearch.cli.packet import packet_group
from visualsearch.cli.quality import dashboard, duplicates, report
from visualsearch.cli.search import search
from visualsearch.cli.suggest import suggest
from visualsearch.cli.tagging import certify, tag
from visualsearch.cli.vocabulary import vocabulary
from visualsearch.errors import Cancelled, UnknownName, UsageError, VisualSearchError

_REFUSALS_SHOWN = 20
_UNSEEN = ("offscreen", "minimal")  # platforms of Qt on which nobody sees the window
_UNUSABLE = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS)  # of a file or folder that was typed
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # for what goes to standard output


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="visualsearch")
def cli() -> None:
    """Find, filter and check the products of a catalog by how their photos look."""


@cli.command("import")
@catalog_argument
@click.option("--images", type=PATH, required=True, help="Folder with the photos.")
@click.option(
    "--table",
    type=PATH,
    help="CSV, TSV, JSON or Parquet file with the items, also as Shopify and Solr write them.",
)
@click.option("--id", "id_column", metavar="COLUMN", help="Column with the items' ids; guessed otherwise.")
@click.option(
    "--image",
    "photos",
    multiple=True,
    metavar="COLUMN_OR_PATTERN",
    help="Column with photo paths, or a pattern as images/{id}.jpg; again for each further one.",
)
@click.option(
    "--separator", "separators", multiple=True, metavar="COLUMN=SEP", help="Column with several values."
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="COLUMN=TYPE",
    help="Type of a column: category, number or text; guessed otherwise.",
)
@click.option("--skip", multiple=True, metavar="COLUMN", help="Column that is not imported.")
@click.option(
    "--replace", is_flag=True, help="Also where it takes away all items or photos that the catalog has."
)
@click.option("--encoding", metavar="NAME", help="The table's encoding, as cp1252; detected otherwise.")
@click.option("--encoder", metavar="NAME", help="See `visualsearch encoders`.")
@click.option("--weights", type=PATH, help="File with the encoder's weights.")
@click.option("--report", "report_file", type=PATH, help="Write the whole report as JSON.")
@json_option
def import_command(
    catalog: Path,
    images: Path,
    table: Path | None,
    id_column: str | None,
    photos: tuple[str, ...],
    separators: tuple[str, ...],
    types: tuple[str, ...],
    skip: tuple[str, ...],
    replace: bool,
    encoding: str | None,
    encoder: str | None,
    weights: Path | None,
    report_file: Path | None,
    as_json: bool,
) -> int:
    """Import photos and a table into CATALOG (made when it is not there), encode and index them."""
    from visualsearch.catalog.sources import ImportRequest
    from visualsearch.workspace import Workspace

    if report_file is not None:
        _require_writable(report_file, table, catalog)
    request = ImportRequest(
        images,
        table,
        id_column,
        ", ".join(photos) or None,
        _pairs(separators) or None,
        encoding,
        _types(types) or None,
        skip or None,
        replace,
    )
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


def _types(given: tuple[str, ...]) -> dict[str, str]:
    types = {}
    for text in given:
        column, equals, kind = text.rpartition("=")
        if not equals or not column or not kind:
            raise UsageError(f"--type {text!r} is not COLUMN=TYPE.", "For example: --type size=category")
        types[column] = kind
    return types


def _require_writable(file: Path, table: Path | None, catalog: Path) -> None:
    """Raise UsageError before a long import for a report that could not be written after it, or would take the place of
    the table or of a file of the catalog."""
    if not file.absolute().parent.is_dir() or (file.exists() and not file.is_file()):
        raise UsageError(f"The report cannot be written to {file}.", "Name a file in a folder that is there.")
    require_outside(file, catalog)
    if table is not None and table.exists() and file.exists() and file.samefile(table):
        raise UsageError(
            f"{file} is the table that is imported; it is not overwritten.", "Choose another name."
        )


def _write_report(file: Path, report: dict[str, Any]) -> None:
    from visualsearch.replacing import replace_file

    try:
        replace_file(file, console.to_json(report).encode())
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
        console.say(f"{thing.capitalize()}: {counts}")
    for line in _understood(values["columns"]):
        console.say(f"  {line}")
    for note in report.notes:
        console.say(f"  note: {note}")
    for refusal in report.refused[:_REFUSALS_SHOWN]:
        console.say(f"  refused {refusal.source}: {refusal.reason}")
    if len(report.refused) > _REFUSALS_SHOWN:
        more = len(report.refused) - _REFUSALS_SHOWN
        console.say(f"  … and {more:,} more; --report FILE lists them all")
    console.say(f"Refused: {len(report.refused):,} · {console.duration(report.seconds)}")
    if values["items_new"]:
        console.say("Next: visualsearch audit CATALOG --new lists what looks wrong among the new items.")


def _understood(columns: dict[str, Any]) -> Iterator[str]:
    """How a source was understood, as lines: the attributes by their types. What it does not have is left out."""
    for name, found in filter(lambda one: one[1], columns.items()):
        if not isinstance(found, dict):
            yield f"{name}: {', '.join(found) if isinstance(found, list) else found}"
            continue
        by_type: dict[str, list[str]] = {}
        for attribute, described in found.items():
            kind, _, more = described.partition(", ")
            by_type.setdefault(kind, []).append(f"{attribute} ({more})" if more else attribute)
        for kind, named in by_type.items():
            yield f"{kind} {name}: {', '.join(named)}"


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
        console.say(f"{name.replace('_', ' ')}: {text}")
    if values["outdated"]:
        console.say(
            "Another version of the encoder has encoded these photos. Import them again: all are encoded anew, and "
            "what was decided stays."
        )
    return OK


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
        # Of one's own model it is known once its file is given.
        size = f"{state['dimension']}-d" if state["dimension"] else ""
        console.say(f"{state['name']:<20} {size:>7}  {state['state']:<16} {state['title']}")
        if said := " ".join(filter(None, (state["hint"], state["command"]))):
            console.say(f"  {said}")
    return OK


@cli.command()
@click.argument("folder", type=PATH)
@click.option("--items", type=int, default=1000, show_default=True, help="How many, from 300 to 1,000,000.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed draws another catalog."
)
@json_option
def sample(folder: Path, items: int, seed: int, as_json: bool) -> int:
    """Draw a sample catalog into FOLDER: photos, products.csv, and the truth in truth.csv."""
    from visualsearch.sample import generate

    with console.running_job() as control:
        report = generate(folder, items, seed, control)
    if as_json:
        console.print_json(report.to_dict())
    else:
        console.say(f"{items:,} items are in {folder}.")
        console.say(f"Next: visualsearch import CATALOG --images {folder} --table {folder / 'products.csv'}")
    return OK


@cli.command()
@click.argument("catalog", type=PATH, required=False)
def gui(catalog: Path | None) -> int:
    """Open the window, on CATALOG when given."""
    if not _has_display():
        raise VisualSearchError(
            "There is no display to open a window on.",
            "Log in to a desktop, or try `visualsearch demo --headless`, or run under `xvfb-run -a`.",
        )
    if catalog is not None and os.environ.get("QT_QPA_PLATFORM") in _UNSEEN:
        from visualsearch.workspace import Workspace

        Workspace.open(catalog).close()  # the window would say why it cannot be opened, to nobody
    from visualsearch.ui.app import run

    return run(catalog)


@cli.command()
@click.option("--headless", is_flag=True, help="Do not show the window; write screenshots and a report.")
@click.option("--out", type=PATH, default=Path("demo-output"), help="Where those are written.")
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

    report = drive(catalog, out, console.warn)
    if as_json:
        console.print_json(report)
    else:
        console.say(f"Screenshots and the report are in {out.resolve()}.")
    return OK


def _has_display() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


for command in (
    audit,
    autotag,
    search,
    evaluate,
    explain,
    suggest,
    tag,
    certify,
    certificates,
    filter_group,
    set_command,
    clear,
    history,
    undo,
    redo,
    verify,
    vocabulary,
    estimate,
    duplicates,
    dashboard,
    report,
    export,
    packet_group,
):
    cli.add_command(command)


def _help_of(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"See: {context.command_path if context else 'visualsearch'} --help"


def _known(error: OSError) -> VisualSearchError | None:
    """What to say of an error that only the operating system knew beforehand; None where it is a bug."""
    if error.filename is not None and error.errno in _UNUSABLE:
        return VisualSearchError(
            f"{error.filename} cannot be used ({error.strerror}).", "Check the name, and who may read it."
        )
    if error.filename is not None and error.errno in _NO_ROOM:
        reason = f"{error.filename} cannot be read or written ({error.strerror})."
        return VisualSearchError(reason, "Check the disk and the room on it.")
    if error.filename is None and error.errno in _NO_ROOM:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still in its buffer
        reason = f"What was found cannot be written to the output ({error.strerror})."
        return VisualSearchError(reason, "Make room, and give the command again.")
    return None


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    console.write_all_signs()
    try:
        code = _code_of(arguments, as_json)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader had enough, as in `… | head`
        code = OK
    except OSError as error:
        known = _known(error)
        if known is None:
            raise
        console.print_error(known, as_json)
        code = FAILED
    sys.exit(code if isinstance(code, int) else OK)


def _code_of(arguments: list[str], as_json: bool) -> object:
    """Run the command line, and say what went wrong; what it returns is the exit code where that is a number. Raises
    OSError."""
    try:
        code = cli.main(arguments, prog_name="visualsearch", standalone_mode=False)
    except click.ClickException as error:
        if as_json:
            console.print_json({"error": error.format_message(), "hint": _help_of(error)})
        error.show()
        code = USAGE
    except (Cancelled, click.Abort):
        hint = "Nothing is half written, and what was done in parts is kept; give the command again to go on."
        console.print_error(Cancelled(hint=hint), as_json)
        code = FAILED
    except VisualSearchError as error:
        console.print_error(error, as_json)
        wrong_usage = isinstance(error, UsageError) and not isinstance(error, UnknownName)
        code = USAGE if wrong_usage else FAILED
    except UnicodeEncodeError:
        broken = [argument for argument in arguments if not is_unicode(argument)]
        if not broken:
            raise
        console.print_error(
            UsageError(f"{broken[0]!r} is not valid text.", "Type it anew, in UTF-8."), as_json
        )
        code = USAGE
    console.flush()
    return code
