"""Jobs at AIVideoAPI: their money, their files, their callbacks; and two accounts side by side."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
from PIL import Image
from pydantic import SecretStr

from studio.catalog.models import CATALOG
from studio.catalog.pricing import quote
from studio.catalog.requests import ImageToVideo, TextToVideo, VideoEdit
from studio.config import Settings
from studio.database.states import State
from studio.errors import InvalidRequest, NotAllowed, PublishFailed
from studio.jobs.model import Job
from studio.jobs.submit.admission import admit
from studio.jobs.submit.publishing import require_way
from studio.media.preflight import billable_seconds, output
from studio.providers.base import TaskStatus
from studio.providers.upload_bucket import UploadBucket
from studio.service import Studio
from studio.system.pace import Pace
from studio.web.board.views import view
from studio.web.form.file_views import file_view
from studio.web.text import Translation
from tests.databases import make_job
from tests.jobs.test_engine import REQUEST, ended, run, settings_for, until
from tests.media.videos import make_video
from tests.servers import SandboxServer

CREDITS_REQUEST = TextToVideo(
    provider="aivideoapi", model="happyhorse-1.0-text-to-video", prompt="A horse at dawn", duration=3, seed=7
)
BUCKET_KEY = ("us-east-1", "AKIA", SecretStr("hush"))


def settings_of_both(sandbox: SandboxServer, folder: Path, **more: str) -> Settings:
    aivideo = {"AIVIDEOAPI_KEY": sandbox.aivideo_key, "AIVIDEOAPI_BASE_URL": sandbox.url}
    return settings_for(sandbox, folder, **aivideo, **more)


class Store(BaseHTTPRequestHandler):
    """An S3-compatible store, as far as signed addresses go: who has one may do what it is signed for."""

    objects: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_PUT(self) -> None:
        path = self._signed_for("PUT")
        self.objects[path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(self.objects[self._signed_for("GET")])

    def _signed_for(self, method: str) -> str:
        path, _, query = self.path.partition("?")
        given = parse_qs(query)
        stamp = datetime.strptime(given["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        bucket = UploadBucket(f"http://{self.headers['Host']}", "films", *BUCKET_KEY)
        key = path.removeprefix("/films/")
        assert bucket.presign(method, key, int(given["X-Amz-Expires"][0]), now=stamp).endswith(self.path)
        self.asked.append((method, path))
        return path

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def bucket_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def running(
    instant_server: SandboxServer, bucket_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A studio with an account at either cloud, and a bucket."""
    bucket = {
        "STUDIO_S3_ENDPOINT": bucket_url,
        "STUDIO_S3_BUCKET": "films",
        "STUDIO_S3_KEY_ID": BUCKET_KEY[1],
        "STUDIO_S3_SECRET": BUCKET_KEY[2].get_secret_value(),
    }
    settings = settings_of_both(instant_server, tmp_path_factory.mktemp("studio"), **bucket)
    with Studio(settings, pace=Pace(key_check_seconds=0.05)) as studio:
        yield studio


@pytest.fixture
def studio(running: Studio, instant_sandbox: SandboxServer) -> Studio:
    return running


def test_each_request_goes_to_the_account_of_its_provider(studio: Studio, instant_sandbox: SandboxServer) -> None:
    assert list(studio.engine.offered) == ["dashscope", "aivideoapi"]

    async def story() -> list[Job]:
        jobs = [await studio.engine.accept("ada", one) for one in (REQUEST, CREDITS_REQUEST)]
        return [await ended(studio, job) for job in jobs]

    at_dashscope, at_aivideoapi = run(story())
    assert (at_dashscope.account, at_dashscope.state) == ("dashscope:beijing", State.SUCCEEDED)
    assert (at_aivideoapi.account, at_aivideoapi.state) == ("aivideoapi", State.SUCCEEDED)
    assert at_aivideoapi.quote.currency == "credits"
    assert at_aivideoapi.quote.amount == Decimal("82.5")
    assert at_aivideoapi.usage.billed_seconds == 3
    assert (studio.output_dir / at_aivideoapi.video.path).is_file()
    made = {task["id"]: task["provider"] for task in instant_sandbox.statistics()["tasks"]}
    assert made == {at_dashscope.task_id: "dashscope", at_aivideoapi.task_id: "aivideoapi"}


