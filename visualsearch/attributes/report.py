"""The quality report: one HTML file that needs nothing else (pictures inside, no scripts, prints well), and a table.

Everything from the catalog is escaped; cells that a spreadsheet would take for formulas are neutralised. Any thread.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from visualsearch.attributes.changed import NetChanges, net_changes
from visualsearch.attributes.dashboard import AttributeState
from visualsearch.attributes.estimate import Estimates
from visualsearch.attributes.estimate_plan import Plan
from visualsearch.attributes.estimate_progress import Left, Running
from visualsearch.catalog.decisions import Decisions, Operation
from visualsearch.catalog.store import Catalog, now
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import not_written
from visualsearch.jobs import JobControl
from visualsearch.replacing import replace_file
from visualsearch.words import counted

_EXAMPLES = 8  # changes of an attribute that are shown with pictures
_WRONG = 12  # wrong items of an estimate that are shown
_CONFUSABLE = 20
_OF_EACH = 3  # photos of each of two values that are mixed up
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1d22; background: #fff; max-width: 62em; margin: 2em auto;
  padding: 0 1em; }
h1 { font-size: 1.7em; margin-bottom: 0; } h2 { margin-top: 2em; border-bottom: 1px solid #bbb; }
table { border-collapse: collapse; margin: 0.8em 0; } th, td { text-align: left; padding: 0.25em 0.9em 0.25em 0;
  border-bottom: 1px solid #ddd; vertical-align: top; } td.n, th.n { text-align: right; }
figure { display: inline-block; width: 8.5em; margin: 0 0.8em 0.8em 0; vertical-align: top; break-inside: avoid; }
figure img, figure .none { width: 8.5em; height: 8.5em; object-fit: contain; background: #f3f3f3; display: block; }
figcaption { font-size: 0.85em; overflow-wrap: anywhere; } .soft { color: #666; }
.small { margin-top: 0.3em; } .small img { width: 4em; height: 4em; object-fit: contain; background: #f3f3f3;
  margin-right: 0.3em; }
.list { font-size: 0.8em; overflow-wrap: anywhere; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } @page { margin: 16mm; } }
"""


@dataclass(frozen=True)
class Confusable:
    """Two values of an attribute that people mix up; ``items``: how many have the one and look like the other.
    ``examples`` and ``other_examples``: items of the one and of the other value that could be either."""

    attribute: str
    value: str
    other: str
    items: int
    examples: tuple[int, ...] = ()
    other_examples: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Data:
    """What a report says."""

    name: str
    at: str
    states: list[AttributeState]
    estimates: list[tuple[Running, Left, dict[int, str]]]
    confusable: Sequence[Confusable]
    changes: list[tuple[NetChanges, dict[int, Operation]]]


