"""The quick starts of the three skills with media run against the sandbox as they are printed, but for the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media.videos import make_video
from tests.sandbox.media_server import MediaServer
from tests.servers import ROOT, SandboxServer

CLOUD = "https://dashscope.aliyuncs.com"


def indented(code: str) -> str:
    """Give Python back the indentation that its web page lost.

    Enough for these quick starts: a ``while`` lasts to its function's end, an ``if`` or a ``for`` has one statement.
    """
    lines, level, depth, single = [], 0, 0, 0
    for line in code.splitlines():
        if depth == 0:
            level = 0 if line.startswith("def ") else level
            lines.append("    " * (level + single) + line)
            single = 1 if line.startswith(("if ", "for ")) else 0
            level += line.startswith(("def ", "while "))
        else:
            lines.append(line)
        depth += sum(line.count(bracket) for bracket in "([{") - sum(line.count(bracket) for bracket in ")]}")
    return "\n".join(lines)


@pytest.fixture
def quick_start(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Runs the quick start of a skill; gives its names."""
    pytest.importorskip("requests")
    monkeypatch.setenv("DASHSCOPE_API_KEY", sandbox.key)

    def run(skill: str) -> dict[str, Any]:
        texts = [path.read_text("utf-8") for path in sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))]
        text = next((text for text in texts if f"/{skill}/" in text), None)
        if text is None:
            pytest.skip("the skill's text is not beside this repository")
        section = text.partition("Quick start (Python + HTTP)\n")[2].partition("Usage examples")[0]
        code = indented("\n".join(line for line in section.splitlines() if not line.startswith(("```", "#"))))
        assert code.count(CLOUD) == 1
        names: dict[str, Any] = {}
        exec(compile(code.replace(CLOUD, sandbox.url), skill, "exec"), names)
        return names

    return run


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    folder: Path = tmp_path_factory.mktemp("web")
    for name in ("girl.jpg", "folding-fan.jpg", "striped-sweater.webp"):
        Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(folder / name)
    make_video(folder / "character.mp4", size="640x360", seconds=3, sound=True)
    with MediaServer(folder) as server:
        yield server


def test_the_first_frame_quick_start_makes_a_video(quick_start: Any, web: MediaServer) -> None:
    printed = quick_start("aliyun-happyhorse-i2v")
    wanted = {"first_frame_url": f"{web.url}/girl.jpg", "prompt": "Slow head turn", "resolution": "720P", "duration": 3}
    answer = printed["poll_task"](printed["create_i2v_task"]({**wanted, "seed": 42}), interval=0.2)
    assert answer["output"]["task_status"] == "SUCCEEDED"
    assert answer["usage"]["output_video_duration"] == 3


def test_the_reference_quick_start_makes_a_video(quick_start: Any, web: MediaServer) -> None:
    printed = quick_start("aliyun-happyhorse-r2v")
    references = [f"{web.url}/girl.jpg", f"{web.url}/folding-fan.jpg"]
    wanted = {"reference_images": references, "prompt": "character1 opens character2", "ratio": "9:16", "duration": 3}
    answer = printed["poll_task"](printed["create_r2v_task"]({**wanted, "resolution": "720P"}), interval=0.2)
    assert answer["output"]["task_status"] == "SUCCEEDED"
    assert answer["usage"]["ratio"] == "9:16"


def test_the_edit_quick_start_makes_a_video(quick_start: Any, web: MediaServer) -> None:
    printed = quick_start("aliyun-happyhorse-videoedit")
    wanted = {
        "video_url": f"{web.url}/character.mp4",
        "reference_images": [f"{web.url}/striped-sweater.webp"],
        "prompt": "让视频中的马头人身角色穿上图片中的条纹毛衣",
        "resolution": "720P",
        "audio_setting": "origin",
    }
    answer = printed["poll_task"](printed["create_videoedit_task"](wanted), interval=0.2)
    assert answer["output"]["task_status"] == "SUCCEEDED"
    assert answer["usage"]["duration"] == 6.0
