from __future__ import annotations

import pytest

from studio.references import Finding, convert, find_tokens, lint, renumber


@pytest.mark.parametrize(
    ("prompt", "numbers"),
    [
        ("character1 walks with character2.", [1, 2]),
        ("身着红色旗袍的女性character1,轻抬玉手展开折扇 character2 时", [1, 2]),
        ("[Image 1] and [Image2] and [ image 3 ]", [1, 2, 3]),
        ("参考 Image 1，将视频中女主的衣服替换", [1]),
        ("mycharacter1 characters1 character1st imagery 2 [Image one] Images 3", []),
        ("CHARACTER9 [IMAGE 10]", [9, 10]),
    ],
)
def test_tokens_are_found_in_both_notations(prompt: str, numbers: list[int]) -> None:
    assert [token.number for token in find_tokens(prompt)] == numbers


@pytest.mark.parametrize(
    ("prompt", "images", "findings"),
    [
        ("[Image 1] meets [Image 2]", 2, []),
        ("A horse", 2, [Finding("none_used", (1, 2))]),
        ("[Image 1]", 3, [Finding("unused", (2, 3))]),
        ("[Image 1] [Image 4]", 1, [Finding("out_of_range", (4,))]),
        ("character1 [Image 2]", 2, [Finding("mixed")]),
        ("A horse", 0, []),
        ("character1", 0, [Finding("out_of_range", (1,))]),
    ],
)
def test_lint_compares_tokens_with_images(prompt: str, images: int, findings: list[Finding]) -> None:
    assert lint(prompt, images) == findings


def test_convert_writes_the_bracket_notation_and_leaves_the_rest() -> None:
    assert convert("character1 and [image2], Image 3!") == "[Image 1] and [Image 2], [Image 3]!"


def test_renumber_follows_the_images_in_their_own_notation() -> None:
    assert (
        renumber("character1, [Image 2], [Image1], Image 3", {1: 2, 2: 1}) == "character2, [Image 1], [Image2], Image 3"
    )
