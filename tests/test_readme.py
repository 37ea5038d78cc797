from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.config import documented
from studio.sandbox.faults import WORDS, words

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
REQUIREMENTS = (ROOT / "requirements.txt").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """Rows of the first table below ``heading``, without its head."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_settings_are_those_that_are_read() -> None:
    assert table("Settings") == [
        [f"`{name}`", f"`{default}`" if default else "", about] for name, default, about in documented()
    ]


def test_the_sandboxs_words_are_those_it_understands() -> None:
    shown = [row[0].strip("`") for row in table("The sandbox")]
    assert {word for text in shown for word in words(text)} == set(WORDS)


def test_the_commands_are_those_of_the_makefile() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert targets
    assert [row[0] for row in table("Development")] == [f"`make {name}`" for name in targets[1].split()]


def test_a_space_runs_the_gradio_that_is_required() -> None:
    front = dict(line.split(": ", 1) for line in README.split("---\n")[1].splitlines())
    assert f"gradio=={front['sdk_version']}" in REQUIREMENTS
    assert (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60  # Hugging Face shows no more


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_has_its_reason(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text("utf-8").splitlines() if line and line[0] not in "#-"]
    assert lines
    for line in lines:
        assert re.match(r"[\w.\[\]-]+==[0-9.]+(;.*)?(  # .+)?$", line), line
        assert "  # " in line or ";" in line, line


def test_every_page_of_the_documentation_is_linked() -> None:
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"](docs/{page.name})" not in README] == []
