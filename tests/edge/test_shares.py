"""Requests of one network that are under way, whoever holds their connections."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from studio.system.networks import read_networks
from studio.web.edge.proxies import Proxies
from studio.web.edge.shares import Shares

pytestmark = pytest.mark.anyio

PROXY = read_networks("10.0.0.0/8")


async def test_who_comes_by_a_proxy_has_a_share_too_and_leaves_the_rest_to_others() -> None:
    ended = asyncio.Event()

    async def held(request: Request) -> Response:
        await ended.wait()
        return PlainTextResponse("held")

    async def brief(request: Request) -> Response:
        return PlainTextResponse("here")

    app = Starlette(routes=[Route("/held", held), Route("/", brief)])
    edge = Proxies(Shares(app, 2, PROXY), trusted=PROXY)
    transport = httpx.ASGITransport(edge, client=("10.1.2.3", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        mine = {"X-Forwarded-For": "203.0.113.5"}
        streams = [asyncio.create_task(client.get("/held", headers=mine)) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused = await client.get("/", headers=mine)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert (await client.get("/", headers={"X-Forwarded-For": "203.0.113.6"})).text == "here"
        assert (await client.get("/")).text == "here"
        ended.set()
        assert {answer.text for answer in await asyncio.gather(*streams)} == {"held"}
        assert (await client.get("/", headers=mine)).text == "here"
