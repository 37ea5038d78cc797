"""What both protocols of the sandbox share: tasks, results and their signatures, keys, credits, rules."""

from __future__ import annotations

import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from studio.catalog.models import CATALOG, Model
from studio.sandbox.callbacks import Callbacks
from studio.sandbox.callers import base_of, same
from studio.sandbox.credits import Credits
from studio.sandbox.faults import EXPIRED, MISSING, directives
from studio.sandbox.media import Media
from studio.sandbox.render import Renderer
from studio.sandbox.tasks import SandboxTask, TaskPace, Tasks
from studio.sandbox.uploads import UploadStore
from studio.system.addresses import Judge

KEY_DIGITS = 24
_UPLOAD_HOURS = CATALOG.providers["dashscope"].upload_hours


@dataclass
class Rules:
    """What the control endpoint may change while the sandbox runs."""

    requests_per_second: int = int(CATALOG.providers["dashscope"].requests_per_second.value)
    submissions_per_second: int = int(CATALOG.providers["dashscope"].submissions_per_second.value)
    limited: bool = True
    """Whether the two rates are enforced; each provider has them for itself."""
    region: str = next(iter(CATALOG.providers["dashscope"].regions))
    """Where DashScope is: only what is sold there is found."""
    page_size: int = 100
    """The greatest page of a list."""
    result_seconds: float = 24 * 3600.0
    task_seconds: float = 24 * 3600.0
    """After so long a task is UNKNOWN."""
    upload_seconds: float = _UPLOAD_HOURS.value * 3600 if _UPLOAD_HOURS else float("inf")
    fetch_seconds: float = 30.0
    """How long fetching one medium may take."""
    callback_seconds: float = 10.0
    """How long a callback waits for its answer."""
    callback_delays: list[float] = field(default_factory=lambda: [180.0, 600.0])
    """After so long each a callback is tried again."""
    private_urls: bool = False
    """Whether media are fetched from private networks, and callbacks go there."""


