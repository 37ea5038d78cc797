"""Idempotency keys: the same key from the same visitor is the same jobs, however often it comes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from sqlalchemy import Connection, select

from studio.database.rows import JobColumns
from studio.database.schema import JOBS
from studio.errors import InvalidRequest, KeyReused, Problem
from studio.message import Message

LONGEST = 255
_KEY = re.compile(f"[!-~]{{1,{LONGEST}}}")


@dataclass(frozen=True)
class IdempotencyKey:
    """A key, and what was asked with it: as a page or script chose it for one press or call, kept over its repeats."""

    key: str
    digest: str
    """SHA-256 of what was asked."""

    @classmethod
    def of(cls, key: str | None, asked: Any) -> Self | None:
        """None without a key; ``asked`` is what JSON can hold. Raises InvalidRequest for what can be no key."""
        if not key:
            return None
        if not _KEY.fullmatch(key):
            rule = Message("1 to {most} visible ASCII characters", most=LONGEST)
            raise InvalidRequest(Problem("Idempotency-Key", key, rule))
        return cls(key, sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest())

    def values(self, place: int) -> JobColumns:
        """The columns of the job at ``place`` among those that were asked for together."""
        return JobColumns(idempotency_key=self.key, idempotency_place=place, idempotency_digest=self.digest)

    def answered(self, connection: Connection, owner: str) -> Sequence[Any]:
        """The rows of the jobs that were made with this key, in their order; raises KeyReused for another request."""
        query = select(JOBS).where(JOBS.c.owner == owner, JOBS.c.idempotency_key == self.key)
        rows = connection.execute(query.order_by(JOBS.c.idempotency_place)).all()
        if rows and rows[0].idempotency_digest != self.digest:
            raise KeyReused(
                "This Idempotency-Key was already sent with another request. Choose a new key for each request."
            )
        return rows
