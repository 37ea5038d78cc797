"""Bounds of what requests bring along: in-process, by a real server on a socket."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
import uvicorn
from gradio.route_utils import GradioMultiPartParser
from starlette.applications import Starlette
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.errors import StorageReserved
from studio.system.bodies import Bound
from studio.system.slots import Slots
from studio.web.edge.bodies import Bodies, Door
from studio.web.edge.forms import MOST_PARTS
from studio.web.text import Translation

pytestmark = pytest.mark.anyio


class Known:
    """Says who is asking, as the studio's middleware does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asking = dict(scope["headers"]).get(b"x-visitor", b"ada").decode()
            scope.setdefault("state", {}).update(words=Translation(), visitor=asking)
        await self._app(scope, receive, send)


class Served:
    """An application of some addresses behind such bounds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: list[BaseException] = []
        self.lets_out = False
        """Whether the upload fails when its body is no form, in place of saying so as Gradio's does."""
        self.free = 0
        """Bytes that may be written by ``/kept``."""
        self.asked_for: list[int] = []
        self.places = Slots(3, 2)
        doors = [
            Door(re.compile("/places"), Bound(100, seconds=30), self.places, streams=True),
            Door(
                re.compile("/kept"), Bound(1 << 30, seconds=30), Slots(9, 9), streams=True, form=True, room=self._room
            ),
            Door(
                re.compile("/upload"), Bound(100_000, seconds=30, patience=0.3), Slots(20, 20), streams=True, form=True
            ),
            Door(re.compile("/json/long"), Bound(1 << 20, seconds=30), Slots(9, 9)),
            Door(re.compile(""), Bound(1000, seconds=30, patience=0.3), Slots(20, 20)),
        ]
        app = Starlette(
            routes=[
                Route("/json", self._json, methods=["POST"]),
                Route("/unread", self._unread, methods=["POST"]),
                Route("/upload", self._upload, methods=["POST"]),
                Route("/kept", self._upload, methods=["POST"]),
                Route("/places", self._upload, methods=["POST"]),
            ],
            middleware=[Middleware(Known), Middleware(Bodies, doors=doors, unread=("/unread",))],
        )

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            except Exception as error:
                self.errors.append(error)
                raise

        self._server = uvicorn.Server(uvicorn.Config(watched, port=0, log_level="error", lifespan="off"))

    def _room(self, more: int) -> None:
        self.asked_for.append(more)
        written = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        if written + more > self.free:
            raise StorageReserved("Kept for finished videos (STUDIO_DISK_RESERVE).")

    async def _json(self, request: Request) -> Response:
        return JSONResponse({"given": await request.json(), "query": dict(request.query_params)})

    async def _unread(self, request: Request) -> Response:
        return Response(status_code=204)

    async def _upload(self, request: Request) -> Response:
        parser = GradioMultiPartParser(
            request.headers, request.stream(), upload_dir=str(self.folder), max_file_size=100_000_000
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            if self.lets_out:
                raise
            return PlainTextResponse(error.message, 400)
        return JSONResponse({"fields": len(form), "query": request.url.query})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110
            await anyio.sleep(0.01)
        try:
            yield self._server.servers[0].sockets[0].getsockname()[1]
        finally:
            self._server.should_exit = True
            await serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Served, int]]:
    application = Served(tmp_path)
    async with application.running() as port:
        yield application, port


