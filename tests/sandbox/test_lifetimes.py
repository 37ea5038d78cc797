"""What the sandbox keeps no longer than the clouds do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.aivideo import Account, t2v
from tests.sandbox.test_uploads import form, policy, upload
from tests.servers import SandboxServer, submission


@pytest.mark.slow
@pytest.mark.process
def test_a_task_goes_with_its_video_but_not_what_it_cost(tmp_path: Path) -> None:
    with SandboxServer(tmp_path, seconds=0) as sandbox:
        account = Account(sandbox)
        old = [account.task(t2v(duration=4)), account.task(t2v("sandbox:fail=InternalError"))]
        for task_id in old:
            account.finished(task_id)
        assert [path.stem for path in (tmp_path / "videos").iterdir()] == [old[0]]
        sandbox.rules(hold="PENDING", task_seconds=0, result_seconds=0)
        young = account.task(t2v(duration=3))
        assert [task["id"] for task in sandbox.statistics()["tasks"]] == [young]
        assert list((tmp_path / "videos").iterdir()) == []
        cost = 4 * 27.5 + 3 * 27.5
        assert account.credits()["total_consumed"] == cost
        sandbox.restart()
        assert [task["id"] for task in sandbox.statistics()["tasks"]] == [young]
        assert account.credits()["total_consumed"] == cost


@pytest.mark.parametrize("rules", [{"task_seconds": 0}, {"result_seconds": -60}])
def test_what_is_still_of_use_stays(instant_sandbox: SandboxServer, rules: dict[str, float]) -> None:
    """A result lasts a day from its making, a task from its submission."""
    task_id = instant_sandbox.task()
    url = instant_sandbox.finished(task_id)["output"]["video_url"]
    instant_sandbox.rules(**rules)
    instant_sandbox.task()
    assert task_id in {task["id"] for task in instant_sandbox.statistics()["tasks"]}
    assert instant_sandbox.http.get(url).status_code == 200


def test_the_video_that_all_tasks_share_stays(instant_sandbox: SandboxServer) -> None:
    instant_sandbox.finished(instant_sandbox.task(submission("First")))
    instant_sandbox.rules(task_seconds=-1, result_seconds=-1)
    second = instant_sandbox.task(submission("Second"))
    assert [task["id"] for task in instant_sandbox.statistics()["tasks"]] == [second]
    instant_sandbox.rules(task_seconds=3600, result_seconds=3600)
    url = instant_sandbox.finished(second)["output"]["video_url"]
    assert instant_sandbox.http.get(url).status_code == 200


@pytest.mark.process
def test_uploads_go_when_their_time_is_over(tmp_path: Path) -> None:
    with SandboxServer(tmp_path, "--instant") as sandbox:
        for name, seconds in (("young.png", 3600), ("old.png", -1)):
            sandbox.rules(upload_seconds=seconds)
            terms = policy(sandbox)
            upload(terms, form(terms, name), name.encode()).raise_for_status()
        sandbox.restart()
        left = [path.read_bytes() for path in (tmp_path / "uploads").iterdir() if not path.suffix]
        assert left == [b"young.png"]
