"""Tokens that say who asks, signed by the studio: a browser keeps one as a cookie, a script sends it as a header."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

HEADER = "x-studio-visitor"
NOBODY = ""


class Identity:
    """Signs and reads visitor tokens: ``<id>.<signature>``, from the first epoch on ``<id>.<epoch>.<signature>``."""

    def __init__(self, secret: bytes, epoch: int = 0) -> None:
        """Tokens of epochs before ``epoch`` are void."""
        self._secret = secret
        self._epoch = epoch

    def new(self) -> str:
        """The id of someone who has never been here."""
        return secrets.token_urlsafe(18)

    def token(self, visitor: str) -> str:
        return self._signed(f"{visitor}.{self._epoch}" if self._epoch else visitor)

    def read(self, token: str) -> str | None:
        """The visitor's id, or None when the token is not one of ours, or void."""
        claim = token.rpartition(".")[0]
        if not claim or not token.isascii() or not hmac.compare_digest(self._signed(claim), token):
            return None
        visitor, _, epoch = claim.partition(".")
        return visitor if int(epoch or 0) >= self._epoch else None

    def _signed(self, claim: str) -> str:
        return f"{claim}.{hmac.new(self._secret, claim.encode(), sha256).hexdigest()[:40]}"
