from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visualsearch.encoders import cache, compile, encoder, processes
from visualsearch.encoders.client import EncoderClient
from visualsearch.encoders.compile import ensure_compiled
from visualsearch.encoders.encoder import CompiledEncoder, list_encoders, spec
from visualsearch.encoders.runtime import Network
from visualsearch.encoders.user_model import UserModelOptions
from visualsearch.errors import Cancelled, EncoderError, UsageError, WeightsMissing
from visualsearch.jobs import JobControl, Progress

from .conftest import as_bytes, drawn

NAME = "efficientnet-lite2"


@pytest.fixture
def empty(compiled: CompiledEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for compiled encoders."""
    folder = tmp_path / "encoders"
    monkeypatch.setenv("VISUALSEARCH_ENCODERS", str(folder))
    return folder


@pytest.fixture
def copied(compiled: CompiledEncoder, empty: Path) -> Path:
    """A folder of the test's own with the compiled default encoder in it."""
    empty.mkdir()
    shutil.copy(compiled.file, empty)
    shutil.copy(compiled.file.parent / f"{NAME}.json", empty)
    return empty


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: Any, **__: Any) -> Any:
        pytest.fail("a process was started")

    monkeypatch.setattr(processes, "start", start)


def run_tensorflow(script: str, *arguments: object) -> None:
    """Run a recipe that needs TensorFlow in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**processes.quiet_environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("no_processes")
def test_a_compiled_encoder_is_ready_at_once(copied: Path) -> None:
    ready = ensure_compiled(NAME, JobControl())
    assert ready.file.parent == copied
    assert (ready.input_size, ready.dimension) == (260, 1280 + 864 + 720)
    assert len(ready.fingerprint) == 16


def test_damage_of_any_kind_means_compiling_again(copied: Path) -> None:
    entry, manifest = spec(NAME), copied / f"{NAME}.json"
    ready = cache.compiled(entry)
    assert ready is not None
    assert cache.compiled(entry, "0" * 64) is None, "other weights need another compilation"
    whole, text = ready.file.read_bytes(), manifest.read_text()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for damaged in (bytes(flipped), whole[:-1], b""):
        ready.file.write_bytes(damaged)
        assert cache.compiled(entry) is None
    ready.file.write_bytes(whole)
    for broken in ("", "{}", "[]", text[:-20], text.replace(ready.fingerprint, "0" * 16)):
        manifest.write_text(broken)
        assert cache.compiled(entry) is None
    manifest.write_text(text)
    assert cache.compiled(entry) == ready
    ready.file.unlink()
    assert cache.compiled(entry) is None


def test_cancelling_the_compiler_leaves_nothing_behind(empty: Path) -> None:
    control = JobControl(lambda progress: control.cancel() if progress.done or progress.message else None)
    with pytest.raises(Cancelled):
        ensure_compiled(NAME, control)
    assert not list(empty.glob("*"))


def test_a_missing_compiler_is_one_sentence(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tensorflow.py").write_text("raise ImportError('no such library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    with pytest.raises(EncoderError, match="TensorFlow, cannot be loaded: no such library") as caught:
        ensure_compiled(NAME, JobControl())
    assert "pip install tensorflow" in caught.value.command
    (tmp_path / "broken" / "tensorflow.py").write_text("import os; os.abort()")
    with pytest.raises(EncoderError, match="ended unexpectedly"):
        ensure_compiled(NAME, JobControl())
    assert not list(empty.glob("*"))


@pytest.mark.slow
def test_two_at_once_compile_once_damaged_again(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real compiler: two callers at the same time, then a damaged file."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    heard: list[Progress] = []
    found: list[CompiledEncoder] = []
    callers = [
        threading.Thread(target=lambda: found.append(ensure_compiled(NAME, JobControl(heard.append))))
        for _ in "12"
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 2
    assert {one.fingerprint for one in found} == {found[0].fingerprint}
    for one in found:
        assert Network(one.file).dimension == 2864
    assert not list(empty.glob("*.new"))
    assert any("compiling" in progress.message for progress in heard)
    ready = ensure_compiled(NAME, JobControl())
    ready.file.write_bytes(ready.file.read_bytes()[:-100])
    again = ensure_compiled(NAME, JobControl())
    assert again.fingerprint == ready.fingerprint
    assert Network(again.file).dimension == 2864
    assert not list(temporary.iterdir()), "TensorFlow left files behind"


def test_an_unknown_encoder_is_named_and_the_others_offered(empty: Path) -> None:
    with pytest.raises(UsageError, match="resnet") as caught:
        ensure_compiled("resnet", JobControl())
    assert NAME in caught.value.hint
    with pytest.raises(WeightsMissing, match="cannot be read"):
        ensure_compiled("inception-v3", JobControl(), weights=empty / "missing.h5")


def test_the_list_tells_each_encoders_state(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_processes: None
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def states() -> dict[str, str]:
        return {one.name: one.state for one in list_encoders()}

    assert states()[NAME] == "ready"
    assert states()["inception-v3"] == "needs download"
    (copied / f"{NAME}.json").unlink()
    assert states()[NAME] == "needs compile"
    monkeypatch.setattr(encoder, "_installed", lambda module: module != "tensorflow")
    assert states()[NAME] == "unavailable"
    assert [one.name for one in list_encoders() if one.selectable] == list(encoder.names())
    assert all(one.hint for one in list_encoders() if one.state != "ready")


def test_fingerprints_tell_spaces_apart() -> None:
    usual = ("a" * 64, 260, 1280, 1 / 128, -1.0, 1)
    others = [("b" * 64, *usual[1:]), *((*usual[:i], usual[i] * 2, *usual[i + 1 :]) for i in range(1, 6))]
    found = {encoder.fingerprint(*arguments) for arguments in [usual, *others]}
    assert len(found) == 7


@pytest.mark.slow
def test_the_network_names_garments(clothing: Path, tmp_path: Path) -> None:
    """A wrong padding, kernel or normalisation would show here: ImageNet's own classes for well-known garments."""
    run_tensorflow(
        "import sys, tensorflow as tf\n"
        "from visualsearch.encoders import efficientnet\n"
        "network = tf.function(efficientnet.network(efficientnet.read_weights(), classify=True))\n"
        "traced = network.get_concrete_function(tf.TensorSpec((1, 260, 260, 3), tf.float32))\n"
        "data = tf.lite.TFLiteConverter.from_concrete_functions([traced], tf.Module()).convert()\n"
        "open(sys.argv[1], 'wb').write(data)",
        tmp_path / "classifier.tflite",
    )
    classify = Network(tmp_path / "classifier.tflite")
    shirt, jean, sandal, running_shoe, clog, loafer = 610, 608, 774, 770, 502, 630
    for folder, expected in (
        ("t-shirt", {shirt}),
        ("shoes", {sandal, running_shoe, clog, loafer}),
        ("pants", {jean}),
    ):
        named = 0
        for path in sorted((clothing / folder).glob("*.jpg"))[:25]:
            pixels = np.asarray(Image.open(path).resize((260, 260), Image.Resampling.BICUBIC), np.float32)
            named += int(classify((pixels[None] - 127) / 128).argmax()) in expected
        assert named >= 11, f"{folder}: {named} of 25"


