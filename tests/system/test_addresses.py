"""Which addresses may be fetched when visitors, imports or clouds name them."""

from __future__ import annotations

import threading
from concurrent.futures import wait

import httpx
import pytest

from studio.errors import AddressRefused
from studio.system.addresses import Judge, Place, is_public, lookups, web_address

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::"])
def test_these_belong_to_the_internet(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9"),
        *("169.254.169.254", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
        *("198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        "168.63.129.16",
        *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe"),
        *("64:ff9b::7f00:1", "64:ff9b:1::808:808", "2002:a9fe:a9fe::", "2002:7f00:1::1", "2001:0:808:808::1"),
        *("2606:4700::5efe:a00:1", "2606:4700::200:5efe:7f00:1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1"),
        *("fd00:ec2::254", "ff02::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1", "no address"),
    ],
)
def test_these_do_not(host: str) -> None:
    assert not is_public(host)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is not a public"),
        ("http://127.0.0.1./", "not a public"),
        ("http://[::ffff:169.254.169.254]/", "not a public"),
        ("http://2130706433/", "not a public"),
        ("http://0x7f000001/", "not a public"),
        ("http://0177.0.0.1/", "not a web address"),
        ("http://127.1/", "not a public"),
        ("http://8.8.8.0x8/", "not a public"),
        ("http://localhost/", "not a public"),
        ("http://LOCALHOST./", "not a public"),
        ("http://a.localhost/", "not a public"),
        ("http://printer/", "not a public"),
        ("http://printer.local/", "not a public"),
        ("http://metadata.google.internal/", "not a public"),
        ("http://8.8.8.8:22/", "Port 22"),
        ("https://8.8.8.8:6379/", "Port 6379"),
        ("http://ada:secret@8.8.8.8/", "user name or password"),
        ("http://127.0.0.1@8.8.8.8/", "user name or password"),
        ("http://8.8.8.8:0/", "not a web address"),
        ("ftp://8.8.8.8/", "not a web address"),
        ("//8.8.8.8/", "not a web address"),
        ("http:///a", "not a web address"),
        ("http://8.8.8.8/" + "a" * 9000, "not a web address"),
        ("http://nowhere.invalid/", "nowhere.invalid cannot be found"),
    ],
)
async def test_what_leads_elsewhere_than_to_the_web_is_refused_with_the_reason(address: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason):
        await Judge().place(web_address(address))


async def test_what_may_be_fetched_is_connected_to_as_it_was_judged() -> None:
    for port in ("", ":80", ":443"):
        assert await Judge().place(httpx.URL(f"http://8.8.8.8{port}/a")) == Place(("8.8.8.8",))


async def test_a_result_does_not_wait_for_names_that_visitors_give() -> None:
    threads, answered = lookups(visitors=True), threading.Event()
    waiting = [threads.submit(answered.wait) for _ in range(200)]
    try:
        assert await Judge().place(httpx.URL("http://8.8.8.8/a")) == Place(("8.8.8.8",))
    finally:
        answered.set()
        wait(waiting)


async def test_the_hosts_of_the_owner_are_not_judged() -> None:
    judge = Judge(hosts=["10.0.0.5", "cloud.lan"])
    for own in ("http://10.0.0.5:8000/a", "https://cloud.lan/a", "http://CLOUD.lan:6379/"):
        assert await judge.place(httpx.URL(own)) == Place()
    for other in ("http://10.0.0.6/", "http://127.0.0.1/", "http://cloud.lan.local/"):
        with pytest.raises(AddressRefused):
            await judge.place(httpx.URL(other))
    # A machine has many names for itself.
    assert await Judge(hosts=["localhost"]).place(httpx.URL("http://127.0.0.1:9000/")) == Place()


async def test_of_an_address_of_the_owner_only_what_lies_below_it_is_not_judged() -> None:
    judge = Judge(prefixes=["http://127.0.0.1:7860/studio/public/"])
    assert await judge.place(httpx.URL("http://127.0.0.1:7860/studio/public/a.png")) == Place()
    for other in (
        "http://127.0.0.1:7860/",
        "http://127.0.0.1:7860/studio/public/../jobs",
        "http://127.0.0.1:7861/studio/public/a.png",
        "http://127.0.0.1:7860@127.0.0.2/studio/public/a.png",
        "https://127.0.0.1:7860/studio/public/a.png",
    ):
        with pytest.raises(AddressRefused):
            await judge.place(httpx.URL(other))


async def test_where_a_proxy_goes_between_it_is_told_the_name_and_what_is_local_is_still_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "8.8.4.4")
    place = await Judge().place(httpx.URL("http://films.invalid/a.png"))  # a name that only the proxy may know
    assert place == Place(proxy="http://proxy.example:3128")
    assert await Judge().place(httpx.URL("http://8.8.4.4/")) == Place(("8.8.4.4",))
    for local in ("http://127.0.0.1/", "http://10.0.0.1/", "http://router.lan/", "http://2130706433/"):
        with pytest.raises(AddressRefused):
            await Judge().place(httpx.URL(local))
    assert await Judge(hosts=["127.0.0.1"]).place(httpx.URL("http://127.0.0.1:9000/")) == Place()
