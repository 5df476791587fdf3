"""Numbers, times and narrowings as people read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from visualsearch.errors import PredicateError, VisualSearchError
from visualsearch.filters.query import Phase, Query, Results
from visualsearch.jobs import Progress
from visualsearch.ui import edits
from visualsearch.ui.edits import Narrowing

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportReport
    from visualsearch.catalog.predicate_syntax import Predicate
    from visualsearch.filters.saved_format import SavedFilter
    from visualsearch.workspace import CatalogInfo


_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_NAMED = 5  # values in a row that a name of a condition tells


def number(value: int) -> str:
    """With the locale's thousands separators; the C locale has none, so English stands in for it."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        locale = QLocale(QLocale.Language.English)
    return locale.toString(value)


def counted(count: int, one: str, many: str) -> str:
    """``one`` for a single thing, else ``many`` with its {0} replaced by the number."""
    return one if count == 1 else many.replace("{0}", number(count))


def new_value(value: str) -> str:
    """What is said before a person gives an item a value that none has: mostly it is a slip."""
    sentence = QCoreApplication.translate(
        "texts", "No item has the value “{0}” yet. Press Enter again to use it."
    )
    return sentence.format(value)


def duration(seconds: float) -> str:
    """Time left, no more exact than it is known."""
    translate = QCoreApplication.translate
    if seconds < 60:
        return translate("texts", "{0} s").format(max(1, round(seconds)))
    if seconds < 3600:
        return translate("texts", "{0} min").format(round(seconds / 60))
    hours, minutes = divmod(round(seconds / 60), 60)
    return translate("texts", "{0} h {1} min").format(hours, minutes)


def milliseconds(value: float) -> str:
    """An elapsed time; tenths only below 10 ms, where they tell something."""
    shown = f"{value:.1f}" if 0 < value < 10 else number(round(value))
    return QCoreApplication.translate("texts", "{0} ms").format(shown)


def phase(value: Phase) -> str:
    """The phase's name; exact and complete differ only in how much of the order is there."""
    if value is Phase.APPROXIMATE:
        return QCoreApplication.translate("texts", "approximate")
    if value is Phase.SCANNED:
        return QCoreApplication.translate("texts", "refining the order")
    return QCoreApplication.translate("texts", "exact")


def results_line(results: Results, of: int) -> str:
    """The status line: "1,243 of 44,441 · exact · 6 ms"."""
    total = QCoreApplication.translate("texts", "{0} of {1}").format(number(results.total), number(of))
    return " · ".join([total, phase(results.phase), milliseconds(results.elapsed_ms)])


def progress_line(progress: Progress) -> str:
    """A job's moment: "embedding 12,000 of 44,441 · 78 img/s · 7 min"."""
    translate = QCoreApplication.translate
    parts = [progress.stage]
    if progress.total:
        parts[0] += " " + translate("texts", "{0} of {1}").format(
            number(progress.done), number(progress.total)
        )
    elif progress.done:
        parts[0] += f" {number(progress.done)}"
    if progress.rate >= 0.05:
        rate = number(round(progress.rate)) if progress.rate >= 10 else f"{progress.rate:.1f}"
        parts.append(translate("texts", "{0} {1}/s").format(rate, progress.unit))
    if progress.seconds_left is not None:
        parts.append(translate("texts", "{0} left").format(duration(progress.seconds_left)))
    if progress.message:
        parts.append(progress.message)
    return " · ".join(parts)


def sentences(*parts: str) -> str:
    """Parts of a message as whole sentences."""
    said = [sentence for part in parts for sentence in _SENTENCE_END.split(part.strip()) if sentence]
    return " ".join(
        sentence[0].upper() + sentence[1:] + ("" if sentence[-1] in ".:?!…" else ".") for sentence in said
    )


def import_line(report: ImportReport) -> str:
    """How an import went: "Imported 300 new items, 12 changed; 2 refused." """
    translate = QCoreApplication.translate
    parts = [
        translate("texts", pattern).format(number(count))
        for pattern, count in (
            ("{0} new", report.items_new),
            ("{0} changed", report.items_changed),
            ("{0} gone", report.items_gone),
            ("{0} unchanged", report.items_unchanged),
        )
        if count
    ]
    line = translate("texts", "Import finished. Items: {0}.").format(", ".join(parts) or number(0))
    if report.refused:
        line += " " + translate("texts", "Refused: {0}.").format(number(len(report.refused)))
    return line


def value_name(value: str) -> str:
    """A facet's value; the empty one is the item without a value."""
    return value or QCoreApplication.translate("texts", "has none")


def range_name(low: float | None, high: float | None) -> str:
    """A range of a number, as a screen reader says it."""
    translate, name = QCoreApplication.translate, lambda value: QLocale().toString(value, "g", 8)
    if low is None and high is None:
        return translate("texts", "all values")
    if low is None or high is None:
        pattern = translate("texts", "up to {0}") if low is None else translate("texts", "from {0}")
        return pattern.format(name(high if low is None else low))
    return translate("texts", "{0} to {1}").format(name(low), name(high))


