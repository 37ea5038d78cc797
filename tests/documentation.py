"""The documentation as data: its pages, their headings and links, and the commands that they tell to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.servers import ROOT

SHELL = ("sh", "bash", "console")
COMMANDS = (*SHELL, "python", "dockerfile")
"""Languages of blocks that somebody would run."""
DATA = ("text", "json", "ini", "toml", "yaml", "nginx", "caddyfile")
"""Languages of blocks that are read, or put into a file."""
NEEDS = ("key", "root", "systemd", "docker", "space")
"""What a block may need that no test has."""

_MARK = re.compile(r"<!-- needs: (\w+) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    """Of its fence, counted from 1."""
    language: str
    text: str
    needs: str | None
    """What the comment in the line before says."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """What is run at once: a block, a line of ``make``, all Python of a page."""

    text: str

    @property
    def name(self) -> str:
        """Its first line, without a comment and without what ``make`` is told to vary."""
        first = self.text.partition("\n")[0].partition("  #")[0].strip()
        return " ".join(first.split()[:2]) if first.startswith("make ") else first


def pages() -> list[Path]:
    """Those that a reader is led to."""
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").rglob("*.md"))


@cache
def tokens(page: Path) -> list[Token]:
    """The page as GitHub reads it. Raises OSError."""
    text = page.read_text("utf-8")
    if text.startswith("---\n"):  # what a Space reads; the lines keep their numbers
        head, _, rest = text[4:].partition("\n---\n")
        text = "\n" * (head.count("\n") + 3) + rest
    return MarkdownIt("commonmark").enable("table").parse(text)


def blocks(page: Path) -> Iterator[Block]:
    """All fenced blocks of a page; indented ones have no language."""
    said: tuple[int, str] | None = None
    for token in tokens(page):
        if token.type == "html_block" and token.map and (mark := _MARK.fullmatch(token.content.strip())):
            said = token.map[1], mark[1]
        if token.type in ("fence", "code_block") and token.map:
            needs = said[1] if said and said[0] == token.map[0] else None
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content, needs)


def commands() -> list[Command]:
    """All that a test has to run, each once."""
    found = []
    for page in pages():
        unmarked = [block for block in blocks(page) if block.needs is None]
        for block in unmarked:
            if block.language in SHELL:
                lines = block.text.splitlines(keepends=True)
                found += [_make(line) for line in lines if line.startswith("make ")]
                if rest := "".join(line for line in lines if not line.startswith("make ")):
                    found.append(Command(rest))
        if python := "".join(block.text for block in unmarked if block.language == "python"):
            found.append(Command(python))
    found += [_make(row[0].strip("`")) for row in table(ROOT / "CONTRIBUTING.md", "Commands")]
    return list(
        {command.name if command.name.startswith("make ") else command.text: command for command in found}.values()
    )


def _make(line: str) -> Command:
    return Command(line.partition("  #")[0].strip())


def table(page: Path, heading: str) -> list[list[str]]:
    """Rows of the first table below ``heading``, as they are written, without its head."""
    section = re.split(rf"^#+ {re.escape(heading)}$", page.read_text("utf-8"), maxsplit=1, flags=re.MULTILINE)[1]
    lines = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def anchors(page: Path) -> set[str]:
    """What a link may name behind ``#``: the headings as GitHub writes them there."""
    headings = [
        content.content
        for opening, content in zip(tokens(page), tokens(page)[1:], strict=False)
        if opening.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Where its links and pictures lead, as they are written."""
    found = []
    for token in inline(page):
        found += [str(target) for name in ("href", "src") if (target := token.attrGet(name))]
        if token.type in ("html_inline", "html_block"):
            found += re.findall(r'(?:src|href)="([^"]+)"', token.content)
    return found


def code(page: Path) -> list[str]:
    """What stands between backticks in its sentences."""
    return [token.content for token in inline(page) if token.type == "code_inline"]


def inline(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield token
        yield from token.children or ()
