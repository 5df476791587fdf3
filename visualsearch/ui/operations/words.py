"""Kinds of operations and days, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QLocale


def kind_name(kind: str) -> str:
    """What people call a kind of operation."""
    translate = QCoreApplication.translate
    names = {
        "set": translate("operations", "Values set"),
        "add": translate("operations", "Values added"),
        "remove": translate("operations", "Values removed"),
        "clear": translate("operations", "Values cleared"),
        "tag": translate("operations", "Pages of tagging"),
        "reject": translate("operations", "Suggestions rejected"),
        "accept-rest": translate("operations", "Accepted with a certificate"),
        "auto-tag": translate("operations", "Automatic tagging"),
        "audit": translate("operations", "Verdicts of an audit"),
        "filter": translate("operations", "Saved filters"),
        "vocabulary": translate("operations", "Vocabulary"),
        "rename": translate("operations", "Values renamed"),
        "merge": translate("operations", "Values merged"),
        "estimate": translate("operations", "Estimates"),
        "duplicate": translate("operations", "Duplicates"),
        "sample": translate("operations", "Samples judged"),
        "certify": translate("operations", "Certificates begun"),
        "import-decisions": translate("operations", "Decisions taken over"),
    }
    return names.get(kind, kind[:1].upper() + kind[1:].replace("-", " "))


def day_name(date: QDate) -> str:
    """ "Today", "Yesterday", else the day as the locale writes it."""
    ago = date.daysTo(QDate.currentDate())
    if ago == 0:
        return QCoreApplication.translate("operations", "Today")
    if ago == 1:
        return QCoreApplication.translate("operations", "Yesterday")
    return QLocale().toString(date, QLocale.FormatType.LongFormat)
