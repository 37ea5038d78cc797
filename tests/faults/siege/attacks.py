"""What strangers do: ``ATTACKS``, by name. Each is one strike, in a variant drawn at random."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from tests.faults.siege import bombs
from tests.faults.siege.strangers import Outcome, Stranger, Strike

HOLD_SECONDS = 1.0
STREAMS = 6
"""That one stranger holds open at once."""
MAKE = "/studio/api/text_to_video"
DEAR = {"prompt": "A horse of strangers", "resolution": "1080P", "duration": 15}
"""The most that one job costs."""


async def picture_bombs(stranger: Stranger) -> Outcome:
    name = stranger.chance.choice(list(bombs.PICTURES))
    return await _give(stranger, "image-to-video", "first_frame", bombs.made(name), "bomb.png")


async def film_bombs(stranger: Stranger) -> Outcome:
    name = stranger.chance.choice(list(bombs.FILMS))
    return await _give(stranger, "video-edit", "video", bombs.made(name), "bomb.mp4")


async def compressed_bodies(stranger: Stranger) -> Outcome:
    path = stranger.chance.choice((MAKE, "/studio/restore", "/studio/files/from-url?mode=video-edit&field=video"))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return await stranger.ask(
        "POST", path, content=bombs.gzipped(stranger.chance.choice(bombs.GZIPPED)), headers=headers
    )


async def large_bodies(stranger: Stranger) -> Outcome:
    """One that tells its length, or one that only goes on and on; or one that is deep."""
    path = stranger.chance.choice(
        (MAKE, "/studio/restore", "/studio/presets", "/gradio_api/queue/join", "/gradio_api/run/jobs")
    )
    headers = {"Content-Type": "application/json"}
    match stranger.chance.randrange(3):
        case 0:
            return await stranger.ask("POST", path, content=bytes(40 << 20), headers=headers)
        case 1:
            return await stranger.ask("POST", path, content=_endless(40), headers=headers)
        case _:
            return await stranger.ask("POST", path, content=bombs.nested(), headers=headers)


async def job_flood(stranger: Stranger) -> Outcome:
    return await stranger.ask("POST", MAKE, json=DEAR)


async def without_cookies(stranger: Stranger) -> Outcome:
    """A new visitor at each request, who also claims to come from elsewhere: the proxy adds where from really."""
    stranger.http.cookies.clear()
    claimed = f"198.51.100.{stranger.chance.randrange(256)}, {stranger.network}"
    return await stranger.ask("POST", MAKE, json=DEAR, headers={"X-Forwarded-For": claimed})


async def many_networks(stranger: Stranger) -> Outcome:
    """A new visitor from a new network at each request."""
    stranger.http.cookies.clear()
    stranger.network = ".".join(str(part) for part in (100, *(stranger.chance.randrange(1, 255) for _ in range(3))))
    return await stranger.ask("POST", MAKE, json=DEAR)


async def streams(stranger: Stranger) -> Outcome:
    """Hold several streams open for a while."""
    if stranger.chance.random() < 0.3:
        await stranger.arrive()
    *others, last = await asyncio.gather(*(_hold(stranger) for _ in range(STREAMS)))
    for one in others:
        stranger.tally.add(one)
    return last


async def _hold(stranger: Stranger) -> Outcome:
    headers = {"X-Forwarded-For": stranger.network}
    try:
        async with stranger.http.stream("GET", "/studio/events", headers=headers) as answer:
            if answer.status_code != 200:
                return stranger.outcome(answer.status_code, await answer.aread())
            pieces = answer.aiter_bytes()  # kept: with it the stream would end
            first = await anext(pieces)
            tally, held = stranger.tally, stranger.open
            held[stranger.network] += 1
            tally.most_open = max(tally.most_open, held[stranger.network])
            tally.all_open = max(tally.all_open, held.total())
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HOLD_SECONDS):
                        async for _ in pieces:
                            pass
            finally:
                held[stranger.network] -= 1
            return stranger.outcome(200, first)
    except (httpx.HTTPError, StopAsyncIteration) as error:
        return Outcome(0, type(error).__name__)


async def uploads(stranger: Stranger) -> Outcome:
    """Files that are none, or a picture that is fine and another each time."""
    if stranger.chance.random() < 0.3:
        file = {"files": ("noise.png", stranger.chance.randbytes(1 << 20))}
        return await stranger.ask("POST", "/gradio_api/upload", files=file)
    data = _picture() + stranger.chance.randbytes(4 << 20)  # what stands behind its end counts as well
    return await _give(stranger, "image-to-video", "first_frame", data, "fine.png")


async def half_open(stranger: Stranger) -> Outcome:
    """A connection on which a request begins and does not end."""
    where = urlsplit(stranger.place.url)
    begun = stranger.chance.choice(
        (
            b"",
            b"POST /studio/",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
            b"POST /studio/restore HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{",
            b"POST /studio/files?mode=video-edit&field=video HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n1\r\n",
        )
    )
    writers = []
    try:
        for _ in range(8):
            _, writer = await asyncio.open_connection(where.hostname, where.port)
            writers.append(writer)
            writer.write(begun)
            await writer.drain()
        await asyncio.sleep(HOLD_SECONDS)
    except OSError as error:
        return Outcome(0, type(error).__name__)
    finally:
        for writer in writers:
            writer.transport.abort()
    return Outcome(200)


async def addresses(stranger: Stranger) -> Outcome:
    """Have the studio fetch from this machine, by all names that it has."""
    host, port = stranger.chance.choice(stranger.place.canaries)
    last = int(host.rpartition(".")[2])
    name = stranger.chance.choice(
        (
            *(host, f"[::ffff:{host}]", f"127.{last}", str((127 << 24) + last), f"0x7f00000{last}", "localhost"),
            *(
                f"017700000{last:03o}",
                "0",
                "[::1]",
                "localhost.",
                f"user@{host}",
                f"{host}:80@{host}",
                "[::]",
                host[:-1],
            ),
            *("１２７.０.０.１", f"127。0。0。{last}", f"[::{host}]", f"[64:ff9b::{host}]"),
        )
    )
    scheme = stranger.chance.choice(("http", "http", "http", "https", "HTTP", "file", "ftp", "gopher"))
    url = f"{scheme}://{name}:{port}/{stranger.chance.choice(('', 'hop', 'bomb', 'a.png'))}"
    match stranger.chance.randrange(4):
        case 0:
            image = {"path": url, "meta": {"_type": "gradio.FileData"}}
            return await stranger.ask("POST", "/studio/api/image_to_video", json={"first_frame": image})
        case 1:
            return await stranger.ask("GET", f"/gradio_api/file={url}")
        case 2:
            return await stranger.ask("GET", f"/gradio_api/proxy={url}")
        case _:
            path = "/studio/files/from-url?mode=image-to-video&field=first_frame"
            return await stranger.ask("POST", path, json={"url": url})


async def foreign_pages(stranger: Stranger) -> Outcome:
    """What a page of another site has a visitor's browser send, or a name that is not the studio's."""
    headers = stranger.chance.choice(
        (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost.evil.example"},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": stranger.place.url},
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
            {"X-Forwarded-Host": "evil.example"},
            {"Host": "a b"},
        )
    )
    path = stranger.chance.choice((MAKE, "/gradio_api/run/text_to_video", "/studio/restore"))
    return await stranger.ask("POST", path, json=DEAR, headers=headers)


async def of_others(stranger: Stranger) -> Outcome:
    """Ask for what is another visitor's, or for no visitor at all."""
    chance, place = stranger.chance, stranger.place
    job, file = chance.choice(place.jobs or ("0" * 24,)), chance.choice(place.files or ("0" * 64,))
    path = quote(chance.choice(place.paths), safe="/:")
    method, where = chance.choice(
        (
            *(("GET", f"/studio/jobs/{job}"), ("GET", f"/studio/media/{job}/{chance.choice(('video', 'poster'))}")),
            *(("POST", f"/studio/jobs/{job}/{what}") for what in ("cancel", "again", "frame", "send-again")),
            *(("GET", f"/studio/jobs/{job}/lineage"), ("GET", f"/studio/files/{file}/content")),
            *(("GET", f"/studio/files/{file}/thumbnail"), ("GET", f"/gradio_api/file={path}")),
            *(("GET", f"/gradio_api/file=../../..{path}"), ("GET", f"/studio/media/..%2f..%2f{job}/video")),
            *(("GET", f"/gradio_api/deep_link?session_hash={job[:11]}"), ("GET", "/monitoring/summary")),
            ("GET", f"/studio/links/{file}"),
        )
    )
    if chance.random() < 0.2:
        frame = {"sha256": file} if chance.random() < 0.5 else {"path": chance.choice(place.paths)}
        return await stranger.ask("POST", "/studio/api/image_to_video", json={"first_frame": frame})
    return await stranger.ask(method, where, headers={"X-Studio-Visitor": "x.y"} if chance.random() < 0.2 else {})


