"""Keeps the byte code of what PySide6 would otherwise compile at every start.

PySide6 carries its package ``shibokensupport`` as source text inside a library and compiles all of it, 129 KB, whenever
it is imported. What Python does for every other module is done for these here: their byte code lies in ``__pycache__``
and counts as long as it was made of this very source by this very Python (the hash-based files of PEP 552).
"""

from __future__ import annotations

import builtins
import marshal
import os
import sys
from contextlib import contextmanager, suppress
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "shibokensupport/"
_HASH_BASED = b"\x03\x00\x00\x00"  # PEP 552: checked by the hash of the source
_compile = builtins.compile  # what was there before is what does the work


@contextmanager
def kept() -> Iterator[None]:
    """While this lasts, sources of PySide6's own package are compiled once and for all. Main thread, at the start."""
    builtins.compile = _compile_once  # type: ignore[assignment]
    try:
        yield
    finally:
        builtins.compile = _compile


def _compile_once(source: Any, filename: Any, mode: str, *args: Any, **options: Any) -> Any:
    """``compile``, which looks for byte code first and leaves it behind."""
    if not (isinstance(source, bytes) and str(filename).startswith(_PACKAGE)) or args or options:
        return _compile(source, filename, mode, *args, **options)
    header = MAGIC_NUMBER + _HASH_BASED + source_hash(source)
    here = os.path.dirname(__file__)
    file = cache_from_source(os.path.join(here, str(filename).replace("/", ".")))
    code = _read(file, header)
    if code is None:
        code = _compile(source, filename, mode)
        if not sys.dont_write_bytecode:
            _write(file, header + marshal.dumps(code))
    return code


def _read(file: str, header: bytes) -> CodeType | None:
    """The byte code in a file, or None if there is none or it belongs to something else."""
    with suppress(OSError, ValueError, EOFError, TypeError), open(file, "rb") as stream:
        data = stream.read()
        if data.startswith(header):
            code = marshal.loads(data[len(header) :])
            return code if isinstance(code, CodeType) else None
    return None


def _write(file: str, data: bytes) -> None:
    """Beside and renamed, since several programs may start at once. A folder that is not ours to write is no matter."""
    beside = f"{file}.{os.getpid()}"
    with suppress(OSError):
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(beside, "wb") as stream:
            stream.write(data)
        os.replace(beside, file)
