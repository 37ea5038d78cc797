"""The library: all that a visitor ever made, found, sorted, marked and thrown away, at any size.

Pages are cut by the key of the last entry, never by counting, and each question is answered along an index: the owner's
jobs by time, length or price, filtered as they come. Words that few prompts contain are looked up first
(``studio.database.search``); those that many contain turn up soon on the way.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from studio.catalog.models import CATALOG
from studio.database.engine import translated
from studio.database.rows import JobColumns, JobTagRow
from studio.database.schema import EVENTS, HOLDINGS, JOB_FILES, JOB_TAGS, JOBS, PROMPTS
from studio.database.search import find, fold, remove_prompt
from studio.database.states import ENDED, State
from studio.errors import NotAllowed, SaveError
from studio.jobs.model import Job, Trace, VideoFile
from studio.jobs.rows.mapping import job_of
from studio.jobs.rows.store import Store
from studio.message import Message
from studio.outputs.locations import Locations, Stored
from studio.system.clock import PatientClock
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.jobs")

Sort = Literal["newest", "oldest", "longest", "shortest", "dearest", "cheapest"]
SORTS: tuple[Sort, ...] = get_args(Sort)
MOST_COUNTED = 1000
"""Up to so many entries a question's are counted: more are told as more, and cost no walk to the end."""
LONGEST_TAG = 40
MOST_TAGS = 200
"""Tags that are offered for choice."""
FEW = 1000
"""Up to so many hits are sorted after the search; with more, the walk along the index meets them soon enough."""
AT_ONCE = 100
"""Jobs thrown away in one go."""


@dataclass(frozen=True)
class Filter:
    """What is wanted. The default is all of it, newest first."""

    words: str = ""
    """Parts of the prompt, separated by spaces, in any order and case."""
    mode: str | None = None
    model: str | None = None
    provider: str | None = None
    state: str | None = None
    """A state, or ``active`` for all that have not ended."""
    since: float | None = None
    """Made at or after then, in seconds since 1970; ``until``: before then."""
    until: float | None = None
    favourite: bool = False
    tag: str | None = None
    sort: Sort = "newest"


@dataclass(frozen=True)
class HistoryEntry:
    """A job as it stands in the library."""

    job: Job
    tags: tuple[str, ...]
    input_ratio: float | None = None
    """Width to height of the file whose shape its video will have; None where it has one already, or another was asked
    for, or the file is gone."""


@dataclass(frozen=True)
class Page:
    """Some entries, and the key that the next ones follow; None after the last."""

    entries: list[HistoryEntry]
    next: str | None


@dataclass(frozen=True)
class Count:
    """How many entries a question has."""

    found: int
    exact: bool
    """False: more than ``found``."""


@dataclass(frozen=True)
class VisitorSummary:
    """Someone who has jobs here."""

    id: str
    jobs: int
    last_at: float
    """When the newest was made, in seconds since 1970."""


