"""One engine with an account for each phase of a job, each at a sandbox of its own, so that faults do not mix."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import SecretStr

from studio.accounts.account import Account
from studio.catalog.requests import ImageToVideo, Request, TextToVideo
from studio.database.states import State
from studio.errors import StudioError
from studio.jobs.engine import Engine
from studio.jobs.model import Job
from studio.jobs.rows.store import Store
from studio.media.vault import Vault
from studio.outputs.locations import Locations
from studio.providers.dashscope import DashScope
from studio.system.pace import PACE, Pace
from tests.faults.gate import Gate
from tests.servers import SandboxServer

PHASES = ("policy", "upload", "create", "get", "list", "cancel", "download")
ALSO_LISTED = 13
"""So many jobs wait all the time where lists are under test: then at least four are due at each look of the watcher,
which makes four looks a poll, and asks for each task where fewer are due."""
POLL_SECONDS = 0.4
PATIENCE = 90.0
SILENCE = 3.0
"""After so long an answer that does not come is given up; any other is waited for, however slow the machine is."""

Fault = Mapping[str, Any]
"""As ``studio.sandbox.faults`` describes it, but for the endpoint; empty: connections are refused."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job, and what the sandbox saw of it."""

    job: Job
    first: Job
    """The job when it ended first: what was interrupted may go on."""
    requests: int
    """So many came to the endpoint that misbehaved."""
    submissions: int
    creations: int
    task: str | None
    """Status of the job's task."""
    seconds: float
    told: StudioError | None
    """What was raised at the visitor."""


