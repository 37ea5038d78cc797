"""What to do about a key or an account: for where the key came from, and for who asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from studio.accounts.missing import account_missing
from studio.config import KEYS, AddedKey, Settings
from studio.database.states import State
from studio.errors import AuthenticationFailed, Fault
from studio.providers.clouds import CLIENTS
from studio.web.board.views import view
from studio.web.faults import fault_view, pasted_key_sentence
from studio.web.money.keys import KeyAccess
from studio.web.text import LANGUAGES, Translation
from tests.databases import make_job

ENGLISH = Translation()
SET = Settings.model_validate({"DASHSCOPE_API_KEY": "sk-set"})
ADDED = Settings().with_key("dashscope", AddedKey(SecretStr("sk-added"), "singapore"))
ELSEWHERE = "The studio’s owner does it."
REFUSED = AuthenticationFailed("No.").fault("submit")
ABOUT_KEYS = [
    AuthenticationFailed("No.", cause=meaning.cause).fault("submit")
    for client in CLIENTS.values()
    for meaning in client.codes.table.values()
    if meaning.error is AuthenticationFailed
]


def names_setting(text: str) -> bool:
    return any(one.setting in text for one in KEYS.values()) or "DASHSCOPE_WORKSPACE" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", ABOUT_KEYS, ids=lambda fault: str(fault.cause))
def test_a_key_that_was_added_in_the_page_is_replaced_there(language: str, fault: Fault) -> None:
    words = Translation(language)
    remedy = fault_view(fault, words, provider="dashscope", access=KeyAccess(ADDED, ""))["remedy"]
    assert remedy.endswith(words("key.renew"))
    assert not names_setting(remedy)
    told = fault_view(fault, words, provider="dashscope", access=KeyAccess(ADDED, ELSEWHERE))["remedy"]
    assert told.endswith(ELSEWHERE)
    assert not names_setting(pasted_key_sentence(fault, words))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.FAILED, ENGLISH("key.renew")),
        (State.QUEUED, ENGLISH("key.renew.queued")),
        (State.WAITING, "Set DASHSCOPE_REGION=beijing, DASHSCOPE_API_KEY to the key of that region, and restart"),
    ],
)
def test_what_is_said_of_an_added_key_can_be_done_while_its_videos_are_in_progress(state: State, told: str) -> None:
    job = make_job(state=state, account="dashscope:beijing", fault=REFUSED)
    shown = view(job, ENGLISH, access=KeyAccess(ADDED, ""))["fault"]
    assert shown is not None
    assert told in shown["remedy"]
    keeps_trying = ENGLISH("held") in shown["remedy"]
    assert keeps_trying == (state is State.WAITING), "what is to be canceled does not continue"


def test_a_key_of_a_setting_or_a_file_is_looked_for_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "DASHSCOPE_API_KEY" in fault_view(REFUSED, ENGLISH, make_job(), access=KeyAccess(SET, ""))["remedy"]
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".alibabacloud").mkdir()
    (tmp_path / ".alibabacloud" / "credentials").write_text("dashscope_api_key = sk-file")
    access = KeyAccess(Settings.load({}, tmp_path / "none"), "")
    remedy = fault_view(REFUSED, ENGLISH, make_job(), access=access)["remedy"]
    assert remedy.startswith("Check dashscope_api_key in ~/.alibabacloud/credentials: ")
    assert "DASHSCOPE_API_KEY" not in remedy


@pytest.mark.parametrize(
    ("settings", "otherwise", "told"),
    [
        (Settings(), "", "Add the API key of DashScope · Beijing at the top of the page."),
        (
            ADDED,
            "",
            "At the top of the page, remove the API key of DashScope · Singapore and add one of DashScope · Beijing.",
        ),
        (SET, "", "Set DASHSCOPE_REGION=beijing, DASHSCOPE_API_KEY to the key of that region, and restart the studio."),
        (
            Settings(),
            ELSEWHERE,
            "Set DASHSCOPE_REGION=beijing, DASHSCOPE_API_KEY to the key of that region, and restart the studio.",
        ),
        (Settings.model_validate({"STUDIO_PROVIDER": "sandbox"}), ELSEWHERE, ELSEWHERE),
    ],
)
def test_an_account_that_is_missing_comes_back_as_its_key_can_be_added(
    settings: Settings, otherwise: str, told: str
) -> None:
    fault = account_missing("dashscope:beijing").fault("submit")
    job = make_job(state=State.QUEUED, account="dashscope:beijing", fault=fault)
    shown = view(job, ENGLISH, access=KeyAccess(settings, otherwise))["fault"]
    assert shown is not None
    assert shown["remedy"] == f"{told} The studio keeps trying and continues automatically."


def test_an_account_of_which_nothing_is_known_is_told_as_before() -> None:
    for account in ("sandbox", "fal", "dashscope:atlantis"):
        fault = account_missing(account).fault("submit")
        shown = view(make_job(account=account, fault=fault), ENGLISH, access=KeyAccess(Settings(), ""))["fault"]
        assert shown is not None
        assert fault.message in shown["remedy"]
