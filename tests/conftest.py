"""What every test shares: a home of its own, the development catalogs where they are, a check for leaked threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from PIL import Image, ImageDraw

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `visualsearch` does; a test may load NumPy before it
os.environ["VISUALSEARCH_ENCODERS"] = str(Path(__file__).parents[1] / ".cache" / "encoders")

hypothesis.settings.register_profile("ours", deadline=None)  # a test is about what is right, not about speed
hypothesis.settings.load_profile("ours")

_DATA = Path(os.environ.get("VISUALSEARCH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def _catalog(name: str) -> Path:
    folder = _DATA / name
    if not folder.is_dir():
        pytest.skip(f"the development catalog {name} is not here (set VISUALSEARCH_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def fashion() -> Path:
    """2,000 shop thumbnails with a table: ``images/ID.jpg`` and ``styles.csv``."""
    return _catalog("fashion-2k")


@pytest.fixture(scope="session")
def clothing() -> Path:
    """3,068 photos taken at home, in ten folders that name the garment."""
    return _catalog("clothing")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings go to a folder of the test's own; the compiled encoders are shared, since they take a minute to make."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("VISUALSEARCH_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads():
    """A test that leaves a thread of ours behind fails."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(timeout=5)
    left = [thread.name for thread in left if thread.is_alive()]
    assert not left, f"threads left behind: {left}"


COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 190), "green": (30, 150, 70)}


def draw_product(shape: str, colour: str, number: int) -> Image.Image:
    """A simple product photo: a disc, box or cross in a colour, moved and sized a little by its number."""
    image = Image.new("RGB", (120, 160), (245, 245, 242))
    draw = ImageDraw.Draw(image)
    x, y, size = 60 + number % 7 - 3, 80 + number % 11 - 5, 34 + number % 9
    fill = tuple(min(255, channel + number % 13) for channel in COLOURS[colour])
    if shape == "disc":
        draw.ellipse((x - size, y - size, x + size, y + size), fill=fill)
    elif shape == "box":
        draw.rectangle((x - size, y - size, x + size, y + size), fill=fill)
    else:
        draw.rectangle((x - size, y - size // 4, x + size, y + size // 4), fill=fill)
        draw.rectangle((x - size // 4, y - size, x + size // 4, y + size), fill=fill)
    return image


@pytest.fixture(scope="session")
def drawn_products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 90 drawn photos ``images/ID.jpg`` and ``products.csv``: id, shape, colour, price, name."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "images").mkdir()
    lines = ["id,shape,colour,price,name"]
    for number in range(90):
        shape = ("disc", "box", "cross")[number % 3]
        colour = ("red", "blue", "green")[number // 3 % 3]
        draw_product(shape, colour, number).save(folder / "images" / f"p{number:03d}.jpg", quality=90)
        lines.append(f"p{number:03d},{shape},{colour},{5 + number},{colour.capitalize()} {shape} of linen")
    (folder / "products.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def imported_products(drawn_products: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn products, imported, encoded and indexed by one command. Only to be read: work on a copy otherwise."""
    from visualsearch.cli import main

    folder = tmp_path_factory.mktemp("imported") / "catalog"
    table = drawn_products / "products.csv"
    with pytest.raises(SystemExit) as exit_:
        main(["import", str(folder), "--images", str(drawn_products), "--table", str(table), "--json"])
    assert not exit_.value.code
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process: (exit code, standard output, standard error)."""

    from visualsearch.cli import main

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return call
