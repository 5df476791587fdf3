"""Suggestions as a list: which items may deserve ``attribute=value``, with a score and an honest probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.session import Session
from visualsearch.jobs import JobControl


@dataclass(frozen=True, eq=False)
class Suggestions:
    """``items`` int32 (n,); ``scores`` float32 (n,), in deviations above the catalog's mean; ``probabilities`` float32
    (n,). ``learnt``: the probabilities rest on ``answers`` labelled or judged items; otherwise they are a guess.
    ``ranking``: "filter" (few-shot) or "head" (also a logistic head). ``open``: all items that may be suggested."""

    items: np.ndarray
    scores: np.ndarray
    probabilities: np.ndarray
    learnt: bool
    answers: int
    ranking: str
    open: int


def suggest(session: Session, limit: int, mode: str, control: JobControl) -> Suggestions:
    """At most ``limit`` suggestions: "likely" best first, "useful" what the answer would teach most, or "random".

    Raises what ``Session.page`` raises.
    """
    page = session.page(limit, mode, control)  # type: ignore[arg-type]  # checked there
    now = session.situation(control)
    calibration = now.calibration
    return Suggestions(
        page.items,
        page.scores,
        page.probabilities,
        calibration.learnt,
        calibration.answers,
        page.ranking,
        page.open,
    )
