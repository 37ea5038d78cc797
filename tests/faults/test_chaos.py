"""Fifty deaths at any moment: nothing accepted is lost, and nothing is paid for twice or in vain."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.slow
def test_fifty_deaths_lose_nothing_and_pay_for_nothing_twice() -> None:
    chaos = subprocess.run(
        [sys.executable, "-m", "tests.faults.chaos", "50"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert chaos.returncode == 0, chaos.stdout + chaos.stderr
