"""Which video a file was taken from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("holdings", sa.Column("origin", sa.String(24)))
    op.create_index("holdings_from", "holdings", ["origin"])
