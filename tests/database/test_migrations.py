"""Databases of earlier versions: they are brought up to date by themselves, and keep what is there."""

from __future__ import annotations

import ast
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import studio
from studio.database.engine import connect
from studio.database.schema import METADATA
from studio.database.search import remove_prompt
from studio.database.states import State
from studio.jobs.model import VideoFile, new_id
from studio.jobs.rows.store import Store
from studio.library.history import Filter, Library
from studio.outputs.locations import Locations
from studio.providers.base import TaskStatus, Usage

REQUEST = {
    "mode": "text-to-video",
    "provider": "dashscope",
    "model": "happyhorse-1.0-t2v",
    "prompt": "A horse at dawn",
    "resolution": "720P",
    "watermark": True,
    "seed": 7,
    "ratio": "16:9",
    "duration": 5,
}
QUOTE = {"seconds": "5", "rate": "0.9", "currency": "CNY", "source": "prices"}
USAGE = {"billed_seconds": 5.0, "input_seconds": 0.0, "output_seconds": 5.0, "resolution": "720P", "ratio": "16:9"}
_SIZE = {"width": 1280, "height": 720, "seconds": 5.04, "fps": 24.0, "codec": "h264", "audio_codec": None}
VIDEO = {"path": "happyhorse-1.0-t2v/videos/a.mp4", "poster": None, "bytes": 9, "sha256": "ab" * 32} | _SIZE
_SAID = {"message": "No.", "code": "DataInspectionFailed", "request_id": "r-1", "status": None}
FAULT = {"kind": "content_refused", "stage": "generate", "charged": "no", "retryable": False} | _SAID
COLUMNS = (
    *("id", "owner", "account", "region", "provider", "mode", "model", "prompt", "state", "request", "quote"),
    *("attempt", "not_before", "created_at", "updated_at", "submitting_at", "submitted_at", "started_at"),
    *("finished_at", "saved_at", "task_id", "request_id", "task_status", "result_url", "usage", "fault", "video"),
)
"""Of the first version's jobs."""
SENT = {State.WAITING, State.SAVING, State.SUCCEEDED, State.FAILED, State.EXPIRED}
OVER = {State.SAVING, State.SUCCEEDED}


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(studio.__file__).parent / "database" / "migrations"))
    return made


VERSIONS = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][:0:-1]
"""All but the newest, the first first."""
ALLOWED = {"__future__", "alembic", "sqlalchemy", "decimal", "hashlib", "json", "typing", "unicodedata"}
"""What a migration may use: what comes with Python, and what writes to databases."""


def at_version(url: str, version: str) -> Engine:
    """An empty database as that version made it."""
    engine, settings = connect(url), config()
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, version)
        connection.commit()
    return engine


def first_version(url: str) -> Engine:
    return at_version(url, "0001")


def row(state: State) -> dict[str, Any]:
    """A job as the first version wrote it, with what it has in that state."""
    values = dict.fromkeys(COLUMNS) | {name: REQUEST[name] for name in ("provider", "mode", "model", "prompt")}
    values |= {
        "id": new_id(time.time()),
        "owner": "ada",
        "account": "dashscope:beijing",
        "region": "beijing",
        "state": state,
    }
    values |= {"request": json.dumps(REQUEST), "quote": json.dumps(QUOTE), "attempt": 1, "not_before": 2.5}
    values |= {"created_at": 1000.0, "updated_at": 1001.0}
    if state not in (State.QUEUED, State.PUBLISHING, State.CANCELED):
        values["submitting_at"] = 1002.0
    if state in SENT:
        values |= {"task_id": f"t-{state}", "request_id": "r-0", "submitted_at": 1003.0, "started_at": 1004.0}
    if state in OVER:
        values |= {"finished_at": 1005.0, "task_status": "SUCCEEDED", "result_url": "https://x/v.mp4?S=1"}
        values["usage"] = json.dumps(USAGE)
    if state is State.SUCCEEDED:
        values |= {"saved_at": 1006.0, "video": json.dumps(VIDEO)}
    if state is State.FAILED:
        values |= {"task_status": "FAILED", "fault": json.dumps(FAULT)}
    return values


def write(engine: Engine, values: dict[str, Any]) -> None:
    names = ", ".join(f":{name}" for name in COLUMNS)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO jobs ({', '.join(COLUMNS)}) VALUES ({names})"), values)
        note(connection, values["id"])


def note(connection: Any, job_id: str, what: str = "queued") -> None:
    statement = text("INSERT INTO events (job_id, at, what, detail) VALUES (:job, 1000.0, :what, :detail)")
    connection.execute(statement, {"job": job_id, "what": what, "detail": '{"error": "一"}'})


