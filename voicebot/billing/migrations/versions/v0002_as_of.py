"""As of when the bills of a file tell the truth."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bills that were loaded before this step say nothing about when they were written."""
    op.add_column("billing_loads", sa.Column("as_of", sa.String(40)))
