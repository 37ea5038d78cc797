"""The cookies by which a browser is known again: read whatever stands beside them, written as the way to it allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from studio.visitors.tokens import Identity

PLAIN = "happyhorse"
SECURE = "__Host-happyhorse"
"""Browsers keep a cookie of this name only from https and for this very host: no neighbour can plant one."""
BELOW = "__Secure-happyhorse"
"""Browsers keep ``__Host-`` for no path alone: a studio below one has the next best, of https only."""
LANGUAGE = "happyhorse-language"
"""What the visitor chose on the page; it goes before what the browser asks for."""
YEAR = 365 * 86400


@dataclass(frozen=True)
class Cookies:
    """Reads and writes the visitor's cookie."""

    identity: Identity
    framed: bool = False
    """Whether the page stands in a frame of another site, as a Space's does: its cookie must be allowed there, and only
    there."""
    root: str = ""
    """The path below which the studio stands: another one on the same host has cookies of its own."""

    def visitor(self, headers: Headers) -> str | None:
        """The visitor of the first cookie of ours that is good, the safer name first; None when there is none.

        The name may have changed since the cookie was made, and browsers send the same name several times: for other
        paths, and for a frame of another site.
        """
        found = list(cookies_of(headers))
        for name in (BELOW, SECURE, PLAIN) if self.root else (SECURE, PLAIN):
            for one, value in found:
                if one == name and (visitor := self.identity.read(value)):
                    return visitor
        return None

    def header(self, visitor: str, *, secure: bool) -> str:
        """``Set-Cookie`` for a year from now; ``secure`` says that it need not travel by plain http."""
        secure = secure or self.framed
        attributes = "; Secure" if secure else ""
        attributes += "; SameSite=None; Partitioned" if self.framed else "; SameSite=Lax"
        token = self.identity.token(visitor)
        name = PLAIN if not secure else BELOW if self.root else SECURE
        return f"{name}={token}; Path={self.root or '/'}; HttpOnly; Max-Age={YEAR}{attributes}"


def cookies_of(headers: Headers) -> Iterator[tuple[str, str]]:
    """Names and values of ours in the order in which they came; a name may come more than once."""
    for header in headers.getlist("cookie"):
        for chunk in header.split(";"):
            if PLAIN in chunk:  # all our names have it: what else may fill a header costs no parsing
                yield from cookie_parser(chunk).items()


def language_of(headers: Headers) -> str | None:
    """The language that was chosen, else what the browser asks for."""
    chosen = next((value for name, value in cookies_of(headers) if name == LANGUAGE), None)
    return chosen or headers.get("accept-language")
