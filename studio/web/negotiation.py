"""Content negotiation: what a header of weighted choices asks for (RFC 9110, 12.4.2 and 12.5)."""

from __future__ import annotations

import re

LONGEST_HEADER = 1000
ENCODINGS = ("br", "gzip")
"""Those that the studio packs by, the better one first."""


def weights(header: str) -> dict[str, float]:
    """The choices that a header such as ``Accept-Language`` names, in lower case, each with its weight from 0 to 1: 0
    is not wanted, and neither is what has a weight that is none."""
    found: dict[str, float] = {}
    for part in header[:LONGEST_HEADER].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        weight = float(quality) if re.fullmatch(r"[01](\.[0-9]{0,3})?", quality) else 0.0
        found[name] = weight if weight <= 1 else 0.0
    found.pop("", None)  # an empty part names nothing
    return found


def encoding_for(accept_encoding: str) -> str:
    """The encoding of ``ENCODINGS`` that an ``Accept-Encoding`` header asks for; empty for none.

    A body as it is goes out where that is wanted more, and where nothing that we have is wanted.
    """
    wanted = weights(accept_encoding)
    others = wanted.get("*", 0.0)
    best = max(ENCODINGS, key=lambda name: wanted.get(name, others))  # the first of equals
    weight = wanted.get(best, others)
    return best if weight and weight >= wanted.get("identity", 0.0) else ""
