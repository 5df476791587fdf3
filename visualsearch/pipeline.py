"""From the photos of a catalog to vectors that can be searched: encode what is new, then build the index.

Both are jobs: they report progress, obey pause and cancel, and go on where a killed one stopped; what was encoded
is on disk batch by batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch.catalog import paths
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.committing import EncodeReport, Pending, Sink
from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.compile import CompiledEncoder, ensure_compiled
from visualsearch.encoders.encoder import COLOUR_DIMENSION, DEFAULT_ENCODER, parts_of
from visualsearch.errors import CacheDamaged, CatalogError
from visualsearch.filters.query import Embedding
from visualsearch.jobs import JobControl
from visualsearch.vectors import space
from visualsearch.vectors.embeddings import RECORDS, EmbeddingStore, extent
from visualsearch.vectors.generation import MANIFEST, Manifest

_LOOKUP_ROWS = 4096  # images whose embeddings are looked up at once
AT_ONCE = 10_000  # rows whose index is built within seconds, so that a search may do it


@dataclass(frozen=True)
class EncoderChoice:
    """The encoder of a catalog. ``fingerprint`` is "" and ``dimension`` 0 until it was compiled."""

    name: str = DEFAULT_ENCODER
    weights: str = ""
    fingerprint: str = ""
    dimension: int = 0

    @classmethod
    def of(cls, catalog: Catalog) -> EncoderChoice:
        """The choice that the catalog remembers; the default where it remembers none."""
        stored = {key: catalog.meta(meta_key) for key, meta_key in _META.items()}
        return cls(
            stored["name"] or DEFAULT_ENCODER,
            stored["weights"] or "",
            stored["fingerprint"] or "",
            int(stored["dimension"] or 0),
        )

    @property
    def parts(self) -> dict[str, int]:
        """Lengths of the parts of an embedding, in their order."""
        return parts_of(self.name, self.dimension)

    def remember(self, catalog: Catalog) -> None:
        """Write what changed into the catalog."""
        for key, meta_key in _META.items():
            value = str(getattr(self, key))
            if catalog.meta(meta_key) != value:
                catalog.set_meta(meta_key, value)

    def compiled(self, control: JobControl) -> CompiledEncoder:
        """The encoder ready to run; the first time on a machine this takes a minute. Raises EncoderError."""
        return ensure_compiled(self.name, control, weights=Path(self.weights) if self.weights else None)


_META = {
    "name": "encoder",
    "weights": "encoder_weights",
    "fingerprint": "encoder_fingerprint",
    "dimension": "encoder_dimension",
}


def open_store(catalog: Catalog, choice: EncoderChoice) -> EmbeddingStore | None:
    """The embeddings of the catalog's encoder, or None before anything was encoded."""
    if not choice.fingerprint:
        return None
    dims = {"style": choice.dimension, "colour": COLOUR_DIMENSION}
    return EmbeddingStore.open(embeddings_folder(catalog, choice), dims)


def embeddings_of(catalog: Catalog, digests: Sequence[bytes]) -> dict[bytes, Embedding]:
    """The embeddings of some pictures, by digest; those that are not there are left out."""
    store = open_store(catalog, EncoderChoice.of(catalog)) if digests else None
    if store is None:
        return {}
    try:
        rows = {digest: store.row_of(digest) for digest in digests}
        return {
            digest: Embedding(*(store.rows(block, row, row + 1).tobytes() for block in ("style", "colour")))
            for digest, row in rows.items()
            if row is not None
        }
    finally:
        store.close()


def embeddings_folder(catalog: Catalog, choice: EncoderChoice) -> Path:
    """Where one encoder's embeddings and their index are: spaces are never mixed."""
    return catalog.path / "embeddings" / (choice.fingerprint or "none")


