"""What it cost: the panel, the table, and the limit of a day."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit, meddle

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
        "model": "happyhorse-1.1-t2v",
        "jobs": 3,
        "estimate": "¥8.10",
        "billed": "¥5.40",
        "unknown": "",
    }
    assert told["sums"] == ["¥5.40 charged."]
    assert told["tests"] == {"lines": [], "sum": ""}
    assert told["limits"] == []


@pytest.mark.slow
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
    settings = {"STUDIO_POLL_SECONDS": "0.2", "STUDIO_DAILY_LIMIT": "7", "STUDIO_KEEP_DAYS": "30"}
    with StudioProcess(tmp_path_factory.mktemp("thrifty"), cloud_server, **settings) as process:
        yield process


def test_the_page_shows_the_ledger_the_limit_and_what_is_kept(
    thrifty: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, thrifty) as visit:
        expect(visit.page.locator(".first-screen")).to_contain_text(
            "30 days after they are generated, except favorites"
        )
        panel, opener = visit.page.get_by_role("dialog", name="Spending"), visit.page.locator(".spending-open")
        opener.click()
        expect(panel).to_contain_text("No videos in the last month.")
        expect(panel.get_by_role("link", name="Download as CSV")).to_be_hidden()
        visit.page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(opener).to_be_focused()
        card = visit.submit("A horse at dawn")
        expect(card).to_have_attribute("data-state", "succeeded")
        opener.click()
        row = panel.locator("tbody tr")
        expect(row.locator("td")).to_have_text(
            [re.compile(r"^\w{3} \d"), "DashScope · Beijing", "happyhorse-1.1-t2v", "1", "¥6.00", "¥6.00"]
        )
        expect(panel.locator(".limit.near")).to_contain_text("¥6.00 of ¥7.00 spent or reserved today")
        with visit.page.expect_download() as download:
            panel.get_by_role("link", name="Download as CSV").click()
        assert "A horse at dawn" in download.value.path().read_text("utf-8-sig")
        panel.get_by_role("button", name="Close").click()
        visit.prompt.fill("One too many")
        visit.button.click()
        alert = visit.part("findings").get_by_role("alert")
        expect(alert).to_contain_text("This costs ¥6.00")
        expect(alert).to_contain_text("¥6.00 of the studio’s daily limit of ¥7.00")
        expect(alert).to_contain_text(re.compile(r"Try again after \w.*\d:00"))  # in the browser's own time
        expect(visit.cards).to_have_count(1)
        assert [told for told in visit.wrong if "429" not in told] == []
        job = card.get_attribute("data-id")
        answer = visit.page.request.post(f"{thrifty.url}/studio/jobs/{job}/again", data={})
        refused = answer.json()
        assert (answer.status, refused["kind"], refused["again_at"] % 86400) == (429, "spending_limit", 0)
        assert "00:00 UTC" in refused["error"]
        assert "STUDIO_DAILY_LIMIT" in refused["error"]
        assert "{at}" in refused["shown"]
        assert 0 < int(answer.headers["retry-after"]) <= 86400
        (limit,) = visit.page.request.get(f"{thrifty.url}/studio/money").json()["limits"]
        assert (limit["near"], limit["at"]) == (True, refused["again_at"])
        visit.prompt.fill("")
        visit.choose("ratio", "1:1")
        expect(visit.findings).to_contain_text("¥6.00 of ¥7.00 spent or reserved today. Resets at")
    assert cloud.statistics()["creations"] == 1


def test_the_tables_columns_are_named_in_the_visitors_language(studio: StudioProcess, visitor: httpx.Client) -> None:
    english, chinese = (
        visitor.get("/studio/money.csv", headers={"Accept-Language": one}).content.decode("utf-8-sig").splitlines()[0]
        for one in ("en", "zh-CN")
    )
    assert english == (
        "day,time,provider,account,mode,model,resolution,state,currency,estimate,billed,open,task_id,job,prompt"
    )
    assert chinese.startswith("日期,时间（UTC）,服务商,账号,")
    assert chinese.count(",") == english.count(",")


@pytest.mark.slow
def test_test_runs_stand_apart_and_nothing_of_them_looks_like_a_bill(browser: Browser, tmp_path: Path) -> None:
    with StudioProcess(tmp_path, None) as sandbox, Visit(browser, sandbox) as visit:
        expect(visit.page.locator(".account")).to_contain_text("Test mode")
        for prompt in ("A horse at dawn", "A horse at dusk"):
            expect(visit.submit(prompt)).to_have_attribute("data-state", "succeeded", timeout=60_000)
        visit.page.locator(".spending-open").click()
        panel = visit.page.get_by_role("dialog", name="Spending")
        expect(panel.locator(".sum")).to_have_text("Not charged. As AI video they would cost ¥12.00.")
        expect(panel.locator("th")).to_have_text(["Day", "Model", "Videos", "As AI video"])
        expect(panel.get_by_role("button", name="Check API key")).to_have_count(0)
        expect(panel.get_by_role("button", name="Add API key")).to_be_visible()
        expect(panel).not_to_contain_text("Estimated")
        visit.picture("spending-test-mode")
        assert visit.wrong == []


def test_a_script_that_sends_its_key_again_gets_the_same_job(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client, cloud: SandboxServer
) -> None:
    key = {"Idempotency-Key": "film-7"}
    body = {"data": ["A horse at dawn", "", "720P", "16:9", 3, True, -1]}
    answers = [visitor.post("/gradio_api/run/text_to_video", json=body, headers=key) for _ in range(3)]
    ids = {answer.json()["data"][0]["id"] for answer in answers}
    assert len(ids) == 1
    job = studio.wait(visitor, ids.pop())
    again = [visitor.post(f"/studio/jobs/{job['id']}/again", json={}, headers={"Idempotency-Key": "b"}) for _ in (1, 2)]
    assert again[0].json()["id"] == again[1].json()["id"] != job["id"]
    studio.wait(visitor, again[0].json()["id"])
    reused = visitor.post(f"/studio/jobs/{job['id']}/again", json={}, headers=key)
    assert (reused.status_code, reused.json()["kind"]) == (422, "key_reused")
    theirs = other.post("/gradio_api/run/text_to_video", json=body, headers=key).json()["data"][0]
    assert theirs["id"] != job["id"]
    studio.wait(other, theirs["id"])
    assert cloud.statistics()["creations"] == 3


def test_a_key_of_nobody_known_is_refused_with_a_token_to_go_on_with(
    studio: StudioProcess, cloud: SandboxServer
) -> None:
    url, key = f"{studio.url}/studio/api/text_to_video", {"Idempotency-Key": "film-8"}
    ask = {"prompt": "A horse at dawn", "resolution": "720P", "duration": 3}
    refused = [httpx.post(url, json=ask, headers=key, timeout=60) for _ in range(2)]
    assert [answer.status_code for answer in refused] == [400, 400]
    token = re.search(r"X-Studio-Visitor each time; a new one is “(\S+)”\.$", refused[0].json()["error"])
    assert token is not None
    known = key | {"X-Studio-Visitor": token[1]}
    jobs = [httpx.post(url, json=ask, headers=known, timeout=60).raise_for_status().json() for _ in range(2)]
    assert jobs[0]["id"] == jobs[1]["id"]
    with httpx.Client(base_url=studio.url, headers=known) as script:
        studio.wait(script, jobs[0]["id"])
    assert cloud.statistics()["creations"] == 1


def test_a_press_whose_reply_was_lost_buys_nothing_twice(
    studio: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, studio) as visit:
        page = visit.page
        visit.prompt.fill("A horse at dawn")
        expect(visit.price).to_have_text("¥6.00")

        def lose(route: Route) -> None:
            """The request arrives, and its answer never does: the job is made all the same."""
            route.fetch()
            route.abort()

        answer_again = meddle(page, "**/studio/forms/*/send", lose)
        with page.expect_event("requestfailed"):  # the card may come before the answer is asked for
            visit.button.click()
        expect(visit.cards).to_have_count(1)
        answer_again()
        visit.reload()
        visit.button.click()
        expect(visit.about).to_contain_text("Generating")
        expect(visit.cards).to_have_count(1)
        visit.prompt.click()  # answered: the next press is a new one
        page.wait_for_timeout(1100)
        visit.button.click()
        expect(visit.cards).to_have_count(2)
        for cell in visit.cards.all():
            expect(cell).to_have_attribute("data-state", "succeeded")
    assert cloud.statistics()["creations"] == 2


@pytest.mark.slow
def test_a_public_studio_without_limits_says_what_to_set(cloud_server: SandboxServer, tmp_path: Path) -> None:
    with StudioProcess(tmp_path, cloud_server, SPACE_HOST="127.0.0.1") as open_to_all:
        names = "STUDIO_DAILY_LIMIT, STUDIO_VISITOR_DAILY_LIMIT"
        assert open_to_all.output.count(names) == 2, "in the log, and where it says that it has started"
        with open_to_all.visitor() as visitor:
            answer = visitor.post("/gradio_api/run/text_to_video", json={"data": ["A horse", "", "", "", 0, True, -1]})
            assert answer.status_code == 409
            assert "STUDIO_WITHOUT_LIMITS" in answer.text
            assert names in visitor.get("/studio/forms").text.replace("\\u2026", "")
            assert visitor.get("/studio/jobs").json()["jobs"] == []