class Library:
    """The visitors' jobs, to look through. Methods block and may be called from any thread; each sees only what belongs
    to ``owner``, and leaves alone what does not."""

    def __init__(
        self,
        store: Store,
        outputs: Locations,
        pace: Pace = PACE,
        *,
        few: int = FEW,
        at_once: int = AT_ONCE,
        most_counted: int = MOST_COUNTED,
    ) -> None:
        self.undo_seconds = pace.undo_seconds
        self._few = few
        self._at_once = at_once
        self._most_counted = most_counted
        self._database = store.engine
        self._outputs = outputs
        self._wall = store.clock.wall
        self.clock = PatientClock(store.clock)
        """By which deletions are undone and swept: an hour by which a wall clock is put forward takes nothing away."""

    def page(self, owner: str, wanted: Filter, *, after: str | None = None, limit: int = 24) -> Page:
        """Entries of ``owner``, beginning after the key ``after``; ValueError when that is no key."""
        with translated(), self._database.connect() as connection:
            query = self._found(connection, select(JOBS), owner, wanted)
            if query is None:
                return Page([], None)
            rows = connection.execute(_sorted(query, wanted.sort, after).limit(limit + 1)).all()
        entries = self._entries([job_of(row) for row in rows[:limit]])
        return Page(entries, _key(rows[limit - 1], wanted.sort) if len(rows) > limit else None)

    def count(self, owner: str, wanted: Filter) -> Count:
        """How many entries of ``owner`` are wanted, up to a bound."""
        with translated(), self._database.connect() as connection:
            query = self._found(connection, select(JOBS.c.id), owner, wanted)
            if query is None:
                return Count(0, True)
            some = query.limit(self._most_counted + 1).subquery()
            found = connection.execute(select(func.count()).select_from(some)).scalar_one()
        return Count(min(found, self._most_counted), found <= self._most_counted)

    def _found(self, connection: Connection, query: Select[Any], owner: str, wanted: Filter) -> Select[Any] | None:
        """``query`` narrowed to what is wanted; None when that is nothing."""
        query = query.where(JOBS.c.owner == owner, JOBS.c.deleted_at.is_(None), *_conditions(owner, wanted))
        words = [fold(word) for word in wanted.words.split()]
        if not words:
            return query
        query = query.join(PROMPTS, PROMPTS.c.job_id == JOBS.c.id)
        query = query.where(*(PROMPTS.c.folded.contains(word, autoescape=True) for word in words))
        hits = find(connection, owner, words, self._few + 1)
        if not hits:
            return None
        return query.where(JOBS.c.id.in_(hits)) if len(hits) <= self._few else query

    def entries(self, owner: str, ids: Collection[str]) -> list[HistoryEntry]:
        """The entries of these ids that are the owner's, newest first."""
        query = select(JOBS).where(_mine(owner, ids), JOBS.c.deleted_at.is_(None)).order_by(JOBS.c.id.desc())
        with translated(), self._database.connect() as connection:
            return self._entries([job_of(row) for row in connection.execute(query)])

    def _entries(self, jobs: Sequence[Job]) -> list[HistoryEntry]:
        query = select(JOB_TAGS.c.job_id, JOB_TAGS.c.tag).where(JOB_TAGS.c.job_id.in_([job.id for job in jobs]))
        tags: dict[str, list[str]] = {job.id: [] for job in jobs}
        with translated(), self._database.connect() as connection:
            for job_id, tag in connection.execute(query.order_by(JOB_TAGS.c.tag)):
                tags[job_id].append(tag)
            ratios = _input_ratios(connection, jobs)
        return [HistoryEntry(job, tuple(tags[job.id]), ratios.get(job.id)) for job in jobs]

    def tags(self, owner: str) -> list[str]:
        """The owner's tags in order. Each is one look into the index, however many jobs have it."""
        found: list[str] = []
        with translated(), self._database.connect() as connection:
            while len(found) < MOST_TAGS:
                following = select(func.min(JOB_TAGS.c.tag)).where(JOB_TAGS.c.owner == owner)
                if found:
                    following = following.where(JOB_TAGS.c.tag > found[-1])
                tag = connection.execute(following).scalar_one()
                if tag is None:
                    break
                found.append(tag)
        return found

    def favour(self, owner: str, ids: Collection[str], on: bool) -> list[str]:
        """Make jobs favourites, or no longer; the ids of the owner's among them."""
        return self._change(_mine(owner, ids), JobColumns(favourite_at=self._wall() if on else None))

    def _change(self, which: ColumnElement[bool], changes: JobColumns) -> list[str]:
        """Their ids."""
        statement = update(JOBS).where(which).values(**changes)
        with translated(), self._database.begin() as connection:
            return list(connection.execute(statement.returning(JOBS.c.id)).scalars())

    def tag(self, owner: str, ids: Collection[str], tag: str, on: bool) -> list[str]:
        """Put a tag on jobs, or take it off; the ids of the owner's among them. NotAllowed for what is no tag."""
        tag = " ".join(tag.split())
        if not 0 < len(tag) <= LONGEST_TAG or not tag.isprintable():
            raise NotAllowed(Message("A tag must have 1 to {most} characters.", most=LONGEST_TAG))
        with translated(), self._database.begin() as connection:
            mine = list(connection.execute(select(JOBS.c.id).where(_mine(owner, ids))).scalars())
            connection.execute(delete(JOB_TAGS).where(JOB_TAGS.c.job_id.in_(mine), JOB_TAGS.c.tag == tag))
            if on and mine:
                rows = [JobTagRow(job_id=job_id, tag=tag, owner=owner) for job_id in mine]
                connection.execute(insert(JOB_TAGS), rows)
        return mine

    def delete(self, owner: str, ids: Collection[str]) -> list[str]:
        """Throw jobs away; the ids of those that were. One that is under way, or whose task is looked for, stays: it
        may be paid for."""
        now = self._wall()
        return self._change(_mine(owner, ids) & _deletable(now), JobColumns(deleted_at=now))

    def restore(self, owner: str, ids: Collection[str]) -> list[str]:
        """Take back what was thrown away less than ``undo_seconds`` ago; the ids of what came back."""
        recent = JOBS.c.deleted_at > self.clock.now() - self.undo_seconds
        return self._change(_mine(owner, ids) & recent, JobColumns(deleted_at=None))

    def expire(self, before: float) -> int:
        """Throw away what was made before then and is no favourite; how many jobs that were."""
        made_at = func.coalesce(JOBS.c.saved_at, JOBS.c.finished_at, JOBS.c.submitting_at, JOBS.c.created_at)
        now = self._wall()
        old = _deletable(now) & JOBS.c.favourite_at.is_(None)
        statement = update(JOBS).where(old, JOBS.c.id < _first_id(before), made_at < before)
        with translated(), self._database.begin() as connection:
            return connection.execute(statement.values(**JobColumns(deleted_at=now))).rowcount

    def sweep(self, now: float) -> int:
        """Delete for good, files first, what can no longer be restored; how many jobs that were. Safe to repeat.

        Of such a job stays what it cost and its task, which is never taken for that of another job. One with a file
        that cannot be deleted is left for the next time, and one that may have a task for as long as that may be: its
        prompt tells that the task is not another's.
        """
        # A restoration that began in the last moment is through by then.
        gone = JOBS.c.deleted_at.between(1, now - self.undo_seconds - 60) & ~_may_have_a_task(now)
        swept, last = 0, ""
        while True:
            query = select(JOBS).where(gone, JOBS.c.id > last).order_by(JOBS.c.id).limit(self._at_once)
            with translated(), self._database.connect() as connection:
                found = [job_of(row) for row in connection.execute(query)]
            jobs = [job for job in found if self._delete_files(job)]
            with translated(), self._database.begin() as connection:
                for job in jobs:
                    remove_prompt(connection, job.owner, job.id)
                    request = {name: getattr(job.request, name) for name in ("mode", "provider", "model", "resolution")}
                    emptied = JobColumns(prompt="", video=None, result_url=None, request=request, deleted_at=0.0)
                    connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(**emptied))
                for table in (JOB_TAGS, JOB_FILES, EVENTS):
                    connection.execute(delete(table).where(table.c.job_id.in_([job.id for job in jobs])))
            swept += len(jobs)
            if len(found) < self._at_once:
                return swept
            last = found[-1].id

    def _delete_files(self, job: Job) -> bool:
        """Whether nothing is left of the files that the job made."""
        try:
            for name in _names(job):
                self._outputs.delete(job.video.location if job.video else None, name)
        except (SaveError, OSError, ValueError) as error:  # the last for a path that is none, of a damaged row
            log.warning("the files of job %s are deleted later: %s", job.id, error)
            return False
        return True


