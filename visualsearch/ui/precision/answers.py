"""What was judged of filters that have no name yet, and workers' questions about what is known of a filter.

Answers belong to the examples, the blocks and the conditions under which they were given (`filters.judged`). They are
kept with the place where one was, so that they are there after a restart; once the filter is saved they are saved
with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch.filters.judged import conditions_of, meant_by
from visualsearch.filters.query import Query
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    from visualsearch.filters.gauge import Gauge
    from visualsearch.workspace import Workspace

UNSURE = "unsure"
_BINS = 64


class Answers:
    """Answers by what they are about. GUI thread."""

    def __init__(self) -> None:
        self._given: dict[tuple[object, frozenset], tuple[Query, dict[int, str]]] = {}

    def of(self, query: Query) -> dict[int, str]:
        """All that hold for a query: item → "yes", "no" or "unsure"."""
        meant, conditions = meant_by(query.visual), conditions_of(query)
        found: dict[int, str] = {}
        for (about, under), (_, answers) in self._given.items():
            if about == meant and under <= conditions:
                found |= answers
        return found

    def give(self, query: Query, item: int, answer: str | None) -> None:
        """Keep an answer; None takes it back."""
        about = meant_by(query.visual), conditions_of(query)
        _, answers = self._given.setdefault(about, (query, {}))
        answers.pop(item, None)
        if answer is not None:
            answers[item] = answer

    @property
    def kept(self) -> list[tuple[Query, dict[int, str]]]:
        """All of them, with the queries under which they were given: what `take_up` takes."""
        return [(query, dict(answers)) for query, answers in self._given.values() if answers]

    def take_up(self, kept: Sequence[tuple[Query, Mapping[int, str]]]) -> None:
        """Have these answers and no others: those of another catalog, or of another run of the program."""
        self._given.clear()
        for query, answers in kept:
            for item, answer in answers.items():
                self.give(query, item, answer)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a query's filter: the ``name`` under which answers are kept, None where it has none, and the
    ``answers`` that hold: item → "yes", "no" or "unsure"."""

    name: str | None
    answers: dict[int, str]


def known(workspace: Workspace, query: Query, given: Mapping[int, str]) -> Known:
    """For workers. ``given`` are the window's own answers; where the filter has a name the catalog knows better."""
    name, answers = workspace.filters.answers_about(query)
    if workspace.read_only:
        name = None
    own = given if name is None else {item: UNSURE for item, said in given.items() if said == UNSURE}
    return Known(name, {**own, **answers} if name is not None else {**answers, **own})


def measured(
    workspace: Workspace, query: Query, given: Mapping[int, str], control: JobControl
) -> tuple[Known, Gauge]:
    """For workers: what is known, and what it says about every place of the threshold."""
    found = known(workspace, query, given)
    control.checkpoint()
    return found, workspace.filters.gauge(query, found.answers, _BINS, control)


def picked(
    workspace: Workspace, query: Query, given: Mapping[int, str], count: int, control: JobControl
) -> tuple[Known, list[int]]:
    """For workers: what is known, and the items to ask for next."""
    found = known(workspace, query, given)
    seed = len(found.answers)  # other answers, other picks
    items = workspace.filters.next_to_judge(query, count, seed, control, found.answers)
    return found, items.tolist()
