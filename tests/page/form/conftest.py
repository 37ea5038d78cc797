"""A page of the form's own modules, without a studio: served as they are, with an import map as the studio gives it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.servers import ROOT
from tests.web.conftest import browser as browser

ASSETS = ROOT / "assets"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>The prompt</title><link rel="icon" href="data:,">
<style>
  @import url("/assets/shell/tokens.css");
  @import url("/assets/shell/controls.css");
  @import url("/assets/form/prompt.css");
  [hidden] { display: none; }
  body { margin: 20px; font: 15px system-ui, sans-serif; }
  #column { display: flex; flex-direction: column; width: 400px; height: 420px; }
</style>
<script type="importmap">IMPORTS</script>
<body><div id="column"></div>
<script type="module">
  import * as page from "/tests/page/form/prompt/page.js";
  Object.assign(window, page);
</script>
"""


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/":
            return super().do_GET()
        paths = [path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.js")]
        imports = {f"#{path.removesuffix('.js')}": f"/assets/{path}" for path in paths}
        body = PAGE.replace("IMPORTS", json.dumps({"imports": imports})).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(ROOT))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page in a window of its own; the page must complain of nothing, and paint nothing late."""
    contexts = []
    complaints: list[str] = []

    def open_page(query: str = "", **profile: Any) -> Page:
        context = browser.new_context(viewport={"width": 460, "height": 640}, **profile)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}?{query}")
        page.wait_for_function("window.editor")
        return page

    yield open_page
    late = [text for context in contexts for page in context.pages for text in page.evaluate("late")]
    for context in contexts:
        context.close()
    assert (complaints, late) == ([], [])
