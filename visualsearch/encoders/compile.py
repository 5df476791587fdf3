"""Compiles an encoder once: TensorFlow builds the network in a process of its own and writes a LiteRT flatbuffer.

``ensure_compiled`` is for callers; ``python -m visualsearch.encoders.compile`` is the process that it starts, which
alone imports TensorFlow (seconds, half a gigabyte) and ends when the file is written.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from visualsearch import settings
from visualsearch.encoders import cache, efficientnet, inception, processes, user_model
from visualsearch.encoders.encoder import (
    CompiledEncoder,
    EncoderSpec,
    file_sha256,
    is_user_model,
    names,
    spec,
)
from visualsearch.encoders.user_model import UserModelOptions
from visualsearch.errors import EncoderError, VisualSearchError, WeightsMissing
from visualsearch.jobs import JobControl

STAGE = "Preparing the encoder"
_STEPS = ("starting TensorFlow", "reading the weights", "building the network", "compiling", "checking")
_POLL = 0.2  # seconds between two looks at the cancel button


def ensure_compiled(
    name: str,
    control: JobControl,
    *,
    weights: Path | None = None,
    options: UserModelOptions | None = None,
) -> CompiledEncoder:
    """The encoder, compiled now if it is not there yet (about ten seconds) or its file is damaged.

    ``name`` is one of ``encoder.names()`` or ``litert:FILE`` for a user's model, to which alone ``options`` belong;
    ``weights`` is a file for an encoder that has none of its own. Any thread; stops on ``control``'s cancel.
    Raises UsageError, WeightsMissing, EncoderError, Cancelled.
    """
    if is_user_model(name):
        return user_model.open_user_model(name, options or UserModelOptions())
    entry = spec(name)
    made_of = _weights_sha256(weights) if weights else None
    ready = cache.compiled(entry, made_of)
    return ready or _compile(entry, weights, control)


def known_fingerprint(name: str, weights: Path | None = None) -> str | None:
    """The fingerprint that `ensure_compiled` would give the encoder, or None where only compiling or running it would
    tell, as with a user's model."""
    if name not in names():
        return None
    entry = spec(name)
    try:
        made_of = file_sha256(weights) if weights else None
    except OSError:
        return None
    found = cache.known_fingerprint(entry, made_of)
    if found is None and name == "efficientnet-lite2":  # whose weights are the same everywhere
        return cache.known_fingerprint(entry, efficientnet.WEIGHTS_SHA256)
    return found


def _weights_sha256(weights: Path) -> str:
    try:
        return file_sha256(weights)
    except OSError as error:
        raise WeightsMissing(
            f"The weights {weights} cannot be read: {error.strerror}.",
            hint="Give the path of the file of weights.",
        ) from error


def _compile(entry: EncoderSpec, weights: Path | None, control: JobControl) -> CompiledEncoder:
    control.progress(STAGE, 0, len(_STEPS), unit="steps", message=f"{entry.title}: {_STEPS[0]}")
    folder = settings.encoders_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{entry.name}-", suffix=".new")
    except OSError as error:
        raise _no_room(folder, error) from error
    os.close(handle)
    fresh = Path(name)
    try:
        weights_sha256 = _run_compiler(entry, fresh, weights, control)
        return cache.add(entry, fresh, weights_sha256)
    except OSError as error:
        raise _no_room(folder, error) from error
    finally:
        fresh.unlink(missing_ok=True)


def _no_room(folder: Path, error: OSError) -> EncoderError:
    return EncoderError(
        f"The compiled encoder cannot be written to {folder}: {error.strerror}.",
        hint="Make room or name another folder with the environment variable VISUALSEARCH_ENCODERS.",
    )


def _run_compiler(entry: EncoderSpec, fresh: Path, weights: Path | None, control: JobControl) -> str:
    """Run the compiling process to its end; returns the SHA-256 of the weights that it used."""
    with tempfile.TemporaryFile() as noise, tempfile.TemporaryDirectory() as temporary:
        arguments = [entry.name, str(fresh), temporary, *([str(weights.absolute())] if weights else [])]
        process = processes.start(__spec__.name, *arguments, stdin=subprocess.DEVNULL, stderr=noise)
        try:
            for message in _messages(process, control):
                if "step" in message:
                    step = int(message["step"])
                    text = f"{entry.title}: {_STEPS[step]}"
                    control.progress(STAGE, step, len(_STEPS), unit="steps", message=text)
                elif "error" in message:
                    kind = WeightsMissing if message["kind"] == "WeightsMissing" else EncoderError
                    raise kind(**message["error"])
                elif "weights_sha256" in message:
                    return str(message["weights_sha256"])
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        raise EncoderError(
            f"Compiling {entry.title} ended unexpectedly ({_ending(process.returncode, noise)}).",
            hint="It needs about 2 GB of memory; close other programs and try again.",
        )


