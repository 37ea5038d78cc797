"""Reference tokens: how a prompt speaks of its reference images.

Two notations are understood, ``character1`` (seed: r2v, Character indexing rule) and ``[Image 1]`` (AIVideoAPI page and
the newer DashScope documentation), however spaced and cased. People also write a bare ``Image 1``; that counts as
speaking of the image. Numbers follow the order of the images, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

_TOKEN = re.compile(
    r"\[\s*image\s*(?P<bracket>[0-9]{1,3})\s*\]"
    r"|(?<![a-z0-9_])character(?P<character>[0-9]{1,3})(?![a-z0-9_])"
    r"|(?<![a-z0-9_\[])image\s?(?P<bare>[0-9]{1,3})(?![a-z0-9_\]])",
    re.IGNORECASE,
)

Notation = Literal["character", "bracket", "bare"]


@dataclass(frozen=True)
class Token:
    """One mention of a reference image: ``prompt[start:end]``."""

    start: int
    end: int
    number: int
    notation: Notation


@dataclass(frozen=True)
class Finding:
    """What is odd about a prompt's tokens; it is advice, the provider takes the prompt all the same."""

    kind: Literal["none_used", "unused", "out_of_range", "mixed"]
    numbers: tuple[int, ...] = ()
    """The image numbers it is about, ascending."""


def find_tokens(prompt: str) -> list[Token]:
    """Every mention of a reference image, in the order of the text."""
    found = []
    for match in _TOKEN.finditer(prompt):
        notation = cast(Notation, match.lastgroup)
        found.append(Token(match.start(), match.end(), int(match[notation]), notation))
    return found


def lint(prompt: str, images: int) -> list[Finding]:
    """Compare the prompt's tokens with the number of reference images that go with it."""
    tokens = find_tokens(prompt)
    used = {token.number for token in tokens}
    present = set(range(1, images + 1))
    findings = []
    if beyond := used - present:
        findings.append(Finding("out_of_range", tuple(sorted(beyond))))
    if images and not used & present:
        findings.append(Finding("none_used", tuple(sorted(present))))
    elif unused := present - used:
        findings.append(Finding("unused", tuple(sorted(unused))))
    if len({token.notation for token in tokens}) > 1:
        findings.append(Finding("mixed"))
    return findings


def convert(prompt: str) -> str:
    """The prompt with every token written ``[Image N]``, as AIVideoAPI reads it."""
    return _rewrite(prompt, lambda token: f"[Image {token.number}]")


def renumber(prompt: str, moved: Mapping[int, int]) -> str:
    """The prompt after the images were reordered: ``moved`` gives the new number of each old one that changed."""

    def rewritten(token: Token) -> str:
        text = prompt[token.start : token.end]
        return re.sub(r"[0-9]+", str(moved.get(token.number, token.number)), text)

    return _rewrite(prompt, rewritten)


def token(number: int, notation: Notation) -> str:
    """The text that speaks of image ``number``."""
    return {"character": f"character{number}", "bracket": f"[Image {number}]", "bare": f"Image {number}"}[notation]


def _rewrite(prompt: str, text_of: Callable[[Token], str]) -> str:
    parts, position = [], 0
    for found in find_tokens(prompt):
        parts += [prompt[position : found.start], text_of(found)]
        position = found.end
    return "".join(parts) + prompt[position:]
