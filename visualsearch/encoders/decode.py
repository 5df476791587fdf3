"""Untrusted photos to pixels, with Pillow alone. One decode serves the encoder, the thumbnail and the colour block.

Everything here raises ImageRefused, with a reason for a person, for what cannot be used, and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import PIL
from PIL import Image, UnidentifiedImageError

from visualsearch.encoders import color
from visualsearch.encoders.jpeg_guard import check_jpeg
from visualsearch.errors import ImageRefused
from visualsearch.thumbnail import LONGEST_SIDE, Thumbnail

MAX_PIXELS = 100_000_000
MAX_BYTES = 256 * 1024 * 1024
THUMBNAIL_QUALITY = 85

# MPO, several JPEGs in one file, is opened as JPEG and then known by its own name.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_KEPT = 7 / 8  # of the longer side, see _fit
_WHITE = (255, 255, 255)
_ORIENTATION_TAG = 0x0112
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_JPEG_IS_GUARDED = int(PIL.__version__.split(".")[0]) < 13  # see jpeg_guard

_Made = TypeVar("_Made")

Frame = tuple[float, float, float, float]
"""Left, top, width, height in shares of the upright photo; reaches beyond 0..1 where the encoder sees padding."""

# Ours is the limit that counts (an error, not a warning); Pillow's own stays as a second line.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class Photo:
    """What one decode gives. ``pixels`` is uint8 (size, size, 3) for the encoder, ``colour`` float32 (486,);
    ``width`` and ``height`` are the photo's own, upright."""

    width: int
    height: int
    pixels: np.ndarray
    colour: np.ndarray
    thumbnail: Thumbnail


def read_file(path: Path) -> bytes:
    """A regular file's bytes. Devices, pipes, folders and giants are refused without waiting for them."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    )
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # before opening, which alone can set off a device
            raise ImageRefused("It is not a file but a folder, pipe or device.")
        with open(os.open(path, flags), "rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ImageRefused("It is not a file but a folder, pipe or device.")
            if found.st_size > MAX_BYTES:
                raise ImageRefused(f"The file is larger than {MAX_BYTES >> 20} MB.")
            data = stream.read(found.st_size + 1)  # a buffer for the largest would cost more than the reading
            if len(data) > found.st_size:  # it has grown meanwhile
                data += stream.read(MAX_BYTES + 1 - len(data))
    except FileNotFoundError:
        raise ImageRefused("The file is not there.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageRefused(f"The file cannot be read: {reason}.") from error
    if len(data) > MAX_BYTES:
        raise ImageRefused(f"The file is larger than {MAX_BYTES >> 20} MB.")
    return data


def digest_of(data: bytes) -> bytes:
    """BLAKE2b-128 of a file's bytes: 16 bytes that name the image."""
    return hashlib.blake2b(data, digest_size=16).digest()


def prepare(data: bytes, input_size: int) -> Photo:
    """Decode once; everything that the program keeps of a photo. Any thread. Raises ImageRefused."""
    (photo,) = prepare_all([data], input_size)
    if isinstance(photo, ImageRefused):
        raise photo
    return photo


def prepare_all(group: Sequence[bytes], input_size: int) -> list[Photo | ImageRefused]:
    """The same of several photos, in their order; a refusal in place of one that cannot be used.

    One step is taken with all of them before the next: its code stays in a core's caches, which saves a tenth of the
    time. What is kept of a photo between the two is small.
    """
    scaled = [_or_refusal(_scaled, data, input_size) for data in group]
    return [photo if isinstance(photo, ImageRefused) else _or_refusal(_finished, photo) for photo in scaled]


def _or_refusal(step: Callable[..., _Made], *arguments: Any) -> _Made | ImageRefused:
    try:
        return step(*arguments)
    except ImageRefused as refusal:
        return refusal
    except (OSError, ValueError, MemoryError) as error:
        return ImageRefused(f"The picture cannot be scaled: {_reason(error)}.")


class _Scaled(NamedTuple):
    """A photo's own size, upright; the encoder's pixels, see `Photo`; and the photo as small as its thumbnail."""

    width: int
    height: int
    pixels: np.ndarray
    small: Image.Image


def _scaled(data: bytes, input_size: int) -> _Scaled:
    upright, (width, height) = _decode(data, max(input_size, LONGEST_SIDE))
    return _Scaled(width, height, _fit(upright, input_size), _shrink(upright, LONGEST_SIDE))


def _finished(photo: _Scaled) -> Photo:
    tiny = _tiny(photo.small)
    colours = tiny.reshape(-1, 3)  # the mean of few columns as a product: exact, and some times as fast
    red, green, blue = (int(mean + 0.5) for mean in np.ones(len(colours)) @ colours / len(colours))
    stream = io.BytesIO()
    photo.small.save(stream, "JPEG", quality=THUMBNAIL_QUALITY)
    size = (photo.small.width, photo.small.height)
    thumbnail = Thumbnail(stream.getvalue(), *size, red << 16 | green << 8 | blue)
    return Photo(photo.width, photo.height, photo.pixels, color.colour_histogram(tiny), thumbnail)


def looked_at(data: bytes, input_size: int) -> tuple[np.ndarray, np.ndarray, Frame]:
    """What the encoder and the colour block see of a photo: ``prepare``'s pixels uint8 (size, size, 3), those of the
    colour block uint8 (height, width, 3), and where in the photo the former are. Any thread. Raises ImageRefused."""
    upright, _ = _decode(data, max(input_size, LONGEST_SIDE))
    try:
        pixels = _fit(upright, input_size)
        tiny = _tiny(_shrink(upright, LONGEST_SIDE))
    except (OSError, ValueError, MemoryError) as error:
        raise ImageRefused(f"The picture cannot be scaled: {_reason(error)}.") from error
    kept = _kept_side(upright)
    across, down = kept / upright.width, kept / upright.height
    return pixels, tiny, (0.5 - across / 2, 0.5 - down / 2, across, down)


