"""What it cost: the panel, the table, and the limit of a day."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit

NASTY = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1+2",
    "@SUM(A1)",
    "  =1",
    "\t=1",
    "＝1",
    'He said "go", then\nleft',
    "一匹马 🐎",
]


def test_a_visitor_sees_what_the_own_jobs_cost(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client
) -> None:
    for client in (visitor, visitor, other):
        studio.wait(client, studio.submit(client, "A horse at dawn")["id"])
    refused = studio.submit(visitor, "sandbox:fail=DataInspectionFailed")
    studio.wait(visitor, refused["id"])
    told = visitor.get("/studio/money").json()
    (line,) = told["lines"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", line.pop("day"))
    assert line == {
        "where": "DashScope · Beijing",
        "model": "happyhorse-1.0-t2v",
        "jobs": 3,
        "estimate": "¥8.10",
        "billed": "¥5.40",
        "unknown": "",
    }
    assert told["sums"] == ["¥5.40 billed, ¥0.00 not known yet"]
    assert told["limits"] == []


def test_the_table_has_every_job_and_no_formula(studio: StudioProcess, visitor: httpx.Client) -> None:
    for prompt in NASTY:
        studio.wait(visitor, studio.submit(visitor, prompt)["id"])
    answer = visitor.get("/studio/money.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="happyhorse-[\d-]+\.csv"', answer.headers["content-disposition"])
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    prompts = [row["prompt"] for row in reversed(rows)]
    assert prompts == [f"'{prompt}" if prompt in NASTY[:7] else prompt for prompt in NASTY]
    for row in rows:
        assert (row["provider"], row["account"], row["currency"]) == ("dashscope", "dashscope:beijing", "CNY")
        assert (float(row["estimate"]), float(row["billed"]), float(row["open"])) == (2.7, 2.7, 0)
        assert row["state"] == "succeeded"
        assert row["task_id"]
    assert len({row["job"] for row in rows}) == len(NASTY)


def test_nobody_sees_what_others_pay(studio: StudioProcess, visitor: httpx.Client, other: httpx.Client) -> None:
    studio.wait(other, studio.submit(other, "A horse at dawn")["id"])
    assert visitor.get("/studio/money").json()["lines"] == []
    assert len(visitor.get("/studio/money.csv").text.splitlines()) == 1


@pytest.fixture(scope="module")
def thrifty(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio that may spend a little and keeps nothing for long."""
    settings = {"STUDIO_POLL_SECONDS": "0.2", "STUDIO_DAILY_LIMIT": "10", "STUDIO_KEEP_DAYS": "30"}
    with StudioProcess(tmp_path_factory.mktemp("thrifty"), cloud_server, **settings) as process:
        yield process


def test_the_page_shows_the_ledger_the_limit_and_what_is_kept(
    thrifty: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, thrifty) as visit:
        expect(visit.page.locator(".kept")).to_contain_text("30 days after they were made; favourites are kept")
        visit.page.locator(".account").click()
        expect(visit.page.locator(".money")).to_contain_text("Nothing was sent")
        visit.page.keyboard.press("Escape")
        expect(visit.page.locator(".money")).to_be_hidden()
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "succeeded")
        visit.page.locator(".account").click()
        row = visit.page.locator(".money tbody tr")
        expect(row.locator("td")).to_have_text(
            [re.compile(r"^\d{4}-"), "DashScope · Beijing", "happyhorse-1.0-t2v", "1", "¥8.00", "¥8.00", ""]
        )
        expect(visit.page.locator(".money-sums")).to_contain_text("¥8.00 of ¥10.00 spent or promised today")
        with visit.page.expect_download() as download:
            visit.page.locator(".money a.button").click()
        assert "A horse at dawn" in download.value.path().read_text("utf-8-sig")
        visit.page.locator(".money-close").click()
        visit.prompt.fill("One too many")
        visit.button.click()
        alert = visit.summary.get_by_role("alert")
        expect(alert).to_contain_text("This would cost ¥8.00")
        expect(alert).to_contain_text("¥8.00 of the studio's daily limit of ¥10.00")
        expect(visit.cards).to_have_count(1)
        assert visit.wrong == []
    assert cloud.statistics()["creations"] == 1
