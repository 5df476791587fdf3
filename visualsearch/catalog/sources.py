"""What an import reads: a table with photos, or photos alone, as one stream of items."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from visualsearch.catalog import paths, scanning
from visualsearch.catalog.decoding import is_certain
from visualsearch.catalog.guessing import ColumnGuess, guess_columns
from visualsearch.catalog.image_pattern import ImagePattern
from visualsearch.catalog.infer import CATEGORY, AttributeType
from visualsearch.catalog.store import Refusal
from visualsearch.catalog.tables import TABLE_SUFFIXES, Row, Table, Update, read_table, require_column
from visualsearch.errors import TableError, UsageError

ID_LIMIT = 512
_LOOKED_AT = 50  # rows
NO_PHOTOS = "The items have no photos: no column of the table names files below"


@dataclass(frozen=True)
class ImportRequest:
    """What to import. ``images``: the photos' folder. ``table``: None makes each photo an item. ``id`` and ``image``
    (a column, a pattern such as ``images/{id}.jpg``, or several of them with commas between) are guessed when None.
    ``separators``: column → what its values are separated by, "" to keep them whole; other columns are guessed.
    ``encoding``: of the table, detected when None. ``types``: column → category, number or text; other columns keep the
    type that the catalog has, or are guessed. ``skip``: columns that are not imported; when None, those that the last
    import of this table skipped. ``replace``: it may take away all that the catalog has, see `losing`; never
    remembered."""

    images: Path
    table: Path | None = None
    id: str | None = None
    image: str | None = None
    separators: dict[str, str] | None = None
    encoding: str | None = None
    types: Mapping[str, str] | None = None
    skip: tuple[str, ...] | None = None
    replace: bool = False


@dataclass(frozen=True)
class SourceItem:
    """A row: where it came from (for refusals), the item's id, its cells by attribute, and its photos' names.
    ``operations``: None where the row is all of the item; else "set", "add" or "remove" for attributes that the row
    changes (see `tables.Update`)."""

    source: str
    id: str
    cells: Row
    references: list[str]
    operations: Mapping[str, str] | None = None


@dataclass
class Description:
    """How a source was understood, for people."""

    id: str
    image: str
    why: str
    encoding: str = ""
    delimiter: str = ""
    notes: list[str] = field(default_factory=list)


class Source(ABC):
    """Items in the customer's order; can be read again and again.

    ``attributes``: columns that describe items; ``photo_columns``: those that hold nothing but photos' names.
    ``refused``: what the latest ``items()`` could not use. ``total``: how many rows there are, 0 while unknown.
    ``unread``: folders whose photos are not known, as they could not be listed. ``lost``: what to say where items may
    be in what was not read.
    """

    description: Description
    photo_columns: Sequence[str] = ()
    total = 0
    unread: Sequence[str] = ()
    lost = "Rows could not be read, so items that the rest does not name were left as they are."

    @property
    def whole(self) -> bool:
        """Whether what is not in it is gone, as far as it was read."""
        return True

    @property
    def has_lost_rows(self) -> bool:
        """Whether rows could not be read, as far as it was: of which items they told is not known."""
        return False

    @property
    @abstractmethod
    def attributes(self) -> list[str]: ...

    @property
    @abstractmethod
    def refused(self) -> list[Refusal]: ...

    @abstractmethod
    def items(self) -> Iterator[SourceItem]: ...

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """The cells alone, for a look at what kind they are."""

    def known_type(self, attribute: str) -> AttributeType | None:
        """The type of an attribute whose cells need not be looked at."""
        return None

    @property
    def declared(self) -> list[str]:
        """The attributes that are there though no item has a value of them."""
        return []


class TableSource(Source):
    """The rows of a table. Raises TableError and UsageError when it cannot be understood."""

    def __init__(self, request: ImportRequest, table: Path) -> None:
        self._table = read_table(table, encoding=request.encoding)
        self.guess: ColumnGuess = _guessed(self._table, request)
        for column in request.separators or {}:
            require_column(column, self._table.columns)
        self._pattern = ImagePattern(self.guess.image, self._table.columns)
        self.photo_columns = self._pattern.columns
        self._refused: list[Refusal] = []
        notes = [] if self.guess.image else [f"{NO_PHOTOS} {request.images}. Say which column names them."]
        if self._table.encoding and not request.encoding and not is_certain(self._table.encoding):
            notes.append(
                f"The table is not UTF-8 and was read as {self._table.encoding}. "
                "Where letters are wrong, name its encoding."
            )
        notes += self._table.notes + _web_photos(self._table, self._pattern, request.images)
        table_form = (self._table.encoding, self._table.delimiter)
        self.description = Description(self.guess.id, self.guess.image, self.guess.why, *table_form, notes)

    @property
    def columns(self) -> list[str]:
        """All columns of the table, as far as it was read."""
        return self._table.columns

    @property
    def whole(self) -> bool:
        return not self._table.is_part

    @property
    def has_lost_rows(self) -> bool:
        return self._table.has_lost_rows

    @property
    def attributes(self) -> list[str]:
        no_attributes = {self.guess.id, *self.photo_columns}
        return [column for column in self._table.columns if column not in no_attributes]

    @property
    def refused(self) -> list[Refusal]:
        return self._table.problems + self._refused

    def rows(self) -> Iterator[Row]:
        return (row for _, row in self._table.rows())

    def items(self) -> Iterator[SourceItem]:
        self._refused = []
        for line, row in self._table.rows():
            id = row.get(self.guess.id)
            reason = ""
            if not id:
                reason = f"the row has no id (column {self.guess.id!r} is empty)"
            elif isinstance(id, list):
                reason = f"the row has several ids (column {self.guess.id!r} is a list)"
            elif len(id) > ID_LIMIT:
                reason = f"the id is longer than {ID_LIMIT} characters"
            if reason:
                self._refused.append(Refusal(self._table.source(line), reason))
            elif isinstance(id, str):
                operations = row.operations if isinstance(row, Update) else None
                yield SourceItem(self._table.source(line), id, row, self._pattern.references(row), operations)


def _guessed(table: Table, request: ImportRequest) -> ColumnGuess:
    """The columns of ids and photos: those that were asked for, else as the table's format has them, else guessed."""
    id = request.id or (table.id if table.id in table.columns else None)
    image = request.image
    if image is None and table.image in table.columns:
        image = table.image
    found = guess_columns(table, request.images, id=id, image=image)
    if not table.what:
        return found
    why = f"{table.what}; {found.id!r} is the id"
    return ColumnGuess(found.id, found.image, f"{why}; the photos are {found.image}" if found.image else why)


