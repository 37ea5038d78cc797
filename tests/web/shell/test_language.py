"""The page in the visitor's language: what the browser asks for, until the visitor chooses the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.web.text import TEXTS, Translation
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

CHINESE, ENGLISH = Translation("zh"), Translation("en")
REFUSED = "sandbox:fail=DataInspectionFailed"


def switch(visit: Visit, to: str) -> None:
    visit.page.get_by_title(to).click()
    visit.page.wait_for_load_state()
    visit.ready()


def other_language(page: Page, words: Translation) -> list[str]:
    """Texts of the other language that the page shows: lines and labels that are a whole text of the table."""
    other = ENGLISH if words == CHINESE else CHINESE
    theirs = {*TEXTS[other.language].values()} - {*TEXTS[words.language].values()}
    theirs -= {other("language.name"), other("language.switch"), ""}
    labels = page.locator("[aria-label], [title], [placeholder]").evaluate_all(
        "nodes => nodes.flatMap((node) => [node.ariaLabel, node.title, node.placeholder])"
    )
    shown = [*page.locator("body").inner_text().splitlines(), *filter(None, labels)]
    return [text for text in shown if text.strip() in theirs]


@pytest.mark.matrix
@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW", "zh"])
def test_a_chinese_browser_sees_chinese_before_anything_is_asked_of_the_server(
    studio: StudioProcess, browser: Browser, locale: str
) -> None:
    with Visit(browser, studio, locale=locale) as visit:
        expect(visit.page.locator("html")).to_have_attribute("lang", "zh-CN")
        expect(visit.button).to_contain_text(CHINESE("generate"))
        expect(visit.price).to_have_text("¥6.00")
        expect(visit.about).to_have_text(CHINESE("missing.prompt"))
        visit.expect_fact("5 秒 × ¥1.2 = ¥6.00")
        for mode, prefix in (("reference-to-video", "r2v"), ("image-to-video", "i2v"), ("video-edit", "edit")):
            visit.open_tab(CHINESE(f"tab.{mode}"), prefix)
            assert other_language(visit.page, CHINESE) == []
        expect(visit.opened("audio_setting")).to_contain_text(CHINESE("option.audio_setting.origin"))
        visit.shut()
        expect(visit.page.locator("footer")).to_have_attribute("aria-label", CHINESE("gradio.footer"))
        assert visit.wrong == []


def test_the_server_and_the_dates_speak_the_language_too(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, locale="zh-CN") as visit:
        card = visit.submit(REFUSED)
        expect(card).to_have_attribute("data-state", "failed")
        expect(card).to_have_attribute("aria-label", CHINESE("state.failed"))
        expect(card.locator(".what")).to_have_text(CHINESE("fault.content_refused.prompt"))
        expect(card.locator(".fault")).to_contain_text(CHINESE("charged.no"))
        expect(card.locator(".when").first).to_have_text(re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日"))
        visit.set_seed("马")
        expect(visit.findings).to_have_text(re.compile("“马”.*0 到 2147483647 的整数"))
        visit.set_seed("")
        assert other_language(visit.page, CHINESE) == []
        visit.page.goto(f"{studio.url}#history")
        expect(visit.page.locator(".tile-reason")).to_have_text(CHINESE("fault.content_refused.prompt"))
        assert other_language(visit.page, CHINESE) == []
        expect(visit.page.locator(".account b")).to_have_text("DashScope · 北京")
        visit.page.locator(".spending-open").click()
        expect(visit.page.locator(".money-table")).to_contain_text(CHINESE("money.model"))
        assert other_language(visit.page, CHINESE) == []
        assert visit.wrong == []


@pytest.mark.slow
def test_what_the_visitor_chooses_goes_before_what_the_browser_asks_for(
    studio: StudioProcess, browser: Browser
) -> None:
    with Visit(browser, studio, locale="zh-CN") as visit:
        visit.prompt.fill(REFUSED)
        switch(visit, "Switch to English")
        expect(visit.page.locator("html")).to_have_attribute("lang", "en")
        expect(visit.prompt).to_have_value(REFUSED)
        expect(visit.price).to_have_text("¥6.00")
        visit.prompt.press("Control+Enter")
        expect(visit.stage.locator(".what")).to_have_text(ENGLISH("fault.content_refused.prompt"))
        assert other_language(visit.page, ENGLISH) == []
        visit.reload()
        expect(visit.button).to_contain_text("Generate")
        assert visit.wrong == []


@pytest.mark.slow
def test_an_english_browser_can_have_chinese(studio: StudioProcess, browser: Browser) -> None:
    with Visit(browser, studio, locale="en-GB") as visit:
        assert other_language(visit.page, ENGLISH) == []
        switch(visit, "切换到中文")
        expect(visit.page.locator("html")).to_have_attribute("lang", "zh-CN")
        expect(visit.button).to_contain_text("生成")
        card = visit.submit(REFUSED)
        expect(card.locator(".what")).to_have_text(CHINESE("fault.content_refused.prompt"))
        expect(card.locator(".when").first).to_contain_text("年")
        visit.reload()
        assert other_language(visit.page, CHINESE) == []
        assert visit.wrong == []
