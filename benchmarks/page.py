"""Opening the page in Chromium, against a page of the same four tabs made of Gradio's own components.

Both are opened in turn, cold (an empty cache) and warm (opened before), and each figure is the median of all rounds.
Neither page asks anything of the network but its own server. Media are left out: none is fetched before the page can
be used, and the benchmark says so if one was.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import Figure, table
from benchmarks.processes import end
from tests import browser as chromium
from tests.studio_process import StudioProcess

ROUNDS = 9
SETTLE_MS = 1500
"""After a page can be used: what it still does then counts for its long tasks and its memory."""
STOCK = """
import gradio as gr, os
RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "5:4", "9:21", "21:9"]
with gr.Blocks(analytics_enabled=False) as page:
    with gr.Row():
        with gr.Column():
            with gr.Tabs():
                for name in ("Text", "Image", "Reference", "Edit"):
                    with gr.Tab(name):
                        files = [gr.File(file_count="multiple", label="Files")] if name != "Text" else []
                        prompt = gr.Textbox(label="Prompt", lines=5, elem_id=f"prompt-{name}")
                        ratio = gr.Dropdown(RATIOS, value="16:9", label="Aspect ratio")
                        resolution = gr.Dropdown(["480P", "720P", "1080P"], value="1080P", label="Resolution")
                        duration = gr.Slider(3, 15, value=5, step=1, label="Duration")
                        seed = gr.Textbox(label="Seed")
                        send = gr.Button("Generate", variant="primary", elem_id=f"send-{name}")
                        send.click(lambda *values: [], [*files, prompt, ratio, resolution, duration, seed], None)
        with gr.Column():
            gr.Video(label="Newest")
            gr.Gallery(label="Your videos")
page.launch(server_port=int(os.environ["STUDIO_PORT"]), quiet=True, ssr_mode=False, share=False)
"""
WATCH = """
window.measured = { long: 0, shift: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.measured.long += entry.duration;
}).observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.measured.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  const prompt = document.querySelector("#t2v-prompt, #prompt-Text textarea");
  const send = document.querySelector("#t2v-submit, #send-Text");
  const seen = (node) => node?.checkVisibility({ visibilityProperty: true });
  if (seen(prompt) && seen(send)) window.measured.usable = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True)
class Opening:
    """One page, opened once. Milliseconds and bytes."""

    bytes: float
    """That came over the network, headers included."""
    requests: float
    painted: float
    """First contentful paint."""
    usable: float
    """The prompt and the button are there."""
    long: float
    """Time in tasks of more than 50 ms."""
    heap: float
    """Of the page's scripts, after what is no longer used was collected."""
    shift: float
    """How far what had been drawn moved, as browsers score it."""
    media: float
    """Pictures, videos and sound that were asked for before the page could be used."""


def run(rounds: int = ROUNDS) -> str:
    """Both pages in turn."""
    with _pages() as addresses, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        parts = []
        for kind, warm in (("cold", False), ("warm", True)):
            openings: dict[str, list[Opening]] = {name: [] for name in addresses}
            for turn in range(rounds + 1):
                for name, address in addresses.items():
                    opening = _open(browser, address, warm=warm)
                    if turn:
                        openings[name].append(opening)
            parts.append(_table(f"The page, {kind}, medians of {rounds}", openings))
        browser.close()
    return "\n\n".join(parts)


@contextmanager
def _pages() -> Iterator[dict[str, str]]:
    """The addresses of the studio and of the stock page."""
    with tempfile.TemporaryDirectory() as folder, StudioProcess(Path(folder), STUDIO_PROVIDER="sandbox") as studio:
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
        environ = os.environ | {"STUDIO_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
        stock = psutil.Popen([sys.executable, "-c", STOCK], cwd=folder, env=environ, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
                client.get(address, timeout=30)
            yield {"studio": studio.url, "stock": address}
        finally:
            end(stock)


def _open(browser: Browser, address: str, *, warm: bool) -> Opening:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    if warm:
        _settle(page, address)
        page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("HeapProfiler.enable")
    traffic: dict[str, Any] = {"bytes": 0.0, "requests": 0, "media": 0}

    def finished(event: dict[str, Any]) -> None:
        traffic["bytes"] += event["encodedDataLength"]

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            return
        traffic["requests"] += 1
        traffic["media"] += event.get("type") in ("Image", "Media")

    session.on("Network.loadingFinished", finished)
    session.on("Network.requestWillBeSent", asked)
    _settle(page, address)
    media = traffic["media"]
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    found = page.evaluate(
        "() => ({ ...window.measured, painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime })"
    )
    context.close()
    return Opening(
        traffic["bytes"],
        traffic["requests"],
        found["painted"] or 0.0,
        found["usable"],
        found["long"],
        heap,
        found["shift"],
        media,
    )


def _settle(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => window.measured?.usable")
    page.wait_for_timeout(SETTLE_MS)


def _table(title: str, openings: dict[str, list[Opening]]) -> str:
    def median(name: str, field: str) -> float:
        return float(statistics.median(getattr(one, field) for one in openings[name]))

    shown = [
        ("bytes", "bytes", "KB", 1e3),
        ("requests", "requests", "", 1),
        ("first contentful paint", "painted", "ms", 1),
        ("usable", "usable", "ms", 1),
        ("long tasks", "long", "ms", 1),
        ("heap", "heap", "MB", 1e6),
        ("layout shift", "shift", "", 1),
        ("pictures and videos", "media", "", 1),
    ]
    figures = [
        Figure(name, unit, median("studio", field) / scale, median("stock", field) / scale)
        for name, field, unit, scale in shown
    ]
    return table(title, "stock components", figures)