class Sandbox:
    """The far side of the wire, whichever protocol asks for it."""

    def __init__(
        self,
        data_dir: Path,
        pace: TaskPace,
        *,
        instant: bool = False,
        private_urls: bool = False,
        own: Sequence[str] = (),
    ) -> None:
        """``instant``: every task has the same small video, so that thousands cost nothing to make.

        ``own``: what addresses begin with that are fetched although they are not public: the studio's on this machine.
        """
        self.data_dir = data_dir
        self.videos = data_dir / "videos"
        self.videos.mkdir(parents=True, exist_ok=True)
        self._secret = _secret(data_dir / "secret")
        more = shake_256(self._secret).hexdigest(KEY_DIGITS * len(CATALOG.providers))
        digits = self._secret.hex()[: 2 * KEY_DIGITS] + more
        self.keys = {
            name: f"sk-sandbox-{digits[place * KEY_DIGITS :][:KEY_DIGITS]}"
            for place, name in enumerate(CATALOG.providers)
        }
        """The key of its account at each cloud."""
        self._private_urls = private_urls
        self._own = tuple(own)
        self.rules = self.usual_rules()
        self.uploads = UploadStore(data_dir / "uploads", self.keys["dashscope"], lambda: self.rules.upload_seconds)
        self.media = Media(self.uploads, lambda: self.rules.fetch_seconds, self._judge)
        self.renderer = Renderer(self.videos, self.media, instant=instant)
        self.tasks = Tasks(data_dir, pace, self.renderer.render, lambda task: self.callbacks.ended(task))
        self.callbacks = Callbacks(
            self.tasks, lambda: self.rules.callback_delays, lambda: self.rules.callback_seconds, self._judge
        )
        self.credits = Credits(data_dir / "credits", self.tasks)
        self.creations = 0
        self.recent: dict[str, deque[float]] = {}
        """When the requests of the last second came, by what their rate is limited for."""
        self.seen_words: set[tuple[str, str]] = set()
        """Magic words that strike only once, with the prompt they stood in."""
        self._sweep()

    def usual_rules(self) -> Rules:
        """As they are at the start."""
        return Rules(private_urls=self._private_urls)

    def _judge(self) -> Judge:
        return Judge(prefixes=self._own, private=self.rules.private_urls)

    def first_time(self, word: str, prompt: str) -> bool:
        """Whether this word of this prompt has not struck before."""
        once = (word, prompt)
        fresh = once not in self.seen_words
        self.seen_words.add(once)
        return fresh

    def too_fast(self, name: str, per_second: int) -> bool:
        """Whether so many requests that ``name`` limits came within the last second; else this one counts, too."""
        if not self.rules.limited:
            return False
        now, recent = time.monotonic(), self.recent.setdefault(name, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= per_second:
            return True
        recent.append(now)
        return False

    def make(self, request: Request, model: Model, body: dict[str, Any], **fields: Any) -> SandboxTask:
        """A new task, of which nobody hears if the prompt asks for that."""
        self._sweep()
        seed = body.get("parameters", {}).get("seed")
        task = self.tasks.create(
            provider=model.provider,
            model=model.id,
            mode=model.mode,
            body=body,
            seed=seed if seed is not None else secrets.randbelow(model.seed.max + 1),
            **fields,
        )
        self.creations += 1
        if "lost" in directives(task.prompt):
            request.scope["sandbox"] = "lose"
        return task

    def _sweep(self) -> None:
        """Forget the tasks whose time is over, and remove their videos, unless all tasks share one."""
        lifetime = max(self.rules.task_seconds, self.rules.result_seconds)
        over = [task for task in self.tasks if task.ended_at is not None and task.ended_at < time.time() - lifetime]
        for task in over:
            (self.videos / f"{task.id}.mp4").unlink(missing_ok=True)
        if over:
            self.tasks.drop(over)

    def known(self, provider: str, task_id: str) -> SandboxTask | None:
        """The task of that provider, unless it is forgotten by now."""
        task = self.tasks.get(task_id)
        if task is None or task.provider != provider or task.created_at < time.time() - self.rules.task_seconds:
            return None
        forgotten = task.status != "PENDING" and "unknown" in directives(task.prompt)
        return None if forgotten else task

    def result_url(self, request: Request, task: SandboxTask) -> str:
        """A signed address of the result, as an object store gives."""
        expires = int((task.ended_at or time.time()) + self.rules.result_seconds)
        name = f"{task.id}.mp4"
        return f"{base_of(request)}/results/{name}?Expires={expires}&Signature={self.sign(name, expires)}"

    def sign(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{name}:{expires}".encode(), sha256).hexdigest()

    async def result(self, request: Request) -> Response:
        """Hand out a result, whole or in ranges."""
        name = request.path_params["name"]
        expires, signature = request.query_params.get("Expires", ""), request.query_params.get("Signature", "")
        valid = expires.isdigit() and same(signature, self.sign(name, int(expires)))
        task = self.tasks.get(name.removesuffix(".mp4"))
        if not valid or int(expires) < time.time() or (task is not None and self.gone(task)):
            return Response(EXPIRED, 403, media_type="application/xml")
        if task is None or task.video is None:
            return Response(MISSING, 404, media_type="application/xml")
        return self.video(request, task)

    def gone(self, task: SandboxTask) -> bool:
        """Whether its prompt asks for a result that cannot be had: then its day is over, for whoever asks again."""
        if "expired" not in directives(task.prompt):
            return False
        self.tasks.change(task, created_at=0.0)
        return True

    def video(self, request: Request, task: SandboxTask) -> Response:
        """The video of a task that has one; it breaks off if the prompt asks for that."""
        assert task.video is not None
        if "truncate" in directives(task.prompt) and self.first_time("truncate", task.prompt):
            request.scope["sandbox"] = "cut"
        return FileResponse(self.videos / task.video, media_type="video/mp4")


def _secret(path: Path) -> bytes:
    """Random bytes made at the first start and kept."""
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(secrets.token_bytes(32))
        partial.rename(path)
    return path.read_bytes()
