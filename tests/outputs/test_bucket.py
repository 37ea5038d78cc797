"""What may be wrong with a store, and with the way to it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import anyio.to_thread
import httpx
import pytest

from studio.errors import ConfigError, OutputGone, SaveError, StorageRefused, StorageUnreachable
from studio.outputs.base import Access
from studio.outputs.bucket import PART, Bucket, Patience
from studio.outputs.locations import open_outputs
from tests.outputs.store import SECRET, CuttingGate, Store, access
from tests.servers import ScriptedServer, answer

NAME = "m/videos/a.mp4"
SHORT = Patience(connect=0.5, block=0.5, part=0.5, retries=1)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a video")
    return path


@pytest.fixture
def gate(s3_store: Store) -> Iterator[CuttingGate]:
    with CuttingGate(s3_store.url) as gate:
        yield gate


def tries(bucket: Bucket, video: Path) -> Iterator[Exception]:
    """What each use of the bucket raises."""
    for use in (lambda: bucket.put(video, NAME), lambda: bucket.stat(NAME), lambda: bucket.delete(NAME)):
        with pytest.raises(SaveError) as caught:
            use()
        yield caught.value


def test_what_it_puts_has_its_prefix_its_kind_and_its_digest(s3_store: Store, video: Path) -> None:
    name = s3_store.bucket()
    Bucket(name, "studio", access(s3_store.url)).put(video, NAME)
    (key,) = s3_store.keys(name)
    assert key == f"studio/{NAME}"
    head = s3_store.client.head_object(Bucket=name, Key=key)
    assert (head["ContentType"], head["ContentLength"]) == ("video/mp4", 7)
    assert len(head["Metadata"]["sha256"]) == 64


def test_a_large_video_goes_up_in_parts(s3_store: Store, tmp_path: Path) -> None:
    name, path = s3_store.bucket(), tmp_path / "large"
    path.write_bytes(os.urandom(2 * PART + 1))
    Bucket(name, "", access(s3_store.url)).put(path, NAME)
    assert s3_store.client.head_object(Bucket=name, Key=NAME)["ETag"].strip('"').endswith("-3")


def test_a_signed_address_works_for_whoever_has_it(s3_store: Store, video: Path) -> None:
    bucket = Bucket(s3_store.bucket(), "ü %", access(s3_store.url))
    bucket.put(video, NAME)
    address = bucket.address(NAME, 600)
    assert address is not None
    assert "X-Amz-Expires=600" in address
    assert SECRET not in address
    assert httpx.get(address, headers={"Range": "bytes=2-"}).content == b"video"


def test_a_store_that_is_down_is_unreachable_and_works_again_when_it_is_up(
    gate: CuttingGate, s3_store: Store, video: Path
) -> None:
    bucket = Bucket(s3_store.bucket(), "", access(gate.url), SHORT)
    gate.shut()
    for error in tries(bucket, video):
        assert (type(error), str(error)) == (StorageUnreachable, "The storage cannot be reached: no connection.")
    bucket.check()  # the start does not wait for it
    gate.open()
    bucket.put(video, NAME)
    assert s3_store.keys(bucket.location.removeprefix("s3://")) == [NAME]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        (answer(b"<Error><Code>AccessDenied</Code></Error>", "403 Forbidden"), StorageRefused, "HTTP 403"),
        (answer(b"", "401 Unauthorized"), StorageRefused, "HTTP 401"),
        (answer(b"", "301 Moved Permanently"), StorageRefused, "wrong region"),
        (answer(b"<Error><Code>InternalError</Code></Error>", "500 Oops"), StorageUnreachable, "HTTP 500"),
        (answer(b"<Error><Code>SlowDown</Code></Error>", "503 Slow Down"), StorageUnreachable, "HTTP 503"),
        (b"this is not HTTP\r\n\r\n", StorageUnreachable, "no connection"),
    ],
    ids=["403", "401", "region", "500", "503", "garbage"],
)
async def test_what_it_answers_is_told_in_short(video: Path, said: bytes, kind: type[SaveError], reason: str) -> None:
    async with ScriptedServer(said) as server:
        bucket = Bucket("films", "", access(server.url), SHORT)
        errors = await anyio.to_thread.run_sync(lambda: list(tries(bucket, video)))
        for error in errors:
            assert type(error) is kind
            assert reason in str(error)
            assert SECRET not in str(error)
            assert "127.0.0.1" not in str(error)
        if kind is StorageRefused:
            with pytest.raises(ConfigError, match=r"OUTPUT_DIR is s3://films.*STUDIO_S3_KEY_ID"):
                await anyio.to_thread.run_sync(bucket.check)


def test_a_bucket_that_is_not_there_is_refused_at_the_start(s3_store: Store, video: Path) -> None:
    bucket = Bucket("no-such-bucket-here", "", access(s3_store.url))
    with pytest.raises(ConfigError, match="NoSuchBucket"):
        bucket.check()
    with pytest.raises(StorageRefused, match="NoSuchBucket"):
        bucket.put(video, NAME)


def test_a_socks_proxy_on_the_way_is_said(s3_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    bucket = Bucket(s3_store.bucket(), "", access(s3_store.url))
    with pytest.raises(ConfigError, match=r"OUTPUT_DIR is .*SOCKS.*add 127\.0\.0\.1 to NO_PROXY"):
        bucket.check()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Bucket(bucket.location.removeprefix("s3://"), "", access(s3_store.url)).check()


@pytest.mark.anyio
async def test_one_that_says_nothing_is_not_waited_for_forever(video: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1")
    host, port = server.sockets[0].getsockname()
    bucket = Bucket("films", "", access(f"http://{host}:{port}"), SHORT)
    begun = time.monotonic()
    with pytest.raises(StorageUnreachable, match="no answer in time"):
        await anyio.to_thread.run_sync(lambda: bucket.put(video, NAME))
    assert time.monotonic() - begun < 10
    server.close()


def test_an_answer_that_is_cut_is_asked_for_again(gate: CuttingGate, s3_store: Store, tmp_path: Path) -> None:
    bucket, path = Bucket(s3_store.bucket(), "", access(gate.url)), tmp_path / "large"
    content = os.urandom(1 << 20)
    path.write_bytes(content)
    bucket.put(path, NAME)
    stat = bucket.stat(NAME)
    assert stat is not None
    gate.after, gate.times = 100_000, 1
    assert b"".join(bucket.read(NAME, stat)) == content
    gate.times = 10**6
    with pytest.raises(StorageUnreachable):
        list(bucket.read(NAME, stat))


def test_a_file_that_another_took_away_is_gone_at_the_first_block(s3_store: Store, video: Path) -> None:
    name = s3_store.bucket()
    bucket = Bucket(name, "", access(s3_store.url))
    bucket.put(video, NAME)
    stat = bucket.stat(NAME)
    assert stat is not None
    s3_store.client.delete_object(Bucket=name, Key=NAME)
    with pytest.raises(OutputGone):
        list(bucket.read(NAME, stat))
    assert bucket.stat(NAME) is None


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("s3://", "must name a bucket"),
        ("s3:///films", "must name a bucket"),
        ("s3://films/a//b", "single slashes"),
        ("s3://films/../b", "single slashes"),
        ("gs://films", "must be a folder, or an address that begins with s3://"),
    ],
)
def test_an_address_that_is_none_is_refused(location: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        open_outputs(location, access("https://store.example"))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match="STUDIO_S3_KEY_ID and STUDIO_S3_SECRET are not set"):
        open_outputs("s3://films", Access(endpoint="https://store.example"))
