"""A saved visual filter as JSON: what a file or the catalog holds of it, checked field by field.

The text is indented and its keys are sorted, so that two versions of a filter can be compared line by line. It holds
no code and no item numbers, which mean nothing in another catalog: items go by the customer's id and by the digest of
their photo, pictures from outside by their embedding.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, TypeVar

import numpy as np

from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.filters.query import LEAST_WEIGHT, MOST_WEIGHT, Blocks, Embedding
from visualsearch.words import is_shown

FORMAT = "visualsearch filter"
VERSION = 1
MAX_CHARACTERS = 32_000_000  # of a file: a thousand pictures from outside need 10 million
MAX_EXAMPLES = 1_000
MAX_JUDGEMENTS = 100_000
MAX_NAME = 120
_LARGEST = 1e6  # number of an embedding: with larger ones sums overflow
Value = TypeVar("Value")


@dataclass(frozen=True)
class SavedExample:
    """An example: an item by ``id`` and ``image`` (hex digest of the photo its tile shows), or a picture from outside
    by ``embedding`` and the ``file`` it came from. ``region``: x, y, w, h as shares of the photo, or None. ``weight``:
    how much it counts, as `VisualFilter.weights`."""

    id: str = ""
    image: str = ""
    file: str = ""
    embedding: Embedding | None = None
    region: tuple[float, float, float, float] | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Sketch:
    """The scores that the filter gave when it was saved: ``values`` at ``levels`` (shares from 0 to 1) of ``items``
    scored items, of which ``kept`` were in the set."""

    levels: tuple[float, ...]
    values: tuple[float, ...]
    items: int
    kept: int


@dataclass(frozen=True)
class SavedFilter:
    """A visual filter with a name. ``encoder`` is the fingerprint of the embedding space that ``threshold`` and the
    embeddings belong to. ``where``, ``choices``, ``text``: conditions that were saved along. ``picks`` and
    ``colours_differ``: as in `VisualFilter`. ``at``: ISO 8601, UTC.

    ``build`` names the index that the scores came from and ``seen`` the newest item that the person has seen in it;
    both belong to one catalog, and are not in an exported file. ``judgements``: (id, "yes" or "no"), by id; only in
    a file, since the catalog keeps them as judgements.
    """

    name: str
    encoder: str
    positives: tuple[SavedExample, ...]
    negatives: tuple[SavedExample, ...] = ()
    blocks: Blocks = "auto"
    narrow: Literal["auto"] | float | None = None
    threshold: float = 0.0
    where: tuple[str, ...] = ()
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str = ""
    picks: str = ""
    colours_differ: float = 0.0
    sketch: Sketch | None = None
    at: str = ""
    build: str = ""
    known: int = 0
    seen: int = 0
    judgements: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def to_body(self) -> dict[str, Any]:
        """What the catalog's document holds."""
        body: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "encoder": self.encoder,
            "positives": [_example_body(example) for example in self.positives],
            "negatives": [_example_body(example) for example in self.negatives],
            "blocks": self.blocks,
            "narrow": self.narrow,
            "threshold": self.threshold,
            "where": list(self.where),
            "choices": {attribute: list(values) for attribute, values in self.choices},
            "text": self.text,
            "picks": self.picks,
            "colours_differ": self.colours_differ,
            "saved": self.at,
        }
        if self.sketch is not None:
            body["scores"] = {
                "levels": list(self.sketch.levels),
                "values": list(self.sketch.values),
                "items": self.sketch.items,
                "kept": self.sketch.kept,
            }
        if self.build or self.known or self.seen:
            body["here"] = {"build": self.build, "known": self.known, "seen": self.seen}
        return body

    def to_text(self) -> str:
        """The file that is exported."""
        body = replace(self, build="", known=0, seen=0).to_body()
        body["judgements"] = dict(self.judgements)
        return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def from_text(text: str) -> SavedFilter:
    """A filter from a file's text. Raises VisualSearchError with what is wrong and where."""
    if len(text) > MAX_CHARACTERS:
        raise _wrong(f"it has more than {MAX_CHARACTERS:,} characters")
    try:
        body = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except RecursionError:
        raise _wrong("it is nested too deeply") from None
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise _wrong(f"it is not JSON{where}") from error
    saved = from_body(body)
    return replace(saved, build="", known=0, seen=0)


