"""AIVideoAPI's own examples run against the sandbox as they are printed, but for hosts and key."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.media.videos import make_video
from tests.sandbox.media_server import MediaServer
from tests.servers import ROOT, SandboxServer

CLOUD = "https://api.aivideoapi.ai"


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """The document's commands: a submission of each mode, and a query."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))]
    text = next((text for text in texts if CLOUD in text), None)
    if text is None:
        pytest.skip("the document is not beside this repository")
    if shutil.which("curl") is None:
        pytest.skip("the examples are commands for curl")
    return [block for block in text.split("\n\n") if block.startswith("curl ")]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    folder = tmp_path_factory.mktemp("web")
    for name in ("portrait.png", "person.jpg", "fan.jpg", "sweater.png"):
        Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(folder / name)
    make_video(folder / "input.mp4", size="640x360", seconds=3, sound=True)
    with MediaServer(folder) as server:
        yield server


@pytest.fixture
def run(instant_sandbox: SandboxServer, web: MediaServer) -> Callable[[str], Any]:
    """Runs a command; gives the answer's JSON."""
    hosts = {CLOUD: instant_sandbox.url, "https://example.com": web.url, "https://your-server.com": web.url}
    # Nobody waits for the callbacks, so they need not come a second time.
    instant_sandbox.rules(callback_delays=[])

    def run(command: str) -> Any:
        for printed, here in {**hosts, "sk-your-api-key": instant_sandbox.aivideo_key}.items():
            command = command.replace(printed, here)
        done = subprocess.run(["sh", "-c", f"{command.strip()} -s"], check=True, capture_output=True, timeout=30)
        return json.loads(done.stdout)

    return run


def test_the_examples_make_a_video_in_each_mode(commands: list[str], run: Callable[[str], Any]) -> None:
    *submissions, query = commands
    modes = ["text-to-video", "image-to-video", "reference-to-video", "video-edit"]
    assert [f'"happyhorse-1.0-{mode}"' in text for mode, text in zip(modes, submissions, strict=True)] == [True] * 4
    for mode, command in zip(modes, submissions, strict=True):
        answer = run(command)
        assert (answer["code"], answer["msg"]) == (200, "success")
        look = query.replace("{taskId}", answer["data"]["taskId"])
        while (told := run(look))["status"] in ("pending", "processing"):
            time.sleep(0.1)
        assert (told["status"], told["model"]) == ("completed", f"happyhorse-1.0-{mode}")
        assert run(f"curl -r 4-7 -o /dev/null -w %{{http_code}} '{told['output']['urls'][0]}'") == 206
    spent = run(query.replace("tasks/{taskId}", "credits"))["data"]["total_consumed"]
    assert spent == 5 * 27.5 + 5 * 48.5 + 5 * 27.5 + (3 + 3) * 27.5


def test_the_examples_error_is_the_documented_one(commands: list[str], run: Callable[[str], Any]) -> None:
    told = run(commands[0].replace("sk-your-api-key", "sk-wrong"))
    assert told["error"].keys() == {"code", "message", "type"}
    assert (told["error"]["code"], told["error"]["type"]) == ("invalid_api_key", "authentication_error")
    missing = run(commands[0].replace('"model": "happyhorse-1.0-text-to-video",', ""))
    assert missing["error"] == {
        "code": "invalid_request",
        "message": "'model' is required.",
        "type": "invalid_request_error",
    }