RANDOM_INCEPTION = """
import sys, numpy as np, keras
model = keras.applications.InceptionV3(include_top=False, pooling="avg", weights=None, input_shape=(299, 299, 3))
random = np.random.default_rng(0)
for layer in model.layers:
    shapes = [weight.shape for weight in layer.weights]
    if len(shapes) == 1:  # convolution: He's initialisation keeps the signal alive
        layer.set_weights([random.normal(0, np.sqrt(2 / np.prod(shapes[0][:3])), shapes[0]).astype("f4")])
    elif shapes:  # normalisation: offset, mean, variance
        layer.set_weights([random.normal(0, .1, shapes[0]), random.normal(0, .1, shapes[0]),
                           random.uniform(.7, 1.3, shapes[0])])
folder = sys.argv[1]
model.save_weights(folder + "/random.weights.h5")
images = random.uniform(-1, 1, (3, 299, 299, 3)).astype("f4")
np.savez(folder + "/expected.npz", images=images, features=model.predict(images, verbose=0))
"""


@pytest.mark.slow
def test_inception_from_a_file_computes_what_keras_computes(empty: Path, tmp_path: Path) -> None:
    run_tensorflow(RANDOM_INCEPTION, tmp_path)
    ready = ensure_compiled("inception-v3", JobControl(), weights=tmp_path / "random.weights.h5")
    assert (ready.input_size, ready.dimension) == (299, 2048 + 864 + 768)
    network = Network(ready.file)
    with np.load(tmp_path / "expected.npz") as expected:
        assert expected["features"].std() > 0.01
        for image, features in zip(expected["images"], expected["features"], strict=True):
            np.testing.assert_allclose(network(image[None])[:2048], features, atol=1e-4)
    assert ensure_compiled("inception-v3", JobControl()) == ready, "once compiled, the weights are not needed"
    with EncoderClient(ready, threads=1) as client:
        path = tmp_path / "photo.jpg"
        path.write_bytes(as_bytes(drawn()))
        (encoded,) = client.encode_files([path])
        assert encoded.style is not None
        assert encoded.style.shape == (3680,)


