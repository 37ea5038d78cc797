"""A bucket of an S3-compatible store: where a provider fetches files that cannot be handed to it.

Requests are signed in their addresses (AWS Signature Version 4 by query parameters), so the provider needs no key.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import mimetypes
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import httpx
from pydantic import SecretStr

from studio.errors import AnswerRefused, BodyRefused, NotSent, PublishFailed
from studio.message import Message
from studio.providers.base import Published
from studio.providers.http import ANSWER_BOUND, asked_to_wait
from studio.providers.retries import RetryPolicy
from studio.system.clock import CLOCK, Clock
from studio.system.fetching import answered, tls
from studio.system.pace import PACE, Pace

UPLOAD_SECONDS = 900
FETCH_SECONDS = 48 * 3600
"""How long the provider can fetch a file. Stores allow a week at most."""
TIMEOUT = httpx.Timeout(60, connect=10)


class UploadBucket:
    """One bucket, and the key that may write to it."""

    def __init__(
        self,
        endpoint: str,
        name: str,
        region: str,
        key_id: str,
        secret: SecretStr,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
    ) -> None:
        """``endpoint`` is the store's address; where it begins with the bucket's name, paths do not repeat that."""
        own_host = (urlsplit(endpoint).hostname or "").startswith(f"{name}.")
        self._base = endpoint.rstrip("/") + ("" if own_host else f"/{name}")
        self._region = region
        self._key_id = key_id
        self._secret = secret
        self._transport = transport
        self._clock = clock
        self._pace = pace

    def __repr__(self) -> str:
        return f"Bucket({self._base!r})"

    async def upload(self, path: Path, name: str, model: str, progress: Callable[[int], None]) -> Published:
        """Put a file into the bucket, under a name made of its content.

        Raises PublishFailed when the bucket refuses it, and NotSent when another try later may help. The same file is
        the same object, whatever model it is for.
        """
        guess = mimetypes.guess_type(name)[0] or ""
        content_type = guess if guess.startswith(("image/", "video/")) else "application/octet-stream"
        key = f"happyhorse-studio/{path.name}{mimetypes.guess_extension(content_type) or ''}"
        size = (await asyncio.to_thread(path.stat)).st_size
        headers = {"Content-Type": content_type, "Content-Length": str(size)}

        def failure(trouble: str) -> str:
            return Message(
                "The bucket of STUDIO_S3_BUCKET did not accept {name}: {trouble}.", name=name, trouble=trouble
            )

        async def put() -> Published:
            try:
                async with httpx.AsyncClient(timeout=TIMEOUT, transport=self._transport, verify=tls()) as client:
                    url = self.presign("PUT", key, UPLOAD_SECONDS)
                    request = client.build_request("PUT", url, content=_chunks(path, progress), headers=headers)
                    response = await answered(client, request, ANSWER_BOUND)
            except (httpx.HTTPError, httpx.InvalidURL, AnswerRefused, BodyRefused) as error:
                raise NotSent(
                    failure(Message("it cannot be reached ({reason})", reason=type(error).__name__))
                ) from None
            status = response.status_code
            if status < 300:
                return Published(self.presign("GET", key, FETCH_SECONDS), self._clock.wall() + FETCH_SECONDS)
            code = re.search("<Code>([^<]*)</Code>", response.text)
            answer = failure(Message("it returned HTTP {told}", told=f"{status}" + (f", {code[1]}" if code else "")))
            if status < 500 and status not in (408, 429):
                raise PublishFailed(answer)
            later = NotSent(answer)
            later.retry_after = asked_to_wait(response)
            raise later

        return await RetryPolicy(self._pace).repeat(put, self._pace.upload_tries)

    def presign(self, method: str, key: str, seconds: int, *, now: float | None = None) -> str:
        """The address of an object with which anyone may do ``method`` for so many seconds."""
        stamp = datetime.fromtimestamp(self._clock.wall() if now is None else now, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        address = httpx.URL(f"{self._base}/{quote(key)}")
        query = urlencode(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": f"{self._key_id}/{scope}",
                "X-Amz-Date": stamp,
                "X-Amz-Expires": seconds,
                "X-Amz-SignedHeaders": "host",
            },
            quote_via=quote,
            safe="",
        )
        host = address.netloc.decode()  # as it stands in the request: without a default port
        asked = "\n".join([method, address.path, query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(asked.encode()).hexdigest()
        signing_key = f"AWS4{self._secret.get_secret_value()}".encode()
        for part in scope.split("/"):
            signing_key = hmac.digest(signing_key, part.encode(), "sha256")
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        signature = hmac.new(signing_key, to_sign.encode(), hashlib.sha256).hexdigest()
        return f"{address}?{query}&X-Amz-Signature={signature}"


async def _chunks(path: Path, progress: Callable[[int], None]) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, 1 << 18):
            yield chunk
            progress(file.tell())
