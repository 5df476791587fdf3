"""How this package starts Python processes of its own, whatever started the program itself.

Plain subprocesses and not ``multiprocessing``: its spawn imports the parent's main module again, which fails in an
embedded or piped interpreter and would load the window into the child.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import visualsearch

_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def start(
    module: str, *arguments: str, stdin: Any, stderr: Any = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """``python -m module arguments``, its standard output a pipe. Raises OSError."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=quiet_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def quiet_environment() -> dict[str, str]:
    """This process's environment, with this very package importable and the libraries' chatter turned off."""
    source = str(Path(visualsearch.__file__).parents[1])
    path = os.pathsep.join(part for part in (source, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, **_QUIET, "PYTHONPATH": path}


def leave_signals_to_parent() -> None:
    """For the child: Ctrl+C, and what asks a whole group of processes to end, are the parent's to handle, who then
    closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def private_stdout() -> IO[bytes]:
    """For the child: the pipe to the parent, while whatever a library prints goes to standard error."""
    sys.stdout.flush()
    pipe = os.fdopen(os.dup(1), "wb")  # goes on where a write was cut short, as when the process is suspended
    os.dup2(2, 1)
    return pipe
