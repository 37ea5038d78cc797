"""The text-to-video skill's own quick start runs against the sandbox as it is printed, but for the host."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, SandboxServer

CLOUD = "https://dashscope.aliyuncs.com"


@pytest.fixture(scope="module")
def printed() -> str:
    """The code of the section "Quick start"."""
    texts = sorted((ROOT.parent / "shared" / "seeds").glob("000*.txt"))
    if not texts:
        pytest.skip("the skill's text is not beside this repository")
    section = (
        Path(texts[0]).read_text("utf-8").partition("Quick start (Python + HTTP)")[2].partition("Usage examples")[0]
    )
    return textwrap.dedent(section)


def test_the_quick_start_makes_a_video(sandbox: SandboxServer, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("requests")
    monkeypatch.setenv("DASHSCOPE_API_KEY", sandbox.key)
    assert printed.count(CLOUD) == 1
    quick_start: dict[str, Any] = {}
    exec(compile(printed.replace(CLOUD, sandbox.url), "quick start", "exec"), quick_start)
    horse = {"prompt": "A neon alley at midnight", "resolution": "720P", "ratio": "9:16", "duration": 3}
    task_id = quick_start["create_t2v_task"](horse)
    answer = quick_start["poll_task"](task_id, interval=0.2)
    assert answer["output"]["task_status"] == "SUCCEEDED"
    assert answer["usage"]["duration"] == 3
    video = sandbox.http.get(answer["output"]["video_url"]).raise_for_status()
    assert video.content[4:8] == b"ftyp"


def test_the_quick_starts_error_is_the_documented_one(
    sandbox: SandboxServer, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = pytest.importorskip("requests")
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-wrong")
    quick_start: dict[str, Any] = {}
    exec(compile(printed.replace(CLOUD, sandbox.url), "quick start", "exec"), quick_start)
    with pytest.raises(requests.HTTPError) as caught:
        quick_start["create_t2v_task"]({"prompt": "A horse"})
    assert caught.value.response.status_code == 401
    assert caught.value.response.json()["code"] == "InvalidApiKey"
