"""The addresses of the visitors' files, as the page and other programs meet them."""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from studio.web.form.files import MAX_BYTES
from tests.media.videos import make_video, run
from tests.processes import running
from tests.studio_process import StudioProcess

FRAME = {"mode": "image-to-video", "field": "first_frame"}
CLIP = {"mode": "video-edit", "field": "video"}


def png(width: int = 500, height: int = 500) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((width, height), 20).save(written, "PNG")
    return written.getvalue()


def give(visitor: httpx.Client, content: bytes | Iterator[bytes], place: dict[str, str], name: str = "a") -> Any:
    answer = visitor.post("/studio/files", params=place | {"name": name}, content=content)
    return answer.raise_for_status().json()


def mend(visitor: httpx.Client, sha256: str, place: dict[str, str], *fixes: dict[str, Any]) -> list[dict[str, Any]]:
    answer = visitor.post(f"/studio/files/{sha256}/fix", params=place, json={"fixes": fixes})
    return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


def test_a_file_is_told_as_it_was_named_and_kept_as_it_was(visitor: httpx.Client, other: httpx.Client) -> None:
    content = png(900, 600)
    file = give(visitor, content, FRAME, "my holidays/été 🐎.png")
    assert (file["name"], file["verdict"], file["kind"]) == ("été 🐎.png", "pass", "image")
    assert file["facts"][0] == "900 × 600"
    assert file["framings"] == file["fixes"] == []
    kept = visitor.get(f"/studio/files/{file['sha256']}/content")
    assert kept.content == content
    assert kept.headers["content-security-policy"] == "sandbox"
    assert "private" in kept.headers["cache-control"]
    with Image.open(io.BytesIO(visitor.get("/" + file["thumbnail"]).content)) as small:
        assert (small.format, small.size) == ("JPEG", (480, 320))
    for path in (file["thumbnail"], f"studio/files/{file['sha256']}", f"studio/files/{file['sha256']}/content"):
        assert other.get(f"/{path}", params=FRAME).status_code == 404
    assert visitor.get(f"/studio/files/{file['sha256']}/secret").status_code == 404


