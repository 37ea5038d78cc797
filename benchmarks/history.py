"""The library with a hundred thousand jobs in it, asked over HTTP; and what a page full of videos weighs."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure, table
from studio.catalog.pricing import quote
from studio.catalog.requests import TextToVideo
from studio.database.states import State
from studio.jobs.model import Job, VideoFile
from studio.jobs.rows.store import Store
from studio.media.poster import make_poster
from studio.visitors.tokens import HEADER, Identity
from tests import browser as chromium
from tests.media.videos import make_video
from tests.studio_process import StudioProcess

FEW, MANY = 100, 100_000
VIDEOS = 50
ROUNDS = 30
AT_ONCE = 5000
SECRET = "benchmark" * 4
OWNER = "bench"
WORDS = """
    horse beach sunrise wet chestnut gallops spray slow motion tracking shot city night cardboard bottle window light
    camera glass river mountain storm snow forest lantern market rain umbrella train harbour violin dancer
"""
QUESTIONS = {
    "first page": {},
    "… longest first": {"sort": "longest"},
    "… failed only": {"state": "failed"},
    "search, a word of every other prompt": {"words": "horse"},
    "search, a word of one in a thousand": {"words": "zebra"},
    "search, two Chinese characters": {"words": "木匠"},
    "search, a word of none": {"words": "submarine"},
}


def run(many: int = MANY, rounds: int = ROUNDS, videos: int = VIDEOS) -> str:
    """Both libraries in turn, and then the page."""
    with tempfile.TemporaryDirectory(prefix="happyhorse-bench-") as folder:
        short, long = (_answer_times(Path(folder) / str(count), count, rounds) for count in (FEW, many))
        figures = [Figure(name, "ms", long[name], short[name]) for name in QUESTIONS]
        speed = table(f"History with {many:,} jobs, medians of {rounds}", f"with {FEW} jobs", figures)
        light, requests, heavy = _weight(Path(folder) / "page", videos)
    weight = table(
        f"The page of History with {videos} videos on it",
        "videos loaded",
        [
            Figure("weight", "MB", light / 1e6, (light + heavy) / 1e6),
            Figure("requests", "", requests, requests + videos),
        ],
    )
    return f"{speed}\n\n{weight}"


def _answer_times(folder: Path, count: int, rounds: int) -> dict[str, float]:
    _fill(folder, _jobs(count))
    times: dict[str, float] = {}
    with StudioProcess(folder, STUDIO_SECRET=SECRET) as studio, httpx.Client(base_url=studio.url, timeout=60) as client:
        client.headers[HEADER] = Identity(SECRET.encode()).token(OWNER)
        for name, query in QUESTIONS.items():
            taken = []
            for _ in range(rounds):
                begun = time.perf_counter()
                client.get("/studio/history", params=query).raise_for_status()
                taken.append((time.perf_counter() - begun) * 1000)
            times[name] = statistics.median(taken)
    return times


def _weight(folder: Path, count: int) -> tuple[float, int, int]:
    """Bytes and requests until the page stands with all its tiles, and the bytes of the videos on it."""
    output = folder / "output"
    output.mkdir(parents=True)
    clip = make_video(folder / "clip.mp4", size="1920x1080", seconds=5)
    make_poster(clip, folder / "clip.jpg")
    jobs = []
    for number, job in enumerate(_jobs(count)):
        for suffix in (".mp4", ".jpg"):
            os.link(folder / f"clip{suffix}", output / f"{number}{suffix}")
        video = VideoFile(f"{number}.mp4", f"{number}.jpg", clip.stat().st_size, "0" * 64, 1920, 1080, 5, 24, "h264")
        jobs.append(replace(job, state=State.SUCCEEDED, video=video))
    _fill(folder, jobs)
    received: list[float] = []
    with StudioProcess(folder, STUDIO_SECRET=SECRET) as studio, sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        context = opened.new_context(viewport={"width": 1440, "height": 1000})
        context.add_cookies(
            [{"name": "happyhorse", "value": Identity(SECRET.encode()).token(OWNER), "url": studio.url}]
        )
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        page.goto(f"{studio.url}/#history")
        page.wait_for_selector(".tile")
        while page.locator(".tile").count() < count:
            page.mouse.wheel(0, 4000)
            page.wait_for_timeout(100)
        for tile in page.locator(".tile").all():
            tile.scroll_into_view_if_needed()
        page.wait_for_function("[...document.querySelectorAll('.tile img')].every((poster) => poster.complete)")
        opened.close()
    return sum(received), len(received), count * clip.stat().st_size


def _jobs(count: int) -> Iterator[Job]:
    """Jobs a minute apart, up to now; always the same ones but for the time."""
    chance = random.Random(7)
    begin = time.time() - 60 * count
    for number in range(count):
        prompt = " ".join(chance.choices(WORDS.split(), k=18))
        prompt += " zebra" * (number % 1000 == 7) + " 一位老木匠在清晨的工坊里刨木头" * (number % 500 == 3)
        request = TextToVideo(
            provider="dashscope", model="happyhorse-1.0-t2v", prompt=prompt, duration=3 + number % 13, seed=number
        )
        at = begin + 60 * number
        yield Job(
            id=f"{int(at * 1000):012x}{number:012x}",
            owner=OWNER,
            account="sandbox",
            region="beijing",
            state=State.FAILED if number % 50 == 5 else State.SUCCEEDED,
            request=request,
            quote=quote(request, "beijing"),
            created_at=at,
            updated_at=at,
            attempt=1,
            not_before=0.0,
        )


def _fill(folder: Path, jobs: Iterable[Job]) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    store = Store(f"sqlite:///{folder / 'data' / 'studio.db'}")
    waiting: list[Job] = []
    for job in jobs:
        waiting.append(job)
        if len(waiting) == AT_ONCE:
            store.add_all(waiting)
            waiting.clear()
    store.add_all(waiting)
    store.close()
