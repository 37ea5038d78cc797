"""Where a video is found when the location in force has changed since it was saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import ConfigError, StorageRefused, StorageReserved
from studio.outputs.locations import Locations, open_locations
from studio.system.disk import Reserve
from tests.outputs.store import Store

NAME = "m/videos/a.mp4"


def put(folder: Path, content: bytes = b"a video") -> None:
    path = folder / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def opened(location: str, folder: Path, store: Store | None = None, reserve: Reserve | None = None) -> Locations:
    """The locations of a studio that starts with this ``OUTPUT_DIR``."""
    reached = {} if store is None else store.settings("")
    environ = {**reached, "OUTPUT_DIR": location, "STUDIO_DATA_DIR": str(folder / "data")}
    return open_locations(Settings.load(environ, folder / "no.env"), reserve)


def found(locations: Locations, location: str | None) -> bytes | None:
    stored = locations.find(location, NAME)
    return None if stored is None else b"".join(stored.read())


def test_a_video_is_found_where_its_row_says(tmp_path: Path) -> None:
    for name in ("first", "second"):
        put(tmp_path / name, name.encode())
    opened(str(tmp_path / "first"), tmp_path)
    locations = opened(str(tmp_path / "second"), tmp_path)
    assert found(locations, str(tmp_path / "first")) == b"first"
    assert found(locations, str(tmp_path / "second")) == b"second"


def test_one_whose_row_says_nothing_lies_where_the_oldest_do(tmp_path: Path) -> None:
    for name in ("first", "second"):
        put(tmp_path / name, name.encode())
    opened(str(tmp_path / "first"), tmp_path)
    assert found(opened(str(tmp_path / "second"), tmp_path), None) == b"first"


def test_an_upgrade_that_changes_the_setting_at_once_still_finds_the_usual_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "output", b"old")
    assert found(opened(str(tmp_path / "new"), tmp_path), None) == b"old"
    assert json.loads((tmp_path / "data" / "outputs.json").read_text()) == [
        str(tmp_path / "output"),
        str(tmp_path / "new"),
    ]


def test_a_folder_that_was_moved_as_a_whole_is_found(tmp_path: Path) -> None:
    put(tmp_path / "before")
    opened(str(tmp_path / "before"), tmp_path)
    (tmp_path / "before").rename(tmp_path / "after")
    assert found(opened(str(tmp_path / "after"), tmp_path), str(tmp_path / "before")) == b"a video"


def test_from_a_folder_to_a_bucket_and_back(s3_store: Store, tmp_path: Path) -> None:
    put(tmp_path / "output")
    opened(str(tmp_path / "output"), tmp_path)
    name, source = s3_store.bucket(), tmp_path / "source"
    source.write_bytes(b"in the bucket")
    there = opened(f"s3://{name}/studio/", tmp_path, s3_store)
    there.current.put(source, "m/videos/b.mp4")
    assert found(there, None) == found(there, str(tmp_path / "output")) == b"a video"
    back = opened(str(tmp_path / "output"), tmp_path, s3_store)
    stored = back.find(f"s3://{name}/studio", "m/videos/b.mp4")
    assert stored is not None
    assert b"".join(stored.read()) == b"in the bucket"
    without_key = opened(str(tmp_path / "output"), tmp_path)
    with pytest.raises(StorageRefused, match="are missing"):
        without_key.find(f"s3://{name}/studio", "m/videos/b.mp4")


def test_what_is_nowhere_is_none_and_deleted_without_a_word(tmp_path: Path) -> None:
    locations = opened(str(tmp_path / "output"), tmp_path)
    assert locations.find(None, NAME) is None
    locations.delete(None, NAME)


@pytest.mark.parametrize("text", ["{", "[" * 200_000], ids=["cut", "nested"])
def test_a_list_that_cannot_be_read_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outputs.json").write_text(text)
    with pytest.raises(ConfigError, match=r"outputs\.json.*cannot be read.*delete it"):
        opened(str(tmp_path / "output"), tmp_path)


@pytest.mark.parametrize(("location", "said"), [("ftp://films", "must be a folder"), ("s3://films", "STUDIO_S3_")])
def test_a_location_that_cannot_be_is_said_with_its_setting(tmp_path: Path, location: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"OUTPUT_DIR is .*{said}"):
        opened(location, tmp_path)


def test_programs_get_a_copy_on_this_disk_for_as_long_as_they_need_it(s3_store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a video")
    here = opened(f"s3://{s3_store.bucket()}", tmp_path, s3_store, reserve=Reserve(0))
    here.current.put(source, NAME)
    stored = here.find(None, NAME)
    assert stored is not None
    with here.local(stored) as copy:
        assert copy.read_bytes() == b"a video"
    assert not copy.exists()
    full = opened(here.current.location, tmp_path, s3_store, reserve=Reserve(1 << 60))
    with pytest.raises(StorageReserved), full.local(stored):
        pass


def test_a_file_of_a_folder_is_itself_on_this_disk(tmp_path: Path) -> None:
    put(tmp_path)
    locations = Locations.folder(tmp_path)
    stored = locations.find(None, NAME)
    assert stored is not None
    with locations.local(stored) as path:
        assert path == tmp_path / NAME


def test_a_folder_for_what_is_on_its_way_is_none_for_videos(tmp_path: Path) -> None:
    for inside in ("data/outbox", "data/outbox/videos"):
        with pytest.raises(ConfigError, match=r"OUTPUT_DIR is .*outbox.*choose another folder"):
            opened(str(tmp_path / inside), tmp_path)
    opened(str(tmp_path / "data"), tmp_path)


def test_a_store_that_cannot_be_reached_any_more_holds_up_nothing_that_lies_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "outputs.json").write_text(json.dumps(["s3://gone/x"]))
    put(folder)
    locations = opened(str(folder), tmp_path)
    assert found(locations, str(folder)) == b"a video"
    assert found(locations, None) == b"a video"
    for location in (str(folder), None):
        assert locations.find(location, "m/videos/never.jpg") is None
    with pytest.raises(StorageRefused):
        locations.find("s3://gone/x", "m/videos/never.jpg")
