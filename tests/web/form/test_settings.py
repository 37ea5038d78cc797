"""What becomes of a form's settings when another model or provider is chosen."""

from __future__ import annotations

from typing import Any

import pytest

from studio.catalog.models import CATALOG
from studio.web.form.settings import carry
from studio.web.text import Translation

T2V = CATALOG.model("aivideoapi", "happyhorse-1.0-text-to-video")
R2V = CATALOG.model("aivideoapi", "happyhorse-1.0-reference-to-video")
EDIT = CATALOG.model("aivideoapi", "happyhorse-1.0-video-edit")
BACK = CATALOG.model("dashscope", "happyhorse-1.1-r2v")
VALUES: dict[str, Any] = {
    "references": [{"sha256": "a" * 64}],
    "prompt": "[Image 1] walks",
    "resolution": "1080P",
    "ratio": "9:16",
    "audio_setting": "origin",
    "duration": 7,
    "seed": "42",
    "watermark": True,
}


@pytest.mark.parametrize("model", [T2V, R2V, EDIT, BACK], ids=lambda model: model.id)
def test_what_the_model_has_too_stays_and_nothing_is_said(model: Any) -> None:
    assert carry(VALUES, VALUES, model, Translation()) == (VALUES, [])


def test_what_it_has_not_becomes_its_default_and_is_told() -> None:
    kept, told = carry(VALUES | {"resolution": "480P", "ratio": "21:9", "watermark": False}, VALUES, R2V, Translation())
    assert (kept["resolution"], kept["ratio"], kept["seed"]) == ("720P", "16:9", "42")
    assert told == [
        "Resolution changed from 480P to 720P: happyhorse-1.0-reference-to-video has no 480P",
        "Aspect ratio changed from 21:9 to 16:9: happyhorse-1.0-reference-to-video has no 21:9",
        "AIVideoAPI has no such setting: Watermark “Happy Horse” in the corner",
    ]


def test_a_prompt_stays_as_it_is_written() -> None:
    for model in (R2V, EDIT, BACK):
        kept, _ = carry(VALUES | {"prompt": "character1 meets Image 2"}, VALUES, model, Translation())
        assert kept["prompt"] == "character1 meets Image 2"
