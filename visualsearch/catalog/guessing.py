"""Which column holds the id, and where the photos of a row are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from visualsearch.catalog.image_pattern import ImagePattern, join_patterns, last_part, split_pattern
from visualsearch.catalog.locating import Locator, is_image_name, is_rooted
from visualsearch.catalog.tables import Row, Table, require_column
from visualsearch.errors import ImageRefused, TableError

_ID_NAMES = (  # noqa: SIM905 - a list of words is easier to read so
    "id itemid productid articleid sku article articlenumber articlecode articleno itemnumber itemcode itemno "
    "productcode productnumber code asin handle ean gtin upc barcode modelid styleid uid uuid number no nr key"
).split()
_IMAGE_NAMES = (  # noqa: SIM905
    "image images imagefile imagefilename imagename imagepath imagepaths filename file files filepath photo photos "
    "photofile picture pictures img path imageurl imageurls imagelink url link src thumbnail"
).split()
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".heic")
_SAMPLE_ROWS = 2_000
_TRIED_ROWS = 12
_FOLDERS = 20
_FIRST_PHOTO = {"main", "primary", "first", "base", "default", "featured", "cover"}
_MORE_PHOTOS = {"additional", "other", "extra", "more", "further", "alternate", "secondary"}
_MOST_PHOTOS = 50  # a larger number in a column's name is a size
_WORDS = re.compile(r"[^\W\d_]+|[0-9]+")


@dataclass(frozen=True)
class ColumnGuess:
    """``id``: a column. ``image``: a column, a pattern such as ``images/{id}.jpg``, several of them with commas
    between, or "" for no photos. ``why``: a sentence for the person."""

    id: str
    image: str
    why: str


def guess_columns(
    table: Table, images: Path, *, id: str | None = None, image: str | None = None
) -> ColumnGuess:
    """Guess what is not given, from the first rows and the files below ``images``.

    Raises TableError when the table has no usable row or no column can be the id, UsageError for a given column
    that does not exist.
    """
    rows = [row for _, row in islice(table.rows(), _SAMPLE_ROWS)]
    if not rows:
        reason = f" ({table.problems[0].source}: {table.problems[0].reason})" if table.problems else ""
        raise TableError(f"The table {table.path.name} has no usable row{reason}.")
    if id is not None:
        require_column(id, table.columns)
        why = f"{id!r} was given as the id"
    else:
        id, why = _guess_id(table, rows)
    if image:
        return _as_given(id, why, image, table.columns, rows, Path(images))
    by_cells = [column for column in table.columns if _has_photos(rows, column)]
    columns = _by_rank(table.columns, by_cells, id)
    found = _find_photos(rows, columns, Path(images))
    if found.hits:
        together = [
            column for column in _siblings(found.column, table.columns, by_cells, rows) if column != id
        ]
        texts = [_found_as(column, found, rows, Path(images)) for column in together or [found.column]]
        pattern = join_patterns(texts, table.columns)
        return ColumnGuess(
            id, pattern, f"{why}; the photos are {pattern} ({found.hits} of {found.tried} rows tried)"
        )
    named = next((column for column in columns if column in by_cells or _plain(column) in _IMAGE_NAMES), "")
    texts = [f"{{{column}}}" for column in _siblings(named, table.columns, by_cells, rows)]
    pattern = join_patterns(texts, table.columns) if named else ""
    return ColumnGuess(id, pattern, f"{why}; {_not_found(rows, pattern, table.columns, images)}")


def _as_given(
    id: str, why: str, image: str, columns: list[str], rows: list[Row], images: Path
) -> ColumnGuess:
    """Photos by what a person said: a column means its cells, or, where none of them is a photo, what they name."""
    ImagePattern(image, columns)
    parts = split_pattern(image, columns)
    unknown = [
        part
        for part in parts
        if "{" not in part and not _names_a_photo(ImagePattern(part, columns), rows, images)
    ]
    found = max(
        (_find_photos(rows, [column], images) for column in unknown), key=lambda one: one.hits, default=_NONE
    )
    if found.hits:
        texts = [_found_as(part, found, rows, images) if part in unknown else part for part in parts]
        pattern = join_patterns(texts, columns)
        return ColumnGuess(
            id, pattern, f"{why}; the photos are {pattern} ({found.hits} of {found.tried} rows tried)"
        )
    if unknown == parts:
        return ColumnGuess(id, image, f"{why}; {_not_found(rows, image, columns, images)}")
    given = f"the column {image!r}" if image in columns else image
    return ColumnGuess(id, image, f"{why}; the photos were given as {given}")


def _not_found(rows: list[Row], image: str, columns: list[str], images: Path) -> str:
    """That no row has a photo, and what to do where that is for how the table writes their paths."""
    text = f"no photo of the first rows was found below {images}"
    names = (
        [name for row in _spread(rows) for name in ImagePattern(image, columns).references(row)]
        if image
        else []
    )
    if names and all(is_rooted(name) for name in names):
        text += (
            f"; the table has whole paths ({names[0]}), which are followed within that folder only: choose the folder "
            f"that they are in, or write what comes after it alone, such as {last_part(names[0])}"
        )
    return text


def _guess_id(table: Table, rows: list[Row]) -> tuple[str, str]:
    filled: dict[str, list[str]] = {}
    for column in table.columns:
        values = [value for row in rows if isinstance(value := row.get(column), str)]
        if len(values) >= 0.5 * len(
            rows
        ):  # an id may be missing here and there, and the rows are then refused
            filled[column] = values
    different = [column for column, values in filled.items() if len(set(values)) >= 0.95 * len(values)]
    named = [column for name in _ID_NAMES for column in filled if _plain(column) == name]
    for column in named:
        if column in different:
            return column, f"{column!r} is the id: its name, and its values are different"
    if named:
        why = "is the id by its name; its values repeat, so that items have several rows"
        return named[0], f"{named[0]!r} {why}"
    full = [column for column in different if len(filled[column]) >= 0.9 * len(rows)]
    short = [
        column
        for column in full
        if max(map(len, filled[column])) <= 64 and not all(is_image_name(value) for value in filled[column])
    ]
    for column in short or full:
        return column, f"{column!r} is the id: the first column whose values are different"
    raise TableError(
        f"No column of {table.path.name} looks like an id: none is filled in and different in every row.",
        "Name one.",
        "To name it: --id COLUMN",
    )


def _by_rank(columns: list[str], by_cells: list[str], id: str) -> list[str]:
    """Columns in the order in which photos are looked for: by name, by their cells, the id, the rest."""
    named = [column for name in _IMAGE_NAMES for column in columns if _plain(column) == name]
    return list(dict.fromkeys([*named, *by_cells, id, *columns]))


def _has_photos(rows: list[Row], column: str) -> bool:
    """Whether most cells of a column, in some rows, end like photos' names."""
    if "{" in column or "}" in column:
        return False
    cells = ImagePattern(column, [column])
    names = [name for row in _spread(rows) for name in cells.references(row)]
    return bool(names) and 2 * sum(is_image_name(last_part(name)) for name in names) > len(names)


