"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("region", String(32), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("mode", String(32), nullable=False),
    Column("model", String(64), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("request", JSON, nullable=False),
    Column("quote", JSON),
    Column("attempt", Integer, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("submitting_at", Float),
    Column("submitted_at", Float),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("saved_at", Float),
    Column("task_id", String(128)),
    Column("request_id", String(128)),
    Column("task_status", String(16)),
    Column("result_url", Text),
    Column("usage", JSON),
    Column("fault", JSON),
    Column("video", JSON),
    Index("jobs_of_owner", "owner", "id"),
    Index("jobs_in_state", "state", "account", "not_before"),
    Index("jobs_changed", "updated_at"),
    # A task belongs to one job: two jobs never adopt the same one.
    Index("jobs_task", "account", "task_id", unique=True),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", String(24), nullable=False),
    Column("at", Float, nullable=False),
    Column("what", String(32), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("events_of_job", "job_id", "id"),
)

HOLDINGS = Table(
    "holdings",
    METADATA,
    Column("owner", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(255), nullable=False),
    Column("url", Text),
    Column("facts", JSON, nullable=False),
    Column("added_at", Float, nullable=False),
    Index("holdings_by_age", "added_at"),
)

JOB_FILES = Table(
    "job_files",
    METADATA,
    Column("job_id", String(24), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Index("job_files_of_file", "sha256"),
)

PUBLISHED = Table(
    "published",
    METADATA,
    Column("account", String(64), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", String(96), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("beat_at", Float, nullable=False),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(96), primary_key=True),
    Column("holder", String(96), nullable=False),
    Column("expires_at", Float, nullable=False),
)
