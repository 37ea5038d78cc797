from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import QueuePool, create_engine, inspect, text

from studio import database
from studio.errors import DatabaseBusy, DatabaseTooNew, StoreError
from studio.jobs.store import Store
from studio.schema import METADATA
from tests.jobs.conftest import make_job


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


def test_a_held_database_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "studio.db"
    Store(f"sqlite:///{path}").close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    store = Store(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseBusy, match="held by another program"):
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
