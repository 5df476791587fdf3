"""What a certificate says, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.attributes.certificate import Certificate
    from visualsearch.attributes.fixing import Fix

    Certified = Certificate | Fix


def _tr(text: str) -> str:
    return QCoreApplication.translate("certifying", text)


def percent(share: float) -> str:
    """Rounded down, so that nothing is promised that was not reached: "95.3 %"."""
    shown = int(share * 1000) / 10
    return f"{shown:.0f} %" if shown == round(shown) else f"{shown:.1f} %"


def moment(at: str) -> str:
    """A moment of the log, ISO 8601 in UTC, in this place's time."""
    found = QDateTime.fromString(at, Qt.DateFormat.ISODateWithMs)
    if not found.isValid():
        found = QDateTime.fromString(at, Qt.DateFormat.ISODate)
    return QLocale().toString(found.toLocalTime(), QLocale.FormatType.ShortFormat)


def state_name(certificate: Certified) -> str:
    """One or two words for a list."""
    if certificate.accepted is not None:
        return _tr("accepted")
    if is_fix(certificate):
        return _tr("all looked at")
    return {"open": _tr("being judged"), "certified": _tr("passed, not used"), "failed": _tr("not passed")}[
        certificate.standing.state
    ]


def is_fix(certificate: Certified) -> bool:
    """Whether it is of a group that was mended together: then it goes on no more."""
    from visualsearch.attributes.fixing import Fix

    return isinstance(certificate, Fix)


def told(certificate: Certified) -> list[str]:
    """All about it, sentence by sentence."""
    if is_fix(certificate) and certificate.accepted is None:
        right = sum(answer == "right" for answer in certificate.answers)
        line = _tr("{0} were looked at one by one, and {1} of them changed. Nothing was changed unseen.")
        return [line.format(texts.number(len(certificate.answers)), texts.number(right))]
    return [
        result_line(certificate) or progress_line(certificate),
        written_line(certificate),
    ]


def progress_line(certificate: Certified) -> str:
    """ "12 judged, 1 not right; 47 more to go. So far at least 78.1 % are right." """
    from visualsearch.attributes.certificate import bounds

    standing = certificate.standing
    line = _tr("{0} judged, {1} of them not right; {2} more to the next check.").format(
        texts.number(standing.judged), texts.number(standing.wrong), texts.number(standing.until)
    )
    if standing.judged:
        low = bounds(standing.wrong, standing.judged, len(certificate.candidates))[0]
        line += " " + _tr("These answers alone show that at least {0} are right.").format(percent(low))
    return line


def result_line(certificate: Certified) -> str:
    """How it ended, in a sentence or two; "" while it goes on."""
    standing, wanted = certificate.standing, percent(certificate.wanted)
    total = texts.number(len(certificate.candidates))
    judged, wrong = texts.number(standing.judged), texts.number(standing.wrong)
    if standing.state == "certified":
        return _tr(
            "At least {0} of these {1} are right (95 % confidence): of {2} picked at random, {3} were not right. "
            "You wanted {4}."
        ).format(percent(standing.bound), total, judged, wrong, wanted)
    if standing.state == "failed":
        return _tr("{0} of {1} picked at random were not right: too many for {2}.").format(
            wrong, judged, wanted
        )
    return ""


def written_line(certificate: Certified) -> str:
    """What accepting wrote; "" where it did not happen."""
    if certificate.accepted is None:
        return ""
    count = int(certificate.accepted.get("written", 0))
    if not count:
        return _tr("All were judged: none got the value unseen.")
    return texts.counted(
        count,
        _tr("One more got the value without being looked at. One undo takes it back."),
        _tr("{0} more got the value without being looked at. One undo takes them back."),
    )
