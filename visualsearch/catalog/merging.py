"""Rows that repeat an item's id bring it further photos; the values of its first row count.

A row with a photo that the item does not have yet is taken for that photo. Empty cells of it never matter. A cell that
differs from the first row's is refused, but not where its column evidently describes the photo and not the item: by
its name (position, view, alt text), or since it differs for most of the items that have several rows. Such columns are
noted. A row that repeats an id without a new photo is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from visualsearch.catalog.cells import CellReader, values_digest
from visualsearch.catalog.sources import SourceItem
from visualsearch.catalog.store import Refusal
from visualsearch.catalog.writing import Prepared, Values
from visualsearch.words import counted

_OF_A_PHOTO = re.compile(
    r"(variant|main|product)?(image|photo|picture|img|media).*|pos|position|sort|(sort|display)?order|rank|seq|sequence"
    r"|index|view|angle|side|perspective|shot|alt|alttext|alttag|caption|(is)?(main|primary|default|cover)"
)
_SHOWN = 40  # characters of a value in a refusal


@dataclass(slots=True)
class _First:
    """The first row of an item, and how many photos the item has so far."""

    source: str
    digest: bytes
    photos: int = 0


@dataclass
class _Column:
    """What differs in a column: the items, and the refusals if it is not of the photo."""

    items: set[str] = field(default_factory=set)
    conflicts: list[Refusal] = field(default_factory=list)


class Merger:
    """Makes one item of all the rows with its id. ``reader`` reads cells; ``names``: attribute number → name;
    ``stored(ids)``: the values of items that were written before."""

    def __init__(
        self,
        reader: CellReader,
        names: Mapping[int, str],
        stored: Callable[[list[str]], Mapping[str, Values]],
    ) -> None:
        self._reader = reader
        self._names = names
        self._stored = stored
        self._firsts: dict[str, _First] = {}
        self._photos: set[int] = set()  # hashes of (id, name of a photo)
        self._several: set[str] = set()  # items of which a further row was taken
        self._columns: dict[int, _Column] = {}
        self._refused: list[Refusal] = []

    def __bool__(self) -> bool:
        """Whether there was any usable row."""
        return bool(self._firsts)

    def prepare(self, batch: list[SourceItem]) -> list[Prepared]:
        """The items of a batch of rows."""
        again = list({row.id for row in batch if row.id in self._firsts or row.operations is not None})
        stored = self._stored(again) if again else {}
        prepared: dict[str, Prepared] = {}
        for row in batch:
            if row.operations is not None:
                self._update(row, prepared, stored)
                continue
            before = len(self._reader.refused)
            values = self._reader.values(row)
            first = self._firsts.get(row.id)
            names = [name for name in row.references if hash((row.id, name)) not in self._photos]
            if first is None:
                digest = values_digest(values)
                first = self._firsts[row.id] = _First(row.source, digest)
                prepared[row.id] = Prepared(row.id, digest, values)
            else:
                item = prepared.get(row.id)
                known = item.values if item is not None and item.first else stored.get(row.id, ())
                if not self._take(row, first, names, values, dict(known)):
                    del self._reader.refused[before:]
                    continue
                if item is None:
                    prepared[row.id] = Prepared(row.id, first.digest, (), first=False, position=first.photos)
            self._photos.update(hash((row.id, name)) for name in names)
            prepared[row.id].references.extend((row.source, name) for name in names)
        return list(prepared.values())

    def _update(self, row: SourceItem, prepared: dict[str, Prepared], stored: Mapping[str, Values]) -> None:
        """A row that changes some values of an item, and leaves the others as the rows or imports before said."""
        item = prepared.get(row.id)
        known = item.values if item is not None and item.first else stored.get(row.id, ())
        values = self._reader.updated(known, row)
        digest = values_digest(values)
        references = item.references if item is not None else []
        first = self._firsts.setdefault(row.id, _First(row.source, digest))
        first.digest = digest
        prepared[row.id] = Prepared(row.id, digest, values, references)
        names = [name for name in row.references if hash((row.id, name)) not in self._photos]
        self._photos.update(hash((row.id, name)) for name in names)
        references.extend((row.source, name) for name in names)

    def add_photos(self, id: str, count: int) -> None:
        """Say that an item has got photos."""
        self._firsts[id].photos += count

    def refused(self) -> list[Refusal]:
        """The rows and cells that were not used, once all rows were prepared."""
        cells = [found.conflicts for number, found in self._columns.items() if not self._is_of_photo(number)]
        return self._refused + [conflict for conflicts in cells for conflict in conflicts]

    def notes(self) -> list[str]:
        """The columns that describe photos, of which items keep the first row's value."""
        return [
            f"{self._names[number]!r} differs between the rows of {counted(len(found.items), 'item')} with several "
            "photos, "
            "as it would if it described the photo: the first row's value was kept."
            for number, found in sorted(self._columns.items())
            if self._is_of_photo(number)
        ]

    def _take(
        self, row: SourceItem, first: _First, names: list[str], values: Values, known: Mapping[int, tuple]
    ) -> bool:
        """Note what differs in a further row of an item, or refuse the row (False) since it has no new photo."""
        different = [(number, new) for number, new in values if known.get(number) != new]
        if not names:
            other = "other values" if different else "the same values and photo"
            reason = f"the id {row.id!r} is on {first.source} already, with {other}"
            self._refused.append(Refusal(row.source, reason))
            return False
        self._several.add(row.id)
        for number, new in different:
            old = known.get(number)
            kept = f"kept {_shown(old)}" if old else "left empty"
            there = f"{_shown(old) if old else 'none'} on {first.source}: {kept}"
            column = self._columns.setdefault(number, _Column())
            column.items.add(row.id)
            reason = f"{self._names[number]}: {_shown(new)} here, {there}"
            column.conflicts.append(Refusal(row.source, reason))
        return True

    def _is_of_photo(self, number: int) -> bool:
        """Whether an attribute describes the photo of a row and not the item."""
        if _OF_A_PHOTO.fullmatch(re.sub("[^a-z0-9]", "", self._names[number].lower())):
            return True
        return len(self._several) > 1 and 2 * len(self._columns[number].items) > len(self._several)


def _shown(values: tuple) -> str:
    text = ", ".join(f"{value:.15g}" if isinstance(value, float) else value for value in values)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
