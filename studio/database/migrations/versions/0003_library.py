"""The library: what jobs are sorted by, favourites, tags, deletion that can be undone, and search in the prompts."""

import unicodedata
from decimal import Decimal
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("seconds", sa.Float, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("price", sa.Float, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("favourite_at", sa.Float))
    op.add_column("jobs", sa.Column("deleted_at", sa.Float))
    op.drop_index("jobs_of_owner", "jobs")
    filtered = ["deleted_at", "state", "mode", "model", "provider", "favourite_at"]
    op.create_index("jobs_of_owner", "jobs", ["owner", "id", *filtered])
    op.create_index("jobs_by_length", "jobs", ["owner", "seconds", "id", *filtered])
    op.create_index("jobs_by_price", "jobs", ["owner", "price", "id", *filtered])
    op.create_index("jobs_deleted", "jobs", ["deleted_at"])
    op.create_table(
        "job_tags",
        sa.Column("job_id", sa.String(24), primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
    )
    op.create_index("job_tags_of_owner", "job_tags", ["owner", "tag", "job_id"])
    op.create_table(
        "prompts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(24), nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
    )
    op.create_index("prompts_of_job", "prompts", ["job_id"], unique=True)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("CREATE TABLE prompt_index (rowid integer PRIMARY KEY, tokens tsvector NOT NULL)")
        op.execute("CREATE INDEX prompt_tokens ON prompt_index USING gin (tokens)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE prompt_index USING fts5"
            "(tokens, content='', columnsize=0, detail=none, prefix='4 8', tokenize='ascii')"
        )
    _fill(connection)


def _fill(connection: sa.Connection) -> None:
    jobs = sa.table("jobs", *map(sa.column, ("id", "owner", "prompt", "seconds", "price")))
    stored = {name: sa.column(name, sa.JSON) for name in ("request", "quote", "usage", "video")}
    rows = connection.execute(sa.select(jobs.c.id, jobs.c.owner, jobs.c.prompt, *stored.values()).order_by(jobs.c.id))
    for job_id, owner, prompt, request, quote, usage, video in rows.all():
        billed = Decimal(str(usage["billed_seconds"])) if usage else Decimal(quote["seconds"]) if quote else Decimal(0)
        values = {
            "seconds": video["seconds"] if video else request.get("duration") or 0,
            "price": float(billed * Decimal(quote["rate"])) if quote else 0,
        }
        connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**values))
        _add_prompt(connection, owner, job_id, prompt)


# How prompts were indexed then: what comes later changes nothing of what this version left.


def _add_prompt(connection: sa.Connection, owner: str, job_id: str, prompt: str) -> None:
    folded = unicodedata.normalize("NFKC", prompt).casefold()
    prompts = sa.table("prompts", *map(sa.column, ("number", "job_id", "folded")))
    index = sa.table("prompt_index", *map(sa.column, ("rowid", "tokens")))
    statement = sa.insert(prompts).values(job_id=job_id, folded=folded).returning(prompts.c.number)
    number = connection.execute(statement).scalar_one()
    tokens: Any = _tokens(owner, folded)
    if connection.dialect.name == "postgresql":
        tokens = sa.cast(tokens, TSVECTOR)
    connection.execute(sa.insert(index).values(rowid=number, tokens=tokens))


def _tokens(owner: str, folded: str) -> str:
    """The owner's token, and every three UTF-16 units in a row, each unit four hexadecimal digits."""
    units = folded.encode("utf-16-be", "surrogatepass").hex()
    visitor = "v" + sha256(owner.encode()).hexdigest()[:16]
    return " ".join([visitor, *sorted({units[at : at + 12] for at in range(0, len(units), 4)})])
