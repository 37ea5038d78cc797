"""The table of what ``OUTPUT_DIR`` may name, and finding a video by what its row says, wherever it was put.

Where videos go may change; those that are there stay where they are. A row says where its video lies. Those that are
older than that lie in the folder that was in force then; so the data folder keeps a list of all that ever was, the
oldest first. A folder may also have been moved as a whole: what is not where its row says is looked for in the others.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.config import Settings
from studio.errors import ConfigError, SaveError, StorageRefused
from studio.outputs.base import Access, Outputs, Stat
from studio.outputs.bucket import Bucket
from studio.outputs.folder import Folder, storage_error
from studio.system.disk import Reserve

log = logging.getLogger("studio")

Open = Callable[[str, Access], Outputs]
"""Opens a location by what follows its scheme; ValueError for what is none, ConfigError for what cannot be reached."""

FOLDER = Path("output")
"""Where videos lie unless a setting says otherwise, and in the versions that kept no list."""


def _bucket(rest: str, access: Access) -> Bucket:
    name, _, prefix = rest.partition("/")
    prefix = prefix.rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{1,62}", name, re.ASCII):
        raise ValueError("must name a bucket: s3://bucket or s3://bucket/prefix")
    if prefix and {"", ".", ".."} & set(prefix.split("/")):
        raise ValueError("must have a prefix of names with single slashes between them: s3://bucket/some/prefix")
    return Bucket(name, prefix, access)


KINDS: Mapping[str, Open] = {"s3": _bucket}
"""By scheme, what is no folder."""


def open_outputs(location: str, access: Access | None = None) -> Outputs:
    """The location that ``OUTPUT_DIR`` names: a path, or an address with one of the schemes of ``KINDS``.

    Raises ValueError for what is neither, and ConfigError where what it takes to reach it is missing.
    """
    scheme, found, rest = location.partition("://")
    if not found:
        return Folder(Path(location).resolve())
    if scheme not in KINDS:
        known = " or ".join(f"{name}://…" for name in KINDS)
        raise ValueError(f"must be a folder, or an address that begins with {known}")
    return KINDS[scheme](rest, access or Access())


@dataclass(frozen=True)
class Stored:
    """A file in a location."""

    outputs: Outputs
    name: str
    stat: Stat

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from ``start`` to before ``end``; raises as ``Outputs.read`` does."""
        return self.outputs.read(self.name, self.stat, start, end)

    def address(self, seconds: float) -> str | None:
        """A signed address of it that anyone can use for so long, if there is such a thing."""
        return self.outputs.address(self.name, seconds)

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine's disk, if it does."""
        return self.outputs.path(self.name)


class Locations:
    """The location in force, those where earlier videos lie, and the local folders of what is on its way."""

    def __init__(
        self,
        current: Outputs,
        workplace: Path,
        outbox: Path,
        earlier: Sequence[str] = (),
        access: Access | None = None,
        reserve: Reserve | None = None,
    ) -> None:
        """``earlier`` are locations, the oldest first, and may have the one in force among them."""
        self.current = current
        self.workplace = workplace
        """Where a result is made whole, below the same name, before it is put: the location in force itself, if it is a
        folder."""
        self.outbox = outbox
        self._earlier = earlier
        self._access = access
        self._reserve = reserve
        self._open: dict[str, Outputs] = {current.location: current}

    @classmethod
    def folder(cls, root: Path) -> Locations:
        """A folder, and no other location."""
        return cls(Folder(root.resolve()), root, root / "outbox")

    @property
    def remote(self) -> bool:
        """Whether videos go elsewhere than to a folder, or ever went."""
        return any("://" in location for location in (self.current.location, *self._earlier))

    def find(self, location: str | None, name: str) -> Stored | None:
        """A file by what its row says of where it lies, which is None in old ones; None when it is nowhere.

        Raises SaveError and its kinds when the location in which it should be cannot be looked into: that which the
        row names, or for old rows a folder, since there was nothing else then. That it could be elsewhere is no reason.
        """
        trouble: SaveError | None = None
        for one in self._in_order(location):
            try:
                outputs = self._opened(one)
                stat = outputs.stat(name)
            except SaveError as error:
                expected = one == location if location is not None else "://" not in one
                trouble = trouble or (error if expected else None)
            else:
                if stat is not None:
                    return Stored(outputs, name, stat)
        if trouble is not None:
            raise trouble
        return None

    def delete(self, location: str | None, name: str) -> None:
        """Delete a file that may be there; raises as ``find`` does."""
        if (stored := self.find(location, name)) is not None:
            stored.outputs.delete(name)

    @contextmanager
    def local(self, stored: Stored) -> Iterator[Path]:
        """The file on this machine's disk, for programs that read nothing else: itself, or a copy for as long as the
        context lasts. Raises StorageReserved when there is no room for that, OutputGone and SaveError."""
        if (path := stored.path) is not None:
            yield path
            return
        copies = self.outbox / "copies"
        copies.mkdir(parents=True, exist_ok=True)
        if self._reserve is not None:
            self._reserve.require(copies, stored.stat.size)
        copy = copies / f"{secrets.token_hex(8)}.part"
        try:
            try:
                with copy.open("wb") as file:
                    file.writelines(stored.read())
            except OSError as error:
                raise storage_error(error, copies) from error
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    def _in_order(self, location: str | None) -> Iterator[str]:
        """The locations in which a file may be, the likeliest first."""
        current = self.current.location
        if location is None:
            return iter(dict.fromkeys((*self._earlier, current)))
        return iter(dict.fromkeys((location, current, *reversed(self._earlier))))

    def _opened(self, location: str) -> Outputs:
        found = self._open.get(location)
        if found is None:
            try:
                found = self._open[location] = open_outputs(location, self._access)
            except (ConfigError, ValueError) as error:
                log.warning("%s, where earlier videos lie, cannot be opened: %s", location, error)
                raise StorageRefused("The settings for this storage are missing.") from None
        return found


def open_locations(settings: Settings, reserve: Reserve | None = None) -> Locations:
    """The locations of a studio with these settings; the one in force is taken down in its data folder.

    Raises ConfigError.
    """
    access = Access(settings.s3_endpoint, settings.s3_region, settings.s3_key_id, settings.s3_secret)
    try:
        current = open_outputs(settings.output, access)
    except ValueError as error:
        raise ConfigError(f"OUTPUT_DIR is {settings.output!r}, but it {error}.") from None
    if isinstance(current, Folder) and Path(current.location).is_relative_to(settings.outbox.resolve()):
        raise ConfigError(
            f"OUTPUT_DIR is {current.location}, where the studio keeps what is on its way and clears it away: "
            "choose another folder."
        )
    known = _taken_down(settings.data_dir, current.location)
    return Locations(current, settings.output_dir, settings.outbox, known, access, reserve)


def _taken_down(data_dir: Path, current: str) -> Sequence[str]:
    """All locations that ever were in force, the oldest first, with the one that is now."""
    path = data_dir / "outputs.json"
    try:
        known = json.loads(path.read_text("utf-8"))
        if not isinstance(known, list) or not all(isinstance(one, str) for one in known):
            raise ValueError("it holds no list of texts")
    except FileNotFoundError:
        known = [str(FOLDER.resolve())] if FOLDER.is_dir() else []
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path}, which says where earlier videos lie, cannot be read: {error}. Put it back from a copy, or delete "
            "it: then only the folder of OUTPUT_DIR is known."
        ) from None
    if current in known:
        return tuple(known)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            json.dump([*known, current], file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}): give the studio permission.") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return (*known, current)
