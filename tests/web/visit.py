"""One visitor's browser on the studio's page, and what it noticed."""

from __future__ import annotations

import base64
import math
import mimetypes
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    Route,
    ViewportSize,
    expect,
)

from tests.servers import ROOT
from tests.studio_process import StudioProcess

ARTIFACTS = ROOT / "test-artifacts"
"""Pictures for a person to look at."""

_WATCH_CARDS = """
window.seen = {};
new MutationObserver(() => {
  for (const card of document.querySelectorAll(".strip-cell[data-state]")) {
    const states = (window.seen[card.dataset.id] ||= []);
    if (states.at(-1)?.state !== card.dataset.state) {
      states.push({ state: card.dataset.state, at: performance.now() });
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
"""

_GIVE = """
(target, [by, files]) => {
  const data = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  const options = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
  for (const kind of by === "drop" ? ["dragover", "drop"] : [by]) {
    target.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options));
  }
}
"""

DESKTOP: ViewportSize = {"width": 1440, "height": 1000}
_USUAL: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce"}
"""Motion is drawn by the processor here: a card that waits would take a fifth of a core from what is tested."""
_DESKTOPS: WeakKeyDictionary[Browser, BrowserContext] = WeakKeyDictionary()
"""A browser's context that waits for the next visit to a desktop. Its tab stays, and with it the compiled scripts: two
thirds of what it costs to open the page."""


def meddle(
    on: Page | BrowserContext, pattern: str, deed: Callable[[Route], object], times: float = math.inf
) -> Callable[[], None]:
    """Let ``deed`` do something to the requests for ``pattern``, to so many or until what is returned is called.

    The route itself stays: at the moment when a browser's requests are no longer stopped, one of them can be lost.
    """
    left = times

    def handle(route: Route) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            deed(route)
        else:
            route.fallback()

    def leave() -> None:
        nonlocal left
        left = 0

    on.route(pattern, handle)
    return leave


def play(video: Locator) -> None:
    """Play a video silently, once it has its file: a player is given that a moment after it is shown, and what was to
    play before ends with that."""
    expect(video).to_have_attribute("src", re.compile("."))
    video.evaluate("video => { video.muted = true; return video.play(); }")


def give(target: Locator, *files: tuple[str, bytes], by: str = "drop") -> None:
    """Hand files, each a name and its content, to an element as a hand does: by ``drop``, ``dragover`` or ``paste``."""
    written = [[name, mimetypes.guess_type(name)[0] or "", base64.b64encode(data).decode()] for name, data in files]
    target.evaluate(_GIVE, [by, written])


class Visit:
    """A visitor never seen before with the studio open in a tab. Use as a context manager."""

    def __init__(self, browser: Browser, studio: StudioProcess, at: str = "", **profile: Any) -> None:
        """``at`` is the place that is opened, such as ``#history``; ``profile`` are options of Playwright's
        ``new_context``."""
        self.studio = studio
        self._at = at
        self.prefix = "t2v"
        """Begins the ids of the form that is looked at; see ``open_tab``."""
        self.complaints: list[str] = []
        """Errors of the console, of scripts, and dialogs."""
        self.hosts: set[str] = set()
        """Every host that anything was asked of."""
        self.asked: list[str] = []
        """Path of each request."""
        self.statuses: list[tuple[str, int]] = []
        """Path and status of each answer."""
        self.lost: list[tuple[str, str | None]] = []
        """Path of each request that failed, and why."""
        self._browser, self._plain = browser, not profile
        kept = _DESKTOPS.pop(browser, None) if self._plain else None
        self.context = kept or browser.new_context(**_USUAL | profile)
        if not kept:
            self.context.set_default_timeout(30_000)
            self.context.add_init_script(_WATCH_CARDS)
        self._listeners: dict[str, Callable[[Any], None]] = {
            "console": self._console,
            "pageerror": lambda error: self.complaints.append(str(error)),
            "dialog": self._dialog,
            "request": self._request,
            "response": self._response,
            "requestfailed": self._lost,
        }

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None and not self.page.is_closed():
            self.picture("failure")
            unanswered = Counter(self.asked) - Counter(path for path, _ in self.statuses)
            error.add_note(f"Complaints: {self.complaints}, failed: {self.lost}, not answered: {dict(unanswered)}")
        if self._plain and error is None and self._browser not in _DESKTOPS:
            self._forget()
            _DESKTOPS[self._browser] = self.context
        else:
            self.context.close()

    def open(self) -> None:
        """Open the studio in a tab and wait until the form can be used."""
        pages = self.context.pages
        self.page = pages[0] if pages else self.context.new_page()
        for event, listener in self._listeners.items():
            self.page.on(cast(Any, event), listener)
        self.page.goto(f"{self.studio.url.rstrip('/')}/{self._at}")
        self.ready()

    def ready(self) -> None:
        """Wait until the form and the board have drawn themselves, or the library where that is shown."""
        fragment = urlsplit(self.page.url).fragment
        if fragment and not fragment.startswith("create"):
            expect(self.page.locator(".history > :visible").first).to_be_visible()
            return
        expect(self.prompt).to_be_visible()
        expect(self.part("prompt-count")).to_contain_text("/")
        expect(self.page.locator(".strip-tile, .first-screen:visible").first).to_be_visible()
        expect(self.button).to_be_visible()

    def reload(self) -> None:
        """Reload the page once the form is remembered, and wait until its prompt is as it was left."""
        prompt = self.prompt.input_value()
        remembered = (
            "left => !left || Object.values(JSON.parse(localStorage.getItem('happyhorse.forms')) || {})"
            ".some(form => form.prompt == left)"
        )
        self.page.wait_for_function(remembered, arg=prompt)
        self.page.reload()
        self.ready()
        expect(self.prompt).to_have_value(prompt)

    def leave(self) -> None:
        """Leave the page, and let the browser forget what was typed and chosen there."""
        if self.page.url.startswith("http"):
            self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        stored = {"origin": self.studio.url, "storageTypes": "local_storage"}
        self.context.new_cdp_session(self.page).send("Storage.clearDataForOrigin", stored)

    def _forget(self) -> None:
        """Leave a context like that of a visitor who has never been here."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        for page in self.context.pages:
            if page is not self.page:
                page.close()
        self.leave()
        self.page.set_viewport_size(DESKTOP)
        self.page.unroute_all()
        self.context.unroute_all()
        self.context.clear_permissions()
        self.context.clear_cookies()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.hosts.add(parts.hostname or "")
        self.asked.append(parts.path)

    def _response(self, response: Response) -> None:
        self.statuses.append((urlsplit(response.url).path, response.status))

    def _lost(self, request: Request) -> None:
        self.lost.append((urlsplit(request.url).path, request.failure))

    @property
    def wrong(self) -> list[str]:
        """All that a good page does not do: complain, or ask anything beyond this machine."""
        return self.complaints + sorted(self.hosts - {"127.0.0.1", "localhost", ""})

    def open_tab(self, name: str, prefix: str) -> None:
        """Go to another form: its tab's name and its prefix."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        self.prefix = prefix
        expect(self.prompt).to_be_visible()

    def part(self, name: str) -> Locator:
        """A part of the form by the name of its field."""
        return self.page.locator(f"#{self.prefix}-{name}")

    @property
    def form(self) -> Locator:
        """The form that is looked at."""
        return self.page.locator(f"#{self.prefix}-form .desk")

    @property
    def prompt(self) -> Locator:
        return self.part("prompt")

    @property
    def button(self) -> Locator:
        return self.part("submit")

    @property
    def price(self) -> Locator:
        """What the form costs, beside the button."""
        return self.form.locator(".bar .amount")

    @property
    def about(self) -> Locator:
        """The line under the price: what is missing, what came of a press, or how the price comes about."""
        return self.form.locator(".bar .about")

    @property
    def findings(self) -> Locator:
        """What the form finds wrong or odd, but for its files and its prompt, which say so themselves."""
        return self.part("findings").locator(".finding")

    def expect_fact(self, text: str) -> str:
        """Wait until what is known of the price has ``text`` in a line; that line. It stands behind the line under the
        price, and is filled in as that is opened."""
        panel = self.form.locator("> .popover")
        for _ in range(50):
            lines: list[str] = self._open(self.about, panel).locator("p").all_inner_texts()
            self.shut()
            if found := [line for line in lines if text in line]:
                return found[0]
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{text!r} is in none of {lines}")

    def chip(self, setting: str) -> Locator:
        """What stands of a setting in the form: a button that opens its choices."""
        return self.form.locator(f'.chip-place[data-name="{setting}"] > button')

    def opened(self, setting: str) -> Locator:
        """The choices of a setting, opened; ``shut`` closes them."""
        return self._open(self.chip(setting), self.form.locator(f'.chip-place[data-name="{setting}"] > .popover'))

    def _open(self, opener: Locator, panel: Locator) -> Locator:
        if not panel.is_visible():
            opener.click()
        expect(panel).to_be_visible()
        return panel

    def shut(self) -> None:
        """Close what is open above the form."""
        if self.page.locator(":popover-open").count():
            self.page.keyboard.press("Escape")
        expect(self.page.locator(":popover-open")).to_have_count(0)

    @property
    def seed(self) -> Locator:
        """The seed's field, opened; ``shut`` closes it."""
        return self.opened("more").locator("input[inputmode=numeric]")

    @property
    def watermark(self) -> Locator:
        """The watermark's switch, opened; ``shut`` closes it."""
        return self.opened("more").get_by_role("switch")

    @property
    def duration(self) -> Locator:
        """The duration's field, opened; ``shut`` closes it."""
        return self.opened("duration").locator("input[type=number]")

    def set_seed(self, seed: str) -> None:
        self.seed.fill(seed)
        self.shut()

    def set_duration(self, seconds: int) -> None:
        self.duration.fill(str(seconds))
        self.shut()

    @property
    def cards(self) -> Locator:
        """The jobs in the strip, newest first, also those that share a tile."""
        return self.page.locator(".strip-cell[data-id]")

    @property
    def tiles(self) -> Locator:
        return self.page.locator(".strip-tile")

    @property
    def stage(self) -> Locator:
        """The job that stands large, or all variants of a tile."""
        return self.page.locator(".board article.stage")

    def choose(self, group: str, option: str) -> None:
        """Click an option of ``resolution``, ``ratio``, ``model``, ``variants`` or ``audio_setting``."""
        panel = self.opened(group)
        label = panel.locator(f'label:has(input[value="{option}"])')
        if not label.is_visible():
            panel.locator("summary").click()
        label.click()
        expect(panel).to_be_hidden()

    def choose_model(self, model: str) -> None:
        self.choose("model", model)

    def add(self, field: str, *files: Path) -> None:
        """Choose files for an input, as in the browser's dialog, and wait until each was judged."""
        place = self.part(field)
        place.locator("input[type=file]").set_input_files(files)
        expect(place.locator(".media-open, .media-line.error").first).to_be_visible()
        expect(place.locator(".media-tile.coming, .media-tile.busy")).to_have_count(0)

    def files(self, field: str) -> Locator:
        """The files of an input, in their order."""
        return self.part(field).locator(".media-tile:not(.coming)")

    def file(self, field: str, place: int = 1) -> Locator:
        """A file of an input, counted from 1: the button that opens it, whose name tells how it stands."""
        return self.files(field).nth(place - 1).locator(".media-open")

    def line(self, field: str) -> Locator:
        """The gravest of what is to be said of the files of an input."""
        return self.part(field).locator(".media-line-box .media-line:not(.error, .fixing)")

    def look_at(self, field: str, place: int = 1) -> Locator:
        """Open a file large; the sheet, with all that was checked."""
        self.file(field, place).click()
        sheet = self.page.locator("dialog.media-sheet")
        expect(sheet).to_be_visible()
        return sheet

    def press(self) -> None:
        """Press the button also while it says that something is missing."""
        self.button.click(force=True)

    def submit(self, prompt: str) -> Locator:
        """Write ``prompt``, press Ctrl+Enter; the job on the stage, which it takes."""
        before = self.cards.count()
        self.prompt.fill(prompt)
        self.prompt.press("Control+Enter")
        expect(self.cards).to_have_count(before + 1)
        return self.card(self.cards.first.get_attribute("data-id") or "")

    def card(self, job_id: str) -> Locator:
        """A job while it stands on the stage; see ``show``."""
        return self.page.locator(f'.board article.stage[data-id="{job_id}"]')

    def cell(self, job_id: str) -> Locator:
        """A job in the strip."""
        return self.page.locator(f'.strip-cell[data-id="{job_id}"]')

    def show(self, job_id: str) -> Locator:
        """Choose a job in the strip that has its tile for itself; the job on the stage."""
        self.cell(job_id).click()
        expect(self.card(job_id)).to_be_visible()
        return self.card(job_id)

    def menu(self, card: Locator, name: str) -> Locator:
        """Open the menu of all that stands in no button of its own; an entry of it."""
        card.get_by_role("button", name="More").click()
        return self.page.get_by_role("menuitem", name=name)

    def states(self, card: Locator) -> list[str]:
        """The states that the card has shown, in order."""
        shown = self.page.evaluate("id => window.seen[id]", card.get_attribute("data-id"))
        return [one["state"] for one in shown]

    def picture(self, name: str) -> Path:
        """Keep a screenshot of the whole page."""
        ARTIFACTS.mkdir(exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path
