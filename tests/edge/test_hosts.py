from __future__ import annotations

import socket

import pytest

from tests.edge.serving import edged

OWN = socket.gethostname()
NAMED = {
    "STUDIO_PUBLIC_URL": "https://Studio.example/",
    "STUDIO_HOSTS": "horse.example, *.films.example",
    "STUDIO_TRUSTED_ORIGINS": "https://front.example:8443",
    "SPACE_HOST": "a-b.hf.space,custom.example",
}


def test_a_name_that_nobody_told_is_421_and_the_sentence_names_the_setting() -> None:
    with edged(**NAMED) as client:
        for host in ("evil.example", "evil.example:7860", "localhost.evil.example", "studio.example.evil", "a@b", "…"):
            for method in ("GET", "POST"):
                headers = [(b"Host", host.encode()), (b"Origin", b"http://" + host.encode())]
                answer = client.request(method, "/studio/jobs", headers=headers)
                assert answer.status_code == 421, host
                assert "STUDIO_HOSTS" in answer.json()["error"]
                assert "Host: " in answer.json()["error"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:7860",
        "localhost.",
        "horse.localhost:7860",
        "127.0.0.1:1",
        "0.0.0.0:7860",
        "192.168.1.5",
        "[::1]:7860",
        "[fd00::7]",
        OWN,
        OWN.upper() + ":7860",
        f"{OWN.partition('.')[0]}.local:7860",
        "studio.example",
        "STUDIO.EXAMPLE.:8443",
        "horse.example:7860",
        "a.films.example",
        "front.example",
        "a-b.hf.space",
        "custom.example",
    ],
)
def test_names_of_this_machine_addresses_and_what_was_told_are_known(host: str) -> None:
    with edged(**NAMED) as client:
        assert client.get("/studio/jobs", headers={"Host": host}).status_code == 200


def test_a_request_of_old_without_a_host_is_answered() -> None:
    with edged() as client, socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire:
        wire.sendall(b"GET /studio/jobs HTTP/1.0\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 200")


def test_a_second_host_smuggles_nothing() -> None:
    with edged() as client, socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire:
        wire.sendall(b"GET /studio/jobs HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert wire.recv(100).split()[1] in (b"400", b"421")


def test_a_forwarded_name_is_judged_once_the_owner_has_told_names() -> None:
    for header, value in (("X-Forwarded-Host", "evil.example, studio.example"), ("Forwarded", "host=evil.example")):
        with edged(**NAMED) as client:
            answer = client.get("/studio/jobs", headers={header: value})
            assert answer.status_code == 421
            assert header in answer.json()["error"]
        with edged() as client:
            assert client.get("/studio/jobs", headers={header: value}).status_code == 200
            # It excuses nothing: a page that lets its own name lead here may send any header.
            both = {"Host": "evil.example", header: "localhost"}
            assert client.get("/studio/jobs", headers=both).status_code == 421


def test_a_person_reads_the_sentence_in_the_own_language() -> None:
    with edged() as client:
        headers = {"Host": "evil.example", "Accept": "text/html", "Accept-Language": "zh-CN"}
        answer = client.get("/", headers=headers)
        assert answer.status_code == 421
        assert answer.headers["content-type"].startswith("text/plain")
        assert "STUDIO_HOSTS" in answer.text
        assert "主机" in answer.text
