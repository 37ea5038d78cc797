"""How everything is fetched: from where the judge allows, and as it is, without any encoding.

An encoding would be undone here, and a kilobyte may become a gigabyte by that; so none is asked for and none is taken.
"""

from __future__ import annotations

import ssl
import zlib
from functools import cache

import httpx

from studio.errors import AnswerRefused
from studio.message import Message
from studio.system.addresses import Judge, Place
from studio.system.bodies import Bound, bounded

CONNECT_SECONDS = 10.0
_OF_THE_WAY = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how an answer comes, and nothing of what it is."""
REDIRECTS = 5
"""So many are followed where following serves; each address is judged anew."""

_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout)
_ONCE = httpx.Limits(max_keepalive_connections=0)
"""No connection is kept: those to one IP address may be for hosts of different names."""


class Judged(httpx.AsyncBaseTransport):
    """A transport that asks the judge first, then connects to the very addresses that were judged.

    Raises AddressRefused, AnswerRefused, and what httpx raises.
    """

    def __init__(self, judge: Judge, direct: httpx.AsyncBaseTransport | None = None) -> None:
        """``direct`` carries what goes through no proxy."""
        self._judge = judge
        self._direct = direct or httpx.AsyncHTTPTransport(verify=tls(), trust_env=False, limits=_ONCE)
        self._by_proxy: dict[str, httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        place = await self._judge.place(request.url)
        request.headers["Accept-Encoding"] = "identity"
        response = await self._sent(request, place)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity"):
            await response.aclose()
            raise refused_encoding(encoding)
        return response

    async def _sent(self, request: httpx.Request, place: Place) -> httpx.Response:
        if place.proxy:
            return await self._through(place.proxy).handle_async_request(request)
        for host in place.hosts[:-1]:
            try:
                return await self._direct.handle_async_request(_pinned(request, host))
            except _UNREACHED:
                continue
        last = _pinned(request, place.hosts[-1]) if place.hosts else request
        return await self._direct.handle_async_request(last)

    def _through(self, proxy: str) -> httpx.AsyncBaseTransport:
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = httpx.AsyncHTTPTransport(verify=tls(), trust_env=False, proxy=proxy, limits=_ONCE)
        return self._by_proxy[proxy]

    async def aclose(self) -> None:
        for transport in (self._direct, *self._by_proxy.values()):
            await transport.aclose()


def _pinned(request: httpx.Request, host: str) -> httpx.Request:
    """The same request to this IP address; host header and certificate stay those of the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=host),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


def client(judge: Judge, *, timeout: float = 30.0, redirects: int = 0) -> httpx.AsyncClient:
    """A client that fetches as this module says; ``timeout`` bounds each wait, in seconds."""
    return httpx.AsyncClient(
        transport=Judged(judge),
        timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
    )


async def answered(client: httpx.AsyncClient, request: httpx.Request, bound: Bound) -> httpx.Response:
    """The whole answer to ``request``, of at most so many bytes, before and after its encoding is undone.

    For hosts that the owner chose: none of them is asked for an encoding, but gzip, which gateways use unasked, is
    taken. Raises AnswerRefused for any other, BodyTooLarge, BodyTooSlow, and what httpx raises.
    """
    request.headers["Accept-Encoding"] = "identity"
    response = await client.send(request, stream=True)
    try:
        content = await _decoded(response, bound)
    finally:
        await response.aclose()
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WAY]
    whole = httpx.Response(
        response.status_code, headers=headers, content=content, request=request, extensions=response.extensions
    )
    whole.elapsed = response.elapsed
    return whole


async def _decoded(response: httpx.Response, bound: Bound) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise refused_encoding(encoding)
    unzip = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    content = bytearray()
    try:
        async for piece in bounded(response.aiter_raw(), bound):
            content += unzip.decompress(piece, bound.most + 1 - len(content)) if unzip else piece
            if len(content) > bound.most:
                raise bound.too_large()
    except zlib.error as error:
        raise httpx.DecodingError(str(error), request=response.request) from error
    return bytes(content)


def refused_encoding(encoding: str) -> AnswerRefused:
    return AnswerRefused(
        Message("The answer has an encoding that was not requested ({encoding}).", encoding=encoding[:40])
    )


@cache
def tls() -> ssl.SSLContext:
    """One for all clients: to read the certificates takes 20 ms of the event loop's time."""
    return httpx.create_ssl_context()
