"""A folder of this machine, or one that it shares with others."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG

from studio.config import check_writable
from studio.errors import OutputGone, OutputTaken, SaveError, StorageFull, StorageUnwritable
from studio.message import Message
from studio.outputs.base import Stat, parts

CHUNK = 1 << 18


class Folder:
    """Files are written aside, synced, and given their name when they are whole."""

    def __init__(self, root: Path) -> None:
        """``root`` is absolute; it is made when it is first written to."""
        self._root = root

    def __repr__(self) -> str:
        return f"Folder({self.location!r})"

    @property
    def location(self) -> str:
        return str(self._root)

    def put(self, source: Path, name: str, *, replace: bool = False) -> None:
        target = self.path(name)
        with _storage_errors(self._root):
            if target.exists() and target.samefile(source):
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
            try:
                _copy(source, partial)
                if replace:
                    partial.replace(target)
                elif not _named(partial, target) and not _same(partial, target):
                    raise OutputTaken(Message("There is already a file named {name}.", name=name))
                sync_folder(target.parent)
            finally:
                partial.unlink(missing_ok=True)

    def stat(self, name: str) -> Stat | None:
        path = self.path(name)
        with _storage_errors(self._root):
            try:
                found = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _stat(found) if S_ISREG(found.st_mode) else None

    def read(self, name: str, stat: Stat, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        try:
            file = self.path(name).open("rb")
        except FileNotFoundError:
            raise OutputGone(Message("{name} no longer exists.", name=name)) from None
        with file:
            if _stat(os.fstat(file.fileno())) != stat:
                raise OutputGone(Message("{name} no longer exists.", name=name))
            file.seek(start)
            left = max(0, min(stat.size, stat.size if end is None else end) - start)
            while left and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def delete(self, name: str) -> None:
        with _storage_errors(self._root):
            self.path(name).unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        return self._root.joinpath(*parts(name))

    def address(self, name: str, seconds: float) -> None:
        return None

    def check(self) -> None:
        check_writable("OUTPUT_DIR", self._root)


def storage_error(error: OSError, folder: Path) -> SaveError:
    """What it means that the disk of ``folder`` did not take a file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(Message("No space is left in {folder}.", folder=folder.name))
    return StorageUnwritable(
        Message("{folder} is not writable: {reason}.", folder=folder.name, reason=error.strerror or str(error))
    )


def sync_folder(folder: Path) -> None:
    """See to it that the names in it are on disk."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder) from error


def _copy(source: Path, target: Path) -> None:
    """A second name for the file where the file system can do that, else a copy; on disk afterwards."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _named(partial: Path, target: Path) -> bool:
    """Give ``partial`` its name; False when the name is taken."""
    try:
        os.link(partial, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        partial.replace(target)
    return True


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        return hashlib.file_digest(first, "sha256").digest() == hashlib.file_digest(second, "sha256").digest()


def _stat(found: os.stat_result) -> Stat:
    return Stat(found.st_size, found.st_mtime, f"{found.st_mtime_ns:x}-{found.st_size:x}")
