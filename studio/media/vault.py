"""The visitors' files, by content: each kept once, bit for bit, however often and by whomever it is given.

A visitor sees a file after having given it ("holds" it); a job keeps the files it was made of. What nobody holds any
more and no job was made of is cleaned up.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import anyio.to_thread
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from studio.catalog.models import Kind
from studio.catalog.requests import Asset
from studio.database.engine import translated
from studio.database.rows import HoldingColumns, HoldingRow
from studio.database.schema import HOLDINGS, JOB_FILES
from studio.errors import MediaUnreadable, NoSuchFile
from studio.media.facts import VideoFacts, probe_video
from studio.media.images import THUMBNAIL_SIDE, ImageFacts, ImageReader
from studio.media.poster import make_poster
from studio.media.strip import make_strip
from studio.message import Message
from studio.system.clock import CLOCK, Clock
from studio.system.disk import Reserve
from studio.system.pace import PACE, Pace
from studio.system.work_queue import TURNS, Work
from studio.visitors.visitor import Visitor

LOOK_BYTES = 4 << 20
"""So much comes between two looks at whether there is room."""

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
}
"""Of the formats that a provider takes."""

Facts = ImageFacts | VideoFacts


@dataclass(frozen=True)
class VaultFile:
    """A file that a visitor gave."""

    sha256: str
    kind: Kind
    name: str
    """As the visitor named it."""
    url: str | None
    """The http(s) address it was given by."""
    facts: Facts
    added_at: float
    origin: str | None = None
    """The job whose video it was taken from."""

    @property
    def asset(self) -> Asset:
        """The file as a request names it."""
        return Asset(self.sha256, self.name, self.url)


class Allowance(Protocol):
    """How much a visitor may hold."""

    def admit_bytes(self, connection: Connection, visitor: Visitor, more: int, *, written: bool = False) -> None:
        """Raise LimitReached if the visitor may not hold ``more`` bytes; ``written`` if they are held already over
        ``connection``, whose transaction is then to be rolled back."""


class Vault:
    """The folder of files and the table of who holds what. Its async methods may be awaited on any loop."""

    def __init__(
        self,
        folder: Path,
        database: Engine,
        allowance: Allowance | None = None,
        reserve: Reserve | None = None,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
    ) -> None:
        """``allowance`` bounds what a visitor may hold, ``reserve`` what of the disk all of them may use."""
        self._folder = folder
        self._database = database
        self._allowance = allowance
        self._reserve = reserve or Reserve(0)
        self._clock = clock
        self._keep_unused_seconds = pace.keep_unused_seconds
        self._reader = ImageReader()
        self._sweeping = threading.Lock()
        """Held while one file is looked at and deleted: what is given again at that moment stays."""
        folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        self._reader.close()

    def path(self, sha256: str) -> Path:
        """Where a file's bytes are, whether they are there or not."""
        return self._folder / sha256[:2] / sha256

    async def receive(
        self,
        owner: str | Visitor,
        kind: Kind,
        name: str,
        chunks: AsyncIterable[bytes],
        *,
        max_bytes: int,
        url: str | None = None,
    ) -> VaultFile:
        """Take a file in as it streams. It is looked at when the visitor's turn comes.

        Raises MediaUnreadable when it is too large or not of its kind, LimitReached, StorageReserved and Busy.
        """
        visitor = Visitor.of(owner)
        TURNS.check(visitor.id)
        await anyio.to_thread.run_sync(self._require, visitor, 0)
        partial = self._folder / f"{secrets.token_hex(8)}.part"
        digest, size, looked_at = hashlib.sha256(), 0, 0
        try:
            with await anyio.to_thread.run_sync(partial.open, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise MediaUnreadable(
                            Message(
                                "The file is larger than {most} MB, the limit of this studio.",
                                most=max_bytes // 2**20,
                            )
                        )
                    if size - looked_at >= LOOK_BYTES:
                        looked_at = size
                        await anyio.to_thread.run_sync(self._require, visitor, size)
                    digest.update(chunk)
                    await anyio.to_thread.run_sync(file.write, chunk)
            keep = (self.keep, owner, kind, name, partial, digest.hexdigest(), url)
            return await TURNS.run(Work.CHECK, visitor.id, *keep)
        finally:
            await anyio.to_thread.run_sync(lambda: partial.unlink(missing_ok=True))

    def keep(
        self,
        owner: str | Visitor,
        kind: Kind,
        name: str,
        file: Path,
        sha256: str | None = None,
        url: str | None = None,
        origin: str | None = None,
    ) -> VaultFile:
        """Move ``file`` into the vault for ``owner``.

        Raises MediaUnreadable when it is not of its kind, LimitReached and StorageReserved.
        """
        self._reserve.require(self._folder)
        if sha256 is None:
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        target, thumbnail = self.path(sha256), self.thumbnail(sha256)
        target.parent.mkdir(exist_ok=True)
        look: Callable[[Path, Path], Facts] = self._reader.read if kind == "image" else _look_at
        facts = TURNS.do(Work.CHECK, Visitor.of(owner).id, look, file, thumbnail)
        with file.open("rb") as content:
            os.fsync(content.fileno())
        with self._sweeping:
            for there in filter(Path.exists, (target, thumbnail)):
                os.utime(there)  # young again: a sweep that has not heard of it lets it be
            if not target.exists():
                file.replace(target)
        vault_file = VaultFile(sha256, kind, _clean(name), url, facts, self._clock.wall(), origin)
        self._hold(Visitor.of(owner), vault_file)
        return vault_file

    def require_room(self, more: int) -> None:
        """Raise StorageReserved if ``more`` bytes would touch what is kept for results."""
        self._reserve.require(self._folder, more)

    def _require(self, visitor: Visitor, more: int) -> None:
        """See to it that ``more`` bytes may come: what has come of them is on the disk, and not yet held."""
        self._reserve.require(self._folder)
        if self._allowance is None:
            return
        with translated(), self._database.connect() as connection:
            self._allowance.admit_bytes(connection, visitor, more)

    def mended(self, owner: str | Visitor, file: VaultFile, mend: Callable[[Path, Path], None]) -> VaultFile:
        """A mended copy of a file, held beside the original: ``mend`` writes it from the first path to the second."""
        original = self.path(file.sha256)
        self._reserve.require(self._folder, original.stat().st_size)
        return self.made(owner, file.kind, file.name, lambda target: mend(original, target), origin=file.origin)

    def made(
        self,
        owner: str | Visitor,
        kind: Kind,
        name: str,
        write: Callable[[Path], object],
        *,
        origin: str | None = None,
    ) -> VaultFile:
        """A file that ``write`` makes at the path it is given; ``origin`` is the job whose video it was taken from."""
        self._require(Visitor.of(owner), 0)
        partial = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            write(partial)
            return self.keep(owner, kind, name, partial, origin=origin)
        finally:
            partial.unlink(missing_ok=True)

    def file(self, owner: str, sha256: str) -> VaultFile:
        """The visitor's file; raises NoSuchFile when the visitor never gave it."""
        query = select(HOLDINGS).where(HOLDINGS.c.owner == owner, HOLDINGS.c.sha256 == sha256)
        with translated(), self._database.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or not self.path(sha256).exists():
            raise NoSuchFile("This file is no longer in the studio: add it again.")
        return VaultFile(row.sha256, row.kind, row.name, row.url, _facts(row.kind, row.facts), row.added_at, row.origin)

    def media_type(self, sha256: str) -> str:
        """What a file is, by its content and as HTTP names it."""
        query = select(HOLDINGS.c.facts).where(HOLDINGS.c.sha256 == sha256).limit(1)
        with translated(), self._database.connect() as connection:
            facts = connection.execute(query).scalar_one_or_none()
        return MEDIA_TYPES.get(facts["format"] if facts else "", "application/octet-stream")

    def thumbnail(self, sha256: str) -> Path:
        """A small picture of the file."""
        return self.path(sha256).with_suffix(".thumb.jpg")

    def strip(self, sha256: str) -> Path:
        """The frames of a video side by side, once they were asked for."""
        return self.path(sha256).with_suffix(".strip.jpg")

    def make_strip(self, file: VaultFile) -> None:
        """Make them, where they are not there yet; raises MediaUnreadable."""
        target = self.strip(file.sha256)
        if isinstance(file.facts, VideoFacts) and not target.exists():
            make_strip(self.path(file.sha256), file.facts, target)

    def _hold(self, visitor: Visitor, file: VaultFile) -> None:
        facts = {key: _plain(value) for key, value in asdict(file.facts).items()}
        values = HoldingColumns(kind=file.kind, name=file.name, url=file.url, facts=facts, added_at=file.added_at)
        if file.origin is not None:
            values["origin"] = file.origin
        mine = (HOLDINGS.c.owner == visitor.id) & (HOLDINGS.c.sha256 == file.sha256)
        try:
            with translated(), self._database.begin() as connection:
                if connection.execute(update(HOLDINGS).where(mine).values(**values)).rowcount == 0:
                    row = HoldingRow(owner=visitor.id, network=visitor.network, sha256=file.sha256, **values)
                    connection.execute(insert(HOLDINGS).values(**row))
                    if self._allowance is not None:
                        self._allowance.admit_bytes(connection, visitor, file.facts.bytes, written=True)
        except Exception as error:
            if not isinstance(error.__cause__, IntegrityError):  # given twice at the same moment: it is held
                raise

    def sweep(self, now: float) -> int:
        """Delete what was given long ago and no job was made of; gives the number of files deleted."""
        used = select(JOB_FILES.c.sha256)
        stale = (HOLDINGS.c.added_at < now - self._keep_unused_seconds) & HOLDINGS.c.sha256.not_in(used)
        with translated(), self._database.begin() as connection:
            connection.execute(delete(HOLDINGS).where(stale))
            digests = {row.sha256 for row in connection.execute(select(HOLDINGS.c.sha256).union(used))}
        deleted = 0
        for left in self._folder.glob("*.part"):
            if left.stat().st_mtime < now - 3600:  # of an upload that ended with its studio
                left.unlink(missing_ok=True)
        for file in self._folder.glob("??/*"):
            if file.name.partition(".")[0] in digests:
                continue
            with self._sweeping, suppress(FileNotFoundError):  # another process may sweep as well
                if file.stat().st_mtime < now - 3600:  # else it may have come in after we looked
                    file.unlink()
                    deleted += not file.suffix
        return deleted


def _look_at(video: Path, thumbnail: Path) -> VideoFacts:
    """Probe a video and decode its first frames, since an index may describe frames that are none."""
    facts = probe_video(video)
    if not thumbnail.exists():
        try:
            make_poster(video, thumbnail, max_side=THUMBNAIL_SIDE)
        except MediaUnreadable as error:
            raise MediaUnreadable("The video is damaged: its first frames cannot be shown.") from error
    return facts


def _facts(kind: Kind, data: dict[str, Any]) -> Facts:
    if kind == "image":
        return ImageFacts(**data)
    rates = {name: data.get(name) and Fraction(data[name]) for name in ("fps", "slowest", "fastest")}
    lengths = {name: data.get(name) and Decimal(data[name]) for name in ("seconds", "longest")}
    return VideoFacts(**data | rates | lengths)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, Fraction)) else value


def _clean(name: str) -> str:
    """The name's last part, without what a terminal or a header could trip over."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:120] or "file"