async def wild_numbers(stranger: Stranger) -> Outcome:
    """Values of every kind where a number or a text is asked for."""
    wild: tuple[Any, ...] = (
        *(math.nan, math.inf, -math.inf, 2**63, -(2**70), 10**400, 1e-320, -1, 3.5, True, "٣", "1e9", "15\0", [], {}),
        *([[[]]], "\ud800", "x" * 100_000, {"__type__": "update"}),
    )
    values = dict(DEAR)
    for name in stranger.chance.sample(("prompt", "resolution", "ratio", "duration", "watermark", "seed", "model"), 2):
        values[name] = stranger.chance.choice(wild)
    body, headers = json.dumps(values).encode(), {"Content-Type": "application/json"}
    if stranger.chance.random() < 0.3:
        data = json.dumps({"data": list(values.values()), "fn_index": stranger.chance.choice(wild[:6])}).encode()
        return await stranger.ask("POST", "/gradio_api/run/text_to_video", content=data, headers=headers)
    return await stranger.ask("POST", MAKE, content=body, headers=headers)


async def sessions(stranger: Stranger) -> Outcome:
    """Gradio's own doors, with session hashes that are others' or nobody's."""
    session = stranger.chance.choice(("x", "../..", "a" * 5000, f"{stranger.chance.random()}"[2:]))
    body = {"data": [], "fn_index": stranger.chance.randrange(-2, 40), "session_hash": session}
    match stranger.chance.randrange(4):
        case 0:
            return await stranger.ask("POST", "/gradio_api/queue/join", json=body)
        case 1:
            return await stranger.ask("POST", "/gradio_api/run/predict", json=body)
        case 2:
            cancelled = {"session_hash": session, "fn_index": 0, "event_id": session}
            return await stranger.ask("POST", "/gradio_api/cancel", json=cancelled)
        case _:
            await stranger.ask("POST", "/gradio_api/queue/join", json=body)
            return await stranger.ask("GET", "/gradio_api/queue/data", params={"session_hash": session})


ATTACKS: Mapping[str, Strike] = {
    "picture bombs": picture_bombs,
    "film bombs": film_bombs,
    "compressed bodies": compressed_bodies,
    "large bodies": large_bodies,
    "flood of jobs": job_flood,
    "no cookies": without_cookies,
    "streams": streams,
    "uploads": uploads,
    "half-open": half_open,
    "addresses": addresses,
    "foreign pages": foreign_pages,
    "others' things": of_others,
    "wild numbers": wild_numbers,
    "sessions": sessions,
    "many networks": many_networks,
}
LAST = "many networks"
"""It takes what is left of everyone's limit: after it nobody makes anything."""
NEVER = ("others' things", "foreign pages", "addresses")
"""Of these nothing may be accepted."""


async def _give(stranger: Stranger, mode: str, field: str, data: bytes, name: str) -> Outcome:
    path = f"/studio/files?mode={mode}&field={field}&name={name}"
    return await stranger.ask("POST", path, content=data)


async def _endless(megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield bytes(1 << 20)


@cache
def _picture() -> bytes:
    return bombs.png(640, 640)
