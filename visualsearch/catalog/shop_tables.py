"""Shopify's product CSV as a table with one row a product, whether this program wrote it or a shop.

Rows with the same handle are one product: the first ones bring its own values, each may bring a photo and a variant
(help.shopify.com: "Using CSV files to import and export products"; both the older and the present column names). A
column ``NAME (product.metafields.NAMESPACE.KEY)`` is the attribute NAME; a list in it is JSON. The values of an option,
such as the sizes, are an attribute with the option's name. Of further variants nothing else is taken but their SKUs and
barcodes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from visualsearch.catalog.export_shops import PHOTOS, TITLE_LENGTH, shop_handle
from visualsearch.catalog.neutralise import restored
from visualsearch.catalog.tables import Cell, DelimitedTable, Row, Table, as_cell

_HANDLE, _TITLE = ("handle", "urlhandle"), ("title",)
_SKU, _BARCODE = ("sku", "variantsku"), ("barcode", "variantbarcode")
_PHOTO = ("imagesrc", "productimageurl")
_POSITION = ("imageposition",)
_OF_VARIANT = ("variantimage", "variantimageurl")
_TOLD_BY = {*_PHOTO, *_SKU, "option1name", "option1value"}
_METAFIELD = re.compile(r"(.*\S)\s*\(product\.metafields\.([^()]+)\)", re.DOTALL)
_OPTION = re.compile(r"option([123])(name|value|linkedto)")
_NO_OPTION = ("Title", "Default Title")  # what Shopify calls the only variant
_SAMPLE = 1_000


def is_shopify(columns: Sequence[str]) -> bool:
    """Whether a table with these columns is a product file of Shopify."""
    plain = {_plain(column) for column in columns}
    told = plain & _TOLD_BY or any(_METAFIELD.fullmatch(column) for column in columns)
    return bool(plain & {*_HANDLE}) and bool(plain & {*_TITLE}) and bool(told)


@dataclass
class _Product:
    """The rows of one product, put together so far."""

    line: int
    handle: str
    row: Row = field(default_factory=dict)
    photos: list[tuple[float, str]] = field(default_factory=list)  # position, address
    several: dict[str, list[str]] = field(default_factory=dict)  # column → different cells


class ShopifyTable(Table):
    """The products of a file. ``columns`` are those of the attributes, not of the file; see ``read_as_written``."""

    def __init__(self, table: DelimitedTable) -> None:
        super().__init__(table.path)
        self.encoding, self.delimiter, self.notes = table.encoding, table.delimiter, table.notes
        self.what = "the table is a product file of Shopify"
        self._table = table
        self._handle = self._named(_HANDLE)
        self._photo, self._position = self._named(_PHOTO), self._named(_POSITION)
        self._variant_photo = self._named(_OF_VARIANT)
        self._several = [name for name in (self._named(_SKU), self._named(_BARCODE)) if name]
        self._options = self._find_options()
        self._names = self._name_columns()
        self._written = False
        self.columns = [self._names[name] for name in table.columns if name in self._names]
        self.id, self.image = self._handle, self._photo
        sample = list(islice(self.rows(), _SAMPLE))  # finds the names of the options
        self._find_own([row for _, row in sample])

    def read_as_written(self) -> None:
        """Give the columns and cells as they are in the file; only rows are put together, photos as a list."""
        self._written = True
        self.columns = list(self._table.columns)

    def _rows(self) -> Iterator[tuple[int, Row]]:
        self._table.exact = self.exact
        self.problems.clear()
        for product in self._products():
            checked = self._checked(product.line, self._finished(product))
            if checked is not None:
                yield product.line, checked
        self.problems.extend(self._table.problems)
        self.has_lost_rows |= self._table.has_lost_rows

    def _products(self) -> Iterator[_Product]:
        product: _Product | None = None
        for line, row in self._table.rows():
            handle = row.get(self._handle)
            if not isinstance(handle, str):
                self.report(line, f"the row has no handle (column {self._handle!r} is empty)")
                continue
            if product is None or product.handle != handle:
                if product is not None:
                    yield product
                product = _Product(line, handle)
            self._add(product, row)
        if product is not None:
            yield product

    # --- rows to products ---------------------------------------------------------------------------------------

    def _add(self, product: _Product, row: Row) -> None:
        photo = row.get(self._photo)
        if isinstance(photo, str):
            product.photos.append((_number(row.get(self._position)), photo))
        own = row.get(self._variant_photo)
        if isinstance(own, str):
            product.photos.append((float("inf"), own))
        for name, cell in row.items():
            if isinstance(cell, str):
                if name in self._several or name in self._options:
                    found = product.several.setdefault(name, [])
                    if cell not in found:
                        found.append(cell)
                product.row.setdefault(name, cell)

    def _finished(self, product: _Product) -> Row:
        photos = list(dict.fromkeys(photo for _, photo in sorted(product.photos, key=lambda one: one[0])))
        if self._written:
            return {**product.row, **({self._photo: photos} if photos else {})}
        cells: Row = {}
        for name, cell in product.row.items():
            shown = self._names.get(name)
            if shown is None or not isinstance(cell, str):
                continue
            found = product.several.get(name, [cell])
            cells[shown] = self._cell(name, cell) if len(found) == 1 else [restored(one) for one in found]
        if photos:
            cells[self._names[self._photo]] = photos
        for value, name in self._options.items():
            option, found = product.row.get(name), product.several.get(value, [])
            if isinstance(option, str) and found and (option, *found) != _NO_OPTION:
                cells[self._option_column(option)] = [restored(one) for one in found]
        return cells

    def _cell(self, name: str, cell: str) -> Cell:
        text = restored(cell)
        if not _METAFIELD.fullmatch(name) or not text.startswith("["):
            return text
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return text if any(isinstance(one, (dict, list)) for one in found) else as_cell(found, self.exact)

    # --- columns ------------------------------------------------------------------------------------------------

    def _named(self, names: Sequence[str]) -> str:
        return next((one for one in self._table.columns if _plain(one) in names), "")

    def _find_options(self) -> dict[str, str]:
        """Column of an option's value → column of its name."""
        parts: dict[tuple[str, str], str] = {}
        for column in self._table.columns:
            found = _OPTION.fullmatch(_plain(column))
            if found:
                parts[found[1], found[2]] = column
        return {
            column: parts[number, "name"]
            for (number, kind), column in parts.items()
            if kind == "value" and (number, "name") in parts
        }

    def _name_columns(self) -> dict[str, str]:
        """Column of the file → column of the products, without those that say how others are read."""
        silent = {self._position, self._variant_photo, *self._options, *self._options.values()}
        silent |= {name for name in self._table.columns if _OPTION.fullmatch(_plain(name))}
        names = [name for name in self._table.columns if name not in silent]
        plain = {name for name in names if not _METAFIELD.fullmatch(name)}
        made: dict[str, str] = {}
        for name in names:
            found = _METAFIELD.fullmatch(name)
            shown = unique = restored(found[1]) if found else name
            copy = 2
            while unique in made.values() or (found and unique in plain):
                unique, copy = f"{shown} ({copy})", copy + 1
            made[name] = unique
        return made

    def _option_column(self, option: str) -> str:
        name = " ".join(option.split())
        if name in self._names.values():
            name = f"{name} (option)"
        if name not in self.columns:
            self.columns.append(name)
        return name

    def _find_own(self, sample: list[Row]) -> None:
        """Where this program wrote the file, or a shop that took it from such a file: the ids are the SKUs, of which
        the handles were made, and photos may be a metafield."""
        sku = self._named(_SKU)
        ids = [row.get(sku) for row in sample]
        if not sample or any(
            not isinstance(id, str) or shop_handle(id) != row[self._handle]
            for id, row in zip(ids, sample, strict=True)
        ):
            return
        self.id = sku
        self.columns.remove(self._handle)
        title = self._named(_TITLE)
        if all(_is_made(row, title) for row in sample):
            self.columns.remove(title)
        photos = next((one for one in self._names if one.endswith(f"{PHOTOS})")), "")
        if photos and not self._photo:
            self.image = self._names[photos]


def _is_made(row: Row, title: str) -> bool:
    """Whether a title says nothing that another cell does not say."""
    others = (cell for name, cell in row.items() if name != title and isinstance(cell, str))
    return row.get(title) in (None, *(" ".join(cell.split())[:TITLE_LENGTH] for cell in others))


def _number(cell: Cell) -> float:
    try:
        return float(cell) if isinstance(cell, str) else float("inf")
    except ValueError:
        return float("inf")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
