"""Values from outside, read once at the door: what comes back is of its type and within its bounds.

A browser, a script or a file may send anything: a list where a number is meant, a megabyte of digits, ``1e60000000``.
Numbers are therefore short plain decimals or fractions, written with the digits 0 to 9; texts and lists have a greatest
length. Each function raises ``InvalidRequest`` that names the input, the rule and what was given::

    whole("duration", "5", 3, 15)     # 5
    whole("duration", None, 3, 15)    # InvalidRequest: duration is None; it must be a whole number from 3 to 15.

None of them takes longer than it takes to look at the value once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from studio.errors import InvalidRequest, Problem
from studio.message import Message

_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,21})?", re.ASCII)
"""So many decimals has a float: four zeros, then 17 digits; with more zeros Python writes it with an exponent."""
_RATIO = re.compile(r"(?P<over>[0-9]{1,15})/(?P<under>[0-9]{1,15})", re.ASCII)
_DIGEST = re.compile("[0-9a-f]{64}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rb"(?i)\\u(?:0000|d[89a-f][0-9a-f]{2})|\0")
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_LARGEST = 10**15
MOST_VALUES = 20_000
"""In a body of JSON, whatever they are."""
_LONGEST_NUMBER = 40
"""Characters of a number with the blanks around it."""


def plain_decimal(value: object) -> Decimal | None:
    """A number, or a text that is one without exponent, separators or other scripts' digits; None for all else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) < _LARGEST else None
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(text := value.strip()):
        return Decimal(text)
    return None


def plain_fraction(value: object) -> Fraction | None:
    """As ``plain_decimal``, or a text like ``30000/1001``; None for all else, and for what is divided by nothing."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and (parts := _RATIO.fullmatch(value.strip())):
        return Fraction(int(parts["over"]), int(parts["under"])) if int(parts["under"]) else None
    number = plain_decimal(value)
    return None if number is None else Fraction(number)


def whole(name: str, value: object, least: int, most: int) -> int:
    """A whole number of this range; ``5.0`` is one."""
    number = plain_decimal(value)
    if number is None or not least <= number <= most or number != int(number):
        raise _refused(name, value, Message("a whole number from {min} to {max}", min=least, max=most))
    return int(number)


def seconds(name: str, value: object, most: int) -> float:
    """A time or a length, from 0 on."""
    number = plain_decimal(value)
    if number is None or not 0 <= number <= most:
        raise _refused(name, value, Message("a plain number of seconds from 0 to {most}", most=most))
    return float(number)


def text(name: str, value: object, most: int, *, least: int = 0) -> str:
    """A text of so many characters, without what no database takes: characters that are none are refused, NUL goes."""
    if not isinstance(value, str) or _SURROGATES.search(value[: most + 1]):
        raise _refused(name, value, "text")
    if not least <= len(value) <= most:
        raise _refused(name, value, Message("text of {least} to {most:,} characters", least=least, most=most))
    return value.replace("\0", "")


def too_many_values(data: bytes) -> bool:
    """Whether JSON has more in it than anybody sends here. To read a megabyte of empty lists takes seconds in which
    nothing else runs; so this is looked at before, and what stands in texts counts only if there is much of it."""
    separators = _separators(data)
    if separators <= MOST_VALUES or separators > 20 * MOST_VALUES:
        return separators > MOST_VALUES
    # Bytes of UTF-16 may look like quotes: nobody has to send that.
    return b"\0" in data or _separators(_TEXT.sub(b"", data)) > MOST_VALUES


def _separators(data: bytes) -> int:
    return sum(map(data.count, (b",", b"[", b"{")))


def clean(value: Any) -> Any:
    """``value``, anything that JSON can be, its texts without NUL and without halves of surrogate pairs: where not
    every text is read by ``text``."""
    match value:
        case str():
            return _SURROGATES.sub("\ufffd", value.replace("\0", ""))
        case list():
            return [clean(one) for one in value]
        case dict():
            return {clean(name): clean(one) for name, one in value.items()}
    return value


def clean_json(data: bytes) -> bytes:
    """JSON with its texts cleaned. What is no JSON stays as it is, for its reader to refuse."""
    if not _ESCAPED.search(data):
        return data
    try:
        return json.dumps(clean(json.loads(data.replace(b"\0", b"")))).encode()
    except (ValueError, RecursionError):
        return data


def json_of(data: bytes | str) -> Any:
    """What JSON says, its texts cleaned. ValueError for what is none, RecursionError for what is nested too deep.

    Python's reader takes ``NaN``, and ``1e999`` for infinity: no browser reads such an answer, and no PostgreSQL keeps
    it, so they are none here either.
    """
    return clean(json.loads(data, parse_float=_finite, parse_constant=_finite))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is no number")
    return number


def flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused(name, value, "true or false")
    return value


def choice(name: str, value: object, options: Collection[str]) -> str:
    """One of ``options``."""
    if not isinstance(value, str) or value not in options:
        raise _refused(name, value, Message("one of {names}", names=", ".join(options)))
    return value


def listed(name: str, value: object, most: int, *, least: int = 0) -> list[Any]:
    """A list of so many entries, whatever they are."""
    if not isinstance(value, (list, tuple)) or not least <= len(value) <= most:
        raise _refused(name, value, Message("a list of {least} to {most} items", least=least, most=most))
    return list(value)


def record(name: str, value: object) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise _refused(name, value, "a JSON object")
    return value


def digest(name: str, value: object) -> str:
    """The SHA-256 of a file: it becomes part of a path, so it must be one."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise _refused(name, value, "the SHA-256 of a file, 64 hex digits")
    return value


def _refused(name: str, value: object, rule: str) -> InvalidRequest:
    return InvalidRequest(Problem(name, shown(value), rule))


def shown(value: object) -> object:
    """What was given, short enough to be repeated in a sentence: of what is long or nested only the kind is told."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if abs(value) < _LARGEST else "a number with too many digits"
        case str():
            return value[:200].encode("utf-8", "replace").decode()
        case list() | tuple():
            return Message("a list of {count} items", count=len(value))
        case _:
            return "a JSON object"
