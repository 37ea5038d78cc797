from __future__ import annotations

import asyncio
import threading

from studio.jobs.changes import QUEUE_SIZE, Amended, Changes
from tests.databases import make_job


def test_a_subscriber_hears_of_its_owners_jobs_from_any_thread() -> None:
    async def listen() -> None:
        changes = Changes()
        mine, other = make_job(owner="ada"), make_job(owner="eve")
        with changes.subscribe("ada") as queue:
            thread = threading.Thread(target=lambda: (changes.publish(other), changes.publish(mine)))
            thread.start()
            assert await asyncio.wait_for(queue.get(), 30) == mine
            thread.join()
            assert queue.empty()
        assert not changes.anyone

    asyncio.run(listen())


def test_a_subscriber_hears_what_its_owner_does_in_the_library() -> None:
    async def listen() -> None:
        changes = Changes()
        with changes.subscribe("ada") as queue:
            changes.amended("eve", ["1"])
            changes.amended("ada", ["2", "3"])
            assert await asyncio.wait_for(queue.get(), 30) == Amended(("2", "3"))
            assert queue.empty()

    asyncio.run(listen())


def test_a_subscriber_that_falls_behind_is_told_to_load_everything() -> None:
    async def sleep_then_read() -> None:
        changes = Changes()
        job = make_job(owner="ada")
        with changes.subscribe("ada") as queue:
            for _ in range(QUEUE_SIZE + 1):
                changes.publish(job)
            await asyncio.sleep(0.05)
            assert queue.get_nowait() is None
            assert queue.empty()

    asyncio.run(sleep_then_read())
