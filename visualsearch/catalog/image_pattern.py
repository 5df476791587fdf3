"""How a row of a table names its photos."""

from __future__ import annotations

import json
import re
from itertools import product
from urllib.parse import unquote

from visualsearch.catalog.locating import climbs_out, is_image_name, is_rooted
from visualsearch.catalog.tables import Cell, Row, require_column
from visualsearch.errors import UsageError

_FIELD = re.compile(r"\{([^{}]+?)(:name)?\}")
_BETWEEN_COLUMNS = re.compile(r"\s*,\s*")
_BETWEEN_PATTERNS = re.compile(r"\s*,\s+(?![^{}]*\})")  # a photo's name may have a comma, too
_ADDRESSES = ("url", "src", "href", "link", "path", "file")
_SEPARATORS = re.compile(r"\s*[|;,\n]\s*")


class ImagePattern:
    """How a row names its photos: ``{column}`` stands for a cell, ``{column:name}`` for the last part of a path or
    web address in it; a bare column name means ``{column}``; several of them, with commas between, name the photos one
    after the other. A cell may name several photos, too: as a list, or, with ``|``, ``;``, a comma or a line break
    between them, when each part ends like a photo's name; an object in JSON names the one that its address is of.

    A name that says by itself where it starts, or that climbs out where only its last part would count, stands for
    itself, whatever the pattern: it is then found below the image root or refused as what it is."""

    def __init__(self, text: str, columns: list[str]) -> None:
        """Raises UsageError when a column is not in the table."""
        self._forms = [_Form(part, columns) for part in split_pattern(text, columns)]

    @property
    def columns(self) -> list[str]:
        """The columns that hold nothing but photos' names, which are no attributes of the items."""
        return [form.column for form in self._forms if form.column is not None]

    def references(self, row: Row) -> list[str]:
        """The photos that a row names, in order, without repetitions; [] where the cells are empty."""
        found = [name for form in self._forms for name in form.references(row)]
        return list(dict.fromkeys(found)) if len(found) > 1 else found


def split_pattern(text: str, columns: list[str]) -> list[str]:
    """What is between the commas, where that names photos one after the other; a comma may be part of a column's name,
    or of the photos' names."""
    if text in columns:
        return [text]
    if "{" not in text:
        parts = _BETWEEN_COLUMNS.split(text.strip())
        return parts if any(part in columns for part in parts) else [text]
    parts = _BETWEEN_PATTERNS.split(text.strip())
    return parts if all(part in columns or _FIELD.search(part) for part in parts) else [text]


def join_patterns(parts: list[str], columns: list[str]) -> str:
    """Columns and patterns as one text that `split_pattern` takes apart again; the first alone where it would not."""
    bare = [part[1:-1] if part[:1] == "{" and part[1:-1] in columns else part for part in parts]
    if len(bare) > 1:
        bare = [f"{{{part}}}" if part in columns and "," in part else part for part in bare]
    text = ", ".join(bare)
    return text if split_pattern(text, columns) == bare else bare[0]


class _Form:
    """How a column, or several together, name photos."""

    def __init__(self, text: str, columns: list[str]) -> None:
        whole = f"{{{text}}}" if text and "{" not in text else text
        self._fields = [(found[1], bool(found[2])) for found in _FIELD.finditer(whole)]
        self._between = _FIELD.split(whole)[::3]
        if whole and not self._fields:
            raise UsageError(f"The pattern {text!r} names no column.", "Write it like images/{id}.jpg.")
        for column, _ in self._fields:
            require_column(column, columns)

    @property
    def column(self) -> str | None:
        """The column that holds nothing but photos' names."""
        return self._fields[0][0] if len(self._fields) == 1 and not self._between[-1] else None

    def references(self, row: Row) -> list[str]:
        choices = [self._parts(row.get(column)) for column, _ in self._fields]
        if self.column is not None:
            return [self._only(part) for part in choices[0]]
        return [self._filled(parts) for parts in product(*choices)] if choices else []

    def _only(self, part: str) -> str:
        """The photo that the only field's ``part`` names, where nothing comes after the field."""
        in_folder = self._between[0][-1:] in ("", "/")
        if (is_rooted(part) and in_folder) or (self._fields[0][1] and climbs_out(part)):
            return part
        return self._filled((part,))

    def _filled(self, parts: tuple[str, ...]) -> str:
        text = self._between[0]
        for part, (_, only_name), after in zip(parts, self._fields, self._between[1:], strict=True):
            text += (last_part(part) if only_name else part) + after
        return text

    @staticmethod
    def _parts(cell: Cell) -> list[str]:
        values = cell if isinstance(cell, list) else [cell] if cell else []
        return [part for value in values for part in _split_photos(value)]


def _split_photos(value: str) -> list[str]:
    if value.startswith("{"):
        value = _address(value)
    parts = [part for part in _SEPARATORS.split(value) if part]
    if len(parts) > 1 and all(is_image_name(last_part(part)) for part in parts):
        return parts
    return [value]


def _address(value: str) -> str:
    """The address or path in an object in JSON that tells of a photo; what is none stays as it is."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    named = [found[name] for name in _ADDRESSES if name in found]
    texts = [one for one in (*named, *found.values()) if isinstance(one, str) and one]
    like_photos = (one for one in texts if is_image_name(last_part(one)))
    return next(like_photos, texts[0] if texts and texts[0] in named else value)


def last_part(value: str) -> str:
    """The file's name in a path or a web address."""
    if "://" in value:
        value = unquote(value.split("://", 1)[1].split("?", 1)[0].split("#", 1)[0])
    return value.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
