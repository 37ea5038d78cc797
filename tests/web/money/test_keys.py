"""A key that the owner adds in the page: checked, kept for the studio's user alone, live at once; nowhere else."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.visit import Visit


@pytest.fixture
def keyless(cloud: SandboxServer, tmp_path: Path) -> Iterator[StudioProcess]:
    """A studio without a key, whose clouds are the test's own."""
    settings = {"DASHSCOPE_BASE_URL": cloud.url, "AIVIDEOAPI_BASE_URL": cloud.url, "STUDIO_POLL_SECONDS": "0.2"}
    with StudioProcess(tmp_path, None, **settings) as process:
        yield process


def add(client: httpx.Client, provider: str, key: str, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    return client.post(f"/studio/accounts/{provider}/key", json={"key": key} | more, headers=headers)


def keys_file(studio: StudioProcess) -> Path:
    return studio.data_dir / "keys.json"


@pytest.mark.slow
def test_a_key_is_checked_kept_and_live_without_a_restart_and_stays_over_one(
    keyless: StudioProcess, cloud: SandboxServer
) -> None:
    with keyless.visitor() as visitor:
        before = visitor.get("/studio/accounts").json()
        assert (before["live"], before["adding"]["here"]) == (False, True)
        assert [one["id"] for one in before["adding"]["clouds"]] == ["dashscope", "aivideoapi"]
        under_way = keyless.submit(visitor, "A drawing of a horse")
        answer = add(visitor, "dashscope", f"  {cloud.key}\n", region="beijing").raise_for_status().json()
        assert answer["text"] == "DashScope · Beijing accepts the API key."
        assert cloud.statistics()["creations"] == 0

        accounts = visitor.get("/studio/accounts").json()
        assert accounts["live"]
        assert [(one["name"], one["removable"]) for one in accounts["accounts"]] == [("DashScope · Beijing", True)]
        paid = keyless.submit(visitor, "A horse of a cloud")
        assert keyless.wait(visitor, paid["id"])["state"] == "succeeded"
        assert cloud.statistics()["creations"] == 1
        assert keyless.wait(visitor, under_way["id"])["state"] == "succeeded", "it went on in the sandbox"

        assert stat.S_IMODE(keys_file(keyless).stat().st_mode) == 0o600
        assert [*keyless.data_dir.glob("keys*")] == [keys_file(keyless)]
        keyless.restart()
        assert visitor.get("/studio/accounts").json()["live"]
        again = keyless.submit(visitor, "Another one")
        assert keyless.wait(visitor, again["id"])["state"] == "succeeded"
        assert cloud.key not in keyless.output
        assert cloud.key not in visitor.get("/config").text + visitor.get("/studio/accounts").text


@pytest.mark.slow
def test_a_second_cloud_stands_beside_the_first(keyless: StudioProcess, cloud: SandboxServer) -> None:
    with keyless.visitor() as visitor:
        add(visitor, "aivideoapi", cloud.aivideo_key).raise_for_status()
        add(visitor, "dashscope", cloud.key).raise_for_status()
        names = [one["name"] for one in visitor.get("/studio/accounts").json()["accounts"]]
        assert names == ["DashScope · Beijing", "AIVideoAPI"], "in the order of a start"
        cloud.faults({"endpoint": "list", "do": "status", "status": 401, "code": "InvalidApiKey"})
        check = visitor.post("/studio/accounts/dashscope/check").json()
        assert check["text"].endswith("Open the account at the top of the page, remove its API key and add it again.")
        taken = add(visitor, "dashscope", cloud.key)
        assert (taken.status_code, taken.json()["error"]) == (
            409,
            "The accounts are unchanged. DashScope already has an API key.",
        )


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"key": "sk-of-singapore"}, "does not accept the API key."),
        ({"key": ""}, "Paste an API key first."),
        ({"key": "sk-ä"}, "This is not a valid API key"),
        ({"key": "sk-sp-abc"}, "belongs to Token Plan. Choose that region."),
        ({"key": "sk-abc", "region": "token-plan"}, "API keys of Token Plan begin with sk-sp-."),
        ({"key": "sk-abc", "region": "tokyo"}, "API keys of Tokyo need a workspace ID."),
        ({"key": "sk-abc", "region": "tokyo", "workspace": "a/b"}, "This is not a valid API key"),
    ],
)
def test_a_key_that_is_not_good_is_told_and_not_kept(
    keyless_for_all: StudioProcess, sent: dict[str, str], error: str
) -> None:
    with keyless_for_all.visitor() as visitor:
        answer = add(visitor, "dashscope", **sent)
        assert answer.status_code == 422
        assert error in answer.json()["error"]
        assert not visitor.get("/studio/accounts").json()["live"]
    assert not keys_file(keyless_for_all).exists()
    if len(sent["key"]) > 5:
        assert sent["key"] not in keyless_for_all.output + answer.text


