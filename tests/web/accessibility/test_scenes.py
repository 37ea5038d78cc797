"""No scene of the page, in no look, keeps anyone out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.accessibility.audits import cut_off, moving, small_targets, untranslated
from tests.web.accessibility.axe import findings
from tests.web.accessibility.conftest import Exhibition
from tests.web.accessibility.looks import LOOKS
from tests.web.scenes import SCENES, become
from tests.web.visit import Visit


@pytest.mark.slow
@pytest.mark.parametrize("made", [False, True], ids=["newcomer", "maker"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_nothing_is_found_in_any_scene(
    exhibition: Exhibition, browser: Browser, look: dict[str, Any], made: bool
) -> None:
    audits = [findings, moving, cut_off, small_targets]  # the last scrolls
    if look["locale"] == "zh-CN":
        audits.append(untranslated)
    found: dict[str, list[str]] = {}
    visit = Visit(browser, exhibition.studio, **look)
    if made:
        become(visit, exhibition.maker)
    with visit:
        for name, scene in SCENES.items():
            if scene.made == made:
                scene.enter(visit)
                found[name] = [told for audit in audits for told in audit(visit.page)]
    assert {name: told for name, told in found.items() if told} == {}
