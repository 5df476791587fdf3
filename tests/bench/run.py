"""Measures the program against its peers and prints one table: ``python tests/bench/run.py [NAME…] [--json]``.

Each ``bench_NAME.py`` beside this file has ``main() -> dict``. Its entries are numbers or texts, dicts of them (shown
as ``outer.inner``), or a measure with a goal: ``{"value": 1.2, "goal": "<= 1.5", "unit": "×"}`` (goal and unit may be
left out). Every benchmark runs in a process of its own, so that memory and imports of one do not colour another. All
results go to ``bench-output/bench.json`` as well.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import operator
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from visualsearch.replacing import replace_file

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = (
    "numpy",
    "annoy",
    "hnswlib",
    "faiss-cpu",
    "ai-edge-litert",
    "tensorflow-cpu",
    "scikit-learn",
    "PySide6-Essentials",
)
COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Measure:
    """One line of the table. ``met`` is None where there is no goal."""

    benchmark: str
    name: str
    value: float | int | str | bool | None
    unit: str = ""
    goal: str = ""
    met: bool | None = None


def names() -> list[str]:
    """The benchmarks that there are."""
    return sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))


def measures(benchmark: str, results: dict[str, Any], prefix: str = "") -> Iterator[Measure]:
    """Flatten what a benchmark's ``main`` returned."""
    for key, value in results.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and "value" in value:
            goal = str(value.get("goal", ""))
            yield Measure(
                benchmark, name, value["value"], value.get("unit", ""), goal, is_met(value["value"], goal)
            )
        elif isinstance(value, dict):
            yield from measures(benchmark, value, f"{name}.")
        elif isinstance(value, list | tuple):
            yield from measures(benchmark, dict(enumerate(value)), f"{name}.")
        else:
            yield Measure(benchmark, name, value)


def is_met(value: Any, goal: str) -> bool | None:
    """Whether a value reaches a goal such as ``<= 1.5``; None without a goal."""
    if not goal:
        return None
    relation, _, limit = goal.partition(" ")
    return bool(COMPARE[relation](float(value), float(limit)))


def run_in_own_process(name: str) -> tuple[dict[str, Any] | None, float]:
    """(what ``main`` returned or None when it failed, seconds). Its output goes to stderr as it comes."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(Path(__file__).resolve()), "--child", name, str(answer)],
            env=environment(folder),
            stdout=sys.stderr,
            check=False,
        )
        seconds = time.monotonic() - started
        if done.returncode or not answer.is_file():
            return None, seconds
        return json.loads(answer.read_text("utf-8")), seconds


def environment(folder: str) -> dict[str, str]:
    """A home of the benchmark's own, no display, and the tests' compiled encoders."""
    own = {
        "VISUALSEARCH_HOME": str(Path(folder) / "home"),
        "VISUALSEARCH_ENCODERS": str(ROOT / ".cache" / "encoders"),
    }
    return {"QT_QPA_PLATFORM": "offscreen", **own, **os.environ}


def child(name: str, answer: Path) -> None:
    """Run one benchmark in this process and write what it returned."""
    sys.path.insert(
        0, str(HERE)
    )  # by import, not by path: what it hands to its own processes must be importable
    results = importlib.import_module(f"bench_{name}").main()
    answer.write_text(json.dumps(results, default=as_json), "utf-8")


def as_json(value: Any) -> Any:
    """NumPy numbers and paths for JSON."""
    return value.item() if hasattr(value, "item") else str(value)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    versions = {}
    for peer in PEERS:
        try:
            versions[peer] = importlib.metadata.version(peer)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": versions,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def show(found: list[Measure], console: Console) -> None:
    """One table of all measures."""
    table = Table(title="visualsearch benchmarks", title_justify="left")
    for column in ("benchmark", "measure"):
        table.add_column(column)
    for column in ("value", "goal"):
        table.add_column(column, justify="right")
    table.add_column("met")
    before = ""
    for measure in found:
        if before and before != measure.benchmark:
            table.add_section()
        mark = "" if measure.met is None else "[green]yes[/]" if measure.met else "[red]no[/]"
        value = f"{as_text(measure.value)} {measure.unit}".strip()
        table.add_row(
            "" if before == measure.benchmark else measure.benchmark, measure.name, value, measure.goal, mark
        )
        before = measure.benchmark
    console.print(table)


def as_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if type(value) is int else str(value)


def write(file: Path, document: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, json.dumps(document, indent=1).encode() + b"\n")


def main() -> int:
    """Exit code 1 when a benchmark could not run; a goal that is missed is shown, not an error."""
    parser = argparse.ArgumentParser(description="Measure the program against its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(names())}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child[0], Path(arguments.child[1]))
        return 0
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
    console, notes = Console(), Console(stderr=True)
    found: list[Measure] = []
    failed: list[str] = []
    for name in arguments.names or names():
        notes.print(f"{name} …")
        results, seconds = run_in_own_process(name)
        if results is None:
            failed.append(name)
            continue
        found += measures(name, results)
        notes.print(f"{name}: {seconds:.0f} s")
    document = {"machine": machine(), "failed": failed, "measures": [asdict(measure) for measure in found]}
    write(ROOT / "bench-output" / "bench.json", document)
    if arguments.json:
        print(json.dumps(document, indent=1))
    else:
        show(found, console)
        here = machine()
        console.print(f"{here['processor']}, {here['cores']} cores, Python {here['python']}")
    if failed:
        notes.print(f"could not run: {', '.join(failed)}", style="red")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