def _web_photos(table: Table, pattern: ImagePattern, images: Path) -> list[str]:
    """A note where the first rows name photos by web addresses alone."""
    names = [name for _, row in islice(table.rows(), _LOOKED_AT) for name in pattern.references(row)]
    if not names or not all("://" in name for name in names):
        return []
    return [
        f"The photos are addresses on the web, from which nothing is fetched. Save them below {images} under the names "
        "at the ends of the addresses, and import again."
    ]


class FolderSource(Source):
    """Each photo below a folder is an item, its relative path the id, its folders an attribute."""

    lost = "A folder could not be read, so items whose photos were not found were left as they are."

    def __init__(
        self, images: Path, step: Callable[[int], None] = lambda found: None, limit: int | None = None
    ) -> None:
        self._found, self._refused, self.unread = scanning.scan(images, step, limit)
        self._attributes = scanning.folder_attributes(self._found)
        self.total = len(self._found)
        why = "each photo is an item, its path the id"
        if self._attributes:
            why += f", its folder the attribute {scanning.FOLDER!r}"
        self.description = Description("", "", why, notes=_tables_beside(images))

    @property
    def attributes(self) -> list[str]:
        return self._attributes

    @property
    def refused(self) -> list[Refusal]:
        return self._refused

    def rows(self) -> Iterator[Row]:
        return iter(())  # all types are known

    def items(self) -> Iterator[SourceItem]:
        for path in self._found:
            id = paths.to_text(path)
            yield SourceItem(id, id, {**scanning.folder_values(path, self._attributes)}, [path])

    def known_type(self, attribute: str) -> AttributeType | None:
        return AttributeType(CATEGORY)


def open_source(
    request: ImportRequest, step: Callable[[int], None] = lambda found: None, limit: int | None = None
) -> Source:
    """The source that a request names. ``limit``: enough photos, for a preview. Raises TableError, UsageError,
    CatalogError (no such folder)."""
    images = Path(request.images)
    if images.is_file():
        raise TableError(f"{images} is a file, not a folder of photos.", "Name the folder that it is in.")
    if not images.is_dir():
        raise TableError(f"There is no folder {images}.", "Check its name.")
    if request.table is not None:
        from visualsearch.catalog.export_sidecar import note_on_copy, open_exported  # builds on this module

        table = Path(request.table)
        exported = open_exported(request, table)
        if exported is not None:
            return exported
        source = TableSource(request, table)
        source.description.notes += note_on_copy(table, source.columns)
        return source
    of_table = (request.id, request.image, request.separators, request.encoding, request.types, request.skip)
    if any(of_table):
        raise UsageError(
            "The id, image, separators, encoding, types and skipped columns are those of a table, but none was given.",
            "Name the table, or leave them out: each photo is then an item.",
            "To name it: --table FILE",
        )
    return FolderSource(images, step, limit)


def _tables_beside(images: Path) -> list[str]:
    """A note when the folder or the one that holds it has a table that a person may have meant to name."""
    notes = []
    for folder in (images, images.absolute().parent):
        try:
            found = [
                entry
                for entry in sorted(folder.iterdir())
                if entry.suffix.lower() in TABLE_SUFFIXES - {".txt"}
            ]
        except OSError:
            continue
        for table in found[:1] if len(found) == 1 else []:
            try:
                guess = guess_columns(read_table(table), images)
            except TableError:
                continue
            if guess.image:
                notes.append(
                    f"The table {table} seems to describe these photos; it was not used. To use it, import with it."
                )
    return notes[:1]
