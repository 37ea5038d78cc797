"""Reads a ``.env`` file as the editors and shells of any system write it."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

from dotenv import dotenv_values

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
"""Signs without width that come along when a key is copied from a page."""


def read(path: Path) -> dict[str, str | None]:
    """The names and values; none when there is no file. Raises OSError and UnicodeDecodeError."""
    if not path.exists() or path.is_dir():  # a container's mount of a file that is not there makes a folder
        return {}
    data = path.read_bytes()
    text = _decode(data)
    if (place := text.find("\0")) != -1:
        raise UnicodeDecodeError("utf-8", data, place, place + 1, "no text has NUL")
    return dotenv_values(stream=io.StringIO(text))


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    # PowerShell's UTF-16, saved again without its mark: of every two bytes one is 0.
    for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
        if data and len(data) % 2 == 0 and zeros.count(0) * 2 > len(zeros):
            return data.decode(encoding)
    return data.decode("utf-8")


def trimmed(value: str) -> str:
    """``value`` without white space of any kind, and without invisible signs, at its ends."""
    before = None
    while value != before:
        before, value = value, value.strip().strip(INVISIBLE)
    return value
