"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

_FILTERED = ("deleted_at", "state", "mode", "model", "provider", "favourite_at")
"""What the library is filtered by: each index it walks along tells it without a look at the row."""

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
    Column("trace", String(16)),
    Column("candidates", JSON),
    Column("sent_again", String(24)),
    Column("stopped_at", Float),
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("price", Float, nullable=False, server_default="0"),
    Column("favourite_at", Float),
    Column("deleted_at", Float),
    Column("network", String(64)),
    Column("idempotency_key", String(255)),
    Column("idempotency_place", Integer),
    Column("idempotency_digest", String(64)),
    Index("jobs_of_owner", "owner", "id", *_FILTERED),
    Index("jobs_by_length", "owner", "seconds", "id", *_FILTERED),
    Index("jobs_by_price", "owner", "price", "id", *_FILTERED),
    Index("jobs_deleted", "deleted_at"),
    Index("jobs_in_state", "state", "account", "not_before"),
    Index("jobs_changed", "updated_at"),
    Index("jobs_sent", "submitting_at"),
    Index("jobs_took", "account", "model", "finished_at"),
    Index("jobs_of_network", "network", "id"),
    # The same key of the same visitor is the same request, however often it comes and however many come at once.
    Index("jobs_once", "owner", "idempotency_key", "idempotency_place", unique=True),
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

JOB_TAGS = Table(
    "job_tags",
    METADATA,
    Column("job_id", String(24), primary_key=True),
    Column("tag", String(40), primary_key=True),
    Column("owner", String(64), nullable=False),
    Index("job_tags_of_owner", "owner", "tag", "job_id"),
)

# What is searched. Beside it stands ``prompt_index``, which each database has in its own form (``database/search.py``).
PROMPTS = Table(
    "prompts",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("job_id", String(24), nullable=False),
    Column("folded", Text, nullable=False),
    Index("prompts_of_job", "job_id", unique=True),
)

PRESETS = Table(
    "presets",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("mode", String(32), nullable=False),
    Column("name", String(60), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("saved_at", Float, nullable=False),
    Index("presets_of_owner", "owner", "mode", "name", unique=True),
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
    Column("origin", String(24)),
    Column("network", String(64)),
    Index("holdings_by_age", "added_at"),
    Index("holdings_from", "origin"),
    Index("holdings_of_network", "network"),
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
