"""Which column holds the id, and where the photos of a row are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice, product
from pathlib import Path
from urllib.parse import unquote

from visualsearch.catalog.locating import Locator, climbs_out, is_image_name, is_rooted
from visualsearch.catalog.tables import Cell, Row, Table
from visualsearch.errors import ImageRefused, TableError, UsageError

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
_FIELD = re.compile(r"\{([^{}]+?)(:name)?\}")
_SEPARATORS = re.compile(r"\s*[|;,\n]\s*")


@dataclass(frozen=True)
class ColumnGuess:
    """``id``: a column. ``image``: a column, a pattern such as ``images/{id}.jpg``, or "" for no photos.
    ``why``: a sentence for the person."""

    id: str
    image: str
    why: str


class ImagePattern:
    """How a row names its photos: ``{column}`` stands for a cell, ``{column:name}`` for the last part of a path or
    web address in it; a bare column name means ``{column}``. A cell may name several photos: as a list, or, with
    ``|``, ``;``, a comma or a line break between them, when each part ends like a photo's name.

    A name that says by itself where it starts, or that climbs out where only its last part would count, stands for
    itself, whatever the pattern: it is then found below the image root or refused as what it is."""

    def __init__(self, text: str, columns: list[str]) -> None:
        """Raises UsageError when a column is not in the table."""
        self.text = text
        whole = f"{{{text}}}" if text and "{" not in text else text
        self.fields = [(found[1], bool(found[2])) for found in _FIELD.finditer(whole)]
        self._between = _FIELD.split(whole)[::3]
        if whole and not self.fields:
            raise UsageError(f"The pattern {text!r} names no column.", "Write it like images/{id}.jpg.")
        for column, _ in self.fields:
            require_column(column, columns)

    @property
    def column(self) -> str | None:
        """The column that holds nothing but photos' names, which is no attribute of the items."""
        return self.fields[0][0] if len(self.fields) == 1 and not self._between[-1] else None

    def references(self, row: Row) -> list[str]:
        """The photos that a row names, in order, without repetitions; [] where a cell is empty."""
        choices = [self._parts(row.get(column)) for column, _ in self.fields]
        if self.column is not None:
            found = [self._only(part) for part in choices[0]]
        else:
            found = [self._filled(parts) for parts in product(*choices)] if choices else []
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _only(self, part: str) -> str:
        """The photo that the only field's ``part`` names, where nothing comes after the field."""
        in_folder = self._between[0][-1:] in ("", "/")
        if (is_rooted(part) and in_folder) or (self.fields[0][1] and climbs_out(part)):
            return part
        return self._filled((part,))

    def _filled(self, parts: tuple[str, ...]) -> str:
        text = self._between[0]
        for part, (_, only_name), after in zip(parts, self.fields, self._between[1:], strict=True):
            text += (_last_part(part) if only_name else part) + after
        return text

    @staticmethod
    def _parts(cell: Cell) -> list[str]:
        values = cell if isinstance(cell, list) else [cell] if cell else []
        return [part for value in values for part in _split_photos(value)]


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
    if image and "{" in image:
        ImagePattern(image, table.columns)
        return ColumnGuess(id, image, f"{why}; the photos were given as {image}")
    if image:
        require_column(image, table.columns)
        if _names_a_photo(ImagePattern(image, table.columns), rows, Path(images)):
            return ColumnGuess(id, image, f"{why}; the photos were given as the column {image!r}")
    by_cells = [column for column in table.columns if _has_photos(rows, column)]
    columns = [image] if image else _by_rank(table.columns, by_cells, id)
    pattern, hits, tried = _find_photos(rows, columns, Path(images))
    if hits:
        return ColumnGuess(id, pattern, f"{why}; the photos are {pattern} ({hits} of {tried} rows tried)")
    likely = (column for column in columns if column in by_cells or _plain(column) in _IMAGE_NAMES)
    named = image or next(likely, "")
    return ColumnGuess(id, named, f"{why}; no photo of the first rows was found below {images}")


def require_column(column: str, columns: list[str]) -> None:
    """Raise UsageError, with the nearest name, when the table has no such column."""
    if column not in columns:
        near = get_close_matches(column, columns, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(columns)}."
        raise UsageError(f"The table has no column {column!r}.", hint)


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
    return bool(names) and 2 * sum(is_image_name(_last_part(name)) for name in names) > len(names)


def _find_photos(rows: list[Row], columns: list[str], images: Path) -> tuple[str, int, int]:
    """(pattern, rows with a photo, rows tried) of the pattern that finds most photos; without regard to case at last.
    Photos count and not rows: pictures of colours, which many rows share, must not outdo photos half of which are away.
    """
    locator = Locator(images)
    for exists in (lambda name: _is_file(images, name), lambda name: _locates(locator, name)):
        best, most = ("", 0, 0), 0
        for column in columns:
            sample = _spread([row for row in rows if row.get(column)])
            for text in _patterns(column, sample, images):
                hits, photos = _hits(ImagePattern(text, columns), sample, exists)
                if photos > most:
                    best = (column if text == f"{{{column}}}" else text, hits, len(sample))
                    most = photos
            if best[1] and best[1] == best[2]:
                break
        if best[1]:
            return best
    return best


def _names_a_photo(pattern: ImagePattern, rows: list[Row], images: Path) -> bool:
    """Whether any cell of the first rows is a photo just as the pattern says."""
    locator = Locator(images)
    return any(_locates(locator, name) for row in rows for name in pattern.references(row))


def _patterns(column: str, sample: list[Row], images: Path) -> Iterator[str]:
    """Patterns by which a column could name photos, the simplest first."""
    if not sample or "{" in column or "}" in column:
        return
    cells = [part for row in sample for part in ImagePattern(column, [column]).references(row)]
    if sum(is_image_name(_last_part(cell)) for cell in cells) * 2 >= len(cells):
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


def _split_photos(value: str) -> list[str]:
    parts = [part for part in _SEPARATORS.split(value) if part]
    if len(parts) > 1 and all(is_image_name(_last_part(part)) for part in parts):
        return parts
    return [value]


def _last_part(value: str) -> str:
    """The file's name in a path or a web address."""
    if "://" in value:
        value = unquote(value.split("://", 1)[1].split("?", 1)[0].split("#", 1)[0])
    return value.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
