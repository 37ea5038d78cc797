from __future__ import annotations

import pytest

from studio.system.networks import client_behind, network_of, read_address, read_networks

TRUSTED = read_networks("10.0.0.0/8, 127.0.0.1, fd00::/8")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.7:51034", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("[::ffff:192.0.2.7]:443", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ('"[2001:db8:1:2::9]:4711"', "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_who_shares_a_connection_counts_as_one(text: str, network: str) -> None:
    address = read_address(text)
    assert address is not None
    assert network_of(address) == network


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "studio.example", "300.1.1.1", "1.2.3", "10.0.0.0/8"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", ["192.0.2.7"], "203.0.113.5"),  # no proxy of ours: its word is nothing
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7"], "192.0.2.7"),  # the first entry the client made up
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7", "10.9.9.9"], "192.0.2.7"),
        ("10.0.0.1", ["10.1.1.1", "10.2.2.2"], "10.1.1.1"),  # all within
        ("10.0.0.1", ["192.0.2.7", "nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.7", "nonsense", "10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("fd00::5", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
    ],
)
def test_the_client_is_found_from_the_right_past_the_trusted(peer: str, forwarded: list[str], client: str) -> None:
    who = read_address(peer)
    assert who is not None
    assert str(client_behind(who, forwarded, TRUSTED)) == client


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"^10\.0\.0\.0/40 is no network"):
        read_networks("::1, 10.0.0.0/40")