class Report:
    """Writes reports on a catalog. ``states`` gives the dashboard, ``confusable`` the pairs of values mixed up."""

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: Thumbnails,
        decisions: Decisions,
        estimates: Estimates,
        states: Callable[[JobControl], list[AttributeState]],
        confusable: Callable[[JobControl], Sequence[Confusable]],
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._decisions = decisions
        self._estimates = estimates
        self._states = states
        self._confusable = confusable

    def write(self, html_file: Path | None, csv_file: Path | None, control: JobControl) -> None:
        """Write the page and the table, each beside its place and renamed. Raises CatalogError (disk), Cancelled."""
        data = self._data(control)
        for file, made in ((html_file, self._html), (csv_file, self._csv)):
            if file is not None:
                control.progress("Writing the report", 0, 0, "files", file.name)
                try:
                    replace_file(file, made(data).encode("utf-8", "backslashreplace"))
                except OSError as error:
                    raise not_written(f"The report cannot be written to {file}", error) from error

    def _data(self, control: JobControl) -> _Data:
        estimates = []
        for name in self._estimates.names():
            running = self._estimates.running(name)
            estimates.append((running, self._estimates.left(name), self._estimates.answers(running.plan)))
            control.checkpoint()
        changes = []
        for change in net_changes(self._catalog).values():
            if len(change.items):
                numbers = sorted(set(change.operation.tolist()))
                told = {number: found for number in numbers if (found := self._decisions.operation(number))}
                changes.append((change, told))
        name = self._catalog.path.resolve().name
        return _Data(name, now(), self._states(control), estimates, self._confusable(control), changes)

    # -- the page -----------------------------------------------------------------------------------------------

    def _html(self, data: _Data) -> str:
        parts = [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
            f"<title>{_text(data.name)}: quality report</title><style>{_STYLE}</style></head><body>",
            f'<h1>{_text(data.name)}</h1><p class="soft">Quality report, {_moment(data.at)}</p>',
            "<h2>How much is wrong</h2>",
            _estimates_table(data),
            "<h2>Where each attribute stands</h2>",
            _states_table(data.states),
            *self._changes(data),
            self._confusable_table(data.confusable),
            *(self._estimate(*one) for one in data.estimates),
            "</body></html>\n",
        ]
        return "\n".join(parts)

    def _estimate(self, running: Running, left: Left, answers: dict[int, str]) -> str:
        plan = running.plan
        wrong = [item for item, answer in answers.items() if answer == "wrong"]
        shown = self._figures(wrong[:_WRONG], lambda _: "")
        listed = ", ".join(f"{_text(name)} {answers[item]}" for item, name in self._asked(plan, answers))
        how = {"plain": "a random sample", "stratified": "a random sample, stratified by value and suspicion"}
        still = _left(left) if running.interval.judged else ""
        return (
            f"<h2>Estimate {_text(plan.name)}</h2><p>{_text(_sentence(running))}</p><p>{_text(still)}</p>"
            f"<p>Taken from {_text(how.get(plan.method, 'a random sample, with suspicion as a help'))}, seed "
            f"{plan.seed}, begun {_moment(plan.created)}. {_unsure(running)}</p>"
            + (f"<h3>Found wrong</h3>{shown}" if wrong else "")
            + f'<h3>Items judged, in their order</h3><p class="list">{listed or "None yet."}</p>'
        )

    def _changes(self, data: _Data) -> Iterable[str]:
        yield "<h2>What was changed</h2>"
        if not data.changes:
            yield "<p>Nothing was changed by hand.</p>"
        for change, told in data.changes:
            people = sorted({operation.actor for operation in told.values()})
            items = counted(len(change.items), "item")
            yield f"<h3>{_text(change.attribute)}: {items}, by {_text(', '.join(people))}</h3>"
            rows = zip(change.items.tolist(), change.old.tolist(), change.new.tolist(), strict=True)
            captions = {
                item: f"{_text(_values(change.sets[old]))} → <b>{_text(_values(change.sets[new]))}</b>"
                for _, (item, old, new) in zip(range(_EXAMPLES), rows, strict=False)
            }
            yield self._figures(list(captions), captions.__getitem__)

    def _confusable_table(self, pairs: Sequence[Confusable]) -> str:
        if not pairs:
            return ""
        shown = pairs[:_CONFUSABLE]
        pictures = self._pictures([item for pair in shown for item in (*pair.examples, *pair.other_examples)])

        def cell_of(value: str, examples: Sequence[int]) -> str:
            seen = "".join(pictures[item] for item in examples[:_OF_EACH] if item in pictures)
            return f'<td>{_text(value)}<div class="small">{seen}</div></td>'

        rows = "".join(
            f"<tr><td>{_text(pair.attribute)}</td>{cell_of(pair.value, pair.examples)}"
            f'{cell_of(pair.other, pair.other_examples)}<td class="n">{pair.items:,}</td></tr>'
            for pair in shown
        )
        head = '<tr><th>Attribute</th><th>Value</th><th>Mixed up with</th><th class="n">Items</th></tr>'
        told = "<p>Items of both values that could be either, with the photos that are hardest to tell.</p>"
        return f"<h2>Values that are mixed up</h2>{told}<table>{head}{rows}</table>"

    def _pictures(self, items: Sequence[int]) -> dict[int, str]:
        """Item → its picture, as HTML; those that have none are left out."""
        digests = self._catalog.first_digests(items)
        found = self._thumbnails.get_many(digests.values())
        names = dict(zip(items, self._catalog.ids_of(list(items)), strict=True))
        told: dict[int, str] = {}
        for item, digest in digests.items():
            if digest in found:
                data = base64.b64encode(found[digest].jpeg).decode("ascii")
                told[item] = f'<img alt="{_text(names[item])}" src="data:image/jpeg;base64,{data}">'
        return told

    def _figures(self, items: list[int], caption: Callable[[int], str]) -> str:
        """Pictures of items; ``caption`` gives HTML."""
        pictures = self._pictures(items)
        found = []
        for item, name in zip(items, self._catalog.ids_of(items), strict=True):
            shown = pictures.get(item, '<span class="none"></span>')
            found.append(f"<figure>{shown}<figcaption>{_text(name)}<br>{caption(item)}</figcaption></figure>")
        return "".join(found)

    # -- the table ----------------------------------------------------------------------------------------------

    def _csv(self, data: _Data) -> str:
        """One line for each judged item and each change, for whoever wants to repeat or count them."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["what", "name", "attribute", "id", "old", "new", "by", "at", "seed"])
        for running, _, answers in data.estimates:
            plan = running.plan
            rate = f"{running.interval.rate:.6f} ({running.interval.low:.6f} to {running.interval.high:.6f})"
            line = ["error rate", plan.name, plan.attribute, "", "", rate, "", plan.created, str(plan.seed)]
            writer.writerow(map(cell, line))
            for item, name in self._asked(plan, answers):
                line = ["judged", plan.name, plan.attribute, name, "", answers[item], "", "", str(plan.seed)]
                writer.writerow(map(cell, line))
        for change, told in data.changes:
            names = self._catalog.ids_of(change.items.tolist())
            for place, name in enumerate(names):
                operation = told.get(int(change.operation[place]))
                old, new = (_values(change.sets[sets[place]]) for sets in (change.old, change.new))
                who = (operation.label, operation.actor, operation.at) if operation else ("", "", "")
                writer.writerow(
                    map(cell, ["changed", who[0], change.attribute, name, old, new, who[1], who[2], ""])
                )
        for pair in data.confusable:
            line = [
                "confusable",
                f"{pair.items} items",
                pair.attribute,
                "",
                pair.value,
                pair.other,
                "",
                "",
                "",
            ]
            writer.writerow(map(cell, line))
        return "\ufeff" + out.getvalue()  # spreadsheets take it for UTF-8 only with this mark

    def _asked(self, plan: Plan, answers: dict[int, str]) -> list[tuple[int, str]]:
        """(item, id) of the judged items in the order of the streams."""
        asked = [item for stream in plan.items for item in stream if item in answers]
        return list(zip(asked, self._catalog.ids_of(asked), strict=True))


def cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one and is not a number gets an apostrophe."""
    risky = text[:1] in ("=", "+", "-", "@", "\t", "\r") or text.lstrip()[:1] in ("=", "+", "-", "@")
    return f"'{text}" if risky and not _NUMBER.fullmatch(text) else text


