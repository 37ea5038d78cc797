"""Bringing a finished video home before its address dies, 24 hours after completion.

The video is streamed to a temporary name, checked (announced length, ffprobe), synced and only then renamed, so what
stands under its final name is whole; that is also how a second run knows that the first got there. Its settings are
written into it on the way, if that succeeds without a change to anything else in it. Beside it goes the
evidence that the skills of the specification ask for: task id, request, usage, every status seen and the result's URL.

Where videos are saved elsewhere than in a folder, all of this happens in the outbox of the data folder first. What is
whole there is brought on; while that cannot be, the job waits with it, and nothing is fetched from the cloud again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import studio
from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.database.states import State
from studio.errors import (
    MediaUnreadable,
    ProgramUnavailable,
    ProviderError,
    ResultCorrupt,
    ResultExpired,
    ResultUnchecked,
    ResultUnreachable,
    SaveError,
    TransportError,
)
from studio.jobs.model import Event, Happening, Job, VideoFile
from studio.jobs.rows.store import Store
from studio.jobs.save.metadata import video_metadata
from studio.jobs.submit.outages import back_off
from studio.media.comment_tag import write_comment
from studio.media.facts import VideoFacts, probe_video
from studio.media.poster import make_poster
from studio.message import Message
from studio.outputs.folder import storage_error, sync_folder
from studio.outputs.locations import Locations
from studio.providers.base import Provider, TaskStatus
from studio.system.pace import PACE, Pace
from studio.system.work_queue import TURNS, Work

log = logging.getLogger("studio.jobs")

BRINGERS = 4
"""Videos that are brought to their location at once."""
_SUFFIXES = (".mp4", ".jpg", ".json")
LEFT_SECONDS = 3600.0
"""What was begun and not touched for so long is nobody's any more: a download that goes on touches it all the time."""


