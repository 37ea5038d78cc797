"""A short siege: the limits hold, nothing is reached, the honest visitor has all videos."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.slow
def test_strangers_neither_exceed_a_limit_nor_reach_what_is_not_public_nor_cost_an_honest_visitor_a_video() -> None:
    siege = subprocess.run(
        [sys.executable, "-m", "tests.faults.siege", "20", "--seed", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert siege.returncode == 0, siege.stdout + siege.stderr
