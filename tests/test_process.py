"""The studio as a process: where it can live, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.processes import running
from tests.studio_process import StudioProcess


@pytest.mark.slow
def test_it_lives_in_a_folder_of_any_name_and_ends_without_a_word(tmp_path: Path) -> None:
    """A service manager tells the studio and its sandbox to end in the same moment, and either may hear it first."""
    folder = tmp_path / "100%25 of what? #1 & é;x=%(here)s%"
    with StudioProcess(folder) as studio, studio.visitor() as visitor:
        (sandbox,) = running("studio.sandbox", studio.process.pid)
        os.kill(sandbox, signal.SIGTERM)
        job = studio.submit(visitor, "A horse at dawn")
        assert studio.wait(visitor, job["id"])["state"] == "succeeded"
        assert running("studio.sandbox", studio.process.pid) == {sandbox}
        assert {"studio.db", "engine.db"} <= {path.name for path in studio.data_dir.iterdir()}
        assert studio.stop() == 0
        assert not re.search("the sandbox|ERROR|Traceback", studio.output)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.slow
@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6 here")
def test_it_listens_on_ipv6_and_ipv4_and_reaches_its_own_machine_by_no_proxy(tmp_path: Path) -> None:
    nobody = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9", "NO_PROXY": ""}
    with StudioProcess(tmp_path, STUDIO_HOST="[::]", **nobody) as studio, studio.visitor() as visitor:
        port = studio.url.rpartition(":")[2]
        assert f"is at http://localhost:{port}/ and http://[::]:{port}/\n" in studio.output
        assert httpx.get(f"http://[::1]:{port}/livez").status_code == 200
        job = studio.submit(visitor, "A horse at dawn")
        assert studio.wait(visitor, job["id"])["state"] == "succeeded"
        assert studio.stop() == 0
