"""The set-up script: each rank adds to the one before, and what is there is not installed again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAND_IN = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
case "$1" in
    -V) echo "Python 3.11.9" ;;
    -c) echo "3.11" ;;
esac
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose virtual environment holds a Python that only notes what it is asked to do."""
    if shutil.which("sh") is None:
        pytest.skip("there is no sh here")
    (tmp_path / "packaging").mkdir()
    for name in ("pyproject.toml", "packaging/setup.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(f"VIRTUAL_ENV={tmp_path / '.venv'}\n")
    for name in ("python", "visualsearch"):
        (binaries / name).write_text(STAND_IN)
        (binaries / name).chmod(0o755)
    return tmp_path


def installed(checkout: Path, rank: str) -> list[str]:
    """Run the script; what pip was asked to install of this project meanwhile."""
    calls = checkout / ".venv" / "bin" / "calls"
    calls.write_text("")
    ours = {name: value for name, value in os.environ.items() if name != "PYTHON"}  # of `make test PYTHON=…`
    script = ["sh", "packaging/setup.sh", rank]
    subprocess.run(script, cwd=checkout, env=ours, check=True, stdout=subprocess.DEVNULL)
    return [line.rpartition(" ")[2] for line in calls.read_text().splitlines() if "--editable" in line]


def test_the_tests_are_set_up_after_the_demo(checkout: Path):
    assert installed(checkout, "run") == ["."]
    assert installed(checkout, "run") == []
    assert installed(checkout, "dev") == [".[dev]"]
    assert installed(checkout, "run") == []
    assert installed(checkout, "dev") == []


def test_a_changed_project_is_set_up_again(checkout: Path):
    assert installed(checkout, "dev") == [".[dev]"]
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert installed(checkout, "dev") == [".[dev]"]
