"""Opening the job database: SQLite or PostgreSQL by URL, brought to the newest schema on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from studio.errors import DatabaseBusy, DatabaseTooNew, StoreError
from studio.told import Told

BUSY_SECONDS = 15
_MIGRATION_LOCK = 0x48483031


def connect(url: str) -> Engine:
    """An engine for ``url``. Money rows are synced to disk at every commit."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    # IMMEDIATE: a writer takes its lock at the start and waits for it there, instead of failing half-way.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": "IMMEDIATE"})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


def migrate(engine: Engine) -> None:
    """Create the tables or bring them to the newest version; what is there is kept.

    Raises DatabaseTooNew when a later studio wrote it, DatabaseBusy when another program holds it, else StoreError.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
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
        command.upgrade(config, "head")
        connection.commit()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the studio's, with the way out."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            raise DatabaseBusy(
                Told(
                    "The studio's database is held by another program ({reason}). Close it there; then try again.",
                    reason=reason,
                )
            ) from error
        raise StoreError(Told("The studio's database cannot be used: {reason}", reason=reason)) from error
    except (DBAPIError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", error))
        raise StoreError(Told("The studio's database cannot be used: {reason}", reason=reason)) from error
