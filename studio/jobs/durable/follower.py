"""Following what other processes do to the jobs of a shared database."""

from __future__ import annotations

from studio.jobs.changes import Changes
from studio.jobs.rows.store import Store
from studio.system.pace import PACE, Pace


class ChangePoller:
    """Publishes every change of a job that the database shows, whoever made it, once."""

    def __init__(self, store: Store, changes: Changes, pace: Pace = PACE) -> None:
        self._store = store
        self._late_seconds = pace.late_seconds
        self._changes = changes
        self._looked_at = store.clock.wall()
        self._updated_at: dict[str, float] = {}
        """By id, the change that was told last, of the jobs that the last look showed."""

    def look(self) -> None:
        """Publish what has changed since the last look; while nobody listens, nothing is asked. Raises StoreError."""
        now = self._store.clock.wall()
        if self._changes.anyone:
            changed = self._store.changed(self._looked_at - self._late_seconds)
            for job in changed:
                if self._updated_at.get(job.id) != job.updated_at:
                    self._changes.publish(job)
            self._updated_at = {job.id: job.updated_at for job in changed}
        self._looked_at = now
