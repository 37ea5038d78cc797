"""Addresses for the visitors' files: taking them in, checking them, mending them, showing them to their owner."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import unquote
from urllib.request import getproxies

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.catalog import CATALOG, Kind, Limits, Model
from studio.errors import InvalidRequest, MediaUnreadable, Problem, StudioError
from studio.media.checks import Finding, Verdict, check_image, check_video, verdict
from studio.media.facts import VideoFacts
from studio.media.fixes import Crop, Fix, Pad, from_json, to_json
from studio.media.image_fixes import apply_image
from studio.media.plan import plan
from studio.media.vault import Facts, Held
from studio.media.video_fixes import apply_video
from studio.service import Studio
from studio.told import Told
from studio.web.routes import body_of, told
from studio.web.text import Words
from studio.web.workshop import in_turn

MAX_BYTES = {"image": 100 << 20, "video": 1 << 30}
"""What is taken in at all: well above every provider's limit, since a fix may bring a file under it."""

_PROXIES = {"http", "https", "all"}
"""The kinds of proxies that httpx follows."""


class FindingView(TypedDict):
    """One rule in words."""

    rule: str
    verdict: str
    text: str
    fixes: list[dict[str, Any]]
    """What a click on its fix does; empty when nothing mends it."""


class TrimView(TypedDict):
    """What a shorter copy of a video would save. Seconds."""

    least: float
    most: float
    keep: float
    """What comes out at most; the rest is billed for nothing."""


class FramingView(TypedDict):
    """One way to bring a picture to its ratio."""

    label: str
    fix: dict[str, Any]


class FileView(TypedDict):
    """A file as its owner sees it: what it is, how it stands to the rules, what would mend it."""

    sha256: str
    name: str
    url: str | None
    kind: str
    facts: list[str]
    width: int
    height: int
    seconds: float | None
    thumbnail: str | None
    """None for a picture that does not decode to its end."""
    verdict: str
    findings: list[FindingView]
    fixes: list[dict[str, Any]]
    """What "fix all" does."""
    framings: list[FramingView]
    """What may stand in the place of its crop or pad; empty when its ratio is fine."""
    trim: TrimView | None


def file_view(held: Held, model: Model, field: str, words: Words) -> FileView:
    """The file as input ``field`` of ``model``."""
    limits = CATALOG.media_limits(model, field)
    findings = check(held, limits)
    facts, seconds = held.facts, None
    shown = [f"{facts.width} × {facts.height}", _size(facts.bytes)]
    if isinstance(facts, VideoFacts):
        seconds = float(facts.seconds)
        shown.insert(1, words("seconds", seconds=f"{facts.seconds:.1f}"))
        shown.insert(2, f"{float(facts.fps):g} fps")
    whole = isinstance(facts, VideoFacts) or facts.complete
    fixes = plan(facts, findings, limits)
    mendable = all(finding.fix for finding in findings if finding.verdict is Verdict.REFUSED)
    return {
        "sha256": held.sha256,
        "name": held.name,
        "url": held.url,
        "kind": held.kind,
        "facts": shown,
        "width": facts.width,
        "height": facts.height,
        "seconds": seconds,
        "thumbnail": f"studio/files/{held.sha256}/thumbnail" if whole else None,
        "verdict": verdict(findings),
        "findings": [_finding_view(finding, held, limits, words) for finding in findings],
        "fixes": [to_json(fix) for fix in fixes] if mendable else [],
        "framings": _framings(facts, fixes, words),
        "trim": _trim(facts, limits) if field == "video" and isinstance(facts, VideoFacts) else None,
    }


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 / 10 else f"{count / 2**10:.0f} KB"


def _framings(facts: Facts, fixes: list[Fix], words: Words) -> list[FramingView]:
    """Crops with their anchors, then pads; the first is what ``plan`` chooses."""
    crop = next((fix for fix in fixes if isinstance(fix, Crop)), None)
    if crop is None:
        return []
    wide = Fraction(facts.width, facts.height) > crop.ratio
    anchors = {
        "framing.middle": (0.5, 0.5),
        "framing.left" if wide else "framing.top": (0.0, 0.0),
        "framing.right" if wide else "framing.bottom": (1.0, 1.0),
    }
    ways: dict[str, Fix] = {key: Crop(crop.ratio, anchor) for key, anchor in anchors.items()}
    ways |= {"framing.blur": Pad(crop.ratio), "framing.black": Pad(crop.ratio, "#000000")}
    return [{"label": words(key), "fix": to_json(fix)} for key, fix in ways.items()]


