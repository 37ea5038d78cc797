"""Opening the job database: SQLite or PostgreSQL by URL, brought to the newest schema on the way."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from studio.errors import ConfigError, DatabaseBusy, DatabaseTooNew, StoreError, UpgradeFailed
from studio.message import Message
from studio.system.clock import Clock
from studio.system.pace import PACE

log = logging.getLogger("studio")

OLDEST_SQLITE = (3, 35, 0)
"""The first that gives back what a statement changed (``RETURNING``)."""
_MIGRATION_LOCK = 0x48483031
_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str | URL, busy_seconds: float = PACE.busy_seconds) -> Engine:
    """An engine for ``url``. Money rows are synced to disk at every commit; SQLite's lock is waited for so long."""
    if make_url(url).get_backend_name() != "sqlite":
        # Whatever the server's default is: who waited for a lock sees what was committed meanwhile, and no transaction
        # fails because another one came first.
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", json_deserializer=_read_json)
    require_sqlite()
    # IMMEDIATE: a writer takes its lock at the start and waits for it there, instead of failing half-way.
    arguments = {"timeout": busy_seconds, "isolation_level": "IMMEDIATE"}
    engine = create_engine(url, connect_args=arguments, json_deserializer=_read_json)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", 1, _unixepoch)

    return engine


class ServersClock:
    """What is o'clock at a database's server, read now and then and in between kept by our steady clock.

    Several machines that work on one database agree by it, whatever their own clocks show.
    """

    def __init__(self, engine: Engine, own: Clock) -> None:
        self._engine = engine
        self._own = own
        self.set()

    def set(self) -> None:
        """Read it; raises what SQLAlchemy does."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))  # the connection may be new: that takes its time
            asked = self._own.steady()
            there = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
            self._ahead = float(there) - (asked + self._own.steady()) / 2

    def wall(self) -> float:
        """Seconds since 1970."""
        return self._own.steady() + self._ahead


def _read_json(text: str) -> Any:
    """A column's JSON; None where it is damaged, so that one such field is not the end of every page it stands on."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        log.error("a field of the database holds what is not JSON")
        return None


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise ConfigError when Python's own SQLite is older than what the studio asks of it."""
    if version < OLDEST_SQLITE:
        has, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise ConfigError(
            f"This Python has SQLite {has}, and the studio needs {needed} or later: "
            "use a newer Python or system, or PostgreSQL by DATABASE_URL."
        )


def _unixepoch(modifier: str) -> float | None:
    """``unixepoch('subsec')`` for SQLite before 3.42, where it is NULL: on Python 3.12 and later DBOS gives columns of
    its tables this default. NULL for all else, as SQLite answers what it does not understand."""
    return round(time.time(), 3) if modifier in ("subsec", "subsecond") else None


def migrate(engine: Engine, scripts_folder: Path = _MIGRATIONS) -> None:
    """Create the tables or bring them to the newest version, all in one transaction; what is there is kept.

    Raises DatabaseTooNew when a later studio wrote it, DatabaseBusy when another program holds it, UpgradeFailed when a
    migration cannot be made, else StoreError. After each the database is as it was.
    """
    config = Config()
    # A % in a value would begin the name of another one.
    config.set_main_option("script_location", str(scripts_folder).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with translated(), engine.connect() as connection:
        context = MigrationContext.configure(connection)
        head = scripts.get_current_head()
        current = context.get_current_revision()
        connection.rollback()
        if current == head:
            return
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise DatabaseTooNew(
                f"The database {engine.url.render_as_string()} was written by a later version of the studio "
                f"(schema {current}, this version knows {head}). Start that version, or point STUDIO_DATA_DIR or "
                "DATABASE_URL elsewhere. Nothing was changed."
            )
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
            connection.commit()
        except Exception as error:  # whatever it is: a person has to go on from here
            connection.rollback()
            if current is None:
                raise
            reason = str(error.orig) if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"
            raise UpgradeFailed(
                f"The database {engine.url.render_as_string()} could not be brought from schema {current} to {head}: "
                f"{reason}. Nothing was changed: start the version of the studio that you had, which works on it as "
                "before, or remove the reason and start this one again."
            ) from error


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the studio's, with the way out."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            raise DatabaseBusy(
                Message("Another program is using the studio’s database ({reason}).", reason=reason)
            ) from error
        raise StoreError(Message("The studio’s database cannot be used ({reason}).", reason=reason)) from error
    except (DBAPIError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", error))
        raise StoreError(Message("The studio’s database cannot be used ({reason}).", reason=reason)) from error
