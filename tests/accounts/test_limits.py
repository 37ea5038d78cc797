"""What strangers may take: never more than the limits, however many ask at once, in however many processes."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, insert, select

from studio.accounts.limits import PUBLIC, Limits
from studio.accounts.streams import Streams
from studio.config import Settings
from studio.database.schema import HOLDINGS, JOBS
from studio.database.states import State
from studio.errors import Fault, LimitReached, NoLimits, SpendingLimit, StorageReserved, Use
from studio.jobs.model import Job, VideoFile, new_id
from studio.jobs.rows.store import Store
from studio.media.vault import LOOK_BYTES, Vault, VaultFile
from studio.system.clock import Clock
from studio.system.disk import Reserve
from studio.visitors.visitor import Visitor
from tests.databases import make_job, new_database
from tests.servers import ROOT

LIVE = "dashscope:beijing"
PRICE = Decimal("8.00")
"""Of ``make_job``: 5 seconds of 1080P in Beijing."""
HOME, AWAY = "203.0.113.7/32", "2001:db8:1:2::/64"


def failed(charged: Any) -> Fault:
    return Fault("request_refused", "generate", "No.", charged=charged)


def limits(**settings: str) -> Limits:
    return Limits.of(Settings.model_validate({f"STUDIO_{name.upper()}": value for name, value in settings.items()}))


def limited(url: str, **settings: str) -> Store:
    return Store(url, limits(**settings))


def live(**changes: Any) -> Job:
    return make_job(**{"account": LIVE, "network": HOME} | changes)


def midnight() -> float:
    return (time.time() // 86400 + 1) * 86400


def test_a_job_that_is_too_much_for_today_is_not_written_down(database_url: str) -> None:
    store = limited(database_url, daily_limit="20")
    for _ in range(2):
        store.add(live())
    refused = live(owner="eve", network=AWAY)
    with pytest.raises(SpendingLimit) as caught:
        store.add(refused)
    use = Use("daily_limit", "STUDIO_DAILY_LIMIT", Decimal(20), Decimal(16), "CNY", midnight())
    assert (caught.value.use, caught.value.wanted, caught.value.costs) == (use, PRICE, ((PRICE, "CNY"),))
    assert store.get(refused.id) is None
    assert store.history(refused.id) == []
    store.add(make_job(account="sandbox"))
    store.close()


def test_several_jobs_are_taken_whole_or_not_at_all(database_url: str) -> None:
    store = limited(database_url, daily_limit="20")
    with pytest.raises(SpendingLimit) as caught:
        store.add_all([live() for _ in range(3)])
    assert (caught.value.use.used, caught.value.wanted) == (0, 3 * PRICE)  # type: ignore[union-attr]
    assert store.count("ada") == 0
    store.add_all([live() for _ in range(2)])
    assert store.count("ada") == 2
    store.close()


def test_a_limit_is_reached_exactly_and_not_passed(database_url: str) -> None:
    store = limited(database_url, daily_limit="16.00")
    store.add(live())
    store.add(live())
    with pytest.raises(SpendingLimit):
        store.add(live())
    store.close()


def test_what_nobody_can_price_is_not_sent_under_a_limit(database_url: str) -> None:
    store = limited(database_url, daily_limit="1000")
    with pytest.raises(SpendingLimit, match="The price is unknown"):
        store.add_all([live(), live(quote=None)])
    assert store.count("ada") == 0
    store.close()


def test_what_was_free_does_not_count_and_sending_it_again_does(database_url: str) -> None:
    store = limited(database_url, daily_limit="10")
    refused = live(state=State.FAILED, fault=failed("no"), submitting_at=time.time())
    store.add(refused)
    other = live()
    store.add(other)
    with pytest.raises(SpendingLimit):
        store.move(refused.id, State.QUEUED, anew=True)
    assert store.get(refused.id) == refused
    assert store.move(other.id, State.CANCELED) is not None
    again = store.move(refused.id, State.QUEUED, anew=True)
    assert again is not None
    assert again.state is State.QUEUED
    store.close()


def test_a_job_that_is_sent_again_and_again_is_work_each_time(database_url: str) -> None:
    """Else a job that is refused each time could be sent to the cloud without end, in the owner's name."""
    store = limited(database_url, visitor_daily_jobs="4")
    job = live(state=State.FAILED, fault=failed("no"))
    store.add(job)
    for _ in range(3):
        assert store.move(job.id, State.QUEUED, anew=True) is not None
        assert store.move(job.id, State.SUBMITTING) is not None
        assert store.move(job.id, State.QUEUED, detail={"error": "Throttled."}) is not None
        assert store.move(job.id, State.CANCELED) is not None
    with pytest.raises(LimitReached) as caught:
        store.move(job.id, State.QUEUED, anew=True)
    used = Use("visitor_daily_jobs", "STUDIO_VISITOR_DAILY_JOBS", Decimal(4), Decimal(4), "jobs", midnight())
    assert caught.value.use == used
    with pytest.raises(LimitReached):
        store.add(live())
    store.add(live(owner="dora", network=AWAY))
    store.close()


