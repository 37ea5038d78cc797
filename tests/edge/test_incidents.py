from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from inspect import signature
from pathlib import Path

import anyio
import gradio as gr
import pytest
from gradio.routes import App
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from studio.config import Settings
from studio.web.edge.incidents import unforeseen
from studio.web.edge.stack import around, edge
from studio.web.shell.blocks import StudioBlocks
from tests.edge.serving import SECRET, made, served

INNER = "/home/ada/secret.db has no attribute"


async def broken(_: Request) -> Response:
    raise RuntimeError(INNER)


async def cut(_: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        yield "begun"
        raise RuntimeError(INNER)

    return StreamingResponse(parts())


def told(sentence: str, log: pytest.LogCaptureFixture, inner: str = "RuntimeError") -> None:
    """Nothing of the exception is in the sentence; by its number the log has all of it."""
    assert INNER not in sentence
    assert inner not in sentence
    number = re.search(r"[0-9a-f]{8}", sentence)
    assert number, sentence
    (record,) = [one for one in log.records if number[0] in one.getMessage()]
    assert record.exc_info
    assert INNER in str(record.exc_info[1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_route_that_raises_says_a_number_by_which_the_log_has_the_trace(
    caplog: pytest.LogCaptureFixture, language: str
) -> None:
    routes = [Route("/studio/broken", broken, methods=["GET", "POST"])]
    inner = Starlette(routes=routes, exception_handlers={Exception: unforeseen})
    with served(around(inner, edge(Settings.load({}, Path("no.env")), SECRET, routes))) as client:
        for method in ("GET", "POST"):
            answer = client.request(method, "/studio/broken", headers={"Accept-Language": language})
            assert answer.status_code == 500
            told(answer.json()["error"], caplog)
            assert ("tell the studio’s owner" in answer.text) == (language == "en")


def test_what_breaks_in_the_middle_of_an_answer_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    routes = [Route("/studio/cut", cut)]
    inner = Starlette(routes=routes, exception_handlers={Exception: unforeseen})
    with served(around(inner, edge(Settings.load({}, Path("no.env")), SECRET, routes))) as client:
        with pytest.raises(Exception, match=r"incomplete|peer closed"):
            client.get("/studio/cut")
        assert [one for one in caplog.records if one.exc_info and INNER in str(one.exc_info[1])]


def test_an_event_that_raises_says_its_number_to_page_and_scripts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)

    def fails(prompt: str) -> str:
        raise RuntimeError(INNER)

    def refuses(prompt: str) -> str:
        raise gr.Error("Write a prompt.", print_exception=False)

    def returns() -> str:
        return INNER  # no file: Gradio fails with it, once the function has ended

    def app() -> App:
        with StudioBlocks(analytics_enabled=False) as page:
            gr.api(fails)  # type: ignore[attr-defined]
            gr.api(refuses)  # type: ignore[attr-defined]
            gr.Button().click(returns, None, gr.File())
            page.endpoints = {one.__name__: [*signature(one).parameters.values()] for one in (fails, refuses, returns)}
        inner = App.create_app(page, app_kwargs={"exception_handlers": {Exception: unforeseen}})
        page.show_error = False
        return inner

    with served(around(made(app), edge(Settings.load({}, Path("no.env")), SECRET))) as client:
        for name, data in (("fails", ["x"]), ("returns", [])):
            run = client.post(f"/gradio_api/run/{name}", json={"data": data})
            assert run.status_code == 500
            told(run.json()["error"], caplog, "File" if name == "returns" else "RuntimeError")
        answer = client.post("/gradio_api/run/refuses", json={"data": ["x"]})
        assert (answer.status_code, answer.json()["error"]) == (400, "Write a prompt.")


def test_who_leaves_early_is_no_incident(caplog: pytest.LogCaptureFixture) -> None:
    async def reads(request: Request) -> Response:
        await request.body()
        return Response()

    routes = [Route("/studio/reads", reads, methods=["POST"])]
    inner = Starlette(routes=routes, exception_handlers={Exception: unforeseen})
    whole = around(inner, edge(Settings.load({}, Path("no.env")), SECRET, routes))
    sent: list[object] = []

    async def leaves() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/studio/reads",
            "headers": [(b"host", b"localhost")],
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "scheme": "http",
        }
        await whole(scope, receive, send)  # type: ignore[arg-type]

    anyio.run(leaves)
    assert not caplog.records
