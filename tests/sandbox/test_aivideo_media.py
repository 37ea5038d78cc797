"""AIVideoAPI's side of the sandbox fetches and judges what it is given, by the limits of its own document."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from studio.media.facts import probe_video
from tests.media.videos import make_video
from tests.sandbox.aivideo import Account, edit, i2v, r2v, refusal, t2v
from tests.sandbox.media_server import MediaServer, asked
from tests.servers import SandboxServer


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaServer]:
    """Files that are right and files that each break one rule."""
    place = tmp_path_factory.mktemp("media")
    scene = Image.linear_gradient("L").convert("RGB")
    for name in ("good.jpg", "good.png", "good.webp", "bad.gif"):
        scene.resize((640, 480)).save(place / name)
    scene.resize((299, 480)).save(place / "small.png")
    scene.resize((399, 640)).save(place / "reference-small.png")
    scene.resize((1001, 400)).save(place / "wide.png")
    (place / "21 MB.png").write_bytes((place / "good.png").read_bytes() + bytes(21 << 20))
    make_video(place / "good.mp4", size="360x360", seconds=3, sound=True)
    make_video(place / "good.mov", size="320x360", seconds=3, picture="color")
    make_video(place / "bad.mkv", size="360x360", seconds=3, picture="color")
    make_video(place / "short.mp4", size="360x360", seconds=2.9, rate="10", picture="color")
    make_video(place / "long.mp4", size="360x360", seconds=60.5, rate="10", picture="color")
    make_video(place / "slow.mp4", size="360x360", seconds=3, rate="8", picture="color")
    make_video(place / "low.mp4", size="360x318", seconds=3, picture="color")
    make_video(place / "high.mp4", size="2162x1000", seconds=3, rate="9", picture="color")
    make_video(place / "broad.mp4", size="904x360", seconds=3, picture="color")
    (place / "101 MB.mp4").write_bytes((place / "good.mp4").read_bytes() + bytes(100 << 20))
    with MediaServer(place) as server:
        yield server


@pytest.fixture
def account(instant_sandbox: SandboxServer) -> Account:
    return Account(instant_sandbox)


def failure(account: Account, body: dict[str, object]) -> str:
    """The message of the failed task; nothing of one that was completed."""
    told = account.finished(account.task(body))
    assert told["status"] == ("failed" if "error" in told else "completed")
    return str(told.get("error", {}).get("message", ""))


@pytest.mark.parametrize("name", ["good.jpg", "good.png", "good.webp", "to/good.png"])
def test_an_image_within_the_limits_passes(account: Account, web: MediaServer, name: str) -> None:
    assert failure(account, i2v(f"{web.url}/{name}")) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bad.gif", "InvalidFile.Format: input.image_urls[0]: the format is GIF"),
        ("21 MB.png", "InvalidFile.Size: input.image_urls[0]: the size is 21.00 MB; it must be at most 20 MB"),
        ("small.png", "InvalidFile.Resolution: input.image_urls[0]: the size is 299 x 480"),
        ("wide.png", "InvalidFile.Resolution: input.image_urls[0]: the size is 1001 x 400; its aspect ratio"),
        ("good.mp4", "InvalidParameter.DataInspection: input.image_urls[0]: "),
        ("nowhere.png", "InvalidParameter.DataInspection: input.image_urls[0]: "),
        ("loop", "InvalidURL: input.image_urls[0]: "),
    ],
)
def test_an_image_beyond_the_limits_fails_the_task(account: Account, web: MediaServer, name: str, told: str) -> None:
    assert failure(account, i2v(f"{web.url}/{name}")).startswith(told)


def test_a_sandbox_that_strangers_use_fetches_from_the_web_alone(account: Account, web: MediaServer) -> None:
    """As that of a studio does: this machine's ports look alike, whether something listens there or not."""
    account.sandbox.rules(private_urls=False)
    nobody = "http://127.0.0.1:1/good.png"
    told = {failure(account, i2v(url)) for url in (f"{web.url}/good.png", f"{web.url}/to/good.png", nobody)}
    assert told == {"InvalidURL: input.image_urls[0]: the provided URL does not appear to be valid."}


