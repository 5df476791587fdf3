"""The photos below a folder, when there is no table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from visualsearch.catalog import paths
from visualsearch.catalog.locating import is_image_name
from visualsearch.catalog.store import Refusal
from visualsearch.errors import CatalogError

FOLDER = "folder"
_LEVELS = 5
# Pictures that people keep beside their photos, in formats that are not decoded.
_UNREADABLE = frozenset(
    suffix
    for line in (
        ".arw .cr2 .cr3 .dng .nef .orf .pef .raf .raw .rw2 .sr2",
        ".ai .cdr .emf .eps .pdf .ps .svg .svgz .wmf",
        ".bpg .exr .hdr .ico .icns .j2k .jp2 .jpf .jpx .jxl .jxr .pbm .pcx .pgm .pnm .ppm .psb .psd .qoi .tga .xcf",
    )
    for suffix in line.split()
)


def scan(
    root: Path, step: Callable[[int], None] = lambda found: None, limit: int | None = None
) -> tuple[list[str], list[Refusal], list[str]]:
    """Relative paths (``/`` between folders) of the photos below ``root``, in order, what was not entered, and which
    folders (as text) could not be listed.

    Hidden files and folders and names that are not a picture's are passed over. Symbolic links to files are photos
    when they stay inside the root; links to folders are named and not followed, so that no photo appears twice and
    no circle is walked. ``step(found)`` is called for each folder and may raise; at most ``limit`` photos are
    looked for. Raises CatalogError when the root itself cannot be listed.
    """
    real_root = os.path.realpath(root)
    found: list[str] = []
    refused: list[Refusal] = []
    unread: list[str] = []
    folders = [""]
    seen: set[tuple[int, int]] = set()  # of folders: bind mounts and junctions can lead in a circle, too
    while folders and (limit is None or len(found) < limit):
        folder = folders.pop()
        step(len(found))
        try:
            status = os.stat(os.path.join(root, folder))
            if status.st_ino and (status.st_dev, status.st_ino) in seen:
                refused.append(Refusal(paths.to_text(folder), "a folder that contains itself"))
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(os.path.join(root, folder)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise CatalogError(f"The folder {root} cannot be read ({error.strerror}).") from error
            refused.append(Refusal(paths.to_text(folder), f"the folder cannot be read ({error.strerror})"))
            unread.append(paths.to_text(folder))
            continue
        inner: list[str] = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            relative = f"{folder}/{entry.name}" if folder else entry.name
            kind = _kind(entry, real_root)
            if kind == "folder":
                inner.append(relative)
            elif kind == "file":
                if is_image_name(entry.name):
                    found.append(relative)
                elif (suffix := os.path.splitext(entry.name)[1].lower()) in _UNREADABLE:
                    reason = f"a picture, but {suffix} is not a format that can be read"
                    refused.append(Refusal(paths.to_text(relative), reason))
            elif kind.endswith("folder)") or is_image_name(entry.name):
                refused.append(Refusal(paths.to_text(relative), kind))
        folders.extend(reversed(inner))
    return found[:limit], refused, unread


def _kind(entry: os.DirEntry[str], real_root: str) -> str:
    """ "file", "folder", or the reason why the entry is neither imported nor entered."""
    try:
        if not entry.is_symlink():
            if entry.is_dir():
                return "folder"
            return "file" if entry.is_file() else "not a regular file"
        target = os.path.realpath(entry.path)
        inside = target == real_root or target.startswith(os.path.join(real_root, ""))
        if entry.is_dir():
            where = "is not followed" if inside else "leads out of the image folder"
            return f"a symbolic link that {where} (to a folder)"
        if not inside:
            return "a symbolic link that leads out of the image folder"
        return "file" if entry.is_file() else "a symbolic link that leads nowhere or in a circle"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def folder_attributes(found: list[str]) -> list[str]:
    """The attributes that the photos' folders give: none when all lie in the root; ``folder``, the whole path of the
    deepest one; and with several levels also ``folder 1``, ``folder 2`` … (at most five)."""
    depth = max((path.count("/") for path in found), default=0)
    if not depth:
        return []
    return [FOLDER] + [f"{FOLDER} {level}" for level in range(1, min(depth, _LEVELS) + 1) if depth > 1]


def folder_values(path: str, attributes: list[str]) -> dict[str, str]:
    """The values of ``folder_attributes`` for one photo."""
    folders = paths.to_text(path).split("/")[:-1]
    if not folders or not attributes:
        return {}
    return {FOLDER: "/".join(folders), **dict(zip(attributes[1:], folders, strict=False))}
