"""An installation of an earlier version, killed at work: today's studio comes up on it and goes on."""

from __future__ import annotations

import json
import sqlite3
import tarfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.media.facts import probe_video
from tests.servers import ONE_REQUEST, ROOT
from tests.studio_process import StudioProcess

pytestmark = pytest.mark.process

CUT = Path(__file__).parent / "data" / "installation.tar.xz"
SHARED = [folder / "shared" / "old-data" for folder in ROOT.resolve().parents]
WHOLE = next((path for folder in SHARED for path in sorted(folder.glob("*.tar.gz"))), None)
"""The same without anything left out, where it lies beside the checkout."""

UNDER_WAY = ("slow", "lost", "busy")
STATES = {"text": "succeeded", "zh": "succeeded", "image": "succeeded", "aiv": "succeeded"}
STATES |= {"failed": "failed", "refused": "failed", "refs": "succeeded", "edit": "succeeded"}
COSTS = {"text": "1.35", "zh": "2.70", "image": "2.70", "refs": "2.70", "edit": "7.38", "aiv": "82.5"}


def unpacked(archive: Path, folder: Path) -> dict[str, Any]:
    """Lay the installation out as if it had been killed ten minutes ago; what it is said to hold."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # from 3.11.4 on
    made: dict[str, Any] = json.loads((folder / "MADE.json").read_text())
    (folder / "data" / "sandbox" / "port").unlink()  # it may be another program's by now
    with closing(sqlite3.connect(folder / "data" / "studio.db")) as database:
        (begun,) = database.execute("SELECT submitted_at FROM jobs WHERE id = ?", [made["jobs"]["slow"]]).fetchone()
        later = time.time() - 605 - begun
        for table in ("jobs", "events", "holdings", "presets", "published"):
            for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "FLOAT" and name not in ("seconds", "price"):
                    database.execute(f"UPDATE {table} SET {name} = {name} + ? WHERE {name} > 0", [later])
        database.commit()
    with closing(sqlite3.connect(folder / "data" / "sandbox" / "tasks.db")) as tasks:
        for task_id, text in tasks.execute("SELECT id, task FROM tasks").fetchall():
            task = json.loads(text.replace("sandbox:slow=600", "sandbox:slow=1"))  # it is made anew after a kill
            task |= {name: value + later for name, value in task.items() if name.endswith(("_at", "_due")) and value}
            tasks.execute("UPDATE tasks SET task = ? WHERE id = ?", [json.dumps(task), task_id])
        tasks.commit()
    return made


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "data" / "studio.db")) as database:
        return database.execute(query).fetchall()


def creations(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "data" / "sandbox" / "tasks.db")) as tasks:
        count: int = tasks.execute("SELECT count(*) FROM tasks").fetchone()[0]
        return count


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(CUT, id="cut"),
        pytest.param(
            WHOLE, id="whole", marks=[pytest.mark.slow, pytest.mark.skipif(WHOLE is None, reason="it is not here")]
        ),
    ],
)
def test_an_installation_that_was_killed_comes_up_and_goes_on(archive: Path, tmp_path: Path) -> None:
    made = unpacked(archive, tmp_path)
    names = {job_id: name for name, job_id in made["jobs"].items()}
    histories = "SELECT job_id, count(*) FROM events GROUP BY job_id ORDER BY job_id"
    told, tasks = dict(rows(tmp_path, histories)), creations(tmp_path)
    task_ids = dict(rows(tmp_path, "SELECT id, task_id FROM jobs WHERE state = 'waiting'"))
    token = {"X-Studio-Visitor": made["visitor_token"]}
    with (
        StudioProcess(tmp_path) as studio,
        httpx.Client(base_url=studio.url, headers=token, timeout=60, limits=ONE_REQUEST) as visitor,
    ):
        shown = {names[job["id"]]: job for job in visitor.get("/studio/jobs").raise_for_status().json()["jobs"]}
        assert shown.keys() == made["jobs"].keys()
        for name, job in shown.items():
            if name in UNDER_WAY:
                continue
            assert job["state"] == STATES[name], name
            assert COSTS.get(name, "") in job["cost"], name
            assert len(studio.job(visitor, job["id"])["history"]) == told[job["id"]], name
            assert visitor.get(f"/studio/history/{job['id']}").status_code == 200
            if STATES[name] == "succeeded":
                video = visitor.get(f"/studio/media/{job['id']}/video").raise_for_status()
                (tmp_path / "played.mp4").write_bytes(video.content)
                assert float(probe_video(tmp_path / "played.mp4").seconds) >= 3
                for what in ("poster", "evidence"):
                    assert visitor.get(f"/studio/media/{job['id']}/{what}").status_code == 200, (name, what)
        for asset in [shown["image"]["settings"]["first_frame"]]:
            for what in ("content", "thumbnail"):
                assert visitor.get(f"/studio/files/{asset['sha256']}/{what}").status_code == 200
        assert [preset["name"] for preset in visitor.get("/studio/presets?mode=text-to-video").json()["presets"]] == [
            "Evening"
        ]
        ends = {name: studio.wait(visitor, made["jobs"][name], seconds=180) for name in UNDER_WAY}
        assert {name: job["state"] for name, job in ends.items()} == dict.fromkeys(UNDER_WAY, "succeeded")
        assert {job_id: studio.job(visitor, job_id)["task_id"] for job_id in task_ids} == task_ids
        assert len(visitor.get("/studio/money.csv").text.splitlines()) > len(UNDER_WAY)
    assert creations(tmp_path) == tasks + 1, "only the job that was queued is new to the sandbox"