def pending(
    catalog: Catalog,
    store: EmbeddingStore | None,
    thumbnails: Thumbnails,
    control: JobControl | None = None,
) -> list[Pending]:
    """All pictures that are still to be encoded, in the order of the catalog's images. Raises Cancelled."""
    found: dict[bytes, Pending] = {}
    root = catalog.image_root or Path()
    for chunk in _chunks(catalog.pending_images(control), _LOOKUP_ROWS):
        digests = [digest for _, _, _, digest in chunk if digest is not None]
        shown = thumbnails.has(digests)
        array = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16)
        known = store.contains(array) if store is not None else np.zeros(len(digests), bool)
        embedded = {digest for digest, is_known in zip(digests, known, strict=True) if is_known}
        for image, _, path, digest in chunk:
            if digest is None or (digest in embedded and digest in shown):
                continue
            entry = found.get(digest)
            if entry is None:
                file = root / paths.from_text(path)
                entry = found[digest] = Pending([], file, digest, digest in embedded)
            entry.images.append(image)
    return list(found.values())


def _chunks(entries: Iterator[tuple], size: int) -> Iterator[list[tuple]]:
    chunk: list[tuple] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def encode(
    catalog: Catalog,
    thumbnails: Thumbnails,
    choice: EncoderChoice,
    control: JobControl,
    on_commit: Callable[[], None] = lambda: None,
    client: EncoderClient | None = None,
) -> EncodeReport:
    """Encode every picture that has no embedding yet. ``on_commit`` is called after each durable commit; a ``client``
    of the choice's encoder may be given, and stays open.

    Returns when all is done. A cancel (raised as Cancelled) keeps what was committed. Raises EncoderError when the
    encoder cannot run at all, CatalogError when the photos' folder goes away meanwhile, or no ``client`` was given and
    all the photos are away; a photo that cannot be used is remembered as refused, and the rest goes on.
    """
    control.progress("Preparing the encoder", message=choice.name)
    compiled = client.compiled if client is not None else choice.compiled(control)
    choice = EncoderChoice(choice.name, choice.weights, compiled.fingerprint, compiled.dimension)
    store = open_store(catalog, choice)
    assert store is not None
    report = EncodeReport()
    before = set(catalog.refused_images())
    try:
        waiting = pending(catalog, store, thumbnails)
        if client is None:  # no import has just looked for them
            _require_photos(catalog, waiting)
        choice.remember(catalog)
        control.progress("Encoding photos", 0, len(waiting), "photos")
        if waiting:
            store.claim()
            own_or_given = (
                nullcontext(client) if client else EncoderClient(compiled, gives_way=control.gives_way)
            )
            with own_or_given as running:
                _run(Sink(catalog, thumbnails, store, waiting, report, on_commit), running, control)
        for refusal in catalog.refused_images():
            reason = f"still refused: {refusal.reason}" if refusal in before else refusal.reason
            report.refused.append(Refusal(refusal.source, reason, refusal.at))
    finally:
        store.close()
    return report


def _require_photos(catalog: Catalog, waiting: list[Pending]) -> None:
    """Raise CatalogError where photos wait and none of them is there: all would be refused, as if each were damaged."""
    if waiting and not any(os.path.exists(entry.path) for entry in waiting):
        raise CatalogError(
            f"None of the photos to prepare is in {catalog.image_root}.",
            "Connect the disk that they are on, or import them again from where they are now.",
        )


def _run(sink: Sink, client: EncoderClient, control: JobControl) -> None:
    requests = ((number, entry.path) for number, entry in enumerate(sink.waiting))
    done = 0
    try:
        for batch in client.encode(requests, control):
            sink.add(batch)
            done += len(batch)
            control.progress("Encoding photos", done, len(sink.waiting), "photos")
    finally:
        sink.flush()  # also on cancel: what is encoded is kept


