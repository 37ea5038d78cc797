"""The cases that the page's own modules go through too (tests/page/form/prompt): neither can change alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.models import PromptLimit
from studio.catalog.prompts import cleaned, is_blank, measure
from studio.catalog.references import convert, find_tokens, lint, renumber
from studio.web.form.variants import prompts_of

CASES = Path(__file__).parent.parent / "data" / "prompts"
SURROGATES = range(0xD800, 0xE000)


def cases(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text())


def characters(ranges: Sequence[Sequence[int]]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


@pytest.fixture(scope="module")
def every_character() -> str:
    return "".join(chr(code) for code in range(0x110000) if code not in SURROGATES)


@pytest.mark.parametrize("case", cases("measure"))
def test_measure(case: dict[str, Any]) -> None:
    limit = PromptLimit(max_units=case["max_units"], cjk_units=case["cjk_units"], over="cut", source="a test")
    measured = measure(case["prompt"] * case["times"], limit)
    assert (measured.units, measured.cut_at) == (case["units"], case["cut_at"])
    assert (measured.over, measured.near) == (case["over"], case["near"])


@pytest.mark.parametrize("case", cases("tokens"))
def test_tokens(case: dict[str, Any]) -> None:
    prompt, images = case["prompt"], case["images"]
    found = [[token.start, token.end, token.number, token.notation] for token in find_tokens(prompt)]
    assert found == case["tokens"]
    assert [[one.kind, list(one.numbers)] for one in lint(prompt, images)] == case["lint"]
    assert renumber(prompt, {1: 2, 2: 3, 3: 1}) == case["renumbered"]
    assert {"all": convert(prompt, images), "marked": convert(prompt, 0)} == case["sent"]


@pytest.mark.parametrize("case", cases("parts"))
def test_parts(case: dict[str, Any]) -> None:
    text = case["text"]
    assert (cleaned(text), is_blank(text)) == (case["cleaned"], case["blank"])
    assert prompts_of(text) == case["prompts"]


def test_kinds_of_characters(every_character: str) -> None:
    kinds = cases("characters")
    cjk, breaks, unwritten = (characters(kinds[kind]) for kind in ("cjk", "line_feed", "unwritten"))
    limit = PromptLimit(max_units=0, cjk_units=2, over="cut", source="a test")
    assert measure(cjk, limit).units == 2 * len(cjk)
    assert measure(every_character, limit).units == len(every_character) + len(cjk)
    assert cleaned(breaks.replace("\r", "")) == "\n" * (len(breaks) - 1)
    assert cleaned("\r") == "\n"
    assert set(every_character) - set(cleaned(every_character)) == set(breaks + unwritten) - {"\n"}
    assert {one for one in every_character if is_blank(one)} == set(characters(kinds["blank"]))
