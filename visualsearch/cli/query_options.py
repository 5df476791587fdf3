"""A query from options: what `search`, `explain` and others have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from visualsearch.cli.options import LOOK_UP
from visualsearch.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from visualsearch.filters.query import Example, Query
    from visualsearch.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])


class BlocksType(click.ParamType):
    """auto, style, colour, or the colour block's weight from 0 to 1."""

    name = "auto|style|colour|WEIGHT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, float):
            return value
        value = value.lower()
        if value == "auto":
            return value
        try:
            weight = {"style": 0.0, "colour": 1.0}.get(value)
            weight = float(value) if weight is None else weight
        except ValueError:
            self.fail(f"{value!r} is not auto, style, colour or a number from 0 to 1", param, ctx)
        if not 0 <= weight <= 1:
            self.fail(f"{value} is not between 0 (style only) and 1 (colour only)", param, ctx)
        return weight


class ShareType(click.FloatRange):
    """A number from 0 to 1; click lets "nan" through."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value} is not in the range 0<=x<=1.", param, ctx)
        return found


_OPTIONS = (
    click.option(
        "--like",
        multiple=True,
        metavar="ID_OR_FILE",
        help="An item or a picture that the results look like; with @left,top,width,height a region of it; with *2 at "
        "the end it counts twice (0.25 to 4, 0 leaves it out).",
    ),
    click.option("--unlike", multiple=True, metavar="ID_OR_FILE", help="One that they do not look like."),
    click.option(
        "--where", multiple=True, metavar="EXPR", help='A condition, as "gender=Men and not usage=Sports".'
    ),
    click.option("--text", default="", metavar="WORDS", help="Words that the items contain."),
    click.option("--text-weight", type=ShareType(0, 1), default=0.0, help="Share of the words in the order."),
    click.option(
        "--blocks", type=BlocksType(), default="auto", help="What counts: style, colour or a weight between."
    ),
    click.option(
        "--narrow",
        metavar="auto|STRICTNESS",
        help="Keep only what is close: auto, or 0 (all) to 1 (closest).",
    ),
    click.option(
        "--sort", default="relevance", metavar="relevance|id|ATTRIBUTE", help="Order of the results."
    ),
    click.option("--descending", is_flag=True, help="Turn the order of --sort round."),
)


def query_options(command: Command) -> Command:
    """Adds the options that ``query_from`` reads."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def query_from(workspace: Workspace, options: dict[str, Any]) -> Query:
    """The query that the options ask for. Raises UsageError, UnknownName (an example that is not there)."""
    from visualsearch.filters.query import Query, Sort, VisualFilter

    weights: dict[Example, float] = {}
    like, unlike = ({}, {})
    for side, found in (("like", like), ("unlike", unlike)):
        for name in options[side]:
            example, weight = _weighted(workspace, name)
            found[example] = name
            if weight != 1:
                weights[example] = weight
    for example in like.keys() & unlike.keys():
        raise UsageError(
            f"{like[example]!r} is given with --like and with --unlike.", "Take one of them away."
        )
    return Query(
        visual=VisualFilter(
            tuple(like),
            tuple(unlike),
            options["blocks"],
            _narrow(options["narrow"]),
            weights=tuple(weights.items()),
        ),
        where=options["where"],
        text=options["text"],
        text_weight=options["text_weight"],
        sort=Sort(options["sort"], options["descending"]),
        facets=options.get("facets", False),
    )


def example_of(workspace: Workspace, name: str) -> Example:
    """An item's id or a picture file, with a region where @x,y,w,h follows. Raises UnknownName, UsageError."""
    found = _whole(workspace, name)
    if found is not None:
        return found
    whole, at, region = name.rpartition("@")
    found = _whole(workspace, whole) if at else None
    if found is not None:
        return replace(found, region=_region(region))
    raise UnknownName(f"{name!r} is neither the id of an item nor a picture file.", LOOK_UP)


def example_name(workspace: Workspace, example: Example) -> str:
    """An example as `--like` takes it."""
    whole = example.file if example.file is not None else workspace.ids_of([example.item or 0])[0]
    region = "@" + ",".join(f"{share:g}" for share in example.region) if example.region else ""
    return f"{whole}{region}"


def _weighted(workspace: Workspace, name: str) -> tuple[Example, float]:
    """An example and how much it counts, where *weight follows. Raises UnknownName, UsageError."""
    from visualsearch.filters.query import LEAST_WEIGHT, MOST_WEIGHT

    whole, star, text = name.rpartition("*")
    try:
        weight = float(text) if star and _whole(workspace, name) is None else None
    except ValueError:
        weight = None  # an id with a star in it
    if weight is None:
        return example_of(workspace, name), 1.0
    if weight != 0 and not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise UsageError(
            f"*{text} is not how much an example can count.",
            f"Write a number from {LEAST_WEIGHT} to {MOST_WEIGHT:g}, or *0 to leave it out.",
        )
    return example_of(workspace, whole), weight


def _whole(workspace: Workspace, name: str) -> Example | None:
    from visualsearch.filters.query import Example

    number = workspace.number_of(name)
    if number is not None:
        return Example(item=number)
    if not os.path.isfile(name):  # unlike Path.is_file it takes an id that is too long for a file
        return None
    return Example(file=str(Path(name).resolve()))


def _region(text: str) -> tuple[float, float, float, float]:
    try:
        left, top, width, height = (float(part) for part in text.split(","))
    except ValueError:
        left = top = width = height = -1.0
    if left < 0 or top < 0 or not 0 < width <= 1 - left + 1e-9 or not 0 < height <= 1 - top + 1e-9:
        raise UsageError(
            f"@{text} is no region of a photo.",
            "Write left, top, width and height as shares of the photo: @0.25,0,0.5,0.3 is the middle of its top.",
        )
    return left, top, width, height


def _narrow(text: str | None) -> Any:
    if text is None or text == "auto":
        return text
    try:
        strictness = float(text)
    except ValueError:
        strictness = -1.0
    if not 0 <= strictness <= 1:
        raise UsageError(
            f"--narrow {text!r} is neither auto nor a number from 0 to 1.", "For example: --narrow auto"
        )
    return strictness
