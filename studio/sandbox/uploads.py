"""The temporary upload: a signed policy, the object store's form, and the ``oss://`` addresses that come of it."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from studio.sandbox.refusal import Refusal, uninspectable, unresolved

CLOCK = timezone(timedelta(hours=8))
POLICY_SECONDS = 300
MAX_UPLOAD_MB = 100

_FORM_BYTES = 64 << 10
"""What the form around a file may weigh."""
_SWEEP_SECONDS = 3600.0


class UploadStore:
    """Files by their key. Each is bound to the model whose policy admitted it and is gone when its time is over."""

    def __init__(self, folder: Path, key: str, lifetime: Callable[[], float]) -> None:
        """``key`` signs the policies; ``lifetime`` tells how many seconds a new file lives."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = key.encode()
        self._lifetime = lifetime
        self._sweep()

    def policy(self, model: str, host: str) -> dict[str, Any]:
        """What the account needs to send one or more files for ``model`` to ``host``."""
        folder = f"dashscope-instant/sandbox/{datetime.now(CLOCK):%Y-%m-%d}/{secrets.token_hex(8)}"
        terms = {"dir": folder, "model": model, "expires": time.time() + POLICY_SECONDS, "mb": MAX_UPLOAD_MB}
        policy = base64.b64encode(json.dumps(terms).encode()).decode()
        return {
            "policy": policy,
            "signature": self._signature(policy),
            "upload_dir": folder,
            "upload_host": host,
            "expire_in_seconds": POLICY_SECONDS,
            "max_file_size_mb": MAX_UPLOAD_MB,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": "sandbox-access-key",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }

    async def receive(self, request: Request) -> None:
        """Take the form of ``request``, at no time more of it in memory than a chunk; raises Refusal."""
        if "authorization" in request.headers:
            raise Refusal(400, "InvalidArgument", "Authorization must not be sent with a form upload.")
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if int(length) > (MAX_UPLOAD_MB << 20) + _FORM_BYTES:
            # Read to its end: a connection closed amid the body may lose the answer on its way.
            async for _ in request.stream():
                pass
            raise _too_large()
        async with request.form(max_files=1, max_part_size=_FORM_BYTES) as form:
            fields = list(form.multi_items())
            if not fields or fields[-1][0] != "file" or not isinstance(fields[-1][1], UploadFile):
                raise Refusal(400, "InvalidArgument", "The last form field must be file.")
            file = fields[-1][1]
            values = {name: value for name, value in fields[:-1] if isinstance(value, str)}
            terms = self._terms(values)
            if not values.get("key", "").startswith(f"{terms['dir']}/"):
                raise Refusal(403, "AccessDenied", "The key is outside of the policy's folder.")
            if file.size is None or file.size > terms["mb"] << 20:
                raise _too_large()
            target = self._path(values["key"])
            if target.exists():
                raise Refusal(409, "FileAlreadyExists", "The object you specified already exists.")
            partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
            with partial.open("wb") as out:
                while chunk := await file.read(1 << 20):
                    await asyncio.to_thread(out.write, chunk)
            self._admit(partial, values["key"], terms["model"])

    def keep(self, content: bytes, model: str) -> str:
        """Store what stood in a submission itself; gives the ``oss://`` address to put in its place."""
        key = f"inline/{model}/{sha256(content).hexdigest()}"
        partial = self._path(key).with_suffix(f".{secrets.token_hex(4)}.part")
        partial.write_bytes(content)
        self._admit(partial, key, model)
        return f"oss://{key}"

    def find(self, url: str, model: str) -> Path:
        """The file behind an ``oss://`` address; raises Refusal if ``model`` cannot have it."""
        path = self._path(url.removeprefix("oss://"))
        try:
            stored = json.loads(path.with_suffix(".json").read_text())
        except FileNotFoundError:
            raise unresolved() from None
        if stored["expires"] < time.time():
            raise unresolved()
        if stored["model"] != model:
            raise uninspectable(f"The file was uploaded for {stored['model']}; {model} cannot read it.")
        return path

    def _path(self, key: str) -> Path:
        return self._folder / sha256(key.encode()).hexdigest()

    def _admit(self, partial: Path, key: str, model: str) -> None:
        target = self._path(key)
        stored = {"key": key, "model": model, "expires": time.time() + self._lifetime()}
        target.with_suffix(".json").write_text(json.dumps(stored))
        partial.replace(target)
        if time.monotonic() > self._swept + _SWEEP_SECONDS:
            self._sweep()

    def _sweep(self) -> None:
        """Remove what has expired and what a crash left half-written."""
        self._swept = time.monotonic()
        for note in self._folder.glob("*.json"):
            if json.loads(note.read_text())["expires"] < time.time():
                note.with_suffix("").unlink(missing_ok=True)
                note.unlink()
        for partial in self._folder.glob("*.part"):
            if partial.stat().st_mtime < time.time() - _SWEEP_SECONDS:
                partial.unlink()

    def _signature(self, policy: str) -> str:
        return base64.b64encode(hmac.new(self._key, policy.encode(), sha256).digest()).decode()

    def _terms(self, fields: Mapping[str, str]) -> dict[str, Any]:
        policy = fields.get("policy", "")
        wanted = {
            "OSSAccessKeyId": "sandbox-access-key",
            "Signature": self._signature(policy),
            "x-oss-object-acl": "private",
            "x-oss-forbid-overwrite": "true",
            "success_action_status": "200",
        }
        for name, value in wanted.items():
            if not hmac.compare_digest(fields.get(name, "").encode(), value.encode()):
                code = "SignatureDoesNotMatch" if name == "Signature" else "InvalidArgument"
                raise Refusal(403, code, f"{name} is not what the policy says.")
        terms: dict[str, Any] = json.loads(base64.b64decode(policy))
        if terms["expires"] < time.time():
            raise Refusal(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        return terms


def _too_large() -> Refusal:
    return Refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
