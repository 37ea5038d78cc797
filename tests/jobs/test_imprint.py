from __future__ import annotations

import json
from typing import Any

import pytest

import studio
from studio.catalog.requests import Asset, ReferenceToVideo, VideoEdit
from studio.jobs.save.metadata import settings_in, video_metadata
from tests.databases import make_job

SHA = "ab" * 32
EDIT = VideoEdit(
    provider="dashscope",
    model="happyhorse-1.0-video-edit",
    prompt="Make it snow",
    seed=7,
    video=Asset(SHA, "holiday-of-ada.mp4", "https://bucket.example.com/x.mp4?Signature=secret"),
    references=(Asset("cd" * 32, "face.png"),),
)


def test_a_job_is_described_without_anything_of_its_owner() -> None:
    text = video_metadata(make_job(request=EDIT, owner="ada", account="dashscope:beijing", task_id="t-1"))
    told = json.loads(text)
    assert (told["studio"], told["task_id"]) == (studio.__version__, "t-1")
    assert told["request"] == {
        "mode": "video-edit",
        "provider": "dashscope",
        "model": "happyhorse-1.0-video-edit",
        "prompt": "Make it snow",
        "resolution": "1080P",
        "watermark": True,
        "seed": 7,
        "video": {"sha256": SHA},
        "references": [{"sha256": "cd" * 32}],
        "audio_setting": "auto",
    }
    for private in ("ada", "beijing", "holiday", "face", "example", "Signature"):
        assert private not in text


def test_what_was_written_is_read_back_as_a_forms_settings() -> None:
    text = video_metadata(make_job(request=EDIT))
    assert settings_in(text.encode()) == json.loads(text)["request"]


def test_the_record_beside_a_video_is_read_too() -> None:
    request = ReferenceToVideo(
        provider="dashscope", model="happyhorse-1.0-r2v", prompt="[Image 1] runs", references=(Asset(SHA, "a.png"),)
    )
    settings = settings_in(json.dumps({"job": "x", "request": request.to_json(), "usage": None}, indent=2).encode())
    assert settings is not None
    assert (settings["mode"], settings["references"]) == ("reference-to-video", [{"sha256": SHA}])


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"request": None},
        {"request": []},
        {"request": {"mode": "sing"}},
        {"request": {"mode": ["text-to-video"]}},
        {"request": {"mode": "image-to-video", "first_frame": "x"}},
        {"request": {"mode": "image-to-video", "first_frame": {"name": "x"}}},
        {"request": {"mode": "video-edit", "references": 7}},
    ],
)
def test_other_json_has_no_settings(record: Any) -> None:
    assert settings_in(json.dumps(record).encode()) is None


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{\xff", b"PK\x03\x04", b"\x00\x00\x00\x08moov", b"[" * 100_000, b'{"request":' * 9999]
)
def test_other_bytes_have_no_settings(data: bytes) -> None:
    assert settings_in(data) is None


def test_fields_that_a_mode_does_not_have_are_left_out() -> None:
    settings = settings_in(b'{"request": {"mode": "text-to-video", "prompt": "A", "owner": "ada", "seed": null}}')
    assert settings == {"mode": "text-to-video", "prompt": "A"}
