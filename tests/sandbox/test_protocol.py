"""The sandbox refuses what DashScope refuses, with its status, code and words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from studio.catalog.models import CATALOG
from tests.sandbox.burst import burst
from tests.servers import CREATE, TASKS, SandboxServer, submission

IMAGE = {"type": "first_frame", "url": "https://example.com/a.png"}
REFERENCE = {"type": "reference_image", "url": "https://example.com/a.png"}
VIDEO = {"type": "video", "url": "https://example.com/a.mp4"}
LIST = "/api/v1/tasks/"


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an error of the documented shape."""
    body = response.json()
    assert body.keys() == {"code", "message", "request_id"}
    assert body["request_id"]
    return response.status_code, body["code"], body["message"]


def t2v(**changes: Any) -> dict[str, Any]:
    return submission() | changes


def of(mode: str, *media: Any, prompt: str = "A horse", **parameters: Any) -> dict[str, Any]:
    """A submission for the first model of ``mode``."""
    fields = {"prompt": prompt, "media": list(media)}
    return {"model": CATALOG.models("dashscope", mode)[0].id, "input": fields, "parameters": parameters}


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": None}, "No API-key provided."),
        ({"Authorization": "Bearer"}, "No API-key provided."),
        ({"Authorization": "Basic c2Vj"}, "No API-key provided."),
        ({"Authorization": "Bearer sk-wrong"}, "Invalid API-key provided."),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CREATE),
        ("GET", TASKS + "any"),
        ("GET", LIST),
        ("POST", TASKS + "any/cancel"),
        ("GET", "/api/v1/uploads?action=getPolicy&model=happyhorse-1.0-t2v"),
    ],
)
def test_every_endpoint_asks_for_the_key(
    sandbox: SandboxServer, method: str, path: str, headers: dict[str, str | None], message: str
) -> None:
    assert refusal(sandbox.request(method, path, headers=headers)) == (401, "InvalidApiKey", message)


def test_a_submission_without_the_async_header_is_refused(sandbox: SandboxServer) -> None:
    answer = sandbox.create(headers={"X-DashScope-Async": None})
    assert refusal(answer) == (403, "AccessDenied", "current user api does not support synchronous calls.")
    assert sandbox.statistics()["creations"] == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "body must be an object"),
        (t2v(stream=True), "body.stream is not supported"),
        ({"input": {"prompt": "x"}}, "model is required"),
        (t2v(model=""), "model is required"),
        (t2v(model=7), "model is required"),
        ({"model": "happyhorse-1.0-t2v"}, "input must be an object"),
        (t2v(input="A horse"), "input must be an object"),
        (t2v(input={"prompt": 7}), "input.prompt must be a string"),
        (t2v(input={"prompt": "  "}), "input.prompt is required"),
        (t2v(input={}), "input.prompt is required"),
        (t2v(input={"prompt": "\u200b\u2060"}), "input.prompt is required"),
        (of("image-to-video", IMAGE, prompt="  "), "input.prompt is required"),
        (of("video-edit", VIDEO, resolution="480P"), "resolution must be one of"),
        (t2v(input={"prompt": "x", "negative_prompt": "y"}), "input.negative_prompt is not supported"),
        (t2v(input={"prompt": "x", "media": []}), "input.media is not supported"),
        (t2v(parameters=[]), "parameters must be an object"),
        (submission(prompt_extend=True), "parameters.prompt_extend is not supported"),
        (submission(audio_setting="origin"), "parameters.audio_setting is not supported"),
        (submission(resolution="4K"), "resolution must be one of"),
        (submission(resolution="720p"), "resolution must be one of"),
        (submission(resolution="480P"), "resolution must be one of"),
        (submission(ratio="2:1"), "ratio must be one of"),
        (submission(ratio=None), "ratio must be one of"),
        (submission(duration=2), "duration must be an integer between 3 and 15"),
        (submission(duration=16), "duration must be an integer between 3 and 15"),
        (submission(duration=5.0), "duration must be an integer"),
        (submission(duration="5"), "duration must be an integer"),
        (submission(duration=True), "duration must be an integer"),
        (submission(seed=-1), "seed must be an integer between 0 and 2147483647"),
        (submission(seed=2147483648), "seed must be an integer between 0 and 2147483647"),
        (submission(watermark="no"), "watermark must be a boolean"),
        (of("image-to-video", IMAGE, ratio="16:9"), "parameters.ratio is not supported"),
        (of("image-to-video"), "input.media needs 1 to 1 of type first_frame"),
        (of("image-to-video", IMAGE, IMAGE), "input.media needs 1 to 1 of type first_frame"),
        (of("image-to-video", REFERENCE), "input.media type reference_image is not supported"),
        (of("image-to-video", {"url": IMAGE["url"]}), "input.media type None is not supported"),
        (of("image-to-video", {**IMAGE, "type": ["first_frame"]}), "input.media type"),
        (of("image-to-video", {**IMAGE, "role": "x"}), "input.media[].role is not supported"),
        (of("image-to-video", "https://example.com/a.png"), "input.media[] must be an object"),
        (of("reference-to-video"), "input.media needs 1 to 9 of type reference_image"),
        (of("reference-to-video", *[REFERENCE] * 10), "input.media needs 1 to 9 of type reference_image"),
        (of("reference-to-video", REFERENCE, prompt=""), "input.prompt is required"),
        (of("video-edit", REFERENCE), "input.media needs 1 to 1 of type video"),
        (of("video-edit", VIDEO, *[REFERENCE] * 6), "input.media needs 0 to 5 of type reference_image"),
        (of("video-edit", VIDEO, duration=5), "parameters.duration is not supported"),
        (of("video-edit", VIDEO, audio_setting="mute"), "audio_setting must be one of auto, origin"),
        ({"model": "happyhorse-1.0-i2v", "input": {"media": IMAGE}}, "input.media must be an array"),
    ],
)
def test_a_submission_that_breaks_a_rule_is_an_invalid_parameter(
    sandbox: SandboxServer, body: Any, message: str
) -> None:
    status, code, told = refusal(sandbox.create(body))
    assert (status, code) == (400, "InvalidParameter")
    assert message in told
    assert sandbox.statistics()["creations"] == 0


