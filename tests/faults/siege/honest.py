"""The honest visitor: one video after another, each waited for until it can be played."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.siege.bombs import png
from tests.servers import ONE_REQUEST
from tests.studio_process import ENDED, StudioProcess

NETWORK = "192.0.2.1"
PATIENCE = 120.0


class Honest:
    """Comes from a network of the own, as the proxy before the studio tells it."""

    most = 30
    """Videos under siege: within what one visitor may spend."""

    def __init__(self, studio: StudioProcess, word: str) -> None:
        """``word`` stands in every prompt, and is nobody else's business."""
        self._studio = studio
        self.word = word
        self.waits: list[float] = []
        """Seconds from the press until the video was there, under siege."""
        self.made: list[str] = []
        """Ids of the jobs."""
        self.lost: list[str] = []
        """What became of the videos that did not come."""
        self._left = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        headers = {"X-Forwarded-For": NETWORK}
        self._http = httpx.Client(base_url=self._studio.url, headers=headers, timeout=PATIENCE, limits=ONE_REQUEST)
        self._http.get("/").raise_for_status()
        given = {"mode": "image-to-video", "field": "first_frame", "name": f"{self.word}.png"}
        answer = self._http.post("/studio/files", params=given, content=png(640, 640)).raise_for_status()
        self.file: str = answer.json()["sha256"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()
        self._http.close()

    def make(self) -> float:
        """A video; the seconds until it could be played. RuntimeError when it does not come."""
        begun = time.monotonic()
        small = {"prompt": f"A {self.word} horse", "resolution": "720P", "duration": 3}
        answer = self._http.post("/studio/api/text_to_video", json=small)
        if answer.status_code != 200:
            raise RuntimeError(f"HTTP {answer.status_code} {answer.text[:300]}")
        job: dict[str, Any] = answer.json()
        self.made.append(job["id"])
        while job["state"] not in ENDED:
            if time.monotonic() > begun + PATIENCE:
                raise RuntimeError(f"{job['id']} is still {job['state']}")
            time.sleep(0.1)
            job = self._http.get(f"/studio/jobs/{job['id']}").raise_for_status().json()
        video = self._http.get(f"/studio/media/{job['id']}/video")
        if job["state"] != "succeeded" or b"ftyp" not in video.content[:16]:
            raise RuntimeError(f"{job['id']} has {job['state']}, its video HTTP {video.status_code}")
        return time.monotonic() - begun

    def go_on(self, every: float) -> None:
        """Make one after another from now on, at most one in ``every`` seconds."""
        self._thread = threading.Thread(target=self._go_on, args=(every,), daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Wait for the last one, and make no more."""
        self._left.set()
        if self._thread is not None:
            self._thread.join(2 * PATIENCE)

    def _go_on(self, every: float) -> None:
        for _ in range(self.most):
            if self._left.is_set():
                return
            begun = time.monotonic()
            try:
                self.waits.append(self.make())
            except (RuntimeError, httpx.HTTPError) as error:
                self.lost.append(f"{type(error).__name__} {error}")
            self._left.wait(max(0.0, begun + every - time.monotonic()))