def test_the_guests_of_one_network_are_one_visitor(database_url: str) -> None:
    store = limited(database_url, daily_limit="1000", visitor_daily_limit="16")
    store.add(live(owner="a"))
    store.add(live(owner="b"))
    with pytest.raises(SpendingLimit) as caught:
        store.add(live(owner="c"))
    assert caught.value.use is not None
    assert (caught.value.use.setting, caught.value.use.used) == ("STUDIO_VISITOR_DAILY_LIMIT", 2 * PRICE)
    store.add(live(owner="c", network=AWAY))
    with pytest.raises(SpendingLimit):  # whoever goes elsewhere takes along what was spent
        store.add_all([live(owner="a", network=AWAY), live(owner="a", network=AWAY)])
    store.close()


def test_jobs_under_way_and_of_a_day_are_counted_in_the_sandbox_too(database_url: str) -> None:
    store = limited(database_url, visitor_jobs="2", visitor_daily_jobs="3")
    first = make_job(network=HOME)
    store.add_all([first, make_job(owner="bob", network=HOME)])
    with pytest.raises(LimitReached) as caught:
        store.add(make_job(network=HOME))
    assert caught.value.use == Use("visitor_jobs", "STUDIO_VISITOR_JOBS", Decimal(2), Decimal(2), "jobs")
    assert store.move(first.id, State.CANCELED) is not None
    store.add(make_job(owner="carl", network=HOME, state=State.FAILED, fault=failed("no")))
    with pytest.raises(LimitReached) as caught:
        store.add(make_job(network=HOME))
    used = Use("visitor_daily_jobs", "STUDIO_VISITOR_DAILY_JOBS", Decimal(3), Decimal(3), "jobs", midnight())
    assert caught.value.use == used
    store.add(make_job(owner="dora", network=AWAY))
    store.close()


def test_bytes_are_those_of_files_and_videos_until_they_are_deleted(database_url: str) -> None:
    store = limited(database_url, visitor_bytes="1000")
    size = {"width": 1, "height": 1, "seconds": 1.0, "fps": 24.0, "codec": "h264"}
    video = VideoFile("a.mp4", None, 600, "ab" * 32, **size)  # type: ignore[arg-type]
    made = make_job(network=HOME, state=State.SUCCEEDED, video=video)
    store.add(made)
    file = {"owner": "bob", "sha256": "cd" * 32, "kind": "image", "name": "a", "facts": {"bytes": 300}, "added_at": 1.0}
    with store.engine.begin() as connection:
        connection.execute(insert(HOLDINGS).values(**file, network=HOME))
    ada = Visitor("ada", HOME)
    with store.engine.connect() as connection:
        limits(visitor_bytes="1000").admit_bytes(connection, ada, 100)
        with pytest.raises(LimitReached) as caught:
            limits(visitor_bytes="1000").admit_bytes(connection, ada, 101)
        limits(visitor_bytes="1000").admit_bytes(connection, Visitor("eve", AWAY), 1000)
    assert caught.value.use == Use("visitor_bytes", "STUDIO_VISITOR_BYTES", Decimal(1000), Decimal(900), "bytes")
    store.add(make_job(network=HOME))
    tight = Store(database_url, limits(visitor_bytes="900"))
    with pytest.raises(LimitReached):
        tight.add(make_job(network=HOME))
    tight.close()
    store.close()


def test_a_public_studio_has_limits_and_a_private_one_has_none() -> None:
    assert limits().limits == ()
    public = {limit.name: limit.most for limit in limits(host="0.0.0.0").limits}
    assert public == {name: Decimal(most) for name, most in PUBLIC.items()}
    assert {limit.name: limit.most for limit in limits(host="0.0.0.0", visitor_jobs="7").limits}["visitor_jobs"] == 7


