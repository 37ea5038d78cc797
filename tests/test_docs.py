"""The documentation says what is so, and each of its links leads somewhere; ``test_commands.py`` runs its commands."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from studio.config import documented
from studio.sandbox.faults import WORDS, directives
from tests import pictures
from tests.documentation import COMMANDS, DATA, NEEDS, anchors, blocks, code, links, pages, table
from tests.servers import ROOT

README = ROOT / "README.md"
REQUIREMENTS = (ROOT / "requirements.txt").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
ALSO = [ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"]
EACH = pytest.mark.parametrize("page", [*pages(), *ALSO], ids=lambda page: page.relative_to(ROOT).as_posix())


def targets() -> list[str]:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    return phony[1].split()


def test_the_settings_are_those_that_are_read() -> None:
    assert table(ROOT / "docs" / "settings.md", "Settings") == [
        [f"`{name}`", f"`{default}`" if default else "", about] for name, default, about in documented()
    ]


def test_the_sandboxs_words_are_those_it_understands() -> None:
    shown = [row[0].strip("`") for row in table(ROOT / "docs" / "providers.md", "The sandbox")]
    assert {word for text in shown for word in directives(text)} == set(WORDS)


def test_the_commands_are_those_of_the_makefile() -> None:
    shown = [row[0] for row in table(ROOT / "CONTRIBUTING.md", "Commands")]
    assert shown == [f"`make {name}`" for name in targets()]


def test_a_space_runs_the_gradio_that_is_required() -> None:
    front = dict(line.split(": ", 1) for line in README.read_text("utf-8").split("---\n")[1].splitlines())
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


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 150


def test_the_readme_has_two_pictures() -> None:
    shown = [target for target in links(README) if target.startswith("docs/pictures/")]
    assert shown == [f"docs/pictures/{name}" for name in pictures.SIZES]
    for name in pictures.SIZES:
        check_picture(pictures.FOLDER / name)


def check_picture(path: Path) -> None:
    assert path.stat().st_size <= pictures.MAX_BYTES
    with Image.open(path) as picture:
        assert picture.size == pictures.SIZES[path.name]


@EACH
def test_each_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_each_page_is_found_from_the_readme() -> None:
    reached, open_ = set[Path](), [README]
    while open_:
        page = open_.pop()
        reached.add(page)
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        open_ += [target for target in targets if target.suffix == ".md" and target not in reached]
    assert reached >= {*pages(), ROOT / "CHANGELOG.md"}


@EACH
def test_each_block_says_what_it_is(page: Path) -> None:
    for block in blocks(page):
        assert block.language in (*COMMANDS, *DATA), block
        assert block.needs is None or block.language in COMMANDS, block
        assert block.needs in (None, *NEEDS), block
        assert block.language != "dockerfile" or block.needs == "docker", block


@EACH
def test_what_is_named_between_backticks_is_there(page: Path) -> None:
    folders = [line.split()[0] for block in blocks(page) for line in block.text.splitlines() if line[:7] == "studio/"]
    for text in [*code(page), *folders]:
        first, *more = text.split()
        if first == "make" and more and "=" not in more[0]:
            assert more[0] in targets(), text
        if re.match(r"(\.venv/bin/)?python3? -m ", text):
            assert find_spec(shlex.split(text)[2]), text
        for path in re.findall(r"(?<![\w/.<-])(?:studio|tests|benchmarks|deploy|docs|assets|\.ci)/[\w./*-]+", text):
            assert list(ROOT.glob(path.rstrip("/"))), text