def test_credits_are_taken_and_come_back_when_the_task_fails(studio: Studio, instant_sandbox: SandboxServer) -> None:
    async def story() -> Job:
        before = await studio.engine.check_key("aivideoapi")
        instant_sandbox.rules(hold="PENDING")
        job = await studio.engine.accept("ada", replace(CREDITS_REQUEST, prompt="sandbox:fail=DataInspectionFailed"))
        await until(studio, job, lambda now: now.task_id is not None)
        assert await studio.engine.check_key("aivideoapi") == before - Decimal("82.5")
        assert studio.engine.credits("aivideoapi") == before - Decimal("82.5")
        instant_sandbox.rules(hold=None)
        failed = await ended(studio, job)
        assert await studio.engine.check_key("aivideoapi") == before
        return failed

    failed = run(story())
    assert (failed.state, failed.fault.kind, failed.fault.charged) == (State.FAILED, "content_refused", "returned")


def test_a_job_waits_for_credits_and_nothing_was_charged(studio: Studio, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.post("/_control/credits", {"balance": 82})

    async def story() -> Job:
        job = await studio.engine.accept("ada", CREDITS_REQUEST)
        waits = await until(studio, job, lambda now: now.fault is not None)
        assert (waits.state, waits.task_id) == (State.QUEUED, None)
        assert (waits.fault.code, waits.fault.charged) == ("insufficient_credits", "no")
        assert instant_sandbox.statistics()["creations"] == 0
        instant_sandbox.post("/_control/credits", {"balance": 1000})
        await studio.engine.send_again("ada", job.id)
        return await ended(studio, job)

    assert run(story()).state is State.SUCCEEDED
    assert instant_sandbox.statistics()["creations"] == 1


def test_a_task_is_not_withdrawn_where_that_is_not_offered(studio: Studio, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.rules(hold="PENDING")

    async def story() -> None:
        job = await studio.engine.accept("ada", CREDITS_REQUEST)
        await until(studio, job, lambda now: now.task_status is TaskStatus.PENDING)
        with pytest.raises(NotAllowed):
            await studio.engine.cancel("ada", job.id)
        instant_sandbox.rules(hold=None)
        assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())


def test_a_file_goes_by_the_bucket_and_only_once(
    studio: Studio, instant_sandbox: SandboxServer, tmp_path: Path
) -> None:
    request = animate(studio, tmp_path)

    async def story() -> list[Job]:
        return [await ended(studio, await studio.engine.accept("ada", request)) for _ in range(2)]

    first, second = run(story())
    assert [first.state, second.state] == [State.SUCCEEDED, State.SUCCEEDED], first.fault
    path = f"/films/happyhorse-studio/{request.first_frame.sha256}.png"
    assert Store.objects[path] == studio.vault.path(request.first_frame.sha256).read_bytes()
    assert Store.asked.count(("PUT", path)) == 1
    assert ("GET", path) in Store.asked


def test_without_any_way_a_file_is_refused(studio: Studio, tmp_path: Path) -> None:
    request = animate(studio, tmp_path)
    nowhere = replace(studio.engine.accounts["aivideoapi"], upload=None, links=None)
    with pytest.raises(PublishFailed, match=r"STUDIO_PUBLIC_URL .*STUDIO_S3_ENDPOINT"):
        require_way(request, nowhere)
    given_by_address = replace(request.first_frame, url="https://example.com/frame.png")
    require_way(replace(request, first_frame=given_by_address), nowhere)
    require_way(CREDITS_REQUEST, nowhere)


def test_what_was_measured_is_what_goes_out_though_it_was_given_by_an_address(studio: Studio, tmp_path: Path) -> None:
    elsewhere = "https://example.com/another-for-everyone.png"
    picture = tmp_path / "given.png"
    Image.effect_noise((500, 501), 20).save(picture)
    frame = studio.vault.keep("ada", "image", "given.png", picture, url=elsewhere).asset
    assert frame.url == elsewhere
    request = replace(animate(studio, tmp_path), first_frame=frame)
    job = run(accept_and_end(studio, request))
    assert job.state is State.SUCCEEDED, job.fault
    assert job.request.first_frame == replace(frame, url=None)
    assert ("GET", f"/films/happyhorse-studio/{frame.sha256}.png") in Store.asked


async def accept_and_end(studio: Studio, request: ImageToVideo) -> Job:
    return await ended(studio, await studio.engine.accept("ada", request))


def test_a_video_where_an_image_belongs_is_refused_and_nobody_waits(studio: Studio, tmp_path: Path) -> None:
    without = replace(studio.engine.accounts["aivideoapi"], upload=None, links=None)
    clip = make_video(tmp_path / "clip.mp4", seconds=3)
    video = studio.vault.keep("ada", "video", "clip.mp4", clip, url="https://example.com/clip.mp4").asset
    animated = replace(animate(studio, tmp_path), first_frame=video)
    with pytest.raises(InvalidRequest, match=r"clip\.mp4"):
        admit(animated, "ada", without, studio.vault)
    picture = studio.vault.file("ada", animate(studio, tmp_path).first_frame.sha256)
    edit = CATALOG.model("aivideoapi", "happyhorse-1.0-video-edit")
    made = output({"video": [picture], "references": []}, edit, "720P", takes_files=False)
    assert (made.billed_input, made.seconds) == (None, None)


def test_where_the_cloud_fetches_a_video_itself_the_longest_is_priced_and_told(studio: Studio, tmp_path: Path) -> None:
    with_way = studio.engine.accounts["aivideoapi"]
    without = replace(with_way, upload=None, links=None)
    clip = make_video(tmp_path / "clip.mp4", seconds=3)
    given = studio.vault.keep("ada", "video", "clip.mp4", clip, url="https://example.com/clip.mp4")
    edit = VideoEdit(
        provider="aivideoapi",
        model="happyhorse-1.0-video-edit",
        prompt="At night",
        video=given.asset,
        resolution="720P",
    )
    ours, length = admit(edit, "ada", with_way, studio.vault)
    assert (ours.assets[0].url, length) == (None, given.facts.seconds)
    uneven = replace(given, facts=replace(given.facts, longest=Decimal(20)))
    assert billable_seconds(uneven, edit.catalog_model, with_way.takes_files) == 20
    theirs, longest = admit(edit, "ada", without, studio.vault)
    assert (theirs.assets[0].url, longest) == ("https://example.com/clip.mp4", 60)
    price = quote(theirs, with_way.region, input_seconds=longest)
    assert price.seconds == 75
    job = make_job(request=theirs, account="aivideoapi", quote=price)
    assert "AIVideoAPI fetches clip.mp4 from the address you gave" in view(job, Translation())["note"]
    assert "address" not in view(replace(job, request=ours), Translation())["note"]
    warned = [one["text"] for one in file_view(given, edit.catalog_model, "video", Translation(), without)["findings"]]
    assert any(text.startswith("AIVideoAPI fetches this file from its address") for text in warned)
    assert "address" not in str(file_view(given, edit.catalog_model, "video", Translation(), with_way)["findings"])


def test_a_lie_is_believed_by_nobody(studio: Studio, instant_sandbox: SandboxServer) -> None:
    instant_sandbox.rules(hold="RUNNING")

    async def story() -> None:
        job = await studio.engine.accept("ada", CREDITS_REQUEST)
        seen = await until(studio, job, lambda now: now.task_status is TaskStatus.RUNNING)
        for _ in range(100):
            studio.engine.hint("aivideoapi", seen.task_id)
        await asyncio.sleep(1)
        assert (await studio.engine.job("ada", job.id)).state is State.WAITING
        instant_sandbox.rules(hold=None)
        assert (await ended(studio, job)).state is State.SUCCEEDED

    run(story())


def animate(studio: Studio, folder: Path) -> ImageToVideo:
    """A request with a first frame of ada's."""
    Image.new("RGB", (640, 480), "teal").save(folder / "frame.png")
    held = studio.vault.keep("ada", "image", "frame.png", folder / "frame.png")
    return ImageToVideo(
        provider="aivideoapi",
        model="happyhorse-1.0-image-to-video",
        prompt="It rains",
        first_frame=held.asset,
        duration=3,
    )
