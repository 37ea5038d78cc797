"""One file over HTTP as fast as the kernel can send it, so that what is measured is the receiver."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class FileServer:
    """Answers every GET with ``path``, by ``sendfile``; one connection at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="files", daemon=True)
        host, port = self._listener.getsockname()
        self.url = f"http://{host}:{port}/result.mp4"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # shutdown() wakes accept(); close() alone would leave it waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as requests:
                while requests.readline().strip():
                    pass
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {self._path.stat().st_size}\r\n"
                connection.sendall(f"{head}Content-Type: video/mp4\r\nConnection: close\r\n\r\n".encode())
                with self._path.open("rb") as file:
                    connection.sendfile(file)
