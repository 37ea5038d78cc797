"""Public addresses of the visitors' files: signed, so that none can be guessed, and good for a while only."""

from __future__ import annotations

import hmac
import re

from studio.system.clock import CLOCK, Clock

LIFETIME = 48 * 3600.0
"""Seconds that an address lasts: the provider fetches a file when the task starts, which may be long after."""
PATH = "/studio/public/"
"""Where the studio hands out what a link names."""

_TOKEN = re.compile(r"(?P<expires>[0-9]{1,12})-(?P<file>[0-9a-f]{64})-(?P<signature>[0-9a-f]{64})(?:\.[a-z0-9]+)?")


class Links:
    """Writes and reads such addresses: ``https://…/studio/public/<expiry>-<file>-<signature>.<suffix>``."""

    def __init__(self, address: str, secret: bytes, clock: Clock = CLOCK) -> None:
        """``address`` is where the provider reaches this studio, without a path."""
        self._clock = clock
        self._base = address + PATH
        # A key of its own: what is signed here is never good as anything else that the same secret signs.
        self._key = hmac.digest(secret, b"public files", "sha256")

    def to(self, file: str, suffix: str = "") -> str:
        """An address of the file of that sha256; ``suffix`` (``.png``) is for readers who go by it."""
        expires = int(self._clock.wall() + LIFETIME)
        return f"{self._base}{expires}-{file}-{self._signature(expires, file)}{suffix}"

    def read(self, token: str) -> str | None:
        """The sha256 of the file that the end of an address names; None when it is not ours, or its time is over."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        expires, file = int(parts["expires"]), parts["file"]
        genuine = hmac.compare_digest(self._signature(expires, file), parts["signature"])
        return file if genuine and self._clock.wall() < expires else None

    def _signature(self, expires: int, file: str) -> str:
        return hmac.digest(self._key, f"{expires}-{file}".encode(), "sha256").hex()
