"""Several videos from one press of the button."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from studio.catalog.models import CATALOG
from studio.catalog.requests import TextToVideo
from studio.errors import InvalidRequest
from studio.web.form.estimate import meter
from studio.web.form.variants import MOST, count_of, prompts_of, variants_of
from studio.web.text import Translation
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

REQUEST = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A", seed=2147483646)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", [""]),
        ("A horse -- or --- two", ["A horse -- or --- two"]),
        ("A\n---\nB\n\nand more\n -----  \nC", ["A", "B\n\nand more", "C"]),
        ("---\nA\n---\n---\n", ["A"]),
    ],
)
def test_a_line_of_dashes_begins_another_prompt(text: str, prompts: list[str]) -> None:
    assert prompts_of(text) == prompts


def test_each_prompt_gets_the_seeds_that_follow() -> None:
    made = variants_of(REQUEST, ["A", "B"], 3)
    assert [(one.prompt, one.seed) for one in made] == [
        (prompt, seed) for prompt in "AB" for seed in (2147483646, 2147483647, 0)
    ]


def test_there_are_not_too_many() -> None:
    assert count_of("\n---\n".join("A" * (MOST // 4)), 4) == MOST
    with pytest.raises(InvalidRequest, match="at most 20 at once"):
        count_of("\n---\n".join("A" * 6), 4)


def test_the_prompt_that_uses_most_of_its_limit_is_measured() -> None:
    model = CATALOG.model("dashscope", "happyhorse-1.0-t2v")
    shown = meter(["x" * 3000, "马" * 2600], model, Translation())
    assert (shown["level"], shown["count"]) == ("over", "5,200 / 5,000")


def test_two_prompts_with_two_seeds_each_are_four_videos_or_none(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        visit.prompt.fill("At dawn\n---\n" + "x" * 5001)
        visit.seed.fill("7")
        visit.choose("variants", "2")
        expect(visit.button).to_have_text("Generate · ¥24.00")
        expect(visit.summary).to_contain_text("4 × 5 s × ¥1.2 = ¥24.00")
        visit.button.click()
        expect(visit.summary.get_by_role("alert")).to_contain_text("shorten it by 1")
        visit.prompt.fill("At dawn\n---\nAt dusk")
        expect(visit.summary.get_by_role("alert")).to_have_count(0)
        prices: list[Route] = []
        visit.page.route("**/gradio_api/run/predict*", lambda route: prices.append(route))
        visit.choose("variants", "3")
        visit.button.click()  # before the new price came
        told = "This costs ¥36.00, and the button said ¥24.00. Nothing was sent: press again to send it for ¥36.00."
        expect(visit.summary.get_by_role("alert")).to_have_text(told)
        assert cloud.statistics()["requests"]["create"] == 0
        for price in prices:
            price.continue_()
        visit.page.unroute("**/gradio_api/run/predict*")
        visit.choose("variants", "2")
        expect(visit.button).to_have_text("Generate · ¥24.00")
        visit.button.click()
        expect(visit.cards).to_have_count(4)
        expect(visit.page.locator("article.card[data-state=succeeded]")).to_have_count(4)
        assert visit.cards.locator(".prompt").all_inner_texts() == ["At dusk", "At dusk", "At dawn", "At dawn"]
        seeds = [
            visit.cards.nth(place).get_by_text(seed, exact=True) for place, seed in enumerate(["seed 8", "seed 7"])
        ]
        for seed in seeds:
            expect(seed).to_be_visible()
        assert visit.wrong == []
