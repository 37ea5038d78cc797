"""Keys that were added in the page, in their file and as settings."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from studio.config import AddedKey, Settings, keys
from studio.errors import ConfigError, KeysNotSaved

SINGAPORE = AddedKey(SecretStr("sk-added"), "singapore", "ws-1")


def load(data: Path, **environ: str) -> Settings:
    return Settings.load({"STUDIO_DATA_DIR": str(data), **environ}, dotenv=data / "none")


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of a developer's."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def test_what_is_written_is_read_and_the_users_alone(tmp_path: Path) -> None:
    assert keys.read(tmp_path) == {}
    keys.write(tmp_path, {"dashscope": SINGAPORE})
    keys.write(tmp_path, {"dashscope": SINGAPORE, "aivideoapi": AddedKey(SecretStr("sk-other"), "global")})
    assert keys.read(tmp_path) == {"dashscope": SINGAPORE, "aivideoapi": AddedKey(SecretStr("sk-other"), "global")}
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert "sk-added" not in repr(keys.read(tmp_path))


def test_an_added_key_brings_its_region_and_workspace(tmp_path: Path) -> None:
    keys.write(tmp_path, {"dashscope": SINGAPORE})
    settings = load(tmp_path, DASHSCOPE_REGION="beijing")
    assert settings.providers == ("dashscope",)
    assert settings.dashscope_host() == "https://ws-1.ap-southeast-1.maas.aliyuncs.com"
    assert settings.added_keys == {"dashscope"}
    without = settings.without_key("dashscope")
    assert (without.providers, without.added_keys, without.dashscope_region) == ((), frozenset(), "beijing")


def test_the_environments_key_goes_before_with_a_region_of_its_own(tmp_path: Path) -> None:
    keys.write(tmp_path, {"dashscope": SINGAPORE})
    settings = load(tmp_path, DASHSCOPE_API_KEY="sk-environment")
    assert settings.dashscope_api_key == SecretStr("sk-environment")
    assert (settings.dashscope_region, settings.dashscope_workspace, settings.added_keys) == ("beijing", None, set())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"sk-added"',
        '{"dashscope": "sk-added"}',
        '{"dashscope": {"key": 7, "region": "beijing"}}',
        '{"dashscope": {"key": "sk-added", "region": []}}',
        '{"dashscope": {"key": " ", "region": "beijing"}}',
        "[" * 200_000,
        '{"dashscope": ' + '{"key": ' * 100_000,
    ],
    ids=lambda text: text[:50],
)
def test_a_damaged_file_is_told_and_what_stands_in_it_is_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(ConfigError, match=r"keys\.json") as caught:
        load(tmp_path)
    assert "sk-added" not in str(caught.value)


UNUSABLE = [
    AddedKey(SecretStr("sk-ä"), "beijing"),
    AddedKey(SecretStr("sk-\nadded"), "beijing"),
    AddedKey(SecretStr("sk-added"), "beijing", "a/b"),
    AddedKey(SecretStr("sk-added"), "tokyo"),
    AddedKey(SecretStr("sk-sp-added"), "beijing"),
]


@pytest.mark.parametrize("added", UNUSABLE)
def test_a_key_that_can_be_none_there_is_refused_and_not_repeated(tmp_path: Path, added: AddedKey) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path).with_key("dashscope", added)
    assert added.key.get_secret_value() not in str(caught.value)


@pytest.mark.parametrize("added", UNUSABLE)
def test_of_such_a_key_in_the_file_the_file_is_named_and_no_setting_that_nobody_set(
    tmp_path: Path, added: AddedKey
) -> None:
    keys.write(tmp_path, {"dashscope": added})
    with pytest.raises(ConfigError, match=r"keys\.json.* API key of DashScope") as caught:
        load(tmp_path)
    assert "set DASHSCOPE_API_KEY" in str(caught.value), "a way out"
    assert "DASHSCOPE_REGION" not in str(caught.value)
    assert "DASHSCOPE_WORKSPACE" not in str(caught.value)
    assert added.key.get_secret_value() not in str(caught.value)
    assert load(tmp_path, DASHSCOPE_API_KEY="sk-environment").added_keys == set()


def test_a_key_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    keys.put(tmp_path, "dashscope", SINGAPORE)
    keys.put(tmp_path, "aivideoapi", AddedKey(SecretStr("sk-other"), "global"))
    keys.put(tmp_path, "aivideoapi", None)
    assert keys.read(tmp_path) == {"dashscope": SINGAPORE}
    with pytest.raises(KeysNotSaved, match="none is not writable"):
        keys.put(tmp_path / "none", "dashscope", SINGAPORE)
    (tmp_path / "keys.json").write_text("{damaged")
    with pytest.raises(KeysNotSaved, match="it is damaged"):
        keys.put(tmp_path, "dashscope", None)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("keys.json", "{damaged")]