def test_a_public_studio_without_limits_takes_no_job_that_costs_money(database_url: str) -> None:
    open_to_all = {"STUDIO_HOST": "0.0.0.0", "DASHSCOPE_API_KEY": "sk-1"}
    store = Store(database_url, Limits.of(Settings.model_validate(open_to_all)))
    with pytest.raises(NoLimits, match="STUDIO_DAILY_LIMIT, STUDIO_VISITOR_DAILY_LIMIT, or STUDIO_WITHOUT_LIMITS"):
        store.add(live())
    store.add(make_job())
    store.close()
    store = Store(database_url, Limits.of(Settings.model_validate(open_to_all | {"STUDIO_WITHOUT_LIMITS": "true"})))
    store.add(live())
    store.close()


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, False),
        ({"STUDIO_HOST": "127.0.0.2"}, False),
        ({"STUDIO_HOST": "localhost"}, False),
        ({"STUDIO_HOST": "[::1]"}, False),
        ({"STUDIO_HOST": "::"}, True),
        ({"STUDIO_HOST": "0.0.0.0"}, True),
        ({"STUDIO_HOST": "192.168.1.5"}, True),
        ({"SPACE_ID": "ada/studio"}, True),
        ({"STUDIO_PUBLIC_URL": "https://studio.example"}, True),
        ({"STUDIO_HOST": "::", "STUDIO_PROVIDER": "sandbox"}, False),
        ({"STUDIO_HOST": "::", "STUDIO_WITHOUT_LIMITS": "true"}, False),
        ({"STUDIO_HOST": "::", "STUDIO_DAILY_LIMIT": "9"}, True),
        ({"STUDIO_HOST": "::", "STUDIO_DAILY_LIMIT": "9", "STUDIO_VISITOR_DAILY_LIMIT": "0"}, False),
    ],
)
def test_which_studios_need_limits(settings: dict[str, str], missing: bool) -> None:
    settings = {"DASHSCOPE_API_KEY": "sk-1"} | settings
    assert bool(Settings.model_validate(settings).missing_limits) is missing


def together(count: int, act: Callable[[int], bool]) -> int:
    """How many of so many at once come through."""
    gate = threading.Barrier(count)

    def try_it(number: int) -> bool:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(try_it, range(count)))


@pytest.mark.parametrize(
    ("settings", "most"),
    [({"daily_limit": "24"}, 3), ({"visitor_daily_limit": "24"}, 3), ({"visitor_jobs": "5"}, 5)],
)
def test_of_many_at_once_no_more_are_taken_than_a_limit_allows(
    database_url: str, settings: dict[str, str], most: int
) -> None:
    stores = [limited(database_url, **settings) for _ in range(2)]

    def ask(number: int) -> bool:
        try:
            stores[number % 2].add(live(owner=f"guest{number}"))
        except LimitReached:
            return False
        return True

    assert together(8, ask) == most
    for store in stores:
        store.close()


def exceeding(stores: list[Store], most: int) -> None:
    """Forty ask at once, and no more come through than there may be; the others are told the limit."""

    def ask(number: int) -> bool:
        try:
            stores[number % len(stores)].add(live(owner=f"guest{number}"))
        except LimitReached:
            return False
        return True

    assert together(40, ask) == most
    with stores[0].engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(JOBS)) == most
    for store in stores:
        store.close()


def test_of_forty_at_once_in_two_engines_seven_are_taken(database_url: str) -> None:
    exceeding([limited(database_url, visitor_jobs="7") for _ in range(2)], 7)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_limit_holds_whatever_the_servers_isolation_is(postgresql: str, level: str) -> None:
    """A transaction that saw the state of its beginning would count none of those before it, or fail."""
    default = f"ALTER DATABASE {{name}} SET default_transaction_isolation = '{level}'"
    url = new_database(postgresql, default)
    exceeding([limited(url, visitor_jobs="7") for _ in range(2)], 7)


def test_the_day_is_that_of_the_clock_that_jobs_bear(tmp_path: Path) -> None:
    """On PostgreSQL the server's: where ours differs, no job escapes the count."""
    yesterday = Clock(wall=lambda: midnight() - 86400 - 60)
    store = Store(f"sqlite:///{tmp_path / 'studio.db'}", limits(visitor_daily_jobs="1"), yesterday)
    before = store.clock.wall()
    store.add(live(id=new_id(before), created_at=before))
    with pytest.raises(LimitReached):
        store.add(live(id=new_id(before), created_at=before))
    store.close()