class _Found(NamedTuple):
    """The pattern ``text`` by which a ``column`` names most photos; rows with a photo, rows tried."""

    column: str
    text: str
    hits: int
    tried: int


_NONE = _Found("", "", 0, 0)


def _find_photos(rows: list[Row], columns: list[str], images: Path) -> _Found:
    """What finds most photos; without regard to case at last.
    Photos count and not rows: pictures of colours, which many rows share, must not outdo photos half of which are away.
    """
    locator = Locator(images)
    for exists in (lambda name: _is_file(images, name), lambda name: _locates(locator, name)):
        best, most = _NONE, 0
        for column in columns:
            sample = _spread([row for row in rows if row.get(column)])
            for text in _patterns(column, sample, images):
                hits, photos = _hits(ImagePattern(text, columns), sample, exists)
                if photos > most:
                    best, most = _Found(column, text, hits, len(sample)), photos
            if best.hits and best.hits == best.tried:
                break
        if best.hits:
            return best
    return _NONE


def _found_as(column: str, like: _Found, rows: list[Row], images: Path) -> str:
    """The pattern of a column beside another: by its own cells, as the other's where they name no photo."""
    own = like if column == like.column else _find_photos(rows, [column], images)
    return own.text if own.hits else like.text.replace(f"{{{like.column}", f"{{{column}", 1)


