"""Following what other processes do to the jobs of a shared database."""

from __future__ import annotations

from studio.jobs.changes import Changes
from studio.jobs.rows.store import Store

LATE_SECONDS = 10.0
"""A change shows at most so long after its time: it waited for a lock, or its process's clock is behind."""


class Follower:
    """Publishes every change of a job that the database shows, whoever made it, once."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes
        self._looked_at = store.clock.wall()
        self._told: dict[str, float] = {}
        """By id, the change that was told last, of the jobs that the last look showed."""

    def look(self) -> None:
        """Publish what has changed since the last look; while nobody listens, nothing is asked. Raises StoreError."""
        now = self._store.clock.wall()
        if self._changes.anyone:
            changed = self._store.changed(self._looked_at - LATE_SECONDS)
            for job in changed:
                if self._told.get(job.id) != job.updated_at:
                    self._changes.publish(job)
            self._told = {job.id: job.updated_at for job in changed}
        self._looked_at = now
