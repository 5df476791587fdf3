"""What comes from the encoder is made durable, batch by batch: thumbnails, rows, and which photos are of no use."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np

from visualsearch.catalog import paths
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.encoders.client import Encoded
from visualsearch.vectors.embeddings import EmbeddingStore

COMMIT_ROWS = 64  # rows of one durable commit: what a kill can cost
COMMIT_SECONDS = 2.0  # a slow encoder commits by time, so that items appear while it works


@dataclass(frozen=True)
class Pending:
    """A picture that has no embedding or no thumbnail yet; several images may show it."""

    images: list[int]
    path: Path
    digest: bytes
    embedded: bool


@dataclass
class EncodeReport:
    """What an encoding job did.

    ``refused``: each photo of the catalog that cannot be used, with the reason, which begins with "still refused" where
    it was refused before and therefore not tried again. ``vanished``: paths, for people, of photos that were deleted or
    moved since their import; they are gone until another one finds them. ``hidden``: numbers of the items that are gone
    since their only photo was refused or vanished."""

    encoded: int = 0
    refused: list[Refusal] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)


class Sink:
    """Gathers encoded pictures and commits them: thumbnails first, so that an embedding always has its thumbnail.

    Results come in any order within a window; rows are written in the order of the requests, so that the same photos
    give the same files and, to the last bit, the same ranking.
    """

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: Thumbnails,
        store: EmbeddingStore,
        waiting: list[Pending],
        report: EncodeReport,
        on_commit: Callable[[], None],
    ) -> None:
        self.waiting = waiting
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._store = store
        self._report = report
        self._on_commit = on_commit
        self._early: dict[int, Encoded] = {}
        self._next = 0
        self._good: list[tuple[Pending, Encoded]] = []
        self._bad: list[tuple[Pending, str]] = []
        self._unread: list[int] = []  # images among the bad
        self._vanished: list[Pending] = []
        self._committed_at = time.monotonic()

    def add(self, batch: list[Encoded]) -> None:
        """Take results; commits when enough has come together."""
        self._early.update((encoded.key, encoded) for encoded in batch)
        while (encoded := self._early.pop(self._next, None)) is not None:
            entry = self.waiting[encoded.key]
            self._next += 1
            if encoded.digest is None:
                self._require_folder(entry.path)
            if encoded.digest is None and not _is_there(entry.path):
                self._vanished.append(entry)
            elif encoded.refused is not None:
                self._bad.append((entry, encoded.refused))
                self._unread += entry.images if encoded.digest is None else []
            elif encoded.digest != entry.digest:
                self._bad.append((entry, "The file changed while it was being imported. Import again."))
            else:
                self._good.append((entry, encoded))
        overdue = time.monotonic() - self._committed_at > COMMIT_SECONDS
        if len(self._good) + len(self._bad) + len(self._vanished) >= COMMIT_ROWS or overdue:
            self.flush()

    def _require_folder(self, unread: Path) -> None:
        """Raise CatalogError where a photo cannot be read since its whole folder went away: the others wait for it."""
        root = self._catalog.image_root
        if root is not None and unread.is_relative_to(root) and paths.is_away(root):
            raise paths.away(root)

    def flush(self) -> None:
        """Make durable what came so far."""
        good, self._good = self._good, []
        bad, self._bad = self._bad, []
        unread, self._unread = self._unread, []
        vanished, self._vanished = self._vanished, []
        self._thumbnails.put_many(
            [(entry.digest, encoded.thumbnail) for entry, encoded in good if encoded.thumbnail is not None]
        )
        fresh = [(entry, encoded) for entry, encoded in good if not entry.embedded]
        if fresh:
            digests = np.frombuffer(b"".join(entry.digest for entry, _ in fresh), np.uint8).reshape(-1, 16)
            style = np.stack([cast(np.ndarray, encoded.style) for _, encoded in fresh])
            colour = np.stack([cast(np.ndarray, encoded.colour) for _, encoded in fresh])
            self._store.append(digests, {"style": style, "colour": colour})
        if bad or vanished:
            from visualsearch.catalog import unusable  # the encoder starts before it is loaded

            reasons = [(image, reason) for entry, reason in bad for image in entry.images]
            lost = [image for entry in vanished for image in entry.images]
            self._report.hidden += unusable.refuse_photos(self._catalog, reasons, unread)
            self._report.hidden += unusable.drop_photos(self._catalog, lost)
            self._report.vanished += [self._for_people(entry.path) for entry in vanished]
        self._report.encoded += len(fresh)
        self._committed_at = time.monotonic()
        if good or bad or vanished:
            self._on_commit()

    def _for_people(self, file: Path) -> str:
        root = self._catalog.image_root
        return paths.to_text(str(file.relative_to(root) if root and file.is_relative_to(root) else file))


def _is_there(file: Path) -> bool:
    """False only where it is certain that no file has the name."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True
