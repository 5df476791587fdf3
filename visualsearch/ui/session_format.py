"""Queries and places as JSON and back. Nothing in a file is believed: what has another shape raises ValueError."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from visualsearch.filters.query import (
    LEAST_WEIGHT,
    MOST_WEIGHT,
    Embedding,
    Example,
    Look,
    Query,
    Sort,
    VisualFilter,
)

_VERSION = 1
_MOST_STEPS = 50  # of a catalog's history
_MOST_CATALOGS = 12
_MOST_ANSWERED = 50  # filters without a name, of a catalog


@dataclass
class Place:
    """Where one was in a catalog: the history of queries, the one asked, the first row in sight, the current item, the
    mode; the groups and whether copies were hidden, as `catalog.arranging.Arrangement` has it; what was answered about
    filters without a name, as (the query it was answered for, item → "yes", "no" or "unsure")."""

    queries: list[Query] = field(default_factory=list)
    step: int = 0
    row: int = 0
    item: int = -1
    mode: str = "browse"
    group_by: str = ""
    folded: tuple[str, ...] = ()
    all_but: bool = False
    hide_copies: bool = False
    answers: list[tuple[Query, dict[int, str]]] = field(default_factory=list)


@dataclass
class Session:
    """``open``: the catalog (absolute path) that was open, "" for none. ``places`` by path, the newest first."""

    open: str = ""
    places: dict[str, Place] = field(default_factory=dict)

    def to_text(self) -> str:
        places = {
            path: {
                "queries": [_of_query(query) for query in place.queries[-_MOST_STEPS:]],
                "step": place.step - max(0, len(place.queries) - _MOST_STEPS),
                "row": place.row,
                "item": place.item,
                "mode": place.mode,
                "group_by": place.group_by,
                "folded": list(place.folded),
                "all_but": place.all_but,
                "hide_copies": place.hide_copies,
                "answers": [
                    {"query": _of_query(query), "items": answers}
                    for query, answers in place.answers[-_MOST_ANSWERED:]
                ],
            }
            for path, place in list(self.places.items())[:_MOST_CATALOGS]
        }
        return json.dumps({"version": _VERSION, "open": self.open, "places": places})

    @classmethod
    def from_text(cls, text: str) -> Session:
        """Raises ValueError when the text is damaged, or of another version."""
        try:
            stored = json.loads(text)
            if stored["version"] != _VERSION:
                raise ValueError("another version")
            places = {_text(path): _place(body) for path, body in stored["places"].items()}
            return cls(_text(stored["open"]), places)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a session: {error}") from error


def _of_query(query: Query) -> dict[str, Any]:
    body = asdict(query)
    visual = query.visual
    body["visual"] = {
        "positives": [_of_example(example) for example in visual.positives],
        "negatives": [_of_example(example) for example in visual.negatives],
        "blocks": visual.blocks,
        "narrow": visual.narrow,
        "weights": [[_of_example(example), weight] for example, weight in visual.weights],
        "picks": visual.picks,
        "colours_differ": visual.colours_differ,
    }
    return body


def _of_example(example: Example) -> dict[str, Any]:
    body: dict[str, Any] = {"item": example.item, "file": example.file, "region": example.region}
    if example.embedding is not None:
        blocks = (example.embedding.style, example.embedding.colour)
        body["embedding"] = [base64.b64encode(block).decode() for block in blocks]
    return body


def _place(body: dict[str, Any]) -> Place:
    queries = [_query(entry) for entry in body["queries"]]
    return Place(
        queries,
        _int(body["step"]),
        _int(body["row"]),
        _int(body["item"]),
        _text(body["mode"]),
        _text(body.get("group_by", "")),
        _texts(body.get("folded", [])),
        body.get("all_but") is True,
        body.get("hide_copies") is True,
        [(_query(entry["query"]), _answers(entry["items"])) for entry in body.get("answers", [])],
    )


def _answers(body: dict[str, Any]) -> dict[int, str]:
    if any(said not in ("yes", "no", "unsure") for said in body.values()):
        raise ValueError("not an answer")
    return {int(item): said for item, said in body.items()}


def _query(body: dict[str, Any]) -> Query:
    visual, sort = body["visual"], body["sort"]
    return Query(
        visual=_visual(visual),
        where=_texts(body["where"]),
        choices=tuple((_text(name), _texts(values)) for name, values in body["choices"]),
        text=_text(body["text"]),
        text_weight=float(_share(body["text_weight"], ())),
        sort=Sort(_text(sort["by"]), sort["descending"] is True),
        look=_look(body.get("look") or {}),
    )


def _visual(body: dict[str, Any]) -> VisualFilter:
    sides = {
        1: [_example(entry) for entry in body["positives"]],
        -1: [_example(entry) for entry in body["negatives"]],
    }
    weights = {_example(one): _weight(weight) for one, weight in body.get("weights", [])}
    picks = _text(body.get("picks", ""))
    for entry, sign in body.get("muted", []):  # older versions kept muted examples apart
        example = _example(entry)
        sides[_among(sign, (1, -1))].append(example)
        weights[example] = 0.0
        picks += "+" if sign > 0 else "-"
    return VisualFilter(
        tuple(sides[1]),
        tuple(sides[-1]),
        _share(body["blocks"], ("auto",)),
        _share(body["narrow"], ("auto", None)),
        tuple(weights.items()),
        picks,
        _share(body.get("colours_differ"), (None,)),
    )


def _look(body: dict[str, Any]) -> Look:
    by = body.get("by", "likely")
    if by not in ("likely", "useful", "random"):
        raise ValueError("not a way of looking")
    return Look(by, _int(body.get("seed", 0)))


def _example(body: dict[str, Any]) -> Example:
    item, file, region = body["item"], body["file"], body["region"]
    if (item is None) == (file is None):
        raise ValueError("an example is an item or a file")
    found = None
    if region is not None:
        left, top, width, height = (float(_share(side, ())) for side in region)
        found = (left, top, width, height)
    embedding = None
    if body.get("embedding") is not None:
        style, colour = (base64.b64decode(_text(block), validate=True) for block in body["embedding"])
        embedding = Embedding(style, colour)
    return Example(
        None if item is None else _int(item), None if file is None else _text(file), found, embedding
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ValueError("not a list")
    return tuple(_text(value) for value in values)


def _int(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


def _among(value: Any, allowed: tuple[int, ...]) -> int:
    if _int(value) not in allowed:
        raise ValueError("not among what it may be")
    return value


def _weight(value: Any) -> float:
    if type(value) not in (int, float) or (value != 0 and not LEAST_WEIGHT <= value <= MOST_WEIGHT):
        raise ValueError("not a weight")
    return float(value)


def _share(value: Any, others: tuple[Any, ...]) -> Any:
    """A number from 0 to 1, or one of the others."""
    if type(value) in (int, float) and 0 <= value <= 1:
        return float(value)
    if value not in others:
        raise ValueError("not a share")
    return value
