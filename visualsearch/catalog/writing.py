"""Brings an import's batches into the catalog: what is new, changed, unchanged, gone; one transaction a batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from visualsearch.catalog import text, valuesets
from visualsearch.catalog.keeping import Keeper, Kept, kept
from visualsearch.catalog.locating import FileStat
from visualsearch.catalog.store import Catalog, Refusal, now

_CHUNK = 500  # placeholders in one statement
Values = tuple[tuple[int, tuple[str | float, ...]], ...]


@dataclass
class Counts:
    """What an import did. "changed" images are those with other bytes; "moved" ones only have another path."""

    items_new: int = 0
    items_changed: int = 0
    items_unchanged: int = 0
    items_gone: int = 0
    images_new: int = 0
    images_changed: int = 0
    images_moved: int = 0
    images_unchanged: int = 0
    images_gone: int = 0


@dataclass
class Photo:
    """A photo that was found. ``digest`` is None when the stat says that the file is unchanged."""

    path: str
    stat: FileStat
    digest: bytes | None


@dataclass
class Prepared:
    """An item as it shall be. ``values``: (attribute number, values) pairs. ``first``: not a further row of an item
    that an earlier batch wrote; then ``photos`` come after its ``position`` others. ``hidden``: it is gone, or shall
    be, although its photos are there."""

    id: str
    digest: bytes
    values: Values
    references: list[tuple[str, str]] = field(default_factory=list)  # (source, name of the photo)
    photos: list[Photo] = field(default_factory=list)
    first: bool = True
    position: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class KnownImage:
    """An image row of the catalog."""

    number: int
    position: int
    path: str
    digest: bytes | None
    stat: FileStat | None
    gone: bool
    refused: bool


@dataclass(frozen=True)
class KnownItem:
    """An item row of the catalog, with its images by path."""

    number: int
    digest: bytes | None
    gone: bool
    images: dict[str, KnownImage] = field(default_factory=dict)


@dataclass(frozen=True)
class NewItems:
    """The items that an import counted as new: those with numbers above ``last``, and those that came back."""

    last: int = 0
    back: frozenset[int] = frozenset()

    def __contains__(self, number: int) -> bool:
        return number > self.last or number in self.back


@dataclass
class _Changes:
    """The rows of one transaction, for executemany."""

    keeper: Keeper
    categories: list[tuple] = field(default_factory=list)
    items_new: list[tuple] = field(default_factory=list)
    items_changed: list[tuple] = field(default_factory=list)
    rewritten: list[int] = field(default_factory=list)
    values: list[tuple] = field(default_factory=list)
    images_new: list[tuple] = field(default_factory=list)
    images_changed: list[tuple] = field(default_factory=list)


def lookup(connection: sqlite3.Connection, ids: list[str]) -> dict[str, KnownItem]:
    """The items that the catalog has of these ids."""
    known: dict[str, KnownItem] = {}
    by_number: dict[int, KnownItem] = {}
    for chunk in chunks(ids):
        for id, number, digest, gone in connection.execute(
            f"SELECT id, number, digest, gone FROM item WHERE id IN ({','.join('?' * len(chunk))})", chunk
        ):
            known[id] = by_number[number] = KnownItem(number, digest, bool(gone))
    for chunk in chunks(list(by_number)):
        for item, number, position, path, digest, size, mtime, ctime, gone, refused in connection.execute(
            "SELECT item, number, position, path, digest, size, mtime, ctime, gone, refused IS NOT NULL FROM image "
            f"WHERE item IN ({','.join('?' * len(chunk))})",
            chunk,
        ):
            stat = FileStat(size, mtime, ctime) if size is not None else None
            by_number[item].images[path] = KnownImage(
                number, position, path, digest, stat, bool(gone), bool(refused)
            )
    return known


def stored_values(connection: sqlite3.Connection, ids: list[str]) -> dict[str, Values]:
    """What the imports said of these ids, whatever people decided, in the form of ``CellReader.values``."""
    found: dict[str, dict[int, list]] = {}
    for chunk in chunks(ids):
        chosen = f"(SELECT number, id FROM item WHERE id IN ({','.join('?' * len(chunk))})) i"
        for id, attribute, value in connection.execute(
            "SELECT i.id, a.number, CASE a.type WHEN 'category' THEN c.text ELSE v.value END "
            f"FROM attribute a CROSS JOIN {chosen} CROSS JOIN item_value v "
            "ON v.attribute = a.number AND v.item = i.number "
            "LEFT JOIN category_value c ON a.type = 'category' AND c.number = v.value",
            chunk,
        ):
            found.setdefault(id, {}).setdefault(attribute, []).append(value)
        for id, attribute, raw in connection.execute(
            f"SELECT i.id, o.attribute, o.raw FROM attribute a CROSS JOIN {chosen} CROSS JOIN imported o "
            "ON o.attribute = a.number AND o.item = i.number",
            chunk,
        ):
            found.setdefault(id, {})[attribute] = list(valuesets.from_text(raw))
    return {
        id: tuple((attribute, tuple(sorted(parts))) for attribute, parts in sorted(values.items()) if parts)
        for id, values in found.items()
    }


def keep_photo_items(prepared: list[Prepared], known: dict[str, KnownItem]) -> list[Prepared]:
    """Of items that are photos and nothing else, those whose photo is there; hidden where it is known not to be
    readable. ``known`` is ``lookup`` of their ids."""
    kept = [item for item in prepared if item.photos]
    for item in kept:
        images = known[item.id].images if item.id in known else {}
        item.hidden = all(_is_refused(images.get(photo.path), photo) for photo in item.photos)
    return kept


def _is_refused(image: KnownImage | None, photo: Photo) -> bool:
    return image is not None and image.refused and photo.digest in (None, image.digest)


class Writer:
    """Brings items, values, images and text up to date, and remembers what it has seen, so that ``finish`` can tell
    what is gone. ``attributes``: the numbers of all the catalog's attributes; ``categories``: of the category ones;
    ``counts``: what the import did until now."""

    def __init__(
        self, catalog: Catalog, attributes: Iterable[int], categories: Iterable[int], counts: Counts
    ) -> None:
        self._catalog = catalog
        self._attributes = list(attributes)
        self._categories = set(categories)
        self._value_numbers: dict[tuple[int, str], int] = {}
        self._last_value = 0
        self.counts = counts
        with catalog.read() as connection:
            self._number_values(connection)
            (last_item,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM item").fetchone()
            (last_image,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM image").fetchone()
        self._last_item = last_item
        self._back: set[int] = set()
        self._seen_items = bytearray(
            last_item + 1
        )  # of those that were there before; later ones are seen anyway
        self._seen_images = bytearray(last_image + 1)

    @property
    def new_items(self) -> NewItems:
        """What was new until now."""
        return NewItems(self._last_item, frozenset(self._back))

    def write(self, batch: list[Prepared], known: dict[str, KnownItem]) -> None:
        """One batch in one transaction. ``known`` is ``lookup`` of its ids, made since the last batch."""
        touched: list[int] = []
        with self._catalog.write() as connection:
            self._number_values(connection)
            keeper = Keeper(connection, (item.number for item in known.values()))
            changes = _Changes(keeper)
            next_item, next_image = _next_number(connection, "item"), _next_number(connection, "image")
            for prepared in batch:
                item = known.get(prepared.id)
                if item is None:
                    item = KnownItem(next_item, None, False)
                    next_item += 1
                    changes.items_new.append((item.number, prepared.id, prepared.digest))
                    self._add_values(changes, item.number, prepared.values)
                    self.counts.items_new += 1
                    touched.append(item.number)
                elif prepared.first and not prepared.hidden and self._update_item(changes, item, prepared):
                    touched.append(item.number)
                next_image = self._add_photos(changes, item, prepared, next_image)
            self._execute(connection, changes)
            if touched:
                text.index_items(connection, touched)

    def _number_values(self, connection: sqlite3.Connection) -> None:
        """Read the numbers of category values again where a decision made further ones meanwhile."""
        (last,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM category_value").fetchone()
        if last == self._last_value:
            return
        self._last_value = last
        self._value_numbers = {
            (attribute, value): number
            for number, attribute, value in connection.execute(
                "SELECT number, attribute, text FROM category_value"
            )
        }

    def finish(self, refused: list[Refusal], *, mark_gone: bool, declared: Sequence[str]) -> Kept | None:
        """Mark what was not seen as gone, drop attributes that nobody has and that are not ``declared``, remember the
        refusals. Returns the decisions that stand against what was imported."""
        with self._catalog.write() as connection:
            if mark_gone:
                self._mark_gone(connection)
            valuesets.drop_unused(connection, kept=declared)
            wanted = {(refusal.source, refusal.reason) for refusal in refused}
            before = set(connection.execute("SELECT source, reason FROM refusal"))
            connection.executemany("DELETE FROM refusal WHERE source = ? AND reason = ?", before - wanted)
            at = now()
            connection.executemany(
                "INSERT INTO refusal VALUES (?, ?, ?)", [(*key, at) for key in wanted - before]
            )
            return kept(connection)

    def _update_item(self, changes: _Changes, item: KnownItem, prepared: Prepared) -> bool:
        """Note what changed of an existing item; False when nothing did."""
        self._seen_items[item.number] = 1
        same = item.digest == prepared.digest
        if same and not item.gone:
            self.counts.items_unchanged += 1
            return False
        if item.gone:
            self._back.add(item.number)
            self.counts.items_new += 1
        else:
            self.counts.items_changed += 1
        changes.items_changed.append((prepared.digest, item.number))
        if not same:
            changes.rewritten.append(item.number)
            self._add_values(changes, item.number, prepared.values)
        return True

    def _add_values(self, changes: _Changes, item: int, values: Values) -> None:
        for attribute, parts in changes.keeper.values(item, values):
            if attribute not in self._categories:
                changes.values.extend((attribute, item, part) for part in parts)
                continue
            for part in parts:
                number = self._value_numbers.get((attribute, str(part)))
                if number is None:
                    number = self._last_value = self._last_value + 1
                    self._value_numbers[attribute, str(part)] = number
                    changes.categories.append((number, attribute, part))
                changes.values.append((attribute, item, number))

    def _add_photos(self, changes: _Changes, item: KnownItem, prepared: Prepared, next_image: int) -> int:
        """Note what is new or changed of an item's photos; returns the next free image number."""
        position = prepared.position
        unknown: list[tuple[int, Photo]] = []
        for photo in {photo.path: photo for photo in prepared.photos}.values():
            image = item.images.get(photo.path)
            if image is None:
                unknown.append((position, photo))
            elif self._was_seen(image.number):
                continue
            else:
                self._update_image(changes, image, photo, position)
            position += 1
        for position, photo in unknown:
            moved = next((image for image in item.images.values() if self._may_be(image, photo)), None)
            if moved is not None:
                self._update_image(changes, moved, photo, position)
                continue
            stat = photo.stat
            row = (
                next_image,
                item.number,
                position,
                photo.path,
                photo.digest,
                stat.size,
                stat.mtime,
                stat.ctime,
            )
            changes.images_new.append(row)
            self.counts.images_new += 1
            next_image += 1
        return next_image

    def _was_seen(self, image: int) -> bool:
        return image >= len(self._seen_images) or bool(self._seen_images[image])

    def _may_be(self, image: KnownImage, photo: Photo) -> bool:
        """Whether an image that no row names any more is this photo under its old path."""
        return image.digest is not None and image.digest == photo.digest and not self._was_seen(image.number)

    def _update_image(self, changes: _Changes, image: KnownImage, photo: Photo, position: int) -> None:
        self._seen_images[image.number] = 1
        digest = photo.digest or image.digest
        if image.gone:
            self.counts.images_new += 1
        elif digest != image.digest:
            self.counts.images_changed += 1
        elif photo.path != image.path:
            self.counts.images_moved += 1
        else:
            self.counts.images_unchanged += 1
        before = (image.position, image.path, image.digest, image.stat, image.gone)
        if before != (position, photo.path, digest, photo.stat, False):
            stat = photo.stat
            changes.images_changed.append(
                (image.number, position, photo.path, digest, stat.size, stat.mtime, stat.ctime)
            )

    def _execute(self, connection: sqlite3.Connection, changes: _Changes) -> None:
        many = connection.executemany
        many("INSERT INTO category_value VALUES (?, ?, ?)", changes.categories)
        many("INSERT INTO item (number, id, digest) VALUES (?, ?, ?)", changes.items_new)
        many("UPDATE item SET digest = ?, gone = 0 WHERE number = ?", changes.items_changed)
        pairs = changes.keeper.rewritten(changes.rewritten, self._attributes)
        many("DELETE FROM item_value WHERE attribute = ? AND item = ?", pairs)
        changes.values.sort(key=lambda row: row[:2])  # in the order of the key: far fewer pages are touched
        many("INSERT INTO item_value VALUES (?, ?, ?)", changes.values)
        changes.keeper.write(connection, pairs)
        many(
            "INSERT INTO image (number, item, position, path, digest, size, mtime, ctime) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            changes.images_new,
        )
        # No "?1" and its kin: Python 3.12.0 to 3.12.3 takes numbered placeholders for named ones, and warns.
        many(
            "UPDATE image SET position = ?, path = ?, digest = ?, size = ?, mtime = ?, ctime = ?, gone = 0, "
            "refused = CASE WHEN digest IS ? THEN refused END, "  # other bytes may be usable
            "refused_at = CASE WHEN digest IS ? THEN refused_at END WHERE number = ?",
            ((*row[1:], row[3], row[3], row[0]) for row in changes.images_changed),
        )

    def _mark_gone(self, connection: sqlite3.Connection) -> None:
        items = self._unseen(connection, "item", self._seen_items)
        images = self._unseen(connection, "image", self._seen_images)
        connection.executemany("UPDATE item SET gone = 1 WHERE number = ?", ((number,) for number in items))
        connection.executemany("UPDATE image SET gone = 1 WHERE number = ?", ((number,) for number in images))
        if items:
            text.index_items(connection, items)
        self.counts.items_gone += len(items)
        self.counts.images_gone += len(images)

    @staticmethod
    def _unseen(connection: sqlite3.Connection, table: str, seen: bytearray) -> list[int]:
        """Numbers that were active before the import and that it did not see."""
        rows = connection.execute(f"SELECT number FROM {table} WHERE gone = 0 AND number < ?", (len(seen),))
        return [number for (number,) in rows if not seen[number]]


def any_below(connection: sqlite3.Connection, folders: Iterable[str]) -> bool:
    """Whether any active item has an id that is a path below one of the folders."""
    below = "SELECT 1 FROM item WHERE gone = 0 AND id > ? AND id < ? LIMIT 1"  # 0 comes after /
    return any(connection.execute(below, (f"{name}/", f"{name}0")).fetchone() for name in folders)


def _next_number(connection: sqlite3.Connection, table: str) -> int:
    """The number that AUTOINCREMENT would give: higher than any that was ever used."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return (row[0] if row else 0) + 1


def chunks(values: list) -> Iterator[list]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
