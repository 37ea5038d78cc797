"""A visitor's history as one ZIP, to keep or to take to another studio.

    studio.json      what this is: format, version of the studio, visitor, when
    jobs.jsonl       a line for each job: its row, its history, its tags
    files.jsonl      a line for each file that the visitor gave
    presets.jsonl    a line for each preset
    videos/<job>.mp4, .jpg, .json
    files/<sha256>

Names in the ZIP are only looked up, by id or digest; where a file goes is worked out here. Taking the same ZIP in twice
is the same as once. A job comes in as it was, but one that was still to be sent is not sent: it is canceled, or, where
the request may have left, interrupted. One that was sent is followed further where its account is set up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
import re
import secrets
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from sqlalchemy import JSON, Connection, Engine, Float, delete, insert, select

import studio
from studio.accounts.charges import DAY
from studio.catalog.models import Kind
from studio.catalog.requests import REQUESTS
from studio.database.engine import translated
from studio.database.rows import JobColumns, JobFileRow, JobTagRow
from studio.database.schema import EVENTS, HOLDINGS, JOB_FILES, JOB_TAGS, JOBS
from studio.database.search import add_prompt, remove_prompt
from studio.database.states import STATES, State
from studio.errors import (
    ArchiveUnreadable,
    InvalidRequest,
    MediaUnreadable,
    NameTaken,
    NoSuchFile,
    OutputGone,
    OutputTaken,
    ReplyLost,
)
from studio.jobs.model import Happening, Job, VideoFile
from studio.jobs.rows.mapping import job_of
from studio.jobs.save.saving import file_stem
from studio.library.archive import check_directory, check_entries, write_stored
from studio.library.history import LONGEST_TAG
from studio.library.presets import Presets
from studio.media.vault import Vault
from studio.outputs.locations import Locations, Stored
from studio.system.clock import CLOCK, Clock
from studio.system.disk import Reserve
from studio.system.parsing import json_of

log = logging.getLogger("studio")

FORMAT = 1
MOST_LINE = 1 << 20
"""Bytes of a line, hence of a job with its history: most have a few thousand."""
LARGEST = 1 << 30
"""A whole number in a row: databases hold a little more, and attempts go on from there."""
_SUFFIXES = (".mp4", ".jpg", ".json")
_STAYS = ("owner", "network", "idempotency_key", "idempotency_place", "idempotency_digest")
"""Columns of a job that say who asked here, and are nothing to another studio."""
_TIMES = ("created_at", "submitting_at", "submitted_at", "started_at", "finished_at", "saved_at")
_HELD = ("sha256", "kind", "name", "url", "origin")
_DAMAGE = (
    *(ArchiveUnreadable, MediaUnreadable, BadZipFile, zlib.error, EOFError),
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError),
)


@dataclass
class Report:
    """What came in."""

    jobs: int = 0
    present: int = 0
    """Jobs that were here before."""
    files: int = 0
    presets: int = 0
    damaged: list[str] = field(default_factory=list)
    """What could not be taken in, a line each."""


# Out


def export(database: Engine, vault: Vault, outputs: Locations, owner: str, target: Path, clock: Clock = CLOCK) -> int:
    """Write all that ``owner`` has to ``target``, which appears when it is whole; the number of jobs. Raises SaveError
    where videos lie in a location that cannot be looked into."""
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with ZipFile(partial, "w") as archive:
            about = {"format": FORMAT, "studio": studio.__version__, "visitor": owner, "exported_at": clock.wall()}
            archive.writestr("studio.json", json.dumps(about))
            jobs, videos = _write_jobs(archive, database, owner)
            digests = _write_files(archive, database, owner)
            _write_presets(archive, database, owner)
            for job_id, video in videos:
                for suffix in _SUFFIXES:
                    name = str(PurePosixPath(video["path"]).with_suffix(suffix))
                    if (stored := outputs.find(video.get("location"), name)) is not None:
                        _add_stored(archive, f"videos/{job_id}{suffix}", stored)
            for sha256 in digests:
                _add(archive, f"files/{sha256}", vault.path(sha256))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return jobs


def _write_jobs(archive: ZipFile, database: Engine, owner: str) -> tuple[int, list[tuple[str, Mapping[str, Any]]]]:
    """Write the lines of the jobs; how many there are, and the id and the video of those with one."""
    mine = select(JOBS).where(JOBS.c.owner == owner, JOBS.c.deleted_at.is_(None)).order_by(JOBS.c.id)
    jobs, videos = 0, list[tuple[str, Mapping[str, Any]]]()
    with translated(), database.connect() as connection, archive.open(_packed("jobs.jsonl"), "w") as lines:
        for row in connection.execute(mine.execution_options(yield_per=500)).mappings():
            history = select(EVENTS.c.at, EVENTS.c.what, EVENTS.c.detail).where(EVENTS.c.job_id == row["id"])
            tags = select(JOB_TAGS.c.tag).where(JOB_TAGS.c.job_id == row["id"]).order_by(JOB_TAGS.c.tag)
            job = {name: value for name, value in row.items() if name not in _STAYS}
            if row["video"]:
                videos.append((row["id"], row["video"]))
                # Where it lies here is nothing to another studio.
                job["video"] = {name: value for name, value in row["video"].items() if name != "location"}
            line = {
                "job": job,
                "history": [dict(one) for one in connection.execute(history.order_by(EVENTS.c.id)).mappings()],
                "tags": list(connection.scalars(tags)),
            }
            lines.write(_packed_line(line))
            jobs += 1
    return jobs, videos


def _write_files(archive: ZipFile, database: Engine, owner: str) -> list[str]:
    """Write the lines of the files that the visitor gave; their digests."""
    columns = [HOLDINGS.c[name] for name in _HELD]
    query = select(*columns).where(HOLDINGS.c.owner == owner).order_by(HOLDINGS.c.added_at)
    with translated(), database.connect() as connection, archive.open(_packed("files.jsonl"), "w") as lines:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        for row in rows:
            lines.write(_packed_line(row))
    return [row["sha256"] for row in rows]


def _write_presets(archive: ZipFile, database: Engine, owner: str) -> None:
    with archive.open(_packed("presets.jsonl"), "w") as lines:
        for mode in REQUESTS:
            for preset in Presets(database).of(owner, mode):
                lines.write(_packed_line({"mode": mode, "name": preset.name, "settings": preset.settings}))


def _packed(name: str) -> ZipInfo:
    entry = ZipInfo(name, time.localtime()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _packed_line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def _add(archive: ZipFile, name: str, path: Path) -> None:
    """Videos and pictures do not shrink, so they are stored as they are. One that was just deleted is left out."""
    with contextlib.suppress(FileNotFoundError):
        archive.write(path, name)


def _add_stored(archive: ZipFile, name: str, stored: Stored) -> None:
    try:
        for _ in write_stored(archive, name, stored):
            pass
    except OutputGone:  # deleted since it was found
        log.warning("%s is there no more, and left out", name)


# In


def take_in(
    database: Engine,
    vault: Vault,
    outputs: Locations,
    source: Path,
    owner: str | None = None,
    reserve: Reserve | None = None,
    clock: Clock = CLOCK,
) -> Report:
    """Add what ``source`` holds to what ``owner``, by default the visitor it came from, has.

    Raises ArchiveUnreadable when it is no such ZIP, and StorageReserved, before anything is taken in, when its files
    would touch the ``reserve``; a single job or file that is damaged is left out and reported.
    """
    try:
        check_directory(source)
        with ZipFile(source) as archive:
            check_entries(archive)
            if reserve is not None:
                outputs.workplace.mkdir(parents=True, exist_ok=True)
                more = _bytes_here(archive, vault, outputs)
                reserve.require(outputs.workplace, more)
                vault.require_room(more)  # which may be on the same disk
            return _Import(archive, database, vault, outputs, owner, clock).run()
    except (BadZipFile, EOFError, zlib.error) as error:
        raise ArchiveUnreadable(f"{source.name} is not a whole ZIP: {error}.") from error


def _bytes_here(archive: ZipFile, vault: Vault, outputs: Locations) -> int:
    """What the entries would take of this machine's disk: of videos that go elsewhere, each for its moment alone."""
    sizes = {entry.filename: entry.file_size for entry in archive.infolist() if not _is_here(entry.filename, vault)}
    videos = [size for name, size in sizes.items() if name.startswith("videos/")]
    passing = outputs.current.path("video.mp4") is None
    return sum(sizes.values()) - (sum(videos) - max(videos, default=0) if passing else 0)