def from_body(body: object) -> SavedFilter:
    """A filter from a document. Raises VisualSearchError with what is wrong and where."""
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise _wrong(f'it is no saved filter: "format" is not "{FORMAT}"')
    reader = _Reader(body)
    version = reader.integer("version", 1)
    if version > VERSION:
        raise VisualSearchError(
            f"This filter was saved by a newer version of the program (format {version}, this one knows {VERSION}).",
            "Update visualsearch, or save the filter anew.",
        )
    here = _Reader(reader.mapping("here"), "here.")
    positives, negatives = reader.examples("positives"), reader.examples("negatives")
    if not positives and not negatives:
        raise _wrong("it has no example")
    return SavedFilter(
        name=checked_name(reader.text("name")),
        encoder=reader.text("encoder"),
        positives=positives,
        negatives=negatives,
        blocks=reader.auto_or_share("blocks"),
        narrow=None if body.get("narrow") is None else reader.auto_or_share("narrow"),
        threshold=reader.number("threshold"),
        where=reader.texts("where"),
        choices=tuple(
            (attribute, _Reader(reader.mapping("choices"), "choices.").texts(attribute))
            for attribute in reader.mapping("choices")
        ),
        text=reader.text("text"),
        picks=reader.signs("picks"),
        colours_differ=reader.share("colours_differ"),
        sketch=_sketch(_Reader(reader.mapping("scores"), "scores.")) if body.get("scores") else None,
        at=reader.text("saved"),
        build=here.text("build"),
        known=here.integer("known", 0),
        seen=here.integer("seen", 0),
        judgements=reader.judgements(),
    )


def checked_name(name: str) -> str:
    """A filter's name without spaces around it. Raises UsageError where it cannot be one."""
    name = name.strip()
    if not name:
        raise UsageError("A filter needs a name.", "Give it one, as hawaiian.")
    if len(name) > MAX_NAME:
        raise UsageError(f"A filter's name has at most {MAX_NAME} characters.", "Choose another.")
    if not is_shown(name):
        raise UsageError(
            f"{name!r} cannot be a filter's name: it holds characters that cannot be seen, or line breaks.",
            "Type it anew.",
        )
    return name


def _wrong(what: str) -> VisualSearchError:
    return VisualSearchError(f"The filter cannot be read: {what}.", "Export it again, or mend the file.")


def _no_constant(name: str) -> float:
    raise _wrong(f"{name} is no number that a filter can have")


def _example_body(example: SavedExample) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if example.id:
        body |= {"id": example.id, "image": example.image}
    if example.embedding is not None:
        body["embedding"] = {
            "style": base64.b64encode(example.embedding.style).decode(),
            "colour": base64.b64encode(example.embedding.colour).decode(),
        }
    if example.file:
        body["file"] = example.file
    if example.region is not None:
        body["region"] = dict(zip("xywh", example.region, strict=True))
    if example.weight != 1:
        body["weight"] = example.weight
    return body


def _sketch(reader: _Reader) -> Sketch:
    levels, values = reader.numbers("levels"), reader.numbers("values")
    items, kept = reader.integer("items", 0), reader.integer("kept", 0)
    rising = all(a <= b for row in (levels, values) for a, b in pairwise(row))
    if len(levels) != len(values) or len(levels) < 2 or not rising or levels[0] < 0 or levels[-1] > 1:
        raise _wrong('"scores" is no distribution: levels and values must be as many, and rise')
    if kept > items:
        raise _wrong('"scores" is no distribution: more items are kept than there are')
    return Sketch(levels, values, items, kept)


