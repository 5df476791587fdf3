"""`visualsearch explain`: why an item is among the results of a search by look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import PATH, WHERE_TO_WRITE, catalog_argument, json_option, number_of
from visualsearch.cli.query_options import example_name, query_from, query_options
from visualsearch.errors import Cancelled, UsageError, VisualSearchError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.filters.explain import Explanation, HeatMap
    from visualsearch.filters.query import Example
    from visualsearch.workspace import Workspace

_COLUMNS = " .:-=+*#%@"  # from what speaks against to what speaks for it


@click.command()
@catalog_argument
@click.argument("item")
@query_options
@click.option(
    "--map",
    "map_file",
    type=PATH,
    metavar="FILE.png",
    help="Write the photo with what in it matched.",
)
@json_option
def explain(catalog: Path, item: str, map_file: Path | None, as_json: bool, **options: Any) -> int:
    """Say why ITEM is among the results of a search by look: where in its photo, and because of which example."""
    from visualsearch.workspace import Workspace

    if map_file is not None and map_file.suffix.lower() != ".png":
        raise UsageError(f"--map {map_file} is no PNG file.", "Give it a name that ends in .png.")
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        number = number_of(workspace, item)
        query = query_from(workspace, options)
        found = workspace.explain(query, number, control)
        heat = None
        try:
            heat, photo = workspace.heat_map(query.visual, number, control)
        except VisualSearchError as error:  # the photo is away, or another one: the rest can be told
            if map_file is not None or isinstance(error, Cancelled):
                raise
            console.warn(str(error))
        else:
            if map_file is not None:
                _write_map(workspace, number, photo, heat, map_file)
        values = _values(workspace, item, found, heat)
    if as_json:
        console.print_json(values)
    else:
        _print(values)
    return 0


def _values(workspace: Workspace, item: str, found: Explanation, heat: HeatMap | None) -> dict[str, Any]:
    def name(example: Example) -> str:
        return example_name(workspace, example)

    near = {"positive": found.nearest_positive, "negative": found.nearest_negative}
    return {
        "id": item,
        "score": round(found.score, 6),
        "place": found.place,
        "blocks": {block: round(part, 6) for block, part in found.blocks.items()},
        "neighbours": round(found.neighbours, 6),
        "nearest": {
            sign: {"example": name(one.example), "similarity": round(one.similarity, 6)}
            for sign, one in near.items()
            if one is not None
        },
        "without": [
            {
                "example": name(one.example),
                "sign": "positive" if one.sign > 0 else "negative",
                "gained": one.gained,
                "lost": one.lost,
                "place": one.place,
            }
            for one in found.counterfactuals
        ],
        "refused": [name(example) for example in found.refused],
        "map": {"frame": list(heat.frame), "cells": heat.cells.tolist()} if heat is not None else None,
    }


def _print(values: dict[str, Any]) -> None:
    place = f"place {values['place']:,}" if values["place"] else "not among the results"
    console.say(f"{values['id']}: score {values['score']:.4f}, {place}")
    parts = ", ".join(f"{block} {part:+.4f}" for block, part in values["blocks"].items())
    console.say(f"The score is {parts}.")
    if abs(values["neighbours"]) >= 5e-5:
        ranked = values["score"] + values["neighbours"]
        console.say(
            f"The photos that look like it change it by {values['neighbours']:+.4f}: it ranks by {ranked:.4f}."
        )
    for sign, near in values["nearest"].items():
        console.say(f"Nearest {sign} example: {near['example']} (similarity {near['similarity']:.2f})")
    for one in values["without"]:
        console.say(f"Without the {one['sign']} {one['example']}: {_consequence(values['place'], one)}.")
    if values["refused"]:
        console.say(f"Not learnt from, for the ranking would get no better: {', '.join(values['refused'])}.")
    if values["map"] is not None:
        console.say("In the photo, from against to for it:")
        for row in _drawn(values["map"]["cells"]):
            console.say(f"  {row}")


def _consequence(before: int | None, one: dict[str, Any]) -> str:
    parts = []
    if one["gained"]:
        parts.append(f"{counted(one['gained'], 'item')} more")
    if one["lost"]:
        parts.append(f"{one['lost']:,} fewer")
    if one["place"] is None and before:
        parts.append("this item is not found")
    elif one["place"] and one["place"] != before:
        parts.append(f"this item is at place {one['place']:,}")
    return ", ".join(parts) or "nothing changes"


def _drawn(cells: list[list[float]]) -> list[str]:
    largest = max(abs(part) for row in cells for part in row) or 1.0
    middle = (len(_COLUMNS) - 1) / 2
    return ["".join(_COLUMNS[round(middle + middle * part / largest)] * 2 for part in row) for row in cells]


def _write_map(workspace: Workspace, item: int, photo: int, heat: HeatMap, file: Path) -> None:
    """The photo with the heat map over it."""
    import numpy as np
    from PIL import Image

    from visualsearch.filters.explain import veil
    from visualsearch.replacing import replacing

    usable = [at for at, image in enumerate(workspace.details(item).images) if image.refused is None]
    width, height, rgb = workspace.photo(item, usable[photo], 1024)
    picture = Image.fromarray(np.frombuffer(rgb, np.uint8).reshape(height, width, 3)).convert("RGBA")
    picture.alpha_composite(Image.fromarray(veil(heat, width, height)))
    try:
        with replacing(file) as stream:
            picture.convert("RGB").save(stream, "PNG")
    except OSError as error:
        raise VisualSearchError(
            f"The picture cannot be written to {file} ({error.strerror}).", WHERE_TO_WRITE
        ) from error