def _input_ratios(connection: Connection, jobs: Iterable[Job]) -> dict[str, float]:
    """By job, of the first file of those whose videos follow it and are not there yet."""
    follows = [job for job in jobs if job.video is None and not getattr(job.request, "ratio", None)]
    first = {job.id: (job.owner, job.request.assets[0].sha256) for job in follows if job.request.assets}
    if not first:
        return {}
    query = select(HOLDINGS.c.owner, HOLDINGS.c.sha256, HOLDINGS.c.facts)
    query = query.where(tuple_(HOLDINGS.c.owner, HOLDINGS.c.sha256).in_(list(first.values())))
    shapes = {(owner, sha256): facts["width"] / facts["height"] for owner, sha256, facts in connection.execute(query)}
    return {job_id: shapes[file] for job_id, file in first.items() if file in shapes}


def visitors(database: Engine) -> list[VisitorSummary]:
    """Everyone who has jobs, the last one to make one first."""
    last = func.max(JOBS.c.created_at)
    query = select(JOBS.c.owner, func.count(), last).where(JOBS.c.deleted_at.is_(None)).group_by(JOBS.c.owner)
    with translated(), database.connect() as connection:
        return [VisitorSummary(*row) for row in connection.execute(query.order_by(last.desc()))]


def files_of(job: Job, outputs: Locations) -> Iterator[Stored]:
    """The files that the job made: its video, poster and record, those of them that are there. Raises SaveError where
    they lie in a location that cannot be looked into."""
    for name in _names(job):
        if (stored := outputs.find(job.video.location if job.video else None, name)) is not None:
            yield stored