@dataclass
class Lane:
    """One phase: the sandbox that misbehaves in it, the gate before it, and the engine's account there."""

    phase: str
    cloud: SandboxServer
    gate: Gate
    engine: Engine
    vault: Vault
    folder: Path

    def play(self, name: str, fault: Fault) -> Outcome:
        """Bring a job to its end while ``fault`` strikes this lane's phase once; ``name`` tells its prompt apart."""
        return asyncio.run(asyncio.wait_for(self._play(name, fault), PATIENCE))

    async def _play(self, name: str, fault: Fault) -> Outcome:
        begun, told, before = time.monotonic(), None, self.cloud.statistics()
        self._wait_for_answers(SILENCE if "hang" in fault.get("do", "") else PATIENCE)
        hold = {"list": "RUNNING", "cancel": "PENDING"}.get(self.phase)
        self.cloud.rules(hold=hold, limited=False, pending=0, running_per_model=100)
        request = self._request(name)
        if hold is None:
            self._strike(fault)
        job = await self.engine.accept(self.phase, request, self.phase)
        if hold is not None:
            await self._reached(job, lambda now: now.task_id is not None)
            self._strike(fault)
        if self.phase == "cancel":
            told = await self._cancel(job)
        if not fault:
            await self._noticed(job)
            self.gate.open()
        elif self.phase == "list":
            self._struck()
        self.cloud.rules(hold=None)
        first = await self._reached(job, lambda now: now.state.ended)
        seen = self.cloud.statistics()
        creations = seen["creations"] - before["creations"]
        if first.state is State.INTERRUPTED and creations:
            job = await self._reached(job, lambda now: now.state is State.SUCCEEDED)
        else:
            job = first
        return Outcome(
            job,
            first,
            seen["requests"][self.phase] - before["requests"][self.phase],
            seen["requests"]["create"] - before["requests"]["create"],
            creations,
            next((task["status"] for task in seen["tasks"] if task["id"] == job.task_id), None),
            time.monotonic() - begun,
            told,
        )

    def wait_behind(self) -> None:
        """Let jobs wait that the provider does not finish, so that it is asked for lists."""

        async def begin() -> None:
            others = [self._request(f"{number} sandbox:slow=3600") for number in range(ALSO_LISTED)]
            for job in await self.engine.accept_all("others", others, self.phase):
                await self._reached(job, lambda now: now.task_id is not None)

        self.cloud.rules(limited=False, pending=0, running_per_model=100)
        asyncio.run(begin())

    def _wait_for_answers(self, seconds: float) -> None:
        """Let the lane's account give an answer up after so long."""
        wire = self.engine.accounts[self.phase].provider._wire  # type: ignore[attr-defined]
        for client in (wire._json, wire._paid, wire._files):
            client.timeout = seconds

    def _strike(self, fault: Fault) -> None:
        if fault:
            self.cloud.faults({"endpoint": self.phase, **fault})
        else:
            self.gate.shut(
                at={"upload": b'"upload_host"', "get": b'"PENDING"', "download": b'"video_url"'}.get(self.phase)
            )

    def _struck(self) -> None:
        """Wait until the fault has struck."""
        deadline = time.monotonic() + PATIENCE
        while self.cloud.post("/_control/faults", []):
            assert time.monotonic() < deadline, f"no {self.phase} came"
            time.sleep(0.05)

    async def _noticed(self, job: Job) -> None:
        """Wait until the engine has felt that connections are refused."""
        if self.phase in ("get", "list"):
            await self._reached(job, lambda now: now.task_id is not None)
            await asyncio.sleep(3 * POLL_SECONDS)
        elif self.phase != "cancel":
            await self._reached(job, lambda now: now.fault is not None)

    def _request(self, name: str) -> Request:
        if self.phase not in ("policy", "upload"):
            # That a task has failed is told as well by a look as that it has not, and needs no video to be saved.
            prompt = f"{name}: a horse{' sandbox:fail=InternalError' * (self.phase in ('get', 'list'))}"
            return TextToVideo(
                provider="dashscope", model="happyhorse-1.0-t2v", prompt=prompt, resolution="720P", duration=3
            )
        path = self.folder / "frame.png"  # another one each time, which was not uploaded yet
        noise = Image.effect_noise((320, 320), 90)
        noise.save(path)
        frame = self.vault.keep(self.phase, "image", "frame.png", path).asset
        return ImageToVideo(
            provider="dashscope", model="happyhorse-1.0-i2v", first_frame=frame, resolution="720P", duration=3
        )

    async def _cancel(self, job: Job) -> StudioError | None:
        try:
            await self.engine.cancel(job.owner, job.id)
        except StudioError as error:
            return error
        return None

    async def _reached(self, job: Job, end: Callable[[Job], bool]) -> Job:
        """The job once ``end`` says so of it."""
        with self.engine.changes.subscribe(job.owner) as changes:
            now = await self.engine.job(job.owner, job.id)
            while not end(now):
                news = await changes.get()
                if not isinstance(news, Job):
                    now = await self.engine.job(job.owner, job.id)
                elif news.id == job.id:  # each state, however soon it passes
                    now = news
            return now


@contextmanager
def lanes(folder: Path, pace: Pace = PACE) -> Iterator[dict[str, Lane]]:
    """A lane for each phase, and the engine that serves them all."""
    with ThreadPoolExecutor(len(PHASES)) as pool, ExitStack() as stack:

        def cloud(phase: str) -> SandboxServer:
            server = SandboxServer(folder / phase, "--instant", seconds=0)
            server.start()
            return server

        clouds = dict(zip(PHASES, pool.map(cloud, PHASES), strict=True))
        stack.callback(lambda: list(pool.map(SandboxServer.stop, clouds.values())))
        gates = {phase: stack.enter_context(Gate(server.url)) for phase, server in clouds.items()}
        accounts = {}
        for phase, gate in gates.items():
            provider = DashScope(gate.url, SecretStr(clouds[phase].key), pace=pace)
            accounts[phase] = Account(
                phase, provider, "beijing", live=True, poll_seconds=POLL_SECONDS, upload=provider.upload
            )
        store = Store(f"sqlite:///{folder / 'studio.db'}")
        vault = Vault(folder / "media", store.engine)
        own, outputs = f"sqlite:///{folder / 'engine.db'}", Locations.folder(folder / "output")
        engine = Engine(store, vault, accounts, PHASES[0], outputs, own, pace)
        engine.start()
        try:
            yield {phase: Lane(phase, clouds[phase], gates[phase], engine, vault, folder / phase) for phase in PHASES}
        finally:
            engine.stop()
            vault.close()
            store.close()
