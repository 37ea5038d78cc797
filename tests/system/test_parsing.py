"""What comes in from outside is read into a type or refused in a sentence, whatever it is, and at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import InvalidRequest
from studio.system import parsing

READERS: dict[str, Callable[[Any], object]] = {
    "whole": lambda value: parsing.whole("input", value, 3, 15),
    "seconds": lambda value: parsing.seconds("input", value, 3600),
    "text": lambda value: parsing.text("input", value, 100, least=1),
    "flag": lambda value: parsing.flag("input", value),
    "choice": lambda value: parsing.choice("input", value, ("a", "b")),
    "listed": lambda value: parsing.listed("input", value, 3, least=1),
    "record": lambda value: parsing.record("input", value),
    "digest": lambda value: parsing.digest("input", value),
}
WILD = (
    *(float("nan"), float("inf"), -(10**400), 10**5000, 1e300, -1),
    *("", "9" * 1_000_000, "1e60000000", "1_0", "٣", "0x3", "--3", "3.", ".5", "\ud800", "½"),
    *([], [[]] * 5, [None] * 1_000_000, b"5", object(), {1, 2}),
)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", WILD, ids=range(len(WILD)))
def test_what_is_none_of_its_kind_is_refused_by_its_name(reader: str, value: Any) -> None:
    if reader == "text" and isinstance(value, str) and 0 < len(value) < 100 and value != "\ud800":
        assert READERS[reader](value) == value
        return
    with pytest.raises(InvalidRequest) as caught:
        READERS[reader](value)
    (problem,) = caught.value.problems
    assert problem.field == "input"
    assert len(str(caught.value)) < 300


def test_numbers_are_read_as_people_write_them() -> None:
    assert [parsing.whole("n", value, 0, 2147483647) for value in (5, 5.0, "5.0", " 2147483647 ")] == [
        5,
        5,
        5,
        2147483647,
    ]
    with pytest.raises(InvalidRequest, match=r"n is 2\.5; it must be a whole number from 3 to 15"):
        parsing.whole("n", 2.5, 3, 15)
    assert parsing.seconds("n", "1.25", 60) == 1.25
    assert parsing.plain_decimal("-12.5") == Decimal("-12.5")
    assert parsing.plain_fraction("30000/1001") == Fraction(30000, 1001)
    assert parsing.plain_fraction("2.5") == parsing.plain_fraction(2.5) == Fraction(5, 2)
    assert parsing.plain_fraction("1/0") is parsing.plain_decimal(True) is None


def test_what_no_database_takes_is_not_in_a_text() -> None:
    assert parsing.text("prompt", "a\0b", 10) == "ab"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000])
def test_what_python_alone_takes_for_a_number_is_none_in_json(number: str) -> None:
    with pytest.raises(ValueError, match=r"is no number|integer string conversion"):
        parsing.json_of(f'{{"a": [{number}]}}')


def test_what_json_says_can_be_said_again() -> None:
    told = parsing.json_of(rb'{"a\u0000": ["\ud800b", 1.5e3, -7, null, true]}')
    assert told == {"a": ["\ufffdb", 1500.0, -7, None, True]}
    assert json.loads(json.dumps(told, allow_nan=False).encode()) == told


def test_how_much_there_is_to_read_is_known_before() -> None:
    most = parsing.MOST_VALUES
    heavy = [
        b"[" + b"[]," * most + b"[]]",
        b"{" + b'"a":1,' * most,
        b"[" * (most + 1),
        ("[" + "1," * most).encode("utf-16"),
    ]
    heavy.append(b'["a",' * most + b'"\\"' + b"]" * most)
    assert all(map(parsing.too_many_values, heavy))
    texts = [b'{"prompt": "' + b"a, [b], " * most + b'"}', b'["' + b'\\",' * most + b'"]', b"[" + b"1," * 1000 + b"1]"]
    assert not any(map(parsing.too_many_values, texts))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=20,
)


@given(st.decimals(-(10**14), 10**14, places=6), st.sampled_from(["", " ", "\t\n "]))
def test_a_plain_number_is_read_as_it_is_written(number: Decimal, around: str) -> None:
    assert parsing.plain_decimal(f"{around}{number:f}{around}") == number
    assert parsing.plain_fraction(f"{number:f}") == Fraction(number)


@given(st.integers(-(10**14), 10**14), st.integers(1, 10**14))
def test_a_fraction_is_read_as_it_is_written(over: int, under: int) -> None:
    if over >= 0:
        assert parsing.plain_fraction(f"{over}/{under}") == Fraction(over, under)
    assert parsing.plain_fraction(f"{over}/0") is None


@given(JSON | st.text("0123456789.-+eE/_ ٣½∞") | st.floats())
def test_whatever_comes_is_a_number_within_its_bounds_or_none(value: Any) -> None:
    number = parsing.plain_decimal(value)
    assert number is None or (number.is_finite() and abs(number) < 10**15)
    fraction = parsing.plain_fraction(value)
    assert fraction is None or abs(fraction) < 10**15
    try:
        whole = parsing.whole("input", value, 3, 15)
    except InvalidRequest:
        assert number is None or number != int(number) or not 3 <= number <= 15
    else:
        assert number == whole
        assert 3 <= whole <= 15


@given(JSON)
def test_json_is_read_as_it_was_meant_but_for_what_no_database_keeps(value: Any) -> None:
    read = parsing.json_of(json.dumps(value))
    assert read == parsing.clean(value) == parsing.clean(read)
    assert parsing.json_of(parsing.clean_json(json.dumps(value).encode())) == read


@given(st.floats(0.0001, 10**14))
def test_a_float_is_taken_with_all_its_decimals(value: float) -> None:
    assert parsing.plain_decimal(value) == Decimal(repr(value))
    assert parsing.seconds("input", 0.1 + 0.2, 1) == 0.1 + 0.2