@pytest.mark.parametrize(
    ("place", "content", "words"),
    [
        (FRAME, b"Dear diary", "The image format is not supported"),
        (FRAME, b"", "The file is empty"),
        (CLIP, png(), r"The file is an image \(PNG\), not a video"),
        (FRAME | {"field": "video"}, png(), "names no input of any mode"),
        (FRAME | {"mode": "nonsense"}, png(), "names no input of any mode"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    visitor: httpx.Client, place: dict[str, str], content: bytes, words: str
) -> None:
    answer = visitor.post("/studio/files", params=place, content=content)
    assert answer.status_code == 422
    assert answer.json()["kind"] == "media_unreadable"
    assert re.search(words, answer.json()["error"])


def test_what_is_larger_than_anyone_needs_is_not_taken_in(studio: StudioProcess, visitor: httpx.Client) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range((MAX_BYTES["image"] >> 20) + 1):
            yield bytes(1 << 20)

    answer = visitor.post("/studio/files", params=FRAME, content=zeros())
    assert "larger than 100 MB" in answer.json()["error"]
    assert not list((studio.data_dir / "media").glob("*.part"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a.png",
        "http://localhost/a.png",
        "http://[::1]/a.png",
        "http://0.0.0.0/a.png",
        "http://10.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/a.png",
    ],
)
def test_no_address_leads_into_the_studios_own_network(visitor: httpx.Client, url: str) -> None:
    answer = visitor.post("/studio/files/from-url", params=FRAME, json={"url": url})
    assert answer.status_code == 422
    assert "is not a public address" in answer.json()["error"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "ftp://example.org/a.png",
        "file:///etc/passwd",
        "http://",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:http/",
        "http://[::1",
        "http://xn--/",
        "http://a\tb/",
    ],
)
def test_only_the_web_has_addresses(visitor: httpx.Client, url: str) -> None:
    answer = visitor.post("/studio/files/from-url", params=FRAME, json={"url": url})
    assert answer.status_code == 422
    assert f"“{url.strip()}” is not a web address: it must begin with http" in answer.json()["error"]


def test_a_host_that_no_name_can_be_is_not_known(visitor: httpx.Client) -> None:
    url = f"http://{'a' * 64}.example/a.png"
    answer = visitor.post("/studio/files/from-url", params=FRAME, json={"url": url})
    assert answer.status_code == 422
    assert "cannot be found" in answer.json()["error"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("size", "labels", "sizes"),
    [
        ((1500, 500), ["center", "left", "right"], {"crop": (1250, 500), "pad": (1500, 600)}),
        ((500, 1500), ["center", "top", "bottom"], {"crop": (500, 1250), "pad": (600, 1500)}),
    ],
)
def test_each_way_to_a_ratio_makes_a_copy_that_passes(
    visitor: httpx.Client, size: tuple[int, int], labels: list[str], sizes: dict[str, tuple[int, int]]
) -> None:
    content = png(*size)
    file = give(visitor, content, FRAME)
    assert file["verdict"] == "refused"
    ways = file["framings"]
    assert [way["label"].split()[-1].lower() for way in ways] == [*labels, "blur", "black"]
    assert ways[0]["fix"] in file["fixes"]
    for way in ways:
        fixes = [way["fix"] if fix["name"] == "crop" else fix for fix in file["fixes"]]
        mended = mend(visitor, file["sha256"], FRAME, *fixes)[-1]["file"]
        assert (mended["width"], mended["height"]) == sizes[way["fix"]["name"]]
        assert mended["verdict"] == "pass"
        assert mended["framings"] == []
    assert visitor.get(f"/studio/files/{file['sha256']}/content").content == content


def test_a_fix_that_is_none_is_refused(visitor: httpx.Client, other: httpx.Client) -> None:
    file = give(visitor, png(), FRAME)
    asked = {"url": f"/studio/files/{file['sha256']}/fix", "params": FRAME}
    assert visitor.post(**asked, json={"fixes": [{"name": "explode"}]}).status_code == 400
    assert visitor.post(**asked, json={"fixes": [{"name": "crop", "ratio": "-1"}]}).status_code == 400
    for none in (1, {"name": "upright"}, "upright", None, [{"name": "upright"}] * 17):
        answer = visitor.post(**asked, json={"fixes": none})
        assert answer.status_code == 400
        assert "must be a list of 0 to 16" in answer.json()["error"]
    for number in ("1e60000000", "9" * 100_000, [5, 2], None):
        assert visitor.post(**asked, json={"fixes": [{"name": "crop", "ratio": number}]}).status_code == 400
    assert other.post(**asked, json={"fixes": []}).status_code == 404
    told = mend(visitor, file["sha256"], FRAME, {"name": "upscale", "side": 60_000})
    assert "60,000 × 60,000 pixels; the limit is 100 million" in told[-1]["error"]


def test_a_video_is_trimmed_with_its_progress_told(visitor: httpx.Client, tmp_path: Path) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="360x360", rate="10", seconds=20)
    file = give(visitor, clip.read_bytes(), CLIP)
    offers = file["trim"].pop("offers")
    rates = file["trim"].pop("rates")
    assert rates["720P"] == {"amount": "0.9", "sign": "¥", "unit": "CNY"}
    assert [fix["name"] for fix in file["trim"].pop("others")] == ["compress"]
    assert file["trim"] == {"least": 3.0, "most": 20.0, "keep": 15.0}
    assert [(one["seconds"], one["prices"]["720P"]) for one in offers] == [(15.0, "¥27.00"), (20.0, "¥31.50")]
    assert file["verdict"] == "advice"
    assert "You pay for all 20 s but get only 15 s" in [one["text"] for one in file["findings"]]
    told = mend(visitor, file["sha256"], CLIP, {"name": "trim", "start": "2", "length": "5", "within": ["3", "60"]})
    parts = [line["part"] for line in told[:-1]]
    assert parts == sorted(parts)
    assert told[-1]["file"]["seconds"] == 5
    assert told[-1]["file"]["trim"] is None