def named_files(jobs: Iterable[Job], outputs: Locations) -> Iterator[tuple[str, Stored]]:
    """The videos of jobs and their records, each with its last name, as they are looked up."""
    for job in jobs:
        for stored in files_of(job, outputs):
            if not stored.name.endswith(".jpg"):
                yield PurePosixPath(stored.name).name, stored


def _names(job: Job) -> list[str]:
    if job.video is None:
        return []
    posters = [job.video.poster] if job.video.poster else []
    return [job.video.path, *posters, record_name(job.video)]


def record_name(video: VideoFile) -> str:
    """The name of what is written beside a video of its making."""
    return str(PurePosixPath(video.path).with_suffix(".json"))


def _deletable(now: float) -> ColumnElement[bool]:
    looked_for = _may_have_a_task(now) & (JOBS.c.trace.is_(None) | (JOBS.c.trace == Trace.SEVERAL))
    return JOBS.c.state.in_(list(ENDED)) & JOBS.c.deleted_at.is_(None) & ~looked_for


def _may_have_a_task(now: float) -> ColumnElement[bool]:
    """Whether the answer to a job's request is missing, and the provider would still keep the task it made."""
    left_at = func.coalesce(JOBS.c.submitting_at, JOBS.c.created_at)
    lifetimes = {name: provider.task_hours.value * 3600 for name, provider in CATALOG.providers.items()}
    lately = or_(*((JOBS.c.provider == name) & (left_at > now - seconds) for name, seconds in lifetimes.items()))
    return (JOBS.c.state == State.INTERRUPTED) & lately


def _mine(owner: str, ids: Collection[str]) -> ColumnElement[bool]:
    return JOBS.c.id.in_(ids) & (JOBS.c.owner == owner)


def _conditions(owner: str, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    for column, value in ((JOBS.c.mode, wanted.mode), (JOBS.c.model, wanted.model), (JOBS.c.provider, wanted.provider)):
        if value is not None:
            yield column == value
    if wanted.state == "active":
        yield JOBS.c.state.in_([state for state in State if not state.ended])
    elif wanted.state is not None:
        yield JOBS.c.state == wanted.state
    # Ids begin with the time of making, so that a span of time is a span of the index.
    if wanted.since is not None:
        yield JOBS.c.id >= _first_id(wanted.since)
    if wanted.until is not None:
        yield JOBS.c.id < _first_id(wanted.until)
    if wanted.favourite:
        yield JOBS.c.favourite_at.is_not(None)
    if wanted.tag is not None:
        has = (JOB_TAGS.c.owner == owner) & (JOB_TAGS.c.tag == wanted.tag) & (JOB_TAGS.c.job_id == JOBS.c.id)
        yield exists().where(has)


def _first_id(at: float) -> str:
    """What no id of a job made before ``at`` reaches."""
    return f"{max(0, int(at * 1000)):012x}"


@dataclass(frozen=True)
class _Order:
    """What entries are sorted by; the id, which begins with the time of making, decides between equals."""

    by: Column[float] | None = None
    """None: by the id alone. There is an index of each, with the owner before it and the id behind it."""
    descending: bool = True


_ORDERS: Mapping[Sort, _Order] = {
    "newest": _Order(),
    "oldest": _Order(descending=False),
    "longest": _Order(JOBS.c.seconds),
    "shortest": _Order(JOBS.c.seconds, descending=False),
    "dearest": _Order(JOBS.c.price),
    "cheapest": _Order(JOBS.c.price, descending=False),
}


def _sorted(query: Select[Any], sort: Sort, after: str | None) -> Select[Any]:
    """``query`` in its order, from behind ``after`` on."""
    order = _ORDERS[sort]
    columns = [JOBS.c.id] if order.by is None else [order.by, JOBS.c.id]
    query = query.order_by(*(column.desc() if order.descending else column for column in columns))
    if after is None:
        return query
    value, _, job_id = after.rpartition("~")
    place = tuple_(*columns)
    key = (job_id,) if order.by is None else (_finite(value), job_id)
    return query.where(place < tuple_(*key) if order.descending else place > tuple_(*key))


def _finite(value: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no key")
    return number


def _key(row: Any, sort: Sort) -> str:
    by = _ORDERS[sort].by
    return str(row.id) if by is None else f"{getattr(row, by.name)!r}~{row.id}"
