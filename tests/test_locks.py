"""The lock files say all that the requirements ask for, by versions and hashes, and nothing of where it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import ROOT

FILES = [("requirements.txt", "requirements.lock"), ("requirements-dev.txt", "requirements-dev.lock")]
REMAKE = "is older than the requirements: run 'make lock'"


def pinned(path: Path) -> dict[str, set[str]]:
    """The versions of each package that a file names; a lock may have one for each of several Pythons."""
    found: dict[str, set[str]] = {}
    for line in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        line = re.split(r"\s#|\s--hash", line)[0].strip()
        if line.startswith("-r "):
            found |= pinned(path.parent / line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier))
    return found


@pytest.mark.parametrize(("asked", "locked"), FILES)
def test_a_lock_has_what_the_requirements_pin(asked: str, locked: str) -> None:
    lock = pinned(ROOT / locked)
    assert {name: lock.get(name) for name in pinned(ROOT / asked)} == pinned(ROOT / asked), f"{locked} {REMAKE}"


def test_the_studio_runs_on_the_versions_that_were_tested() -> None:
    tested = pinned(ROOT / "requirements-dev.lock")
    for name, versions in pinned(ROOT / "requirements.lock").items():
        assert versions <= tested.get(name, set()), f"{name}: requirements.lock {REMAKE}"


@pytest.mark.parametrize("locked", [lock for _, lock in FILES])
def test_a_lock_has_hashes_for_all_and_names_no_place(locked: str) -> None:
    text = (ROOT / locked).read_text("utf-8")
    entries = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    assert len(entries) > 20
    for entry in entries:
        assert re.fullmatch(r"[\w.\[\]-]+==[\w.+!]+( *;[^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry), entry[:80]