def build_index(
    catalog: Catalog, control: JobControl, *, finished: bool = True, damaged: bool = False
) -> bool:
    """Fit the projection and build vectors, index and graphs where they are missing, outgrown or ``damaged``.

    ``finished``: no more rows are about to come; then damage is looked for, too. Returns whether rows were found
    damaged on the way, and forgotten: their pictures are to be encoded again. The old files serve queries until the new
    ones are whole.
    """
    choice = EncoderChoice.of(catalog)
    if not finished and not damaged and not _is_outgrown(embeddings_folder(catalog, choice)):
        return False  # as after most commits, which must not cost more the more rows there are
    store = open_store(catalog, choice)
    if store is None:
        return False
    try:
        manifest = _manifest(store)
        built = manifest.rows if manifest is not None else 0
        whole = not finished or manifest is None or "graph" in manifest.files
        outgrown = space.needs_rebuild(len(store), built, finished=finished)
        if whole and not damaged and not outgrown and not (finished and _is_damaged(store)):
            return False
        intact = np.count_nonzero(store.digests.any(axis=1))
        space.build(store, store.folder, control, parts=choice.parts, graphs=finished)
        return bool(np.count_nonzero(store.digests.any(axis=1)) < intact)
    finally:
        store.close()


def discard_index(catalog: Catalog, opened: space.Space) -> None:
    """Give up an index that was found damaged: the next job builds it. Raises CatalogLocked, CatalogError."""
    folder = embeddings_folder(catalog, EncoderChoice.of(catalog))
    space.discard(folder, opened.generation.manifest)


def _is_outgrown(folder: Path) -> bool:
    store_id, rows = extent(folder)
    manifest = Manifest.read(folder)
    built = manifest.rows if manifest is not None and manifest.store_id == store_id else 0
    return space.needs_rebuild(rows, built, finished=False)


def _is_damaged(store: EmbeddingStore) -> bool:
    """Whether there is an index that cannot be opened."""
    manifest = _manifest(store)
    try:
        return manifest is not None and not space.Generation.open(store.folder, manifest)
    except CacheDamaged:
        return True


def index_rows(store: EmbeddingStore) -> int:
    """Rows that the newest index covers; 0 where there is none for this store."""
    manifest = _manifest(store)
    return manifest.rows if manifest is not None else 0


def _manifest(store: EmbeddingStore) -> Manifest | None:
    manifest = Manifest.read(store.folder)
    return manifest if manifest is not None and manifest.store_id == store.id else None


def embedded_rows(catalog: Catalog, choice: EncoderChoice) -> int:
    """How many pictures were encoded, those that are of no use any more included."""
    store = open_store(catalog, choice)
    if store is None:
        return 0
    try:
        return int(np.count_nonzero(store.digests.any(axis=1)))
    finally:
        store.close()


def open_space(
    catalog: Catalog,
    choice: EncoderChoice,
    size: int,
    previous: space.Space | None = None,
    control: JobControl | None = None,
) -> space.Space | None:
    """The vectors of the catalog's active images, or None before the first index. Raises Cancelled.

    See `space.open_space`."""
    store = open_store(catalog, choice)
    if store is None:
        return None
    try:
        return space.open_space(store, store.folder, catalog.active_images(control), size, previous)
    finally:
        store.close()


def former_embeddings(catalog: Catalog) -> list[Path]:
    """The folders of embeddings by other encoders than the catalog's, or by other versions of it. Nothing reads them;
    they may be deleted when the catalog's own are complete."""
    own = embeddings_folder(catalog, EncoderChoice.of(catalog))
    return [folder for folder in own.parent.glob("[0-9a-f]" * 16) if folder != own and folder.is_dir()]


def version(catalog: Catalog, choice: EncoderChoice) -> tuple[object, ...]:
    """Changes whenever rows were appended or an index was built, by whatever process (*fast*)."""
    folder = embeddings_folder(catalog, choice)
    return (choice.fingerprint, *(_stamp(folder / name) for name in (RECORDS, MANIFEST)))


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        stat = file.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino)
