"""A user's own LiteRT model as an encoder. A process of its own looks into the file first, since a runtime in
native code may crash on a file made to harm it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from visualsearch.encoders import processes
from visualsearch.encoders.encoder import CompiledEncoder, file_sha256, fingerprint, user_model_path
from visualsearch.errors import EncoderError

_SECONDS = 120  # reading a model takes one or two
_DEFAULT_SCALE, _DEFAULT_OFFSET = 1 / 127.5, -1.0


@dataclass(frozen=True)
class UserModelOptions:
    """What the file itself does not tell; None: from ``model.json`` beside ``model.tflite``, otherwise the default.

    Pixels of 0..255 become ``pixel * scale + offset`` (default −1..1); ``input_size`` in pixels is needed only when
    the model leaves it open.
    """

    input_size: int | None = None
    scale: float | None = None
    offset: float | None = None


def open_user_model(name: str, options: UserModelOptions) -> CompiledEncoder:
    """The encoder ``litert:FILE``. Raises EncoderError, with the reason, for a file that cannot be one."""
    file = user_model_path(name)
    try:
        sha256 = file_sha256(file)
    except OSError as error:
        raise EncoderError(
            f"The model {file} cannot be read: {error.strerror}.",
            hint="Write litert: and the path of a .tflite file.",
        ) from error
    options = _with_sidecar(file, options)
    scale = _DEFAULT_SCALE if options.scale is None else options.scale
    offset = _DEFAULT_OFFSET if options.offset is None else options.offset
    size, dimension = _look_into(file, options.input_size)
    mark = fingerprint(sha256, size, dimension, scale, offset, version=1)
    return CompiledEncoder(name, file, size, dimension, scale, offset, mark)


def _with_sidecar(file: Path, options: UserModelOptions) -> UserModelOptions:
    sidecar = file.with_suffix(".json")
    try:
        stored: Any = json.loads(sidecar.read_text("utf-8"))
    except FileNotFoundError:
        return options
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{sidecar} cannot be read as JSON: {error}.", hint="Mend or remove it."
        ) from error
    known = asdict(options)
    for key, given in known.items():
        value = stored.get(key) if isinstance(stored, dict) else None
        if given is not None or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int if key == "input_size" else int | float):
            raise EncoderError(
                f"{sidecar}: “{key}” must be a number.", hint='Such as {"scale": 0.0078, "offset": -1}.'
            )
        known[key] = value
    return replace(options, **known)


def _look_into(file: Path, input_size: int | None) -> tuple[int, int]:
    """Input size and dimension, found by a process of its own."""
    process = processes.start(__spec__.name, str(file), str(input_size or ""), stdin=subprocess.DEVNULL)
    try:
        output, _ = process.communicate(timeout=_SECONDS)
        answer: dict[str, Any] = json.loads(output)
    except (ValueError, subprocess.TimeoutExpired):
        answer = {"error": EncoderError("the runtime crashes or hangs on it").told()}
    finally:
        process.kill()
        process.communicate()
    if "error" in answer:
        told = answer["error"]
        raise EncoderError(**{**told, "message": f"{file} cannot be used as an encoder. {told['message']}"})
    return int(answer["input_size"]), int(answer["dimension"])


def main(arguments: list[str]) -> None:
    """Print, as JSON, what the model ``FILE`` [of input size ``SIZE``] is, after running it once."""
    import numpy as np

    from visualsearch.encoders.runtime import Network

    pipe = processes.private_stdout()
    try:
        network = Network(Path(arguments[0]), int(arguments[1]) if arguments[1] else None)
        size = network.input_size
        network(np.zeros((1, size, size, 3), np.float32))
        answer: dict[str, Any] = {"input_size": size, "dimension": network.dimension}
    except EncoderError as error:
        answer = {"error": error.told()}
    pipe.write(json.dumps(answer).encode())
    pipe.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
