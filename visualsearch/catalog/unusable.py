"""Photos that were imported and, when they are prepared, turn out to be of no use or not there any more."""

from __future__ import annotations

from collections.abc import Sequence

from visualsearch.catalog import text
from visualsearch.catalog.requests import last_request
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.writing import chunks


def refuse_photos(catalog: Catalog, refusals: list[tuple[int, str]], unread: Sequence[int] = ()) -> list[int]:
    """Remember (image number, reason) pairs, see `Catalog.refuse_images`. Where the latest import was of photos
    alone, a photo that cannot be read is no item; with a table its item stays, for its data. Returns the numbers of the
    items that are gone by this."""
    catalog.refuse_images(refusals, unread)
    return _hide_items(catalog, [image for image, _ in refusals])


def drop_photos(catalog: Catalog, images: list[int]) -> list[int]:
    """Mark images gone whose files are not there any more: the next import that finds them has them back. Returns the
    numbers of the items that are gone by this, as ``refuse_photos`` does."""
    if not images:
        return []
    with catalog.write() as connection:
        connection.executemany("UPDATE image SET gone = 1 WHERE number = ?", ((image,) for image in images))
    return _hide_items(catalog, images)


def _hide_items(catalog: Catalog, images: list[int]) -> list[int]:
    """Mark items gone of which no photo is usable any more, now that these images are not; returns their numbers. Only
    where each photo is an item. The next import that finds other bytes, or the file again, brings an item back."""
    request = last_request(catalog)
    if not images or request is None or request.table is not None:
        return []
    with catalog.write() as connection:
        hidden = [
            number
            for chunk in chunks(images)
            for (number,) in connection.execute(
                f"SELECT number FROM item WHERE number IN "
                f"(SELECT item FROM image WHERE number IN ({','.join('?' * len(chunk))})) AND gone = 0 AND NOT EXISTS "
                "(SELECT 1 FROM image WHERE item = item.number AND gone = 0 AND refused IS NULL)",
                chunk,
            )
        ]
        connection.executemany("UPDATE item SET gone = 1 WHERE number = ?", ((number,) for number in hidden))
        text.index_items(connection, hidden)
    return hidden