JSON = {"X-DashScope-Async": "enable", "Content-Type": "application/json"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}"])
def test_a_body_that_is_not_json_is_refused(sandbox: SandboxServer, content: bytes) -> None:
    answer = sandbox.request("POST", CREATE, content=content, headers=JSON)
    assert refusal(answer) == (400, "InvalidParameter", "The request body is not valid JSON.")
    plain = sandbox.request("POST", CREATE, content=content, headers=JSON | {"Content-Type": "text/plain"})
    assert refusal(plain) == (400, "InvalidParameter", "Content-Type must be application/json.")


@pytest.mark.parametrize("model", ["happyhorse-2.0-t2v", "happyhorse-1.0-T2V", "happyhorse-1.0/text-to-video"])
def test_a_model_that_is_not_there_is_not_found(sandbox: SandboxServer, model: str) -> None:
    assert refusal(sandbox.create(t2v(model=model)))[:2] == (404, "ModelNotFound")


def test_a_model_is_found_only_where_it_is_sold(sandbox: SandboxServer) -> None:
    sandbox.rules(region="tokyo", hold="PENDING", limited=False)
    assert sandbox.create(t2v(model="happyhorse-1.1-t2v")).status_code == 200
    assert refusal(sandbox.create(t2v()))[:2] == (404, "ModelNotFound")
    query = {"action": "getPolicy", "model": "happyhorse-1.0-i2v"}
    assert refusal(sandbox.request("GET", "/api/v1/uploads", params=query))[:2] == (404, "ModelNotFound")
    sandbox.rules(region="token-plan")
    assert refusal(sandbox.create(of("video-edit", VIDEO)))[:2] == (404, "ModelNotFound")


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "a.png", "data:text/html;base64,eA==", None, 7])
def test_an_address_that_is_no_web_address_is_refused(sandbox: SandboxServer, url: object) -> None:
    answer = sandbox.create(of("image-to-video", {"type": "first_frame", "url": url}))
    assert refusal(answer) == (400, "InvalidURL", "The provided URL does not appear to be valid.")


def test_an_uploaded_file_without_the_resolve_header_is_refused(sandbox: SandboxServer) -> None:
    answer = sandbox.create(of("image-to-video", {"type": "first_frame", "url": "oss://dashscope-instant/x/a.png"}))
    assert refusal(answer)[:2] == (400, "InvalidParameter.DataInspection")


@pytest.mark.parametrize("duration", [3, 15])
@pytest.mark.parametrize("seed", [0, 2147483647])
def test_the_ends_of_the_ranges_are_accepted(sandbox: SandboxServer, duration: int, seed: int) -> None:
    sandbox.rules(hold="PENDING")
    answer = sandbox.create(submission(duration=duration, seed=seed)).json()
    assert answer.keys() == {"request_id", "output"}
    assert answer["output"].keys() == {"task_id", "task_status"}
    assert answer["output"]["task_status"] == "PENDING"


