"""A large result brought home: from its address to a checked video with poster and evidence, against curl."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ffmpeg
from pydantic import SecretStr

from benchmarks.figures import Figure, table
from benchmarks.file_server import FileServer
from studio.accounts.account import Account
from studio.catalog.requests import TextToVideo
from studio.database.states import State
from studio.jobs.model import Job, JobTask, new_id
from studio.jobs.rows.store import Store
from studio.jobs.save.saving import Saving, download
from studio.outputs.locations import Locations
from studio.providers.base import TaskStatus
from studio.providers.dashscope import DashScope

ROUNDS = 7
MEGABYTES = 100
ACCOUNT = "dashscope:beijing"


def run(rounds: int = ROUNDS, megabytes: int = MEGABYTES) -> str:
    """The ways in turn, so that what else the machine does meets all of them."""
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as name:
        folder = Path(name)
        clip = make_clip(folder / "result.mp4", megabytes)
        seconds: dict[str, list[float]] = {"curl": [], "download": [], "save": []}
        store = Store(f"sqlite:///{folder / 'studio.db'}")
        try:
            with FileServer(clip) as server:
                for turn in range(rounds):
                    job = _job(store, server.url, turn)
                    seconds["curl"].append(_timed(lambda: _curl(server.url, folder / "curl.mp4")))
                    seconds["download"].append(_timed(lambda: asyncio.run(_download(server.url, folder / "ours.mp4"))))
                    save = partial(_save, store, job, folder / "output")
                    seconds["save"].append(_timed(lambda: asyncio.run(save())))  # noqa: B023  # it runs at once
        finally:
            store.close()
        size = clip.stat().st_size / 1e6

    def rate(way: str) -> float:
        return size / statistics.median(seconds[way])

    return table(
        f"A result of {size:.0f} MB, medians of {rounds}",
        "curl",
        [
            Figure("downloaded and synced to disk", "MB/s", rate("download"), rate("curl")),
            Figure("… probed, hashed, with poster and evidence", "MB/s", rate("save"), rate("curl")),
        ],
    )


async def _download(url: str, path: Path) -> None:
    provider = _provider()
    await download(provider, url, path)
    await provider.aclose()


async def _save(store: Store, job: Job, output: Path) -> None:
    provider = _provider()
    await Saving(
        store, {ACCOUNT: Account(ACCOUNT, provider, "beijing", live=False, poll_seconds=1)}, Locations.folder(output)
    ).run(job.id)
    await provider.aclose()
    saved = store.get(job.id)
    if saved is None or saved.state is not State.SUCCEEDED:
        raise RuntimeError(f"the result was not saved: {saved and saved.fault}")


def _curl(url: str, path: Path) -> None:
    subprocess.run(["curl", "--silent", "--fail", "--output", str(path), url], check=True)


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _provider() -> DashScope:
    # Results are fetched from their own address: nothing is asked of this host.
    return DashScope("http://127.0.0.1:9", SecretStr("none"))


def _job(store: Store, url: str, turn: int) -> Job:
    now = time.time()
    job = Job(
        id=new_id(now),
        owner="bench",
        account=ACCOUNT,
        region="beijing",
        state=State.SAVING,
        request=TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="Noise", duration=15),
        quote=None,
        created_at=now,
        updated_at=now,
        attempt=1,
        not_before=0.0,
        submitted_at=now,
        finished_at=now,
        task=JobTask(f"task-{turn}", TaskStatus.SUCCEEDED, url),
    )
    store.add(job)
    return job


def make_clip(path: Path, megabytes: int = MEGABYTES) -> Path:
    """Fifteen seconds of 1080P noise, which no encoder can make small: about so many ``megabytes``."""
    rate = f"{megabytes * 8_000 / 15 * 1.1:.0f}k"
    picture = ffmpeg.input("color=gray:s=1920x1080:r=24:d=15", format="lavfi").filter("noise", alls=60, allf="t")
    output = ffmpeg.output(
        picture,
        str(path),
        vcodec="libx264",
        preset="ultrafast",
        pix_fmt="yuv420p",
        maxrate=rate,
        minrate=rate,
        bufsize="8M",
        **{"b:v": rate},
    ).global_args("-nostdin", "-v", "error")
    subprocess.run(output.compile(overwrite_output=True), check=True)
    return path
