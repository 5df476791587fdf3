"""Exports: all of a catalog, a part of it, or what people changed. Any thread; everything belongs in a worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch.attributes.changed import changes_of
from visualsearch.catalog.exporting import (
    FORMATS,
    Exported,
    ExportReport,
    Extent,
    check_target,
    export,
    format_of,
    remember,
    remembered,
)
from visualsearch.catalog.history import log_time
from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.store import Catalog
from visualsearch.errors import CatalogError, UnknownName, UsageError
from visualsearch.filters.engine import Use
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

__all__ = ["FORMATS", "ExportReport", "ExportRequest", "Exported", "Exports"]

_TRIES = 5
_NAMED = 20  # people in a hint


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """What to export. ``format``: by the file's suffix when None. ``where``: conditions that items meet; ``items``: int
    (n,), to which it is restricted. ``changes``: only what people changed: ``since`` a moment (ISO 8601, UTC) or
    "last", the last complete export in this format; by ``actor``. ``image_url``: where Shopify finds the photos."""

    file: Path
    format: str | None = None
    where: tuple[str, ...] = ()
    changes: bool = False
    since: str | None = None
    actor: str | None = None
    image_url: str = ""
    items: np.ndarray | None = None


class Exports:
    """Writes exports and remembers them."""

    def __init__(self, catalog: Catalog, use: Use, refresh: Callable[[], bool]) -> None:
        """``refresh`` brings the engine up to date with the catalog."""
        self._catalog = catalog
        self._use = use
        self._refresh = refresh

    def run(self, request: ExportRequest, control: JobControl) -> ExportReport:
        """Write a file, from one state of the catalog, and remember it.

        Raises UsageError (a format, a moment or a name that means nothing), PredicateError, CatalogError, Cancelled.
        """
        kind, after = self.check(request)
        for _ in range(_TRIES):
            chosen, revision = self._chosen(request, control)
            with self._catalog.read() as connection:
                if not request.where or revision == _revision(connection):
                    extent = _extent(connection, chosen, after, request.actor)
                    report = export(
                        self._catalog, connection, request.file, kind, extent, control, request.image_url
                    )
                    break
            self._refresh()
        else:
            raise CatalogError(
                "The catalog is being changed all the time, so that no state of it can be exported.",
                "Wait until the import has finished.",
            )
        remember(self._catalog, report, complete=chosen is None and not request.actor)
        return report

    def check(self, request: ExportRequest) -> tuple[str, int | None]:
        """Whether it can begin (*fast*): its format, and the operation after which changes count, None for everything.
        Raises UsageError, UnknownName (a person who never changed anything)."""
        kind = format_of(request.file, request.format)
        check_target(self._catalog, request.file)
        if request.actor is not None:
            self._check_actor(request.actor)
        return kind, self._after(request, kind)

    def _check_actor(self, name: str) -> None:
        """Raise UnknownName for a person who never decided anything: the file would be empty for no visible reason."""
        with self._catalog.read() as connection:
            rows = connection.execute("SELECT DISTINCT actor FROM operation ORDER BY actor").fetchall()
        people = [actor for (actor,) in rows]
        if name not in people:
            near = nearest(name, people)
            known = (
                f"There are: {', '.join(people[:_NAMED])}." if people else "Nobody has decided anything yet."
            )
            raise UnknownName(
                f"{name!r} has changed nothing in this catalog.", f"Did you mean {near!r}?" if near else known
            )

    def history(self) -> list[Exported]:
        """The exports that are remembered, the latest last."""
        return remembered(self._catalog)

    def last(self, kind: str) -> Exported | None:
        """The last complete export in a format, from which the next one goes on."""
        found = [one for one in self.history() if one.format == kind and one.complete]
        return found[-1] if found else None

    def _after(self, request: ExportRequest, kind: str) -> int | None:
        """The operation after which changes count, or None where everything is exported."""
        if not (request.changes or request.since is not None or request.actor is not None):
            return None
        if request.since == "last":
            last = self.last(kind)
            if last is None:
                raise UsageError(
                    f"Nothing was exported as {kind} yet, so that there is no last time.",
                    "Export everything first, or name a day.",
                )
            return last.operation
        if request.since is None:
            return 0
        with self._catalog.read() as connection:
            (number,) = connection.execute(
                "SELECT COALESCE(MAX(number), 0) FROM operation WHERE at < ?", (log_time(request.since),)
            ).fetchone()
        return int(number)

    def _chosen(self, request: ExportRequest, control: JobControl) -> tuple[np.ndarray | None, int]:
        """The items that are asked for, int (n,), or None for all; and the revision of which conditions spoke."""
        given = None if request.items is None else np.unique(request.items)
        if not request.where:
            return given, 0
        query = Query(where=request.where)
        found, revision = self._use(
            lambda engine: (np.flatnonzero(engine.selection(query, control).mask), engine.snapshot.revision),
            control,
        )
        return (found if given is None else np.intersect1d(found, given)), revision


def _extent(
    connection: sqlite3.Connection, chosen: np.ndarray | None, after: int | None, actor: str | None
) -> Extent:
    if after is None:
        return Extent(chosen)
    changed: Mapping[str, np.ndarray] = {
        name: change.items if actor is None else change.items[_is_by(connection, change.credit, actor)]
        for name, change in changes_of(connection, after, wording=True).items()
    }
    touched = np.unique(np.concatenate([np.empty(0, np.int32), *changed.values()]))
    return Extent(touched if chosen is None else np.intersect1d(touched, chosen), changed)


def _is_by(connection: sqlite3.Connection, operations: np.ndarray, actor: str) -> np.ndarray:
    """bool (n,): which operations are a person's."""
    own = connection.execute("SELECT number FROM operation WHERE actor = ?", (actor,)).fetchall()
    return np.isin(operations, np.array([number for (number,) in own], np.int64))


def _revision(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
    return int(row[0]) if row else 0
