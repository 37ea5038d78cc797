from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from studio.errors import InvalidRequest, NameTaken, NoSuchPreset
from studio.jobs.rows.store import Store
from studio.library.presets import Presets

MODE = "text-to-video"
SETTINGS: dict[str, Any] = {
    "prompt": "A horse at dawn",
    "model": "happyhorse-1.0-t2v",
    "resolution": "720P",
    "ratio": "9:16",
    "duration": 3,
    "watermark": False,
    "seed": None,
}


@pytest.fixture
def kept(store: Store) -> Presets:
    return Presets(store.engine)


def names(kept: Presets, owner: str = "ada", mode: str = MODE) -> list[str]:
    return [preset.name for preset in kept.of(owner, mode)]


def test_what_was_saved_is_there_by_name_for_its_owner_and_mode_alone(kept: Presets) -> None:
    saved = [kept.save("ada", MODE, name, SETTINGS) for name in ("beach", "Alley", "晨光")]
    kept.save("bob", MODE, "beach", {"ratio": "1:1"})
    kept.save("ada", "video-edit", "beach", {"audio_setting": "origin"})
    assert kept.of("ada", MODE) == [saved[1], saved[0], saved[2]]
    assert kept.of("ada", MODE)[0].settings == SETTINGS
    assert [preset.settings for preset in kept.of("ada", "video-edit")] == [{"audio_setting": "origin"}]
    assert names(kept, "eve") == []


def test_a_name_is_replaced_only_when_that_is_wanted(kept: Presets) -> None:
    kept.save("ada", MODE, "Beach", SETTINGS)
    with pytest.raises(NameTaken):
        kept.save("ada", MODE, "  Beach ", {"ratio": "1:1"})
    assert kept.of("ada", MODE)[0].settings == SETTINGS
    kept.save("ada", MODE, "Beach", {"ratio": "1:1"}, replace=True)
    assert [preset.settings for preset in kept.of("ada", MODE)] == [{"ratio": "1:1"}]


def test_of_two_who_save_one_name_at_once_one_is_told(kept: Presets) -> None:
    def save(_: int) -> bool:
        try:
            kept.save("ada", MODE, "Beach", SETTINGS)
        except NameTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(save, range(4))) == 1
    assert names(kept) == ["Beach"]


def test_it_is_renamed_but_not_over_another(kept: Presets) -> None:
    beach = kept.save("ada", MODE, "Beach", SETTINGS)
    kept.save("ada", MODE, "Alley", SETTINGS)
    with pytest.raises(NameTaken):
        kept.rename("ada", beach.id, "Alley")
    kept.rename("ada", beach.id, "Beach")
    kept.rename("ada", beach.id, "Shore")
    assert names(kept) == ["Alley", "Shore"]


def test_nobody_renames_or_deletes_what_is_anothers(kept: Presets) -> None:
    beach = kept.save("ada", MODE, "Beach", SETTINGS)
    with pytest.raises(NoSuchPreset):
        kept.rename("bob", beach.id, "Mine")
    with pytest.raises(NoSuchPreset):
        kept.delete("bob", beach.id)
    assert names(kept) == ["Beach"]
    kept.delete("ada", beach.id)
    with pytest.raises(NoSuchPreset):
        kept.delete("ada", beach.id)
    assert names(kept) == []


@pytest.mark.parametrize("name", ["", " \n ", "x" * 61, "bell\a", "\ud800"])
def test_a_name_is_short_and_can_be_read(kept: Presets, name: str) -> None:
    with pytest.raises(InvalidRequest, match="name is"):
        kept.save("ada", MODE, name, SETTINGS)
    beach = kept.save("ada", MODE, "Beach", SETTINGS)
    with pytest.raises(InvalidRequest, match="name is"):
        kept.rename("ada", beach.id, name)


def test_only_settings_are_kept_and_only_of_their_type(kept: Presets) -> None:
    given = SETTINGS | {"first_frame": [{"sha256": "0" * 64}], "mode": MODE, "key": "sk-secret", "duration": "3"}
    given |= {"ratio": ["1:1"], "watermark": 1, "seed": True}
    saved = kept.save("ada", MODE, "Beach", given)
    assert saved.settings == {name: SETTINGS[name] for name in ("prompt", "model", "resolution")}


def test_number_and_size_have_a_bound(store: Store) -> None:
    kept = Presets(store.engine, most=2)
    kept.save("ada", MODE, "The longest that can be sent", SETTINGS | {"prompt": "马" * 2500})
    with pytest.raises(InvalidRequest, match="prompt is"):
        kept.save("ada", MODE, "Too much", SETTINGS | {"prompt": "x" * 40_000})
    kept.save("ada", "video-edit", "Second", {})
    with pytest.raises(InvalidRequest, match="at most 2: delete one first"):
        kept.save("ada", MODE, "Third", SETTINGS)
    kept.save("ada", "video-edit", "Second", {"seed": 1}, replace=True)
    kept.save("bob", MODE, "Third", SETTINGS)
    assert len(kept.of("ada", MODE)) == 1


def test_there_is_none_for_a_mode_that_does_not_exist(kept: Presets) -> None:
    with pytest.raises(InvalidRequest, match="mode is"):
        kept.save("ada", "audio-to-video", "Beach", SETTINGS)


def test_it_outlives_the_process(store_url: str) -> None:
    for step in (lambda kept: kept.save("ada", MODE, "Beach", SETTINGS), lambda kept: None):
        store = Store(store_url)
        step(Presets(store.engine))
        found = names(Presets(store.engine))
        store.close()
        assert found == ["Beach"]