def _estimates_table(data: _Data) -> str:
    if not data.estimates:
        return "<p>Nothing was estimated yet.</p>"
    rows = []
    for running, left, _ in data.estimates:
        plan, found = running.plan, running.interval
        rate, errors, still = "–", "–", "–"  # before an answer, half of all would be said to be wrong
        if found.judged:
            expected, low, high = running.errors
            rate, errors = _percent(found.rate), f"{expected:,} ({low:,} to {high:,})"
            still = f"{left.expected:,} ({left.low:,} to {left.high:,})"
        rows.append(
            f"<tr><td>{_text(plan.attribute or 'any attribute')}</td><td>{_text(plan.name)}</td>"
            f'<td class="n">{rate}</td><td>{_percent(found.low)} to {_percent(found.high)}</td>'
            f'<td class="n">{plan.confidence:.0%}</td><td class="n">{found.judged:,}</td>'
            f'<td class="n">{errors}</td><td class="n">{still}</td><td class="n">{plan.seed}</td></tr>'
        )
    head = (
        '<tr><th>Attribute</th><th>Estimate</th><th class="n">Wrong</th><th>Interval</th><th class="n">Confidence</th>'
        '<th class="n">Judged</th><th class="n">Errors</th><th class="n">Left now</th><th class="n">Seed</th></tr>'
    )
    return f"<table>{head}{''.join(rows)}</table>"


def _states_table(states: list[AttributeState]) -> str:
    figures = list(states[0].counts) if states else []
    head = "".join(f'<th class="n">{_text(figure.capitalize())}</th>' for figure in figures)
    rows = []
    for state in states:
        counts = "".join(
            f'<td class="n">{"–" if count is None else format(count, ",")}</td>'
            for count in state.counts.values()
        )
        rows.append(f"<tr><td>{_text(state.attribute)}</td>{counts}</tr>")
    return f"<table><tr><th>Attribute</th>{head}</tr>{''.join(rows)}</table>"


def _sentence(running: Running) -> str:
    plan, found = running.plan, running.interval
    if not found.judged:
        return f"Of {counted(plan.population, 'item')} none has been judged yet."
    what = f"a wrong {plan.attribute}" if plan.attribute else "at least one wrong value"
    return (
        f"Of {counted(plan.population, 'item')} about {_percent(found.rate)} have {what} (between "
        f"{_percent(found.low)} and {_percent(found.high)}, with {plan.confidence:.0%} confidence, from "
        f"{found.judged:,} judged)."
    )


def _unsure(running: Running) -> str:
    if not running.unsure:
        return ""
    low, high = running.with_unsure
    answers = "1 answer was" if running.unsure == 1 else f"{running.unsure:,} answers were"
    return (
        f"{answers} “unsure” and left out; all of these taken for right or for wrong, the rate is within "
        f"{_percent(low)} to {_percent(high)}."
    )


def _left(left: Left) -> str:
    return (
        f"Corrected since: {counted(left.corrected, 'item')}. Probably still wrong: about {left.expected:,} "
        f"(between {left.low:,} and {left.high:,})."
    )


def _values(values: tuple[str | float, ...]) -> str:
    return ", ".join(value if isinstance(value, str) else f"{value:g}" for value in values) or "(none)"


def _moment(at: str) -> str:
    """ISO 8601 in UTC as people read it."""
    return _text(f"{at[:16].replace('T', ' ')} UTC")


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %" if 0 < share < 0.01 else f"{share * 100:.1f} %"


def _text(text: str) -> str:
    return html.escape(text, quote=True)
