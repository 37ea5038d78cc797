"""Interrupted jobs whose task is looked for, jobs that took the place of such, and jobs not watched any more."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("trace", sa.String(16)))
    op.add_column("jobs", sa.Column("candidates", sa.JSON))
    op.add_column("jobs", sa.Column("sent_again", sa.String(24)))
    op.add_column("jobs", sa.Column("stopped_at", sa.Float))