class _Reader:
    """Reads the fields of a JSON object; a missing one is empty. ``at`` names the object in messages."""

    def __init__(self, body: Mapping[str, Any], at: str = "") -> None:
        self._body = body
        self._at = at

    def _is(self, key: str, found: object, kind: type[Value] | tuple[type, ...], what: str) -> Any:
        if not isinstance(found, kind) or isinstance(found, bool):
            raise _wrong(f'"{self._at}{key}" is not {what}')
        return found

    def has(self, key: str) -> bool:
        return key in self._body

    def text(self, key: str) -> str:
        text = self._is(key, self._body.get(key, ""), str, "a text")
        return _storable(text)

    def signs(self, key: str) -> str:
        signs = self.text(key)
        if signs.strip("+-"):
            raise _wrong(f'"{self._at}{key}" holds other signs than + and -')
        return signs

    def number(self, key: str) -> float:
        return self._finite(key, self._body.get(key, 0.0))

    def _finite(self, key: str, found: object) -> float:
        number = self._is(key, found, (int, float), "a number")
        if not abs(number) < 1e30:
            raise _wrong(f'"{self._at}{key}" is too large a number')
        return float(number)

    def integer(self, key: str, least: int) -> int:
        number = self._is(key, self._body.get(key, least), int, "a whole number")
        if not least <= number < 1 << 31:
            raise _wrong(f'"{self._at}{key}" is not between {least} and 2,147,483,647')
        return number

    def auto_or_share(self, key: str) -> Literal["auto"] | float:
        found = self._body.get(key, "auto")
        if found == "auto":
            return "auto"
        share = self._finite(key, found)
        if not 0 <= share <= 1:
            raise _wrong(f'"{self._at}{key}" is neither "auto" nor a number from 0 to 1')
        return share

    def share(self, key: str) -> float:
        share = self.number(key)
        if not 0 <= share <= 1:
            raise _wrong(f'"{self._at}{key}" is no number from 0 to 1')
        return share

    def mapping(self, key: str) -> dict[str, Any]:
        return self._is(key, self._body.get(key, {}), dict, "an object")

    def _list(self, key: str, read: Callable[[int, Any], Value], most: int) -> tuple[Value, ...]:
        found = self._is(key, self._body.get(key, []), list, "a list")
        if len(found) > most:
            raise _wrong(f'"{self._at}{key}" has more than {most:,} entries')
        return tuple(read(index, entry) for index, entry in enumerate(found))

    def texts(self, key: str) -> tuple[str, ...]:
        return self._list(key, lambda n, one: _storable(self._is(f"{key}[{n}]", one, str, "a text")), 10_000)

    def numbers(self, key: str) -> tuple[float, ...]:
        return self._list(key, lambda n, one: self._finite(f"{key}[{n}]", one), 1_000)

    def examples(self, key: str) -> tuple[SavedExample, ...]:
        return self._list(key, lambda n, one: self._example(f"{key}[{n}]", one), MAX_EXAMPLES)

    def _example(self, at: str, body: object) -> SavedExample:
        entry = _Reader(self._is(at, body, dict, "an object"), f"{self._at}{at}.")
        embedding = entry.mapping("embedding")
        region = entry.mapping("region")
        example = SavedExample(
            entry.text("id"),
            entry.text("image").lower(),
            entry.text("file"),
            _Reader(embedding, f"{at}.embedding.").embedding() if embedding else None,
            _Reader(region, f"{at}.region.").region() if region else None,
            entry.weight() if entry.has("weight") else 1.0,
        )
        if not example.id and example.embedding is None:
            raise _wrong(f'"{at}" has neither an "id" nor an "embedding"')
        return example

    def embedding(self) -> Embedding:
        parts = {}
        for block in ("style", "colour"):
            try:
                data = base64.b64decode(self.text(block), validate=True)
            except (binascii.Error, ValueError) as error:
                raise _wrong(f'"{self._at}{block}" is not base64') from error
            if not data or len(data) % 4 or not (np.abs(np.frombuffer(data, "<f4")) < _LARGEST).all():
                raise _wrong(f'"{self._at}{block}" does not hold numbers')
            parts[block] = data
        return Embedding(**parts)

    def weight(self) -> float:
        weight = self.number("weight")
        if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
            raise _wrong(f'"{self._at}weight" is not between {LEAST_WEIGHT} and {MOST_WEIGHT:g}')
        return weight

    def region(self) -> tuple[float, float, float, float]:
        x, y, w, h = (self.number(side) for side in "xywh")
        if not (x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= 1 + 1e-6 and y + h <= 1 + 1e-6):
            raise _wrong(f'"{self._at.rstrip(".")}" is no part of a photo: x, y, w, h are shares from 0 to 1')
        return x, y, w, h

    def judgements(self) -> tuple[tuple[str, str], ...]:
        found = self.mapping("judgements")
        if len(found) > MAX_JUDGEMENTS:
            raise _wrong(f'"judgements" has more than {MAX_JUDGEMENTS:,} entries')
        for item, answer in found.items():
            if answer not in ("yes", "no"):
                raise _wrong(f'the judgement of "{item}" is neither "yes" nor "no"')
        return tuple(sorted((_storable(item), answer) for item, answer in found.items()))


def _storable(text: str) -> str:
    """The text without lone surrogates, which SQLite cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