def _trim(facts: VideoFacts, limits: tuple[Limits, ...]) -> TrimView | None:
    """Offered when part of the input is billed and then cut off."""
    keep = CATALOG.edit.max_output_seconds
    span = limits[0].seconds
    if span is None or facts.seconds <= keep:
        return None
    most = min(span[1], facts.seconds)
    return {"least": float(span[0]), "most": float(most), "keep": float(keep)}


def check(held: Held, limits: tuple[Limits, ...]) -> list[Finding]:
    facts = held.facts
    return check_video(facts, limits) if isinstance(facts, VideoFacts) else check_image(facts, limits)


def _finding_view(finding: Finding, held: Held, limits: tuple[Limits, ...], words: Words) -> FindingView:
    text = words(f"check.{finding.rule}", measured=finding.measured, limit=finding.limit)
    if finding.sources:
        text = words("check.disputed", text=text, source=words.said(CATALOG.sources[finding.sources[0]]))
    mends = plan(held.facts, [finding], limits) if finding.fix and finding.verdict is not Verdict.PASS else []
    return {"rule": finding.rule, "verdict": finding.verdict, "text": text, "fixes": [to_json(fix) for fix in mends]}


def file_routes(studio: Studio) -> list[BaseRoute]:
    files = Files(studio)
    return [
        Route("/studio/files", files.receive, methods=["POST"]),
        Route("/studio/files/from-url", files.fetch, methods=["POST"]),
        Route("/studio/files/{sha256:str}", files.look),
        Route("/studio/files/{sha256:str}/fix", files.fix, methods=["POST"]),
        Route("/studio/files/{sha256:str}/{what:str}", files.content),
    ]


