"""What the form says of the limits: as they stand after what the visitor did last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.service import Studio
from studio.visitors.visitor import Visitor
from studio.web.money.limits import AT, LimitViews
from studio.web.text import Translation
from tests.jobs.test_engine import run, settings_for, with_prompt
from tests.servers import SandboxServer

ADA, EVE = Visitor("ada"), Visitor("eve")
WORDS = Translation()


def test_what_a_visitor_just_spent_counts_in_the_next_warning(instant_sandbox: SandboxServer, tmp_path: Path) -> None:
    request = replace(with_prompt("A horse"), resolution="1080P", duration=5)
    with Studio(settings_for(instant_sandbox, tmp_path, STUDIO_DAILY_LIMIT="9")) as studio:
        views = LimitViews(studio)

        async def story() -> None:
            assert [views.warnings(visitor, WORDS) for visitor in (ADA, EVE)] == [[], []]
            await studio.engine.accept(ADA.id, request)
            ((kind, text, at),) = views.warnings(ADA, WORDS)
            assert kind == "warning"
            assert text == f"Daily limit of this studio: ¥8.00 of ¥9.00 spent or reserved today. Resets at {AT}."
            assert at is not None
            assert at % 86400 == 0
            # Of what others took, as it stood a moment ago: a form asks at each key.
            assert views.warnings(EVE, WORDS) == []

        run(story())
