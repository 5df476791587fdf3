"""Where values came from, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt

from visualsearch.ui.panels.attribute_rows import Origin

if TYPE_CHECKING:
    from visualsearch.catalog.operations import Operation


def _verb(kind: str) -> str:
    """How a value came by an operation of a kind; {0} is who, {1} when."""
    translate = QCoreApplication.translate
    verbs = {
        "clear": translate("origins", "cleared by {0}, {1}"),
        "remove": translate("origins", "removed by {0}, {1}"),
        "tag": translate("origins", "tagged by {0}, {1}"),
        "accept-rest": translate("origins", "accepted with a certificate by {0}, {1}"),
        "auto-tag": translate("origins", "tagged automatically, with a certificate, by {0}, {1}"),
        "audit": translate("origins", "corrected by {0}, {1}"),
        "merge": translate("origins", "merged by {0}, {1}"),
        "rename": translate("origins", "renamed by {0}, {1}"),
        "import-decisions": translate("origins", "from the work of {0}, {1}"),
    }
    return verbs.get(kind, translate("origins", "set by {0}, {1}"))


def local_time(at: str) -> QDateTime:
    """A moment of the log, ISO 8601 in UTC, in this place's time."""
    moment = QDateTime.fromString(at, Qt.DateFormat.ISODateWithMs)
    if not moment.isValid():
        moment = QDateTime.fromString(at, Qt.DateFormat.ISODate)
    return moment.toLocalTime()


def day(date: QDate) -> str:
    """A day as short as it is clear: "3 Nov", with the year where it is another one."""
    pattern = "d MMM" if date.year() == QDate.currentDate().year() else "d MMM yyyy"
    return QLocale().toString(date, pattern)


def moment_name(at: str) -> str:
    """A moment of the log: "3 Nov 14:05"."""
    moment = local_time(at)
    return f"{day(moment.date())} {moment.toString('HH:mm')}"


def origin(operation: Operation | None) -> Origin:
    """Where a value came from: an operation, or the import."""
    translate = QCoreApplication.translate
    if operation is None:
        return Origin("", translate("origins", "From the import"))
    text = _verb(operation.kind).format(operation.actor, day(local_time(operation.at).date()))
    lines = [operation.label, f"{operation.actor}, {moment_name(operation.at)}"]
    lines += [f"{name}: {content}" for name, content in reasons(operation).items()]
    return Origin(text, "\n".join(lines))


def reasons(operation: Operation) -> dict[str, str]:
    """Why an operation was done, as far as the log says it: names for people, contents in a line."""
    translate = QCoreApplication.translate
    names = {
        "target": translate("origins", "Attribute"),
        "attribute": translate("origins", "Attribute"),
        "certificate": translate("origins", "Certificate"),
        "filter": translate("origins", "Filter"),
        "mode": translate("origins", "Order of the page"),
        "ranking": translate("origins", "Found by"),
        "given": translate("origins", "Value before"),
        "verdict": translate("origins", "Verdict"),
        "score": translate("origins", "Score"),
        "precision": translate("origins", "Precision wanted"),
        "bound": translate("origins", "Precision at least"),
        "search": translate("origins", "Search"),
    }
    why = operation.why or {}
    return {
        names[name]: f"{content:.3g}" if isinstance(content, float) else str(content)
        for name, content in why.items()
        if name in names and not isinstance(content, (dict, list))
    }
