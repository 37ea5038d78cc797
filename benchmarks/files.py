"""A visitor's files: what checking them costs, and the way of a large one through the studio to the provider."""

from __future__ import annotations

import hashlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from PIL import Image

from benchmarks.download import MEGABYTES, make_clip
from benchmarks.figures import Figure, table
from benchmarks.processes import PeakMemory
from studio.catalog.models import CATALOG
from studio.media.checks import check_image, check_video
from studio.media.facts import probe_video
from studio.media.images import ImageReader
from studio.system import ffmpeg as tools
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

ROUNDS = 5
PHOTO = (4000, 3000)
MODEL = "happyhorse-1.0-video-edit"


@dataclass(frozen=True)
class _Passage:
    """One time through."""

    seconds: float
    memory: float
    """Bytes at the peak; for the studio above what it had before."""


def run(rounds: int = ROUNDS, megabytes: int = MEGABYTES, photo: tuple[int, int] = PHOTO) -> str:
    tools.ensure()
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as name:
        folder = Path(name)
        clip = make_clip(folder / "large.mp4", megabytes)
        return f"{_checks(folder, clip, rounds, photo)}\n\n{_way(folder, clip, rounds)}"


def _checks(folder: Path, clip: Path, rounds: int, size: tuple[int, int]) -> str:
    photo = folder / "photo.jpg"
    Image.effect_noise(size, 60).convert("RGB").save(photo, quality=90)
    frames, films = CATALOG.limits["dashscope-image"], CATALOG.limits["dashscope-video"]
    reader = ImageReader()
    try:
        image = _in_turn(rounds, lambda: check_image(reader.read(photo), frames), lambda: _open(photo))
        shown = folder / "thumbnail.jpg"
        shown_too = _in_turn(rounds, lambda: check_image(reader.read(photo, shown), frames), lambda: _open(photo))
    finally:
        reader.close()
    video = _in_turn(rounds, lambda: check_video(probe_video(clip), films), lambda: _ffprobe(clip))
    megabytes = {path: f"{path.stat().st_size / 1e6:.0f} MB" for path in (photo, clip)}
    return table(
        f"A file checked, medians of {rounds}",
        "Pillow alone / ffprobe alone",
        [
            Figure(
                f"an image of {size[0] * size[1] / 1e6:.0f} megapixels, {megabytes[photo]}, in a child process",
                "ms",
                *image,
            ),
            Figure("… with its thumbnail", "ms", *shown_too),
            Figure(f"a video of {megabytes[clip]}, every packet counted", "ms", *video),
        ],
    )


def _in_turn(rounds: int, ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of both, in turn, after one round that only warms the caches."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for work, times in zip((ours, bare), taken, strict=True):
            begun = time.perf_counter()
            work()
            if turn:
                times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def _open(photo: Path) -> None:
    with Image.open(photo) as image:
        image.load()


def _ffprobe(clip: Path) -> None:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(clip)]
    subprocess.run(command, check=True, capture_output=True)


def _way(folder: Path, clip: Path, rounds: int) -> str:
    """In by the page's upload, out by the provider's; and by curl straight to the provider's store."""
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    taken_in: list[_Passage] = []
    published: list[_Passage] = []
    direct: list[_Passage] = []
    with SandboxServer(folder / "cloud", "--instant", seconds=0) as cloud:
        for turn in range(rounds):
            direct.append(_direct(cloud, clip))
            # A studio of its own each time: else the file would be known to it.
            with StudioProcess(folder / f"studio{turn}", cloud) as studio, studio.visitor() as visitor:
                taken_in.append(_take_in(studio, visitor, clip, digest))
                published.append(_publish(studio, visitor, clip))
            _compare(folder / "cloud" / "uploads", digest)

    def median(passages: list[_Passage], field: str) -> float:
        return float(statistics.median(getattr(passage, field) for passage in passages))

    seconds, megabytes = median(direct, "seconds"), median(direct, "memory") / 1e6
    return table(
        f"A video of {clip.stat().st_size / 1e6:.0f} MB through the studio, medians of {rounds}; "
        "the same bytes came out at the provider",
        "curl straight to the provider's store",
        [
            Figure("taken in: received, hashed, probed, with thumbnail", "s", median(taken_in, "seconds"), seconds),
            Figure("published to the provider", "s", median(published, "seconds"), seconds),
            Figure("memory above idle while it is taken in", "MB", median(taken_in, "memory") / 1e6, megabytes),
            Figure("… while it is published", "MB", median(published, "memory") / 1e6, megabytes),
        ],
    )


def _direct(cloud: SandboxServer, clip: Path) -> _Passage:
    terms = cloud.request("GET", "/api/v1/uploads", params={"action": "getPolicy", "model": MODEL}).json()["data"]
    fields = {
        "OSSAccessKeyId": terms["oss_access_key_id"],
        "Signature": terms["signature"],
        "policy": terms["policy"],
        "key": f"{terms['upload_dir']}/direct.mp4",
        "x-oss-object-acl": terms["x_oss_object_acl"],
        "x-oss-forbid-overwrite": terms["x_oss_forbid_overwrite"],
        "success_action_status": "200",
    }
    form = [word for name, value in fields.items() for word in ("--form-string", f"{name}={value}")]
    begun = time.perf_counter()
    curl = psutil.Popen(["curl", "-sSf", *form, "-F", f"file=@{clip}", terms["upload_host"]])
    with PeakMemory(curl.pid) as memory:
        if status := curl.wait():
            raise RuntimeError(f"curl ended with {status}")
    return _Passage(time.perf_counter() - begun, memory.alone)


def _take_in(studio: StudioProcess, visitor: httpx.Client, clip: Path, digest: str) -> _Passage:
    before = psutil.Process(studio.process.pid).memory_info().rss
    query = {"mode": "video-edit", "field": "video", "name": clip.name}
    with PeakMemory(studio.process.pid) as memory, clip.open("rb") as content:
        begun = time.perf_counter()
        answer = visitor.post("/studio/files", params=query, content=content, timeout=120).raise_for_status()
        seconds = time.perf_counter() - begun
    if answer.json()["sha256"] != digest:
        raise RuntimeError("the studio took in other bytes")
    return _Passage(seconds, memory.alone - before)


def _publish(studio: StudioProcess, visitor: httpx.Client, clip: Path) -> _Passage:
    """Hand a job in as a script does and read off its history how long its file was on the way."""
    with clip.open("rb") as content:
        (path,) = visitor.post("/gradio_api/upload", files={"files": content}, timeout=120).raise_for_status().json()
    before = psutil.Process(studio.process.pid).memory_info().rss
    video = {"path": path}
    asked = {"video": video, "prompt": "Make it warm", "model": MODEL, "resolution": "720P", "seed": 7}
    with PeakMemory(studio.process.pid) as memory:
        made = visitor.post("/studio/api/video_edit", json=asked, timeout=120).raise_for_status().json()
        job = studio.wait(visitor, made["id"], lambda job: job["state"] == "succeeded", seconds=120)
    moments = {event["what"]: event["at"] for event in job["history"]}
    return _Passage(moments["submitting"] - moments["publishing"], memory.alone - before)


def _compare(uploads: Path, digest: str) -> None:
    stored = max((path for path in uploads.iterdir() if not path.suffix), key=lambda path: path.stat().st_mtime)
    with stored.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != digest:
            raise RuntimeError("other bytes came out at the provider")
