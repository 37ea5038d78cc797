"""Proxies: the web is reached through them, this machine never."""

from __future__ import annotations

import asyncio
import os
import struct

import httpx
import pytest
from pydantic import SecretStr

from studio.errors import ConfigError, Unreadable
from studio.providers.dashscope import DashScope
from studio.system.addresses import Judge
from studio.system.fetching import client
from studio.system.proxies import spare_own_machine
from tests.servers import ScriptedServer, answer

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of whoever runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Socks(ScriptedServer):
    """A SOCKS 5 proxy that is itself whatever it is asked to reach."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, methods = await reader.readexactly(2)
        assert version == 5
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        assert await reader.readexactly(4) == b"\x05\x01\x00\x03"  # connect to a name
        name = await reader.readexactly((await reader.readexactly(1))[0])
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        self.requests.append(f"CONNECT {name.decode()}:{port}")
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        await super()._serve(reader, writer)


async def ask_a_cloud() -> None:
    cloud = DashScope("http://cloud.invalid", SecretStr("sk-a"))
    try:
        with pytest.raises(Unreadable):  # there is no task in what the proxy answers
            await cloud.get("task-1")
    finally:
        await cloud.aclose()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_clouds_and_files_are_reached_by_the_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async with ScriptedServer(answer(b"{}")) as proxy, client(Judge()) as web:
        monkeypatch.setenv(name, proxy.url)
        spare_own_machine(os.environ)
        await ask_a_cloud()
        assert (await web.get("http://films.invalid/a.png")).content == b"{}"
    assert proxy.requests[0].startswith("GET http://cloud.invalid/api/v1/tasks/task-1 HTTP/1.1\r\n")
    assert proxy.requests[-1].startswith("GET http://films.invalid/a.png HTTP/1.1\r\n")


async def test_a_socks_proxy_is_told_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Socks(answer(b"{}")) as proxy, client(Judge()) as web:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("http:", "socks5:"))
        spare_own_machine(os.environ)
        await ask_a_cloud()
        assert (await web.get("http://films.invalid/a.png")).content == b"{}"
    assert proxy.requests[0] == "CONNECT cloud.invalid:80"
    assert "CONNECT films.invalid:80" in proxy.requests


async def test_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedServer(answer(b"near")) as near, ScriptedServer(answer(b"far")) as proxy:
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        spare_own_machine(os.environ, "studio.lan")
        port = near.url.rpartition(":")[2]
        async with httpx.AsyncClient() as web:
            for host in ("127.0.0.1", "localhost"):
                assert (await web.get(f"http://{host}:{port}")).text == "near"
            with pytest.raises(httpx.ConnectError):
                await web.get("http://studio.lan:1")
    assert proxy.requests == []


def test_what_was_spared_stays_so_and_our_own_machine_is_added_in_both_spellings() -> None:
    environ = {"HTTPS_PROXY": "proxy.example:3128", "NO_PROXY": ".corp.example, 10.0.0.0/8"}
    spare_own_machine(environ, "0.0.0.0")
    spared = ".corp.example,10.0.0.0/8,localhost,127.0.0.1,::1,0.0.0.0"
    assert environ == {"HTTPS_PROXY": "proxy.example:3128", "NO_PROXY": spared, "no_proxy": spared}
    spare_own_machine(environ, "0.0.0.0")
    assert environ["NO_PROXY"] == spared


def test_without_a_proxy_nothing_is_changed() -> None:
    environ = {"PATH": "/bin", "HTTP_PROXY": ""}
    spare_own_machine(environ)
    assert environ == {"PATH": "/bin", "HTTP_PROXY": ""}
    everything = {"http_proxy": "http://proxy.example", "no_proxy": "*"}
    spare_own_machine(everything)
    assert everything == {"http_proxy": "http://proxy.example", "no_proxy": "*", "NO_PROXY": "*"}


@pytest.mark.parametrize("address", ["ftp://proxy.example", "http://", "http://ada:hush@proxy:99999", "http://:8080"])
def test_an_address_of_no_proxy_is_told_with_its_name(address: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^ALL_PROXY is .*, which is no address of a proxy: .* unset ALL_PROXY"
    ) as told:
        spare_own_machine({"ALL_PROXY": address})
    assert "hush" not in str(told.value)
