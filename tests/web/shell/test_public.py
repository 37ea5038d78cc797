"""What anyone may ask: files by their links, and to be heard when a task has ended."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from studio.media.links import PATH, Links
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

CALLBACKS = "/studio/callbacks"


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("picture") / "frame.png"
    Image.effect_noise((640, 480), 60).convert("RGB").save(path)
    return path.read_bytes()


def give(visitor: httpx.Client, content: bytes, name: str = "frame.jpg") -> dict[str, Any]:
    """Add a first frame to the visitor's files."""
    query = {"mode": "image-to-video", "field": "first_frame", "provider": "aivideoapi", "name": name}
    file: dict[str, Any] = visitor.post("/studio/files", params=query, content=content).raise_for_status().json()
    return file


def links_of(studio: StudioProcess) -> Links:
    """What the studio itself makes its links with."""
    return Links(studio.url, (studio.data_dir / "secret").read_bytes())


def test_a_link_hands_out_its_file_whole_and_in_ranges_by_its_true_type(both: StudioProcess, picture: bytes) -> None:
    with both.visitor() as visitor:
        file = give(visitor, picture)
    url = links_of(both).to(file["sha256"], ".png")
    whole = httpx.get(url, timeout=30)  # by a stranger
    assert whole.content == picture
    assert whole.headers["content-type"] == "image/png"
    assert "set-cookie" not in whole.headers
    assert "sandbox" in whole.headers["content-security-policy"]
    part = httpx.get(url, headers={"Range": "bytes=10-19"}, timeout=30)
    assert (part.status_code, part.content) == (206, picture[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(picture)}"
    head = httpx.head(url, timeout=30)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(picture)))


def test_no_other_address_hands_anything_out(both: StudioProcess, picture: bytes) -> None:
    with both.visitor() as visitor:
        file = give(visitor, picture)
    good = links_of(both).to(file["sha256"])
    nobodys = links_of(both).to(hashlib.sha256(b"nobody's").hexdigest())
    forged = Links(both.url, b"guessed").to(file["sha256"])
    for url in (good[:-1], nobodys, forged, both.url + PATH, both.url + PATH + file["sha256"]):
        assert httpx.get(url, timeout=30).status_code == 404
        assert httpx.get(url, timeout=30).content in (b"", b'{"detail":"Not Found"}')
    assert httpx.post(good, timeout=30).status_code == 405


def test_the_provider_fetches_the_file_from_the_studio(
    both: StudioProcess, cloud: SandboxServer, picture: bytes
) -> None:
    with both.visitor() as visitor:
        file = give(visitor, picture)
        data = [{"path": "", "url": "", "meta": {"_type": "gradio.FileData"}}]
        uploaded = visitor.post("/gradio_api/upload", files={"files": ("frame.png", picture)}).json()
        data[0]["path"] = uploaded[0]
        values = [data[0], "It rains", "happyhorse-1.0-image-to-video", "720P", 3, True, 7]
        answer = visitor.post("/gradio_api/run/image_to_video", json={"data": values}).raise_for_status()
        job = both.wait(visitor, answer.json()["data"][0]["id"])
    assert job["state"] == "succeeded", job
    assert job["settings"]["first_frame"]["sha256"] == file["sha256"]
    assert (job["task_id"], "aivideoapi") in {(task["id"], task["provider"]) for task in cloud.statistics()["tasks"]}


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"headers": {"X-Task-Id": "unknown"}, "content": b"{"},
        {"headers": {"X-Task-Id": "x" * 5000}},
        {"headers": {"X-Task-Id": b"\xff\x00".hex(), "Content-Type": "image/png"}, "content": b"\xff" * 10_000_000},
        {"headers": {"X-Task-Id": "../../etc/passwd", "X-Event": "task.completed"}, "json": {"id": ["a"]}},
    ],
    ids=["empty", "malformed", "long", "huge", "odd"],
)
def test_a_callback_of_any_shape_is_taken_within_a_second(
    both: StudioProcess, cloud: SandboxServer, request_: dict[str, Any]
) -> None:
    taken = []
    for _ in range(3):  # a busy machine is late now and then
        begun = time.monotonic()
        answer = httpx.post(both.url + CALLBACKS, **request_, timeout=30)
        taken.append(time.monotonic() - begun)
        assert (answer.status_code, answer.content) == (204, b"")
    assert min(taken) < 1
    assert cloud.statistics()["requests"]["get"] == 0


def test_an_answer_does_not_wait_for_a_body_that_never_comes(both: StudioProcess) -> None:
    host, port = both.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST {CALLBACKS} HTTP/1.1\r\nHost: {host}\r\nX-Task-Id: t\r\nContent-Length: 1000000000\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        assert connection.recv(100).startswith(b"HTTP/1.1 204")


def test_a_flood_of_callbacks_costs_the_provider_nothing(both: StudioProcess, cloud: SandboxServer) -> None:
    with httpx.Client(base_url=both.url, timeout=30) as flood:
        for number in range(300):
            flood.post(CALLBACKS, headers={"X-Task-Id": f"task-{number}"}, json={"status": "completed"})
    assert cloud.statistics()["requests"]["get"] == 0


@pytest.mark.slow
def test_the_sandbox_calls_back_and_the_end_is_seen_by_asking(cloud: SandboxServer, tmp_path: Path) -> None:
    """With an hour between two looks, only the callback can be why the end is seen."""
    settings = {
        "AIVIDEOAPI_KEY": cloud.aivideo_key,
        "AIVIDEOAPI_BASE_URL": cloud.url,
        "STUDIO_PROVIDER": "aivideoapi",
        "STUDIO_POLL_SECONDS": "3600",
    }
    cloud.rules(hold="RUNNING")
    studio = StudioProcess(tmp_path, cloud, **settings)
    studio.environ |= {"STUDIO_PUBLIC_URL": studio.url, "STUDIO_WITHOUT_LIMITS": "true"}
    with studio, studio.visitor() as visitor:
        job = studio.submit(visitor, "A horse at dawn")
        assert job["settings"]["provider"] == "aivideoapi"
        studio.wait(visitor, job["id"], lambda now: now["state"] == "running")
        looks = cloud.statistics()["requests"]["get"]
        cloud.rules(hold=None)
        studio.wait(visitor, job["id"], lambda now: now["state"] == "succeeded")
        assert cloud.statistics()["requests"]["get"] == looks + 1
