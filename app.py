"""HappyHorse Studio: ``python app.py``; also the entry of a Hugging Face Space."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

# Before Gradio is imported: nothing is to be looked up or sent anywhere.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from studio.config import Settings
from studio.errors import ConfigError, NoLimits, StudioError
from studio.service import Studio
from studio.system import ffmpeg as tools
from studio.system import listening, proxies
from studio.web.shell import uploads

if TYPE_CHECKING:
    from gradio.http_server import Server


def main() -> int:
    """Run until interrupted; returns the exit status."""
    os.umask(0o077)  # database, secret, visitors' files and results are their owner's alone
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.load()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for chatty in ("httpx", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        settings.check()
        proxies.spare_own_machine(os.environ, settings.host)
        tools.ensure()
        studio = Studio(settings)
        with studio:
            serve(studio, stop)
    except StudioError as error:
        print(f"HappyHorse Studio cannot start. {error}", file=sys.stderr)
        return 2
    return 0


def serve(studio: Studio, stop: threading.Event) -> None:
    """Open the page and wait for ``stop``; then close it in order."""
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"):
        os.environ.pop(name, None)  # Gradio, too, would read them: for a look at the port that knows IPv4 only
    uploads.prepare(uploads.folder_of(studio.settings.data_dir))
    with without_stubs():
        # Gradio takes seconds to import; what can be wrong was found out before.
        from studio.web import page
        from studio.web.edge import connections

    # uvicorn would believe whoever connects from this machine: which proxies count is the edge's to say.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    settings = studio.settings
    host = listening.supported(settings.host)
    demo = page.build(studio)
    try:
        app, _, _ = demo.launch(prevent_thread_lock=True, quiet=True, **page.launch_options(studio))
        connections.guard(demo.server.config, connections.of(settings))
        if host == listening.EVERY_ADDRESS:
            also = listen_on(demo.server, host, studio.port)
            asyncio.run_coroutine_threadsafe(also, demo.server.servers[0].get_loop()).result()
    except OSError as error:
        raise ConfigError(f"STUDIO_PORT {studio.port} on {settings.host} cannot be used: {error}") from error
    if host != settings.host:
        print(f"This machine has no IPv6, so STUDIO_HOST {settings.host} is every IPv4 address of it.", flush=True)
    shown = listening.addresses(host, studio.port, f"{settings.root_path}/")
    print(f"HappyHorse Studio is at {' and '.join(shown)}", flush=True)
    if missing := studio.settings.missing_limits:
        print(NoLimits(missing), flush=True)
    while not stop.wait(0.5):
        pass
    app.stop_event.set()
    demo.close(verbose=False)


async def listen_on(server: Server, host: str, port: int) -> None:
    """Let a running server listen on one more address; awaited on its own event loop."""
    config = server.config

    make: Any = config.http_protocol_class

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = make(config=config, server_state=server.server_state, app_state=server.lifespan.state)
        return made

    listener = await asyncio.get_running_loop().create_server(protocol, host, port, backlog=config.backlog)
    server.servers.append(listener)


@contextmanager
def without_stubs() -> Iterator[None]:
    """Import Gradio without the stubs that it else makes for editors at each start: half of what its import costs.

    It makes one for each component whose class has a file.
    """
    real = inspect.getfile

    def getfile(object: Any) -> str:
        if type(object).__name__ == "ComponentMeta":
            raise OSError("no stub")
        return real(object)

    inspect.getfile = getfile
    try:
        yield
    finally:
        inspect.getfile = real


if __name__ == "__main__":
    sys.exit(main())
