"""The types of the page's modules say what the server answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NotRequired

import pytest

from studio.media.checks import Verdict
from studio.web.history.details import MomentView
from tests import view_types
from tests.servers import ROOT


def test_the_types_are_those_of_the_views_and_words() -> None:
    for path, text in view_types.made().items():
        assert path.read_text("utf-8") == text, f"{path.relative_to(ROOT)} is of earlier: make types"


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        (float | None, "number | null"),
        (None | str, "string | null"),
        (NotRequired[bool], "boolean"),
        (Literal["near", "over"], '"near" | "over"'),
        (Verdict, '"pass" | "advice" | "disputed" | "refused"'),
        (list[str | None], "(string | null)[]"),
        (list[tuple[str, int]], "[string, number][]"),
        (Mapping[str, Any], "Record<string, unknown>"),
        (MomentView, "MomentView"),
    ],
    ids=str,
)
def test_a_type_of_pythons_is_written_as_json_brings_it(hint: Any, shown: str) -> None:
    assert view_types.typescript(hint) == shown


@pytest.mark.parametrize("hint", [Decimal, bytes, Path, dict[int, str], set[str]], ids=str)
def test_a_view_of_what_is_no_json_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="JSON has no"):
        view_types.typescript(hint)