def _is_here(entry: str, vault: Vault) -> bool:
    """Whether an entry is a file that need not be written, or none."""
    folder, _, name = entry.partition("/")
    return not name or (
        folder == "files" and re.fullmatch("[0-9a-f]{64}", name) is not None and vault.path(name).exists()
    )


class _Import:
    def __init__(
        self, archive: ZipFile, database: Engine, vault: Vault, outputs: Locations, owner: str | None, clock: Clock
    ) -> None:
        about = _json(_about(archive))
        if about.get("format") != FORMAT:
            raise ArchiveUnreadable(f"It is of format {about.get('format')}; this studio reads format {FORMAT}.")
        self._archive = archive
        self._clock = clock
        self._entries = frozenset(archive.namelist())
        self._database = database
        self._vault = vault
        self._outputs = outputs
        self._owner = owner or str(about.get("visitor"))
        self._report = Report()

    def run(self) -> Report:
        for line in self._lines("files.jsonl"):
            self._keep(line)
        names = {old: self._new_id(old) for old in map(_id, self._lines("jobs.jsonl"))}
        for line in self._lines("jobs.jsonl"):
            new = names[_id(line)]
            if new is None:
                self._report.present += 1
                continue
            try:
                self._add(line, new, names)
            except _DAMAGE as error:
                self._report.damaged.append(f"job {_id(line)}: {error}")
            else:
                self._report.jobs += 1
        if "presets.jsonl" in self._entries:
            self._add_presets()
        return self._report

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        if name not in self._entries:
            raise ArchiveUnreadable("It is not a history that a studio exported.")
        with self._archive.open(name) as file:
            for number in count(1):
                line = file.readline(MOST_LINE + 1)
                if not line:
                    return
                if len(line) > MOST_LINE:
                    most = MOST_LINE >> 20
                    raise ArchiveUnreadable(f"Line {number} of {name} is longer than {most} MB, the most that is read.")
                yield _json(line)

    def _add_presets(self) -> None:
        """One whose name the visitor uses here already stays out."""
        for line in self._lines("presets.jsonl"):
            try:
                with contextlib.suppress(NameTaken):
                    Presets(self._database, self._clock).save(self._owner, line["mode"], line["name"], line["settings"])
                    self._report.presets += 1
            except (InvalidRequest, *_DAMAGE) as error:
                self._report.damaged.append(f"preset {line.get('name')}: {error}")

    # Files that were given

    def _keep(self, line: Mapping[str, Any]) -> None:
        sha256 = str(line.get("sha256"))
        with contextlib.suppress(NoSuchFile):
            self._vault.file(self._owner, sha256)
            return
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise ArchiveUnreadable(f"{sha256!r} is not the digest of a file.")
        partial = self._vault.path(sha256).with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            self._extract(f"files/{sha256}", partial, sha256)
            kind: Kind = "video" if line["kind"] == "video" else "image"
            self._vault.keep(
                self._owner, kind, str(line["name"]), partial, sha256, url=line["url"], origin=line["origin"]
            )
            self._report.files += 1
        except _DAMAGE as error:
            self._report.damaged.append(f"file {line.get('name')}: {error}")
        finally:
            partial.unlink(missing_ok=True)

    def _extract(self, name: str, target: Path, sha256: str | None = None) -> None:
        """Bring an entry to ``target``; ArchiveUnreadable when its digest is another than ``sha256``."""
        digest = hashlib.sha256()
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._archive.open(name) as source, target.open("wb") as file:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if sha256 is not None and digest.hexdigest() != sha256:
            raise ArchiveUnreadable("What is in the ZIP is not what was put into it.")

    # Jobs

    def _new_id(self, job_id: str) -> str | None:
        """The id under which a job comes in; None when it is here. Where another visitor has the id, it gets one of its
        own that follows from owner and id, so that it is found again the next time."""
        other = job_id[:12] + hashlib.sha256(f"{self._owner} {job_id}".encode()).hexdigest()[:12]
        for name in (job_id, other):
            query = select(JOBS.c.owner, JOBS.c.deleted_at).where(JOBS.c.id == name)
            with translated(), self._database.connect() as connection:
                row = connection.execute(query).one_or_none()
            if row is None or (row.owner == self._owner and row.deleted_at is not None):
                return name
            if row.owner == self._owner:
                return None
        raise ArchiveUnreadable(f"The id of job {job_id} belongs to others here.")

    def _add(self, line: Mapping[str, Any], job_id: str, names: Mapping[str, str | None]) -> None:
        now = self._clock.wall()
        row = _row(line["job"]) | {"id": job_id, "owner": self._owner, "deleted_at": None, "updated_at": now}
        if row["sent_again"] is not None:
            row["sent_again"] = names.get(row["sent_again"]) or row["sent_again"]
        was = row["state"]
        row |= _at_rest(was)
        row["result_url"] = None  # whoever wrote the ZIP may name any; the provider is asked for it by the task's id
        columns: Any = SimpleNamespace(**row)
        job = job_of(columns, strictly=True)
        if not all(0 <= row[name] <= now + DAY for name in _TIMES if row[name] is not None):
            raise ArchiveUnreadable("One of its times is none, or still to come.")  # it would count on every day
        row |= {"seconds": job.seconds, "price": job.price}
        if not 0 <= job.seconds < math.inf:
            raise ArchiveUnreadable("Its length is none.")
        for asset in job.request.assets:
            if not re.fullmatch("[0-9a-f]{64}", asset.sha256):
                raise ArchiveUnreadable("A file's digest is none.")
        history = [_event(one, now) for one in line["history"]]
        tags = sorted({str(tag)[:LONGEST_TAG] for tag in line["tags"]})
        if job.video is not None:  # last: nobody would look for the files of a job that did not come in
            row["video"] = asdict(self._bring_home(job, job.video, line["job"]["id"]))
        history.append({"at": now, "what": Happening.IMPORTED, "detail": {"state": was}})
        with translated(), self._database.begin() as connection:
            self._insert(connection, row, history, tags)
            for sha256 in {asset.sha256 for asset in job.request.assets}:
                connection.execute(insert(JOB_FILES).values(**JobFileRow(job_id=job_id, sha256=sha256)))
            add_prompt(connection, self._owner, job_id, job.request.prompt)

    def _insert(
        self, connection: Connection, row: dict[str, Any], history: list[dict[str, Any]], tags: list[str]
    ) -> None:
        job_id, task_id = row["id"], row["task_id"]
        # What is left of it when it was deleted here. Work begun on it then is not taken for work to be done now.
        left = connection.scalars(delete(JOBS).where(JOBS.c.id == job_id).returning(JOBS.c.attempt)).one_or_none()
        row["attempt"] = max(row["attempt"], -1 if left is None else left + 1)
        for table in (EVENTS, JOB_TAGS, JOB_FILES):
            connection.execute(delete(table).where(table.c.job_id == job_id))
        remove_prompt(connection, self._owner, job_id)
        taken = select(JOBS.c.id).where(JOBS.c.account == row["account"], JOBS.c.task_id == task_id)
        if task_id is not None and connection.execute(taken).first() is not None:
            # A task belongs to one job: the other one goes on with it, and this one keeps its id in the history.
            if not State(row["state"]).ended:
                raise ArchiveUnreadable("It is under way here for another visitor: take it in again when it is done.")
            history[-1]["detail"]["task_id"] = task_id
            row |= {"task_id": None}
        connection.execute(insert(JOBS).values(row))
        connection.execute(insert(EVENTS), [{"job_id": job_id, **event} for event in history])
        if tags:
            rows = [JobTagRow(job_id=job_id, tag=tag, owner=self._owner) for tag in tags]
            connection.execute(insert(JOB_TAGS), rows)

    def _bring_home(self, job: Job, video: VideoFile, old_id: str) -> VideoFile:
        """Put the job's video where this studio saves them; a file that is there is not touched."""
        if not re.fullmatch(r"\w[\w.-]{,63}", job.request.model):
            raise ArchiveUnreadable("The model has no name that a folder may have.")
        _check_video(video)
        folder = f"{job.request.model}/videos"
        partial = self._outputs.workplace / folder / f"{file_stem(job)}.{secrets.token_hex(4)}.part"
        try:
            self._extract(f"videos/{old_id}.mp4", partial, video.sha256)
            size = partial.stat().st_size
            name = next(name for name in _names(folder, file_stem(job)) if self._has_put(partial, name))
        finally:
            partial.unlink(missing_ok=True)
        beside = {suffix: str(PurePosixPath(name).with_suffix(suffix)) for suffix in _SUFFIXES[1:]}
        there = set()
        for suffix, its_name in beside.items():
            if (entry := f"videos/{old_id}{suffix}") in self._entries:
                try:
                    self._extract(entry, partial)
                    self._outputs.current.put(partial, its_name, replace=True)
                    there.add(suffix)
                finally:
                    partial.unlink(missing_ok=True)
        return replace(
            video,
            bytes=size,
            path=name,
            poster=beside[".jpg"] if ".jpg" in there else None,
            location=self._outputs.current.location,
        )

    def _has_put(self, video: Path, name: str) -> bool:
        """Whether the video stands under this name now: not so where another does."""
        try:
            self._outputs.current.put(video, name)
        except OutputTaken:
            return False
        return True