class Saving:
    """Downloads, checks and files the results."""

    def __init__(self, store: Store, accounts: Mapping[str, Account], outputs: Locations, pace: Pace = PACE) -> None:
        self._store = store
        self._pace = pace
        self._clock = store.clock
        self._accounts = accounts
        self._outputs = outputs
        self._bringers = ThreadPoolExecutor(BRINGERS, "outputs")
        """Of their own: a location that says nothing must not take the threads on which jobs are written down."""
        self._corrupt: dict[str, int] = {}
        """By job id, how many times in a row what came was not whole."""
        self._failed: dict[str, int] = {}
        """By job id, how many times in a row it was not saved: what its submission met with does not count."""

    async def run(self, job_id: str) -> None:
        """Save the job's result if that is still to be done; safe to repeat. A full disk is waited for here."""
        while True:
            taken = await self._try(job_id)
            if taken:
                return
            await asyncio.sleep(self._pace.storage_seconds)

    def close(self) -> None:
        """Bring nothing more to where videos are saved; what is on its way there is brought again."""
        self._bringers.shutdown(wait=False, cancel_futures=True)

    async def _try(self, job_id: str) -> bool:
        """Save the result, or note why not; False where the disk did not take it."""
        job = await asyncio.to_thread(self._store.get, job_id)
        if job is None or job.state is not State.SAVING:
            return True
        # The address of a result carries its own signature: where the account is gone, any client brings it home.
        account = self._accounts.get(job.account) or next(iter(self._accounts.values()))
        corrupt = self._corrupt.pop(job.id, 0)
        try:
            video = await self._save(job, account.provider)
        except SaveError as error:
            await self._not_saved(job, error, corrupt + 1)
        except OSError as error:
            await self._not_written(job, storage_error(error, self._outputs.workplace))
            return False
        else:
            self._failed.pop(job.id, None)
            await asyncio.to_thread(
                self._store.move,
                job.id,
                State.SUCCEEDED,
                detail={"path": video.path},
                saved_at=self._clock.wall(),
                video=video,
                fault=None,
            )
            await asyncio.to_thread(self._empty_outbox, video.path)
        return True

    async def _save(self, job: Job, provider: Provider) -> VideoFile:
        name = f"{job.request.model}/videos/{file_stem(job)}.mp4"
        # What waits in the outbox is brought on also after videos have begun to be saved in a folder.
        target = self._outputs.outbox / name
        if not target.exists():
            target = self._outputs.workplace / name
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        digest = await asyncio.to_thread(self._digest_of_whole, target)
        if digest is not None:
            facts = await self._probe(target)
        else:
            facts = await self._fetch(job, provider, target)
            digest = await asyncio.to_thread(_digest, target)
        poster = target.with_suffix(".jpg")
        try:
            await TURNS.run(Work.RESULT, None, make_poster, target, poster)
        except (MediaUnreadable, ProgramUnavailable) as error:
            log.warning("no poster for job %s: %s", job.id, error)
        video = VideoFile(
            path=name,
            poster=str(PurePosixPath(name).with_suffix(".jpg")) if poster.exists() else None,
            bytes=facts.bytes,
            sha256=digest,
            width=facts.width,
            height=facts.height,
            seconds=float(facts.seconds),
            fps=float(facts.fps),
            codec=facts.codec,
            audio_codec=facts.audio_codec,
            location=self._outputs.current.location,
        )
        history = await asyncio.to_thread(self._store.history, job.id)
        await asyncio.to_thread(_write_whole, target.with_suffix(".json"), evidence(job, video, history))
        await asyncio.get_running_loop().run_in_executor(self._bringers, self._put, target, name)
        return video

    def _digest_of_whole(self, video: Path) -> str | None:
        """The digest of a video that is here already; None where there is none, or not the one that was brought: then
        nothing of it is left."""
        if not video.exists():
            return None
        digest = _digest(video)
        if video.is_relative_to(self._outputs.outbox):
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
                # Before it was put anywhere, its evidence was written.
                if json.loads(video.with_suffix(".json").read_text("utf-8"))["video"]["sha256"] != digest:
                    log.warning("%s is not what was brought home: it is fetched again", video.name)
                    video.unlink()
                    return None
        return digest

    def _put(self, video: Path, name: str) -> None:
        """Bring the video and what stands beside it to where videos are saved. Under its name, which has the job's id
        in it, there can only be what an earlier try has put."""
        for suffix in _SUFFIXES:
            source = video.with_suffix(suffix)
            if source.exists():
                self._outputs.current.put(source, str(PurePosixPath(name).with_suffix(suffix)), replace=True)

    def _empty_outbox(self, name: str) -> None:
        """Delete what was brought on. What cannot be is left to the sweep."""
        with contextlib.suppress(OSError):
            for suffix in _SUFFIXES:
                (self._outputs.outbox / name).with_suffix(suffix).unlink(missing_ok=True)

    async def _fetch(self, job: Job, provider: Provider, target: Path) -> VideoFacts:
        """Bring the result to ``target``."""
        partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            await self._download(job, provider, partial)
            facts = await self._probe(partial)
            if facts.truncated:
                raise ResultCorrupt(
                    Message(
                        "The video ends early: it has {here} of {all} frames.", here=facts.packets, all=facts.frames
                    )
                )
            facts = await self._inscribe(job, partial, facts)
            await asyncio.to_thread(partial.replace, target)
            await asyncio.to_thread(sync_folder, target.parent)
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)
        return facts

    async def _inscribe(self, job: Job, video: Path, facts: VideoFacts) -> VideoFacts:
        """Write the settings into the video; its facts then. If anything goes wrong, the video stays as it is."""
        marked = video.with_suffix(".marked.part")
        try:
            await TURNS.run(Work.RESULT, None, write_comment, video, marked, video_metadata(job))
            with_settings = await self._probe(marked)
            if replace(with_settings, bytes=facts.bytes, announced=facts.announced) != facts:
                raise MediaUnreadable("The copy with the settings differs from the original video.")
            await asyncio.to_thread(_sync_file, marked)
            await asyncio.to_thread(marked.replace, video)
        except Exception as error:  # whatever it is: the video is paid for and whole
            log.warning("the settings of job %s are not in its video: %s", job.id, error)
            return facts
        finally:
            await asyncio.to_thread(marked.unlink, missing_ok=True)
        return with_settings

    async def _probe(self, path: Path) -> VideoFacts:
        try:
            return await TURNS.run(Work.RESULT, None, probe_video, path)
        except MediaUnreadable as error:
            raise ResultCorrupt(Message("The downloaded file is not a video: {reason}", reason=error.said)) from error
        except ProgramUnavailable as error:
            raise ResultUnchecked(error.said) from error

    async def _download(self, job: Job, provider: Provider, partial: Path) -> None:
        """Bring what its host hands out to ``partial``. When the address does not work, ask once for a fresh one.

        ResultExpired only when the provider itself says that it no longer knows the task: a refusal may be that of a
        proxy on the way, while the result is there.
        """
        try:
            if job.task is None or job.task.result_url is None:
                raise ResultExpired("The address of the video is unknown.")
            await download(provider, job.task.result_url, partial)
        except (ResultExpired, ResultUnreachable) as error:
            if isinstance(error, ResultUnreachable) and error.retry_after:
                raise
            url = await self._fresh_url(job, provider, error)
            try:
                await download(provider, url, partial)
            except ResultExpired as refusal:
                raise ResultUnreachable(refusal.said) from None
            # Only what has led to the video takes the place of the address that was given first.
            await asyncio.to_thread(self._store.note, job.id, when={State.SAVING}, result_url=url)

    async def _fresh_url(self, job: Job, provider: Provider, error: ResultExpired | ResultUnreachable) -> str:
        unreachable = ResultUnreachable(error.said)
        if job.task is None or job.account not in self._accounts:  # nobody here may ask for its task
            raise unreachable from None
        try:
            task = await provider.get(job.task.id)
        except (ProviderError, TransportError):
            raise unreachable from None
        said_so = task.status is TaskStatus.UNKNOWN and task.answer  # an error may be the proxy's, too
        if said_so and isinstance(error, ResultExpired):
            raise ResultExpired("The provider no longer has the video.")
        if task.video_url is None or task.video_url == job.task.result_url:
            raise unreachable
        return task.video_url

    async def _not_saved(self, job: Job, error: SaveError, tries: int) -> None:
        """Try again later while the provider has the result; say on the card what is in the way.

        ``tries`` counts those in a row in which what came was not whole.
        """
        log.warning("the video of job %s is not saved: %s", job.id, error)
        late = self._now_there(job) > (job.finished_at or job.updated_at) + CATALOG.task_seconds(job.provider)
        detail, fault = {"error": error.said}, error.fault("save")
        failed = self._failed.pop(job.id, -1) + 1
        if isinstance(error, ResultCorrupt) and tries >= self._pace.corrupt_tries:
            await asyncio.to_thread(self._store.move, job.id, State.FAILED, detail=detail, fault=fault)
        elif isinstance(error, ResultExpired) or (late and isinstance(error, ResultUnreachable)):
            expired = ResultExpired(error.said).fault("save")
            await asyncio.to_thread(self._store.move, job.id, State.EXPIRED, detail=detail, fault=expired)
        else:
            if isinstance(error, ResultCorrupt):
                self._corrupt[job.id] = tries
            asked = error.retry_after if isinstance(error, ResultUnreachable) else None
            self._failed[job.id] = failed
            await asyncio.to_thread(
                self._store.note,
                job.id,
                when={State.SAVING},
                what=Happening.NOT_SAVED if fault != job.fault else None,
                detail=detail,
                next_attempt=True,
                not_before=self._clock.wall() + back_off(failed, asked, self._pace),
                fault=fault,
            )

    def _now_there(self, job: Job) -> float:
        """What the provider's clock shows, which has said when the task ended; ours where it is not known."""
        account = self._accounts.get(job.account)
        there = None if account is None else account.provider.clock.now()
        return self._clock.wall() if there is None else there

    async def _not_written(self, job: Job, error: SaveError) -> None:
        """Say on the card that the disk is in the way, once."""
        fault = error.fault("save")
        if fault == job.fault:
            return
        log.warning("the video of job %s is not saved: %s", job.id, error)
        await asyncio.to_thread(
            self._store.note,
            job.id,
            when={State.SAVING},
            what=Happening.NOT_SAVED,
            detail={"error": error.said},
            fault=fault,
        )