@pytest.mark.parametrize(
    ("prompt", "kept"), [("a" * 5001, 5000), ("马" * 2501, 2500), ("马" * 2000 + "a" * 1001, 3000)]
)
def test_a_prompt_that_is_too_long_is_silently_cut(sandbox: SandboxServer, prompt: str, kept: int) -> None:
    sandbox.rules(hold="PENDING")
    sandbox.task(submission(prompt))
    assert [task["prompt"] for task in sandbox.statistics()["tasks"]] == [prompt[:kept]]


def test_a_task_shows_only_what_its_status_has(instant_sandbox: SandboxServer) -> None:
    instant_sandbox.rules(hold="PENDING")
    before = datetime.now(timezone(timedelta(hours=8))) - timedelta(seconds=1)
    task_id = instant_sandbox.task(submission("A grey horse", duration=4))
    pending = instant_sandbox.get(task_id)["output"]
    assert pending.keys() == {"task_id", "task_status", "submit_time"}
    submitted = datetime.strptime(pending["submit_time"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=before.tzinfo)
    assert before <= submitted <= datetime.now(before.tzinfo)

    instant_sandbox.rules(hold=None)
    answer = instant_sandbox.finished(task_id)
    assert answer["output"].keys() == {
        *("task_id", "task_status", "submit_time", "scheduled_time", "end_time", "orig_prompt", "video_url")
    }
    assert answer["output"]["orig_prompt"] == "A grey horse"
    assert answer["usage"] == {
        "duration": 4,
        "input_video_duration": 0,
        "output_video_duration": 4,
        "video_count": 1,
        "SR": 720,
        "ratio": "16:9",
    }


def test_a_failed_task_is_told_under_http_200(sandbox: SandboxServer) -> None:
    sandbox.rules(pending=0)
    answer = sandbox.finished(sandbox.task(submission("A horse sandbox:fail=DataInspectionFailed")))
    assert answer["output"]["task_status"] == "FAILED"
    assert answer["output"]["code"] == "DataInspectionFailed"
    assert answer["output"]["message"]
    assert "usage" not in answer


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (
            "sandbox:fail=InvalidParameter",
            {"code": "InvalidParameter", "message": "Could not process with this prompt."},
        ),
        ("sandbox:fail=Strange", {"code": "Strange", "message": "The prompt asks for Strange."}),
        (
            'sandbox:fail="DataInspectionFailed: Green net check failed for image (input)"',
            {"code": "DataInspectionFailed", "message": "Green net check failed for image (input)"},
        ),
        ("sandbox:fail", {}),
    ],
)
def test_a_task_fails_with_the_words_that_are_asked_for(
    instant_sandbox: SandboxServer, asked: str, reason: dict[str, str]
) -> None:
    output = instant_sandbox.finished(instant_sandbox.task(submission(f"A horse {asked}")))["output"]
    assert {name: output[name] for name in ("code", "message") if name in output} == reason


def test_tasks_that_are_not_there_or_too_old_are_unknown(sandbox: SandboxServer) -> None:
    assert sandbox.get("no-such-task")["output"] == {"task_id": "no-such-task", "task_status": "UNKNOWN"}
    task_id = sandbox.task()
    sandbox.rules(task_seconds=0)
    assert sandbox.get(task_id)["output"] == {"task_id": task_id, "task_status": "UNKNOWN"}