class Files:
    """The handlers. Each looks only at files that the visitor gave."""

    def __init__(self, studio: Studio) -> None:
        self._vault = studio.vault
        self._offered = studio.engine.offered
        self._private_urls = studio.settings.allow_private_urls

    def _place(self, request: Request) -> tuple[Model, str, Kind]:
        """Model, input and kind of file that the query names (``?provider=…&mode=…&field=…&model=…``)."""
        query = request.query_params
        asked = query.get("provider")
        provider = next((name for name in self._offered if name == asked), next(iter(self._offered)))
        models = CATALOG.models(provider, query.get("mode", ""))
        model = next((one for one in models if one.id == query.get("model")), models[0] if models else None)
        field = query.get("field", "")
        if model is None or field not in model.rules.media:
            raise MediaUnreadable("The address names no input of a mode.")
        return model, field, model.rules.media[field].kind

    @told
    async def receive(self, request: Request) -> Response:
        """Take in the file that is the request's body; its name stands in ``?name=``."""
        model, field, kind = self._place(request)
        name = unquote(request.query_params.get("name", "file"))
        held = await self._vault.receive(request.state.visitor, kind, name, request.stream(), max_bytes=MAX_BYTES[kind])
        return self._answer(held, model, field, request)

    @told
    async def fetch(self, request: Request) -> Response:
        """Take in the file at an http(s) address: JSON ``{"url": …}``."""
        model, field, kind = self._place(request)
        url = str((await body_of(request)).get("url", "")).strip()
        return self._answer(await self.fetched(request.state.visitor, kind, url), model, field, request)

    async def fetched(self, visitor: str, kind: Kind, url: str) -> Held:
        """Take in the file at ``url``; raises MediaUnreadable with the reason when it cannot be had."""
        address = _web_address(url)
        hosts = await _hosts(address.raw_host.decode("ascii"), private=self._private_urls)
        if _PROXIES & getproxies().keys():
            hosts = [address.host]  # looked up by the proxy; a certificate is checked by what it is asked for
        name = address.path.rpartition("/")[2] or address.host
        try:
            async with reached(address, hosts) as response:
                if response.status_code != 200:
                    raise MediaUnreadable(
                        Told("The address answers HTTP {status}; a redirect counts too.", status=response.status_code)
                    )
                return await self._vault.receive(
                    visitor, kind, name, response.aiter_bytes(), max_bytes=MAX_BYTES[kind], url=url
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise MediaUnreadable(
                Told("The address cannot be fetched: {reason}.", reason=str(error) or type(error).__name__)
            ) from None

    @told
    async def look(self, request: Request) -> Response:
        """The file's view for another mode, input or model."""
        model, field, _ = self._place(request)
        held = await asyncio.to_thread(self._vault.held, request.state.visitor, request.path_params["sha256"])
        return self._answer(held, model, field, request)

    @told
    async def content(self, request: Request) -> Response:
        """The file's thumbnail, or the file itself, to who gave it."""
        held = await asyncio.to_thread(self._vault.held, request.state.visitor, request.path_params["sha256"])
        what = request.path_params["what"]
        paths: dict[str, tuple[Path, str]] = {
            "thumbnail": (self._vault.thumbnail(held.sha256), "image/jpeg"),
            "content": (self._vault.path(held.sha256), "video/mp4" if held.kind == "video" else "image/*"),
        }
        path, media_type = paths.get(what, (Path("/nowhere"), ""))
        if not path.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"}
        return FileResponse(path, media_type=media_type, headers=headers)

    @told
    async def fix(self, request: Request) -> Response:
        """Make a mended copy: JSON ``{"fixes": […]}``; answers lines of JSON, progress first, the new file last.

        It says 0 while others are served first. Closing the connection cancels it.
        """
        model, field, _ = self._place(request)
        held = await asyncio.to_thread(self._vault.held, request.state.visitor, request.path_params["sha256"])
        given = (await body_of(request)).get("fixes", [])
        if not isinstance(given, list):
            raise InvalidRequest(Problem("fixes", given, "a list of fixes"))
        mending = self._mend(request, held, [from_json(fix) for fix in given], model, field)
        return StreamingResponse(mending, media_type="application/x-ndjson")

    async def _mend(
        self, request: Request, held: Held, fixes: list[Fix], model: Model, field: str
    ) -> AsyncIterator[str]:
        words: Words = request.state.words
        loop = asyncio.get_running_loop()
        parts: asyncio.Queue[float] = asyncio.Queue()
        cancelled = threading.Event()

        def told_part(part: float) -> None:
            loop.call_soon_threadsafe(parts.put_nowait, part)

        def mend(original: Path, target: Path) -> None:
            if held.kind == "image":
                apply_image(original, fixes, target)
            else:
                apply_video(original, fixes, target, progress=told_part, cancelled=cancelled)

        def ended(work: asyncio.Future[Held]) -> None:
            if not work.cancelled():
                work.exception()  # is told below; when the visitor has left, nobody has to hear of it
            parts.put_nowait(1.0)

        work = in_turn(self._vault.mended, request.state.visitor, held, mend)
        work.add_done_callback(ended)
        part = 0.0
        try:
            while not work.done():
                if request.app.stop_event.is_set():
                    return
                yield json.dumps({"part": round(part, 3)}) + "\n"
                with suppress(TimeoutError):
                    part = await asyncio.wait_for(parts.get(), 1)
            yield json.dumps({"file": file_view(await work, model, field, words)}, ensure_ascii=False) + "\n"
        except (StudioError, OSError) as error:
            unwritten = Told("The copy cannot be written: {reason}.", reason=str(error))
            reason = error.said if isinstance(error, StudioError) else unwritten
            yield json.dumps({"error": words.said(reason)}, ensure_ascii=False) + "\n"
        finally:
            cancelled.set()
            work.cancel()

    def _answer(self, held: Held, model: Model, field: str, request: Request) -> Response:
        words: Words = request.state.words
        return JSONResponse(file_view(held, model, field, words))


def _web_address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
        if address.scheme in ("http", "https") and address.host and (address.port or 0) < 65536:
            return address
    except (httpx.InvalidURL, UnicodeError):
        pass
    raise MediaUnreadable(
        Told("{url} is no web address: it must begin with http:// or https:// and name a host.", url=url[:100])
    )


async def _hosts(name: str, *, private: bool) -> list[str]:
    """The IP addresses of a host; raises MediaUnreadable when it is not known.

    Unless they may be ``private``, so it does when one is not public: visitors must not reach through this server into
    its own network.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MediaUnreadable(Told("The host {host} is not known.", host=name)) from None
    hosts = [str(address[4][0]) for address in found]
    if not private and not all(ipaddress.ip_address(host).is_global for host in hosts):
        raise MediaUnreadable(Told("{host} is not a public address; upload the file instead.", host=name))
    return hosts


@asynccontextmanager
async def reached(address: httpx.URL, hosts: Sequence[str]) -> AsyncIterator[httpx.Response]:
    """GET ``address`` from the first of ``hosts`` that can be reached; its name may lead elsewhere by now."""
    asked: dict[str, Any] = {
        "headers": {"Host": address.netloc.decode("ascii")},
        "extensions": {"sni_hostname": address.raw_host.decode("ascii")},
    }
    async with httpx.AsyncClient(timeout=httpx.Timeout(30, connect=10)) as client:
        for host in hosts:
            request = client.build_request("GET", address.copy_with(host=host), **asked)
            try:
                response = await client.send(request, stream=True)
                break
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if host == hosts[-1]:
                    raise
        async with aclosing(response):
            yield response
