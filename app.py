"""HappyHorse Studio: ``python app.py``; also the entry of a Hugging Face Space."""

from __future__ import annotations

import inspect
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Before Gradio is imported: nothing is to be looked up or sent anywhere.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

from studio.config import Settings
from studio.errors import ConfigError, StudioError
from studio.media import tools
from studio.service import Studio


def main() -> int:
    """Run until interrupted; returns the exit status."""
    try:
        settings = Settings.load()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for chatty in ("httpx", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        settings.check()
        tools.ensure()
        studio = Studio(settings)
        with studio:
            serve(studio)
    except StudioError as error:
        print(f"HappyHorse Studio cannot start. {error}", file=sys.stderr)
        return 2
    return 0


def serve(studio: Studio) -> None:
    """Open the page and wait for Ctrl-C or SIGTERM; then close it in order."""
    with without_stubs():
        from studio.web import page  # Gradio takes seconds to import; what can be wrong was found out before

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    demo = page.build(studio)
    try:
        app, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **page.launch_options(studio))
    except OSError as error:
        raise ConfigError(f"STUDIO_PORT {studio.settings.port} cannot be used: {error}") from error
    print(f"HappyHorse Studio is at {url}", flush=True)
    while not stop.wait(0.5):
        pass
    app.stop_event.set()
    demo.close(verbose=False)


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
