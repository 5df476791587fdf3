"""Everything about tagging that the window and the command line need: `workspace.tagging`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from visualsearch.attributes.certifying import Certificates
from visualsearch.attributes.fixing import Fixes
from visualsearch.attributes.onboarding import Onboarding
from visualsearch.attributes.register import Register
from visualsearch.attributes.session import Session
from visualsearch.attributes.situation import Start
from visualsearch.attributes.suggest import Suggestions, suggest
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import Decisions, Document
from visualsearch.catalog.store import Catalog
from visualsearch.errors import VisualSearchError
from visualsearch.filters.engine import Use
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.jobs import JobControl

KIND = "tagging"
_RECENT = 500  # operations in which `recent` looks
QueryOf = Callable[[str, JobControl], Query]


class Tagging:
    """Sessions, suggestions, certificates and onboarding of one catalog. Safe from any thread; calls belong in a
    worker. Its words: see `session`, `certificate`, `progress`."""

    def __init__(self, catalog: Catalog, use: Use, decisions: Decisions, query_of: QueryOf) -> None:
        """``query_of`` gives the query of a saved filter."""
        self._catalog = catalog
        self._use = use
        self._decisions = decisions
        self._query_of = query_of
        self._lock = threading.Lock()
        self._sessions: dict[tuple[Target, Start], Session] = {}
        self.certificates = Certificates(use, decisions, self.session)
        self.onboarding = Onboarding(catalog, use, decisions)
        self.register = Register(self.certificates, Fixes(use, decisions), decisions)

    def targets(self) -> list[Target]:
        """What was started to be tagged, sorted (*fast*)."""
        names = set(self._decisions.documents(KIND))
        names |= {subject.partition(":")[2] for subject in self._decisions.subjects("tag:")}
        return [Target.parse(name) for name in sorted(names)]

    def recent(self, limit: int = 8) -> list[Target]:
        """What was tagged lately, the latest first."""
        done = [one for one in self._decisions.history(limit=_RECENT) if one.kind in ("tag", "reject")]
        names = [(one.why or {}).get("target") for one in done if one.undone_by is None]
        return [Target.parse(str(name)) for name in dict.fromkeys(names) if name][:limit]

    def start(self, target: Target, start: Start, control: JobControl, actor: str | None = None) -> Session:
        """Begin to tag, or go on from other examples; what it starts from is remembered as an operation.

        Raises VisualSearchError (no such filter), VocabularyError (a value that is not allowed).
        """
        session = self.session(target, control, start)
        body = _start_body(start)
        if body != self._decisions.document(KIND, str(session.target)):
            label = f"Start tagging {session.target.words}"
            document = Document(KIND, str(session.target), body)
            why = {"target": str(session.target)}
            self._decisions.apply("tag", label, documents=[document], why=why, actor=actor)
        return session

    def session(self, target: Target, control: JobControl, start: Start | None = None) -> Session:
        """The session of a target: as it was started, or from ``start`` without remembering that."""
        if start is None:
            start = _start_of(self._decisions.document(KIND, str(target)))
        with self._lock:
            known = self._sessions.get((target, start))
            if known is not None and not start.filter:
                return known
        visual, where = VisualFilter(start.like, start.unlike), start.where
        if start.filter:
            saved = self._query_of(start.filter, control)
            visual = VisualFilter(
                (*saved.visual.positives, *start.like),
                (*saved.visual.negatives, *start.unlike),
                saved.visual.blocks,
            )
            where = (*saved.where, *where)
        session = Session(
            self._catalog, self._use, self._decisions, target, replace(start, where=where), visual
        )
        with self._lock:
            self._sessions[target, start] = session
        return session

    def suggest(
        self,
        target: Target,
        start: Start | None,
        control: JobControl,
        *,
        limit: int = 100,
        mode: str = "likely",
    ) -> Suggestions:
        """Items that may deserve a value, best first (see `session` and `suggest.suggest`)."""
        return suggest(self.session(target, control, start), limit, mode, control)


def _start_body(start: Start) -> dict[str, Any]:
    return {
        "like": [_example_body(example) for example in start.like],
        "unlike": [_example_body(example) for example in start.unlike],
        "filter": start.filter,
        "where": list(start.where),
        "again": start.again,
    }


def _example_body(example: Example) -> dict[str, Any]:
    body: dict[str, Any] = {"item": example.item} if example.item is not None else {"file": example.file}
    return body | ({"region": list(example.region)} if example.region else {})


def _start_of(body: Mapping[str, Any] | None) -> Start:
    if body is None:
        return Start()
    return Start(
        tuple(map(_example_of, body["like"])),
        tuple(map(_example_of, body["unlike"])),
        str(body["filter"]),
        tuple(body["where"]),
        bool(body["again"]),
    )


def _example_of(body: Mapping[str, Any]) -> Example:
    region = tuple(float(part) for part in body["region"]) if "region" in body else None
    if region is not None and len(region) != 4:
        raise VisualSearchError("An example of a tagging session has a region that is no box.")
    return Example(item=body.get("item"), file=body.get("file"), region=region)