def narrowing(entry: Narrowing) -> str:
    """A chip's text."""
    if entry.kind == "examples":
        positives, negatives = entry.values
        signs = [f"{sign}{count}" for sign, count in (("+", positives), ("−", negatives)) if count != "0"]
        return " ".join([QCoreApplication.translate("texts", "looks like"), *signs])
    if entry.kind == "choice":
        return f"{entry.subject}: " + ", ".join(value_name(value) for value in entry.values)
    if entry.kind == "without":
        (value,) = entry.values
        if not value:
            return QCoreApplication.translate("texts", "{0}: has a value").format(entry.subject)
        return QCoreApplication.translate("texts", "{0}: not {1}").format(entry.subject, value)
    if entry.kind == "text":
        return f"“{entry.subject}”"
    return condition_name(entry.subject)


def condition_name(text: str) -> str:
    """A condition in words where it is a simple one, else as it is written."""
    from visualsearch.catalog.predicate_syntax import parse

    asked = edits.what_is_range(text)
    if asked is not None:
        return f"{asked[0]}: {range_name(*asked[1:])}"
    try:
        return _predicate_name(parse(text)) or text
    except PredicateError:
        return text


def _predicate_name(predicate: Predicate) -> str:
    """ "" for what is not simple."""
    from visualsearch.catalog.predicate_syntax import Comparison, Has, Not, Or, Visual, Words

    translate = QCoreApplication.translate
    if isinstance(predicate, Visual):
        return translate("texts", "in “{0}”").format(predicate.name)
    if isinstance(predicate, Words):
        return f"“{predicate.text}”"
    if isinstance(predicate, Comparison) and predicate.operator in ("=", "!="):
        pattern = "{0}: {1}" if predicate.operator == "=" else translate("texts", "{0}: not {1}")
        return pattern.format(predicate.attribute, predicate.value)
    if isinstance(predicate, Has):
        return translate("texts", "{0}: has a value").format(predicate.attribute)
    if isinstance(predicate, Not):
        inner = predicate.operand
        if isinstance(inner, Has):
            return f"{inner.attribute}: {value_name('')}"
        name = _predicate_name(inner) if isinstance(inner, (Visual, Words)) else ""
        return translate("texts", "not {0}").format(name) if name else ""
    if isinstance(predicate, Or):
        same = [one for one in predicate.operands if isinstance(one, Comparison) and one.operator == "="]
        if len(same) == len(predicate.operands) and len({one.attribute for one in same}) == 1:
            values = [one.value for one in same[:_NAMED]] + ["…"] * (len(same) > _NAMED)
            return f"{same[0].attribute}: {', '.join(values)}"
    return ""


def query_name(query: Query) -> str:
    """What a query asks for, in a few words: "2 like these · Blue · Casual"."""
    visual = query.visual.counting()
    parts = _asked(len(visual.positives), len(visual.negatives), query)
    return " · ".join(parts) or QCoreApplication.translate("texts", "All photos")


def filter_name(saved: SavedFilter) -> str:
    """What a saved filter asks for: "2 like these · Blue · score from 0.34"."""
    least = QCoreApplication.translate("texts", "score from {0}").format(f"{saved.threshold:.2f}")
    return " · ".join([*_asked(len(saved.positives), len(saved.negatives), saved), least])


def _asked(like: int, unlike: int, query: Query | SavedFilter) -> list[str]:
    translate = QCoreApplication.translate
    parts = []
    for count, text in (
        (like, translate("texts", "{0} like these")),
        (unlike, translate("texts", "{0} unlike these")),
    ):
        if count:
            parts.append(text.format(number(count)))
    parts += [", ".join(value_name(value) for value in values) for _, values in query.choices]
    parts += map(condition_name, query.where)
    if query.text:
        parts.append(f"“{query.text}”")
    return parts


def job_line(title: str, progress: Progress | None, *, paused: bool, stopping: bool) -> str:
    """How a job is: "Import: embedding 12,000 of 44,441 · 78 img/s · 7 min left"."""
    translate = QCoreApplication.translate
    if stopping:
        said = translate("texts", "stopping…")
    elif paused:
        said = translate("texts", "paused")
    else:
        said = progress_line(progress) if progress is not None else translate("texts", "starting…")
    return translate("texts", "{0}: {1}").format(title, said) if title else said


def error_line(error: BaseException | None) -> str:
    """What went wrong and the next step, in sentences for a person."""
    if isinstance(error, VisualSearchError):
        return sentences(str(error), error.hint)
    if isinstance(error, OSError):
        return sentences(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return QCoreApplication.translate(
        "texts", "A mistake of the program. The report that it showed says more."
    )


def status_line(query: Query, results: Results, of: int, info: CatalogInfo | None, selected: int) -> str:
    """The status line with what cannot be searched by look yet, and how many photos are selected."""
    translate = QCoreApplication.translate
    parts = [results_line(results, of)]
    if query.visual and info is not None and info.to_embed and not info.outdated:
        parts.append(translate("texts", "not searchable by look yet: {0}").format(number(info.to_embed)))
    if selected:
        parts.append(translate("texts", "{0} selected").format(number(selected)))
    return " · ".join(parts)