def test_the_first_versions_jobs_are_kept_in_every_state(database_url: str) -> None:
    old = first_version(database_url)
    rows = {state: row(state) for state in State}
    for values in rows.values():
        write(old, values)
    old.dispose()
    store = Store(database_url)
    for state, values in rows.items():
        job = store.get(values["id"])
        assert job is not None
        assert (job.state, job.owner, job.account, job.region) == (state, "ada", "dashscope:beijing", "beijing")
        assert {name: value for name, value in job.request.to_json().items() if value is not None} == REQUEST
        assert job.quote is not None
        assert job.quote.to_json() == QUOTE | {"input_seconds": "0"}
        for name in (*COLUMNS[11:20], "task_id", "request_id"):
            assert getattr(job, name) == values[name], name
        assert (job.task.result_url if job.task else None) == values["result_url"]
        assert job.task_status == (TaskStatus(values["task_status"]) if values["task_status"] else None)
        assert job.usage == (Usage(**USAGE) if state in OVER else None)
        assert job.video == (VideoFile(**VIDEO) if state is State.SUCCEEDED else None)
        assert (job.fault.code if job.fault else None) == ("DataInspectionFailed" if state is State.FAILED else None)
        assert [(event.what, event.detail) for event in store.history(job.id)] == [("queued", {"error": "一"})]
    assert {job.id for job in store.page("ada", limit=99)} == {values["id"] for values in rows.values()}
    library = Library(store, Locations.folder(Path("nowhere")))
    assert len(library.page("ada", Filter(words="DAWN", sort="dearest"), limit=99).entries) == len(rows)
    due = {rows[state]["id"] for state in (State.QUEUED, State.SAVING)}
    assert {job.id for job in store.due(9.0, ["dashscope:beijing"])} == due
    assert [job.task_id for job in store.waiting("dashscope:beijing", 0.0)] == ["t-waiting"]
    store.close()


def test_there_is_one_newest_version() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


def test_an_upgrade_runs_nothing_of_todays_studio() -> None:
    """What a migration used stands in it: the functions, tables and limits of a later day would do something else."""
    versions = Path(studio.__file__).parent / "database" / "migrations"
    scripts = [*versions.glob("versions/*.py"), versions / "env.py"]
    assert len(scripts) > len(VERSIONS)
    for script in scripts:
        for node in ast.walk(ast.parse(script.read_text("utf-8"))):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [f"{'.' * node.level}{node.module}"] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in named} <= ALLOWED, script.name


@pytest.mark.parametrize("version", VERSIONS)
def test_the_database_of_every_version_is_brought_to_todays_tables(database_url: str, version: str) -> None:
    old = at_version(database_url, version)
    job = row(State.SUCCEEDED)
    write(old, job)
    old.dispose()
    store = Store(database_url)
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert [one for one in differences if "prompt_index" not in str(one)] == []
    assert [one.id for one in store.page("ada")] == [job["id"]]
    store.close()


def test_what_the_upgrade_indexed_todays_search_finds_and_forgets(database_url: str) -> None:
    old = first_version(database_url)
    for prompt in ("Ein Pferd im Ｍorgengrauen", "一匹马 🐎"):
        write(old, row(State.SUCCEEDED) | {"task_id": new_id(time.time()), "prompt": prompt})
    old.dispose()
    store = Store(database_url)
    library = Library(store, Locations.folder(Path("nowhere")))
    for words, count in (("morgen", 1), ("匹马", 1), ("zebra", 0)):
        found = library.page("ada", Filter(words=words), limit=9).entries
        assert len(found) == count, words
        with store.engine.begin() as connection:
            for entry in found:
                remove_prompt(connection, "ada", entry.job.id)
    assert library.page("ada", Filter(words="morgen"), limit=9).entries == []
    store.close()


def test_of_studios_that_start_together_one_upgrades(database_url: str) -> None:
    old = first_version(database_url)
    for _ in range(50):
        write(old, row(State.SUCCEEDED) | {"task_id": new_id(time.time())})
    old.dispose()
    gate = threading.Barrier(4)

    def start(_: int) -> int:
        gate.wait()
        store = Store(database_url)
        jobs = store.count("ada")
        store.close()
        return jobs

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [50] * 4


@pytest.mark.parametrize("jobs", [300])
def test_another_studio_goes_on_writing_while_the_database_is_upgraded(database_url: str, jobs: int) -> None:
    old = first_version(database_url)
    rows = [row(State.WAITING) | {"task_id": new_id(time.time())} for _ in range(jobs)]
    for values in rows:
        write(old, values)
    upgraded, begun, written = threading.Event(), threading.Event(), 0

    def work() -> int:
        """What the old version does to its jobs."""
        count = 0
        while not upgraded.wait(0.005):
            with old.begin() as connection:
                values = {"id": rows[count % jobs]["id"], "at": float(count)}
                connection.execute(text("UPDATE jobs SET updated_at = :at WHERE id = :id"), values)
                note(connection, values["id"], "task")
            count += 1
            begun.set()
        return count

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(work)
        assert begun.wait(30)
        store = Store(database_url)
        upgraded.set()
        written = other.result(60)
    old.dispose()
    assert written > 0
    assert store.count("ada") == jobs
    history = [event.what for values in rows for event in store.history(values["id"])]
    assert (history.count("queued"), history.count("task")) == (jobs, written)
    store.close()
