"""How a source would be understood, before anything is imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from visualsearch.catalog.cells import decide_types, known_types
from visualsearch.catalog.infer import AttributeType
from visualsearch.catalog.losing import would_lose
from visualsearch.catalog.requests import last_request, opened, skipped_attributes
from visualsearch.catalog.sources import Description, ImportRequest, Source, SourceItem
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.catalog.tables import Row
from visualsearch.jobs import JobControl

_ROWS = 10
_SAMPLE = 2_000


@dataclass
class Preview:
    """What an import would understand. ``rows``: the first ones, (line or path, cells); ``photos``: the columns that
    hold nothing but photos' names; ``attributes``: those that describe items; ``types``: attribute → type as far as the
    first rows tell; ``skipped``: attributes that would not be imported; ``problems``: refusals among the first rows;
    ``would_lose``: why the import is refused unless its request says ``replace``, "" where it is not."""

    columns: Description
    rows: list[tuple[str, Row]]
    photos: list[str]
    attributes: list[str]
    types: dict[str, str]
    skipped: list[str]
    problems: list[Refusal]
    would_lose: str = ""


def preview(request: ImportRequest, catalog: Catalog | None = None) -> Preview:
    """How a source would be understood, from its first rows, and with what ``catalog`` remembers where it goes into one
    that is there. Writes nothing. Raises as ``import_catalog`` does."""
    known: dict[str, AttributeType] = {}
    if catalog is not None:
        with catalog.read() as connection:
            known = known_types(connection)
    last = last_request(catalog) if catalog is not None else None
    given, source = opened(request, last, lambda found: None, _SAMPLE)
    lost = would_lose(catalog, given, source, JobControl()) if catalog is not None else None
    sample = _Sample(source)
    types = decide_types(sample, known, given, JobControl())
    rows = [(item.source, item.cells) for item in islice(sample.items(), _ROWS)]
    return Preview(
        source.description,
        rows,
        list(source.photo_columns),
        source.attributes,
        {name: str(kind) for name, kind in types.items()},
        skipped_attributes(source, given),
        list(source.refused),
        "" if lost is None else str(lost),
    )


class _Sample(Source):
    """The first items of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.description = source.description

    @property
    def attributes(self) -> list[str]:
        return self._source.attributes

    @property
    def refused(self) -> list[Refusal]:
        return self._source.refused

    def items(self) -> Iterator[SourceItem]:
        return islice(self._source.items(), _SAMPLE)

    def rows(self) -> Iterator[Row]:
        return islice(self._source.rows(), _SAMPLE)

    def known_type(self, attribute: str) -> AttributeType | None:
        return self._source.known_type(attribute)
