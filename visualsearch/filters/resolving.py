"""Saved examples ↔ the catalog's items: by id and digest, or by the embedding that was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from visualsearch.catalog.store import Catalog
from visualsearch.errors import VisualSearchError
from visualsearch.filters.query import Embedding, Example, VisualFilter
from visualsearch.filters.saved_format import SavedExample, SavedFilter

if TYPE_CHECKING:
    from visualsearch.filters.engine import Engine


_DIGEST_BYTES = 16
Stored = Callable[[Sequence[bytes]], Mapping[bytes, Embedding]]
"""The embeddings of photos, by digest, those that the catalog's encoder made."""


@dataclass(frozen=True)
class Resolved:
    """A saved filter's examples as they are in this catalog, and a sentence for each that is not what was saved."""

    visual: VisualFilter
    notes: tuple[str, ...] = ()


def resolve(saved: SavedFilter, catalog: Catalog) -> Resolved:
    """Find a saved filter's examples in a catalog. Those that are not there are left out, and named in the notes.

    Raises VisualSearchError where no example is left.
    """
    notes: list[str] = []
    same_space = saved.encoder == encoder_of(catalog)
    if not same_space:
        notes.append("It was saved with another encoder: its examples are taken anew from this catalog.")
    sides = []
    weights: dict[Example, float] = {}
    for side in (saved.positives, saved.negatives):
        found = {_found(example, catalog, same_space, notes): example.weight for example in side}
        there = {example: weight for example, weight in found.items() if example is not None}
        weights |= {example: weight for example, weight in there.items() if weight != 1}
        sides.append(tuple(there))
    positives, negatives = sides
    negatives = tuple(example for example in negatives if example not in positives)
    if not positives and not negatives:
        if all(not example.id for example in (*saved.positives, *saved.negatives)):
            raise VisualSearchError(
                f"All examples of the filter {saved.name!r} are pictures from outside, which another encoder read than "
                "the catalog's photos.",
                "Search with these pictures again, and save the filter anew.",
            )
        raise VisualSearchError(
            f"None of the examples of the filter {saved.name!r} is in this catalog.",
            "Import their photos, or save the filter anew with examples from here.",
        )
    visual = VisualFilter(
        positives,
        negatives,
        saved.blocks,
        saved.narrow,
        weights=tuple(weights.items()),
        picks=saved.picks,
        colours_differ=saved.colours_differ,
    )
    return Resolved(visual, tuple(notes))


def with_looks(saved: SavedFilter, catalog: Catalog, stored: Stored) -> SavedFilter:
    """A filter whose examples that are items hold their photos' embeddings, for catalogs that do not have them."""
    if saved.encoder != encoder_of(catalog):
        return saved
    digests = [_digest(example.image) for example in (*saved.positives, *saved.negatives)]
    looks = stored([digest for digest in digests if digest is not None])

    def held(example: SavedExample) -> SavedExample:
        if example.embedding is not None or example.region is not None:  # of a part the whole tells nothing
            return example
        look = looks.get(_digest(example.image) or b"")
        return example if look is None else replace(example, embedding=look)

    positives, negatives = (tuple(map(held, side)) for side in (saved.positives, saved.negatives))
    return replace(saved, positives=positives, negatives=negatives)


def encoder_of(catalog: Catalog) -> str:
    """The fingerprint of the catalog's embedding space; "" before anything was encoded."""
    return catalog.meta("encoder_fingerprint") or ""


def describe(visual: VisualFilter, catalog: Catalog, engine: Engine) -> tuple[tuple[SavedExample, ...], ...]:
    """A filter's (positives, negatives) as they are saved. Raises ImageRefused, EncoderError (other pictures)."""
    visual = visual.counting()
    return tuple(
        tuple(
            replace(_described(example, catalog, engine), weight=visual.weight_of(example))
            for example in side
        )
        for side in (visual.positives, visual.negatives)
    )


def _described(example: Example, catalog: Catalog, engine: Engine) -> SavedExample:
    embedding = example.embedding
    if embedding is None and (example.item is None or example.region is not None):
        style, colour = (np.asarray(block, "<f4") for block in engine.embedding(example))
        embedding = Embedding(style.tobytes(), colour.tobytes())
    if example.item is None:
        return SavedExample(file=example.file or "", embedding=embedding, region=example.region)
    (item_id,) = catalog.ids_of([example.item])
    digest = catalog.first_digests([example.item]).get(example.item)
    image = digest.hex() if digest else ""
    return SavedExample(id=item_id, image=image, embedding=embedding, region=example.region)


def _found(example: SavedExample, catalog: Catalog, same_space: bool, notes: list[str]) -> Example | None:
    usable = example.embedding if same_space and _fits(example, catalog) else None
    if example.id:
        item = _item(example, catalog, notes)
        if item is not None:
            own = usable if example.region is not None else None  # a whole item has its own here
            return Example(item=item, region=example.region, embedding=own)
        if usable is None:
            notes.append(
                f"The example {example.id} is left out: this catalog has neither the item nor its photo."
            )
            return None
        notes.append(
            f"The example {example.id} is not in this catalog: what it looks like is taken from the filter."
        )
        return Example(file=example.id, region=example.region, embedding=usable)
    if usable is not None:
        file = example.file or "a picture from outside"
        return Example(file=file, region=example.region, embedding=usable)
    notes.append(
        f"The picture {_name(example)} is left out: its embedding is of another encoder. Add the picture again."
    )
    return None


def _fits(example: SavedExample, catalog: Catalog) -> bool:
    """Whether an embedding is as long as those of the catalog's encoder."""
    from visualsearch.encoders.encoder import COLOUR_DIMENSION

    dimension = int(catalog.meta("encoder_dimension") or 0)
    embedding = example.embedding
    if embedding is None or len(embedding.colour) != 4 * COLOUR_DIMENSION:
        return False
    return not dimension or len(embedding.style) == 4 * dimension


def _item(example: SavedExample, catalog: Catalog, notes: list[str]) -> int | None:
    number = catalog.number_of(example.id)
    if number is not None:
        digest = catalog.first_digests([number]).get(number)
        if example.image and (digest is None or digest.hex() != example.image):
            notes.append(f"The photo of the example {example.id} is another one than when it was saved.")
        return number
    number = _item_with(example.image, catalog)
    if number is None:
        return None
    notes.append(
        f"The example {example.id} is {catalog.ids_of([number])[0]} in this catalog: it has the same photo."
    )
    return number


def _item_with(image: str, catalog: Catalog) -> int | None:
    """The item that shows a picture, by hex digest."""
    digest = _digest(image)
    if digest is None:
        return None
    with catalog.read() as connection:
        row = connection.execute(
            "SELECT MIN(image.item) FROM image JOIN item ON item.number = image.item "
            "WHERE image.digest = ? AND image.gone = 0 AND item.gone = 0",
            (digest,),
        ).fetchone()
    return row[0]


def _digest(image: str) -> bytes | None:
    """An image's digest from its hex digits; None where a file has something else there."""
    try:
        digest = bytes.fromhex(image)
    except ValueError:
        return None
    return digest if len(digest) == _DIGEST_BYTES else None


def _name(example: SavedExample) -> str:
    return example.id or example.file or "from outside"
