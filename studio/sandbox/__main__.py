"""``python -m studio.sandbox``: the sandbox alone, on a loopback port.

Prints one line of JSON when it answers, with the address and the key of each cloud, the first one's outermost too::

    {"url": "http://127.0.0.1:…", "key": "sk-…", "clouds": {"dashscope": {"url": "…", "key": "sk-…"}, …}}
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from studio.errors import ConfigError
from studio.sandbox.cloud import Sandbox
from studio.sandbox.server import CLOUDS, build
from studio.sandbox.tasks import TaskPace
from studio.system.ffmpeg import ensure


def main() -> int:
    arguments = _arguments()
    if arguments.exit_with_parent:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # not SIG_IGN, which what is started here would inherit
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    os.umask(0o077)  # what it keeps is its owner's alone
    try:
        ensure()
    except ConfigError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    data_dir = Path(arguments.data or tempfile.mkdtemp(prefix="happyhorse-sandbox-"))
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        listener = _listen(arguments.host, arguments.port, data_dir / "port")
        sandbox = Sandbox(
            data_dir,
            TaskPace(running=arguments.seconds),
            instant=arguments.instant,
            private_urls=arguments.control or arguments.private_urls,
            own=arguments.own,
        )
    except OSError as error:
        print(f"sandbox: cannot start in {data_dir} on port {arguments.port}: {error}.", file=sys.stderr)
        return 2
    server = (ChildServer if arguments.exit_with_parent else uvicorn.Server)(
        uvicorn.Config(
            build(sandbox, control=arguments.control),
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
    if arguments.exit_with_parent:
        threading.Thread(target=_leave_with_parent, args=(server,), daemon=True).start()
    asyncio.run(_serve(server, listener, sandbox))
    return 0


async def _serve(server: uvicorn.Server, listener: socket.socket, sandbox: Sandbox) -> None:
    # The socket listens already: who connects before the server runs waits in its queue.
    host, port = listener.getsockname()[:2]
    url = f"http://{host}:{port}"
    clouds = {cloud.PROVIDER: {"url": url, "key": sandbox.keys[cloud.PROVIDER]} for cloud in CLOUDS}
    print(json.dumps({**next(iter(clouds.values())), "clouds": clouds}), flush=True)
    await server.serve([listener])


def _listen(host: str, port: int, memory: Path) -> socket.socket:
    """Take ``port``; for 0 the one of last time if it is free, so that old result addresses stay good."""
    try:
        listener = socket.create_server((host, port or _last(memory)))
    except (OSError, OverflowError):
        if port != 0:
            raise
        listener = socket.create_server((host, 0))
    # asyncio does this only for sockets that it made; without it an answer waits 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    memory.write_text(str(listener.getsockname()[1]))
    return listener


def _last(memory: Path) -> int:
    """The port of last time; 0 when there was none, or a full disk has emptied what remembers it."""
    with contextlib.suppress(OSError, ValueError):
        return int(memory.read_text())
    return 0


class ChildServer(uvicorn.Server):
    """A server that only its parent ends: what a terminal or a service manager sends to both at once, the parent hears,
    who may have work under way here until it is done."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _leave_with_parent(server: uvicorn.Server) -> None:
    """Standard input ends when the parent does, even one that was killed."""
    sys.stdin.read()
    server.should_exit = True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studio.sandbox", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: the one of last time, else any free one")
    parser.add_argument("--data", help="folder for tasks and videos; else a temporary one")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a task is RUNNING at least")
    parser.add_argument("--instant", action="store_true", help="all tasks share one small video: for load tests")
    parser.add_argument(
        "--control", action="store_true", help="offer /_control/, which makes it misbehave; implies --private-urls"
    )
    parser.add_argument("--private-urls", action="store_true", help="fetch from private networks, this machine too")
    parser.add_argument(
        "--own", action="append", default=[], metavar="URL", help="what begins so is fetched, public or not"
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
