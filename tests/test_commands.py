"""Each command of the documentation is run as it stands there, but for an address, an id and how long it takes.

What a test cannot have (a paid key, systemd …) is marked so in the page: see ``tests/documentation.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests import pictures
from tests.documentation import Command, blocks, commands
from tests.servers import ROOT, SandboxServer
from tests.studio_process import StudioProcess
from tests.test_docs import check_picture

ADDRESS = "http://127.0.0.1:7860"
"""Of a studio, wherever the documentation names one."""
BACKUP = (
    """python3 -c "import sqlite3; sqlite3.connect('data/studio.db').execute(\\"VACUUM INTO 'studio.backup.db'\\")\""""
)


class Bench:
    """Where commands are run: a copy of the project that has what is installed here, and a studio beside it."""

    def __init__(self, folder: Path, cloud: SandboxServer, stack: contextlib.ExitStack) -> None:
        self._folder, self._cloud, self._stack = folder, cloud, stack

    def copy(self, name: str) -> Path:
        """A clone without a past, in a folder of its own: nothing is installed in it."""
        lines = (ROOT / ".gitignore").read_text().split()
        anywhere = shutil.ignore_patterns(".git", *(line.strip("/") for line in lines if line[0] != "/"))
        here = {line.strip("/") for line in lines if line[0] == "/"}

        def left_out(folder: str, names: list[str]) -> set[str]:
            return set(anywhere(folder, names)) | (here if Path(folder) == ROOT else set())

        return Path(shutil.copytree(ROOT, self._folder / name, ignore=left_out))

    @cached_property
    def clone(self) -> Path:
        """A copy in which ``make`` finds everything installed: what these tests run on."""
        clone = self.copy("clone")
        programs = clone / ".venv" / "bin"
        programs.mkdir(parents=True)
        python = programs / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (programs / "uv").symlink_to(Path(sys.executable).with_name("uv"))
        for stamp in ("installed", "installed-dev"):
            (clone / ".venv" / stamp).touch()
        return clone

    @cached_property
    def studio(self) -> StudioProcess:
        return self._stack.enter_context(StudioProcess(self._folder / "studio", self._cloud, STUDIO_POLL_SECONDS="0.2"))

    def run(self, text: str, folder: Path | None = None, **environ: str) -> str:
        """Run a shell's text in the clone; what it said. It ends where anything in it fails."""
        done = subprocess.run(
            ["sh", "-e", "-c", text],
            cwd=folder or self.clone,
            env=os.environ | environ,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, instant_server: SandboxServer) -> Iterator[Bench]:
    with contextlib.ExitStack() as stack:
        yield Bench(tmp_path_factory.mktemp("bench"), instant_server, stack)


