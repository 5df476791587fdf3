"""What an import would take away from a catalog: a slip in its folder, table or columns must not empty it.

An import mirrors its source, so that what is not there any more is gone. Where that is all that the catalog has, it is
far more often the wrong folder than what somebody wants: it is refused before anything is written, unless the request
says ``replace``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from visualsearch.catalog import paths
from visualsearch.catalog.locating import Locator, any_photo, is_image_name
from visualsearch.catalog.requests import last_request
from visualsearch.catalog.sources import ImportRequest, Source
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.writing import lookup
from visualsearch.errors import CatalogError, ImageRefused
from visualsearch.jobs import JobControl

_LOOKED_FOR = 1_000  # photos of the catalog, evenly from all of them
_AT_ONCE = 500  # ids


def would_lose(
    catalog: Catalog, request: ImportRequest, source: Source, control: JobControl
) -> CatalogError | None:
    """Why an import must not run unless ``request.replace``: it would take away all the items or all the photos that
    the catalog has. None where it may. Reads the source until something is found that stays. Raises Cancelled."""
    counts = catalog.counts()
    if request.replace or not counts.items:
        return None
    lost = _lost_photos(catalog, request, source, control) if counts.images else None
    if lost is None and source.whole:
        lost = _lost_items(catalog, request, source, control)
    if lost is None:
        return None
    return CatalogError(
        lost,
        f"Nothing was changed. Until now the photos were in {catalog.image_root}. Name the folder that they are in, "
        "the table, and its columns of ids and photos, or import into another catalog. If what the catalog has is to "
        "go, say so where you import.",
        "To let it go: visualsearch import … --replace",
    )


def _lost_items(catalog: Catalog, request: ImportRequest, source: Source, control: JobControl) -> str | None:
    """Why all items would be gone; None where at least one stays."""
    images, last = Path(request.images).absolute(), last_request(catalog)
    moved, table = images != catalog.image_root, last.table if last is not None else None
    if not moved and request.table is None and table is None:
        return None  # the photos are the items, and some are there
    same_photos = not moved or _any_photo_known(catalog, images)
    if same_photos and not _any_decision(catalog):
        return None  # the first look was without the table, say: nothing is lost that is not soon made again
    if request.table is None:
        stays = _any_item_a_photo(catalog, images, control)
    else:
        stays = _any_item_known(catalog, source, control) or (source.has_lost_rows and not moved)
    if stays:
        return None
    what = "No item" if same_photos else "Nothing"
    lost = f"{what} that the catalog has is in {_named(request)}: all items would be gone."
    if request.table is None and table is not None:
        lost += f" Until now they came from the table {table}."
    elif request.table is None and same_photos:
        lost += " The photos are there, but each one is an item, and its path in the folder is its id."
    return lost


def _lost_photos(catalog: Catalog, request: ImportRequest, source: Source, control: JobControl) -> str | None:
    """Why all photos would be gone; None where at least one stays or comes."""
    images, names_photos = Path(request.images).absolute(), bool(source.description.image)
    if request.table is not None and not names_photos and not source.whole:
        return None  # it tells of attributes alone
    if not any_photo(images) and not _any_photo_known(catalog, images):
        if images == catalog.image_root:
            return f"The photos in {images} are not there any more. Is the disk connected that they are on?"
        return f"There are no photos in {images}: those of the catalog would be gone."
    if request.table is None or not source.whole:
        return None
    if not names_photos:
        return f"The table names no photos in {images}: all photos of the catalog would be gone."
    if _any_photo_there(request, source, control):
        return None
    return (
        f"None of the photos that the table names by {source.description.image!r} is in {images}: all photos of the "
        "catalog would be gone."
    )


def _any_photo_there(request: ImportRequest, source: Source, control: JobControl) -> bool:
    """Whether a photo that the table names is in the folder. True where it names none for any of its rows."""
    locator, named = Locator(request.images), False
    for item in source.items():
        control.checkpoint()
        for reference in item.references:
            named = True
            try:
                locator.locate(reference)
                return True
            except (ImageRefused, OSError):
                continue
    return not named


def _any_photo_known(catalog: Catalog, images: Path) -> bool:
    """Whether a photo of the catalog is in a folder: by its path, by its name alone (one names the folder within), or
    where it was until now. Its name need not end like a photo's."""
    with catalog.read() as connection:
        known = connection.execute(
            "SELECT path FROM image WHERE gone = 0 AND number % (SELECT max(1, count(*) / ?) FROM image) = 0",
            (_LOOKED_FOR,),
        ).fetchall()
    names = [paths.from_text(path) for (path,) in known]
    root = catalog.image_root
    if root is not None and images != root:
        before = (root / name for name in names)
        if any(file.is_relative_to(images) and os.path.lexists(file) for file in before):
            return True
    return any(os.path.lexists(images / one) for name in names for one in (name, os.path.basename(name)))


def _any_item_known(catalog: Catalog, source: Source, control: JobControl) -> bool:
    """Whether an item of the source is in the catalog."""
    for ids in _in_chunks(source):
        control.checkpoint()
        with catalog.read() as connection:
            if any(not item.gone for item in lookup(connection, ids).values()):
                return True
    return False


def _any_item_a_photo(catalog: Catalog, images: Path, control: JobControl) -> bool:
    """Whether the id of an item is the path of a photo in a folder, where each photo is an item. Asked of the catalog,
    since a preview does not look for all photos."""
    with catalog.read() as connection:
        for (id,) in connection.execute("SELECT id FROM item WHERE gone = 0"):
            control.checkpoint()
            parts = id.split("/")
            if not is_image_name(id) or any(not part or part.startswith(".") for part in parts):
                continue
            if os.path.isfile(images / paths.from_text(id)):
                return True
    return False


def _any_decision(catalog: Catalog) -> bool:
    """Whether somebody has decided anything in the catalog."""
    with catalog.read() as connection:
        return connection.execute("SELECT EXISTS (SELECT 1 FROM operation)").fetchone() == (1,)


def _in_chunks(source: Source) -> Iterator[list[str]]:
    ids = (item.id for item in source.items())
    while chunk := list(islice(ids, _AT_ONCE)):
        yield chunk


def _named(request: ImportRequest) -> str:
    return str(request.images) if request.table is None else f"{request.table} and {request.images}"
