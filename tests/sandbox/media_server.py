"""A small web server on loopback, whose files the sandbox fetches; it also answers badly on demand."""

from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class MediaServer:
    """Serves ``folder`` and the paths ``/endless``, ``/hang``, ``/half``, ``/loop`` and ``/to/<path>``, a redirect."""

    def __init__(self, folder: Path) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.over = threading.Event()

    def __enter__(self) -> Self:
        self._server.over = self.over  # type: ignore[attr-defined]  # read by the handler
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        match self.path.split("/")[1:]:
            case ["hang"]:
                self.server.over.wait(30)  # type: ignore[attr-defined]
            case ["endless"]:
                self._answer(200)
                try:
                    while not self.server.over.is_set():  # type: ignore[attr-defined]
                        self.wfile.write(bytes(1 << 20))
                except OSError:
                    pass
            case ["half"]:
                self._answer(200, ("Content-Length", "1000"))
                self.wfile.write(bytes(500))
            case ["loop"]:
                self._answer(302, ("Location", "/loop"))
            case ["to", *path]:
                self._answer(302, ("Location", "/" + "/".join(path)))
            case _:
                super().do_GET()

    def _answer(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


def asked(mode: str, *media: tuple[str, str], version: str = "1.0", prompt: str = "A horse", **parameters: Any) -> Any:
    """A submission of ``mode`` (``i2v``, ``r2v``, ``video-edit``) with media as pairs of type and address."""
    return {
        "model": f"happyhorse-{version}-{mode}",
        "input": {"prompt": prompt, "media": [{"type": kind, "url": url} for kind, url in media]},
        "parameters": {"seed": 7, **parameters},
    }
