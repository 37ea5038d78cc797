from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from studio.visitors.tokens import Identity
from tests.edge.serving import SECRET, edged

COOKIE = f"happyhorse={Identity(SECRET).token('ada')}"
NAMED = {"STUDIO_PUBLIC_URL": "https://studio.example", "STUDIO_TRUSTED_ORIGINS": "https://front.example:8443"}


@pytest.fixture(scope="module")
def bare() -> Iterator[httpx.Client]:
    with edged() as client:
        yield client


@pytest.fixture(scope="module")
def named() -> Iterator[httpx.Client]:
    with edged(**NAMED) as client:
        yield client


def post(client: httpx.Client, **headers: str) -> httpx.Response:
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/studio/jobs", headers={"Cookie": COOKIE, **spelled})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:7860", "Origin": "http://LOCALHOST:7860"},
        {"Host": "localhost", "Origin": "http://localhost:80"},
        {"Host": "localhost:443", "Origin": "https://localhost"},
        {"Host": "localhost.:7860", "Origin": "http://localhost:7860"},
        {"Host": "[::1]:7860", "Origin": "http://[::1]:7860"},
        {"Origin": "https://any.example", "X-Forwarded-Host": "any.example"},
        {"Origin": "https://any.example", "X-Forwarded-Host": "ANY.example:443, inner:7860"},
        {"Origin": "http://any.example:8080", "X-Forwarded-Host": "any.example", "X-Forwarded-Port": "8080"},
        {"Origin": "https://any.example", "Forwarded": 'for=1.2.3.4;Host="any.example:443";proto=https'},
        {"Origin": "https://any.example", "Forwarded": "host=any.example, host=inner"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://any.example", "Sec-Fetch-Site": "same-origin"},  # the proxy tells nothing, the browser does
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_the_same_site_is_welcome_however_proxies_write_it(bare: httpx.Client, headers: dict[str, str]) -> None:
    assert post(bare, **headers).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://studio.example", "https://STUDIO.example:443", "http://studio.example", "https://front.example:8443"],
)
def test_what_the_owner_told_is_welcome_though_the_proxy_hides_it(named: httpx.Client, origin: str) -> None:
    assert post(named, Origin=origin).status_code == 200
    assert post(named, Origin=origin, Sec_Fetch_Site="cross-site").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "inner, evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "file://"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example:7860", "Host": "localhost:7860"},
        {"Origin": "http://localhost:7861", "Host": "localhost:7860"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:7860", "Host": "localhost:7860"},
        {"Sec-Fetch-Site": "anything", "Origin": "https://evil.example"},
    ],
)
def test_another_site_changes_nothing_and_the_sentence_names_header_and_setting(
    bare: httpx.Client, headers: dict[str, str]
) -> None:
    for extra in ({}, {"Accept-Language": "zh"}):
        answer = post(bare, **headers, **extra)
        assert answer.status_code == 403
        sentence = answer.json()["error"]
        assert "STUDIO_TRUSTED_ORIGINS" in sentence
        assert ("Sec-Fetch-Site" if headers.get("Sec-Fetch-Site", "a").startswith(("c", "s")) else "Origin") in sentence


def test_reading_by_another_site_is_answered_without_consent_to_read(bare: httpx.Client) -> None:
    for host in ("127.0.0.1:7860", "localhost:7860", "192.168.1.5:7860"):
        for origin in ("http://127.0.0.1:9999", "https://evil.example", "null"):
            answer = bare.get("/studio/jobs", headers={"Host": host, "Origin": origin})
            assert not [name for name in answer.headers if name.startswith("access-control-")]