@pytest.fixture(scope="module")
def keyless_for_all(cloud_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    with StudioProcess(tmp_path_factory.mktemp("keyless"), None, DASHSCOPE_BASE_URL=cloud_server.url) as process:
        yield process


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"Host": "studio.example.com"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_request_that_came_by_a_proxy_or_another_site_changes_no_key(
    keyless_for_all: StudioProcess, cloud: SandboxServer, headers: dict[str, str]
) -> None:
    with keyless_for_all.visitor() as visitor:
        refused = [
            add(visitor, "dashscope", cloud.key, headers=headers),
            visitor.delete("/studio/accounts/dashscope/key", headers=headers),
        ]
        assert {answer.status_code for answer in refused} <= {403, 421}
        if "X-Forwarded-For" in headers:
            assert refused[0].json()["kind"] == "not_here"
            assert "DASHSCOPE_API_KEY or AIVIDEOAPI_KEY" in refused[0].json()["error"]
            adding = visitor.get("/studio/accounts", headers=headers).json()["adding"]
            assert not adding["here"]
    assert not keys_file(keyless_for_all).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"STUDIO_HOST": "0.0.0.0"}, "sets DASHSCOPE_API_KEY or AIVIDEOAPI_KEY and restarts the studio"),
        ({"STUDIO_PUBLIC_URL": "https://studio.example.com"}, "sets DASHSCOPE_API_KEY or AIVIDEOAPI_KEY"),
        ({"SPACE_ID": "someone/studio"}, "as a secret"),
        ({"STUDIO_PROVIDER": "sandbox"}, "STUDIO_PROVIDER"),
    ],
)
def test_a_studio_for_others_says_which_setting(
    cloud: SandboxServer, tmp_path: Path, settings: dict[str, str], names: str
) -> None:
    with StudioProcess(tmp_path, None, **settings) as studio, studio.visitor() as visitor:
        answer = add(visitor, "dashscope", cloud.key)
        assert (answer.status_code, answer.json()["kind"]) == (403, "not_here")
        assert names in answer.json()["error"]
        adding = visitor.get("/studio/accounts").json()["adding"]
        assert (adding["here"], adding["otherwise"]) == (False, answer.json()["error"])
        assert not keys_file(studio).exists()


@pytest.mark.slow
def test_a_key_is_removed_once_its_jobs_are_done_and_test_mode_is_back(
    keyless: StudioProcess, cloud: SandboxServer
) -> None:
    with keyless.visitor() as visitor:
        add(visitor, "dashscope", cloud.key).raise_for_status()
        keyless.restart()  # without any sandbox
        cloud.rules(hold="RUNNING")
        job = keyless.submit(visitor, "A horse at dawn")
        keyless.wait(visitor, job["id"], lambda one: one["task_id"] is not None)
        refused = visitor.delete("/studio/accounts/dashscope/key")
        assert refused.status_code == 409
        assert "This account still has videos in progress: 1." in refused.json()["error"]
        assert visitor.get("/studio/accounts").json()["live"]
        cloud.rules(hold=None)
        assert keyless.wait(visitor, job["id"])["state"] == "succeeded"

        visitor.delete("/studio/accounts/dashscope/key").raise_for_status()
        assert json.loads(keys_file(keyless).read_text()) == {}
        assert not visitor.get("/studio/accounts").json()["live"]
        test = keyless.submit(visitor, "A drawing")
        assert keyless.wait(visitor, test["id"])["state"] == "succeeded"
        assert cloud.statistics()["creations"] == 1
        assert visitor.get("/healthz").json()["ok"]
        assert visitor.delete("/studio/accounts/dashscope/key").status_code == 404


