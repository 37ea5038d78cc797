"""Files of the visitors: who holds which, which jobs were made of which, and where a provider finds them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "holdings",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
    )
    op.create_index("holdings_by_age", "holdings", ["added_at"])
    op.create_table(
        "job_files",
        sa.Column("job_id", sa.String(24), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
    )
    op.create_index("job_files_of_file", "job_files", ["sha256"])
    op.create_table(
        "published",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )
