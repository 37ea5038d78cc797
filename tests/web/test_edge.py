"""The edge as a real browser meets it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from studio.web.shell.assets import FOLDER
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, meddle

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>${window.broken=1}{{constructor}}\'"`'


@pytest.mark.slow
def test_where_cookies_are_blocked_the_page_says_so_before_anything_is_sent(
    studio: StudioProcess, browser: Browser
) -> None:
    def without_cookie(route: Route) -> None:
        page = httpx.get(studio.url, timeout=60)
        route.fulfill(status=200, content_type="text/html", body=page.text)

    context = browser.new_context(locale="en")
    try:
        page = context.new_page()
        pass_on = meddle(page, f"{studio.url}/", without_cookie)
        page.goto(studio.url)
        note = page.get_by_role("alert").filter(has_text="cannot recognize you")
        expect(note).to_contain_text("Allow cookies")
        link = note.get_by_role("link")
        assert link.get_attribute("href") == f"{studio.url}/"
        assert link.get_attribute("target") == "_blank"
        page.locator("#t2v-prompt").fill("Nobody's")
        with page.expect_response("**/studio/forms/text-to-video/send") as sent:
            page.locator("#t2v-prompt").press("Control+Enter")
        assert sent.value.status == 401
        expect(page.locator("#t2v-findings")).to_contain_text("The studio cannot recognize you")
        pass_on()
        with context.expect_page() as opened:
            link.click()
        expect(opened.value.locator("#t2v-prompt")).to_be_visible()
        expect(opened.value.locator(".unknown-visitor")).to_have_count(0)
    finally:
        context.close()


def test_what_people_type_is_shown_and_never_run(studio: StudioProcess, browser: Browser, tmp_path: Path) -> None:
    tag = "<img src=x onerror=window.broken=1>"
    picture = tmp_path / f"{tag}.png"
    Image.new("RGB", (1280, 720), "teal").save(picture)
    with Visit(browser, studio) as visit:
        page = visit.page
        visit.open_tab("Image", "i2v")
        visit.add("first_frame", picture)
        expect(visit.part("first_frame")).to_contain_text(tag)
        sheet = visit.look_at("first_frame")
        expect(sheet.get_by_role("heading", level=2)).to_have_text(f"{tag}.png")
        page.keyboard.press("Escape")
        card = visit.submit(HOSTILE)
        expect(card.locator("button.prompt")).to_have_text(HOSTILE)
        expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
        job_id = card.get_attribute("data-id") or ""
        change = {"ids": [job_id], "tag": tag}
        status = page.evaluate(
            """async (change) => (await fetch("studio/history/change/tag", {
                method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(change),
            })).status""",
            change,
        )
        assert status == 200
        page.evaluate("place => { location.hash = place; }", f"#job={job_id}")
        expect(page.locator("#library").get_by_text(tag).filter(visible=True).first).to_be_visible()
        page.evaluate("location.hash = '#history'")
        expect(page.locator("#library option").get_by_text(tag)).to_be_attached()
        assert page.evaluate("window.broken") is None
        assert page.locator("img[src=x]").count() == 0
        # Nothing that the page did was against its policy.
        assert visit.complaints == []


@pytest.mark.parametrize("script", sorted(FOLDER.glob("**/*.js")), ids=lambda path: path.name)
def test_scripts_write_as_text_alone(script: Path) -> None:
    """Gradio needs scripts within the page, so the policy stops none that someone would smuggle into it."""
    markup = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|HTMLUnsafe|DOMParser|srcdoc"
    )
    code = r"\beval\(|new Function|javascript:|setAttribute\([^\"'`]"
    text = re.sub(r"/\*.*?\*/", "", script.read_text("utf-8"), flags=re.DOTALL)
    if (
        script == FOLDER / "shell/dom.js"
    ):  # whose names come from the modules, and of which none that listens gets there
        listens, writes = text.index('name.startsWith("on")'), text.index("node.setAttribute(name, ")
        assert listens < writes
        text = text.replace("node.setAttribute(name, ", "", 1)
    assert not re.search(f"{markup}|{code}", text)
