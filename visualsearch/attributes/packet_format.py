"""Work packets and the decisions about them, as files: JSON objects without anything that is run.

Files come from other people and machines: what is odd in them is told in one sentence, and nothing of them is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from visualsearch.catalog.rules import LONGEST_NAME
from visualsearch.catalog.valuesets import Values
from visualsearch.errors import UsageError, not_written
from visualsearch.replacing import replace_file

Queue = Literal["suggestions", "suspects", "estimate", "items"]
Held = dict[str, Values]
"""Attribute → an item's values of it, sorted; () where it has none."""

VERSION = 1
PACKET, DECISIONS = "visualsearch-packet", "visualsearch-decisions"
ANSWERS: dict[str, tuple[str, ...]] = {
    "suggestions": ("yes", "no", "unsure"),
    "suspects": ("keep", "unsure"),
    "items": ("keep", "unsure"),
    "estimate": ("right", "wrong", "unsure"),
}
_LARGEST = 512 << 20  # bytes
_LONGEST_ID = 512


@dataclass(frozen=True)
class About:
    """What a packet asks. ``packet`` names it; ``attribute`` may be "" for an estimate of all attributes; ``value`` is
    that of suggestions, ``estimate`` the estimate's name."""

    packet: str
    queue: Queue
    attribute: str
    value: str = ""
    estimate: str = ""

    @property
    def subject(self) -> str:
        """Under which the answers are kept (see `catalog.decisions`)."""
        if self.queue == "suggestions":
            return f"tag:{self.attribute}={self.value}"
        if self.queue == "estimate":
            return f"estimate:{self.estimate}:{self.attribute}"
        return f"audit:{self.attribute}"

    def __str__(self) -> str:
        if self.queue == "suggestions":
            return f"{self.attribute}={self.value}"
        return self.estimate if self.queue == "estimate" else self.attribute

    @property
    def words(self) -> str:
        """As people say it."""
        return f"{self.attribute} “{self.value}”" if self.queue == "suggestions" else str(self)


@dataclass(frozen=True)
class Asked:
    """An item of a packet as it was: ``images`` (path, digest in hex); ``given`` values; ``suggested`` ones; ``answer``
    that there was; ``score`` of the suggestion or suspicion."""

    id: str
    images: tuple[tuple[str, str], ...]
    given: Held
    suggested: tuple[str, ...] = ()
    answer: str | None = None
    score: float | None = None


@dataclass(frozen=True)
class Packet:
    """A queue of items to be judged."""

    about: About
    catalog: str
    made: str
    by: str
    items: tuple[Asked, ...]


@dataclass(frozen=True)
class Judged:
    """What a judge decided about an item: ``given`` and ``before`` are the values and the answer that it had in the
    packet, ``values`` and ``answer`` those since."""

    id: str
    given: Held
    before: str | None
    values: Held
    answer: str | None

    @property
    def label(self) -> str:
        """The decision in one word or text: equal decisions have equal ones."""
        if self.values == self.given or self.answer in ("yes", "no", "right", "wrong"):
            return self.answer or ""
        return "; ".join(f"{name} → {shown(values)}" for name, values in self.values.items())


@dataclass(frozen=True)
class Verdicts:
    """The decisions of one judge about a packet."""

    about: About
    judge: str
    collected: str
    items: tuple[Judged, ...] = field(default_factory=tuple)


def shown(values: Values) -> str:
    """Values for people."""
    return ", ".join(one if isinstance(one, str) else f"{one:.15g}" for one in values) or "nothing"


def write(file: Path, made: Packet | Verdicts) -> None:
    """Write or replace a file. Raises CatalogError (disk)."""
    kind = PACKET if isinstance(made, Packet) else DECISIONS
    text = json.dumps({"kind": kind, "version": VERSION, **asdict(made)}, ensure_ascii=False, indent=1)
    try:
        replace_file(file, text.encode() + b"\n")
    except OSError as error:
        raise not_written(f"{file} cannot be written", error) from error


def read_packet(file: Path) -> Packet:
    """Raises UsageError (no such file, something else, damaged, newer)."""
    found = _Reader(file, PACKET)
    items = tuple(
        Asked(
            one.text("id", _LONGEST_ID),
            tuple(one.pairs("images")),
            one.held("given"),
            tuple(one.texts("suggested")),
            one.choice("answer", ANSWERS[found.about.queue]),
            one.number("score"),
        )
        for one in found.items
    )
    return Packet(found.about, found.text("catalog"), found.text("made"), found.text("by"), items)


def read_verdicts(file: Path) -> Verdicts:
    """Raises UsageError (no such file, something else, damaged, newer)."""
    found = _Reader(file, DECISIONS)
    allowed = ANSWERS[found.about.queue]
    items = tuple(
        Judged(
            one.text("id", _LONGEST_ID),
            one.held("given"),
            one.choice("before", allowed),
            one.held("values"),
            one.choice("answer", allowed),
        )
        for one in found.items
    )
    for one in items:
        if set(one.given) != set(one.values) or not set(one.values) <= found.allowed:
            raise found.odd(f"the item {one.id!r} is decided about other attributes than were asked about")
    return Verdicts(
        found.about, found.text("judge", LONGEST_NAME, filled=True), found.text("collected"), items
    )