def serves(folder: Path, text: str) -> None:
    """The last of these commands serves the page, until it is interrupted as from a terminal."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    log = folder / "log"
    settings = {"STUDIO_PORT": port, "STUDIO_PROVIDER": "sandbox", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-e", "-c", text],
            cwd=folder,
            env=os.environ | settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 600
        while f"HappyHorse Studio is at http://127.0.0.1:{port}" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).json()["ok"]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def make_run(bench: Bench, command: Command) -> None:
    serves(bench.copy("run"), command.text)


def without_make(bench: Bench, command: Command) -> None:
    serves(bench.copy("without-make"), command.text)


def by_ci(bench: Bench, command: Command) -> None:
    """What runs these tests, or is run beside them."""
    assert command.text in (ROOT / ".ci" / "run").read_text().splitlines()


def plain(bench: Bench, command: Command) -> None:
    bench.run(command.text)


def small(load: str) -> Callable[[Bench, Command], None]:
    """With a smaller load than is told; of two that ``make`` is given the last counts."""

    def run(bench: Bench, command: Command) -> None:
        bench.run(f"{command.text} {load}")

    return run


def make_pictures(bench: Bench, command: Command) -> None:
    bench.run(f"{command.text} to=pictures")
    for name in pictures.SIZES:
        check_picture(bench.clone / "pictures" / name)


def make_clean(bench: Bench, command: Command) -> None:
    folder = bench.copy("clean")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "tests" / "__pycache__").mkdir()
    bench.run(command.text, folder)
    assert not (folder / ".venv").exists()
    assert not list(folder.rglob("__pycache__"))
    assert (folder / "app.py").is_file()


def history(bench: Bench, command: Command) -> None:
    studio = bench.studio
    with studio.visitor() as visitor:
        job = studio.submit(visitor, "To be taken along")
        studio.wait(visitor, job["id"])
        token = visitor.cookies["happyhorse"]
    text = command.text.replace("<id>", token.partition(".")[0])
    said = bench.run(text, STUDIO_DATA_DIR=str(studio.data_dir), OUTPUT_DIR=str(studio.output_dir))
    assert "history.zip: 1 jobs" in said
    assert "1 jobs were here" in said


def health(bench: Bench, command: Command) -> None:
    said = json.loads(bench.run(command.text.replace(ADDRESS, bench.studio.url)))
    shown = next(block for block in blocks(ROOT / "docs" / "operate.md") if block.language == "json")
    assert said.keys() == json.loads(shown.text).keys()
    assert said["ok"]


def by_json(bench: Bench, command: Command) -> None:
    job = json.loads(bench.run(command.text.replace(ADDRESS, bench.studio.url)))
    assert job["settings"]["duration"] == 5


def by_gradio(bench: Bench, command: Command) -> None:
    Image.new("RGB", (640, 480), "#704214").save(bench.clone / "horse.png")
    script = bench.clone / "script.py"
    script.write_text(command.text.replace(ADDRESS, bench.studio.url) + "\nprint(job['id'])\n")
    said = bench.run(f".venv/bin/python {script}").split()
    foreign = httpx.get(f"{bench.studio.url}/studio/jobs/{said[-1]}", timeout=60)
    assert foreign.status_code == 404  # it is the script's, and nobody else's


def backup(bench: Bench, command: Command) -> None:
    """Of a studio that is up; ``test_backup.py`` restores one that was taken at work."""
    bench.run(command.text, bench.studio.folder)
    assert (bench.studio.folder / "studio.backup.db").stat().st_size > 0


SLOW: Mapping[str, Callable[[Bench, Command], None]] = {
    "make run": make_run,
    "python3 -m venv .venv": without_make,
    "make bench": small("names=download"),
    "make chaos": small("N=3"),
    "make siege": small("SECONDS=5"),
    "make pictures": make_pictures,
    "make screens": small("names=price"),
    "make examples": small("names=lighthouse"),
    "make lock": plain,
    "make quick": small("tests=tests/catalog/test_pricing.py"),
    "make coverage": small("tests=tests/catalog/test_pricing.py"),
}
RUNNERS: Mapping[str, Callable[[Bench, Command], None]] = {
    **SLOW,
    "make test": by_ci,
    "make slow": by_ci,
    "make check": by_ci,
    "make types": plain,
    "make clean": make_clean,
    ".venv/bin/python -m pytest -q tests/catalog/test_pricing.py": plain,
    ".venv/bin/python -m studio export history.zip --visitor <id>": history,
    f"curl -s {ADDRESS}/healthz": health,
    BACKUP: backup,
    'curl -H \'Content-Type: application/json\' -d \'{"prompt": "A horse at dawn", "duration": 5}\' \\': by_json,
    "from gradio_client import Client, handle_file": by_gradio,
}


def test_each_command_has_a_runner_or_says_in_the_page_what_it_needs() -> None:
    assert {command.name for command in commands()} == RUNNERS.keys()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=command.name, marks=[pytest.mark.slow] if command.name in SLOW else [])
        for command in commands()
    ],
)
def test_it_runs(command: Command, bench: Bench) -> None:
    RUNNERS[command.name](bench, command)
