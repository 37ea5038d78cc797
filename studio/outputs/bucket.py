"""A bucket of an S3-compatible store.

A large file goes up in parts and is there when the last one is. Files come down in blocks that grow, each asked for on
its own: no connection is held while a player pauses, and none has to outlive a minute. A block is asked for by the
file's entity tag, so that nobody gets the beginning of one file and the end of another.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import obstore
from obstore.exceptions import (
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from studio.errors import (
    ConfigError,
    OutputGone,
    OutputTaken,
    StorageRefused,
    StorageUnreachable,
    StorageUnwritable,
)
from studio.message import Message
from studio.outputs.base import Access, Stat, parts

PART = 5 << 20
"""Bytes of a part that goes up, the least that stores take."""
PARTS_AT_ONCE = 3
FIRST_BLOCK, LARGEST_BLOCK = 256 << 10, 4 << 20
"""Bytes of the first block of a file that comes down, and of those that follow after some doublings."""
STAT_SECONDS = 60.0
"""So long it is remembered what the store says of a file: a player asks for many ranges of the same."""
MOST_STATS = 1000

_HTTP = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_REFUSALS = ("NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "PermanentRedirect")


@dataclass(frozen=True)
class Patience:
    """How long the store is waited for."""

    connect: float = 5.0
    """Seconds until a connection stands."""
    block: float = 30.0
    """Seconds for a block that comes down, from the call to its last byte: about 1 Mbit/s for the largest."""
    part: float = 120.0
    """Seconds for a part that goes up."""
    retries: int = 2
    """So often a call is repeated that met with silence, a cut or 5xx. Who saves a video tries again later anyway."""


class Bucket:
    """What lies below one prefix of one bucket."""

    def __init__(self, name: str, prefix: str, access: Access, patience: Patience | None = None) -> None:
        """``prefix`` has slashes only between its parts. ConfigError when the key or the address is missing."""
        self._name, self._prefix = name, prefix
        settings = {
            "STUDIO_S3_ENDPOINT": access.endpoint,
            "STUDIO_S3_KEY_ID": access.key_id,
            "STUDIO_S3_SECRET": access.secret,
        }
        missing = [setting for setting, value in settings.items() if not value]
        if not access.endpoint or not access.key_id or not access.secret:
            raise ConfigError(
                f"OUTPUT_DIR is {self.location}, but {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} "
                "not set: a bucket is reached at an address and with a key. Set what is missing, or set OUTPUT_DIR to "
                "a folder."
            )
        self.endpoint = endpoint = access.endpoint.rstrip("/")
        key_id, secret = access.key_id, access.secret.get_secret_value()
        how_long = patience or Patience()
        # Where the address begins with the bucket's name, paths do not repeat that.
        own_host = re.match(rf"https?://{re.escape(name)}\.", endpoint) is not None

        def store(seconds: float) -> S3Store:
            return S3Store(
                name,
                prefix=prefix or None,
                endpoint=endpoint,
                region=access.region,
                access_key_id=key_id,
                secret_access_key=secret,
                virtual_hosted_style_request=own_host,
                client_options={
                    "allow_http": True,
                    "connect_timeout": timedelta(seconds=how_long.connect),
                    "timeout": timedelta(seconds=seconds),
                },
                retry_config={
                    "max_retries": how_long.retries,
                    "retry_timeout": timedelta(seconds=how_long.block),
                    "backoff": {
                        "init_backoff": timedelta(seconds=0.2),
                        "max_backoff": timedelta(seconds=2),
                        "base": 2,
                    },
                },
            )

        self._reads, self._writes = store(how_long.block), store(how_long.part)
        self._stats: dict[str, tuple[float, Stat]] = {}
        """By name, until when what is known of a file holds good, by the monotonic clock."""

    def __repr__(self) -> str:
        return f"Bucket({self.location!r})"

    @property
    def location(self) -> str:
        return f"s3://{self._name}" + (f"/{self._prefix}" if self._prefix else "")

    def put(self, source: Path, name: str, *, replace: bool = False) -> None:
        parts(name)
        self._stats.pop(name, None)
        try:
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = source.stat().st_size
        except OSError as error:
            raise StorageUnwritable(
                Message("{name} cannot be read: {reason}.", name=name, reason=str(error))
            ) from error
        if (there := self._head(name)) is not None:
            if (there.size, self._digest(name, there)) == (size, digest):
                return
            if not replace:
                raise OutputTaken(Message("There is already a file named {name}.", name=name))
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        try:
            with _storage_errors():
                obstore.put(
                    self._writes,
                    name,
                    source,
                    attributes={"Content-Type": kind, "sha256": digest},
                    chunk_size=PART,
                    max_concurrency=PARTS_AT_ONCE,
                )
        except OutputGone:  # of what is put, only the bucket can be missing
            raise StorageRefused(
                Message("The storage refuses the studio’s access: {reason}.", reason="no such bucket")
            ) from None
        # A gateway in between may have said that all is well.
        if (there := self._head(name)) is None or there.size != size:
            raise StorageUnreachable(Message("The storage no longer has the file that it accepted: {name}.", name=name))

    def stat(self, name: str) -> Stat | None:
        parts(name)
        until, known = self._stats.get(name, (0.0, None))
        return known if known is not None and time.monotonic() < until else self._head(name)

    def _head(self, name: str) -> Stat | None:
        self._stats.pop(name, None)
        try:
            with _storage_errors():
                found = obstore.get(self._reads, name, options={"head": True})
        except OutputGone:
            return None
        meta = found.meta
        modified = meta["last_modified"].timestamp()
        tag = (meta["e_tag"] or f"{modified:.0f}-{meta['size']}").strip('"')
        stat = Stat(meta["size"], modified, tag, found.attributes.get("sha256"))
        if len(self._stats) >= MOST_STATS:
            self._stats.clear()
        self._stats[name] = time.monotonic() + STAT_SECONDS, stat
        return stat

    def _digest(self, name: str, stat: Stat) -> str:
        if stat.sha256 is not None:
            return stat.sha256
        digest = hashlib.sha256()
        for chunk in self.read(name, stat):
            digest.update(chunk)
        return digest.hexdigest()

    def read(self, name: str, stat: Stat, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        end = min(stat.size, stat.size if end is None else end)
        size = FIRST_BLOCK
        while start < end:
            block = self._block(name, stat, start, min(start + size, end))
            start, size = start + len(block), min(2 * size, LARGEST_BLOCK)
            yield block

    def _block(self, name: str, stat: Stat, start: int, end: int) -> bytes:
        try:
            with _storage_errors():
                options: Any = {"range": (start, end)}
                if not stat.tag.startswith("W/"):  # a weak tag matches nothing
                    options["if_match"] = f'"{stat.tag}"'
                found = obstore.get(self._reads, name, options=options)
                block = bytes(found.bytes())
        except OutputGone:
            self._stats.pop(name, None)
            raise
        # A store may heed no If-Match, a gateway no range.
        if found.meta["size"] != stat.size or len(block) != end - start:
            self._stats.pop(name, None)
            raise OutputGone(Message("{name} no longer exists.", name=name))
        return block

    def delete(self, name: str) -> None:
        parts(name)
        self._stats.pop(name, None)
        try:
            with _storage_errors():
                obstore.delete(self._reads, name)
        except OutputGone:
            return

    def path(self, name: str) -> None:
        return None

    def address(self, name: str, seconds: float) -> str | None:
        parts(name)
        return obstore.sign(self._reads, "GET", name, timedelta(seconds=seconds))

    def check(self) -> None:
        self._check_way()
        probe = f".writable-{socket.gethostname()}-{os.getpid()}"
        try:
            with _storage_errors():
                obstore.put(self._reads, probe, b"")
                obstore.get(self._reads, probe, options={"head": True})
                obstore.delete(self._reads, probe)
        except StorageUnreachable:
            return
        except (StorageRefused, OutputGone) as error:
            raise ConfigError(
                f"OUTPUT_DIR is {self.location}, which does not take files ({error}): make the bucket, give the key of "
                "STUDIO_S3_KEY_ID the right to read, write and delete there, look at STUDIO_S3_ENDPOINT and "
                "STUDIO_S3_REGION, or set OUTPUT_DIR to a folder."
            ) from None

    def _check_way(self) -> None:
        """ConfigError where the way leads through a SOCKS proxy, which the client of the store does not speak to."""
        address = urlsplit(self.endpoint)
        proxies, host = getproxies(), address.hostname or ""
        proxy = proxies.get(address.scheme) or proxies.get("all") or ""
        if proxy.lower().startswith("socks") and not proxy_bypass(host):
            raise ConfigError(
                f"OUTPUT_DIR is {self.location}, but the web is reached through a SOCKS proxy here, and the store is "
                f"not: add {host} to NO_PROXY if it can be reached without, or name a proxy that begins with http://."
            )


@contextmanager
def _storage_errors() -> Iterator[None]:
    """What the store's answers mean. Their own words are long and full of addresses: what counts is taken from them."""
    try:
        yield
    except (BaseError, FileNotFoundError) as error:  # it tells of what is not there by the latter
        raise _meaning(error) from None


def _meaning(error: Exception) -> Exception:
    text = str(error)
    status, code = _HTTP.search(text), _CODE.search(text)
    reason = " ".join(filter(None, (f"HTTP {status[1]}" if status else "", code[1] if code else "")))
    refused = (
        isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or "incorrectly configured region" in text
    )
    if refused or (code is not None and code[1] in _REFUSALS):
        return StorageRefused(
            Message("The storage refuses the studio’s access: {reason}.", reason=reason or "wrong region")
        )
    if isinstance(error, (FileNotFoundError, PreconditionError)) or (status and status[1] == "416"):
        return OutputGone("The file no longer exists.")
    if not reason:
        reason = "no answer in time" if re.search("kind: Timeout|TimedOut", text) else "no connection"
    return StorageUnreachable(Message("The storage cannot be reached: {reason}.", reason=reason))
