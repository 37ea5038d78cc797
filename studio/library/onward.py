"""Going on from a video: its frames and the video itself as files of the next job, and how jobs follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from studio.database.engine import translated
from studio.database.schema import HOLDINGS, JOB_FILES, JOBS
from studio.errors import NotAllowed
from studio.jobs.model import Job
from studio.jobs.rows.mapping import job_of
from studio.jobs.rows.store import Store
from studio.media.frame import cut_frame
from studio.media.vault import Vault, VaultFile
from studio.outputs.locations import Locations, Stored
from studio.visitors.visitor import Visitor

MOST_RELATIVES = 200


@dataclass(frozen=True)
class Lineage:
    """What a job was made from, and what was made from it."""

    ancestors: list[Job]
    """The oldest first."""
    descendants: list[Job]
    """The oldest first."""


class Onward:
    """Takes files from finished videos. Methods block and may be called from any thread."""

    def __init__(self, store: Store, vault: Vault, outputs: Locations) -> None:
        self._database = store.engine
        self._vault = vault
        self._outputs = outputs

    def frame(self, job: Job, at: float | None, network: str | None = None) -> VaultFile:
        """The frame at ``at`` seconds, or the last one, as a file of the job's owner; raises MediaUnreadable."""
        video, place = self._video(job), "last" if at is None else f"{at:.2f}s"

        def cut(target: Path) -> None:
            with self._outputs.local(video) as path:
                cut_frame(path, target, at)

        return self._vault.made(
            Visitor(job.owner, network),
            "image",
            f"{PurePosixPath(video.name).stem}-{place}.png",
            cut,
            origin=job.id,
        )

    def video(self, job: Job, network: str | None = None) -> VaultFile:
        """The video itself as a file of the job's owner."""
        video = self._video(job)

        def copy(target: Path) -> None:
            with target.open("wb") as file:
                file.writelines(video.read())

        return self._vault.made(
            Visitor(job.owner, network),
            "video",
            PurePosixPath(video.name).name,
            copy,
            origin=job.id,
        )

    def origins(self, owner: str, jobs: Sequence[Job]) -> dict[str, str]:
        """By their SHA-256, which of the jobs' files were taken from the video of which job."""
        inputs = HOLDINGS.c.sha256.in_({asset.sha256 for job in jobs for asset in job.request.assets})
        query = select(HOLDINGS.c.sha256, HOLDINGS.c.origin)
        query = query.where(HOLDINGS.c.owner == owner, inputs, HOLDINGS.c.origin.is_not(None))
        with translated(), self._database.connect() as connection:
            return {row.sha256: row.origin for row in connection.execute(query)}

    def parents(self, job: Job) -> set[str]:
        """Ids of the jobs whose videos the job's files were taken from."""
        return set(self.origins(job.owner, [job]).values())

    def lineage(self, job: Job) -> Lineage:
        """The job's ancestors and descendants, as far as they are its owner's and not deleted."""
        its_files = JOB_FILES.c.sha256 == HOLDINGS.c.sha256
        parents = select(HOLDINGS.c.origin, JOB_FILES.c.job_id).where(its_files, HOLDINGS.c.origin.is_not(None))
        children = select(JOB_FILES.c.job_id, HOLDINGS.c.origin).where(its_files)
        return Lineage(
            self._follow(job, parents.where(HOLDINGS.c.owner == job.owner), JOB_FILES.c.job_id),
            self._follow(job, children.where(HOLDINGS.c.owner == job.owner), HOLDINGS.c.origin),
        )

    def _follow(self, job: Job, steps: Select[Any], start: ColumnElement[str]) -> list[Job]:
        """The jobs that ``steps`` leads to from ``job``: its first column gives where to, ``start`` is where from."""
        found: set[str] = set()
        edge = {job.id}
        with translated(), self._database.connect() as connection:
            while edge and len(found) < MOST_RELATIVES:
                edge = set(connection.scalars(steps.where(start.in_(edge)))) - found - {job.id}
                found |= edge
            alive = select(JOBS).where(JOBS.c.id.in_(found), JOBS.c.owner == job.owner, JOBS.c.deleted_at.is_(None))
            return [job_of(row) for row in connection.execute(alive.order_by(JOBS.c.id))]

    def _video(self, job: Job) -> Stored:
        stored = self._outputs.find(job.video.location, job.video.path) if job.video else None
        if stored is None:
            raise NotAllowed("There is no video to continue from.")
        return stored
