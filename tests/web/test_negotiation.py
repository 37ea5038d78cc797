from __future__ import annotations

import gzip

import brotli
import httpx
import pytest

from studio.web.negotiation import encoding_for, weights
from tests.studio_process import StudioProcess


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", {}),
        (" , ;q=1,, br", {"br": 1}),
        ("gzip, deflate, br, zstd", dict.fromkeys(("gzip", "deflate", "br", "zstd"), 1)),
        ("BR ; Q=0.5 ,gzip;q=0", {"br": 0.5, "gzip": 0}),
        ("br;q=9, gzip;q=nan, a;q=1.5, b;q=-1, c;q=0.1234, d;q=", dict.fromkeys(("br", "gzip", "a", "b", "c", "d"), 0)),
        ("br, " * 100_000 + "gzip", {"br": 1}),
    ],
)
def test_a_header_names_what_is_wanted_and_how_much(header: str, found: dict[str, float]) -> None:
    assert weights(header) == found


WANTED = [
    ("gzip, deflate, br, zstd", "br"),
    ("gzip, deflate", "gzip"),
    ("GZIP", "gzip"),
    ("*", "br"),
    ("br;q=0, *", "gzip"),
    ("*;q=0, gzip", "gzip"),
    ("gzip;q=1.0, br;q=0.5", "gzip"),
    ("identity;q=0, gzip;q=0.1", "gzip"),
    ("identity;q=0.5, gzip;q=0.5", "gzip"),
    ("", ""),
    ("identity", ""),
    ("br;q=0", ""),
    ("gzip;q=0.0", ""),
    ("br;q=0, gzip;q=0.000, *;q=0.5", ""),
    ("*;q=0", ""),
    ("identity, gzip;q=0.5", ""),
    ("identity;q=0", ""),
    ("vibrato, gzipped, x-gzip", ""),
    ("br;q=2", ""),
]


@pytest.mark.parametrize(("header", "encoding"), WANTED)
def test_the_encoding_wanted_most_is_used_and_none_that_is_not_wanted(header: str, encoding: str) -> None:
    assert encoding_for(header) == encoding


@pytest.mark.parametrize("path", ["/", "/studio/forms", "/theme.css", "{asset}"])
def test_every_answer_comes_as_it_is_asked_for(studio: StudioProcess, path: str) -> None:
    with studio.visitor() as visitor:
        page = visitor.get("/", headers={"Accept-Encoding": "identity"}).text
        asset = page.partition('src="')[2].partition('"')[0].replace("&amp;", "&").removeprefix(".")
        address = path.format(asset=asset)
        plain = _raw(visitor, address, "identity")
        assert plain[0] == ""
        for header, encoding in WANTED:
            packed, body = _raw(visitor, address, header)
            assert packed == encoding, header
            assert _unpacked(packed, body) == plain[1]


def _raw(visitor: httpx.Client, address: str, accepted: str) -> tuple[str, bytes]:
    """The encoding and the body as it came."""
    with visitor.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200
        return answer.headers.get("content-encoding", ""), b"".join(answer.iter_raw())


def _unpacked(encoding: str, body: bytes) -> bytes:
    return {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding](body)
