"""Items for shop systems: Shopify's product CSV with metafields, and updates of a Solr index in JSON.

Shopify (help.shopify.com/en/manual/products/import-export/using-csv): the columns Title and URL handle name a product,
further rows with the same handle bring further photos, and a metafield's column is headed
``NAME (product.metafields.NAMESPACE.KEY)``. Lists are written as JSON, the form in which Shopify keeps list metafields.
Solr (solr.apache.org/guide: Partial Document Updates): an array of documents, or of ``{"id": …, "field": {"set": …}}``
with null for a field that is taken away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, BinaryIO
from urllib.parse import quote

import numpy as np

from visualsearch.catalog import paths
from visualsearch.catalog.export_formats import Cells, ItemWriter, as_json_value, as_texts
from visualsearch.catalog.export_rows import ExportColumn, ExportItem
from visualsearch.catalog.neutralise import neutralised

NAMESPACE = "custom"  # of Shopify's metafields: where a shop's own ones are
PHOTOS = f"product.metafields.{NAMESPACE}.photos"  # the files' names, where the photos have no address
_IMAGE = "Product image URL"
_TITLES = ("title", "name", "productname", "productdisplayname", "displayname", "producttitle")
_KEY_LENGTH = 64
TITLE_LENGTH = 255


class ShopifyWriter(ItemWriter):
    """Products with a metafield for each attribute. ``image_url``: what photos' paths are put after to make the public
    address that Shopify fetches them from; without it their paths are a metafield, so that they come back here.
    ``id`` and ``images`` are the columns of ids and photos, ``derived`` those that say nothing of their own."""

    def __init__(self, file: BinaryIO, columns: Sequence[ExportColumn], image_url: str) -> None:
        super().__init__()
        self._columns = columns
        self.image_url = image_url.rstrip("/") + "/" if image_url else ""
        self._title = next((one for name in _TITLES for one in columns if _plain(one.name) == name), None)
        keys = _unique((PHOTOS.rpartition(".")[2], *(_key(column.name) for column in columns)), _KEY_LENGTH)
        headers = {
            column.name: f"{' '.join(column.name.split())} (product.metafields.{NAMESPACE}.{key})"
            for column, key in zip(columns, keys[1:], strict=True)
        }
        self.names = {name: neutralised(header) for name, header in headers.items()}
        self.id, self.images = "SKU", _IMAGE if image_url else f"Photos ({PHOTOS})"
        self._cells = Cells(file, ",")
        photos = [_IMAGE, "Image position"] if image_url else [self.images]
        head = ["Title", "URL handle", self.id, "Option1 name", "Option1 value", *photos]
        self.derived = tuple(name for name in head if name not in (self.id, self.images))
        self._cells.row([*head, *headers.values()])

    def write(self, item: ExportItem) -> None:
        titles = as_texts(self._title, item) if self._title is not None else []
        title = " ".join((titles[0] if titles else item.id).split())[:TITLE_LENGTH]
        handle = shop_handle(item.id)
        photos = [self._address(path) for path in item.images] if self.image_url else []
        first = [title, handle, item.id, "Title", "Default Title"]  # one variant, in Shopify's words
        if self.image_url:
            first += [photos[0], "1"] if photos else ["", ""]
        else:
            first.append(json.dumps(item.images, ensure_ascii=False) if item.images else "")
        self._look((item.id, *item.images))
        self._cells.row([*first, *(self._cell(column, item) for column in self._columns)])
        for position, photo in enumerate(photos[1:], 2):
            row = ["", handle, "", "", "", photo, str(position)]
            self._cells.row([*row, *("" for _ in self._columns)])

    def end(self) -> None:
        self._cells.end()
        self.neutralised, self.too_long = self._cells.neutralised, self._cells.too_long

    def _cell(self, column: ExportColumn, item: ExportItem) -> str:
        values = item.values.get(column.number)
        if not values:
            return ""
        self._look(value for value in values if isinstance(value, str))
        if column.separator:
            return json.dumps(as_json_value(column, values), ensure_ascii=False)
        return as_texts(column, item)[0]

    def _address(self, path: str) -> str:
        name = paths.from_text(path).encode("utf-8", "surrogateescape")
        return self.image_url + quote(name)


class SolrWriter(ItemWriter):
    """Whole documents, or, with ``changed`` (attribute's number → items, int ascending), only the fields that people
    changed."""

    def __init__(
        self, file: BinaryIO, columns: Sequence[ExportColumn], changed: Mapping[int, np.ndarray] | None
    ) -> None:
        super().__init__()
        self._file = file
        self._columns = columns
        self.id, self.images, *fields = _unique(
            ("id", "images", *(_field(column.name) for column in columns)), None
        )
        self.names = dict(zip((column.name for column in columns), fields, strict=True))
        self._changed = changed
        self._before = b"[\n"

    def write(self, item: ExportItem) -> None:
        document: dict[str, Any] = {"id": item.id}
        for column in self._columns:
            values = item.values.get(column.number)
            self._look(value for value in values or () if isinstance(value, str))
            value = as_json_value(column, values) if values else None
            if self._changed is None:
                if value is not None:
                    document[self.names[column.name]] = value
            elif _has(self._changed.get(column.number), item.number):
                document[self.names[column.name]] = {"set": value}
        if self._changed is None and item.images:
            document["images"] = item.images
        self._look((item.id, *item.images))
        self._file.write(self._before + json.dumps(document, ensure_ascii=False).encode())
        self._before = b",\n"

    def end(self) -> None:
        self._file.write(b"\n]\n" if self._before == b",\n" else b"[]\n")


def shop_handle(id: str) -> str:
    """A product's handle: its id where that is small letters, digits and dashes, else what is left of it and ten
    digits that tell it from others."""
    left = re.sub("[^a-z0-9]+", "-", id.lower()).strip("-")
    if left == id:
        return id
    mark = blake2b(id.encode(), digest_size=5).hexdigest()
    return f"{left[:200]}-{mark}" if left else mark


def _key(name: str) -> str:
    """A metafield's key: 2 to 64 small letters, digits, dashes and underscores."""
    key = re.sub("[^a-z0-9_-]+", "_", name.lower()).strip("_")[:_KEY_LENGTH]
    return key if len(key) > 1 else f"attribute_{key}".rstrip("_")


def _field(name: str) -> str:
    """A Solr field's name: letters, digits and underscores, no digit first, not reserved (``_version_``)."""
    field = re.sub("[^A-Za-z0-9_]+", "_", name).strip("_")
    return field if field and not field[0].isdigit() else f"attribute_{field}".rstrip("_")


def _unique(names: Iterable[str], longest: int | None) -> list[str]:
    found: list[str] = []
    for name in names:
        unique, copy = name, 2
        while unique in found:
            end = f"_{copy}"
            unique = (name if longest is None else name[: longest - len(end)]) + end
            copy += 1
        found.append(unique)
    return found


def _has(items: np.ndarray | None, item: int) -> bool:
    if items is None:
        return False
    at = int(np.searchsorted(items, item))
    return at < len(items) and int(items[at]) == item


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
