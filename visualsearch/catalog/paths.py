"""File names as text that SQLite, JSON and a terminal can hold, and back without loss.

POSIX names are bytes. Python shows bytes that are not UTF-8 as lone surrogates, which no encoder accepts.
They are stored as the private characters U+EF80…U+EFFF (one a byte); a name that really contains one of
those has the three bytes of it stored in the same way, so that the mapping can always be undone.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from visualsearch.errors import CatalogError, UsageError

_ESCAPE = 0xEF00
_PRIVATE = re.compile("[\uef80-\uefff]")
_ERRORS = sys.getfilesystemencodeerrors()  # surrogateescape, on Windows surrogatepass


def is_unicode(text: str) -> bool:
    """False for what no encoding can write."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def of_catalog(folder: Path) -> Path:
    """The folder. Raises CatalogError for a name that libraries which take text cannot open."""
    if is_unicode(str(folder)):
        return folder
    raise CatalogError(
        f"A catalog cannot be in {folder}: the name holds bytes that are no UTF-8.", "Choose another name."
    )


def is_away(folder: Path) -> bool:
    """Whether a folder is not there or has nothing in it, as one whose disk is not connected."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def away(folder: Path) -> CatalogError:
    """What to say where the photos' folder went away while it was read."""
    return CatalogError(
        f"The photos in {folder} are not there any more.",
        "Connect the disk that they are on, and import again: it goes on where it stopped.",
    )


def to_text(name: str) -> str:
    """A relative path as it is stored: valid Unicode, ``/`` between the folders."""
    if os.sep != "/":
        name = name.replace(os.sep, "/")
    if name.isascii():
        return name
    try:
        name.encode("utf-8")
        if not _PRIVATE.search(name):
            return name
    except UnicodeEncodeError:
        pass
    text = _PRIVATE.sub(lambda found: "".join(chr(_ESCAPE + byte) for byte in found[0].encode()), name)
    return text.encode("utf-8", _ERRORS).decode("utf-8", "surrogateescape").translate(_TO_PRIVATE)


def as_id(text: str) -> str:
    """What a person gives as an id; a photo's name that is no text is the id that the photo has as an item."""
    return text if is_unicode(text) else to_text(text)


def from_text(text: str) -> str:
    """The name that ``to_text`` stored, for the file system (with ``/``, which every system accepts)."""
    if text.isascii() or not _PRIVATE.search(text):
        return text
    raw = text.translate(_FROM_PRIVATE).encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", _ERRORS)


def from_root(text: str, before: Path, now: Path) -> str:
    """A stored path, relative to the folder ``before`` or absolute, as it leads to the same file from ``now``; "" where
    it need not change, or the new folder has a file of this name."""
    name = from_text(text)
    file = before / name
    if os.path.isabs(name):
        return to_text(str(file.relative_to(now))) if file.is_relative_to(now) else ""
    return to_text(str(file)) if not (now / name).exists() and file.exists() else ""


def require_outside(file: Path, catalog: Path) -> None:
    """Raise UsageError for a file that would be written into a catalog's folder, where it could take the place of one
    of its own."""
    if catalog.resolve() in file.resolve().parents:
        raise UsageError(f"{file} is in the catalog's own folder.", "Choose another folder.")


_TO_PRIVATE = {0xDC00 + byte: _ESCAPE + byte for byte in range(0x80, 0x100)}
_FROM_PRIVATE = {private: surrogate for surrogate, private in _TO_PRIVATE.items()}
