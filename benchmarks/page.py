"""Opening the page in Chromium, against a page of the same four tabs made of Gradio's own components.

Both are opened in turn, cold (an empty cache) and warm (opened before), and each figure is the median of all rounds.
Neither page asks anything of the network but its own server. Media are left out: none is fetched before the page can
be used, and the benchmark says so if one was. Then the page of a visitor with many videos, against that of one with
none; and how long the slowest press or key takes until its answer is seen, in either page.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.figures import Figure, table
from benchmarks.processes import end
from tests import browser as chromium
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

ROUNDS = 9
JOBS = 60
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

FOUND = """() => {
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  const early = performance
    .getEntriesByType("resource")
    .filter((one) => ["img", "video", "audio"].includes(one.initiatorType) && one.startTime < window.measured.usable);
  return { ...window.measured, painted: painted?.startTime, media: early.length };
}"""
SLOWEST = """
window.slowest = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.interactionId) window.slowest = Math.max(window.slowest, entry.duration);
  }
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
"""What is shorter than 16 ms, one picture, browsers do not tell."""


@dataclass(frozen=True)
class Opening:
    """One page, opened once. Milliseconds and bytes."""

    bytes: float
    """That came over the network, headers included, but those of pictures, videos and sound."""
    requests: float
    """But for those."""
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


def run(rounds: int = ROUNDS, jobs: int = JOBS) -> str:
    """Both pages in turn; the page of who has ``jobs`` videos; what presses take."""
    with _pages() as (studio, stock), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        parts = []
        for kind, warm in (("cold", False), ("warm", True)):
            found = _in_turn(browser, rounds, {"studio": (studio.url, ""), "stock": (stock, "")}, warm=warm)
            parts.append(_table(f"The page, {kind}, medians of {rounds}", "stock components", *found))
        with studio.visitor() as visitor:
            made = [studio.submit(visitor, f"Video {number}")["id"] for number in range(jobs)]
            for job_id in made:
                studio.wait(visitor, job_id)
            token = visitor.cookies["happyhorse"]
        found = _in_turn(browser, rounds, {"full": (studio.url, token), "empty": (studio.url, "")}, warm=True)
        parts.append(_table(f"The page with {jobs} videos, warm, medians of {rounds}", "no video", *found))
        parts.append(_presses(browser, rounds, studio.url, token, stock))
        browser.close()
    return "\n\n".join(parts)


@contextmanager
def _pages() -> Iterator[tuple[StudioProcess, str]]:
    """The studio, with a cloud that makes videos at once; and the address of the stock page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxServer(Path(folder) / "cloud", "--instant", seconds=0) as cloud,
        StudioProcess(Path(folder) / "studio", cloud, STUDIO_POLL_SECONDS="0.2") as studio,
    ):
        cloud.rules(limited=False, pending=0, running_per_model=100)
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
        environ = os.environ | {"STUDIO_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
        stock = psutil.Popen([sys.executable, "-c", STOCK], cwd=folder, env=environ, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
                client.get(address, timeout=30)
            yield studio, address
        finally:
            end(stock)


def _in_turn(
    browser: Browser, rounds: int, pages: dict[str, tuple[str, str]], *, warm: bool
) -> tuple[list[Opening], list[Opening]]:
    """Two pages, each by its address and its visitor's token, opened in turn; a first round is thrown away."""
    openings: dict[str, list[Opening]] = {name: [] for name in pages}
    for turn in range(rounds + 1):
        for name, (address, token) in pages.items():
            opening = _open(browser, address, token, warm=warm)
            if turn:
                openings[name].append(opening)
    first, second = openings.values()
    return first, second


def _presses(browser: Browser, rounds: int, studio: str, token: str, stock: str) -> str:
    """The slowest answer to a press or a key in a walk through either page, the median of all rounds."""
    slowest: dict[str, list[float]] = {"studio": [], "stock": []}
    for _ in range(rounds):
        slowest["studio"].append(_slowest(browser, studio, token, _through_studio))
        slowest["stock"].append(_slowest(browser, stock, "", _through_stock))
    figure = Figure("slowest", "ms", *(statistics.median(slowest[name]) for name in ("studio", "stock")))
    return table(f"Press or key until its answer is seen, medians of {rounds}", "stock components", [figure])


def _slowest(browser: Browser, address: str, token: str, walk: Callable[[Page], None]) -> float:
    context = _context(browser, address, token)
    context.add_init_script(SLOWEST)
    page = context.new_page()
    _settle(page, address)
    walk(page)
    page.wait_for_timeout(500)
    found = float(page.evaluate("window.slowest"))
    context.close()
    return found


def _through_studio(page: Page) -> None:
    page.locator("#t2v-prompt").press_sequentially("A horse gallops along a beach at sunrise", delay=30)
    for chip in page.locator("#t2v-form .chip").all():
        chip.click()
        page.keyboard.press("Escape")
    for tab in page.locator("#tabs button[role=tab]:visible").all():
        tab.click()
        page.wait_for_timeout(200)
    page.locator(".strip-tile").nth(1).click()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    page.get_by_role("link", name="History").click()
    page.locator(".tile:visible").first.click()
    page.locator(".job-columns").wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)


def _through_stock(page: Page) -> None:
    page.locator("#prompt-Text textarea").press_sequentially("A horse gallops along a beach at sunrise", delay=30)
    page.get_by_label("Aspect ratio").first.click()
    page.keyboard.press("Escape")
    for tab in page.locator("button[role=tab]:visible").all():
        tab.click()
        page.wait_for_timeout(200)


def _context(browser: Browser, address: str, token: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(WATCH)
    if token:
        context.add_cookies([{"name": "happyhorse", "value": token, "url": address}])
    return context


def _open(browser: Browser, address: str, token: str, *, warm: bool) -> Opening:
    context = _context(browser, address, token)
    page = context.new_page()
    if warm:
        _settle(page, address)
        page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("HeapProfiler.enable")
    traffic = {"bytes": 0.0, "requests": 0.0}
    media: set[str] = set()

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] not in media:
            traffic["bytes"] += event["encodedDataLength"]

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            return
        if event.get("type") in ("Image", "Media"):
            media.add(event["requestId"])
        else:
            traffic["requests"] += 1

    session.on("Network.loadingFinished", finished)
    session.on("Network.requestWillBeSent", asked)
    _settle(page, address)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    found = page.evaluate(FOUND)
    context.close()
    return Opening(
        traffic["bytes"],
        traffic["requests"],
        found["painted"] or 0.0,
        found["usable"],
        found["long"],
        heap,
        found["shift"],
        found["media"],
    )


def _settle(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => window.measured?.usable")
    page.wait_for_timeout(SETTLE_MS)


def _table(title: str, baseline: str, studio: list[Opening], other: list[Opening]) -> str:
    def median(openings: list[Opening], field: str) -> float:
        return float(statistics.median(getattr(one, field) for one in openings))

    shown = [
        ("bytes", "bytes", "KB", 1e3),
        ("requests", "requests", "", 1),
        ("first contentful paint", "painted", "ms", 1),
        ("usable", "usable", "ms", 1),
        ("long tasks", "long", "ms", 1),
        ("heap", "heap", "MB", 1e6),
        ("layout shift", "shift", "", 1),
        ("pictures and videos before", "media", "", 1),
    ]
    figures = [
        Figure(name, unit, median(studio, field) / scale, median(other, field) / scale)
        for name, field, unit, scale in shown
    ]
    return table(title, baseline, figures)
