"""One index build on disk: a manifest that names the files, and their checksums.

``manifest.json`` is renamed into place when everything that it names is complete, so that a crash leaves the old
generation or the new one. Files are checked in chunks of 16 MiB, each once per process and before its bytes are
first used: a whole check of a million vectors would cost seconds at every start, and a partial one could let a
damaged vector through.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from visualsearch.errors import CacheDamaged
from visualsearch.replacing import replace_file
from visualsearch.vectors.files import CHUNK, checksums

MANIFEST = "manifest.json"
_VERSION = 1


@dataclass(frozen=True)
class FileEntry:
    """A file of a generation: ``crcs`` has one CRC-32 for each CHUNK bytes."""

    name: str
    size: int
    crcs: tuple[int, ...]

    @classmethod
    def of(cls, path: Path, checkpoint: Callable[[], None] = lambda: None) -> FileEntry:
        """Read a finished file and remember what it holds."""
        return cls(path.name, path.stat().st_size, tuple(checksums(path, checkpoint)))


@dataclass(frozen=True)
class Manifest:
    """``rows`` embedding rows of the store ``store_id`` were projected; ``files`` by role. ``damaged`` rows have none
    of their pictures' links, even where the store could not be told to forget them.

    Roles: "projection", "statistics", "vectors", ``index_role`` of each block, and "graph" once that is built.
    """

    generation: int
    store_id: str
    rows: int
    dims: dict[str, int]
    files: dict[str, FileEntry]
    damaged: tuple[int, ...] = ()

    def write(self, folder: Path) -> None:
        """Make this the generation that is opened from now on."""
        body = asdict(self)
        text = json.dumps(body)
        envelope = {"version": _VERSION, "crc": zlib.crc32(text.encode()), "body": body}
        replace_file(folder / MANIFEST, json.dumps(envelope).encode())

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The current generation, or None where there is none or its manifest is damaged."""
        try:
            envelope: Any = json.loads((folder / MANIFEST).read_bytes())
            body = envelope["body"]
            intact = envelope["version"] == _VERSION
            intact = intact and envelope["crc"] == zlib.crc32(json.dumps(body).encode())
            if not intact:
                return None
            files = {
                role: FileEntry(entry["name"], entry["size"], tuple(entry["crcs"]))
                for role, entry in body["files"].items()
            }
            damaged = tuple(body["damaged"])
            return cls(body["generation"], body["store_id"], body["rows"], body["dims"], files, damaged)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def index_role(block: str) -> str:
    """The role of a block's Annoy index."""
    return f"index_{block}"


class CheckedFile:
    """A file whose bytes are checked before they are first used. Safe from any thread."""

    def __init__(self, path: Path, entry: FileEntry) -> None:
        """Raises CacheDamaged when the file is missing or has another size."""
        try:
            size = path.stat().st_size
        except OSError as error:
            raise CacheDamaged(f"{path} is missing.") from error
        if size != entry.size:
            raise CacheDamaged(f"{path} has {size:,} bytes instead of {entry.size:,}.")
        self.path = path
        self._entry = entry
        self._checked = [False] * len(entry.crcs)
        self._mutex = threading.Lock()

    @property
    def is_checked(self) -> bool:
        """Whether every chunk was found intact."""
        return all(self._checked)

    def check(
        self, start: int = 0, stop: int | None = None, checkpoint: Callable[[], None] = lambda: None
    ) -> None:
        """Check the chunks that hold the bytes [start, stop). Raises CacheDamaged."""
        last = len(self._checked) if stop is None else min(len(self._checked), -(-stop // CHUNK))
        wanted = [chunk for chunk in range(start // CHUNK, last) if not self._checked[chunk]]
        if not wanted:
            return
        with self._opened() as file:
            for chunk in wanted:
                checkpoint()  # who is paused here is waited for by nobody
                with self._mutex:
                    if self._checked[chunk]:
                        continue
                    file.seek(chunk * CHUNK)
                    if zlib.crc32(file.read(CHUNK)) != self._entry.crcs[chunk]:
                        raise CacheDamaged(f"{self.path} is damaged.", "It is rebuilt from the embeddings.")
                    self._checked[chunk] = True

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:  # another process has replaced the index since
            raise CacheDamaged(f"{self.path} is missing.") from error
