from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.database.states import State
from studio.errors import SpendingLimit
from studio.service import Studio
from studio.web.faults import sentence
from studio.web.text import Translation
from tests.jobs.test_engine import REQUEST, ended, run, settings_for
from tests.servers import SandboxServer


def test_no_more_is_sent_than_a_day_allows_also_at_once(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    price = 3 * 0.9
    with Studio(settings_for(instant_sandbox, tmp_path, STUDIO_DAILY_LIMIT=str(2 * price))) as studio:

        async def story() -> None:
            tries = [studio.engine.accept(owner, REQUEST) for owner in ("ada", "eve", "ada", "eve", "ada")]
            outcomes = await asyncio.gather(*tries, return_exceptions=True)
            refused = [one for one in outcomes if isinstance(one, SpendingLimit)]
            taken = [one for one in outcomes if not isinstance(one, BaseException)]
            assert (len(refused), len(taken)) == (3, 2)
            assert "¥5.40 of the studio’s daily limit of ¥5.40" in sentence(refused[0], Translation())
            for job in taken:
                assert (await ended(studio, job)).state is State.SUCCEEDED
            with pytest.raises(SpendingLimit):
                await studio.engine.accept("ada", REQUEST)

        run(story())
    assert instant_sandbox.statistics()["creations"] == 2
