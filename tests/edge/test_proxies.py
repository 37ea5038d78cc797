from __future__ import annotations

import time

import anyio
import httpx
import pytest

from tests.edge.serving import app, edged


def ask(peer: str, forwarded: str | None = None, **environ: str) -> dict[str, object]:
    """What the routes see of a request from ``peer``."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app(**environ), client=(peer, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"} if forwarded else {}
            return await client.get("/studio/jobs", headers=headers)

    answer: dict[str, object] = anyio.run(asked).json()
    return answer


@pytest.mark.parametrize("peer", ["203.0.113.5", "127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1"])
def test_nobody_chooses_his_own_network(peer: str) -> None:
    seen = ask(peer, "192.0.2.7")
    assert seen["network"] == f"{peer.removeprefix('::ffff:')}/32"
    assert seen["client"] == peer
    assert "x-forwarded-for" not in seen["headers"]  # type: ignore[operator]


def test_a_trusted_proxy_tells_who_asks() -> None:
    trusted = {"STUDIO_TRUSTED_PROXIES": "127.0.0.0/8, 10.1.0.0/16"}
    seen = ask("127.0.0.1", "198.51.100.1, 192.0.2.7, 10.1.2.3", **trusted)
    assert (seen["network"], seen["client"]) == ("192.0.2.7/32", "192.0.2.7")
    assert ask("10.2.0.1", "192.0.2.7", **trusted)["network"] == "10.2.0.1/32"
    assert ask("127.0.0.1", "2001:db8:1:2:3::4", **trusted)["network"] == "2001:db8:1:2::/64"


def test_a_space_knows_its_proxies() -> None:
    space = {"SPACE_ID": "a/b", "SPACE_HOST": "a-b.hf.space"}
    assert ask("10.20.30.40", "1.1.1.1, 192.0.2.7", **space)["network"] == "192.0.2.7/32"
    assert ask("203.0.113.5", "192.0.2.7", **space)["network"] == "203.0.113.5/32"
    assert ask("10.20.30.40", "192.0.2.7", STUDIO_TRUSTED_PROXIES="127.0.0.1", **space)["network"] == "10.20.30.40/32"


def test_scheme_and_host_are_those_of_the_address_bar_behind_a_proxy_on_this_machine() -> None:
    with edged() as client:
        for headers in (
            {"X-Forwarded-Host": "Studio.example:443, inner:8080", "X-Forwarded-Proto": "https, http"},
            {"Forwarded": 'for=192.0.2.7;host="studio.example";proto=https, for=10.0.0.1;host=inner'},
        ):
            seen = client.get("/studio/jobs", headers=headers).json()
            assert seen["url"] == "https://studio.example/studio/jobs"
            assert not {"forwarded", "x-forwarded-host", "x-forwarded-proto"} & seen["headers"].keys()
        apart = {"X-Forwarded-Host": "studio.example", "X-Forwarded-Port": "8443", "X-Forwarded-Proto": "https"}
        assert client.get("/studio/jobs", headers=apart).json()["url"] == "https://studio.example:8443/studio/jobs"


@pytest.mark.parametrize("part", ["a", ";", "a=", 'a="', "; ", ","])
def test_a_long_header_of_a_proxy_is_read_once(part: str) -> None:
    with edged() as client:
        begun = time.process_time()
        client.get("/studio/jobs", headers={"Forwarded": (part * 60_000)[:60_000].strip()})
        assert time.process_time() - begun < 2


def test_from_elsewhere_they_are_what_the_socket_tells() -> None:
    seen = ask("203.0.113.5", "192.0.2.7")
    assert seen["url"] == "http://127.0.0.1:7860/studio/jobs"


def test_gradios_own_headers_lead_nowhere() -> None:
    with edged() as client:
        sent = {"X-Gradio-Server": "http://evil.example", "X-Direct-Url": "http://evil.example"}
        assert "evil.example" not in client.get("/studio/jobs", headers=sent).text