_ASK = """
import sys
from studio.accounts.limits import Limits
from studio.config import Settings
from studio.errors import LimitReached
from studio.jobs.rows.store import Store
from tests.databases import make_job
store = Store(sys.argv[1], Limits.of(Settings.model_validate({"STUDIO_VISITOR_DAILY_LIMIT": "40"})))
taken = 0
for number in range(4):
    try:
        store.add(make_job(account="dashscope:beijing", owner=f"{sys.argv[2]}{number}", network="192.0.2.1/32"))
        taken += 1
    except LimitReached:
        pass
print(taken)
"""


@pytest.mark.process
def test_processes_share_one_limit(database_url: str) -> None:
    Store(database_url).close()
    asked = [
        subprocess.Popen([sys.executable, "-c", _ASK, database_url, name], cwd=ROOT, stdout=subprocess.PIPE)
        for name in "abc"
    ]
    assert sum(int(process.communicate()[0]) for process in asked) == 5


def test_pages_held_open_are_bounded_for_each_and_for_all() -> None:
    streams = Streams(each=2, all=3)
    leave = streams.enter(Visitor("ada", HOME))
    streams.enter(Visitor("bob", HOME))
    with pytest.raises(LimitReached) as caught:
        streams.enter(Visitor("carl", HOME))
    assert caught.value.use is not None
    assert asdict(caught.value.use)["setting"] == "STUDIO_VISITOR_STREAMS"
    streams.enter(Visitor("carl", AWAY))
    with pytest.raises(LimitReached) as caught:
        streams.enter(Visitor("dora", None))
    assert caught.value.use.setting == "STUDIO_STREAMS"  # type: ignore[union-attr]
    leave()
    streams.enter(Visitor("dora", None))


async def of(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


PICTURE = io.BytesIO()
Image.effect_noise((400, 400), 100).save(PICTURE, "PNG")
SIZE = len(PICTURE.getvalue())


def taken_in(vault: Vault, who: str | Visitor, *chunks: bytes) -> VaultFile:
    return asyncio.run(vault.receive(who, "image", "a.png", of(*chunks), max_bytes=1 << 30))


@pytest.mark.process
def test_files_are_taken_in_until_a_visitor_holds_the_most(store: Store, tmp_path: Path) -> None:
    vault = Vault(tmp_path, store.engine, limits(visitor_bytes=str(SIZE + 10)))
    held = taken_in(vault, Visitor("ada", HOME), PICTURE.getvalue())
    taken_in(vault, Visitor("eve", AWAY), PICTURE.getvalue())
    other = PICTURE.getvalue() + b"more"
    with pytest.raises(LimitReached) as caught:
        taken_in(vault, Visitor("bob", HOME), other)
    assert caught.value.use == Use("visitor_bytes", "STUDIO_VISITOR_BYTES", Decimal(SIZE + 10), Decimal(SIZE), "bytes")
    with pytest.raises(LimitReached):  # while it comes, not when all of it is there
        taken_in(vault, Visitor("bob", HOME), *[bytes(LOOK_BYTES)] * 2, b"")
    with pytest.raises(LimitReached):
        vault.made(Visitor("ada", HOME), "image", "b.png", lambda target: target.write_bytes(other))
    assert [path.name for path in tmp_path.glob("*.part")] == []
    assert vault.file("ada", held.sha256) == held
    vault.close()


def test_the_reserve_of_disk_is_not_for_files_that_are_added(store: Store, tmp_path: Path) -> None:
    vault = Vault(tmp_path, store.engine, reserve=Reserve(1 << 60))
    with pytest.raises(StorageReserved, match="STUDIO_DISK_RESERVE"):
        taken_in(vault, "ada", PICTURE.getvalue())
    with pytest.raises(StorageReserved):
        vault.made("ada", "image", "b.png", lambda target: target.write_bytes(PICTURE.getvalue()))
    assert [path for path in tmp_path.rglob("*") if path.is_file() and ".db" not in path.name] == []
    Reserve().require(tmp_path)
    vault.close()


@pytest.mark.process
def test_of_files_at_once_no_more_are_held_than_a_visitor_may(database_url: str, tmp_path: Path) -> None:
    store = Store(database_url)
    vault = Vault(tmp_path, store.engine, limits(visitor_bytes=str(3 * SIZE)))

    def give(number: int) -> bool:
        try:
            taken_in(vault, Visitor(f"guest{number}", HOME), PICTURE.getvalue() + bytes([number]) * 2)
        except LimitReached:
            return False
        return True

    assert together(6, give) == 2
    vault.close()
    store.close()