def load_photo(path: Path, max_side: int) -> tuple[int, int, bytes]:
    """Width, height and RGB bytes (height · width · 3) of the upright photo, longest side at most ``max_side``.

    Any thread; releases the interpreter lock while it decodes. Raises ImageRefused.
    """
    upright, _ = _decode(read_file(path), max_side)
    try:
        small = _shrink(upright, max_side)
        return small.width, small.height, small.tobytes()
    except (OSError, ValueError, MemoryError) as error:
        raise ImageRefused(f"The picture cannot be scaled: {_reason(error)}.") from error


def _decode(data: bytes, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """Upright RGB whose longest side is still ≥ ``side`` where the photo's is, and the photo's full size."""
    if not data:
        raise ImageRefused("The file is empty.")
    try:
        image = Image.open(io.BytesIO(data), formats=_formats())
        full = _checked_size(image)
        if image.format in ("JPEG", "MPO"):
            _prepare_jpeg(image, data, side)
            image.load()
        else:
            image.load()
            full = image.size  # TIFF turns itself upright while it loads
        orientation = _orientation(image)
        rgb = _to_rgb(image)
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except UnidentifiedImageError:
        raise ImageRefused(_unknown(data)) from None
    except MemoryError:
        raise ImageRefused("There is not enough memory to decode the picture.") from None
    except Exception as error:  # damaged data make decoders raise nearly anything: struct, index, zlib errors
        raise ImageRefused(f"The picture is damaged: {_reason(error)}.") from error
    if orientation in _TRANSPOSE:
        rgb = rgb.transpose(_TRANSPOSE[orientation])
    return rgb, ((full[1], full[0]) if orientation >= 5 else full)


@functools.lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """The formats that are opened at all; HEIF where the optional package for it is installed."""
    try:
        import pillow_heif
    except ImportError:
        return _FORMATS
    pillow_heif.register_heif_opener()
    return (*_FORMATS, "HEIF")


def _checked_size(image: Image.Image) -> tuple[int, int]:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large()
    return image.size


def _too_large() -> ImageRefused:
    return ImageRefused(f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.")


def _prepare_jpeg(image: Image.Image, data: bytes, side: int) -> None:
    """Guard where Pillow needs it, then let libjpeg decode at the smallest scale (1/1 to 1/8) that is enough."""
    if _JPEG_IS_GUARDED:
        check_jpeg(data, image.width, image.height, len(image.getbands()))
    longest = max(image.size)
    image.draft(None, (max(1, image.width * side // longest), max(1, image.height * side // longest)))


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8; 1 where there is none or the block cannot be read."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except (
        Exception
    ):  # damaged EXIF raises struct, syntax, index and other errors, and is no reason to refuse
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: deep greys scaled to 8 bit, transparency laid on white."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image).convert("RGB")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, _WHITE)
        flat.paste(rgba, mask=rgba.getchannel("A"))
        return flat
    return image if image.mode == "RGB" else image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating point grey to 8 bit; the range is taken from the type, or else from the values."""
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
    top = float(values.max(initial=0))
    if image.mode == "F":
        full = 1.0 if top <= 1 else max(255.0, top)
    else:
        full = 65535.0 if top <= 65535 else top
    return Image.fromarray(np.clip(values * (255 / full) + 0.5, 0, 255).astype(np.uint8))


def _fit(image: Image.Image, size: int) -> np.ndarray:
    """The photo's middle in a square, uint8 (size, size, 3), proportions kept.

    Up to an eighth of the longer side is cut where that brings the photo nearer to a square, and the rest is padded
    with white: measured better than stretching, than padding alone and than cutting to a square (see the decision).
    """
    kept = _kept_side(image)
    cut_across, cut_down = (max(0.0, (length - kept) / 2) for length in image.size)
    box = (cut_across, cut_down, image.width - cut_across, image.height - cut_down)
    across, down = (max(1, round(min(length, kept) * size / kept)) for length in image.size)
    scaled = np.asarray(image.resize((across, down), Image.Resampling.BILINEAR, box, reducing_gap=1.0))
    if (across, down) == (size, size):
        return scaled
    square = np.full((size, size, 3), _WHITE[0], np.uint8)
    left, top = (size - across) // 2, (size - down) // 2
    square[top : top + down, left : left + across] = scaled
    return square


def _kept_side(image: Image.Image) -> float:
    """How many of the photo's pixels a side of the encoder's square holds."""
    return max(min(image.size), max(image.size) * _KEPT)


def _tiny(small: Image.Image) -> np.ndarray:
    """What the colour block sees of a thumbnail."""
    return np.asarray(small.reduce(math.ceil(max(small.size) / color.MAX_SIDE)))


def _shrink(image: Image.Image, side: int) -> Image.Image:
    """A copy whose longest side is at most ``side``; never enlarged."""
    longest = max(image.size)
    if longest <= side:
        return image
    within = (max(1, round(image.width * side / longest)), max(1, round(image.height * side / longest)))
    return image.resize(within, Image.Resampling.HAMMING, reducing_gap=1.0)


def _unknown(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIC photos need the extra package pillow-heif."
    return f"It is not a picture that can be read ({', '.join(_FORMATS)})."


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:160]
