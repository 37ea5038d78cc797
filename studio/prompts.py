"""The length of a prompt as a provider counts it.

DashScope cuts a prompt silently at 5,000 non-CJK or 2,500 CJK characters (seed: t2v, Request). Of a mixed prompt a CJK
character therefore counts as two of 5,000 units. AIVideoAPI counts characters, whatever they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.catalog import PromptLimit

_CJK = re.compile(
    "["
    "\u1100-\u11ff"  # Hangul Jamo
    "\u2e80-\u303f"  # radicals, Kangxi, CJK punctuation
    "\u3040-\u30ff"  # Hiragana, Katakana
    "\u3100-\u31ff"  # Bopomofo, compatibility Jamo, strokes
    "\u3200-\u4dbf"  # enclosed, compatibility, extension A
    "\u4e00-\u9fff"  # unified ideographs
    "\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"  # compatibility, full-width forms
    "\U00020000-\U0003ffff"  # extensions B and later
    "]"
)


@dataclass(frozen=True)
class Measure:
    """How much of its limit a prompt uses."""

    units: int
    max_units: int
    cut_at: int | None
    """Index of the first character beyond the limit, or None when all fits."""

    @property
    def over(self) -> int:
        """Units beyond the limit; 0 when it fits."""
        return max(0, self.units - self.max_units)

    @property
    def near(self) -> bool:
        """Whether nine tenths of the limit are used: time to warn, before the provider cuts."""
        return self.units >= 0.9 * self.max_units


def measure(prompt: str, limit: PromptLimit) -> Measure:
    """Count ``prompt`` in units of ``limit``, in one pass."""
    cjk = len(_CJK.findall(prompt)) if limit.cjk_units > 1 else 0
    units = len(prompt) + cjk * (limit.cjk_units - 1)
    return Measure(units, limit.max_units, _cut(prompt, limit) if units > limit.max_units else None)


def _cut(prompt: str, limit: PromptLimit) -> int:
    used = 0
    for index, character in enumerate(prompt):
        used += limit.cjk_units if _CJK.match(character) else 1
        if used > limit.max_units:
            return index
    return len(prompt)
