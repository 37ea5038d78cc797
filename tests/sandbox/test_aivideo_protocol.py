"""The sandbox refuses what AIVideoAPI refuses, with its status, code and body, and tells of tasks as it does."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.sandbox.aivideo import CREATE, CREDITS, STATUSES, TASKS, Account, asked, edit, i2v, r2v, refusal, t2v
from tests.sandbox.burst import burst
from tests.servers import SandboxServer, submission

IMAGE = "https://example.com/a.png"
VIDEO = "https://example.com/a.mp4"


@pytest.fixture
def account(instant_sandbox: SandboxServer) -> Account:
    return Account(instant_sandbox)


@pytest.fixture
def quiet(account: Account) -> Account:
    """An account whose tasks stay where they are."""
    account.sandbox.rules(hold="PENDING")
    return account


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize("key", [None, "Bearer", "Basic c2Vj", "Bearer sk-wrong", "Bearer wrong", "Bearer ü"])
@pytest.mark.parametrize(("method", "path"), [("POST", CREATE), ("GET", TASKS + "any"), ("GET", CREDITS)])
def test_every_endpoint_asks_for_the_key(account: Account, method: str, path: str, key: str | None) -> None:
    header = None if key is None else key.encode()
    answer = account.request(method, path, headers={"Authorization": header})
    assert refusal(answer)[:2] == (401, "invalid_api_key")


def test_each_provider_has_a_key_of_its_own(account: Account) -> None:
    sandbox = account.sandbox
    assert sandbox.aivideo_key != sandbox.key
    assert sandbox.aivideo_key.startswith("sk-")
    assert sandbox.request("GET", CREDITS).status_code == 401
    assert account.request("GET", "/api/v1/tasks/").status_code == 401


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "The request body must be a JSON object."),
        (without(t2v(), "model"), "'model' is required."),
        ({**t2v(), "model": 7}, "'model' is required."),
        ({**t2v(), "stream": True}, "'stream' is not supported."),
        ({**t2v(), "parameters": {}}, "'parameters' is not supported."),
        ({**t2v(), "callback_url": None}, "'callback_url' must be an http(s) URL."),
        ({**t2v(), "callback_url": "ftp://example.com/"}, "'callback_url' must be an http(s) URL."),
        ({**t2v(), "callBackUrl": "https://example.com/"}, "'callBackUrl' is not supported."),
        (without(t2v(), "input"), "'input' is required."),
        ({**t2v(), "input": "A horse"}, "'input' is required."),
        ({**t2v(), "input": {}}, "'input.prompt' is required."),
        (t2v("  "), "'input.prompt' is required."),
        (t2v(prompt=7), "'input.prompt' is required."),  # type: ignore[arg-type]
        (t2v("a" * 2501), "'input.prompt' must be at most 2500 characters."),
        (t2v("马" * 2501), "'input.prompt' must be at most 2500 characters."),
        (t2v(resolution="720P"), "'input.resolution' must be one of 720p, 1080p."),
        (t2v(resolution="480p"), "'input.resolution' must be one of"),
        (t2v(resolution=None), "'input.resolution' must be one of"),
        (t2v(resolution=["720p"]), "'input.resolution' must be one of"),
        (t2v(aspect_ratio="21:9"), "'input.aspect_ratio' must be one of 16:9, 9:16, 1:1, 4:3, 3:4."),
        (t2v(ratio="16:9"), "'input.ratio' is not supported."),
        (t2v(watermark=False), "'input.watermark' is not supported."),
        (t2v(image_urls=[IMAGE]), "'input.image_urls' is not supported."),
        (t2v(audio_setting="auto"), "'input.audio_setting' is not supported."),
        (t2v(duration=2), "'input.duration' must be an integer between 3 and 15."),
        (t2v(duration=16), "'input.duration' must be an integer between 3 and 15."),
        (t2v(duration=5.0), "'input.duration' must be an integer"),
        (t2v(duration="5"), "'input.duration' must be an integer"),
        (t2v(duration=True), "'input.duration' must be an integer"),
        (t2v(seed=-1), "'input.seed' must be an integer between 0 and 2147483647."),
        (t2v(seed=2147483648), "'input.seed' must be an integer"),
        (t2v(seed=None), "'input.seed' must be an integer"),
        (i2v(IMAGE, prompt=""), "'input.prompt' is required."),
        (i2v(IMAGE, aspect_ratio="16:9"), "'input.aspect_ratio' is not supported."),
        (i2v(IMAGE, video_urls=[VIDEO]), "'input.video_urls' is not supported."),
        (asked("image-to-video"), "'input.image_urls' must be an array of 1 to 1 URLs."),
        (i2v(IMAGE, image_urls=[IMAGE, IMAGE]), "'input.image_urls' must be an array of 1 to 1 URLs."),
        (i2v(IMAGE, image_urls=IMAGE), "'input.image_urls' must be an array of 1 to 1 URLs."),
        (i2v(IMAGE, image_urls=[{"url": IMAGE}]), "'input.image_urls' must hold public http(s) URLs."),
        (r2v(), "'input.image_urls' must be an array of 1 to 9 URLs."),
        (r2v(*[IMAGE] * 10), "'input.image_urls' must be an array of 1 to 9 URLs."),
        (edit(VIDEO, duration=5), "'input.duration' is not supported."),
        (edit(VIDEO, aspect_ratio="16:9"), "'input.aspect_ratio' is not supported."),
        (edit(VIDEO, audio_setting="mute"), "'input.audio_setting' must be one of auto, origin."),
        (edit(VIDEO, video_urls=[]), "'input.video_urls' must be an array of 1 to 1 URLs."),
        (edit(VIDEO, video_urls=[VIDEO, VIDEO]), "'input.video_urls' must be an array of 1 to 1 URLs."),
        (edit(VIDEO, *[IMAGE] * 6), "'input.image_urls' must be an array of 0 to 5 URLs."),
    ],
)
def test_a_submission_that_breaks_a_rule_is_an_invalid_request(account: Account, body: Any, message: str) -> None:
    status, code, told = refusal(account.create(body))
    assert (status, code) == (400, "invalid_request")
    assert told.startswith(message)
    assert account.sandbox.statistics()["creations"] == 0


@pytest.mark.parametrize(
    "url",
    [
        *(
            "oss://dashscope-instant/a.png",
            "data:image/png;base64,eA==",
            "file:///etc/passwd",
            "ftp://example.com/a.png",
        ),
        *("", "a.png", "https:///a.png", "http://[::1", 7, None),
    ],
)
@pytest.mark.parametrize("body", [i2v(IMAGE), r2v(IMAGE), edit(VIDEO, IMAGE)])
def test_media_are_public_addresses_only(account: Account, body: Any, url: object) -> None:
    for field in {"image_urls", "video_urls"} & body["input"].keys():
        wrong = {**body, "input": {**body["input"], field: [url]}}
        told = f"'input.{field}' must hold public http(s) URLs."
        assert refusal(account.create(wrong)) == (400, "invalid_request", told)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}"])
def test_a_body_that_is_not_json_is_refused(account: Account, content: bytes) -> None:
    answer = account.request("POST", CREATE, content=content, headers={"Content-Type": "application/json"})
    assert refusal(answer) == (400, "invalid_request", "The request body is not valid JSON.")
    plain = account.request("POST", CREATE, content=content)
    assert refusal(plain) == (400, "invalid_request", "Content-Type must be application/json.")


@pytest.mark.parametrize("model", ["happyhorse-1.0-t2v", "happyhorse-1.1-text-to-video", "doubao-seedance-2.0"])
def test_a_model_that_is_not_there_is_not_found(account: Account, model: str) -> None:
    assert refusal(account.create({**t2v(), "model": model}))[:2] == (404, "model_not_found")


@pytest.mark.parametrize("fields", [{"duration": 3, "seed": 0}, {"duration": 15, "seed": 2147483647}])
@pytest.mark.parametrize("prompt", ["a" * 2500, "马" * 2500])
def test_the_ends_of_the_ranges_are_accepted(quiet: Account, fields: dict[str, int], prompt: str) -> None:
    answer = quiet.create(t2v(prompt, **fields))
    assert answer.status_code == 200
    body = answer.json()
    assert body == {"code": 200, "msg": "success", "data": {"taskId": body["data"]["taskId"]}}


def test_a_task_shows_only_what_its_status_has(quiet: Account) -> None:
    before = int(time.time())
    task_id = quiet.task(t2v(duration=4))
    pending = quiet.get(task_id)
    created = pending["created_at"]
    assert before <= created <= time.time()
    about = {"id": task_id, "model": "happyhorse-1.0-text-to-video", "created_at": created}
    assert pending == {**about, "status": "pending", "progress": None}

    quiet.sandbox.rules(hold="RUNNING")
    while (processing := quiet.get(task_id))["status"] == "pending":
        pass
    assert processing == {**about, "status": "processing", "progress": None}

    quiet.sandbox.rules(hold=None)
    completed = quiet.finished(task_id)
    day = f"{datetime.fromtimestamp(completed['completed_at'], UTC):%Y/%m/%d}"
    assert completed == {
        **about,
        "status": "completed",
        "completed_at": completed["completed_at"],
        "output": {
            "urls": [f"{quiet.sandbox.url}/videos/{day}/{task_id}.mp4"],
            "metadata": {"usage": {"video_count": 1, "video_duration": 4, "video_ratio": "16:9"}},
        },
    }


def test_a_failed_task_is_the_upstreams_error_under_http_200(account: Account) -> None:
    told = account.finished(account.task(t2v("A horse sandbox:fail=DataInspectionFailed")))
    assert told.keys() == {"id", "status", "model", "created_at", "error"}
    assert told["status"] == "failed"
    assert told["error"].keys() == {"code", "message"}
    assert told["error"]["code"] == "upstream_error"
    assert told["error"]["message"].startswith("DataInspectionFailed: ")
    own = account.finished(account.task(t2v("A horse sandbox:fail=internal_error")))
    assert own["error"]["code"] == "internal_error"


def test_tasks_that_are_not_there_too_old_or_forgotten_are_not_found(account: Account) -> None:
    def refused(task_id: str) -> tuple[int, str]:
        return refusal(account.request("GET", TASKS + task_id))[:2]

    missing = (404, "task_not_found")
    assert refused("no-such-task") == missing
    account.sandbox.rules(hold="PENDING")
    forgotten = account.task(t2v("sandbox:unknown"))
    assert account.get(forgotten)["status"] == "pending"
    account.sandbox.rules(hold=None)
    deadline = time.monotonic() + 30
    while account.request("GET", TASKS + forgotten).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert refused(forgotten) == missing
    old = account.task()
    account.sandbox.rules(task_seconds=0)
    assert refused(old) == missing


def test_neither_provider_knows_the_tasks_of_the_other(quiet: Account) -> None:
    here, there = quiet.task(), quiet.sandbox.task(submission())
    assert refusal(quiet.request("GET", TASKS + there))[:2] == (404, "task_not_found")
    assert quiet.sandbox.get(here)["output"]["task_status"] == "UNKNOWN"
    listed = quiet.sandbox.request("GET", "/api/v1/tasks/").json()["data"]
    assert [row["task_id"] for row in listed] == [there]
    assert quiet.sandbox.request("POST", f"/api/v1/tasks/{here}/cancel").status_code == 400
    assert quiet.get(here)["status"] == "pending"


def test_there_is_no_list_no_cancel_and_no_upload(quiet: Account) -> None:
    task_id = quiet.task()
    assert quiet.request("GET", "/v1/tasks").status_code == 404
    assert quiet.request("POST", f"{TASKS}{task_id}/cancel").status_code == 404
    assert quiet.request("DELETE", TASKS + task_id).status_code == 405
    assert quiet.request("POST", "/v1/uploads").status_code == 404


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_a_word_gives_every_error_of_the_table(account: Account, code: str, status: int) -> None:
    assert refusal(account.create(t2v(f"sandbox:refuse={code}")))[:2] == (status, code)
    assert account.sandbox.statistics()["creations"] == 0


def test_a_word_with_dashscopes_code_is_refused_upstream(account: Account) -> None:
    status, code, message = refusal(account.create(t2v("sandbox:refuse=Arrearage")))
    assert (status, code) == (503, "upstream_error")
    assert message.startswith("Arrearage: ")


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
@pytest.mark.parametrize(
    ("endpoint", "method", "path"),
    [("create", "POST", CREATE), ("get", "GET", TASKS + "x"), ("credits", "GET", CREDITS)],
)
def test_a_fault_gives_every_error_of_the_table(
    account: Account, endpoint: str, method: str, path: str, code: str, status: int
) -> None:
    account.sandbox.faults(
        {"endpoint": endpoint, "do": "status", "status": status, "code": code, "message": "Later.", "retry_after": "7"}
    )
    answer = account.request(method, path, json=t2v() if method == "POST" else None)
    assert refusal(answer) == (status, code, "Later.")
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("status", "code"), [(402, "insufficient_credits"), (429, "rate_limit_exceeded"), (502, "internal_error")]
)
def test_a_fault_without_a_code_has_the_one_of_its_status(account: Account, status: int, code: str) -> None:
    account.sandbox.faults({"endpoint": "create", "do": "status", "status": status})
    assert refusal(account.create())[:2] == (status, code)


def test_busy_strikes_only_the_first_submission_of_a_prompt(quiet: Account) -> None:
    answers = [quiet.create(t2v("Ada sandbox:busy")) for _ in range(2)]
    assert refusal(answers[0])[:2] == (429, "rate_limit_exceeded")
    assert answers[1].status_code == 200


def test_a_lost_reply_leaves_a_task_behind(quiet: Account) -> None:
    with pytest.raises(httpx.ReadError):
        quiet.create(t2v("A horse sandbox:lost"))
    assert [task["provider"] for task in quiet.sandbox.statistics()["tasks"]] == ["aivideoapi"]


def test_the_sixth_submission_within_a_second_is_too_many(quiet: Account) -> None:
    answers = burst(quiet.sandbox, 6, quiet.create, hold="PENDING")
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert refusal(answers[-1])[1] == "rate_limit_exceeded"
    assert quiet.sandbox.create().status_code == 200


def test_the_twenty_first_request_within_a_second_is_too_many(account: Account) -> None:
    answers = burst(account.sandbox, 21, lambda: account.request("GET", CREDITS))
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert refusal(answers[-1])[1] == "rate_limit_exceeded"


def test_a_result_needs_its_address_and_no_key_for_a_day(account: Account) -> None:
    def result(prompt: str = "A horse") -> str:
        url: str = account.finished(account.task(t2v(prompt)))["output"]["urls"][0]
        return url

    url = result()
    whole = account.sandbox.http.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    part = account.sandbox.http.get(url, headers={"Range": "bytes=0-11"})
    assert (part.status_code, part.content) == (206, whole.content[:12])
    assert part.headers["content-range"] == f"bytes 0-11/{len(whole.content)}"
    assert account.sandbox.http.get(url.replace("/videos/20", "/videos/19")).status_code == 404
    with pytest.raises(httpx.TransportError):
        account.sandbox.http.get(cut := result("sandbox:truncate"))
    assert account.sandbox.http.get(cut).content == whole.content
    assert account.sandbox.http.get(result("sandbox:expired")).status_code == 404
    account.sandbox.rules(result_seconds=-1)
    assert account.sandbox.http.get(url).status_code == 404


def test_the_downloads_faults_strike_these_results_too(account: Account) -> None:
    url = account.finished(account.task())["output"]["urls"][0]
    account.sandbox.faults({"endpoint": "download", "do": "garbage"})
    assert b"ftyp" not in account.sandbox.http.get(url).content
    assert account.sandbox.http.get(url).content[4:8] == b"ftyp"
    assert account.sandbox.statistics()["requests"]["download"] == 2
