"""A real S3-compatible store in a process of its own, and what may be wrong with the way to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import boto3
from botocore.config import Config
from pydantic import SecretStr

from studio.outputs.base import Access
from tests.faults.gate import Gate

_SERVE = """
import logging, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""
KEY_ID, SECRET = "a-key-of-the-tests", "the-secret-of-that-key"


class Store:
    """moto's server; what is in it is gone when it ends."""

    url: str
    """Base address, without a trailing slash."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(b"http://"):
                self.url = line.decode().strip()
                break
        else:
            raise RuntimeError("moto's server did not start")
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )
        """Another's client, to look at what there is."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.kill()
        self._process.wait()

    def bucket(self) -> str:
        """The name of a new and empty bucket."""
        name = f"films-{uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return name

    def keys(self, bucket: str) -> list[str]:
        """What is in a bucket."""
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def settings(self, bucket: str, prefix: str = "", url: str | None = None) -> dict[str, str]:
        """What a studio is told to save its videos there, by way of ``url``."""
        return {
            "OUTPUT_DIR": f"s3://{bucket}" + (f"/{prefix}" if prefix else ""),
            "STUDIO_S3_ENDPOINT": url or self.url,
            "STUDIO_S3_KEY_ID": KEY_ID,
            "STUDIO_S3_SECRET": SECRET,
        }


def access(url: str) -> Access:
    """How the store at ``url`` is reached."""
    return Access(endpoint=url, key_id=KEY_ID, secret=SecretStr(SECRET))


class CuttingGate(Gate):
    """A way to the store on which answers break off after so many bytes, so many times."""

    after = 0
    times = 0

    async def _pass_answers(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await reader.read(1 << 14):
            passed += len(data)
            if self.times and passed > self.after:
                self.times -= 1
                return
            client.write(data)
            await client.drain()
