"""Stores on both databases: SQLite always, PostgreSQL where its server is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.pricing import quote
from studio.catalog.requests import TextToVideo
from studio.database.states import State
from studio.jobs.model import Job, JobTask, new_id
from studio.jobs.rows.store import Store

_OF_TASK = {"id": "task_id", "status": "task_status", "result_url": "result_url"}


def make_job(**changes: Any) -> Job:
    """A queued text-to-video job, as ``Engine.accept`` makes it; ``changes`` are fields of it or of its task."""
    now = time.time()
    request = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse at dawn", seed=7)
    values: dict[str, Any] = {
        "id": new_id(now),
        "owner": "ada",
        "account": "sandbox",
        "region": "beijing",
        "state": State.QUEUED,
        "request": request,
        "quote": quote(request, "beijing"),
        "created_at": now,
        "updated_at": now,
        "attempt": 0,
        "not_before": 0.0,
    }
    task = {name: changes.pop(key) for name, key in _OF_TASK.items() if key in changes}
    if task.get("id") is not None:
        values["task"] = JobTask(**task)
    return Job(**values | changes)


def _postgres_binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a PostgreSQL server on a Unix socket of its own, thrown away afterwards."""
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        as_user = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data = f"{folder}/data"
        control = [*as_user, str(binaries / "pg_ctl"), "-D", data]
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        subprocess.run(
            [*control, "init", "-s", "-o", "-A trust -U studio -N"], check=True, cwd=folder, stdout=subprocess.DEVNULL
        )
        start = [*control, "start", "-s", "-w", "-t", "180", "-o", options, "-l", f"{folder}/log"]
        subprocess.run(start, check=True, cwd=folder)
        try:
            yield f"postgresql+psycopg://studio@/{{name}}?host={folder}"
        finally:
            subprocess.run([*control, "stop", "-s", "-m", "immediate"], check=True, cwd=folder)


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.process)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'studio.db'}"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with today's tables and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "studio.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """The name of a database with today's tables and nothing in them."""
    url = new_database(postgresql)
    Store(url).close()
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of a database with today's tables: a copy, since to make them takes eight migrations."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'studio.db')}"
    template = request.getfixturevalue("postgresql_template")
    return new_database(request.getfixturevalue("postgresql"), template=template)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.slow, pytest.mark.process])])
def either(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings by which a whole studio keeps its jobs in SQLite, or in PostgreSQL."""
    if request.param == "sqlite":
        return {}
    return {"DATABASE_URL": new_database(request.getfixturevalue("postgresql"))}


def new_database(server: str, *statements: str, template: str = "template1") -> str:
    """SQLAlchemy URL of a new database of the server ``postgresql``, empty or a copy of the one named ``template``.
    ``statements`` were executed on it first; ``{name}`` in them is its name."""
    import psycopg

    name = f"t{new_id(time.time())}"
    with psycopg.connect(server.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        for statement in ("CREATE DATABASE {name} TEMPLATE {template}", *statements):
            connection.execute(statement.format(name=name, template=template))  # type: ignore[arg-type]
    return server.format(name=name)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()
