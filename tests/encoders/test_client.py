from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visualsearch.encoders import child, decode, messages, processes
from visualsearch.encoders import client as client_module
from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.encoder import CompiledEncoder
from visualsearch.encoders.messages import Encoded
from visualsearch.encoders.runtime import Network
from visualsearch.errors import Cancelled, EncoderError
from visualsearch.jobs import JobControl

from .conftest import as_bytes, drawn

Photo = Callable[..., Path]


@pytest.fixture
def fragile(compiled: CompiledEncoder, monkeypatch: pytest.MonkeyPatch) -> Iterator[EncoderClient]:
    """A client whose worker crashes on photos with the word CRASH and hangs on those with HANG."""
    start = processes.start
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(
        child.processes, "start", lambda _module, *rest, **options: start("crashing_worker", *rest, **options)
    )
    with EncoderClient(compiled, threads=2) as running:
        yield running


def everything(client: EncoderClient, paths: list[Path]) -> dict[int, Encoded]:
    """All results by key; every key must come exactly once."""
    found = [one for batch in client.encode(enumerate(paths), JobControl()) for one in batch]
    assert sorted(one.key for one in found) == list(range(len(paths)))
    return {one.key: one for one in found}


def test_an_image_comes_with_digest_embeddings_and_thumbnail(
    client: EncoderClient, compiled: CompiledEncoder, photo: Photo
) -> None:
    path = photo("one.jpg")
    (encoded,) = client.encode_files([path])
    expected = decode.prepare(path.read_bytes(), compiled.input_size)
    tensor = expected.pixels[None].astype(np.float32) * np.float32(compiled.scale) + np.float32(
        compiled.offset
    )
    assert encoded.refused is None
    assert encoded.digest == decode.digest_of(path.read_bytes())
    assert encoded.style is not None
    assert encoded.style.shape == (compiled.dimension,)
    np.testing.assert_allclose(encoded.style, Network(compiled.file)(tensor), atol=1e-5)
    np.testing.assert_array_equal(encoded.colour, expected.colour)
    assert encoded.thumbnail == expected.thumbnail
    assert (encoded.width, encoded.height) == (120, 160)


def test_results_are_in_the_order_of_the_files_and_bad_ones_are_refused(
    client: EncoderClient, photo: Photo, tmp_path: Path
) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
    paths = [
        photo("a.jpg"),
        photo("empty.jpg", b""),
        tmp_path,
        photo("text.jpg", b"no picture"),
        tmp_path / "missing.jpg",
        tmp_path / "pipe.jpg",
        photo("b.png", as_bytes(drawn(color="blue"), "PNG")),
    ]
    found = client.encode_files(paths)
    assert [one.key for one in found] == list(range(len(paths)))
    assert [one.refused is None for one in found] == [True, False, False, False, False, False, True]
    assert found[3].digest == decode.digest_of(b"no picture")
    assert found[4].digest is None
    assert found[1].style is None
    assert found[1].thumbnail is None


def test_odd_file_names_arrive(client: EncoderClient, tmp_path: Path) -> None:
    names = ["with space.jpg", "Größe ✓.jpg", "line\nbreak.jpg"]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"latin\xe9.jpg"))
    for name in names:
        (tmp_path / name).write_bytes(as_bytes(drawn(30, 30)))
    assert [one.refused for one in client.encode_files([tmp_path / name for name in names])] == [None] * len(
        names
    )


def test_memory_is_bounded_and_other_callers_pass(client: EncoderClient, photo: Photo) -> None:
    path, drawn_requests = photo("one.jpg", as_bytes(drawn(30, 30))), 0

    def endless() -> Iterator[tuple[int, Path]]:
        nonlocal drawn_requests
        while True:
            yield drawn_requests, path
            drawn_requests += 1

    batches = client.encode(endless(), JobControl())
    first = next(batches)
    assert 0 < len(first) <= client_module.BATCH
    assert drawn_requests <= client_module._WINDOW
    assert client.encode_files([path, path])[1].refused is None, "a second caller is served meanwhile"
    assert not {one.key for one in next(batches)} & {one.key for one in first}
    batches.close()
    assert client.encode_files([path])[0].refused is None, "what was given up does not come back"


