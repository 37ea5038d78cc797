"""Whose share of the limits a job or a file takes, and the key by which the same request is known again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("network", sa.String(64)))
    op.add_column("jobs", sa.Column("idempotency_key", sa.String(255)))
    op.add_column("jobs", sa.Column("idempotency_place", sa.Integer))
    op.add_column("jobs", sa.Column("idempotency_digest", sa.String(64)))
    op.create_index("jobs_of_network", "jobs", ["network", "id"])
    op.create_index("jobs_once", "jobs", ["owner", "idempotency_key", "idempotency_place"], unique=True)
    op.add_column("holdings", sa.Column("network", sa.String(64)))
    op.create_index("holdings_of_network", "holdings", ["network"])
