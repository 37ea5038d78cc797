"""An upgrade that fails leaves the database as it was, and says how to go back."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, text

from studio import database
from studio.database.engine import connect, migrate
from studio.database.schema import METADATA
from studio.database.states import State
from studio.errors import UpgradeFailed
from studio.jobs.model import new_id
from studio.jobs.rows.store import Store
from tests.database.test_migrations import VERSIONS, at_version, row, write
from tests.disks import disk_at
from tests.servers import ROOT
from tests.studio_process import StudioProcess
from tests.test_old_installation import CUT, unpacked

JOBS = 40
ROOM = 64 * 1024
"""Bytes left on a disk: enough for what SQLite itself writes beside a database, and too little for the upgrade."""
CHANGES = """
import sys
import time
import time
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade():
    op.add_column("jobs", sa.Column("stripes", sa.Text))
    op.execute("UPDATE jobs SET stripes = prompt, owner = 'nobody'")
    op.create_table("zebras", sa.Column("id", sa.Integer, primary_key=True))
    op.drop_index("jobs_of_network", "jobs")
    op.drop_table("presets")
    {end}
"""


def scripts(folder: Path, end: str) -> Path:
    """Today's migrations and one more, which changes much and comes to this ``end``."""
    copy = folder / "migrations"
    shutil.copytree(Path(database.__file__).parent / "migrations", copy, ignore=shutil.ignore_patterns("__pycache__"))
    newest = sorted(copy.glob("versions/*.py"))[-1].name.partition("_")[0]
    (copy / "versions" / "9999_stripes.py").write_text(CHANGES.format(newest=newest, end=end))
    return copy


def contents(engine: Engine) -> dict[str, Any]:
    """All tables with their columns, indexes and rows; of the index of words the tables that it consists of."""
    found, inspector = {}, inspect(engine)
    hidden = {"prompt_index"} if engine.dialect.name == "sqlite" else set()
    with engine.connect() as connection:
        for table in set(inspector.get_table_names()) - hidden:
            columns = [column["name"] for column in inspector.get_columns(table)]
            indexes = {index["name"] for index in inspector.get_indexes(table)}
            rows = sorted(repr(tuple(one)) for one in connection.execute(text(f"SELECT * FROM {table}")))
            found[table] = (columns, indexes, rows)
    return found


@pytest.fixture
def old(database_url: str) -> Iterator[Engine]:
    """A database of the version before today's, with jobs."""
    engine = at_version(database_url, VERSIONS[-1])
    for state in (State.WAITING, State.SUCCEEDED):
        for _ in range(JOBS // 2):
            write(engine, row(state) | {"task_id": new_id(time.time())})
    yield engine
    engine.dispose()


def test_a_migration_that_fails_at_its_end_changes_nothing(old: Engine, tmp_path: Path) -> None:
    before = contents(old)
    with pytest.raises(UpgradeFailed, match=r"from schema \d{4} to 9999: ValueError: no\. Nothing was changed: start "):
        migrate(old, scripts(tmp_path, "raise ValueError('no')"))
    assert contents(old) == before
    migrate(old)
    assert len(contents(old)["jobs"][2]) == JOBS


@pytest.mark.process
def test_an_upgrade_that_is_killed_in_the_middle_changes_nothing(old: Engine, tmp_path: Path) -> None:
    before = contents(old)
    stays = scripts(tmp_path, "print('here', flush=True); time.sleep(600)")
    code = "import sys; from pathlib import Path; from studio.database.engine import connect, migrate; "
    code += "migrate(connect(sys.argv[1]), Path(sys.argv[2]))"
    address = old.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", code, address, stays], cwd=ROOT, stdout=subprocess.PIPE) as upgrade:
        assert upgrade.stdout is not None
        assert upgrade.stdout.readline() == b"here\n"
        upgrade.kill()
    assert contents(old) == before
    migrate(old)
    assert len(contents(old)["jobs"][2]) == JOBS


def test_an_upgrade_for_which_the_disk_is_too_small_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'studio.db'}"
    engine = at_version(url, VERSIONS[0])
    for _ in range(JOBS):
        write(engine, row(State.SUCCEEDED) | {"task_id": new_id(time.time())})
    before = contents(engine)
    engine.dispose()
    full = connect(url)

    @event.listens_for(full, "connect")
    def _grow_no_more(connection: Any, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    with pytest.raises(UpgradeFailed, match=r"database or disk is full\. Nothing was changed"):
        migrate(full)
    assert contents(full) == before
    full.dispose()
    store = Store(url)
    assert set(METADATA.tables) <= contents(store.engine).keys()
    assert store.count("ada") == JOBS
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with an earlier installation on it, and room for nothing else."""
    with disk_at(tmp_path / "disk", "64m") as folder:
        unpacked(CUT, folder)
        (folder / "studio.log").symlink_to(tmp_path / "studio.log")
        yield folder


def files(folder: Path) -> dict[str, str]:
    """What is in the folder, but for what SQLite keeps beside a database while it is open."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".log"))
    }


@pytest.mark.slow
def test_an_installation_on_a_full_disk_is_left_as_it_was(small_disk: Path) -> None:
    before = files(small_disk)
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler = small_disk / "filler"
    filler.write_bytes(bytes(free - ROOM))
    studio = StudioProcess(small_disk)
    with pytest.raises(RuntimeError, match=r"cannot start\. .*disk"), studio:
        pass
    filler.unlink()
    assert files(small_disk) == before
    with studio:
        assert files(small_disk).keys() >= before.keys()