def test_only_a_pending_task_can_be_cancelled(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    task_id = sandbox.task()
    accepted = sandbox.request("POST", f"{TASKS}{task_id}/cancel")
    assert accepted.status_code == 200
    assert accepted.json().keys() == {"request_id"}
    assert sandbox.get(task_id)["output"] == {"task_id": task_id, "task_status": "CANCELED"}

    words = "Failed to cancel the task, please confirm if the task is in PENDING status."
    for again in (task_id, "no-such-task"):
        answer = sandbox.request("POST", f"{TASKS}{again}/cancel")
        assert refusal(answer) == (400, "UnsupportedOperation", words)


def test_a_running_task_cannot_be_cancelled(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="RUNNING", pending=0, limited=False)
    task_id = sandbox.task(submission("sandbox:slow=30"))
    while sandbox.get(task_id)["output"]["task_status"] == "PENDING":
        pass
    assert refusal(sandbox.request("POST", f"{TASKS}{task_id}/cancel"))[1] == "UnsupportedOperation"
    assert sandbox.get(task_id)["output"]["task_status"] == "RUNNING"


def test_a_list_is_flat_paged_and_newest_first(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING", limited=False, page_size=4)
    made = [sandbox.task() for _ in range(5)]
    first = sandbox.request("GET", LIST, params={"page_size": 3}).json()
    assert first.keys() == {"request_id", "total", "data", "total_page", "page_no", "page_size"}
    assert (first["total"], first["total_page"], first["page_no"], first["page_size"]) == (5, 2, 1, 3)
    second = sandbox.request("GET", LIST, params={"page_size": 3, "page_no": 2}).json()
    assert [row["task_id"] for row in first["data"] + second["data"]] == made[::-1]
    assert {row["status"] for row in first["data"]} == {"PENDING"}
    assert not {"output", "video_url"} & first["data"][0].keys()
    assert sandbox.request("GET", LIST, params={"page_size": 50}).json()["page_size"] == 4
    assert sandbox.request("GET", LIST, params={"page_no": 9}).json()["data"] == []


def test_a_list_is_filtered_by_status_model_id_and_time(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    one = sandbox.task()
    other = sandbox.task({**submission(), "model": "happyhorse-1.1-t2v"})
    sandbox.request("POST", f"{TASKS}{one}/cancel")

    def found(**query: str) -> list[str]:
        return [row["task_id"] for row in sandbox.request("GET", LIST, params=query).json()["data"]]

    assert found(status="CANCELED") == [one]
    assert found(status="RUNNING") == []
    assert found(model_name="happyhorse-1.1-t2v") == [other]
    assert found(task_id=one) == [one]
    now = datetime.now(timezone(timedelta(hours=8)))
    long_ago, ago, soon = ((now + timedelta(minutes=m)).strftime("%Y%m%d%H%M%S") for m in (-20, -10, 10))
    assert found(start_time=ago, end_time=soon) == [other, one]
    assert found(start_time=long_ago, end_time=ago) == []
    yesterday, before = ((now - timedelta(hours=h)).strftime("%Y%m%d%H%M%S") for h in (23, 25))
    assert found(start_time=yesterday) == [other, one]
    assert found(start_time=before) == []  # of the 24 hours from there
    assert found(end_time=soon) == [other, one]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"page": "1"}, "Unknown parameter page"),
        ({"status": "DONE"}, "status must be one of"),
        ({"page_no": "0"}, "page_no must be a positive integer"),
        ({"page_size": "-1"}, "page_size must be a positive integer"),
        ({"page_size": "ten"}, "page_size must be a positive integer"),
        ({"start_time": "2026-04-20"}, "start_time and end_time must look like"),
        ({"start_time": "20260420000000", "end_time": "20260421000002"}, "must not exceed 24 hours"),
    ],
)
def test_a_wrong_list_query_is_refused(sandbox: SandboxServer, query: dict[str, str], message: str) -> None:
    status, code, told = refusal(sandbox.request("GET", LIST, params=query))
    assert (status, code) == (400, "InvalidParameter")
    assert message in told


def test_the_sixth_submission_within_a_second_is_throttled(sandbox: SandboxServer) -> None:
    answers = burst(sandbox, 6, sandbox.create, hold="PENDING")
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert refusal(answers[-1])[1] == "Throttling.RateQuota"
    assert sandbox.statistics()["creations"] == 5


def test_the_twenty_first_request_within_a_second_is_throttled(sandbox: SandboxServer) -> None:
    answers = burst(sandbox, 21, lambda: sandbox.request("GET", TASKS + "any"))
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert sandbox.statistics()["busiest_second"] == 21


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [("sandbox:refuse=Arrearage", 400, "Arrearage"), ("sandbox:busy", 429, "Throttling.RateQuota")],
)
def test_words_in_a_prompt_refuse_it(sandbox: SandboxServer, word: str, status: int, code: str) -> None:
    assert refusal(sandbox.create(submission(f"A horse {word}")))[:2] == (status, code)
    assert sandbox.statistics()["creations"] == 0


def test_busy_strikes_only_the_first_submission_of_a_prompt(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    answers = [sandbox.create(submission(f"{name} sandbox:busy")).status_code for name in ("Ada", "Ada", "Bob")]
    assert answers == [429, 200, 429]


def test_a_lost_reply_leaves_a_task_behind(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING")
    with pytest.raises(httpx.ReadError):
        sandbox.create(submission("A horse sandbox:lost"))
    assert sandbox.request("GET", LIST).json()["total"] == 1


def test_an_unknown_task_was_pending_before(sandbox: SandboxServer) -> None:
    sandbox.rules(hold="PENDING", pending=0)
    task_id = sandbox.task(submission("sandbox:unknown"))
    assert sandbox.get(task_id)["output"]["task_status"] == "PENDING"
    sandbox.rules(hold=None)
    assert sandbox.finished(task_id)["output"] == {"task_id": task_id, "task_status": "UNKNOWN"}
