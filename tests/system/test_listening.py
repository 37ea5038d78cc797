"""Where the studio listens, and how that is written."""

from __future__ import annotations

import errno
import socket

import pytest

from studio.errors import ConfigError
from studio.system import listening


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("studio.lan", "studio.lan"),
        ("::", "::"),
        ("[::]", "::"),
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("[127.0.0.1]", "127.0.0.1"),
    ],
)
def test_an_address_is_taken_with_and_without_brackets(told: str, host: str) -> None:
    assert listening.plain_host(told) == host


@pytest.mark.parametrize("told", ["127.0.0.1:7860", "[::1]:7860", "fe80::1%eth0", ":::"])
def test_what_is_no_address_alone_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        listening.plain_host(told)


def test_addresses_are_shown_as_a_browser_takes_them() -> None:
    assert listening.addresses("::1", 7860) == ["http://[::1]:7860/"]
    assert listening.addresses("::", 7860) == ["http://localhost:7860/", "http://[::]:7860/"]
    assert listening.addresses("0.0.0.0", 7860) == ["http://localhost:7860/", "http://0.0.0.0:7860/"]


@pytest.mark.parametrize("host", ["2001:db8::1", "192.0.2.1", "no such name", "a" * 64])
def test_an_address_that_this_machine_has_not_is_told_with_the_way_out(host: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^STUDIO_HOST is {host}, .* set it to 127\.0\.0\.1, or to 0\.0\.0\.0 for all"
    ):
        listening.check(host, 0)


def test_a_port_that_only_ipv4_has_taken_is_told_for_all_addresses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"^STUDIO_PORT {port} on "):
            listening.check("0.0.0.0", port)
        if socket.has_dualstack_ipv6():
            with pytest.raises(ConfigError, match=f"^STUDIO_PORT {port} on ::"):
                listening.check("::", port)


def test_every_address_is_every_one_of_ipv4_where_the_system_knows_no_ipv6() -> None:
    def without(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return socket.socket(family, kind)

    assert [listening.supported(host, without) for host in ("::", "::1", "localhost")] == [
        "0.0.0.0",
        "::1",
        "localhost",
    ]
    assert listening.supported("::", socket.socket) in ("::", "0.0.0.0")
