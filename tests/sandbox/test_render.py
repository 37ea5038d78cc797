"""The sandbox's videos are what was asked for."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.models import CATALOG
from studio.media.facts import VideoFacts, probe_video
from studio.sandbox.render import size_of
from tests.servers import SandboxServer, submission

MODEL = CATALOG.model("dashscope", "happyhorse-1.1-t2v")
RATIO = MODEL.options("ratio")
assert RATIO is not None
RATIOS = RATIO.all
ASKED: dict[str, dict[str, Any]] = {
    **{f"480P {ratio}": {"resolution": "480P", "ratio": ratio} for ratio in RATIOS if ratio not in ("9:16", "1:1")},
    "720P 9:16": {"resolution": "720P", "ratio": "9:16"},
    "1080P 16:9": {"resolution": "1080P"},
    "480P 1:1, 7 seconds": {"resolution": "480P", "ratio": "1:1", "duration": 7},
    "again": {"resolution": "480P", "ratio": "16:9"},
    "other seed": {"resolution": "480P", "seed": 8},
    "other prompt": {"resolution": "480P", "prompt": "雪地里的马"},
    "no watermark": {"resolution": "480P", "watermark": False},
}


@pytest.fixture(scope="module")
def videos(sandbox_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """One video for each row of ``ASKED``, all made at the same time."""
    folder = tmp_path_factory.mktemp("videos")
    sandbox_server.clear()
    sandbox_server.rules(limited=False, pending=0, running=0, running_per_model=len(ASKED))
    tasks = {
        name: sandbox_server.task({**submission(**{"prompt": "A horse at dawn", **asked}), "model": MODEL.id})
        for name, asked in ASKED.items()
    }
    paths = {}
    for name, task_id in tasks.items():
        answer = sandbox_server.finished(task_id, seconds=120)
        paths[name] = folder / f"{task_id}.mp4"
        paths[name].write_bytes(sandbox_server.http.get(answer["output"]["video_url"]).content)
    yield paths
    sandbox_server.clear()


@pytest.fixture(scope="module")
def facts(videos: dict[str, Path]) -> dict[str, VideoFacts]:
    return {name: probe_video(path) for name, path in videos.items()}


@pytest.mark.parametrize("name", ASKED)
def test_a_video_has_the_size_length_and_codecs_that_were_asked_for(facts: dict[str, VideoFacts], name: str) -> None:
    asked, video = ASKED[name], facts[name]
    seconds = asked.get("duration", 3)
    assert (video.width, video.height) == size_of(asked["resolution"], asked.get("ratio", "16:9"))
    assert (video.format, video.codec, video.pixel_format, video.audio_codec) == ("MP4", "h264", "yuv420p", "aac")
    assert (video.fps, video.variable, video.turned, video.streams) == (24, False, False, 1)
    assert video.frames == video.packets == 24 * seconds
    assert video.seconds == Decimal(seconds)


@pytest.mark.parametrize("name", ["480P 16:9", "480P 1:1, 7 seconds"])
def test_the_sound_is_as_long_as_the_picture(videos: dict[str, Path], name: str) -> None:
    command = ["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=duration", "-of", "csv=p=0"]
    told = subprocess.run([*command, str(videos[name])], capture_output=True, text=True, check=True, timeout=60).stdout
    assert Decimal(told) == ASKED[name].get("duration", 3)


@pytest.mark.parametrize("resolution", MODEL.resolution.all)
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_size_is_even_and_has_its_ratio_and_area(resolution: str, ratio: str) -> None:
    width, height = size_of(resolution, ratio)
    across, down = map(int, ratio.split(":"))
    lines = int(resolution.removesuffix("P"))
    assert width % 2 == height % 2 == 0
    assert width / height == pytest.approx(across / down, rel=0.01)
    assert width * height == pytest.approx(lines * lines * 16 / 9, rel=0.01)


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("720P", "16:9", (1280, 720)),
        ("720P", "9:16", (720, 1280)),
        ("720P", "1:1", (960, 960)),
        ("1080P", "16:9", (1920, 1080)),
        ("1080P", "9:16", (1080, 1920)),
    ],
)
def test_the_common_sizes_are_the_usual_ones(resolution: str, ratio: str, size: tuple[int, int]) -> None:
    assert size_of(resolution, ratio) == size


def test_the_same_seed_and_prompt_give_the_same_bytes(videos: dict[str, Path]) -> None:
    digests = {name: sha256(path.read_bytes()).hexdigest() for name, path in videos.items()}
    first = digests["480P 16:9"]
    assert digests["again"] == first
    others = ("other seed", "other prompt", "no watermark")
    assert len({first, *(digests[name] for name in others)}) == 4


def test_a_slow_task_runs_as_long_as_its_prompt_says(sandbox: SandboxServer) -> None:
    sandbox.rules(pending=0, running=0, limited=False)
    body = {**submission("sandbox:slow=1", resolution="480P"), "model": MODEL.id}
    begun = time.monotonic()
    sandbox.finished(sandbox.task(body))
    assert time.monotonic() - begun > 1


def test_five_tasks_of_a_model_run_at_a_time(sandbox: SandboxServer) -> None:
    sandbox.rules(pending=0, limited=False)
    for _ in range(7):
        sandbox.task(submission("sandbox:slow=3600"))
    sandbox.task({**submission("sandbox:slow=3600"), "model": MODEL.id})
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        statuses = [task["status"] for task in sandbox.statistics()["tasks"]]
        if statuses.count("RUNNING") == 6:
            break
        time.sleep(0.02)
    assert (statuses.count("RUNNING"), statuses.count("PENDING")) == (6, 2)
    assert statuses[5:] == ["PENDING", "PENDING", "RUNNING"]
