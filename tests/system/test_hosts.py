from __future__ import annotations

import socket

import pytest

from studio.system.hosts import Host, KnownHosts


@pytest.mark.parametrize(
    ("text", "name", "port"),
    [
        ("Studio.Example", "studio.example", None),
        ("studio.example.", "studio.example", None),
        ("studio.example.:8443", "studio.example", 8443),
        ("studio.example:443", "studio.example", None),
        ("studio.example:80", "studio.example", None),
        ("studio.example:", "studio.example", None),
        ("[::1]:7860", "::1", 7860),
        ("[2001:DB8::1]", "2001:db8::1", None),
        ("127.0.0.1:7860", "127.0.0.1", 7860),
        ("happy_horse:7860", "happy_horse", 7860),
    ],
)
def test_a_host_is_read_whatever_its_letters_port_and_dot(text: str, name: str, port: int | None) -> None:
    assert Host.read(text) == Host(name, port)


@pytest.mark.parametrize(
    "text",
    ["", ".", "::1", "a b", "a@127.0.0.1", "127.0.0.1/", "a:b", "a:123456", "[::1", "evil.example#localhost", "ü"],
)
def test_what_is_no_host_is_none(text: str) -> None:
    assert Host.read(text) is None


def test_an_origin_is_its_host() -> None:
    assert Host.of_address("HTTPS://Studio.example:443") == Host.of_address("http://studio.example/x") != None  # noqa: E711
    assert Host.of_address("null") is Host.of_address("file://") is Host.of_address("ftp://studio.example") is None


def test_names_are_known_that_mean_this_machine_or_that_were_told() -> None:
    known = KnownHosts(["Studio.example.", "*.films.example"])
    own = socket.gethostname().lower()
    for text in (
        "localhost",
        "LOCALHOST:1",
        "horse.localhost",
        "127.0.0.1",
        "192.168.1.5:80",
        "[fe80::1]:7860",
        own,
        f"{own.partition('.')[0]}.local",
        "studio.example:7860",
        "a.films.example",
    ):
        host = Host.read(text)
        assert host is not None
        assert host in known, text
    for text in ("evil.example", "studio.example.evil", "localhost.evil.example", "films.example", "xfilms.example"):
        host = Host.read(text)
        assert host is not None
        assert host not in known, text
