"""A prompt as it is taken from people, as it is sent, and how long a provider counts it.

What is taken is cleaned first, wherever it comes from: the form, a script, a preset, a file. What is sent differs from
that where a provider has its own way to name reference images.

DashScope cuts a prompt silently at 5,000 non-CJK or 2,500 CJK characters (seed: t2v, Request). Of a mixed prompt a CJK
character therefore counts as two of 5,000 units. AIVideoAPI counts characters, whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from studio.catalog.models import CATALOG, Mode, PromptLimit, ProviderName
from studio.catalog.references import convert

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

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNWRITTEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters, but for tab and line feed
    "\u202a-\u202e"  # embeddings and overrides: they show a text in another order than it has
    "\ufeff"  # byte order mark
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters
    "]"
)
_INVISIBLE = re.compile(
    "["
    "\\s\x00-\x1f\x7f-\x9f\u2800"  # space, control characters, the empty Braille cell
    # What Unicode lists as ignorable by default: joiners, fillers, marks of direction, selectors, tags …
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
    "]*"
)


def cleaned(prompt: str) -> str:
    """The prompt without what nobody writes: control characters and what turns the order of a text round.

    Every break of a line becomes a line feed. Joiners stay: emoji, Persian and the scripts of India need them.
    """
    return _UNWRITTEN.sub("", _BREAKS.sub("\n", prompt))


def is_blank(prompt: str) -> bool:
    """Whether nothing of the prompt can be seen."""
    return _INVISIBLE.fullmatch(prompt) is not None


def as_sent(prompt: str, provider: ProviderName, mode: Mode, counts: Mapping[str, int]) -> str:
    """The prompt as the provider gets it; ``counts`` are the files of each input.

    In reference mode both know an image by ``[Image 1]`` alone, with its space (DashScope r2v page, September 2026;
    AIVideoAPI page). For edits DashScope documents no name, and its examples write a bare ``Image 1``: that is left.
    """
    for name, rule in CATALOG.providers[provider].modes[mode].inputs.items():
        count = counts.get(name, 0)
        if rule.rewrites == "all" or (rule.rewrites == "marked" and count):
            prompt = convert(prompt, count if rule.rewrites == "all" else 0)
    return prompt


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
