from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from studio.web.cache import PageCache
from tests.studio_process import StudioProcess


class Source:
    """A page that counts how often it is rendered, and fails while it is told to."""

    def __init__(self) -> None:
        self.renderings = 0
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.renderings += 1
        host = dict(scope["headers"])[b"host"]
        body = b"<head></head>page %d of %s " % (self.renderings, host) * 50
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"set-cookie", b"inner=1")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:20], "more_body": True})
        await send({"type": "http.response.body", "body": body[20:]})


@contextmanager
def served(source: Source) -> Iterator[httpx.Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(PageCache(source, head="<script>1</script>"), log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def test_the_page_is_rendered_once_for_a_host_and_sent_as_it_is_asked_for() -> None:
    source = Source()
    with served(source) as client:
        plain = client.get("/", headers={"Accept-Encoding": "identity"})
        zipped = client.get("/", headers={"Accept-Encoding": "br, gzip"})
        assert plain.content == zipped.content == client.get("/?view=api").content
        assert plain.text.startswith("<head><script>1</script></head>page 1")
        assert "content-encoding" not in plain.headers
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
        assert source.renderings == 1
        assert b"other.example" in client.get("/", headers={"Host": "other.example"}).content
        assert client.get("/").content == plain.content
        assert source.renderings == 2


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("GET", "/config"), ("HEAD", "/")])
def test_everything_else_passes_by(method: str, path: str) -> None:
    source = Source()
    with served(source) as client:
        for _ in range(2):
            assert client.request(method, path).headers["set-cookie"] == "inner=1"
        assert source.renderings == 2


def test_a_page_that_failed_says_so_and_is_not_kept() -> None:
    source = Source()
    source.status = 500
    with served(source) as client:
        assert client.get("/").status_code == 500
        source.status = 200
        assert client.get("/").status_code == 200
        assert source.renderings == 2


def test_hosts_without_end_do_not_fill_the_memory() -> None:
    source = Source()
    with served(source) as client:
        for number in range(40):
            client.get("/", headers={"Host": f"host-{number}.example"})
        before = source.renderings
        client.get("/", headers={"Host": "host-0.example"})
        assert source.renderings == before
        client.get("/", headers={"Host": "host-39.example"})
        assert source.renderings == before + 1


def test_the_studios_page_is_the_same_for_all_but_each_gets_a_cookie(studio: StudioProcess) -> None:
    answers = [httpx.get(studio.url, headers={"Accept-Encoding": "gzip"}, timeout=30) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[0].cookies["happyhorse"] != answers[1].cookies["happyhorse"]
    assert len(gzip.compress(answers[0].content)) < 40_000
