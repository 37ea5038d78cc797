from __future__ import annotations

import gzip
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from studio.web.shell.cache import MOST_KEPT, PageCache
from tests.edge import serving
from tests.studio_process import StudioProcess


class Source:
    """A page that counts how often it is rendered, and fails while it is told to."""

    def __init__(self) -> None:
        self.renderings = 0
        self.status = 200
        self.at_once = self.most_at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await anyio.sleep(0.01)
        self.at_once -= 1
        self.renderings += 1
        host = dict(scope["headers"])[b"host"]
        body = b"<head></head>page %d of %s %s" % (self.renderings, host, scope["query_string"]) * 50
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"set-cookie", b"inner=1")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:20], "more_body": True})
        await send({"type": "http.response.body", "body": body[20:]})


def served(source: Source) -> AbstractContextManager[httpx.Client]:
    return serving.served(PageCache(source, head="<script>1</script>"))


def test_the_page_is_rendered_once_for_a_host_and_sent_as_it_is_asked_for() -> None:
    source = Source()
    with served(source) as client:
        plain = client.get("/", headers={"Accept-Encoding": "identity"})
        zipped = client.get("/", headers={"Accept-Encoding": "br, gzip"})
        assert plain.content == zipped.content == client.get("/?view=api").content
        assert plain.text.startswith("<head><script>1</script></head>page 1")
        assert "content-encoding" not in plain.headers
        assert zipped.headers["content-encoding"] == "br"
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
        assert source.renderings == 1
        assert b"other.example" in client.get("/", headers={"Host": "other.example"}).content
        assert client.get("/").content == plain.content
        assert source.renderings == 2


def test_what_one_asks_for_behind_the_address_is_in_nobodys_page() -> None:
    source = Source()
    with served(source) as client:
        for asked in ("/?deep_link=a", "/"):
            assert "deep_link" not in client.get(asked).text
    with served(source) as client:
        assert "deep_link" not in client.post("/?deep_link=a").text


def test_one_is_rendered_after_the_other() -> None:
    source = Source()
    with served(source) as client, ThreadPoolExecutor(8) as many:

        def ask(number: int) -> int:
            path, host = ("/config", "/")[number % 2], f"192.0.2.{number}"
            return client.get(path, headers={"Host": host}).status_code

        assert set(many.map(ask, range(16))) == {200}
        assert (source.renderings, source.most_at_once) == (16, 1)
        assert set(many.map(ask, [17] * 8)) == {200}  # who waits for a page that is made meanwhile makes no other
        assert source.renderings == 17


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


@pytest.mark.long
def test_hosts_without_end_fill_no_memory_and_leave_the_page_in_use_where_it_is() -> None:
    source = Source()
    with served(source) as client:
        for number in range(MOST_KEPT + 8):
            client.get("/", headers={"Host": f"192.0.2.{number}"})
            client.get("/", headers={"Host": "studio.example"})
        assert source.renderings == MOST_KEPT + 8 + 1
        client.get("/", headers={"Host": "192.0.2.0"})
        assert source.renderings == MOST_KEPT + 8 + 2  # it was the oldest


def test_the_studios_page_is_the_same_for_all_but_each_gets_a_cookie(studio: StudioProcess) -> None:
    answers = [httpx.get(studio.url, headers={"Accept-Encoding": "gzip"}, timeout=30) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[0].cookies["happyhorse"] != answers[1].cookies["happyhorse"]
    assert len(gzip.compress(answers[0].content)) < 40_000


def test_a_page_that_is_asked_for_again_is_packed_better() -> None:
    async def tests(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": Path(__file__).read_bytes()})

    with serving.served(PageCache(tests, head="")) as client:
        sizes = [int(client.get("/", headers={"Accept-Encoding": "br"}).headers["content-length"])]
        deadline = time.monotonic() + 30
        while sizes[-1] == sizes[0] and time.monotonic() < deadline:
            sizes.append(int(client.get("/", headers={"Accept-Encoding": "br"}).headers["content-length"]))
    assert sizes[-1] < sizes[0]


def test_of_gradios_page_what_is_had_otherwise_is_left_out(studio: StudioProcess) -> None:
    page = httpx.get(studio.url, timeout=30).text
    assert "if (parent !== window) document.head.appendChild(script)" in page, "no frame, no resizer"
    assert re.search(r'disabled: true, href: "\./assets/index-[\w-]+\.css"', page), "the studio's sheet has it"


def test_the_sheet_of_the_theme_is_kept_for_good_under_its_own_version_alone(studio: StudioProcess) -> None:
    version = re.search(r'"theme_hash": ?"(\w+)"', httpx.get(studio.url, timeout=30).text)
    assert version is not None
    kept = httpx.get(f"{studio.url}/theme.css?v={version[1]}", timeout=30)
    assert (kept.status_code, "immutable" in kept.headers["cache-control"]) == (200, True)
    for other in ("", "?v=0123abcd"):
        answer = httpx.get(f"{studio.url}/theme.css{other}", timeout=30)
        assert answer.text == kept.text
        assert "immutable" not in answer.headers.get("cache-control", "")
