from __future__ import annotations

import struct

import pytest
from PIL import Image

from visualsearch.encoders import decode
from visualsearch.encoders.jpeg_guard import check_jpeg
from visualsearch.errors import ImageRefused

from .conftest import as_bytes, noise

GOOD = as_bytes(noise(48, 32))


def frame_at(data: bytes, marker: int = 0xC0) -> int:
    return data.index(bytes((0xFF, marker)))


def frame(data: bytes, marker: int = 0xC0) -> bytes:
    at = frame_at(data, marker)
    return data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]


@pytest.mark.parametrize(
    ("data", "components"),
    [
        (GOOD, 3),
        (as_bytes(noise(48, 32), progressive=True), 3),
        (as_bytes(noise(48, 32), optimize=True, subsampling=0), 3),
        (as_bytes(noise(48, 32).convert("L")), 1),
        (as_bytes(noise(48, 32).convert("CMYK")), 4),
        (
            as_bytes(
                noise(48, 32), exif=b"Exif\0\0" + bytes(300), comment=b"hello", icc_profile=bytes(70_000)
            ),
            3,
        ),
        (GOOD[:2] + b"\xff\xff\xff" + GOOD[2:], 3),  # fill bytes before a marker are legal
        (GOOD + b"trailing bytes", 3),
    ],
)
def test_good_files_pass(data: bytes, components: int) -> None:
    check_jpeg(data, 48, 32, components)


def test_a_second_frame_header_is_refused() -> None:
    at = frame_at(GOOD)
    larger = bytearray(frame(GOOD))
    larger[5:9] = struct.pack(">HH", 3200, 4800)
    for crafted in (GOOD[:at] + frame(GOOD) + GOOD[at:], GOOD[:at] + bytes(larger) + GOOD[at:]):
        with pytest.raises(ImageRefused, match="twice"):
            check_jpeg(crafted, 48, 32, 3)


def test_a_size_or_components_other_than_pillow_saw_are_refused() -> None:
    for seen in ((49, 32, 3), (48, 31, 3), (48, 32, 1), (48, 32, 4)):
        with pytest.raises(ImageRefused, match="contradict"):
            check_jpeg(GOOD, *seen)


def test_junk_between_markers_is_refused() -> None:
    at = frame_at(GOOD)
    for junk in (b"\0", b"junk", b"\xff\x00", b"\xff\xd8", b"\xff\xd0", b"\xff\x01"):
        with pytest.raises(ImageRefused):
            check_jpeg(GOOD[:at] + junk + GOOD[at:], 48, 32, 3)


def test_a_scan_before_the_frame_and_odd_frames_are_refused() -> None:
    at = frame_at(GOOD)
    without = GOOD[:at] + GOOD[at + len(frame(GOOD)) :]
    with pytest.raises(ImageRefused, match="come before"):
        check_jpeg(without, 48, 32, 3)
    lossless = GOOD[: at + 1] + b"\xc3" + GOOD[at + 2 :]
    with pytest.raises(ImageRefused, match="unexpected marker"):
        check_jpeg(lossless, 48, 32, 3)
    deep = GOOD[: at + 4] + b"\x0c" + GOOD[at + 5 :]
    with pytest.raises(ImageRefused, match="no sense"):
        check_jpeg(deep, 48, 32, 3)


def test_every_cut_before_the_picture_data_is_refused() -> None:
    for length in range(GOOD.index(b"\xff\xda") + 4):
        with pytest.raises(ImageRefused):
            check_jpeg(GOOD[:length], 48, 32, 3)


def test_the_guard_stands_before_decoding_where_pillow_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at = frame_at(GOOD)
    crafted = GOOD[:at] + frame(GOOD) + GOOD[at:]
    monkeypatch.setattr(decode, "_JPEG_IS_GUARDED", True)
    loaded = []
    monkeypatch.setattr(Image.Image, "load", lambda self: loaded.append(self))
    with pytest.raises(ImageRefused, match="twice"):
        decode.prepare(crafted, 260)
    assert not loaded
    monkeypatch.undo()
    monkeypatch.setattr(decode, "_JPEG_IS_GUARDED", True)
    for image in (noise(48, 32), noise(48, 32).convert("L"), noise(48, 32).convert("CMYK")):
        assert decode.prepare(as_bytes(image), 260).width == 48
