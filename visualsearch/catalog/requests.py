"""What an import was asked for: remembered in the catalog, so that nothing is asked twice, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from visualsearch.catalog import paths
from visualsearch.catalog.decoding import detect_encoding, is_certain
from visualsearch.catalog.infer import TYPES
from visualsearch.catalog.nearest import nearest
from visualsearch.catalog.sources import Description, ImportRequest, Source, open_source
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.tables import require_column
from visualsearch.errors import TableError, UsageError

_META = "import"


def last_request(catalog: Catalog) -> ImportRequest | None:
    """The latest import's request, with what was guessed filled in, to do it again; None before the first one."""
    try:
        stored = json.loads(catalog.meta(_META) or "")
        table = Path(paths.from_text(stored["table"])) if stored["table"] else None
        return ImportRequest(
            Path(paths.from_text(stored["images"])),
            table,
            stored["id"],
            stored["image"],
            stored["separators"],
            stored.get("encoding"),
            stored.get("types"),
            None if stored.get("skip") is None else tuple(stored["skip"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def remember(catalog: Catalog, request: ImportRequest, understood: Description) -> None:
    """Keep a request for ``last_request``, with the id and the photos as they were ``understood``."""
    stored = {
        "images": paths.to_text(str(Path(request.images).absolute())),
        "table": paths.to_text(str(Path(request.table).absolute())) if request.table else None,
        "id": understood.id or None,
        "image": understood.image or None,
        "separators": request.separators,
        "encoding": request.encoding,
        "types": dict(request.types) if request.types else None,
        "skip": sorted(request.skip) if request.skip else None,
    }
    catalog.set_meta(_META, json.dumps(stored, sort_keys=True))


def opened(
    request: ImportRequest,
    last: ImportRequest | None,
    step: Callable[[int], None],
    limit: int | None = None,
) -> tuple[ImportRequest, Source]:
    """A request with what it leaves open as in the last one, while the table has these columns; and its source.

    ``step`` is called with the photos found so far. Raises UsageError and TableError."""
    again = _completed(request, last)
    given = request if again is None else again
    try:
        source = open_source(given, step, limit)
    except (UsageError, TableError):
        if again is None:
            raise
        given, source = request, open_source(request, step, limit)  # the table has other columns now
    _check_columns(request, source)
    return given, source


def skipped_attributes(source: Source, request: ImportRequest) -> list[str]:
    """The attributes of a source that are not imported."""
    return [name for name in source.attributes if name in (request.skip or ())]


def _completed(request: ImportRequest, last: ImportRequest | None) -> ImportRequest | None:
    """A request with what it leaves open as it was in the ``last`` one, if that was of the same table and photos; None
    otherwise. Types are added column by column; a column that gets a type is no longer skipped."""
    if last is None or request.table is None or not _is_same(last, request):
        return None
    skip = request.skip
    if skip is None and last.skip:
        skip = tuple(column for column in last.skip if column not in (request.types or {}))
    return replace(
        request,
        id=request.id or last.id,
        image=last.image if request.image is None else request.image,
        separators=last.separators if request.separators is None else request.separators,
        encoding=request.encoding or _still_needed(last.encoding, request.table),
        types={**(last.types or {}), **(request.types or {})} or None,
        skip=skip,
    )


def _check_columns(request: ImportRequest, source: Source) -> None:
    """Raise UsageError for a type that is none, and for the type or the skipping of what is no attribute of a table."""
    types, skip = request.types or {}, request.skip or ()
    for column, kind in types.items():
        if kind not in TYPES:
            near = nearest(kind, TYPES)
            hint = f"Did you mean {near!r}? " if near else ""
            raise UsageError(
                f"{kind!r}, the type of {column!r}, is none.", f"{hint}It is category, number or text."
            )
        if column in skip:
            raise UsageError(f"{column!r} is given a type, and skipped.", "Leave out one of them.")
    attributes = source.attributes
    for column in (*types, *skip):
        if column in attributes:
            continue
        if column == source.description.id:
            raise _no_attribute(column, "the items' ids")
        if column in source.photo_columns:
            raise _no_attribute(column, "photos")
        require_column(column, attributes)


def _no_attribute(column: str, holds: str) -> UsageError:
    return UsageError(
        f"The column {column!r} holds {holds}: it is no attribute, and is neither of a type nor skipped.",
        "Name a column with an attribute.",
    )


def _is_same(last: ImportRequest, request: ImportRequest) -> bool:
    """Whether a request names the same table and folder as the last one."""
    table = Path(request.table).absolute() if request.table is not None else None
    return (last.table, last.images) == (table, Path(request.images).absolute())


def _still_needed(encoding: str | None, table: Path) -> str | None:
    """The encoding that a person gave, unless the table was meanwhile saved in one that needs no guess."""
    return None if encoding is None or is_certain(detect_encoding(table)) else encoding
