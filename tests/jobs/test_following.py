"""What other processes change in a shared database is told, all of it and each change once."""

from __future__ import annotations

import asyncio
import time

from studio.database.states import State
from studio.jobs.changes import Changes, News
from studio.jobs.durable.follower import ChangePoller
from studio.jobs.rows.store import Store
from studio.system.pace import PACE
from tests.databases import make_job


async def heard(follower: ChangePoller, news: asyncio.Queue[News]) -> list[News]:
    """What one look tells."""
    await asyncio.to_thread(follower.look)
    return [news.get_nowait() for _ in range(news.qsize())]


def test_a_change_is_told_once_even_if_it_shows_late_and_nothing_of_deleted_jobs(store: Store) -> None:
    async def story() -> None:
        changes = Changes()
        follower = ChangePoller(store, changes)
        with changes.subscribe("ada") as news:
            job = make_job()
            store.add(job)
            store.add(make_job(deleted_at=time.time()))
            assert await heard(follower, news) == [job]
            assert await heard(follower, news) == []
            moved = store.move(job.id, State.SUBMITTING)
            assert await heard(follower, news) == [moved]
            late = make_job(updated_at=time.time() - PACE.late_seconds / 2)
            store.add(late)
            assert await heard(follower, news) == [late]
            assert await heard(follower, news) == []

    asyncio.run(story())
