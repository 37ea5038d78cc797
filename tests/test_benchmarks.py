"""Each benchmark runs to its end and prints its table; at this size its figures say nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.__main__ import BENCHMARKS
from tests.servers import ROOT

SMALL = {
    "download": "download.run(rounds=1, megabytes=2)",
    "files": "files.run(rounds=1, megabytes=2, photo=(400, 300))",
    "outage": "outage.run(jobs=5)",
    "in-flight": "in_flight.run(jobs=2, seconds=2.0, end=TaskStatus.SUCCEEDED)",
    "crowd": "in_flight.run(jobs=2, seconds=2.0, end=TaskStatus.FAILED)",
    "cold-start": "cold_start.run(rounds=1)",
    "page": "page.run(rounds=1, jobs=3)",
    "history": "history.run(many=200, rounds=1, videos=4)",
    "database-files": "database_files.run(jobs=5, rounds=1)",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_to_its_end(name: str) -> None:
    # In a process of its own, as `make bench` has it: one patches the clock, one starts a browser.
    modules = "cold_start, database_files, download, files, history, in_flight, outage, page"
    imports = f"from benchmarks import {modules}\nfrom studio.providers.base import TaskStatus\n"
    code = f"{imports}print({SMALL[name]})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.count("|---") >= 1
    if name == "outage":
        assert "\n| lost | 0 jobs |" in done.stdout
