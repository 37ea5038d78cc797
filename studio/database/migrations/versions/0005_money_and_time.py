"""The way to what was sent today, and to how long the last videos of a model took."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("jobs_sent", "jobs", ["submitting_at"])
    op.create_index("jobs_took", "jobs", ["account", "model", "finished_at"])