def file_stem(job: Job) -> str:
    """``20260421-125820-3f9a1c2b``: when the job was made, and enough of its id to be unique."""
    made = datetime.fromtimestamp(job.created_at, UTC)
    return f"{made:%Y%m%d-%H%M%S}-{job.id[-8:]}"


def evidence(job: Job, video: VideoFile, history: list[Event]) -> dict[str, Any]:
    """What is written beside a video: all that was asked, answered and billed, nothing of the visitor or the key."""
    return {
        "studio": studio.__version__,
        "job": job.id,
        "account": job.account,
        "task_id": job.task_id,
        "request_id": job.request_id,
        "request": job.request.to_json(),
        "quote": job.quote.to_json() if job.quote else None,
        "usage": vars(job.usage) if job.usage else None,
        "result_url": job.task.result_url if job.task else None,
        "video": {name: value for name, value in vars(video).items() if name != "location"},
        "history": [
            {"at": datetime.fromtimestamp(event.at, UTC).isoformat(), "what": event.what, **event.detail}
            for event in history
        ],
    }


async def download(provider: Provider, url: str, path: Path) -> None:
    """Stream a result to ``path`` and sync it to disk; raises SaveError and its kinds, and OSError of the disk."""
    async with provider.download(url) as answer:
        with path.open("wb") as file:  # a thread would leave it open if we were canceled meanwhile
            received = 0
            async for chunk in answer.chunks:
                if not received and _is_page(chunk):  # a proxy's, or that of a network one must log in to
                    raise ResultUnreachable("A web page came back instead of the video.")
                await asyncio.to_thread(file.write, chunk)
                received += len(chunk)
            await asyncio.to_thread(_sync, file)
    if answer.length is not None and received != answer.length:
        raise ResultUnreachable(
            Message("The download stopped at {part:,} of {whole:,} bytes.", part=received, whole=answer.length)
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _is_page(beginning: bytes) -> bool:
    """Whether it is text in markup, whatever it calls itself: a video begins with the length of its first box."""
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{")


def sweep(outputs: Locations, saving: Iterable[Job], now: float) -> None:
    """Remove what processes that died over it left half-written, and from the outbox what none of the jobs ``saving``
    waits with; what is being written stays."""
    waiting = {file_stem(job) for job in saving}
    left = [*outputs.workplace.glob("*/videos/*.part"), *outputs.outbox.rglob("*.part")]
    left += [path for path in outputs.outbox.glob("*/videos/*") if path.stem not in waiting]
    for path in left:
        with contextlib.suppress(FileNotFoundError):  # it was finished, or another process sweeps as well
            if path.stat().st_mtime < now - LEFT_SECONDS:
                path.unlink()


def _write_whole(path: Path, data: Mapping[str, Any]) -> None:
    partial = path.with_suffix(f".json.{secrets.token_hex(4)}.part")
    partial.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
    partial.replace(path)
