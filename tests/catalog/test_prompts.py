from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.catalog.models import CATALOG, PromptLimit
from studio.catalog.prompts import as_sent, cleaned, is_blank, measure

DASHSCOPE = CATALOG.providers["dashscope"].prompt
AIVIDEOAPI = CATALOG.providers["aivideoapi"].prompt


@pytest.mark.parametrize(
    ("prompt", "units"),
    [
        ("", 0),
        ("A horse at dawn", 15),
        ("一匹马", 6),
        ("A马", 3),
        ("🐎", 1),  # one character, and not CJK
        ("👩‍🚀", 3),  # three code points drawn as one picture
        ("é", 1),
        ("e\u0301", 2),
        ("，。！", 6),  # full-width punctuation
        ("「馬」", 6),
        ("うま", 4),
        ("ウマ", 4),
        ("말", 2),
        ("\U00020000", 2),  # extension B
        ("Лошадь", 6),
        ("a\nb\tc", 5),
    ],
)
def test_a_cjk_character_counts_twice_at_dashscope(prompt: str, units: int) -> None:
    assert measure(prompt, DASHSCOPE).units == units


@pytest.mark.parametrize("prompt", ["一匹马", "abc", "🐎🐎🐎"])
def test_every_character_counts_once_at_aivideoapi(prompt: str) -> None:
    assert measure(prompt, AIVIDEOAPI).units == 3


@pytest.mark.parametrize("prompt", ["x" * 5000, "马" * 2500, "马" * 1000 + "x" * 3000, "马x🐎" * 1250])
def test_a_prompt_of_just_the_limit_fits(prompt: str) -> None:
    measured = measure(prompt, DASHSCOPE)
    assert (measured.units, measured.over, measured.cut_at) == (5000, 0, None)


@pytest.mark.parametrize(
    ("prompt", "over", "cut_at"),
    [
        ("x" * 5001, 1, 5000),
        ("马" * 2501, 2, 2500),
        ("x" + "马" * 2500, 1, 2500),  # half a character is no character
        ("马" * 2500 + "x", 1, 2500),
        ("🐎" * 5003, 3, 5000),
    ],
)
def test_what_is_beyond_the_limit_is_pointed_at(prompt: str, over: int, cut_at: int) -> None:
    measured = measure(prompt, DASHSCOPE)
    assert (measured.over, measured.cut_at) == (over, cut_at)
    assert measure(prompt[:cut_at], DASHSCOPE).over == 0
    assert measure(prompt[: cut_at + 1], DASHSCOPE).over > 0


def test_the_limit_of_aivideoapi_is_2500_of_any_kind() -> None:
    for character in "x马🐎":
        assert measure(character * 2500, AIVIDEOAPI).cut_at is None
        assert measure(character * 2501, AIVIDEOAPI).cut_at == 2500


def test_near_begins_at_nine_tenths() -> None:
    assert not measure("x" * 4499, DASHSCOPE).near
    assert measure("x" * 4500, DASHSCOPE).near
    assert measure("x" * 6000, DASHSCOPE).near


KEPT = [
    "A horse\n\tat dawn",
    "👩\u200d🚀 ❤\ufe0f 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم",  # Persian, with a zero-width non-joiner
    "क्\u200dष",  # Devanagari, with a joiner
    "שלום\u200f, \u2067مرحبا\u2069",  # a mark and an isolate, which turn nothing round beyond themselves
    "e\u0301",
    "",
]


@pytest.mark.parametrize("prompt", KEPT)
def test_what_people_write_stays(prompt: str) -> None:
    assert cleaned(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "clean"),
    [
        ("A\x00 horse\x1b[31m", "A horse[31m"),
        ("A\x7f\x9f horse\ufeff\uffff", "A horse"),
        ("one\r\ntwo\rthree\u2028four\u2029five\x85six\x0bseven", "one\ntwo\nthree\nfour\nfive\nsix\nseven"),
        ("A \u202eesroh\u202c", "A esroh"),
    ],
)
def test_what_nobody_writes_is_left_out(prompt: str, clean: str) -> None:
    assert cleaned(prompt) == clean
    assert cleaned(clean) == clean


@pytest.mark.parametrize(
    "prompt",
    [
        *("", " \n\t", "\x00", "\u200b\u200c\u200d\u2060", "\ufeff", "\u3000\xa0", "\u3164\u115f\uffa0", "\u2800"),
        *("\xad\u034f", "\ufe0f", "\U000e0041\U000e0042", "\u202e \u2066\u2069"),
    ],
)
def test_what_cannot_be_seen_is_blank(prompt: str) -> None:
    assert is_blank(prompt)
    assert not is_blank(f"{prompt}.{prompt}")


def test_images_are_named_as_the_mode_and_the_provider_have_it() -> None:
    told = "character1 rides, Image 2 runs"
    for provider in CATALOG.providers:
        assert as_sent(told, provider, "reference-to-video", {"references": 2}) == "[Image 1] rides, [Image 2] runs"
        assert as_sent(told, provider, "text-to-video", {"references": 0}) == told
    assert as_sent(told, "dashscope", "video-edit", {"references": 2}) == told
    assert as_sent(told, "aivideoapi", "video-edit", {"references": 2}) == "[Image 1] rides, Image 2 runs"
    assert as_sent(told, "aivideoapi", "video-edit", {"references": 0}) == told


MIXED = st.text(st.characters(codec="utf-8") | st.sampled_from("马。말ｱ\U00020000"), max_size=60)
LIMITS = st.builds(
    PromptLimit,
    max_units=st.integers(0, 60),
    cjk_units=st.integers(1, 3),
    over=st.just("cut"),
    source=st.just("a test"),
)


@given(MIXED, LIMITS)
def test_a_cut_leaves_all_that_fits_and_not_a_character_more(prompt: str, limit: PromptLimit) -> None:
    measured = measure(prompt, limit)
    assert measured.units == sum(measure(character, limit).units for character in prompt)
    assert (measured.cut_at is None) == (measured.over == 0)
    if measured.cut_at is not None:
        assert measure(prompt[: measured.cut_at], limit).units <= limit.max_units
        assert measure(prompt[: measured.cut_at + 1], limit).units > limit.max_units


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_what_is_cleaned_is_clean_and_nothing_visible_goes(prompt: str) -> None:
    once = cleaned(prompt)
    assert cleaned(once) == once
    assert is_blank(once) == is_blank(prompt)
    assert [sign for sign in once if sign.isprintable()] == [sign for sign in prompt if sign.isprintable()]
