from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import QueuePool, create_engine, inspect, text

from studio.database import engine as database
from studio.database.schema import METADATA
from studio.errors import ConfigError, DatabaseBusy, DatabaseTooNew, StoreError
from studio.jobs.rows.store import Store
from studio.system.pace import Pace
from tests.databases import make_job


def test_the_migrations_build_the_schema_that_the_code_uses(database_url: str) -> None:
    Store(database_url).close()
    engine = create_engine(database_url)
    inspector = inspect(engine)
    for table in METADATA.tables.values():
        assert {column["name"] for column in inspector.get_columns(table.name)} == set(table.c.keys())
        assert {index["name"] for index in inspector.get_indexes(table.name)} == {index.name for index in table.indexes}
    engine.dispose()


def test_opening_again_keeps_what_is_there(database_url: str) -> None:
    first = Store(database_url)
    job = make_job()
    first.add(job)
    first.close()
    second = Store(database_url)
    assert second.get(job.id) == job
    second.close()


def test_a_database_of_a_later_version_is_left_alone(database_url: str) -> None:
    Store(database_url).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match=r"later version .*9999.*knows [0-9]{4}.*Nothing was changed"):
        Store(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    engine.dispose()


def test_a_held_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    Store(f"sqlite:///{path}").close()
    store = Store(f"sqlite:///{path}", pace=Pace(busy_seconds=0.2))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseBusy, match="Another program is using"):
        store.add(make_job())
    holder.execute("ROLLBACK")
    store.add(make_job())
    store.close()


def test_a_pool_that_is_empty_is_told_in_a_sentence() -> None:
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.1)
    with engine.connect(), pytest.raises(StoreError, match="cannot be used"), database.translated():
        engine.connect()
    engine.dispose()


def test_what_is_not_a_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    path.write_text("this is a text file, not a database" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Store(f"sqlite:///{path}")


def test_a_column_whose_default_only_a_newer_sqlite_knows_is_filled_in(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'engine.db'}")
    before = time.time()
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE versions (name TEXT, made_at INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000))")
        )
        connection.execute(text("INSERT INTO versions (name) VALUES ('1')"))
        made_at = connection.execute(text("SELECT made_at FROM versions")).scalar_one()
        assert connection.execute(text("SELECT unixepoch()")).scalar_one() >= int(before)
    engine.dispose()
    assert before * 1000 - 2 <= made_at <= time.time() * 1000 + 2


def test_a_sqlite_that_is_too_old_is_told_in_a_sentence() -> None:
    database.require_sqlite()
    with pytest.raises(ConfigError, match=r"SQLite 3\.34\.1, and the studio needs 3\.35\.0 or later: use a newer"):
        database.require_sqlite((3, 34, 1))
