"""The sandbox as a process: how it starts, refuses to start, ends and comes back."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from studio.media.facts import probe_video
from tests.servers import ROOT, SandboxServer, submission


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
    ended = run("--data", str(tmp_path))
    assert ended.returncode == 2
    assert "ffmpeg is not on PATH" in ended.stderr


def test_without_control_nobody_can_make_it_misbehave(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "studio.sandbox", "--exit-with-parent", "--data", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split('"')[3]
        assert httpx.post(f"{url}/_control/clear", timeout=30).status_code == 404