def _id(line: Mapping[str, Any]) -> str:
    """The id of a line's job."""
    job = line.get("job")
    job_id = job.get("id") if isinstance(job, dict) else None
    if not isinstance(job_id, str) or not re.fullmatch("[0-9a-f]{24}", job_id):
        raise ArchiveUnreadable(f"{job_id!r} is not the id of a job.")
    return job_id


def _at_rest(state: str) -> JobColumns:
    """The changes by which a job that was still to be sent, or may have been, is not sent from here."""
    there = STATES[State(state)].elsewhere
    if there is None:
        return JobColumns()
    if there is State.INTERRUPTED:
        lost = ReplyLost("It was being sent when the history was exported.").fault("submit")
        return JobColumns(state=there, fault=lost.to_json())
    return JobColumns(state=there, fault=None)


def _check_video(video: VideoFile) -> None:
    """ArchiveUnreadable for what is not described as a studio describes a video."""
    numbers = (video.width, video.height, video.seconds, video.fps)
    texts = (video.sha256, video.codec, video.audio_codec or "")
    measured = all(isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one < 1e9 for one in numbers)
    if not measured or not all(isinstance(one, str) and len(one) <= 64 for one in texts):
        raise ArchiveUnreadable("Its video is not described as a studio describes one.")


def _row(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a job; ArchiveUnreadable when one is not what its column holds. Columns of later versions are left
    out, and those of earlier ones get what a new column gets."""
    row: dict[str, Any] = {}
    for column in JOBS.c:
        value = None if column.name in _STAYS else data.get(column.name)
        if value is None and column.server_default is not None:
            continue
        expected = (int, float) if isinstance(column.type, Float) else column.type.python_type
        right = isinstance(column.type, JSON) or (isinstance(value, expected) and not isinstance(value, bool))
        missing = value is None and not column.nullable and column.name != "owner"
        too_long = isinstance(value, str) and len(value) > (getattr(column.type, "length", None) or len(value))
        if isinstance(column.type, Float) and type(value) is int and abs(value) <= 1 << 53:
            value = float(value)
        too_large = type(value) is int and abs(value) > LARGEST
        if missing or too_long or too_large or not (right or value is None):
            raise ArchiveUnreadable(f"Its {column.name} is not what it must be.")
        row[column.name] = value
    return row


def _event(data: Mapping[str, Any], now: float) -> dict[str, Any]:
    at = float(data["at"])
    if not 0 <= at < now + DAY:
        raise ArchiveUnreadable("A moment of its history is none, or still to come.")
    return {"at": at, "what": str(data["what"])[:32], "detail": dict(data["detail"])}


def _names(folder: str, stem: str) -> Iterator[str]:
    yield f"{folder}/{stem}.mp4"
    for number in count(2):
        yield f"{folder}/{stem}-{number}.mp4"


def _about(archive: ZipFile) -> bytes:
    try:
        with archive.open("studio.json") as file:
            return file.read(MOST_LINE)
    except KeyError:
        raise ArchiveUnreadable("It is not a history that a studio exported.") from None


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json_of(data)
    except ValueError as error:
        raise ArchiveUnreadable(f"It holds what is not JSON: {error}.") from error
    except RecursionError:
        raise ArchiveUnreadable("It holds JSON that is nested deeper than any that a studio writes.") from None
    if not isinstance(value, dict):
        raise ArchiveUnreadable("It holds other JSON than a studio writes.")
    return value
