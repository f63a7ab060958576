"""Accounts, their items, and which file they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything."""
    op.create_table(
        "billing_accounts",
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_billing_accounts"),
    )
    op.create_table(
        "billing_items",
        sa.Column("account_number", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount", sa.String(24), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("fund_category", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("limit_tenders", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_number", "position", name="pk_billing_items"),
        sa.ForeignKeyConstraint(
            ["account_number"], ["billing_accounts.number"], name="fk_billing_items_account_number"
        ),
    )
    op.create_table(
        "billing_loads",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_billing_loads"),
        sqlite_autoincrement=True,
    )
