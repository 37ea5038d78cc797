from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import browser

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]


def run(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.browser"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=60)


def test_a_browser_that_starts_is_found() -> None:
    path = browser.find()
    assert "Chrom" in subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    assert run().stdout.strip() == path


def test_the_named_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "my browser"
    mine.symlink_to(browser.find())
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert browser.find() == str(mine)


@pytest.mark.parametrize("wrong", ["/nowhere/chromium", "false"])
def test_a_named_browser_that_does_not_start_is_an_error_with_the_remedy(wrong: str) -> None:
    done = run(CHROMIUM=wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert wrong in done.stderr
    assert "apt install chromium" in done.stderr


def test_a_stand_in_that_does_not_start_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = browser.find()
    stand_in = tmp_path / "chromium"
    stand_in.write_text("#!/bin/sh\nexit 10\n")
    stand_in.chmod(0o755)
    (tmp_path / "google-chrome").symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert browser.find() == str(tmp_path / "google-chrome")