def test_references_have_limits_of_their_own(account: Account, web: MediaServer) -> None:
    good, wide, small = (f"{web.url}/{name}.png" for name in ("good", "wide", "reference-small"))
    assert failure(account, r2v(wide, good)) == ""
    told = failure(account, r2v(good, small))
    assert told.startswith("InvalidFile.Resolution: input.image_urls[1]: the size is 399 x 640")
    video = f"{web.url}/good.mp4"
    assert failure(account, edit(video, *[good] * 5)) == ""
    assert failure(account, edit(video, good, wide)).startswith("InvalidFile.Resolution: input.image_urls[1]: ")


@pytest.mark.parametrize("name", ["good.mp4", "good.mov"])
def test_a_video_within_the_limits_passes(account: Account, web: MediaServer, name: str) -> None:
    told = account.finished(account.task(edit(f"{web.url}/{name}")))
    assert told["output"]["metadata"]["usage"] == {"video_count": 1, "video_duration": 3.0}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bad.mkv", "the format is Matroska; it must be one of MP4, MOV"),
        ("101 MB.mp4", "it must be at most 100 MB"),
        ("short.mp4", "the duration is 2.90 s; it must be between 3 and 60 s"),
        ("long.mp4", "the duration is 60.50 s"),
        ("slow.mp4", "the frame rate is 8.00; it must be greater than 8"),
        ("low.mp4", "360 x 318; width and height must be at least 320 pixels"),
        ("high.mp4", "2162 x 1000; width and height must be at most 2160 pixels"),
        ("broad.mp4", "904 x 360; its aspect ratio must be between 0.4 and 2.5"),
        ("good.png", "The media format is not supported"),
        ("nowhere.mp4", "Unable to download the media resource"),
    ],
)
def test_a_video_beyond_the_limits_is_refused_since_its_price_is_unknown(
    account: Account, web: MediaServer, name: str, told: str
) -> None:
    status, code, message = refusal(account.create(edit(f"{web.url}/{name}")))
    assert (status, code) == (400, "invalid_request")
    assert message.startswith("input.video_urls[0]: ")
    assert told in message
    assert account.sandbox.statistics()["creations"] == 0


def test_a_video_that_never_comes_is_given_up(account: Account, web: MediaServer) -> None:
    account.sandbox.rules(fetch_seconds=0.3)
    told = "input.video_urls[0]: downloading the URL timed out."
    assert refusal(account.create(edit(f"{web.url}/hang"))) == (400, "invalid_request", told)


def test_the_model_that_both_providers_name_alike_runs_at_each(account: Account, web: MediaServer) -> None:
    sandbox, video = account.sandbox, f"{web.url}/good.mp4"
    sandbox.rules(pending=0, hold="RUNNING", running_per_model=1)
    there, here = sandbox.task(asked("video-edit", ("video", video))), account.task(edit(video))
    deadline = time.monotonic() + 30
    while account.get(here)["status"] == "pending" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert account.get(here)["status"] == "processing"
    assert sandbox.get(there)["output"]["task_status"] == "RUNNING"


@pytest.mark.slow
def test_each_mode_makes_the_video_that_was_asked_for(sandbox: SandboxServer, web: MediaServer, tmp_path: Path) -> None:
    sandbox.rules(limited=False, pending=0, running=0)
    account = Account(sandbox)
    image = f"{web.url}/good.png"
    sizes = {
        account.task(t2v(aspect_ratio="9:16", resolution="1080p")): (1080, 1920),
        account.task(i2v(image)): (1108, 832),
        account.task(r2v(image, aspect_ratio="1:1")): (960, 960),
        account.task(edit(f"{web.url}/good.mp4", image, audio_setting="origin")): (960, 960),
    }
    for task_id, size in sizes.items():
        told = account.finished(task_id, seconds=60)
        video = tmp_path / f"{task_id}.mp4"
        video.write_bytes(sandbox.http.get(told["output"]["urls"][0]).content)
        facts = probe_video(video)
        assert ((facts.width, facts.height), round(facts.seconds, 1)) == (size, 3), told["model"]