async def raw(port: int, head: str, body: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST {head}\r\nHost: a\r\n\r\n".replace("|", "\r\n").encode() + body)
    await writer.drain()
    return reader, writer


PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
FORM = "/upload HTTP/1.1|Content-Type: multipart/form-data; boundary=b|Content-Length: 90000"


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(served: tuple[Served, int]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"[" * 100

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as web:
        for content in (b"[" * 2000, pieces()):
            answer = await web.post("/json", content=content)
            assert (answer.status_code, answer.json()["kind"]) == (413, "body_too_large")
            assert "larger than the limit of 0 KB" in answer.json()["error"]
        declared = await web.post("/upload", content=bytes(100_001), headers={"Content-Type": "a/b; boundary=b"})
        assert declared.status_code == 413
    assert served[0].errors == []


async def test_where_nothing_is_read_the_answer_does_not_wait_for_it(served: tuple[Served, int]) -> None:
    reader, writer = await raw(served[1], "/unread HTTP/1.1|Content-Length: 1000000000", b"{")
    assert b"204" in await reader.readline()
    writer.close()


async def test_texts_are_cleaned_before_anything_looks_at_them(served: tuple[Served, int]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as web:
        given = rb'{"a\u0000": ["\ud800b\u0000", "\ud83d\udc0e \u00e9", 1e999]}'.replace(b", 1e999", b"")
        answer = await web.post("/json?tag=a%00b", content=given)
        assert answer.json() == {"given": {"a": ["\ufffdb", "🐎 é"]}, "query": {"tag": "ab"}}
        assert (await web.post("/js%00on", content=b"{}")).status_code == 400
        plain = json.dumps({"a": "b"})
        assert (await web.post("/json", content=plain)).json()["given"] == {"a": "b"}


@pytest.mark.long
async def test_a_body_that_stops_coming_ends_with_a_sentence(served: tuple[Served, int]) -> None:
    application, port = served
    for head, start in (("/json HTTP/1.1|Content-Length: 900", b"{"), (FORM, PART + bytes(5000))):
        reader, writer = await raw(port, head, start)
        told = await reader.read(4096)
        assert b"408" in told.split(b"\r\n")[0]
        writer.close()
    assert application.errors == []
    assert list(application.folder.iterdir()) == []


@pytest.mark.parametrize("lets_out", [False, True])
async def test_of_an_upload_whose_sender_leaves_nothing_stays(served: tuple[Served, int], lets_out: bool) -> None:
    application, port = served
    application.lets_out = lets_out
    _, writer = await raw(port, FORM, PART + bytes(5000))
    while not list(application.folder.iterdir()):  # noqa: ASYNC110
        await anyio.sleep(0.01)
    writer.transport.abort()
    with anyio.fail_after(20):
        while list(application.folder.iterdir()):  # noqa: ASYNC110
            await anyio.sleep(0.01)
    assert application.errors == []


async def test_a_whole_upload_passes(served: tuple[Served, int]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as web:
        answer = await web.post("/upload", files={"files": ("a.png", bytes(50_000))})
        assert answer.json() == {"fields": 1, "query": ""}


async def test_a_form_of_many_parts_is_refused_however_it_is_cut(served: tuple[Served, int]) -> None:
    """Each is a file to Gradio. The delimiter may come in two pieces, and the parts may be empty."""
    application, port = served
    part = PART + b"a\r\n"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:

        async def sent(count: int, piece: int) -> httpx.Response:
            form = part * count + b"--b--\r\n"

            async def pieces() -> AsyncIterator[bytes]:
                for start in range(0, len(form), piece):
                    yield form[start : start + piece]

            kind = {"Content-Type": "multipart/form-data; boundary=b"}
            return await web.post("/upload", content=pieces(), headers=kind)

        for piece in (7, 1 << 20):
            assert (await sent(MOST_PARTS, piece)).status_code == 200
            for kept in application.folder.iterdir():
                kept.unlink()
            answer = await sent(MOST_PARTS + 1, piece)
            assert (answer.status_code, answer.json()["kind"]) == (413, "body_too_large")
            assert f"more than {MOST_PARTS} parts" in answer.json()["error"]
            assert list(application.folder.iterdir()) == []
    assert application.errors == []


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (PART + b"a\r\n" + PART.replace(b'; filename="a.png"', b"") + b"a\r\n--b--\r\n", "boundary=b"),
        (PART.replace(b'; filename="a.png"', b"") + b"a" * 90_000, "boundary=b"),
        (PART.replace(b'"files"', b'"other"') + b"a\r\n--b--\r\n", "boundary=b"),
        (PART + b"a\r\n" + PART + b"an end is missing", "boundary=b"),
        (PART + b"a\r\n--bc", "boundary=b"),
        (PART.replace(b"a.png", b"a/.<.") + b"a\r\n--b--\r\n", "boundary=b"),
        (b"--b\r\nnot a header\r\n\r\na\r\n--b--\r\n", "boundary=b"),
        (b"", "boundary=b"),
        (PART + b"a\r\n--b--\r\n", "boundary=b; charset=undefined"),
        (PART + b"a\r\n--b--\r\n", f"boundary={'b' * 300}"),
    ],
)
async def test_what_is_no_form_of_files_is_refused_and_leaves_none(
    served: tuple[Served, int], form: bytes, kind: str
) -> None:
    """Gradio's reader keeps fields in memory, leaves files of other names behind, and fails at the rest."""
    application, port = served

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(form), 50):
            yield form[start : start + 50]

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:
        headers = {"Content-Type": f"multipart/form-data; {kind}"}
        answer = await web.post("/upload", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (400, "body_malformed")
    assert "“files”" in answer.json()["error"]
    assert list(application.folder.iterdir()) == []
    assert application.errors == []


async def test_nobody_can_have_the_progress_of_an_upload_noted(served: tuple[Served, int]) -> None:
    """Gradio would keep it, under whatever id, until somebody asks for it; nobody can."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as web:
        answer = await web.post("/upload?upload_id=u", files={"files": ("a.png", b"a")})
        assert answer.json() == {"fields": 1, "query": ""}
        empty = await web.post("/upload?upload_id=u", headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert empty.json() == {"fields": 0, "query": ""}


async def test_an_upload_leaves_what_is_kept_for_results(served: tuple[Served, int]) -> None:
    """Whether it says beforehand how long it is or not; one that began is ended, and its files are put away."""
    application, port = served
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:
        answer = await web.post("/kept", files={"files": ("a.png", bytes(50_000))})
        assert (answer.status_code, answer.json()["kind"]) == (507, "storage_reserved")
        assert "STUDIO_DISK_RESERVE" in answer.json()["error"]
        assert application.asked_for[0] > 50_000

        async def form() -> AsyncIterator[bytes]:
            yield PART
            for _ in range(30):
                yield bytes(1 << 20)
            yield b"\r\n--b--\r\n"

        application.free = 20 << 20
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await web.post("/kept", content=form(), headers=headers)
        assert (answer.status_code, answer.json()["kind"]) == (507, "storage_reserved")
    assert not any(path.is_file() for path in application.folder.rglob("*"))
    assert application.errors == []


async def test_only_so_many_are_under_way_for_one_and_for_all(served: tuple[Served, int]) -> None:
    application, port = served
    head = "/places HTTP/1.1|Content-Type: multipart/form-data; boundary=b|Content-Length: 5|X-Visitor: "
    waiting = [await raw(port, head + name, b"-") for name in ("ada", "ada", "bo")]
    while application.places.taken[""] < 3:  # noqa: ASYNC110
        await anyio.sleep(0.01)
    assert application.places.taken == {"": 3, "ada": 2, "bo": 1}
    for visitor in ("ada", "eve"):
        reader, writer = await raw(port, head + visitor, b"12345")
        told = await reader.read(4096)
        assert b"503" in told.split(b"\r\n")[0]
        assert b"retry-after: 5" in told.lower()
        writer.close()
    for reader, writer in waiting:
        writer.write(b"-b--")
        assert b"503" not in (await reader.readline())  # taken in
        writer.close()
    while application.places.taken.total():  # noqa: ASYNC110
        await anyio.sleep(0.01)


async def test_json_of_more_values_than_anybody_sends_is_not_read(served: tuple[Served, int]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as client:
        answer = await client.post("/json/long", content=b"[" + b"[]," * 30_000 + b"[]]")
        assert (answer.status_code, answer.json()["kind"]) == (413, "many_values")


@pytest.mark.parametrize("character", ["%00", "%0A", "%0D%0A", "%1B", "%7F"])
async def test_an_address_with_a_control_character_is_refused(served: tuple[Served, int], character: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served[1]}") as client:
        answer = await client.post(f"/json{character}", json={})
        assert (answer.status_code, answer.json()["kind"]) == (400, "control_in_address")
