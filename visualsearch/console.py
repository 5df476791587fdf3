"""What the command line shows: progress on standard error, results on standard output, errors as sentences."""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from visualsearch.errors import PredicateError, VisualSearchError
from visualsearch.jobs import JobControl, Progress
from visualsearch.words import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SURROGATES = re.compile("[\ud800-\udfff]")
_ENDING = (signal.SIGINT, signal.SIGTERM)  # what asks a process to end
_FIRST_SECONDS = 2.0  # of work that needs no word
_QUIET_SECONDS = 10.0  # between two lines of progress where there is no terminal


def write_all_signs() -> None:
    """Have standard output escape the signs that it cannot write, such as those of other alphabets in a file on
    Windows, rather than fail. JSON has escapes of its own. Where there is none, as with `>&-`, it goes nowhere."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper) and not _is_unicode(sys.stdout):
        sys.stdout.reconfigure(errors="backslashreplace")


def _is_unicode(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "utf-8").name.startswith("utf")


def print_json(data: object) -> None:
    """One JSON document on standard output."""
    text = to_json(data)
    sys.stdout.write(text if _is_unicode(sys.stdout) else json.dumps(data, indent=1) + "\n")


def print_file(text: str) -> None:
    """What is meant for a file, in UTF-8 whatever the terminal writes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)


def to_json(data: object) -> str:
    """A JSON document that UTF-8 can hold. Bytes of file names that are not Unicode stay as lone surrogates, in
    JSON's escapes (\\udcff), so that a reader can still find the file."""
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str) -> None:
    """One line: data in it (file names, ids, values) cannot control the terminal."""
    print(printable(text))


def warn(text: str) -> None:
    """One line on standard error."""
    print(printable(text), file=sys.stderr, flush=True)


def flush() -> None:
    """Write what is in the buffer of standard output: what goes wrong at the very end cannot be told any more."""
    sys.stdout.flush()


def print_error(error: VisualSearchError, as_json: bool = False) -> None:
    """What is wrong, where (for a condition: with a caret under the mistake), and what to do."""
    if as_json:
        print_json({"error": str(error), "hint": " ".join(filter(None, (error.hint, error.command)))})
    warn(f"Error: {error}")
    if isinstance(error, PredicateError):
        for line in error.pointed().splitlines():
            warn(line)
    for line in filter(None, (error.hint, error.command)):
        warn(line)


@contextmanager
def running_job() -> Iterator[JobControl]:
    """A job's control that shows progress on standard error. Ctrl+C cancels it, and so does a request to end the
    process: what it has begun is then put away."""
    with _shown() as report:
        control = JobControl(report)
        before = {number: signal.signal(number, lambda *_: control.cancel()) for number in _ENDING}
        try:
            yield control
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    if not sys.stderr.isatty():
        yield _Lines()
        return
    # rich is imported where there is something to draw: it would cost the start of the window a tenth of a second.
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(compact=True),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars)


class _Bar:
    """A bar for each stage of a job."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._stage = ""
        self._task: TaskID | None = None

    def __call__(self, progress: Progress) -> None:
        if self._task is None or progress.stage != self._stage:
            if self._task is not None:
                self._bars.update(self._task, visible=False)
            self._stage = progress.stage
            self._task = self._bars.add_task(progress.stage, total=None, count="")
        self._bars.update(
            self._task,
            completed=progress.done,
            total=progress.total or None,
            count=describe(progress, stage=False),
        )


class _Lines:
    """A line for each stage, and one every few seconds, for logs; nothing for what takes a moment."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = time.monotonic()
        self._at = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._started < _FIRST_SECONDS:
            return
        if progress.stage != self._stage or now - self._at > _QUIET_SECONDS:
            self._stage, self._at = progress.stage, now
            warn(describe(progress))


def describe(progress: Progress, stage: bool = True) -> str:
    """A progress as words: "Encoding photos: 1,200 of 2,000 photos · 78/s · 10 s left · message"."""
    parts = []
    if progress.total:
        parts.append(f"{progress.done:,} of {progress.total:,} {progress.unit}")
    elif progress.done:
        parts.append(f"{progress.done:,} {progress.unit}")
    if progress.rate:
        parts.append(f"{progress.rate:,.0f}/s")
    if progress.seconds_left is not None and progress.done < progress.total:
        parts.append(f"{duration(progress.seconds_left)} left")
    if progress.message:
        parts.append(progress.message)
    text = " · ".join(parts)
    if not stage:
        return text
    return f"{progress.stage}: {text}" if text else progress.stage


def duration(seconds: float) -> str:
    """Seconds as people say them: "40 s", "7 min", "2 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
