from __future__ import annotations

import pytest

from studio.catalog.references import TokenFinding, convert, find_tokens, lint, renumber


@pytest.mark.parametrize(
    ("prompt", "numbers"),
    [
        ("@Image1 and @image 2, ada@image3.example", [1, 2]),
        ("图1中的女孩拿起图 2，参考图3、图片4、图像5", [1, 2, 3, 4, 5]),
        ("【Image 1】和【图2】、[图片 3]、［image4］", [1, 2, 3, 4]),
        ("[Image １]、图２，character３ 和［图片４］；图２０２４、图１.５", [1, 2, 3, 4]),
        ("地图1、截图2、如图3所示、草图4", []),
        ("image 16:9, Image 1.5, 图2.5，Image 4K", []),
        ("character1 walks with character2.", [1, 2]),
        ("身着红色旗袍的女性character1,轻抬玉手展开折扇 character2 时", [1, 2]),
        ("[Image 1] and [Image2] and [ image 3 ]", [1, 2, 3]),
        ("参考 Image 1，将视频中女主的衣服替换", [1]),
        ("mycharacter1 characters1 character1st imagery 2 [Image one] Images 3", []),
        ("CHARACTER9 [IMAGE 10]", [9, 10]),
    ],
)
def test_tokens_are_found_in_every_notation(prompt: str, numbers: list[int]) -> None:
    assert [token.number for token in find_tokens(prompt)] == numbers


@pytest.mark.parametrize(
    ("prompt", "images", "findings"),
    [
        ("[Image 1] meets [Image 2]", 2, []),
        ("A horse", 2, [TokenFinding("none_used", (1, 2))]),
        ("[Image 1]", 3, [TokenFinding("unused", (2, 3))]),
        ("[Image 1] [Image 4]", 1, [TokenFinding("out_of_range", (4,))]),
        ("character1 [Image 2]", 2, []),
        ("A horse", 0, []),
        ("character1", 0, [TokenFinding("out_of_range", (1,))]),
    ],
)
def test_lint_compares_tokens_with_images(prompt: str, images: int, findings: list[TokenFinding]) -> None:
    assert lint(prompt, images) == findings


def test_convert_writes_the_bracket_notation_and_leaves_the_rest() -> None:
    assert convert("character1 and [image2], Image 3!", 3) == "[Image 1] and [Image 2], [Image 3]!"
    assert convert("[Image １] 和图２", 2) == "[Image 1] 和[Image 2]"
    assert convert("@Image1、图2，[Image1]、图片3", 3) == "[Image 1]、[Image 2]，[Image 1]、[Image 3]"


def test_what_may_be_plain_language_is_converted_only_where_there_is_such_an_image() -> None:
    assert convert("Image 3 of 图4, but character5", 2) == "Image 3 of 图4, but [Image 5]"
    assert convert(convert("图1 meets character2", 2), 2) == "[Image 1] meets [Image 2]"


def test_renumber_follows_the_images_in_their_own_notation() -> None:
    assert renumber("图１，[Image 2]", {1: 2, 2: 1}) == "图2，[Image 1]"
    assert (
        renumber("character1, [Image 2], [Image1], Image 3", {1: 2, 2: 1}) == "character2, [Image 1], [Image2], Image 3"
    )
