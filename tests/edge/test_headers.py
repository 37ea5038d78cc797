from __future__ import annotations

from contextlib import AbstractContextManager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.edge.serving import ROUTES, app, edged, served


async def media(_: Request) -> Response:
    return Response("", headers={"Content-Security-Policy": "sandbox"})


async def page(_: Request) -> Response:
    return HTMLResponse("<p>")


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: values for name, *values in parts}


def shown(**environ: str) -> AbstractContextManager[httpx.Client]:
    """The edge, with a page behind it."""
    return served(app((*ROUTES, Route("/page", page)), **environ))


def test_every_answer_says_who_may_frame_it_and_what_it_may_tell() -> None:
    with shown() as client:
        answers = [client.get("/page"), client.get("/"), client.get("/nowhere")]
        answers += [client.get("/", headers={"Host": "evil.example"})]
        answers += [client.post("/studio/jobs", headers={"Origin": "https://evil.example"})]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 421, 403]
    for answer in answers:
        assert directives(answer)["default-src"] == ["'none'"]
        assert directives(answer)["frame-ancestors"] in (["'self'"], ["'none'"])
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/page", "/nowhere"])
def test_what_may_be_a_page_says_what_it_may_load_and_do(path: str) -> None:
    with shown() as client:
        answer = client.get(path)
    assert not answer.headers["content-type"].startswith("application/json")
    policy = directives(answer)
    assert policy["default-src"] == policy["object-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'", "'unsafe-inline'", "'unsafe-eval'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == ["'self'"]
    assert {source for sources in policy.values() for source in sources} <= {
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "'unsafe-eval'",
        "blob:",
        "data:",
    }
    assert {"camera=()", "geolocation=()", "microphone=()"} <= {*answer.headers["permissions-policy"].split(", ")}


def test_data_may_load_nothing_and_stand_in_no_frame() -> None:
    with edged() as client:
        assert directives(client.get("/studio/jobs")) == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}


def test_a_space_may_be_framed_by_its_two_sites() -> None:
    with shown(SPACE_ID="a/b", SPACE_HOST="a-b.hf.space") as client:
        policy = directives(client.get("/page"))
    assert policy["frame-ancestors"] == ["'self'", "https://huggingface.co", "https://*.hf.space"]
    assert policy["connect-src"] == ["'self'", "blob:", "data:", "https://huggingface.co"]  # how the Space is


def test_a_tighter_policy_of_a_file_stays() -> None:
    with served(app((*ROUTES, Route("/studio/media", media)))) as client:
        assert client.get("/studio/media").headers["content-security-policy"] == "sandbox"


def test_only_what_is_there_is_kept_for_good() -> None:
    with served(app((*ROUTES, Route("/assets/page.js", media)))) as client:
        assert "immutable" in client.get("/assets/page.js").headers["cache-control"]
        for missing in (client.get("/assets/gone.js"), client.post("/assets/page.js")):
            assert missing.status_code >= 400
            assert "immutable" not in missing.headers.get("cache-control", "")


@pytest.mark.parametrize("path", ["/", "/studio/jobs"])
def test_no_other_site_gets_consent(path: str) -> None:
    with edged() as client:
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        for answer in (client.get(path, headers=asked), client.options(path, headers=asked)):
            assert not [name for name in answer.headers if name.startswith("access-control-")]
