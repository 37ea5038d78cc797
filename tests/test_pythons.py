"""Each Python that the README promises makes a video, with what the lock installs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.studio_process import StudioProcess


def pythons(version: str) -> Iterator[str]:
    """Interpreters of that version: those that ``PYTHONS`` lists, the one on PATH, those of pyenv."""
    yield from filter(None, os.environ.get("PYTHONS", "").split(os.pathsep))
    if found := shutil.which(f"python{version}"):
        yield found
    root = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
    yield from map(str, sorted(root.glob(f"versions/{version}.*/bin/python"), reverse=True))


def find(version: str) -> str:
    ask = "import sys; print(*sys.version_info[:2], sep='.'); import ensurepip, sqlite3"
    for python in pythons(version):
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return python
    pytest.skip(f"there is no Python {version} here")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_this_python_makes_a_video_with_what_the_lock_installs(version: str, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([find(version), "-m", "venv", environment], check=True)
    python = str(environment / "bin" / "python")
    install = [python, "-m", "pip", "--quiet", "install", "--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run(install, check=True)
    studio = StudioProcess(tmp_path / "studio", STUDIO_PROVIDER="sandbox")
    studio.python = python
    with studio, studio.visitor() as visitor:
        job = studio.wait(visitor, studio.submit(visitor, "A horse at dawn")["id"])
        assert job["state"] == "succeeded", job
        assert visitor.get(job["video"]["url"]).content[4:8] == b"ftyp"
        studio.restart()
        assert studio.job(visitor, job["id"])["state"] == "succeeded"
