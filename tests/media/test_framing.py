from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.fixes import Crop, Downscale, Fix, Pad, Upscale
from studio.media.framing import Layout, lay_out

WIDE, TALL = Fraction(5, 2), Fraction(2, 5)


def test_without_a_fix_nothing_moves() -> None:
    assert lay_out(641, 361, [], even=False) == Layout((0, 0, 641, 361), (641, 361), None, (641, 361))


@pytest.mark.parametrize(
    ("anchor", "box"),
    [
        ((0.0, 0.5), (0, 0, 750, 300)),
        ((0.5, 0.5), (125, 0, 750, 300)),
        ((1.0, 0.5), (250, 0, 750, 300)),
    ],
)
def test_a_crop_keeps_what_its_anchor_says(anchor: tuple[float, float], box: tuple[int, int, int, int]) -> None:
    assert lay_out(1000, 300, [Crop(WIDE, anchor)], even=False).box == box


def test_a_tall_picture_is_cropped_above_and_below() -> None:
    layout = lay_out(300, 1000, [Crop(TALL, (0.5, 1.0))], even=False)
    assert (layout.box, layout.size) == ((0, 250, 300, 750), (300, 750))


def test_a_pad_keeps_the_whole_picture() -> None:
    layout = lay_out(1000, 300, [Pad(WIDE, "#000000")], even=False)
    assert layout == Layout((0, 0, 1000, 300), (1000, 400), "#000000", (1000, 400))


def test_what_has_the_ratio_is_neither_cropped_nor_padded() -> None:
    for fix in (Crop(WIDE), Pad(WIDE)):
        assert lay_out(1000, 400, [fix], even=False) == Layout((0, 0, 1000, 400), (1000, 400), None, (1000, 400))


def test_a_scale_changes_only_what_needs_it() -> None:
    assert lay_out(640, 360, [Upscale(720)], even=True).size == (1280, 720)
    assert lay_out(1280, 720, [Upscale(360)], even=True).size == (1280, 720)
    assert lay_out(2160, 4096, [Downscale(2160)], even=True).size == (1140, 2160)
    assert lay_out(640, 360, [Downscale(2160)], even=True).size == (640, 360)


def test_an_odd_video_is_evened_towards_a_square() -> None:
    assert lay_out(641, 361, [], even=True).size == (640, 362)
    assert lay_out(361, 641, [], even=True).size == (362, 640)
    assert lay_out(361, 361, [], even=True).size == (360, 360)


@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize("kind", [Crop, Pad])
def test_no_rounding_leads_out_of_the_ratio_or_below_the_size(kind: type[Crop] | type[Pad], even: bool) -> None:
    dice = random.Random(1)
    for _ in range(2000):
        width, height = dice.randint(20, 5000), dice.randint(20, 5000)
        shape = Fraction(width, height)
        fixes = [kind(min(max(shape, TALL), WIDE)), Upscale(360), Downscale(2160)]
        layout = lay_out(width, height, fixes, even=even)
        assert TALL <= Fraction(*layout.size) <= WIDE, (width, height)
        assert min(layout.size) >= 360, (width, height)
        assert max(layout.size) <= 2160, (width, height)
        if even:
            assert not any(side % 2 for side in layout.size)
        left, top, kept_width, kept_height = layout.box
        assert min(left, top) >= 0
        assert left + kept_width <= width
        assert top + kept_height <= height


@pytest.mark.parametrize("kind", [Crop, Pad])
def test_a_ratio_that_is_chosen_freely_is_not_exceeded_either(kind: type[Crop] | type[Pad]) -> None:
    dice = random.Random(4)
    for _ in range(2000):
        size = (dice.randint(20, 5000), dice.randint(20, 5000))
        for ratio in (WIDE, Fraction(16, 9), Fraction(9, 16), TALL):
            width, height = lay_out(*size, [kind(ratio)], even=False).size
            shape = Fraction(width, height)
            assert 1 <= shape <= ratio or ratio <= shape <= 1
            assert abs(width - height * ratio) <= max(ratio, 1)


SIDES = st.integers(1, 65_535)
RATIOS = st.builds(Fraction, st.integers(1, 1000), st.integers(1, 1000))
SHARES = st.integers(0, 1000).map(lambda part: part / 1000)
FIXES = st.lists(
    st.builds(Crop, RATIOS, st.tuples(SHARES, SHARES))
    | st.builds(Pad, RATIOS, st.just("#000000"))
    | st.builds(Upscale, st.integers(1, 4096))
    | st.builds(Downscale, st.integers(1, 4096)),
    max_size=4,
)


@given(SIDES, SIDES, FIXES, st.booleans())
def test_whatever_is_asked_what_is_kept_lies_in_the_picture_and_the_canvas_holds_it(
    width: int, height: int, fixes: list[Fix], even: bool
) -> None:
    layout = lay_out(width, height, fixes, even=even)
    left, top, kept_width, kept_height = layout.box
    assert min(left, top) >= 0
    assert min(kept_width, kept_height) >= 1
    assert left + kept_width <= width
    assert top + kept_height <= height
    assert layout.canvas[0] >= kept_width
    assert layout.canvas[1] >= kept_height
    assert (layout.fill is not None) == (layout.canvas != (kept_width, kept_height))
    assert min(layout.size) >= 1
    if even:
        assert not any(side % 2 for side in layout.size)


@given(st.integers(20, 65_535), st.integers(20, 65_535), st.sampled_from([Crop, Pad]), st.booleans())
def test_a_picture_of_any_size_is_brought_within_the_bounds_of_the_models(
    width: int, height: int, kind: type[Crop] | type[Pad], even: bool
) -> None:
    shape = Fraction(width, height)
    fixes = [kind(min(max(shape, TALL), WIDE)), Upscale(360), Downscale(2160)]
    size = lay_out(width, height, fixes, even=even).size
    assert TALL <= Fraction(*size) <= WIDE
    assert min(size) >= 360
    assert max(size) <= 2160
