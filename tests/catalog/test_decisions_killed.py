"""A process that is killed while it confirms loses nothing that it was told is done, and leaves nothing half done.

``VISUALSEARCH_KILLS=200 pytest tests/catalog/test_decisions_killed.py -s`` kills as often, and prints what it measured.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import numpy as np

from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl

KILLS = int(os.environ.get("VISUALSEARCH_KILLS", "6"))
PAGE = 40
ITEMS = 400

CONFIRMING = f"""
import sys
from pathlib import Path
import numpy as np
from visualsearch.catalog.decisions import BulkValues, Decisions, Document, Judgement
from visualsearch.catalog.store import Catalog

decisions = Decisions(Catalog.open(Path(sys.argv[1])), actor=lambda: "ann")
print("ready", flush=True)
step = 0
while True:
    step += 1
    items = 1 + (step * 7 + np.arange({PAGE})) % {ITEMS}
    if step % 5:
        done = decisions.apply(
            "tag", "a page", values=BulkValues(items, "style", "set", (f"look {{step % 3}}",)),
            judgements=[Judgement("tag:style", int(item), f"yes {{step}}") for item in items],
            documents=[Document("session", "s", {{"step": step, "run": sys.argv[2]}})])
    else:
        done = decisions.undo()
    print(done.operation, flush=True)
"""


def _confirm_until_killed(folder, run: int, seconds: float) -> int:
    """Start a process that confirms page after page, and kill it; returns the last operation that it was told of."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONFIRMING, str(folder), str(run)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        assert lines.readline() == "ready\n"
        acknowledged = [lines.readline()]  # at least one, so that every kill finds it at work
        until = time.monotonic() + seconds
        while time.monotonic() < until:  # the pipe holds what it says meanwhile
            pass
        process.kill()
        acknowledged += [line for line in lines if line.endswith("\n")]
    return max(int(line) for line in acknowledged)


def test_a_kill_loses_nothing_and_leaves_nothing_half_done(make_catalog):
    catalog = make_catalog(
        {"colour": "category"}, {f"i{n}": {"colour": ["Blue"]} for n in range(1, ITEMS + 1)}
    )
    folder = catalog.path
    catalog.close()
    rng = random.Random(1)
    reopening: list[float] = []
    for run in range(KILLS):
        last = _confirm_until_killed(folder, run, rng.uniform(0, 0.05))
        started = time.perf_counter()
        with Catalog.open(folder) as again:
            decisions = Decisions(again)
            (latest,) = decisions.history(limit=1)
            reopening.append(time.perf_counter() - started)
            assert latest.number >= last, "what was acknowledged is there"
            assert latest.number <= last + 1, "and at most the one that was on its way"
            items, _, answers = decisions.judgements("tag:style")
            step = (decisions.document("session", "s") or {}).get("step")
            ours = {int(1 + (step * 7 + place) % ITEMS) for place in range(PAGE)} if step else set()
            told = {
                item for item, answer in zip(items.tolist(), answers, strict=True) if answer == f"yes {step}"
            }
            assert told == ours, "all of a page, or nothing"
            if run % 10 == 0 or run == KILLS - 1:
                assert decisions.verify(JobControl()) == []
    print(f"{KILLS} kills, {latest.number} operations; reopening at most {max(reopening):.3f} s, ", end="")
    print(f"median {np.median(reopening):.3f} s")
    assert max(reopening) < 30, "a hang, not a slow machine"
