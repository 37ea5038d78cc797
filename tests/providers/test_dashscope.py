"""DashScope's protocol: what is written and what is read."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from studio.catalog.requests import Asset, ImageToVideo, ReferenceToVideo, Request, TextToVideo, VideoEdit
from studio.errors import (
    AuthenticationFailed,
    ContentRefused,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderFault,
    PublishFailed,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
)
from studio.providers.base import TaskStatus, Usage
from studio.providers.dashscope import DashScope, read_error, read_task, to_body
from tests.servers import SandboxServer, ScriptedServer, answer

pytestmark = pytest.mark.anyio

KEY = SecretStr("sk-0123456789")
FRAME = Asset("f" * 64, "frame.png")
FACE = Asset("a" * 64, "face.png")
COAT = Asset("b" * 64, "coat.png", url="https://example.com/coat.png")
CLIP = Asset("c" * 64, "clip.mp4", url="https://example.com/clip.mp4")
PUBLISHED = {FRAME.sha256: "oss://dashscope-instant/x/frame.png", FACE.sha256: "data:image/png;base64,iVBORw0KGgo="}


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (
            TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="一座微型城市"),
            {
                "model": "happyhorse-1.0-t2v",
                "input": {"prompt": "一座微型城市"},
                "parameters": {"resolution": "1080P", "ratio": "16:9", "duration": 5, "watermark": True},
            },
        ),
        (
            TextToVideo(
                provider="dashscope",
                model="happyhorse-1.1-t2v",
                prompt="A horse",
                resolution="720P",
                ratio="9:16",
                duration=8,
                watermark=False,
                seed=0,
            ),
            {
                "model": "happyhorse-1.1-t2v",
                "input": {"prompt": "A horse"},
                "parameters": {"resolution": "720P", "ratio": "9:16", "duration": 8, "watermark": False, "seed": 0},
            },
        ),
        (
            ImageToVideo(provider="dashscope", model="happyhorse-1.0-i2v", first_frame=FRAME, seed=42),
            {
                "model": "happyhorse-1.0-i2v",
                "input": {"media": [{"type": "first_frame", "url": PUBLISHED[FRAME.sha256]}]},
                "parameters": {"resolution": "1080P", "duration": 5, "watermark": True, "seed": 42},
            },
        ),
        (
            ReferenceToVideo(
                provider="dashscope",
                model="happyhorse-1.0-r2v",
                prompt="character2 meets character1",
                references=(COAT, FACE),
            ),
            {
                "model": "happyhorse-1.0-r2v",
                "input": {
                    "prompt": "[Image 2] meets [Image 1]",
                    "media": [
                        {"type": "reference_image", "url": COAT.url},
                        {"type": "reference_image", "url": PUBLISHED[FACE.sha256]},
                    ],
                },
                "parameters": {"resolution": "1080P", "ratio": "16:9", "duration": 5, "watermark": True},
            },
        ),
        (
            VideoEdit(
                provider="dashscope",
                model="happyhorse-1.0-video-edit",
                prompt="Wear the coat of Image 1",
                video=CLIP,
                references=(COAT,),
                audio_setting="origin",
            ),
            {
                "model": "happyhorse-1.0-video-edit",
                "input": {
                    "prompt": "Wear the coat of Image 1",
                    "media": [{"type": "video", "url": CLIP.url}, {"type": "reference_image", "url": COAT.url}],
                },
                "parameters": {"resolution": "1080P", "audio_setting": "origin", "watermark": True},
            },
        ),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_a_request_becomes_the_documented_json(request_: Request, body: dict[str, Any]) -> None:
    assert to_body(request_, PUBLISHED) == body


def test_a_published_address_goes_before_the_visitors_own() -> None:
    edit = VideoEdit(provider="dashscope", model="happyhorse-1.0-video-edit", prompt="Rain", video=CLIP)
    assert to_body(edit, {CLIP.sha256: "oss://x"})["input"]["media"] == [{"type": "video", "url": "oss://x"}]


async def test_a_submission_carries_the_documented_headers(request_of_a_video: TextToVideo) -> None:
    made = b'{"output": {"task_status": "PENDING", "task_id": "t-1"}, "request_id": "r-1"}'
    frame = ImageToVideo(provider="dashscope", model="happyhorse-1.0-i2v", first_frame=FRAME)
    async with ScriptedServer(answer(made)) as server:
        client = DashScope(f"{server.url}/api/v1", KEY, workspace="ws-7")
        task = await client.create(request_of_a_video)
        await client.create(frame, PUBLISHED)
        await client.get("t-1")
        await client.aclose()
    plain, with_upload, look = (head.lower() for head in server.requests)
    assert (task.id, task.status, task.request_id) == ("t-1", TaskStatus.PENDING, "r-1")
    assert plain.startswith("post /api/v1/services/aigc/video-generation/video-synthesis http/1.1")
    for header in ("authorization: bearer sk-0123456789", "x-dashscope-async: enable", "x-dashscope-workspace: ws-7"):
        assert f"\r\n{header}\r\n" in plain
    assert "content-type: application/json" in plain
    assert "ossresourceresolve" not in plain
    assert "x-dashscope-ossresourceresolve: enable" in with_upload
    assert look.startswith("get /api/v1/tasks/t-1 http/1.1")
    assert "x-dashscope-async" not in look


CODES: list[tuple[int, str, type[ProviderError]]] = [
    (400, "InvalidParameter", RequestRefused),
    (400, "InvalidParameter.DataInspection", RequestRefused),
    (400, "DataInspectionFailed", ContentRefused),
    (400, "data_inspection_failed", ContentRefused),
    (400, "IPInfringementSuspect", ContentRefused),
    (400, "Arrearage", QuotaExhausted),
    (400, "InvalidURL", RequestRefused),
    (400, "InvalidURL.ConnectionRefused", RequestRefused),
    (400, "InvalidURL.Timeout", RequestRefused),
    (400, "InvalidFile.Size", RequestRefused),
    (400, "InvalidFile.Duration", RequestRefused),
    (400, "InvalidFile.Resolution", RequestRefused),
    (400, "InvalidFile.FPS", RequestRefused),
    (400, "InvalidFile.Format", RequestRefused),
    (400, "UnsupportedOperation", RequestRefused),
    (400, "invalid_parameter_error", RequestRefused),
    (401, "InvalidApiKey", AuthenticationFailed),
    (401, "NOT AUTHORIZED", AuthenticationFailed),
    (403, "AccessDenied", PermissionDenied),
    (403, "AccessDenied.Unpurchased", QuotaExhausted),
    (403, "Model.AccessDenied", PermissionDenied),
    (403, "Workspace.AccessDenied", PermissionDenied),
    (403, "AllocationQuota.FreeTierOnly", QuotaExhausted),
    (404, "ModelNotFound", NotFound),
    (404, "WorkSpaceNotFound", NotFound),
    (404, "NotFound", NotFound),
    (429, "Throttling", RateLimited),
    (429, "Throttling.RateQuota", RateLimited),
    (429, "Throttling.BurstRate", RateLimited),
    (429, "Throttling.AllocationQuota", QuotaExhausted),
    (429, "CommodityNotPurchased", QuotaExhausted),
    (429, "PrepaidBillOverdue", QuotaExhausted),
    (429, "PostpaidBillOverdue", QuotaExhausted),
    (500, "InternalError", ProviderFault),
    (500, "InternalError.Algo", ProviderFault),
    (500, "InternalError.Upload", ProviderFault),
    (500, "InternalError.FileUpload", ProviderFault),
    (500, "InternalError.Timeout", ProviderFault),
    (500, "SystemError", ProviderFault),
    (500, "RequestTimeOut", ProviderFault),
    (500, "ModelServiceFailed", ProviderFault),
    (500, "ModelServingError", ProviderFault),
    (503, "ModelUnavailable", ProviderFault),
]
"""The documented codes (error code page) with the status under which each comes."""


@pytest.mark.parametrize(("status", "code", "kind"), CODES, ids=[code for _, code, _ in CODES])
async def test_each_documented_code_has_its_class(
    sandbox: SandboxServer,
    dashscope: DashScope,
    request_of_a_video: TextToVideo,
    status: int,
    code: str,
    kind: type[ProviderError],
) -> None:
    sandbox.faults({"endpoint": "create", "do": "status", "status": status, "code": code, "message": "Because."})
    with pytest.raises(ProviderError) as caught:
        await dashscope.create(request_of_a_video)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, code, "Because.")
    assert error.request_id == "sandbox-fault"
    fault = error.fault("submit")
    assert (fault.kind, fault.code, fault.status, fault.stage) == (kind.kind, code, status, "submit")
    assert error.task_made == ("unknown" if status == 500 else "no")


@pytest.mark.parametrize(
    ("code", "kind"),
    # A task that fails was submitted: codes of the account, the rate and the route do not come here.
    [(code, kind) for status, code, kind in CODES if status in (400, 500)],
)
def test_a_failed_task_has_the_same_class(code: str, kind: type[ProviderError]) -> None:
    output = {"task_id": "t", "task_status": "FAILED", "code": code, "message": "Because."}
    fault = read_task({"request_id": "r", "output": output}).fault
    assert fault is not None
    assert (fault.kind, fault.retryable) == (kind.kind, kind.retryable)
    assert (fault.code, fault.message, fault.stage, fault.charged) == (code, "Because.", "generate", "no")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (200, {"code": "InvalidParameter", "message": "No."}, RequestRefused, "No."),
        (200, {"code": "InternalError.Algo", "message": "Oh."}, ProviderFault, "Oh."),
        (400, {"error": {"code": "invalid_api_key", "message": "No."}, "request_id": "r"}, AuthenticationFailed, "No."),
        (429, {"error": {"code": "insufficient_quota", "message": "No."}}, QuotaExhausted, "No."),
        (401, None, AuthenticationFailed, "plain words"),
        (403, None, PermissionDenied, "plain words"),
        (404, None, NotFound, "plain words"),
        (408, None, ProviderFault, "plain words"),
        (413, None, RequestRefused, "plain words"),
        (429, None, RateLimited, "plain words"),
        (502, None, ProviderFault, "plain words"),
        (500, {"message": "Oh."}, ProviderFault, "Oh."),
    ],
)
def test_an_error_is_read_from_every_shape(
    status: int, body: dict[str, Any] | None, kind: type[ProviderError], message: str
) -> None:
    error = read_error(httpx.Response(status, text="plain \n words"), body)
    assert type(error) is kind
    assert error.message == message


def test_an_answer_without_an_error_is_none() -> None:
    assert read_error(httpx.Response(200), {"output": {}, "code": ""}) is None


def test_a_fault_inside_http_200_leaves_open_whether_a_task_was_made() -> None:
    error = read_error(httpx.Response(200), {"code": "InternalError", "message": "Oh."})
    assert error is not None
    assert error.task_made == "unknown"


async def test_a_task_goes_its_way_through_the_client(
    instant_sandbox: SandboxServer, request_of_a_video: TextToVideo
) -> None:
    instant_sandbox.rules(hold="PENDING")
    client = DashScope(instant_sandbox.url, SecretStr(instant_sandbox.key))
    begun = time.time() - 1
    made = await client.create(request_of_a_video)
    assert made.status is TaskStatus.PENDING
    page = await client.list(status=TaskStatus.PENDING, since=begun - 60, until=time.time() + 60)
    assert [task.id for task in page.tasks] == [made.id]
    assert page.tasks[0].model == request_of_a_video.model
    assert (await client.list(until=begun - 60)).tasks == ()

    instant_sandbox.rules(hold=None)
    instant_sandbox.finished(made.id)
    done = await client.get(made.id)
    assert (done.status, done.prompt, done.fault) == (TaskStatus.SUCCEEDED, "A horse", None)
    assert done.usage == Usage(3, 0, 3, "720P", "16:9")
    assert done.submitted_at is not None
    assert done.ended_at is not None
    assert begun <= done.submitted_at <= done.ended_at <= time.time() + 1
    with pytest.raises(RequestRefused) as caught:
        await client.cancel(made.id)
    assert caught.value.code == "UnsupportedOperation"
    await client.aclose()


@pytest.mark.parametrize("task_id", ["no-such-task", "a?b=c", "ü 1", "100%"])
async def test_a_pasted_task_id_stays_one_part_of_the_path(
    sandbox: SandboxServer, dashscope: DashScope, task_id: str
) -> None:
    task = await dashscope.get(task_id)
    assert (task.id, task.status) == (task_id, TaskStatus.UNKNOWN)
    assert sandbox.statistics()["requests"]["get"] == 1


async def test_a_file_that_the_upload_does_not_take_is_told_by_its_size(tmp_path: Path) -> None:
    names = ("policy", "signature", "upload_dir", "upload_host", "oss_access_key_id")
    terms = dict.fromkeys(names, "x") | {"max_file_size_mb": 1}
    file = tmp_path / "large.mp4"
    file.write_bytes(bytes(5 * 2**19))
    async with ScriptedServer(answer(json.dumps({"data": terms}).encode())) as server:
        client = DashScope(server.url, KEY)
        with pytest.raises(PublishFailed, match=r"large\.mp4 is 2\.5 MB; DashScope accepts uploads up to 1 MB"):
            await client.upload(file, "large.mp4", "happyhorse-1.0-video-edit", lambda count: None)
        await client.aclose()
    assert len(server.requests) == 1  # nothing was sent but the question
