"""The wire: one account's HTTP, with its key, budget, retries and redaction.

Two kinds of request, because one of them costs money. Whatever may be repeated (GET) is, by a ``RetryPolicy``. A POST
that makes a task leaves once, on a connection of its own, since on a kept-alive one that the server is just closing
nobody can tell whether it arrived; afterwards it is either certain that no task was made (``NotSent``, or the
provider's clear refusal) or it is not (``ReplyLost``, ``Unreadable``).
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

import studio
from studio.errors import (
    AddressRefused,
    AnswerRefused,
    AuthenticationFailed,
    BodyRefused,
    NotSent,
    PageInstead,
    ProviderError,
    ProviderFault,
    RateLimited,
    ReplyLost,
    RequestRefused,
    ResultExpired,
    ResultUnreachable,
    Unreadable,
)
from studio.message import Message
from studio.providers.base import BeforeSend, Download
from studio.providers.budget import Budget, Priority
from studio.providers.retries import RetryPolicy
from studio.system.addresses import Judge
from studio.system.bodies import Bound, bounded
from studio.system.clock import CLOCK, Clock, FarClock, read_date
from studio.system.fetching import REDIRECTS, Judged, answered, tls
from studio.system.pace import PACE, Pace

log = logging.getLogger("studio.wire")

TIMEOUT = httpx.Timeout(30, connect=10)
POST_TIMEOUT = httpx.Timeout(120, connect=10)
ANSWER_BOUND = Bound(8 << 20, seconds=120, patience=60)
"""What any answer may be but a result: the longest of all, a page of a hundred tasks, is a twentieth of it."""
RESULT_BOUND = Bound(4 << 30, seconds=4 * 3600, patience=300)
"""What a result may be: it is paid for, so only what is none, or never ends, breaks this."""
DOWNLOAD_TIMEOUT = httpx.Timeout(60, connect=10, read=RESULT_BOUND.patience)

_BEFORE_LEAVING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    httpx.InvalidURL,
)
_SECRETS = re.compile(r"(?i)\b(bearer\s+)\S+|\bsk-[\w-]{4,}|((?:signature|ossaccesskeyid|security-token)=)[^&\s\"']+")

Answer = Mapping[str, Any]
ToError = Callable[[httpx.Response, Answer | None], ProviderError | None]
"""Reads the error out of an answer, if it is one; the body is None when it is not a JSON object."""


class Wire:
    """HTTP with one account of one provider."""

    def __init__(
        self,
        host: str,
        key: SecretStr,
        to_error: ToError,
        *,
        budget: Budget,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        private: bool = False,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
    ) -> None:
        """What the cloud names on other hosts than ``host`` is judged, by network too unless it may be ``private``."""
        self.host = clean_host(host)
        self.budget = budget
        self.clock = FarClock(clock)
        self._pace = pace
        self._retries = RetryPolicy(pace)
        self._key = SecretStr(key.get_secret_value().strip())
        self._to_error = to_error
        agent = {"User-Agent": f"happyhorse-studio/{studio.__version__}"}
        self._headers = {**agent, **(headers or {})}
        context = tls()
        self._json = httpx.AsyncClient(timeout=TIMEOUT, transport=transport, verify=context)
        self._paid = httpx.AsyncClient(
            timeout=POST_TIMEOUT, transport=transport, verify=context, limits=httpx.Limits(max_keepalive_connections=0)
        )
        judge = Judge(hosts=[urlsplit(self.host).hostname or ""], private=private)
        self._files = httpx.AsyncClient(
            timeout=DOWNLOAD_TIMEOUT, transport=Judged(judge, transport), max_redirects=REDIRECTS, headers=agent
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.host!r})"

    async def aclose(self) -> None:
        for client in (self._json, self._paid, self._files):
            await client.aclose()

    async def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        tries: int | None = None,
    ) -> Answer:
        """GET a JSON object, again and again within reason; ``tries`` at most, where the caller repeats more."""
        return await self.repeat("GET", path, Priority.POLL, headers, tries, params=params)

    async def cancel(self, path: str) -> Answer:
        """POST without a body, again and again within reason."""
        return await self.repeat("POST", path, Priority.CANCEL)

    async def post_once(
        self, path: str, body: Answer, headers: Mapping[str, str], before_send: BeforeSend | None
    ) -> Answer:
        """POST what must not be repeated: no ``RetryPolicy`` here, ever.

        Every error tells by ``task_made`` whether it may have had its effect.
        """
        signed = self._signed() | dict(headers)
        async with self.budget.turn(Priority.SUBMIT):
            if before_send is not None:
                await before_send()
            try:
                response = await self._ask(self._paid, "POST", self.host + path, json=body, headers=signed)
            except _BEFORE_LEAVING as error:
                raise NotSent(
                    Message("The provider cannot be reached: {reason}.", reason=self._reason(error))
                ) from None
            except httpx.HTTPError as error:
                raise ReplyLost(
                    Message("The request was sent, but its answer was lost: {reason}.", reason=self._reason(error))
                ) from None
            except (AnswerRefused, BodyRefused) as error:
                raise _not_taken(error) from None
        return self._read(response)

    async def send_file(
        self, url: str, fields: Mapping[str, str], path: Path, content_type: str, progress: Callable[[int], None]
    ) -> None:
        """POST a form with the file last to an object store, streamed and without the key, which it has no use for.

        Once: the terms of an upload are good for one try, so the caller repeats from there.
        Raises RequestRefused, or RateLimited or ProviderFault when another try may help, with the store's own code;
        and TransportError.
        """
        try:
            with Counted(path, progress) as file:
                # The store must not see the file's name: the key in ``fields`` names it.
                files = {"file": ("file", file, content_type)}
                response = await self._ask(self._files, "POST", url, data=dict(fields), files=files)
        except (httpx.HTTPError, httpx.InvalidURL, AddressRefused, AnswerRefused, BodyRefused) as error:
            raise NotSent(
                Message("The file cannot be uploaded to the provider: {reason}.", reason=self._reason(error))
            ) from None
        if response.status_code >= 300:
            code, message = (_xml_text(response.text, tag) for tag in ("Code", "Message"))
            status = response.status_code
            kind: type[ProviderError] = RequestRefused
            if status == 429:
                kind = RateLimited
            elif status >= 500 or status == 408 or code == "AccessDenied":  # the last: its policy's time is over
                kind = ProviderFault
            reason = self.redact(message or f"HTTP {status}")
            raise kind(reason, code, status=status, retry_after=asked_to_wait(response))

    async def repeat(
        self,
        method: str,
        path: str,
        priority: Priority,
        headers: Mapping[str, str] | None = None,
        tries: int | None = None,
        **options: Any,
    ) -> Answer:
        """Ask for JSON what costs nothing however often it arrives, again and again within reason; ``options`` as httpx
        takes it, files by ``Counted``."""
        options["headers"] = self._signed() | dict(headers or {})

        async def ask() -> Answer:
            try:
                async with self.budget.turn(priority):
                    response = await self._ask(self._json, method, self.host + path, **options)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                kind = NotSent if isinstance(error, _BEFORE_LEAVING) else ReplyLost
                raise kind(Message("The provider cannot be reached: {reason}.", reason=self._reason(error))) from None
            except (AnswerRefused, BodyRefused) as error:
                raise _not_taken(error) from None
            return self._read(response)

        return await self._retries.repeat(ask, tries or self._pace.tries)

    async def _ask(self, client: httpx.AsyncClient, method: str, url: str, **options: Any) -> httpx.Response:
        begun = time.perf_counter()
        response = await answered(client, client.build_request(method, url, **options), ANSWER_BOUND)
        milliseconds = (time.perf_counter() - begun) * 1000
        request = response.request
        log.debug("%s %s %s %.0f ms", request.method, request.url.path, response.status_code, milliseconds)
        return response

    def _read(self, response: httpx.Response) -> Answer:
        try:
            body = response.json()
        except (ValueError, RecursionError):  # no JSON, a number of thousands of digits, nested without end
            body = None
        answer: Answer | None = body if isinstance(body, dict) else None
        if answer is not None:  # else it may be a proxy's page, and its clock
            self.clock.read(response.headers.get("date"), response.elapsed.total_seconds())
        if error := self._to_error(response, answer):
            error.message = self.redact(error.message)
            error.args = (error.message,)
            raise error
        if answer is None:
            raise PageInstead(
                Message("The provider returned HTTP {status}, but not as JSON.", status=response.status_code)
            )
        return answer

    def redact(self, text: str) -> str:
        """``text`` without the key and without anything that looks like one."""
        if key := self._key.get_secret_value():
            text = text.replace(key, "[key]")
        return _SECRETS.sub(lambda match: f"{match[1] or match[2] or ''}[hidden]", text)

    def _reason(self, error: Exception) -> str:
        return self.redact(str(error)) or type(error).__name__

    def _signed(self) -> dict[str, str]:
        """Headers with the key. A key that no header can carry is refused here: httpx's own error would quote it."""
        key = self._key.get_secret_value()
        if not re.fullmatch(r"[!-~]+", key):
            raise AuthenticationFailed("The API key is empty or contains an invalid character. Paste it again.")
        return {**self._headers, "Authorization": f"Bearer {key}"}

    @asynccontextmanager
    async def download(self, url: str) -> AsyncIterator[Download]:
        """Open a result; its address carries its own signature, so no key goes along."""
        try:
            async with self._files.stream("GET", url, follow_redirects=True) as response:
                if response.status_code in (403, 404, 410):
                    raise ResultExpired(
                        Message("The video’s host refused the download (HTTP {status}).", status=response.status_code)
                    )
                if response.status_code != 200:
                    unreachable = ResultUnreachable(
                        Message("The video’s host returned HTTP {status}.", status=response.status_code)
                    )
                    unreachable.retry_after = asked_to_wait(response)
                    raise unreachable
                length = response.headers.get("content-length")
                yield Download(
                    int(length) if length is not None else None,
                    response.headers.get("content-type"),
                    bounded(response.aiter_raw(), RESULT_BOUND),
                )
        except (AddressRefused, AnswerRefused, BodyRefused) as refusal:
            raise ResultUnreachable(
                Message("The video cannot be fetched from its address: {reason}", reason=refusal.said)
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ResultUnreachable(Message("The download failed: {reason}.", reason=self._reason(error))) from None


class Counted(io.FileIO):
    """A file that tells how far it has been read."""

    def __init__(self, path: Path, progress: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._progress = progress

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self._progress(self.tell())
        return data


def _not_taken(refusal: AnswerRefused | BodyRefused) -> Unreadable:
    return Unreadable(Message("The provider’s answer cannot be used: {reason}", reason=refusal.said))


def _xml_text(document: str, tag: str) -> str | None:
    found = re.search(f"<{tag}>([^<]*)</{tag}>", document)
    return found[1] if found else None


def shortened(response: httpx.Response) -> str:
    """The words of an answer that has no message."""
    return " ".join(response.text.split())[:200] or f"HTTP {response.status_code} without a body"


def clean_host(host: str) -> str:
    """The base address of what a person pasted: a gateway's own path stays, what this program adds itself goes."""
    host = re.split("[?#]", host.strip(), maxsplit=1)[0].rstrip("/")
    return re.sub(r"/+(api/v1|compatible-mode/v1)(/.*)?$|/+v1(/(videos|tasks|credits)(/.*)?)?$", "", host)


def asked_to_wait(response: httpx.Response) -> float | None:
    """Seconds from ``Retry-After`` (seconds or a date) or ``Retry-After-Ms``; None when the provider asks nothing."""
    if milliseconds := response.headers.get("retry-after-ms"):
        try:
            return max(0.0, float(milliseconds) / 1000)
        except ValueError:
            pass
    after = response.headers.get("retry-after")
    if after is None:
        return None
    try:
        return max(0.0, float(after))
    except ValueError:
        pass
    when = read_date(after)
    if when is None:
        return None
    # By the clock of who answered, where it is told.
    now = read_date(response.headers.get("date")) or datetime.now(UTC)
    return max(0.0, (when - now).total_seconds())
