"""The sandbox fetches what it is given, and fails on what the cloud fails on, with its codes."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.media.videos import cut, make_video, turn
from tests.sandbox.media_server import MediaServer, asked
from tests.servers import SandboxServer

RESOLVE = {"X-DashScope-OssResourceResolve": "enable"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that are right and files that each break one rule."""
    place = tmp_path_factory.mktemp("media")

    def image(name: str, size: tuple[int, int], **options: Any) -> None:
        Image.linear_gradient("L").resize(size).convert("RGB").save(place / name, **options)

    for name in ("good.jpg", "good.png", "good.webp", "bad.gif", "bad.bmp"):
        image(name, (640, 480))
    image("small.png", (299, 480))
    image("reference-small.png", (399, 640))
    image("wide.png", (1001, 400))
    image("narrow.png", (400, 1001))
    image("widest.png", (1000, 400))
    whole = (place / "good.jpg").read_bytes()
    (place / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (place / "page.png").write_text("<html>not here</html>")
    (place / "empty.png").write_bytes(b"")
    (place / "script.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 640 480\nshowpage\n")
    # Bytes after a PNG's end are no part of the picture: a way to any size.
    png = (place / "good.png").read_bytes()
    noise = random.Random(0).randbytes(1 << 20)
    (place / "11 MB.png").write_bytes(png + noise * 11)
    (place / "21 MB.png").write_bytes(png + noise * 21)

    make_video(place / "good.mp4", size="360x360", seconds=3, picture="color")
    make_video(place / "good.mov", size="360x360", seconds=3, picture="color")
    make_video(place / "bad.mkv", size="360x360", seconds=3, picture="color")
    make_video(place / "bad.avi", size="360x360", seconds=3, picture="color")
    make_video(place / "short.mp4", size="360x360", seconds=2.9, rate="10", picture="color")
    make_video(place / "long.mp4", size="360x360", seconds=60.5, rate="10", picture="color")
    make_video(place / "slow.mp4", size="360x360", seconds=3, rate="7", picture="color")
    make_video(place / "just quick.mp4", size="360x360", seconds=3, rate="9", picture="color")
    make_video(place / "seed only.mp4", size="360x320", seconds=3, picture="color")
    make_video(place / "docs only.mp4", size="2400x1000", seconds=3, rate="10", picture="color")
    make_video(place / "low.mp4", size="360x318", seconds=3, picture="color")
    make_video(place / "high.mp4", size="4098x1800", seconds=3, rate="9", picture="color")
    make_video(place / "broad.mp4", size="904x360", seconds=3, picture="color")
    make_video(place / "turned.mp4", size="904x480", seconds=3)
    turn(place / "turned.mp4")
    make_video(place / "cut.mp4", "-movflags", "+faststart", size="360x360", seconds=3)
    cut(place / "cut.mp4", 0.6)
    make_video(place / "headless.mp4", size="360x360", seconds=3)
    cut(place / "headless.mp4", 0.6)
    (place / "list.mp4").write_text(f"#EXTM3U\n#EXTINF:3,\nfile://{place}/good.mp4\n#EXT-X-ENDLIST\n")
    (place / "101 MB.mp4").write_bytes((place / "good.mp4").read_bytes() + noise * 100)
    return place


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[MediaServer]:
    with MediaServer(folder) as server:
        yield server


def outcome(sandbox: SandboxServer, body: Any, **options: Any) -> tuple[str, str]:
    """Code and message of the failed task; ``("", "")`` of one that succeeded."""
    made = sandbox.create(body, **options).raise_for_status().json()
    output = sandbox.finished(made["output"]["task_id"])["output"]
    assert output["task_status"] == ("FAILED" if "code" in output else "SUCCEEDED")
    return output.get("code", ""), output.get("message", "")


def i2v(url: str) -> Any:
    return asked("i2v", ("first_frame", url))


def edit(url: str, *references: str) -> Any:
    return asked("video-edit", ("video", url), *(("reference_image", reference) for reference in references))


@pytest.mark.parametrize("name", ["good.jpg", "good.png", "good.webp", "widest.png", "11 MB.png"])
def test_a_first_frame_that_any_source_allows_passes(
    instant_sandbox: SandboxServer, web: MediaServer, name: str
) -> None:
    assert outcome(instant_sandbox, i2v(f"{web.url}/{name}")) == ("", "")


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("bad.gif", "InvalidFile.Format", "the format is GIF; it must be one of JPEG, PNG, WEBP"),
        ("bad.bmp", "InvalidFile.Format", "the format is BMP"),
        ("21 MB.png", "InvalidFile.Size", "it must be at most 20 MB"),
        ("small.png", "InvalidFile.Resolution", "the size is 299 x 480; width and height must be at least 300 pixels"),
        ("wide.png", "InvalidFile.Resolution", "1001 x 400; its aspect ratio must be between 0.4 and 2.5"),
        ("narrow.png", "InvalidFile.Resolution", "400 x 1001; its aspect ratio must be between 0.4 and 2.5"),
        ("cut.jpg", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("page.png", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("empty.png", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("script.png", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("good.mp4", "InvalidParameter.DataInspection", "The media format is not supported"),
    ],
)
def test_a_first_frame_that_no_source_allows_fails(
    instant_sandbox: SandboxServer, web: MediaServer, name: str, code: str, told: str
) -> None:
    failed, message = outcome(instant_sandbox, i2v(f"{web.url}/{name}"))
    assert failed == code
    assert message.startswith("input.media[0] (first_frame): ")
    assert told in message


def test_references_have_limits_of_their_own(instant_sandbox: SandboxServer, web: MediaServer) -> None:
    def references(*names: str) -> Any:
        return asked("r2v", *(("reference_image", f"{web.url}/{name}") for name in names))

    assert outcome(instant_sandbox, references("wide.png", "good.jpg")) == ("", "")
    code, message = outcome(instant_sandbox, references("good.jpg", "reference-small.png"))
    assert code == "InvalidFile.Resolution"
    assert message.startswith("input.media[1] (reference_image): ")
    assert "399 x 640; width and height must be at least 400 pixels" in message


@pytest.mark.parametrize(
    "name", ["good.mp4", "good.mov", "just quick.mp4", "seed only.mp4", "docs only.mp4", "turned.mp4"]
)
def test_an_input_video_that_any_source_allows_passes(
    instant_sandbox: SandboxServer, web: MediaServer, name: str
) -> None:
    assert outcome(instant_sandbox, edit(f"{web.url}/{name}")) == ("", "")


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("bad.mkv", "InvalidFile.Format", "the format is Matroska; it must be one of MP4, MOV"),
        ("bad.avi", "InvalidFile.Format", "the format is AVI"),
        ("101 MB.mp4", "InvalidFile.Size", "it must be at most 100 MB"),
        ("short.mp4", "InvalidFile.Duration", "the duration is 2.90 s; it must be between 3 and 60 s"),
        ("long.mp4", "InvalidFile.Duration", "the duration is 60.50 s"),
        ("slow.mp4", "InvalidFile.FPS", "the frame rate is 7.00; it must be at least 8"),
        ("low.mp4", "InvalidFile.Resolution", "360 x 318; width and height must be at least 320 pixels"),
        ("high.mp4", "InvalidFile.Resolution", "4098 x 1800; width and height must be at most 4096 pixels"),
        ("broad.mp4", "InvalidFile.Resolution", "904 x 360; its aspect ratio must be between 0.4 and 2.5"),
        ("cut.mp4", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("headless.mp4", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("list.mp4", "InvalidParameter.DataInspection", "The media format is not supported"),
        ("good.png", "InvalidParameter.DataInspection", "The media format is not supported"),
    ],
)
def test_an_input_video_that_no_source_allows_fails(
    instant_sandbox: SandboxServer, web: MediaServer, name: str, code: str, told: str
) -> None:
    failed, message = outcome(instant_sandbox, edit(f"{web.url}/{name}"))
    assert failed == code
    assert message.startswith("input.media[0] (video): ")
    assert told in message


def test_the_references_of_an_edit_are_judged_too(instant_sandbox: SandboxServer, web: MediaServer) -> None:
    good = [f"{web.url}/good.png"] * 4
    assert outcome(instant_sandbox, edit(f"{web.url}/good.mp4", *good, f"{web.url}/good.jpg")) == ("", "")
    code, message = outcome(instant_sandbox, edit(f"{web.url}/good.mp4", *good, f"{web.url}/small.png"))
    assert (code, message[:33]) == ("InvalidFile.Resolution", "input.media[5] (reference_image):")


def test_an_edit_is_billed_for_its_whole_input(instant_sandbox: SandboxServer, web: MediaServer, folder: Path) -> None:
    make_video(folder / "40 s.mp4", size="360x360", seconds=40, rate="10")
    task_id = instant_sandbox.task(edit(f"{web.url}/40 s.mp4"))
    usage = instant_sandbox.finished(task_id)["usage"]
    assert usage == {
        "duration": 55.0,
        "input_video_duration": 40.0,
        "output_video_duration": 15.0,
        "video_count": 1,
        "SR": 1080,
    }
    assert all(isinstance(usage[name], float) for name in usage if name.endswith("duration"))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nowhere.png", "InvalidParameter.DataInspection"),
        ("/half", "InvalidParameter.DataInspection"),
        ("/endless", "InvalidFile.Size"),
        ("/loop", "InvalidURL"),
        ("/to/good.png", ""),
    ],
)
def test_an_address_is_fetched_as_it_answers(
    instant_sandbox: SandboxServer, web: MediaServer, path: str, code: str
) -> None:
    assert outcome(instant_sandbox, i2v(web.url + path))[0] == code


def test_nobody_there_and_nobody_answering_are_told_apart(instant_sandbox: SandboxServer, web: MediaServer) -> None:
    refused, _ = outcome(instant_sandbox, i2v("http://127.0.0.1:9/a.png"))
    assert refused == "InvalidURL.ConnectionRefused"
    instant_sandbox.rules(fetch_seconds=0.3)
    assert outcome(instant_sandbox, i2v(f"{web.url}/hang"))[0] == "InvalidURL.Timeout"


@pytest.mark.parametrize("url", ["http://", "https:///a.png", "ftp://example.com/a.png", "http://[::1", "oss://"])
def test_an_address_without_a_host_is_refused_at_once(instant_sandbox: SandboxServer, url: str) -> None:
    answer = instant_sandbox.create(i2v(url), headers=RESOLVE)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidURL")


def inline(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def test_an_image_may_stand_in_the_submission_itself(instant_sandbox: SandboxServer, folder: Path) -> None:
    assert outcome(instant_sandbox, i2v(inline((folder / "good.png").read_bytes()))) == ("", "")
    assert outcome(instant_sandbox, i2v(inline((folder / "small.png").read_bytes())))[0] == "InvalidFile.Resolution"
    assert outcome(instant_sandbox, i2v(inline(b"no picture")))[0] == "InvalidParameter.DataInspection"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (i2v("data:image/png;base64,%%%"), "InvalidParameter.DataInspection"),
        (i2v("data:image/png,abc"), "InvalidURL"),
        (i2v("data:image/;base64,abc="), "InvalidURL"),
        (i2v("data:image/gif;base64,abc="), "InvalidURL"),
        (edit("data:image/png;base64,abc="), "InvalidURL"),
        (edit("data:video/mp4;base64,abc="), "InvalidURL"),
    ],
)
def test_what_is_no_image_in_base64_is_refused_at_once(instant_sandbox: SandboxServer, body: Any, code: str) -> None:
    answer = instant_sandbox.create(body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert instant_sandbox.statistics()["creations"] == 0


def upload(sandbox: SandboxServer, path: Path, model: str) -> httpx.Response:
    """Send a file as the official client does."""
    query = {"action": "getPolicy", "model": model}
    terms = sandbox.request("GET", "/api/v1/uploads", params=query).json()["data"]
    fields = {
        "OSSAccessKeyId": terms["oss_access_key_id"],
        "Signature": terms["signature"],
        "policy": terms["policy"],
        "key": f"{terms['upload_dir']}/{path.name}",
        "x-oss-object-acl": terms["x_oss_object_acl"],
        "x-oss-forbid-overwrite": terms["x_oss_forbid_overwrite"],
        "success_action_status": "200",
    }
    with path.open("rb") as file:
        answer = httpx.post(terms["upload_host"], data=fields, files={"file": (path.name, file)}, timeout=60)
    answer.extensions["url"] = f"oss://{fields['key']}"
    return answer


def uploaded(sandbox: SandboxServer, path: Path, model: str) -> str:
    url: str = upload(sandbox, path, model).raise_for_status().extensions["url"]
    return url


def test_an_uploaded_file_is_read_by_the_model_it_was_sent_for(instant_sandbox: SandboxServer, folder: Path) -> None:
    image = uploaded(instant_sandbox, folder / "good.png", "happyhorse-1.0-i2v")
    assert outcome(instant_sandbox, i2v(image), headers=RESOLVE) == ("", "")
    video = uploaded(instant_sandbox, folder / "good.mov", "happyhorse-1.0-video-edit")
    assert outcome(instant_sandbox, edit(video), headers=RESOLVE) == ("", "")
    small = uploaded(instant_sandbox, folder / "small.png", "happyhorse-1.0-i2v")
    assert outcome(instant_sandbox, i2v(small), headers=RESOLVE)[0] == "InvalidFile.Resolution"


def test_an_upload_of_another_model_or_time_is_refused_at_once(instant_sandbox: SandboxServer, folder: Path) -> None:
    def refusal(url: str, headers: dict[str, str] = RESOLVE) -> tuple[int, str]:
        answer = instant_sandbox.create(i2v(url), headers=headers)
        return answer.status_code, answer.json()["code"]

    other = uploaded(instant_sandbox, folder / "good.png", "happyhorse-1.1-i2v")
    assert refusal(other) == (400, "InvalidParameter.DataInspection")
    assert refusal("oss://dashscope-instant/sandbox/never/sent.png") == (400, "invalid_parameter_error")
    mine = uploaded(instant_sandbox, folder / "good.png", "happyhorse-1.0-i2v")
    assert refusal(mine, {}) == (400, "InvalidParameter.DataInspection")
    instant_sandbox.rules(upload_seconds=-1)
    late = uploaded(instant_sandbox, folder / "good.png", "happyhorse-1.0-i2v")
    assert refusal(late) == (400, "invalid_parameter_error")
    assert instant_sandbox.statistics()["creations"] == 0


def memory(sandbox: SandboxServer, name: str) -> int:
    """A figure of the process in bytes: ``VmRSS`` now, ``VmHWM`` at most so far."""
    lines = Path(f"/proc/{sandbox.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@pytest.mark.process
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from /proc")
def test_a_hundred_megabytes_are_not_held_in_memory(tmp_path: Path) -> None:
    megabyte = 1 << 20
    whole, over = tmp_path / "whole.mp4", tmp_path / "over.mp4"
    for path, size in ((whole, 100 * megabyte), (over, 100 * megabyte + 1)):
        path.touch()
        with path.open("r+b") as file:
            file.truncate(size)
    with SandboxServer(tmp_path / "sandbox", "--instant") as sandbox:
        before = memory(sandbox, "VmRSS")
        assert upload(sandbox, whole, "happyhorse-1.0-video-edit").status_code == 200
        refused = upload(sandbox, over, "happyhorse-1.0-video-edit")
        assert (refused.status_code, "<Code>EntityTooLarge</Code>" in refused.text) == (400, True)
        assert memory(sandbox, "VmHWM") - before < 30 * megabyte


def test_a_file_far_too_large_is_refused_whatever_its_form(instant_sandbox: SandboxServer) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(102):
            yield bytes(1 << 20)

    length = {"Content-Length": str(102 << 20), "Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(f"{instant_sandbox.url}/oss", content=zeros(), headers=length, timeout=60)
    assert (answer.status_code, "<Code>EntityTooLarge</Code>" in answer.text) == (400, True)
    unknown = httpx.post(f"{instant_sandbox.url}/oss", content=iter([b"x"]), timeout=60)
    assert (unknown.status_code, "<Code>MissingContentLength</Code>" in unknown.text) == (411, True)