def test_a_crop_keeps_what_the_frame_was_dragged_to(visitor: httpx.Client) -> None:
    wide = Image.new("RGB", (1500, 500))
    wide.putdata([(x * 255 // 1499, 0, 0) for _ in range(500) for x in range(1500)])
    written = io.BytesIO()
    wide.save(written, "PNG")
    file = give(visitor, written.getvalue(), FRAME)
    (crop,) = (finding["fixes"] for finding in file["findings"] if finding["rule"] == "ratio")
    assert [one["name"] for one in crop] == ["crop", "compress"]
    fixed = mend(visitor, file["sha256"], FRAME, crop[0] | {"anchor": [0.2, 0.5]}, *crop[1:])[-1]["file"]
    assert (fixed["width"], fixed["height"]) == (1250, 500)
    with Image.open(io.BytesIO(visitor.get(f"/studio/files/{fixed['sha256']}/content").content)) as image:
        assert image.convert("RGB").getpixel((0, 250)) == wide.getpixel((50, 250))


def test_a_fix_says_what_it_does_and_is_offered_alone_only_where_it_is_enough(visitor: httpx.Client) -> None:
    small = give(visitor, png(299, 400), FRAME)
    assert [(one["rule"], one["label"]) for one in small["findings"] if one["fixes"]] == [("side", "Enlarge to 300 px")]
    both = give(visitor, png(900, 200), FRAME)
    assert not [one for one in both["findings"] if one["fixes"]]
    assert both["does"] == ["Crop to 2.5:1", "Enlarge to 300 px"]
    assert mend(visitor, both["sha256"], FRAME, *both["fixes"])[-1]["file"]["verdict"] == "pass"


def test_what_no_fix_helps_says_what_does(visitor: httpx.Client, tmp_path: Path) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="300x300", rate="10", seconds=2, picture="color")
    file = give(visitor, clip.read_bytes(), CLIP)
    assert file["fixes"] == file["does"] == []
    assert not [one for one in file["findings"] if one["fixes"] or one["label"]]
    (short,) = (one for one in file["findings"] if one["rule"] == "seconds")
    assert short["remedy"] == "Too short to fix: choose a longer video."


def test_a_video_shows_its_frames_side_by_side_to_who_gave_it(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    colours = [
        "-f",
        "lavfi",
        "-i",
        "color=red:s=360x640:d=3:r=10",
        "-f",
        "lavfi",
        "-i",
        "color=blue:s=360x640:d=3:r=10",
    ]
    run(
        *colours,
        "-filter_complex",
        "concat",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        str(clip),
    )
    file = give(visitor, clip.read_bytes(), CLIP)
    strip = f"/studio/files/{file['sha256']}/strip"
    with Image.open(io.BytesIO(visitor.get(strip).raise_for_status().content)) as image:
        assert image.size == (12 * 96, 96)
        reds = [red > blue for red, _, blue in (image.getpixel((96 * at + 48, 48)) for at in range(12))]
    assert reds == [True] * 6 + [False] * 6
    assert len(list((studio.data_dir / "media").rglob(f"{file['sha256']}.strip.jpg"))) == 1
    assert other.get(strip).status_code == 404
    picture = give(visitor, png(), FRAME)
    assert visitor.get(f"/studio/files/{picture['sha256']}/strip").status_code == 404


def test_whoever_leaves_cancels_the_fix(studio: StudioProcess, visitor: httpx.Client, tmp_path: Path) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="1280x720", rate="30", seconds=30)
    file = give(visitor, clip.read_bytes(), CLIP)
    ask = {"params": CLIP, "json": {"fixes": [{"name": "upscale", "side": 2000}]}}
    with visitor.stream("POST", f"/studio/files/{file['sha256']}/fix", **ask) as answer:
        lines = answer.iter_lines()
        assert "part" in json.loads(next(lines))
        wait_for(lambda: running("ffmpeg", studio.process.pid))
    wait_for(lambda: not left(studio))


def test_many_fixes_take_turns_and_keep_no_page_waiting(
    studio: StudioProcess, visitor: httpx.Client, tmp_path: Path
) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="640x360", rate="30", seconds=60)
    file = give(visitor, clip.read_bytes(), CLIP)
    ask = {"params": CLIP, "json": {"fixes": [{"name": "upscale", "side": 2000}]}}
    with ExitStack() as connections:
        told = []
        for _ in range(12):
            mending = visitor.stream("POST", f"/studio/files/{file['sha256']}/fix", **ask)
            told.append(connections.enter_context(mending).iter_lines())
        assert [json.loads(next(lines)) for lines in told] == [{"part": 0}] * 12
        wait_for(lambda: running("ffmpeg", studio.process.pid))
        assert visitor.get("/studio/jobs").json()["jobs"] == []
        assert len(running("ffmpeg", studio.process.pid)) == 1
    wait_for(lambda: not left(studio))
    mended = mend(visitor, file["sha256"], CLIP, {"name": "trim", "start": "0", "length": "3"})
    assert mended[-1]["file"]["seconds"] == 3


def left(studio: StudioProcess) -> list[Any]:
    """What the mending of videos has not put away yet."""
    return [*running("ffmpeg", studio.process.pid), *(studio.data_dir / "media").glob("*.part")]


def wait_for(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_visitors_many_files_keep_nobody_waiting(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client, tmp_path: Path
) -> None:
    heavy = io.BytesIO()
    Image.new("L", (8000, 3000)).save(heavy, "PNG", compress_level=1)
    mine = give(other, png(), FRAME)

    def flood(_: int) -> httpx.Response:
        with httpx.Client(base_url=studio.url, cookies=visitor.cookies, timeout=120) as client:
            return client.post("/studio/files", params=FRAME, content=heavy.getvalue())

    with ThreadPoolExecutor(44) as pool:
        answers = [pool.submit(flood, number) for number in range(44)]
        wait_for(lambda: any(answer.done() for answer in answers))
        assert give(other, png(501), FRAME)["width"] == 501
        assert other.get("/" + mine["thumbnail"]).status_code == 200
        assert not all(answer.done() for answer in answers)
        statuses = [answer.result().status_code for answer in answers]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 30
    for answer in answers:
        if answer.result().status_code == 503:
            assert answer.result().headers["retry-after"] == "10"
            assert "Try again in 10 seconds" in answer.result().json()["error"]


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions")
def test_what_the_studio_writes_is_its_owners_alone(studio: StudioProcess, visitor: httpx.Client) -> None:
    give(visitor, png(), FRAME)
    job = studio.submit(visitor, "A horse")
    studio.wait(visitor, job["id"])
    written = [studio.data_dir, *studio.data_dir.rglob("*"), *studio.output_dir.rglob("*")]
    assert {path.name for path in written} >= {"studio.db", "secret"}
    assert any(path.suffix == ".mp4" for path in written)
    open_to_others = {path.name for path in written if path.exists() and path.stat().st_mode & 0o077}
    assert open_to_others == set()