@pytest.mark.slow
def test_inception_without_weights_says_what_to_do(empty: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there: no internet
    with pytest.raises(WeightsMissing, match="could not be downloaded") as caught:
        ensure_compiled("inception-v3", JobControl())
    assert "--weights" in caught.value.command
    wrong = tmp_path / "wrong.h5"
    wrong.write_bytes(b"not HDF5")
    with pytest.raises(EncoderError, match="do not fit"):
        ensure_compiled("inception-v3", JobControl(), weights=wrong)
    assert not list(empty.glob("*"))


def test_a_users_model_is_an_encoder(compiled: CompiledEncoder, tmp_path: Path) -> None:
    model = tmp_path / "my model.tflite"
    shutil.copy(compiled.file, model)
    name = f"litert:{model}"
    opened = ensure_compiled(name, JobControl())
    assert (opened.name, opened.file, opened.input_size, opened.dimension) == (name, model, 260, 2864)
    assert (opened.scale, opened.offset) == (1 / 127.5, -1.0)
    given = ensure_compiled(name, JobControl(), options=UserModelOptions(scale=1 / 255, offset=0.0))
    assert (given.scale, given.offset) == (1 / 255, 0.0)
    assert given.fingerprint != opened.fingerprint
    model.with_suffix(".json").write_text('{"scale": 0.5, "offset": -3}')
    beside = ensure_compiled(name, JobControl(), options=UserModelOptions(scale=0.25))
    assert (beside.scale, beside.offset) == (0.25, -3)
    path = tmp_path / "photo.jpg"
    path.write_bytes(as_bytes(drawn()))
    with EncoderClient(given, threads=1) as client:
        assert client.encode_files([path])[0].refused is None


def test_a_bad_users_model_is_refused_with_the_reason(compiled: CompiledEncoder, tmp_path: Path) -> None:
    model = tmp_path / "model.tflite"
    with pytest.raises(EncoderError, match="cannot be read"):
        ensure_compiled(f"litert:{model}", JobControl())
    for content in (b"", b"no model", compiled.file.read_bytes()[:5000]):
        model.write_bytes(content)
        with pytest.raises(EncoderError, match="cannot be used as an encoder"):
            ensure_compiled(f"litert:{model}", JobControl())
    for text, complaint in (
        ("{", "JSON"),
        ('{"scale": "much"}', "scale"),
        ('{"input_size": 1.5}', "input_size"),
    ):
        model.with_suffix(".json").write_text(text)
        with pytest.raises(EncoderError, match=complaint):
            ensure_compiled(f"litert:{model}", JobControl())


USER_MODELS = """
import sys, tensorflow as tf
def save(name, function, *shapes, dtype=tf.float32):
    traced = tf.function(function).get_concrete_function(*(tf.TensorSpec(shape, dtype) for shape in shapes))
    data = tf.lite.TFLiteConverter.from_concrete_functions([traced], tf.Module()).convert()
    open(f"{sys.argv[1]}/{name}.tflite", "wb").write(data)
pool = lambda x: tf.reduce_mean(tf.tile(x, (1, 1, 1, 4)), (1, 2))
save("open", pool, (None, None, None, 3))
save("flat", lambda x: tf.reshape(pool(x), (1, 1, 1, 12)), (1, 32, 32, 3))
save("less", lambda x: pool(x) - 1.5, (1, 32, 32, 3))
save("fields", lambda x: tf.reshape(tf.nn.avg_pool2d(x, 11, 11, "SAME"), (1, 27)), (1, 32, 32, 3))
save("oblong", pool, (1, 32, 48, 3))
save("grey", pool, (1, 32, 32, 1))
save("map", lambda x: x * 2, (1, 32, 32, 3))
save("two_outputs", lambda x: (pool(x), pool(x) + 1), (1, 32, 32, 3))
save("two_inputs", lambda x, y: pool(x) + pool(y), (1, 32, 32, 3), (1, 32, 32, 3))
save("integers", lambda x: pool(tf.cast(x, tf.float32)), (1, 32, 32, 3), dtype=tf.int32)
"""


@pytest.mark.slow
def test_models_of_other_forms_are_refused_with_their_form(compiled: CompiledEncoder, tmp_path: Path) -> None:
    run_tensorflow(USER_MODELS, tmp_path)
    opened = ensure_compiled(
        f"litert:{tmp_path}/open.tflite", JobControl(), options=UserModelOptions(input_size=64)
    )
    assert (opened.input_size, opened.dimension) == (64, 12)
    assert ensure_compiled(f"litert:{tmp_path}/flat.tflite", JobControl()).dimension == 12
    assert Network(tmp_path / "flat.tflite").averaged_tensors()[0][1] == 1
    for name in ("less", "fields"):  # what it sees where would not sum to what it gives
        network = Network(ensure_compiled(f"litert:{tmp_path}/{name}.tflite", JobControl()).file)
        with pytest.raises(EncoderError, match="mean over a grid"):
            network.averaged_tensors()
    for name, complaint in (
        ("open", "input size open"),
        ("oblong", "square"),
        ("grey", r"float32 \(1, size, size, 3\)"),
        ("map", "one float32 vector"),
        ("two_outputs", "2 outputs"),
        ("two_inputs", "2 inputs"),
        ("integers", "int32"),
    ):
        with pytest.raises(EncoderError, match=complaint):
            ensure_compiled(f"litert:{tmp_path}/{name}.tflite", JobControl())


def test_a_folder_that_cannot_be_written_is_named(
    compiled: CompiledEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "compiled", lambda *_: None)
    monkeypatch.setattr(compile.tempfile, "mkstemp", full)
    with pytest.raises(EncoderError, match="No space left on device") as caught:
        ensure_compiled(NAME, JobControl())
    assert "VISUALSEARCH_ENCODERS" in caught.value.hint
    monkeypatch.undo()
    monkeypatch.setenv("VISUALSEARCH_ENCODERS", str(compiled.file / "within"))
    with pytest.raises(EncoderError, match="within: Not a directory") as caught:
        ensure_compiled(NAME, JobControl())
    assert "VISUALSEARCH_ENCODERS" in caught.value.hint
