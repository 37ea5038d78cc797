"""Several videos from one press of the button."""

from __future__ import annotations

import pytest

from studio.catalog.requests import TextToVideo
from studio.errors import InvalidRequest
from studio.web.form.variants import MOST, MOST_BATCH, count_of, prompts_of, variants_of

REQUEST = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A", seed=2147483646)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", [""]),
        ("A horse -- or --- two", ["A horse -- or --- two"]),
        ("A\n---\nB\n\nand more\n -----  \nC", ["A", "B\n\nand more", "C"]),
        ("---\nA\n---\n---\n", ["A"]),
    ],
)
def test_a_line_of_dashes_begins_another_prompt(text: str, prompts: list[str]) -> None:
    assert prompts_of(text) == prompts


def test_each_prompt_gets_the_seeds_that_follow() -> None:
    made = variants_of(REQUEST, ["A", "B"], 3)
    assert [(one.prompt, one.seed) for one in made] == [
        (prompt, seed) for prompt in "AB" for seed in (2147483646, 2147483647, 0)
    ]


def test_there_are_not_too_many() -> None:
    assert count_of("\n---\n".join("A" * (MOST // 4)), 4) == MOST
    with pytest.raises(InvalidRequest, match="at most 20 at once"):
        count_of("\n---\n".join("A" * 6), 4)


def test_of_several_pictures_there_may_be_more() -> None:
    assert count_of("A", 1, MOST_BATCH) == MOST_BATCH
    assert count_of("A\n---\nB", 2, 25) == MOST_BATCH
    with pytest.raises(InvalidRequest, match="at most 100 at once"):
        count_of("A\n---\nB", 2, 26)
