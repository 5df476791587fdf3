"""The errors that the program knows: each a clear sentence, with the next step where there is one.

Anything else that is raised is a bug and is shown as such.
"""

from __future__ import annotations


class VisualSearchError(Exception):
    """A known error. ``str(error)`` is one sentence for a person; ``hint`` says what to do next, and ``command`` how on
    the command line, which alone shows it."""

    def __init__(self, message: str, hint: str = "", command: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.command = command

    def told(self) -> dict[str, str]:
        """Its parts, for another process, where they are the arguments of an error again."""
        return {"message": str(self), "hint": self.hint, "command": self.command}


class UsageError(VisualSearchError):
    """The person asked for something that has no meaning (exit code 2 on the command line)."""


class UnknownName(UsageError):
    """The person named an item, an attribute, a filter, … that is not in the catalog (exit code 1)."""


class PredicateError(UsageError):
    """A mistake in a predicate's text; ``position`` (characters from 0) points at it in ``text``."""

    def __init__(self, message: str, text: str, position: int, hint: str = "", command: str = "") -> None:
        super().__init__(message, hint, command)
        self.text = text
        self.position = position

    def pointed(self) -> str:
        """The text with a caret under the mistake, on two lines."""
        return f"{self.text}\n{' ' * self.position}^"


class CatalogError(VisualSearchError):
    """The catalog cannot be opened, read or written."""


class CatalogLocked(CatalogError):
    """Another process is writing to the catalog."""


class CatalogTooNew(CatalogError):
    """The catalog was written by a newer version of the program."""


class ReadOnlyCatalog(CatalogError):
    """A change was asked for, but the catalog could only be opened for reading."""


class TableError(VisualSearchError):
    """A table as a whole cannot be read (single bad rows are refusals in the import's report)."""


class ImageRefused(VisualSearchError):
    """One image cannot be used; the message is the reason that the report shows."""


class EncoderError(VisualSearchError):
    """The encoder cannot run, or its process died."""


class WeightsMissing(EncoderError):
    """An encoder's weights are not on this machine; ``hint`` says how to get them."""


class NothingPrepared(VisualSearchError):
    """There are no vectors yet that examples could be compared with."""

    def __init__(
        self,
        message: str = "There is nothing to compare with yet.",
        hint: str = "Wait until the first photos are prepared. Where no job is at it: Job, Prepare waiting photos, or "
        "import again.",
        command: str = "",
    ) -> None:
        super().__init__(message, hint, command)


class CacheDamaged(VisualSearchError):
    """A file that can be rebuilt failed its checksum; callers rebuild it."""


class Cancelled(VisualSearchError):
    """The person cancelled a job or asked a newer question."""

    def __init__(self, message: str = "Cancelled.", hint: str = "", command: str = "") -> None:
        super().__init__(message, hint, command)


class DecisionError(VisualSearchError):
    """An operation cannot be made, undone or redone."""


class VocabularyError(UsageError):
    """A value or a rule that the vocabulary of an attribute does not allow."""


def not_written(what: str, error: OSError) -> CatalogError:
    """What to tell a person whose file cannot be written."""
    return CatalogError(
        f"{what} ({error.strerror or error}).", "See that there is room, or choose another folder."
    )
