from __future__ import annotations

from fractions import Fraction

import pytest

from studio.catalog.sizes import ratio_text

LIMITS = (Fraction(2, 5), Fraction(5, 2))


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        (1920, 1080, "16:9"),
        (832, 1110, "3:4"),
        (960, 960, "1:1"),
        (1000, 1500, "2:3"),
        (1664, 1248, "4:3"),
        (3000, 1000, "3:1"),
        (1000, 300, "3.33:1"),
        (1000, 1429, "1:1.43"),
        (400, 1000, "1:2.5"),
    ],
)
def test_a_ratio_is_told_as_the_field_does(width: int, height: int, text: str) -> None:
    assert ratio_text(Fraction(width, height), LIMITS) == text


def test_a_ratio_beside_a_limit_does_not_read_as_the_limit() -> None:
    assert ratio_text(Fraction(25_003, 10_000), LIMITS) == "2.5003:1"
    assert ratio_text(Fraction(10_000, 25_003), LIMITS) == "1:2.5003"
    assert ratio_text(Fraction(1601, 900), [Fraction(16, 9)]) == "1.78:1"
