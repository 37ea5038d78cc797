"""Reference tokens: how a prompt speaks of its reference images.

``[Image 1]`` is what the providers read (AIVideoAPI page; DashScope r2v page, September 2026). Understood are also
``character1`` (seed: r2v, Character indexing rule), ``@Image1`` as another cloud has it, and ``图1`` as Wan's pages do,
however spaced, cased and bracketed, and in the wide digits of East Asian keyboards. People also write a bare
``Image 1``; that counts as speaking of the image. Numbers follow the order of the images, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

_NOT_A_NUMBERS = r"(?![a-z0-9０-９_]|[.:：][0-9０-９])"
_TOKEN = re.compile(
    r"[\[［【]\s*(?:image|图[片像]?)\s*(?P<bracket>[0-9０-９]{1,3})\s*[\]］】]"
    r"|(?<![a-z0-9_])@(?:image|图[片像]?)\s?(?P<at>[0-9０-９]{1,3})(?![a-z0-9０-９_])"
    r"|(?<![a-z0-9_])character(?P<character>[0-9０-９]{1,3})(?![a-z0-9０-９_])"
    rf"|(?<![a-z0-9_\[@])image\s?(?P<bare>[0-9０-９]{{1,3}})(?!\]){_NOT_A_NUMBERS}"
    # The character ends many words, of which no image is one: 地图 a map, 截图 a screenshot …
    rf"|(?<![地截插附蓝草构版拼宏意企试贴配底海星挂绘制如])图[片像]?\s?(?P<chinese>[0-9０-９]{{1,3}}){_NOT_A_NUMBERS}",
    re.IGNORECASE,
)

Notation = Literal["bracket", "at", "character", "bare", "chinese"]
_LOOSE: tuple[Notation, ...] = ("bare", "chinese")
"""What may also be plain language."""


@dataclass(frozen=True)
class Token:
    """One mention of a reference image: ``prompt[start:end]``."""

    start: int
    end: int
    number: int
    notation: Notation


@dataclass(frozen=True)
class TokenFinding:
    """What is odd about a prompt's tokens; it is advice, the provider takes the prompt all the same."""

    kind: Literal["none_used", "unused", "out_of_range"]
    numbers: tuple[int, ...] = ()
    """The image numbers it is about, ascending."""


def find_tokens(prompt: str) -> list[Token]:
    """Every mention of a reference image, in the order of the text."""
    found = []
    for match in _TOKEN.finditer(prompt):
        notation = cast(Notation, match.lastgroup)
        found.append(Token(match.start(), match.end(), int(match[notation]), notation))
    return found


def lint(prompt: str, images: int) -> list[TokenFinding]:
    """Compare the prompt's tokens with the number of reference images that go with it."""
    used = {token.number for token in find_tokens(prompt)}
    present = set(range(1, images + 1))
    findings = []
    if beyond := used - present:
        findings.append(TokenFinding("out_of_range", tuple(sorted(beyond))))
    if images and not used & present:
        findings.append(TokenFinding("none_used", tuple(sorted(present))))
    elif unused := present - used:
        findings.append(TokenFinding("unused", tuple(sorted(unused))))
    return findings


def convert(prompt: str, images: int) -> str:
    """The prompt with every token written ``[Image N]``, as the providers read it. What may be plain language is one
    only if there is such an image among the ``images`` that go with it."""

    def rewritten(token: Token) -> str:
        means_it = token.notation not in _LOOSE or 1 <= token.number <= images
        return f"[Image {token.number}]" if means_it else prompt[token.start : token.end]

    return _rewrite(prompt, rewritten)


def renumber(prompt: str, moved: Mapping[int, int]) -> str:
    """The prompt after the images were reordered: ``moved`` gives the new number of each old one that changed."""

    def rewritten(token: Token) -> str:
        text = prompt[token.start : token.end]
        return re.sub(r"[0-9０-９]+", str(moved.get(token.number, token.number)), text)

    return _rewrite(prompt, rewritten)


def _rewrite(prompt: str, text_of: Callable[[Token], str]) -> str:
    parts, position = [], 0
    for found in find_tokens(prompt):
        parts += [prompt[position : found.start], text_of(found)]
        position = found.end
    return "".join(parts) + prompt[position:]
