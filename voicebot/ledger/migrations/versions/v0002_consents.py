"""Consents, which are only ever added to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ONLY_APPENDED = "consents are never deleted and never change"


def upgrade() -> None:
    """Make the table and its guards."""
    op.create_table(
        "ledger_consents",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cart", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tender", sa.String(8), nullable=False),
        sa.Column("total", sa.String(16), nullable=False),
        sa.Column("last_four", sa.String(4), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(64), nullable=False),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("recording_sha256", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_consents"),
        sa.ForeignKeyConstraint(["cart"], ["ledger_carts.id"], name="fk_ledger_consents_cart"),
        sa.UniqueConstraint("cart", "attempt", name="uq_ledger_consents_cart_attempt"),
        sa.UniqueConstraint("previous", name="uq_ledger_consents_previous"),
        sa.CheckConstraint("length(last_four) <= 4", name="ck_ledger_consents_last_four_only"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_consents_{event.lower()}_guard BEFORE {event} ON ledger_consents"
                f" BEGIN SELECT RAISE(ABORT, '{ONLY_APPENDED}'); END"
            )
    else:
        op.execute(
            f"""
            CREATE FUNCTION ledger_consents_only_appended() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{ONLY_APPENDED}' USING ERRCODE = 'check_violation';
            END $$
            """
        )
        op.execute(
            "CREATE TRIGGER ledger_consents_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_consents"
            " EXECUTE FUNCTION ledger_consents_only_appended()"
        )