@pytest.mark.slow
def test_a_job_whose_key_went_away_goes_on_when_it_is_added_again(keyless: StudioProcess, cloud: SandboxServer) -> None:
    with keyless.visitor() as visitor:
        add(visitor, "dashscope", cloud.key).raise_for_status()
        cloud.rules(hold="RUNNING")
        job = keyless.submit(visitor, "A horse at dawn")
        keyless.wait(visitor, job["id"], lambda one: one["task_id"] is not None)
        keyless.stop()
        keys_file(keyless).unlink()
        keyless.start()
        cloud.rules(hold=None)
        assert keyless.job(visitor, job["id"])["state"] in ("waiting", "running"), "nobody asks for its task"
        add(visitor, "dashscope", cloud.key).raise_for_status()
        assert keyless.wait(visitor, job["id"])["state"] == "succeeded"
        assert cloud.statistics()["creations"] == 1


@pytest.mark.slow
def test_the_environments_key_goes_before_and_cannot_be_removed_here(
    keyless: StudioProcess, cloud: SandboxServer
) -> None:
    with keyless.visitor() as visitor:
        add(visitor, "dashscope", cloud.key).raise_for_status()
        keyless.restart(DASHSCOPE_API_KEY="sk-of-the-environment", DASHSCOPE_REGION="singapore")
        (account,) = visitor.get("/studio/accounts").json()["accounts"]
        assert (account["name"], account["removable"]) == ("DashScope · Singapore", False)
        assert visitor.delete("/studio/accounts/dashscope/key").status_code == 404


@pytest.mark.slow
def test_a_damaged_file_of_keys_is_told_at_the_start_and_not_repeated(
    keyless: StudioProcess, cloud: SandboxServer
) -> None:
    keyless.stop()
    keys_file(keyless).write_text('{"dashscope": {"key": "sk-secret", "region": "atlantis"}}')
    with pytest.raises(RuntimeError, match="keys that were added in the page"):
        keyless.start()
    assert "sk-secret" not in keyless.output


def test_the_owner_adds_and_removes_a_key_in_the_page(
    keyless: StudioProcess, cloud: SandboxServer, browser: Browser
) -> None:
    with Visit(browser, keyless) as visit:
        pill, dialog = visit.page.locator(".account"), visit.page.locator(".key-dialog")
        expect(pill).to_contain_text("Test mode")
        visit.prompt.fill("A horse at dawn")
        expect(visit.button).to_contain_text("Test")
        visit.page.evaluate("window.same = true")
        pill.get_by_role("button", name="Add API key").click()
        key = dialog.get_by_label("API key", exact=True)
        expect(key).to_be_focused()
        expect(key).to_have_attribute("type", "password")
        dialog.get_by_label("Region of the API key").select_option("tokyo")
        expect(dialog.get_by_label("Workspace ID")).to_be_visible()
        dialog.get_by_label("Region of the API key").select_option("beijing")
        key.fill("sk-wrong")
        key.press("Enter")
        expect(dialog.get_by_role("alert")).to_have_text(
            re.compile("does not accept the API key. Check .* The API key was not saved.$")
        )
        wide = "node => node.getBoundingClientRect().right"
        ends = {field.evaluate(wide) for field in dialog.locator(".text-field:visible").all()}
        assert len(ends) == 1, "all fields end at one edge"
        visit.picture("key-refused")
        key.fill(cloud.key)
        dialog.get_by_role("button", name="Check and save").click()
        expect(dialog).to_contain_text("DashScope · Beijing accepts the API key.")
        expect(dialog.get_by_role("button", name="Done")).to_be_focused()
        assert cloud.key not in visit.page.content()
        dialog.get_by_role("button", name="Done").click()
        expect(pill).to_contain_text("DashScope · Beijing")
        expect(pill.get_by_role("button", name="Add API key")).to_be_hidden()
        expect(visit.button).not_to_contain_text("Test")

        pill.locator(".spending-open").click()
        visit.page.get_by_role("button", name="Remove API key of DashScope").click()
        visit.page.get_by_role("button", name="Remove", exact=True).click()
        expect(pill).to_contain_text("Test mode")
        visit.page.keyboard.press("Escape")
        expect(visit.button).to_contain_text("Test")
        expect(visit.prompt).to_have_value("A horse at dawn")
        assert visit.page.evaluate("window.same")
        # A browser notes each 422 itself.
        assert [one for one in visit.wrong if "422" not in one] == []