def test_cancel_stops_at_once_and_the_client_lives_on(client: EncoderClient, photo: Photo) -> None:
    path, control = photo("one.jpg"), JobControl()
    batches = client.encode(((number, path) for number in range(10_000)), control)
    next(batches)
    control.cancel()
    with pytest.raises(Cancelled):
        next(batches)
    assert client.encode_files([path])[0].refused is None


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_a_killed_process_costs_no_image(client: EncoderClient, photo: Photo) -> None:
    path = photo("one.jpg", as_bytes(drawn(40, 40)))
    found: list[Encoded] = []
    for batch in client.encode(((number, path) for number in range(100)), JobControl()):
        if not found:
            assert client.pid
            os.kill(client.pid, signal.SIGKILL)
        found += batch
    assert sorted(one.key for one in found) == list(range(100))
    assert all(one.refused is None for one in found)


def test_a_photo_that_crashes_the_process_is_found_and_refused(fragile: EncoderClient, photo: Photo) -> None:
    good = as_bytes(drawn(40, 40))
    paths = [photo(f"{number}.jpg", good) for number in range(12)]
    for culprit in (3, 7):
        paths[culprit].write_bytes(good + b"CRASH")
    found = everything(fragile, paths)
    refused = {key: one.refused or "" for key, one in found.items() if one.refused}
    assert sorted(refused) == [3, 7]
    assert "crashed" in refused[3]
    assert found[3].digest == decode.digest_of(good + b"CRASH")
    assert fragile.encode_files([paths[0]])[0].refused is None


