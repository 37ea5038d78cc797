"""axe-core finds nothing, of no impact, in no scene and no look."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.accessibility.axe import findings
from tests.web.accessibility.conftest import Exhibition
from tests.web.accessibility.looks import LOOKS
from tests.web.scenes import SCENES, become
from tests.web.visit import Visit


@pytest.mark.slow
@pytest.mark.parametrize("made", [False, True], ids=["newcomer", "maker"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_axe_finds_nothing(exhibition: Exhibition, browser: Browser, look: dict[str, Any], made: bool) -> None:
    found: dict[str, list[str]] = {}
    visit = Visit(browser, exhibition.studio, **look)
    if made:
        become(visit, exhibition.maker)
    with visit:
        for name, scene in SCENES.items():
            if scene.made == made:
                scene.enter(visit)
                found[name] = findings(visit.page)
    assert {name: told for name, told in found.items() if told} == {}
