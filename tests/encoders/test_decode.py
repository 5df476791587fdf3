from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visualsearch.encoders import decode
from visualsearch.encoders.decode import load_photo, prepare, read_file
from visualsearch.errors import ImageRefused

from .conftest import as_bytes, drawn, noise

SIZE = 260


def mean_color(data: bytes) -> np.ndarray:
    """Mean of the middle of what the encoder sees, float RGB."""
    return prepare(data, SIZE).pixels[110:150, 110:150].reshape(-1, 3).mean(axis=0)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_allowed_format_gives_pixels_colour_and_thumbnail(format: str) -> None:
    photo = prepare(as_bytes(drawn(), format), SIZE)
    assert (photo.width, photo.height) == (120, 160)
    assert photo.pixels.shape == (SIZE, SIZE, 3)
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_allclose(photo.pixels[130, 130], [255, 0, 0], atol=30)
    assert photo.colour.shape == (486,)
    assert photo.colour.dtype == np.float32
    small = Image.open(io.BytesIO(photo.thumbnail.jpeg))
    assert small.format == "JPEG"
    assert small.size == (photo.thumbnail.width, photo.thumbnail.height) == (120, 160)


def test_heic_is_read_where_its_package_is_installed() -> None:
    pytest.importorskip("pillow_heif")
    decode._formats()
    photo = prepare(as_bytes(drawn(), "HEIF"), SIZE)
    assert (photo.width, photo.height) == (120, 160)


def test_heic_without_its_package_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "_formats", lambda: decode._FORMATS)
    with pytest.raises(ImageRefused, match="pillow-heif"):
        prepare(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), SIZE)


@pytest.mark.parametrize("format", ["PPM", "ICO", "TGA", "PCX", "EPS", "PDF"])
def test_other_formats_are_refused(format: str) -> None:
    with pytest.raises(ImageRefused, match="not a picture that can be read"):
        prepare(as_bytes(drawn(), format), SIZE)


