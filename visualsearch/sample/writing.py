"""Draw a sample catalog into a folder: photos, the shop's table and the truth.

Processes of their own draw; this one hands out chunks of products, reports, and obeys pause and cancel.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.replacing import replace_file, replacing
from visualsearch.sample.dice import Dice
from visualsearch.sample.photo import photograph
from visualsearch.sample.products import ATTRIBUTES, FIRST_ID, product

MINIMUM_ITEMS = 300  # one whole deck: every type and every pattern occurs
MAXIMUM_ITEMS = 1_000_000
TABLE, TRUTH, RECIPE = "products.csv", "truth.csv", "recipe.json"
_VERSION = 1  # of the drawings: raise it whenever the same seed gives other bytes
_CHUNK = 10  # items; small, so that pause and cancel are felt at once
_WORTH_PROCESSES = 600  # items below which starting processes costs more than it saves
_OURS = re.compile(r"VS-(\d{7})(-2)?\.jpg(\.new)?")
_STAGE = "Drawing the sample catalog"
Range = tuple[int, int]


@dataclass(frozen=True)
class SampleReport:
    """What was done. ``drawn`` and ``kept`` count images; kept ones were there from an earlier run."""

    folder: Path
    table: Path
    items: int
    images: int
    drawn: int
    kept: int
    seconds: float

    def to_dict(self) -> dict[str, object]:
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def generate(
    folder: Path,
    items: int,
    seed: int,
    control: JobControl,
    *,
    processes: int | None = None,
    at_least: int = MINIMUM_ITEMS,
) -> SampleReport:
    """Draw a catalog of ``items`` products; the same (items, seed) give the same bytes, whatever ``processes`` is.

    Writes ``images/…``, ``products.csv`` (image paths relative to ``folder``), ``truth.csv`` and ``recipe.json``.
    Goes on where an earlier run with the same seed stopped. ``processes``: None takes one a processor, or none but
    this one for few items. ``at_least`` bounds ``items`` from below, for callers that need a handful only.
    Raises UsageError (size, seed, a folder with other things in it), Cancelled, VisualSearchError (disk). Any thread.
    """
    if not at_least <= items <= MAXIMUM_ITEMS:
        raise UsageError(
            f"A sample catalog has {at_least:,} to {MAXIMUM_ITEMS:,} items, not {items:,}.",
            "Choose another number.",
        )
    if seed < 0:
        raise UsageError(f"The seed {seed} is below 0.", "Choose another seed.")
    started = time.monotonic()
    folder = Path(folder)
    try:
        _prepare(folder, items, seed, control)
        if processes is None:
            processes = (os.cpu_count() or 1) if items >= _WORTH_PROCESSES else 1
        drawn, kept = _draw(folder, items, seed, processes, control)
        _write_tables(folder, items, seed, control)
    except OSError as error:
        raise VisualSearchError(
            f"The sample catalog cannot be written to {folder}: {error.strerror or error}."
        ) from error
    control.progress(_STAGE, items, items, message="ready")
    return SampleReport(folder, folder / TABLE, items, kept + drawn, drawn, kept, time.monotonic() - started)


def _prepare(folder: Path, items: int, seed: int, control: JobControl) -> None:
    """Make the folder ready: empty, or with pictures that belong to this recipe only."""
    recipe = {"program": "visualsearch sample", "version": _VERSION, "seed": seed, "items": items}
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; a sample catalog needs a folder.", "Choose another name.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        old = _recipe_of(folder)
        if old != recipe:
            # The old recipe stays until its pictures are gone, so that a kill in between cannot mix the two.
            same_drawings = old["version"] == _VERSION and old["seed"] == seed
            _remove_images(folder, items if same_drawings else 0, control)
            for name in (TABLE, TRUTH):
                (folder / name).unlink(missing_ok=True)
    replace_file(folder / RECIPE, json.dumps(recipe, indent=1).encode() + b"\n", derived=True)


def _recipe_of(folder: Path) -> dict[str, object]:
    """The recipe of an earlier run. Raises UsageError if the folder holds something else."""
    try:
        recipe = json.loads((folder / RECIPE).read_text("utf-8"))
        if isinstance(recipe, dict) and {"version", "seed", "items"} <= recipe.keys():
            return recipe
    except (FileNotFoundError, ValueError):
        pass
    raise UsageError(
        f"{folder} is not empty and holds no sample catalog; nothing was written.",
        "Choose a new or an empty folder.",
    )


def _remove_images(folder: Path, first: int, control: JobControl) -> None:
    """Delete the pictures of the products from number ``first`` on; only files that we named so."""
    for shard in sorted((folder / "images").glob("[0-9][0-9][0-9]")):
        control.checkpoint()
        for file in list(shard.iterdir()):
            ours = _OURS.fullmatch(file.name)
            if ours and int(ours[1]) - FIRST_ID >= first:
                file.unlink()
        if not any(shard.iterdir()):
            shard.rmdir()


def _draw_chunk(folder: Path, seed: int, chunk: Range) -> tuple[int, int]:
    """Draw the images of products start … stop - 1 that are not there yet: how many were drawn, how many kept."""
    drawn = kept = 0
    for number in range(*chunk):
        one = product(seed, number)
        for position, path in enumerate(one.paths):
            file = folder / path
            if file.is_file() and file.stat().st_size:
                kept += 1
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            dice = Dice(seed, number, "photo", position)
            picture = photograph(one.look, dice, detail=position > 0 and one.detail)
            replace_file(file, picture, derived=True)
            drawn += 1
    return drawn, kept


def _draw(folder: Path, items: int, seed: int, processes: int, control: JobControl) -> tuple[int, int]:
    """All images: how many were drawn and how many kept."""
    chunks = ((start, min(start + _CHUNK, items)) for start in range(0, items, _CHUNK))
    if processes == 1:
        drawn = kept = done = 0
        for chunk in chunks:
            control.progress(_STAGE, done, items)
            drawn, kept = _sum((drawn, kept), _draw_chunk(folder, seed, chunk))
            done = chunk[1]
        return drawn, kept
    return _share_out(chunks, folder, items, seed, processes, control)


def _share_out(
    chunks: Iterator[Range], folder: Path, items: int, seed: int, processes: int, control: JobControl
) -> tuple[int, int]:
    """Hand chunks to processes, the next one when one is done; so pause and cancel reach them within a chunk."""
    context = multiprocessing.get_context("spawn")
    workers: dict[Connection, BaseProcess] = {}
    totals, done = (0, 0), 0
    try:
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(theirs, folder, seed), daemon=True, name="sample-drawing"
            )
            process.start()
            theirs.close()  # else nobody would notice when the process dies
            workers[ours] = process
        idle = list(workers)
        busy: set[Connection] = set()
        while True:
            for connection in idle:
                if (chunk := next(chunks, None)) is not None:
                    _tell(connection, chunk)
                    busy.add(connection)
            if not busy:
                return totals
            idle = cast(list[Connection], wait(list(busy), timeout=0.2))
            for connection in idle:
                busy.discard(connection)
                size, result = _answer_of(connection)
                totals, done = _sum(totals, result), done + size
            control.progress(_STAGE, done, items)
    finally:
        for connection in workers:
            connection.close()  # a process ends when its pipe does
        for process in workers.values():
            process.join()


def _tell(connection: Connection, chunk: Range) -> None:
    try:
        connection.send(chunk)
    except ConnectionError:
        raise _died() from None


def _answer_of(connection: Connection) -> tuple[int, tuple[int, int]]:
    """What a process says: items done, images drawn and kept. Raises the OSError that it met."""
    try:
        answer = connection.recv()
    except (EOFError, ConnectionError):
        raise _died() from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _died() -> VisualSearchError:
    return VisualSearchError(
        "A process that draws the sample catalog ended unexpectedly.",
        "Start again: it goes on where it stopped.",
    )


def _work(connection: Connection, folder: Path, seed: int) -> None:
    """A drawing process: draws what it is told until the pipe is closed, also by the death of its parent."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a group's; they are the parent's to handle
        signal.signal(number, signal.SIG_IGN)
    try:
        while True:
            chunk = connection.recv()
            try:
                connection.send((chunk[1] - chunk[0], _draw_chunk(folder, seed, chunk)))
            except ConnectionError:
                raise
            except OSError as error:
                connection.send(error)
    except (EOFError, ConnectionError):
        pass


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _write_tables(folder: Path, items: int, seed: int, control: JobControl) -> None:
    """The shop's table and the truth, in one pass; both appear when they are whole."""
    with _table(folder / TABLE) as table, _table(folder / TRUTH) as truth:
        table.writerow(["id", "image", *ATTRIBUTES])
        truth.writerow(["id", *ATTRIBUTES, "print", "style", "blanked", "wrong"])
        for number in range(items):
            if number % 1000 == 0:
                control.progress("Writing the tables", number, items)
            one = product(seed, number)
            table.writerow([one.id, "|".join(one.paths), *(one.table[name] for name in ATTRIBUTES)])
            right = [one.truth[name] for name in ATTRIBUTES]
            truth.writerow([one.id, *right, one.print, one.style, "|".join(one.blanked), "|".join(one.wrong)])


@contextmanager
def _table(file: Path) -> Iterator[Any]:
    """A CSV writer whose file appears under its name at the end."""
    with replacing(file, derived=True) as stream, TextIOWrapper(stream, "utf-8", newline="") as text:
        yield csv.writer(text, lineterminator="\n")