def _siblings(column: str, columns: list[str], by_cells: list[str], rows: list[Row]) -> list[str]:
    """The columns that hold further photos of the same items, by their names (``Photo 1``, ``Photo 2``; ``image_link``,
    ``additional_image_link``) and cells, in the order of the photos."""
    stem = _kinship(column)[0]
    if not stem or column not in by_cells:
        return [column]
    found = [
        one for one in columns if _kinship(one)[0] == stem and (one == column or _may_have_photos(rows, one))
    ]
    return sorted(found, key=lambda one: _kinship(one)[1:])


def _may_have_photos(rows: list[Row], column: str) -> bool:
    """Whether nothing but photos is in a column that may be filled in here and there only, or nowhere yet."""
    filled = [row for row in rows if row.get(column)]
    return _has_photos(filled, column) or (not filled and "{" not in column and "}" not in column)


def _kinship(column: str) -> tuple[tuple[str, ...], bool, int]:
    """What the columns of an item's photos share in their names; whether this one says that its photos come after
    others; its number. Nothing is shared with a column of several numbers, or of a size."""
    words = _WORDS.findall(re.sub("(?<=[a-z])(?=[A-Z])", " ", column).casefold())
    numbers = [int(word) for word in words if word.isdecimal()]
    stem = (word.removesuffix("s") for word in words if not word.isdecimal())
    shared = tuple(word for word in stem if word not in _FIRST_PHOTO | _MORE_PHOTOS)
    if len(numbers) > 1 or max(numbers, default=0) > _MOST_PHOTOS:
        shared = ()
    return shared, not _MORE_PHOTOS.isdisjoint(words), numbers[0] if numbers else 0


def _names_a_photo(pattern: ImagePattern, rows: list[Row], images: Path) -> bool:
    """Whether any cell of the first rows is a photo just as the pattern says."""
    locator = Locator(images)
    return any(_locates(locator, name) for row in rows for name in pattern.references(row))


def _patterns(column: str, sample: list[Row], images: Path) -> Iterator[str]:
    """Patterns by which a column could name photos, the simplest first."""
    if not sample or "{" in column or "}" in column:
        return
    cells = [part for row in sample for part in ImagePattern(column, [column]).references(row)]
    if sum(is_image_name(last_part(cell)) for cell in cells) * 2 >= len(cells):
        forms = [f"{{{column}}}", f"{{{column}:name}}"]
        if any(cell.startswith("/") and not cell.startswith("//") for cell in cells):
            yield f".{{{column}}}"  # some shop systems begin the path in the folder so
    else:
        forms = [f"{{{column}}}{suffix}" for suffix in _SUFFIXES]
    for folder in _subfolders(images):
        for form in forms:
            yield folder + form


def _hits(pattern: ImagePattern, sample: list[Row], exists: Callable[[str], bool]) -> tuple[int, int]:
    """How many rows have a photo, and how many different ones these are; gives up after the first four without."""
    hits = 0
    photos: set[str] = set()
    for count, row in enumerate(sample):
        if count == 4 and not hits:
            break
        found = next((name for name in pattern.references(row)[:4] if exists(name)), None)
        if found is not None:
            hits += 1
            photos.add(found)
    return hits, len(photos)


def _subfolders(images: Path) -> list[str]:
    """ "" and the folders in the image folder, as prefixes."""
    try:
        with os.scandir(images) as entries:
            inner = sorted(
                entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()
            )
    except OSError:
        return [""]
    usable = [name for name in inner if "{" not in name and "}" not in name]
    return ["", *(f"{name}/" for name in usable[:_FOLDERS])]


def _spread(rows: list[Row]) -> list[Row]:
    """Some rows from all over the sample."""
    return rows[:: max(1, len(rows) // _TRIED_ROWS)][:_TRIED_ROWS]


def _is_file(images: Path, name: str) -> bool:
    return not os.path.isabs(name) and ".." not in name and os.path.isfile(os.path.join(images, name))


def _locates(locator: Locator, name: str) -> bool:
    try:
        locator.locate(name)
    except ImageRefused:
        return False
    return True


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