def _messages(process: subprocess.Popen[bytes], control: JobControl) -> Iterator[dict[str, Any]]:
    """The child's messages as they come, with an eye on cancel and pause in between."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    output = process.stdout
    assert output is not None

    def read() -> None:
        for line in output:
            lines.put(line)
        lines.put(b"")

    reader = threading.Thread(target=read, name="compiler-output")
    reader.start()
    try:
        while True:
            control.checkpoint()
            try:
                line = lines.get(timeout=_POLL)
            except queue.Empty:
                continue
            if not line:
                return
            yield json.loads(line)
    finally:
        process.kill()
        reader.join()


def _ending(code: int, noise: IO[bytes]) -> str:
    noise.seek(0)
    lines = [line for line in noise.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return f"exit code {code}" + (f", {lines[-1].strip()[:200]}" if lines else "")


# What follows runs in the compiling process.


def main(arguments: list[str]) -> None:
    """Compile ``NAME`` into the file ``OUT`` [from ``WEIGHTS``]; messages are lines of JSON on standard output.
    ``TEMPORARY`` is a folder for what TensorFlow would leave among everybody's temporary files."""
    pipe = processes.private_stdout()

    def tell(**message: Any) -> None:
        pipe.write(json.dumps(message).encode() + b"\n")
        pipe.flush()

    name, out, tempfile.tempdir, *weights = arguments
    try:
        sha256 = _build(spec(name), Path(out), Path(weights[0]) if weights else None, tell)
        tell(weights_sha256=sha256)
    except VisualSearchError as error:
        tell(error=error.told(), kind=type(error).__name__)
    except ImportError as error:
        told = EncoderError(
            f"The compiler, TensorFlow, cannot be loaded: {error}.",
            "Install the program anew.",
            "python -m pip install tensorflow",
        ).told()
        tell(error=told, kind="EncoderError")


def _build(entry: EncoderSpec, out: Path, weights: Path | None, tell: Any) -> str:
    tell(step=0)
    import numpy as np
    import tensorflow as tf

    tell(step=1)
    if entry.name == "efficientnet-lite2":
        arrays = efficientnet.read_weights(weights)
        sha256 = efficientnet.WEIGHTS_SHA256
        tell(step=2)
        network = efficientnet.network(arrays)
    else:
        file = weights or inception.fetch_weights()
        sha256 = file_sha256(file)
        tell(step=2)
        network = inception.network(file)
    size = entry.input_size
    holder = tf.Module()
    signature = tf.TensorSpec(
        (1, size, size, 3), tf.float32
    )  # batch 1 is fastest in LiteRT, see the decision
    traced = tf.function(network).get_concrete_function(signature)
    tell(step=3)
    flatbuffer = tf.lite.TFLiteConverter.from_concrete_functions([traced], holder).convert()
    tell(step=4)
    sample = np.random.default_rng(0).uniform(-1, 1, (1, size, size, 3)).astype(np.float32)
    if not _agrees(flatbuffer, sample, np.asarray(traced(tf.constant(sample))[0])):
        raise EncoderError(f"The compiled {entry.title} does not compute what TensorFlow computes.")
    try:
        with open(out, "wb") as stream:
            stream.write(flatbuffer)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _no_room(out.parent, error) from error
    return sha256


def _agrees(flatbuffer: bytes, sample: Any, expected: Any) -> bool:
    """Whether LiteRT and TensorFlow give the same embedding of a noise image within 1e-3 of its largest value."""
    from visualsearch.encoders.runtime import Network

    found = Network(flatbuffer)(sample)
    return found.shape == expected.shape and abs(found - expected).max() <= 1e-3 * max(
        1.0, abs(expected).max()
    )


if __name__ == "__main__":
    main(sys.argv[1:])
