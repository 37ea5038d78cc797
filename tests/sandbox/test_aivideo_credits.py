"""The credits of the sandbox's AIVideoAPI account: what a video costs, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media.videos import make_video
from tests.sandbox.aivideo import Account, edit, i2v, r2v, refusal, t2v
from tests.sandbox.media_server import MediaServer
from tests.servers import SandboxServer


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    place = tmp_path_factory.mktemp("media")
    Image.new("RGB", (640, 480), "brown").save(place / "horse.png")
    make_video(place / "4 s.mp4", size="360x360", seconds=4, rate="10")
    make_video(place / "20 s.mp4", size="360x360", seconds=20, rate="10")
    with MediaServer(place) as server:
        yield server


@pytest.fixture
def account(instant_sandbox: SandboxServer) -> Account:
    """An account with 10,000 credits whose tasks stay where they are."""
    instant_sandbox.rules(hold="PENDING")
    instant_sandbox.post("/_control/credits", {"balance": 10_000})
    return Account(instant_sandbox)


def bodies(web: str) -> dict[str, Any]:
    image = f"{web}/horse.png"
    return {
        "t2v": t2v(duration=4),
        "t2v of 5 s": {"model": "happyhorse-1.0-text-to-video", "input": {"prompt": "A horse"}},
        "i2v at 1080p": i2v(image, duration=15, resolution="1080p"),
        "r2v": r2v(image, duration=3),
        "edit": edit(f"{web}/4 s.mp4"),
        "edit at 1080p": edit(f"{web}/4 s.mp4", resolution="1080p"),
        "edit of 20 s": edit(f"{web}/20 s.mp4"),
    }


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("t2v", 4 * 27.5),
        ("t2v of 5 s", 5 * 27.5),
        ("i2v at 1080p", 15 * 48.5),
        ("r2v", 3 * 27.5),
        ("edit", (4 + 4) * 27.5),
        ("edit at 1080p", (4 + 4) * 48.5),
        ("edit of 20 s", (20 + 15) * 27.5),
    ],
)
def test_a_submission_costs_the_documented_price(account: Account, web: MediaServer, name: str, price: float) -> None:
    account.task(bodies(web.url)[name])
    assert account.credits() == {
        "balance": 10_000 - price,
        "total_purchased": 10_000,
        "total_consumed": price,
    }


def test_whole_credits_are_whole_numbers(account: Account) -> None:
    assert account.request("GET", "/v1/credits").text.count(".") == 0
    account.task(t2v(duration=3))
    assert account.balance() == 9917.5


def test_what_exceeds_the_balance_is_refused_and_costs_nothing(account: Account, web: MediaServer) -> None:
    account.sandbox.post("/_control/credits", {"balance": 220})
    for body in (t2v(duration=9), edit(f"{web.url}/4 s.mp4", resolution="1080p")):
        refused = refusal(account.create(body))
        assert refused == (402, "insufficient_credits", "Your credit balance is too low. Please top up.")
    assert account.balance() == 220
    account.task(edit(f"{web.url}/4 s.mp4"))
    assert account.balance() == 0
    assert account.create().status_code == 402
    assert account.sandbox.statistics()["creations"] == 1


def test_a_task_that_fails_gives_its_credits_back(account: Account, web: MediaServer) -> None:
    tasks = [account.task(t2v("sandbox:fail=DataInspectionFailed")), account.task(i2v(f"{web.url}/nowhere.png"))]
    kept = account.task(t2v())
    assert account.balance() == 10_000 - 3 * 82.5
    account.sandbox.rules(hold=None)
    assert [account.finished(task_id)["status"] for task_id in (*tasks, kept)] == ["failed", "failed", "completed"]
    assert account.balance() == 10_000 - 82.5


def test_dashscopes_tasks_cost_no_credits(account: Account) -> None:
    account.sandbox.task()
    assert account.balance() == 10_000


@pytest.mark.process
def test_credits_and_tasks_survive_kill_9(tmp_path: Path) -> None:
    with SandboxServer(tmp_path, "--instant", seconds=0) as sandbox:
        account = Account(sandbox)
        start = account.balance()
        sandbox.rules(hold="RUNNING", pending=0)
        task_id = account.task(t2v("A horse", duration=4))
        sandbox.post("/_control/credits", {"balance": 500})
        while account.get(task_id)["status"] == "pending":
            time.sleep(0.01)
        key = sandbox.aivideo_key
        sandbox.kill()
        sandbox.restart()
        assert sandbox.aivideo_key == key
        assert account.credits() == {"balance": 500, "total_purchased": 610, "total_consumed": 110}
        told = account.finished(task_id)
        assert sandbox.http.get(told["output"]["urls"][0]).status_code == 200
        sandbox.clear()
        assert account.balance() == start
