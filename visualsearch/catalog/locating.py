"""From what a table says about a photo to the file below the image root, and to the digest of its bytes."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from visualsearch.errors import ImageRefused

IMAGE_SUFFIXES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".heic",
        ".heif",
        ".avif",
    )
)
DIGEST_BYTES = 16
_BLOCK = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:" if os.name == "nt" else r"[A-Za-z]:[\\/]")
_WEB = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_LISTED_FOLDERS = 256


@dataclass(frozen=True)
class FileStat:
    """What tells an unchanged file without reading it: bytes, ns, ns."""

    size: int
    mtime: int
    ctime: int


class Locator:
    """Finds photos below an image root and never leaves it. Safe from several threads.

    A name is tried as it is; else with ``\\`` for ``/``; else without regard to upper and lower case and to how
    accents are composed (macOS writes them decomposed).
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.abspath(root)
        self._real_root = os.path.realpath(root)
        self._folders: dict[str, str] = {}  # relative folder → why it may not be entered, or ""
        self._listings: dict[str, dict[str, str]] = {}

    def locate(self, reference: str) -> tuple[str, FileStat]:
        """(path relative to the root with ``/``, stat) of a photo. Raises ImageRefused with the reason."""
        missing: ImageRefused | None = None
        for spelling in dict.fromkeys((reference, reference.replace("\\", "/"))):
            relative = self._relative(spelling)
            found = self._look(relative)
            if found is None and (other := self._other_spelling(relative)) is not None:
                relative, found = other, self._look(other)
            if found is not None:
                return relative, found
            missing = missing or ImageRefused("there is no such file")
        raise missing or ImageRefused("there is no such file")

    def file(self, relative: str) -> str:
        """The absolute path of a relative one."""
        return os.path.join(self._root, relative)

    def _relative(self, reference: str) -> str:
        """The reference as a path relative to the root, without ``.`` and ``..``."""
        if not reference.strip() or "\0" in reference:
            raise ImageRefused("the name of the photo is empty or has a NUL character")
        if _WEB.match(reference):
            raise ImageRefused("an address on the web; only files are imported")
        if reference.startswith(("\\\\?", "\\\\.", "//?/", "//./")):
            raise ImageRefused("the path of a device")
        if reference.startswith(("\\\\", "//")):
            raise ImageRefused("a path on the network (UNC); only files below the image folder are imported")
        if is_rooted(reference):
            reference = self._below_root(reference)
        parts: list[str] = []
        for part in re.split(r"[/\\]" if os.sep == "\\" else "/", reference):
            if part == "..":
                if not parts:
                    raise ImageRefused("the path leads out of the image folder")
                parts.pop()
            elif part not in ("", "."):
                if _DEVICE.fullmatch(part) and (os.name == "nt" or "." not in part):
                    raise ImageRefused("the path of a device")
                parts.append(part)
        if "\\" in reference and ".." in reference.replace("\\", "/").split("/"):
            self._relative(reference.replace("\\", "/"))  # the same path, as Windows reads it
        return "/".join(parts)

    def _below_root(self, absolute: str) -> str:
        for root in (self._root, self._real_root):
            if os.path.isabs(absolute) and os.path.normpath(absolute).startswith(os.path.join(root, "")):
                return os.path.relpath(os.path.normpath(absolute), root).replace(os.sep, "/")
        raise ImageRefused("an absolute path outside the image folder")

    def _look(self, relative: str) -> FileStat | None:
        """The stat of a regular file, None where nothing is. Raises ImageRefused for all else."""
        file = self.file(relative)
        try:
            found = os.lstat(file)
            if stat.S_ISLNK(found.st_mode):
                self._must_be_inside(
                    os.path.realpath(file), "a symbolic link that leads out of the image folder"
                )
                found = os.stat(file)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise ImageRefused("symbolic links that lead in a circle") from error
            if error.errno in (errno.ENOENT, errno.ENOTDIR) or isinstance(error, FileNotFoundError):
                return None
            raise ImageRefused(f"cannot be read ({error.strerror or error})") from error
        except ValueError as error:
            raise ImageRefused("not a name that this system can have") from error
        self._enter(os.path.dirname(relative))
        if not stat.S_ISREG(found.st_mode):
            raise ImageRefused("a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file")
        return FileStat(found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def _enter(self, folder: str) -> None:
        """Raise ImageRefused when the folder is, through a link, outside the root; asked once for each folder."""
        reason = self._folders.get(folder)
        if reason is None:
            reason = ""
            try:
                real = os.path.realpath(self.file(folder))
                self._must_be_inside(real, "its folder is a symbolic link that leads out of the image folder")
            except ImageRefused as refusal:
                reason = str(refusal)
            self._folders[folder] = reason
        if reason:
            raise ImageRefused(reason)

    def _must_be_inside(self, real: str, reason: str) -> None:
        if real != self._real_root and not real.startswith(os.path.join(self._real_root, "")):
            raise ImageRefused(reason)

    def _other_spelling(self, relative: str) -> str | None:
        """The existing path that differs only in case and composition, or None."""
        found = ""
        for part in relative.split("/"):
            name = self._listing(found).get(_folded(part))
            if name is None:
                return None
            found = f"{found}/{name}" if found else name
        return found

    def _listing(self, folder: str) -> dict[str, str]:
        """Folded name → name of what is in a folder; {} when it cannot be listed or lies outside the root."""
        listing = self._listings.get(folder)
        if listing is None:
            names: list[str] = []
            try:
                self._enter(folder)
                names = sorted(os.listdir(self.file(folder)), reverse=True)
            except (OSError, ImageRefused):
                pass
            listing = {_folded(name): name for name in names}  # the first in order wins
            if len(self._listings) >= _LISTED_FOLDERS:
                self._listings.clear()
            self._listings[folder] = listing
        return listing


def is_rooted(reference: str) -> bool:
    """Whether a reference says by itself where it starts: an absolute path, a drive, the network or a device."""
    return reference.startswith(("/", "\\")) or _DRIVE.match(reference) is not None


def climbs_out(reference: str) -> bool:
    """Whether a relative path leads, by its ``..``, out of the folder that it is relative to."""
    depth = 0
    for part in reference.replace("\\", "/").split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return True
    return False


def file_digest(file: str) -> bytes:
    """BLAKE2b-128 of a file's bytes (16 bytes). Raises OSError."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    with open(file, "rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def is_image_name(name: str) -> bool:
    """Whether a file's name ends like a photo's."""
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES


def any_photo(folder: Path) -> bool:
    """Whether a photo is anywhere below a folder, as far as it can be listed; looks no further than the first one."""
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif is_image_name(entry.name):
                        return True
        except OSError:
            continue
    return False


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