class _Part:
    """A JSON object of a file, of which every part is checked when it is taken."""

    def __init__(self, file: Path, body: Mapping[str, Any], where: str) -> None:
        self._file = file
        self._body = body
        self._where = where

    def odd(self, what: str) -> UsageError:
        return UsageError(f"{self._file.name} cannot be used: {what}.", "Have it made or collected again.")

    def text(self, name: str, longest: int = 4096, *, filled: bool = False) -> str:
        found = self._body.get(name)
        if not isinstance(found, str) or len(found) > longest or not _is_text(found):
            raise self.odd(f"{name!r} of {self._where} is no text, or is far too long")
        if (filled or name == "id") and not found.strip():
            raise self.odd(f"{name!r} of {self._where} is empty")
        return found

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        found = self._body.get(name)
        if found is not None and found not in allowed:
            raise self.odd(f"the {name} {found!r:.60} of {self._where} is none of {', '.join(allowed)}")
        return found

    def number(self, name: str) -> float | None:
        found = self._body.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not math.isfinite(found):
            raise self.odd(f"{name!r} of {self._where} is no number")
        return float(found)

    def texts(self, name: str) -> list[str]:
        found = self._body.get(name)
        if not isinstance(found, list) or not all(isinstance(one, str) and _is_text(one) for one in found):
            raise self.odd(f"{name!r} of {self._where} is no list of texts")
        return found

    def pairs(self, name: str) -> list[tuple[str, str]]:
        found = self._body.get(name)
        if not isinstance(found, list):
            raise self.odd(f"{name!r} of {self._where} is no list")
        for one in found:
            if not isinstance(one, list) or len(one) != 2 or not all(isinstance(part, str) for part in one):
                raise self.odd(f"{name!r} of {self._where} holds something else than a path and a digest")
        return [(path, digest) for path, digest in found]

    def held(self, name: str) -> Held:
        found = self._body.get(name)
        if not isinstance(found, dict):
            raise self.odd(f"{name!r} of {self._where} does not name values")
        made: Held = {}
        for attribute, values in found.items():
            if not attribute.strip() or len(attribute) > LONGEST_NAME or not _is_text(attribute):
                raise self.odd(f"{name!r} of {self._where} has the attribute {attribute!r:.60}")
            if not isinstance(values, list) or len({isinstance(one, str) for one in values}) > 1:
                raise self.odd(
                    f"the values of {attribute!r} of {self._where} are no list of texts or of numbers"
                )
            made[attribute] = tuple(sorted({self._value(attribute, one) for one in values}))  # type: ignore[type-var]
        return made

    def _value(self, attribute: str, value: object) -> str | float:
        if isinstance(value, str) and value and _is_text(value):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf"):
            return float(value)
        raise self.odd(f"{attribute!r} of {self._where} has the value {value!r:.60}")


class _Reader(_Part):
    """A whole file."""

    def __init__(self, file: Path, kind: str) -> None:
        what = "work packet" if kind == PACKET else "file of decisions"
        super().__init__(file, _load(file, what), "the file")
        if self._body.get("kind") != kind:
            raise UsageError(f"{file.name} is no {what}.", command="See: visualsearch packet --help")
        version = self._body.get("version")
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise self.odd("it does not say its version")
        if version > VERSION:
            raise UsageError(
                f"{file.name} was written by a newer version of the program.",
                "Install the newest version of visualsearch.",
            )
        body = self._body.get("about")
        if not isinstance(body, dict):
            raise self.odd("it does not say what it is about")
        about = _Part(file, body, "the file")
        queue = about.choice("queue", tuple(ANSWERS))
        if queue is None:
            raise self.odd("it does not say what was asked")
        words = [about.text(name, LONGEST_NAME) for name in ("attribute", "value", "estimate")]
        self.about = About(about.text("packet", 64, filled=True), queue, *words)  # type: ignore[arg-type]
        if not (words[0] or queue == "estimate") or (queue == "suggestions" and not words[1]):
            raise self.odd("it does not say which attribute or value it is about")
        rows = self._body.get("items")
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise self.odd("it has no list of items")
        self.items = [_Part(file, one, f"item {number}") for number, one in enumerate(rows, 1)]
        ids = [one.text("id", _LONGEST_ID) for one in self.items]
        if len(set(ids)) < len(ids):
            raise self.odd("an item is in it twice")
        given = [one["given"] for one in rows if isinstance(one.get("given"), dict)]
        self.allowed = {words[0]} if words[0] else {name for held in given for name in held}


def _load(file: Path, what: str) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise UsageError(f"There is no {what} {file}.", "Check the name.")
        if file.stat().st_size > _LARGEST:
            raise UsageError(f"{file.name} is far too large for a {what}.", "Make smaller packets.")
        found = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file.name} is no {what}: it is not valid JSON.", "Check the name.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{file.name} is no {what}.", "Check the name.")
    return found


def _is_text(text: str) -> bool:
    """False for what SQLite cannot hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text