def test_a_photo_on_which_the_process_hangs_is_refused(
    fragile: EncoderClient, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_STALL", 1.5)
    paths = [photo("good.jpg"), photo("bad.jpg", as_bytes(drawn()) + b"HANG")]
    found = everything(fragile, paths)
    assert found[0].refused is None
    assert "hung" in (found[1].refused or "")


def test_an_encoder_that_cannot_start_says_why(
    compiled: CompiledEncoder, tmp_path: Path, photo: Photo
) -> None:
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(b"no model")
    for broken in (replace(compiled, file=damaged), replace(compiled, file=tmp_path / "missing.tflite")):
        with EncoderClient(broken) as client, pytest.raises(EncoderError):
            client.encode_files([photo("one.jpg")])
    with (
        EncoderClient(replace(compiled, dimension=7)) as client,
        pytest.raises(EncoderError, match="changed"),
    ):
        client.encode_files([photo("one.jpg")])


def test_closing_ends_the_process_and_use_starts_it_again(compiled: CompiledEncoder, photo: Photo) -> None:
    client = EncoderClient(compiled, threads=1)
    assert client.pid is None, "nothing is started before it is needed"
    client.encode_files([photo("one.jpg")])
    assert client.pid is not None
    client.close()
    assert client.pid is None
    assert client.encode_files([photo("one.jpg")])[0].refused is None
    client.close()
    client.close()


def test_a_process_started_early_is_the_one_that_encodes(compiled: CompiledEncoder, photo: Photo) -> None:
    with EncoderClient(compiled, threads=1) as client:
        client.start()
        assert client.encode_files([photo("one.jpg")])[0].refused is None
    assert client.pid is None
    client.start()
    client.close()
    assert client.pid is None, "closed while it was starting"


def test_photos_that_are_expected_are_encoded_before_they_are_asked_for_and_only_once(
    compiled: CompiledEncoder, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [photo(f"{number}.jpg", color=color) for number, color in enumerate(["red", "lime", "navy"])]
    asked: list[str] = []
    write, first = messages.write, threading.Event()

    def noted(stream: Any, header: dict[str, Any], body: bytes = b"") -> None:
        write(stream, header, body)
        if "path" in header:
            asked.append(header["path"])
            first.set()

    monkeypatch.setattr(child.messages, "write", noted)
    with EncoderClient(compiled, threads=1) as client:
        client.expect(photo("before the start.jpg"))
        client.start()
        client.expect(photo("asked for by nobody.jpg"))
        client.expect(paths[1])
        assert first.wait(60)
        found = everything(client, paths)
        assert [found[key].digest for key in range(3)] == [decode.digest_of(p.read_bytes()) for p in paths]
        assert all(found[key].refused is None for key in range(3))
        names = ["asked for by nobody.jpg", "1.jpg", "0.jpg", "2.jpg"]
        assert [Path(path).name for path in asked] == names
        assert everything(client, paths).keys() == found.keys(), "kept for one asking only"


def test_a_photo_that_is_expected_may_crash_the_process(fragile: EncoderClient, photo: Photo) -> None:
    paths = [photo(f"{number}.jpg") for number in range(4)]
    paths[1].write_bytes(as_bytes(drawn()) + b"CRASH")
    fragile.start()
    for path in paths[:3]:
        fragile.expect(path)
    found = everything(fragile, paths)
    assert [key for key, one in sorted(found.items()) if one.refused] == [1]


def test_an_early_start_that_fails_says_so_at_the_first_use(
    compiled: CompiledEncoder, tmp_path: Path, photo: Photo
) -> None:
    with EncoderClient(replace(compiled, file=tmp_path / "missing.tflite")) as client:
        client.start()
        with pytest.raises(EncoderError):
            client.encode_files([photo("one.jpg")])


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="needs Linux to watch a process that is not a child"
)
def test_the_process_ends_when_its_parent_is_killed(compiled: CompiledEncoder, photo: Photo) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from visualsearch.encoders.client import EncoderClient; from visualsearch.jobs import JobControl\n"
        "from visualsearch.encoders.compile import ensure_compiled\n"
        "client = EncoderClient(ensure_compiled('efficientnet-lite2', JobControl()), threads=1)\n"
        "client.encode_files([Path(sys.argv[1])]); print(client.pid, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(photo("one.jpg"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    try:
        assert select.select([worker], [], [], 20)[0], "the worker outlived its parent"
    finally:
        os.close(worker)


def test_nothing_but_the_compiler_imports_tensorflow(compiled: CompiledEncoder) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "import visualsearch.encoders.client, visualsearch.encoders.compile, visualsearch.encoders.decode\n"
        "import visualsearch.encoders.worker; from visualsearch.encoders.runtime import Network\n"
        "from visualsearch.encoders.compile import ensure_compiled; from visualsearch.jobs import JobControl\n"
        "Network(ensure_compiled('efficientnet-lite2', JobControl()).file)\n"
        "sys.exit(len({'tensorflow', 'keras', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_messages_survive_the_way_and_broken_streams_end() -> None:
    stream = io.BytesIO()
    messages.write(stream, {"path": "\udce9"}, b"body")
    whole = stream.getvalue()
    assert messages.read(io.BytesIO(whole)) == ({"path": "\udce9"}, b"body")
    for length in range(len(whole)):
        assert messages.read(io.BytesIO(whole[:length])) is None
    assert messages.read(io.BytesIO(b"\xff" * 20)) is None


def test_looks_separate_garments(client: EncoderClient, clothing: Path) -> None:
    """Real photos: the nearest neighbours of a photo mostly show the same kind of garment."""
    kinds = ("pants", "shoes", "t-shirt", "hat")
    paths = [path for kind in kinds for path in sorted((clothing / kind).glob("*.jpg"))[:20]]
    found = everything(client, paths)
    style = np.array([found[key].style for key in range(len(paths))])
    style -= style.mean(axis=0)
    style /= np.linalg.norm(style, axis=1, keepdims=True)
    similarity = style @ style.T
    np.fill_diagonal(similarity, -1)
    nearest = np.argsort(-similarity, axis=1)[:, :5]
    labels = np.repeat(np.arange(len(kinds)), 20)
    assert (labels[nearest] == labels[:, None]).mean() > 0.75


def test_thumbnails_of_real_photos_are_jpegs(client: EncoderClient, fashion: Path) -> None:
    paths: list[Any] = sorted((fashion / "images").glob("*.jpg"))[:8]
    for one in client.encode_files(paths):
        assert one.thumbnail is not None
        assert Image.open(io.BytesIO(one.thumbnail.jpeg)).size == (one.thumbnail.width, one.thumbnail.height)
