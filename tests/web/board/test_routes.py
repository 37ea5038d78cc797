from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess


@contextmanager
def listening(visitor: httpx.Client) -> Iterator[Iterator[dict[str, Any]]]:
    """The messages of the event stream."""
    with visitor.stream("GET", "/studio/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        yield (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))


def hold(cloud: SandboxServer, status: str | None) -> None:
    cloud.rules(hold=status)


def test_the_stream_begins_with_what_is_there_and_goes_on_with_what_changes(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client, other: httpx.Client
) -> None:
    first = studio.wait(visitor, studio.submit(visitor, "Before")["id"])
    with listening(visitor) as news:
        whole = next(news)
        assert whole["all"]
        assert whole["count"] == 1
        assert [job["id"] for job in whole["jobs"]] == [first["id"]]
        assert abs(whole["now"] - time.time()) < 5
        studio.submit(other, "Another visitor's")
        second = studio.submit(visitor, "While listening")
        states: list[str] = []
        for message in news:
            assert "all" not in message
            (job,) = message["jobs"]
            assert job["id"] == second["id"]
            states += [job["state"]] if job["state"] not in states else []
            if job["state"] == "succeeded":
                break
    assert states[0] == "queued"
    assert states[-3:] == ["waiting", "saving", "succeeded"] or states[-4:-2] == ["waiting", "running"]


@pytest.fixture(scope="module")
def owner(studio_process: StudioProcess) -> Iterator[httpx.Client]:
    """Whose job ``done`` is."""
    with studio_process.visitor() as client:
        yield client


@pytest.fixture(scope="module")
def done(studio_process: StudioProcess, cloud_server: SandboxServer, owner: httpx.Client) -> dict[str, Any]:
    """A job with its video."""
    cloud_server.clear()  # what the test before has set would hold for this job
    return studio_process.wait(owner, studio_process.submit(owner, "A horse at dawn")["id"])


def test_a_video_is_served_whole_in_ranges_and_from_the_cache(
    studio: StudioProcess, owner: httpx.Client, done: dict[str, Any]
) -> None:
    whole = owner.get(done["video"]["url"])
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert "private" in whole.headers["cache-control"]
    assert len(whole.content) == done["video"]["bytes"]
    assert hashlib.sha256(whole.content).hexdigest() == done["video"]["sha256"]
    on_disk = next(studio.output_dir.rglob(f"*{done['id'][-8:]}.mp4"))
    assert on_disk.read_bytes() == whole.content
    for asked, expected in [
        ("bytes=0-99", whole.content[:100]),
        ("bytes=500-", whole.content[500:]),
        ("bytes=-64", whole.content[-64:]),
    ]:
        part = owner.get(done["video"]["url"], headers={"Range": asked})
        assert (part.status_code, part.content) == (206, expected), asked
        assert part.headers["content-range"].endswith(f"/{len(whole.content)}")
    beyond = owner.get(done["video"]["url"], headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    stale = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert owner.get(done["video"]["url"], headers=stale).status_code == 200
    fresh = {"Range": "bytes=0-9", "If-Range": whole.headers["etag"]}
    assert owner.get(done["video"]["url"], headers=fresh).status_code == 206


def test_a_download_has_a_name_of_its_own(owner: httpx.Client, done: dict[str, Any]) -> None:
    answer = owner.get(done["video"]["download"])
    named = re.fullmatch(
        r'attachment; filename="(\d{8}-\d{6}-[0-9a-f]{8}\.mp4)"', answer.headers["content-disposition"]
    )
    assert named
    assert done["video"]["saved"].endswith(named[1])
    assert "content-disposition" not in owner.get(done["video"]["url"]).headers


def test_the_poster_is_a_picture_and_the_record_tells_the_request(owner: httpx.Client, done: dict[str, Any]) -> None:
    poster = owner.get(done["video"]["poster"])
    assert poster.headers["content-type"] == "image/jpeg"
    assert poster.content.startswith(b"\xff\xd8")
    record = owner.get(done["video"]["evidence"]).json()
    assert record["request"]["prompt"] == "A horse at dawn"
    assert record["task_id"] == done["task_id"]
    assert record["video"]["sha256"] == done["video"]["sha256"]


@pytest.mark.parametrize("what", ["video", "poster", "evidence"])
def test_another_visitor_gets_404(other: httpx.Client, done: dict[str, Any], what: str) -> None:
    assert other.get(done["video"]["url"].replace("/video", f"/{what}")).status_code == 404
    assert other.get(f"/studio/jobs/{done['id']}").status_code == 404
    assert other.post(f"/studio/jobs/{done['id']}/cancel").status_code == 404
    assert other.get("/studio/jobs").json() == {"jobs": [], "more": False}


@pytest.mark.parametrize("path", ["media/{id}/secret", "media/{id}/..%2F..%2Fdata", "media/0/video", "jobs/0"])
def test_what_does_not_exist_is_404(owner: httpx.Client, done: dict[str, Any], path: str) -> None:
    assert owner.get("/studio/" + path.format(id=done["id"])).status_code == 404


@pytest.mark.parametrize("character", ["%00", "%0A", "%0D", "%7F"])
def test_an_address_with_a_control_character_in_it_is_refused(owner: httpx.Client, character: str) -> None:
    answer = owner.get(f"/studio/jobs/{character}")
    assert (answer.status_code, answer.json()["kind"]) == (400, "control_in_address")


def test_a_job_tells_its_history_and_nothing_of_the_key(
    studio: StudioProcess, owner: httpx.Client, done: dict[str, Any]
) -> None:
    answer = owner.get(f"/studio/jobs/{done['id']}")
    happened = [event["what"] for event in answer.json()["history"]]
    assert happened[:3] == ["queued", "submitting", "waiting"]
    assert happened[-2:] == ["saving", "succeeded"]
    assert studio.environ["DASHSCOPE_API_KEY"] not in answer.text + studio.output


def test_the_history_comes_in_pages(studio: StudioProcess, visitor: httpx.Client) -> None:
    ids = [studio.submit(visitor, f"Horse {number}")["id"] for number in range(14)]
    first = visitor.get("/studio/jobs").json()
    assert [job["id"] for job in first["jobs"]] == ids[:1:-1]
    assert first["more"]
    rest = visitor.get("/studio/jobs", params={"before": first["jobs"][-1]["id"]}).json()
    assert [job["id"] for job in rest["jobs"]] == ids[1::-1]
    assert not rest["more"]
    with listening(visitor) as news:
        whole = next(news)
    assert (whole["count"], len(whole["jobs"])) == (14, 12)


def test_a_job_is_canceled_until_the_task_has_started(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client
) -> None:
    hold(cloud, "PENDING")
    job = studio.submit(visitor, "Canceled")
    studio.wait(visitor, job["id"], lambda job: job["state"] == "waiting")
    canceled = visitor.post(f"/studio/jobs/{job['id']}/cancel")
    assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")
    assert cloud.get(canceled.json()["task_id"])["output"]["task_status"] == "CANCELED"
    again = visitor.post(f"/studio/jobs/{job['id']}/cancel")
    assert (again.status_code, again.json()["kind"]) == (409, "not_allowed")
    hold(cloud, "RUNNING")
    started = studio.submit(visitor, "Too late")
    studio.wait(visitor, started["id"], lambda job: job["state"] == "running")
    late = visitor.post(f"/studio/jobs/{started['id']}/cancel")
    assert late.status_code == 409
    assert "can no longer be canceled" in late.json()["error"] or "can no longer" in late.json()["error"]
    hold(cloud, None)
    assert studio.wait(visitor, started["id"])["state"] == "succeeded"


def test_a_refused_job_is_sent_again_and_a_made_one_is_not(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client
) -> None:
    cloud.faults({"endpoint": "create", "do": "status", "status": 400, "code": "InvalidParameter", "message": "No."})
    job = studio.wait(visitor, studio.submit(visitor, "Once more")["id"])
    assert (job["state"], job["fault"]["kind"], job["actions"]) == ("failed", "request_refused", ["send-again"])
    assert "Nothing was charged" in job["fault"]["charged"]
    sent = visitor.post(f"/studio/jobs/{job['id']}/send-again")
    assert (sent.status_code, sent.json()["state"], sent.json()["fault"]) == (200, "queued", None)
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    again = visitor.post(f"/studio/jobs/{job['id']}/send-again")
    assert again.status_code == 409
    assert cloud.statistics()["creations"] == 1


def test_a_job_that_its_account_refuses_waits_says_why_and_is_tried_when_its_visitor_says_so(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client
) -> None:
    refusal = {"endpoint": "create", "do": "status", "status": 400, "code": "Arrearage", "message": "Overdue."}
    cloud.faults(refusal | {"times": 1000})
    made = studio.submit(visitor, "Paid tomorrow")
    job = studio.wait(visitor, made["id"], lambda job: job["fault"] is not None)
    assert (job["state"], job["fault"]["kind"], job["actions"]) == (
        "queued",
        "quota_exhausted",
        ["cancel", "send-again"],
    )
    assert job["fault"]["what"] == "The account has an unpaid bill."
    assert (
        job["fault"]["remedy"]
        == "Pay it in the provider’s console. The studio keeps trying and continues automatically."
    )
    assert job["fault"]["message"] == "Overdue."
    cloud.http.delete("/_control/faults").raise_for_status()
    assert visitor.post(f"/studio/jobs/{job['id']}/send-again").json()["state"] == "queued"
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    assert cloud.statistics()["creations"] == 1


def test_a_result_that_broke_is_saved_again(studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client) -> None:
    cloud.faults({"endpoint": "download", "do": "expired", "times": 1000})
    job = studio.wait(visitor, studio.submit(visitor, "Bring it home")["id"], lambda job: job["state"] == "saving")
    cloud.rules(task_seconds=0)  # now the cloud itself says that it is over
    job = studio.wait(visitor, job["id"])
    assert (job["state"], job["fault"]["kind"], job["actions"]) == ("expired", "result_expired", ["save-again"])
    cloud.http.delete("/_control/faults").raise_for_status()
    saved = visitor.post(f"/studio/jobs/{job['id']}/save-again")
    assert (saved.status_code, saved.json()["state"]) == (200, "saving")
    assert studio.wait(visitor, job["id"])["state"] == "succeeded"
    assert visitor.post(f"/studio/jobs/{job['id']}/save-again").status_code == 409
    assert cloud.statistics()["creations"] == 1


@pytest.mark.parametrize("body", [b"{}", b'{"task_id": " "}', json.dumps({"task_id": "t" * 200})])
def test_what_is_no_task_id_is_not_asked_for(
    cloud: SandboxServer, owner: httpx.Client, done: dict[str, Any], body: bytes
) -> None:
    answer = owner.post(f"/studio/jobs/{done['id']}/adopt", content=body)
    assert (answer.status_code, answer.json()["kind"]) == (404, "no_such_task")


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
@pytest.mark.parametrize("path", ["jobs/{job}/adopt", "history/change/tag", "presets", "files/from-url?{field}"])
def test_a_body_that_is_no_json_object_is_refused(
    owner: httpx.Client, done: dict[str, Any], path: str, body: bytes
) -> None:
    address = path.format(job=done["id"], field="mode=image-to-video&field=first_frame")
    answer = owner.post(f"/studio/{address}", content=body)
    assert (answer.status_code, answer.json()["kind"]) == (400, "invalid_request")


def test_a_job_that_has_its_video_takes_no_other_task_and_is_not_sent_anyway(
    cloud: SandboxServer, owner: httpx.Client, other: httpx.Client, done: dict[str, Any]
) -> None:
    task = {"task_id": "t"}
    for action in ("adopt", "send-anyway", "stop", "watch"):
        path = f"/studio/jobs/{done['id']}/{action}"
        assert owner.post(path, json=task).status_code == 409, action
        assert other.post(path, json=task).status_code == 404, action
    assert cloud.statistics()["requests"]["get"] == 0


def test_actions_that_do_not_exist_are_404_and_none_is_a_get(owner: httpx.Client, done: dict[str, Any]) -> None:
    assert owner.post(f"/studio/jobs/{done['id']}/delete").status_code == 404
    assert owner.post("/studio/jobs/0/cancel").status_code == 404
    assert owner.get(f"/studio/jobs/{done['id']}/cancel").status_code == 405


def test_it_says_that_it_is_well(visitor: httpx.Client) -> None:
    for path in ("/livez", "/readyz", "/healthz"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json()["ok"]) == (200, True)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["jobs", "jobs/{job}", "jobs/{job}/lineage", "history", "history/{job}", "visitor"])
def test_what_is_private_cannot_be_included_by_another_site_as_a_script(
    owner: httpx.Client, done: dict[str, Any], path: str
) -> None:
    """A browser that is told so runs no JSON as a script, and hands none to a page without consent."""
    asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script", "Origin": "https://evil.example"}
    answer = owner.get(f"/studio/{path.format(job=done['id'])}", headers=asked)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "accounts/dashscope/check",
        "files/from-url",
        "history/change/delete",
        "jobs/{job}/again",
        "jobs/{job}/cancel",
        "jobs/{job}/clip",
        "jobs/{job}/frame",
        "restore",
        "starters/a",
    ],
)
def test_nothing_that_changes_anything_is_a_get(owner: httpx.Client, done: dict[str, Any], path: str) -> None:
    before = owner.get(f"/studio/jobs/{done['id']}").json()
    for method in ("GET", "HEAD"):
        answer = owner.request(method, f"/studio/{path.format(job=done['id'])}")
        assert 400 <= answer.status_code < 500
    after = owner.get(f"/studio/jobs/{done['id']}").json()
    assert {**after, "now": None} == {**before, "now": None}
