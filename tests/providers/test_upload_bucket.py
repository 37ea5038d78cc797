"""A bucket: what is signed, what is put, and what its refusals become."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from studio.errors import NotSent, PublishFailed, StudioError
from studio.providers.upload_bucket import FETCH_SECONDS, UploadBucket
from studio.system.pace import Pace
from tests.providers.wires import told_by
from tests.servers import ScriptedServer, answer

pytestmark = pytest.mark.anyio

SECRET = SecretStr("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
NAME = "a" * 64


def bucket(endpoint: str, name: str = "films") -> UploadBucket:
    return UploadBucket(endpoint, name, "us-east-1", "AKIAIOSFODNN7EXAMPLE", SECRET, pace=Pace(first_wait=0.0))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(b"x" * 600_000)
    return path


def test_an_address_is_signed_as_in_amazons_example() -> None:
    """Amazon S3 API reference, Authenticating Requests: Using Query Parameters."""
    midnight = 1369353600  # 24 May 2013
    url = bucket("https://examplebucket.s3.amazonaws.com", "examplebucket").presign(
        "GET", "test.txt", 86400, now=midnight
    )
    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


async def test_a_file_is_put_whole_and_its_address_lasts_two_days(image: Path) -> None:
    told: list[int] = []
    async with ScriptedServer(answer()) as server:
        published = await bucket(server.url).upload(image, "Ada's face.PNG", "any-model", told.append)
    (head,) = server.requests
    assert head.startswith(f"PUT /films/happyhorse-studio/{NAME}.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert "content-length: 600000" in head.lower()
    assert "content-type: image/png" in head.lower()
    assert "transfer-encoding" not in head.lower()
    assert told[-1] == 600_000
    address = urlsplit(published.url)
    assert address.path == f"/films/happyhorse-studio/{NAME}.png"
    assert parse_qs(address.query)["X-Amz-Expires"] == [str(FETCH_SECONDS)]
    assert "Ada" not in published.url


async def test_a_name_makes_no_file_a_page(image: Path) -> None:
    async with ScriptedServer(answer()) as server:
        published = await bucket(server.url).upload(image, "face.html", "", lambda count: None)
    assert "content-type: application/octet-stream" in server.requests[0].lower()
    assert ".html" not in published.url


async def test_what_passes_is_tried_again(image: Path) -> None:
    async with ScriptedServer(answer(status="503 Slow Down"), answer(status="500 Oops"), answer()) as server:
        await bucket(server.url).upload(image, "a.jpg", "", lambda count: None)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("endpoint", "kind", "said", "tries"),
    [
        (
            answer(b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "403 No"),
            PublishFailed,
            "HTTP 403, SignatureDoesNotMatch",
            1,
        ),
        (answer(status="404 No"), PublishFailed, "HTTP 404", 1),
        (answer(status="301 Moved", location="https://other.example"), PublishFailed, "HTTP 301", 1),
        (answer(status="503 Slow Down"), NotSent, "HTTP 503", 3),
        (answer(status="429 Too Many Requests"), NotSent, "HTTP 429", 3),
    ],
    ids=["signature", "missing", "region", "down", "busy"],
)
async def test_a_refusal_names_the_setting_and_no_secret(
    image: Path, endpoint: bytes, kind: type[StudioError], said: str, tries: int
) -> None:
    """What may pass is said in a way that lets the job wait; the rest fails it."""
    async with ScriptedServer(endpoint) as server:
        with pytest.raises(kind) as caught:
            await bucket(server.url).upload(image, "a.jpg", "", lambda count: None)
    assert "STUDIO_S3_BUCKET" in str(caught.value)
    assert said in str(caught.value)
    assert len(server.requests) == tries
    shown = told_by(caught.value) + repr(bucket(server.url)) + repr(bucket(server.url).__dict__)
    assert SECRET.get_secret_value() not in shown
    assert "X-Amz-Signature" not in told_by(caught.value)


async def test_a_store_that_is_not_there_is_told(image: Path) -> None:
    with pytest.raises(NotSent, match="cannot be reached"):
        await bucket("http://127.0.0.1:9").upload(image, "a.jpg", "", lambda count: None)