def test_empty_text_and_truncated_files_are_refused_with_reasons() -> None:
    with pytest.raises(ImageRefused, match="empty"):
        prepare(b"", SIZE)
    with pytest.raises(ImageRefused, match="not a picture"):
        prepare(b"<html>not found</html>", SIZE)
    for format in ("JPEG", "PNG", "WEBP", "TIFF", "GIF"):
        whole = as_bytes(noise(200, 200), format)
        with pytest.raises(ImageRefused):
            prepare(whole[: len(whole) // 2], SIZE)


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (10_001, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        bomb = (
            b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        )
        with pytest.raises(ImageRefused, match="more than 100 million pixels"):
            prepare(bomb, SIZE)


def test_cmyk_grey_palette_and_one_bit_become_rgb() -> None:
    assert mean_color(as_bytes(drawn().convert("CMYK")))[0] > 200
    np.testing.assert_allclose(mean_color(as_bytes(drawn(color="gray").convert("L"))), 128, atol=6)
    np.testing.assert_allclose(mean_color(as_bytes(drawn().convert("P"), "PNG")), [255, 0, 0], atol=6)
    np.testing.assert_allclose(mean_color(as_bytes(drawn(color="black").convert("1"), "PNG")), 0, atol=6)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_tones(format: str) -> None:
    values = np.full((100, 100), 0x8000, np.uint16)
    np.testing.assert_allclose(mean_color(as_bytes(Image.fromarray(values), format)), 128, atol=2)


def test_floating_point_grey_keeps_its_tones() -> None:
    values = np.full((100, 100), 0.5, np.float32)
    np.testing.assert_allclose(mean_color(as_bytes(Image.fromarray(values), "TIFF")), 128, atol=2)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (80, 80), (255, 0, 0, 0))
    np.testing.assert_allclose(mean_color(as_bytes(clear, "PNG")), 255, atol=2)
    half = Image.new("LA", (80, 80), (0, 128))
    np.testing.assert_allclose(mean_color(as_bytes(half, "PNG")), 127, atol=4)
    keyed = Image.new("RGB", (80, 80), (1, 2, 3))
    np.testing.assert_allclose(mean_color(as_bytes(keyed, "PNG", transparency=(1, 2, 3))), 255, atol=2)
    palette = clear.convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    assert mean_color(as_bytes(palette, "GIF")).min() > 250


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(format: str) -> None:
    frames = [Image.new("RGB", (60, 60), color) for color in ("blue", "red", "lime")]
    data = as_bytes(frames[0], format, save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(mean_color(data), [0, 0, 255], atol=8)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_the_photo_upright(format: str, orientation: int) -> None:
    upright = Image.new("RGB", (90, 60), "white")
    upright.paste("red", (0, 0, 45, 30))
    back = {turn: turn for turn in decode._TRANSPOSE}
    back.update({6: 8, 8: 6})  # the turns that undo each other
    stored = upright if orientation == 1 else upright.transpose(decode._TRANSPOSE[back[orientation]])
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = prepare(as_bytes(stored, format, exif=exif), SIZE)
    assert (photo.width, photo.height) == (90, 60)
    small = np.asarray(Image.open(io.BytesIO(photo.thumbnail.jpeg)))
    assert small.shape == (60, 90, 3)
    np.testing.assert_allclose(small[15, 20], [255, 0, 0], atol=30)
    for row, column in ((15, 70), (45, 20), (45, 70)):
        assert small[row, column].min() > 225


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_does_no_harm() -> None:
    data = as_bytes(drawn(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert prepare(data, SIZE).width == 120


def test_a_multi_picture_jpeg_gives_its_first_picture() -> None:
    data = as_bytes(Image.new("RGB", (64, 64), "blue"), "MPO", save_all=True, append_images=[drawn()])
    np.testing.assert_allclose(mean_color(data), [0, 0, 255], atol=8)


def test_a_large_jpeg_is_decoded_at_a_smaller_scale_but_reports_its_size() -> None:
    photo = prepare(as_bytes(drawn(2400, 1600)), SIZE)
    assert (photo.width, photo.height) == (2400, 1600)
    assert max(photo.thumbnail.width, photo.thumbnail.height) == 256
    np.testing.assert_allclose(photo.pixels[130, 130], [255, 0, 0], atol=12)


def test_up_to_an_eighth_of_the_longer_side_is_cut_and_the_rest_padded() -> None:
    square = prepare(as_bytes(Image.new("RGB", (100, 110), "blue")), SIZE).pixels
    assert square[0, 0, 0] < 40, "a nearly square photo fills the square"
    long = prepare(as_bytes(Image.new("RGB", (400, 100), "blue")), SIZE).pixels
    rows = np.flatnonzero((long[:, 130] < 128).any(axis=1))
    assert len(rows) == pytest.approx(SIZE * 100 / 350, abs=2)
    assert (long[:60] == 255).all()


@given(width=st.integers(1, 700), height=st.integers(1, 700), size=st.sampled_from([32, 224, 260]))
@settings(max_examples=40, deadline=None)
def test_any_shape_of_photo_fits(width: int, height: int, size: int) -> None:
    photo = prepare(as_bytes(Image.new("RGB", (width, height), "navy"), "PNG"), size)
    assert photo.pixels.shape == (size, size, 3)
    assert (photo.width, photo.height) == (width, height)
    assert max(photo.thumbnail.width, photo.thumbnail.height) == min(256, max(width, height))
    assert photo.colour.sum() == pytest.approx(1, abs=1e-4)
    assert photo.thumbnail.color & 0xFF == pytest.approx(128, abs=1)


@given(
    data=st.binary(max_size=200),
    at=st.integers(0, 600),
    format=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]),
)
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_damage_of_any_kind_gives_pixels_or_a_refusal(data: bytes, at: int, format: str) -> None:
    whole = as_bytes(drawn(40, 40), format)
    with contextlib.suppress(ImageRefused):  # and nothing else
        assert prepare(whole[:at] + data + whole[at + len(data) :], SIZE).pixels.shape == (SIZE, SIZE, 3)


def test_load_photo_gives_upright_rgb_bytes(photo: Callable[..., Path]) -> None:
    path = photo("large.jpg", as_bytes(drawn(1600, 1200)))
    width, height, data = load_photo(path, 800)
    assert (width, height, len(data)) == (800, 600, 800 * 600 * 3)
    assert load_photo(path, 5000)[:2] == (1600, 1200)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ImageRefused, match="folder, pipe or device"):
        read_file(tmp_path)
    with pytest.raises(ImageRefused, match="not there"):
        read_file(tmp_path / "missing.jpg")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        with pytest.raises(ImageRefused, match="folder, pipe or device"):
            read_file(tmp_path / "pipe.jpg")
        with pytest.raises(ImageRefused, match="folder, pipe or device"):
            read_file(Path("/dev/zero"))
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    with pytest.raises(ImageRefused, match="cannot be read"):
        read_file(loop)


def test_a_file_of_improbable_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "giant.tif"
    with open(path, "wb") as stream:
        stream.truncate(decode.MAX_BYTES + 1)
    with pytest.raises(ImageRefused, match="larger than 256 MB"):
        read_file(path)
