"""Carts, attempts, history, and the guards that the database keeps by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# The table of `states.py` as it stood at this step. A test compares what the newest schema allows with the table.
MOVES = (
    ("recorded", "created"),
    ("recorded", "refused"),
    ("recorded", "abandoned"),
    ("created", "paying"),
    ("created", "abandoned"),
    ("paying", "paid"),
    ("paying", "declined"),
    ("paying", "created"),
    ("paying", "unknown"),
    ("declined", "paying"),
    ("unknown", "paid"),
    ("unknown", "declined"),
    ("unknown", "not_paid"),
    ("not_paid", "paying"),
    ("not_paid", "paid"),
    ("not_paid", "declined"),
)

NO_SUCH_MOVE = "this cart cannot move so"
FIRST_IS_RECORDED = "a cart begins as recorded"
IDENTITY = "what identifies a cart or an attempt never changes"
ONLY_APPENDED = "carts, attempts and history are never deleted, and history never changes"

CART_IDENTITY = (
    "OLD.id <> NEW.id OR OLD.reference <> NEW.reference OR OLD.account_number <> NEW.account_number"
    " OR CAST(OLD.items AS TEXT) <> CAST(NEW.items AS TEXT) OR OLD.recorded_at <> NEW.recorded_at"
    " OR (OLD.cart_id IS NOT NULL AND (NEW.cart_id IS NULL OR OLD.cart_id <> NEW.cart_id))"
)
ATTEMPT_IDENTITY = (
    "OLD.cart <> NEW.cart OR OLD.number <> NEW.number OR OLD.tender <> NEW.tender"
    " OR OLD.primary_amount <> NEW.primary_amount OR OLD.fee <> NEW.fee OR OLD.total <> NEW.total"
    " OR OLD.last_four <> NEW.last_four OR OLD.started_at <> NEW.started_at"
)
WRITE_HISTORY = (
    "INSERT INTO ledger_history (cart, at, before, after, why)"
    " VALUES (NEW.id, NEW.changed_at, {before}, NEW.state, NEW.why)"
)


def upgrade() -> None:
    """Make everything."""
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _make_tables() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "ledger_carts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("account_number", sa.String(64), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("recorded_at", time, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", time, nullable=False),
        sa.Column("cart_id", sa.String(128)),
        sa.Column("fees", sa.JSON(), nullable=False),
        sa.Column("payment_id", sa.String(128)),
        sa.Column("error_code", sa.String(64), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("held_for", sa.String(8)),
        sa.Column("held_from", time),
        sa.Column("held_until", time),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", time),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("attention", sa.Text()),
        sa.Column("attention_at", time),
        sa.Column("caller_waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_carts"),
        sa.UniqueConstraint("reference", name="uq_ledger_carts_reference"),
        sa.UniqueConstraint("cart_id", name="uq_ledger_carts_cart_id"),
        sa.UniqueConstraint("payment_id", name="uq_ledger_carts_payment_id"),
        sa.CheckConstraint("(state = 'paid') = (payment_id IS NOT NULL)", name="ck_ledger_carts_paid_has_payment_id"),
        sa.CheckConstraint(
            "cart_id IS NOT NULL OR state IN ('recorded', 'refused', 'abandoned')", name="ck_ledger_carts_cart_id_kept"
        ),
        sa.CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name="ck_ledger_carts_hold_has_an_end"),
    )
    op.create_index("ix_ledger_carts_account_number", "ledger_carts", ["account_number"])
    op.create_index("ix_ledger_carts_unsettled", "ledger_carts", ["state", "next_try_at"])
    op.create_table(
        "ledger_attempts",
        sa.Column("cart", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("tender", sa.String(8), nullable=False),
        sa.Column("primary_amount", sa.String(16), nullable=False),
        sa.Column("fee", sa.String(16), nullable=False),
        sa.Column("total", sa.String(16), nullable=False),
        sa.Column("last_four", sa.String(4), nullable=False),
        sa.Column("started_at", time, nullable=False),
        sa.Column("ended_at", time),
        sa.Column("outcome", sa.String(16)),
        sa.Column("error_code", sa.String(64), nullable=False),
        sa.Column("payment_id", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("cart", "number", name="pk_ledger_attempts"),
        sa.ForeignKeyConstraint(["cart"], ["ledger_carts.id"], name="fk_ledger_attempts_cart"),
        sa.CheckConstraint("tender IN ('card', 'echeck')", name="ck_ledger_attempts_tender_is_known"),
        sa.CheckConstraint("length(last_four) <= 4", name="ck_ledger_attempts_last_four_only"),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ck_ledger_attempts_outcome_has_a_time"),
    )
    op.create_index(
        "ix_ledger_attempts_one_open",
        "ledger_attempts",
        ["cart"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "ledger_history",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cart", sa.String(32), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("before", sa.String(16)),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_history"),
        sa.ForeignKeyConstraint(["cart"], ["ledger_carts.id"], name="fk_ledger_history_cart"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledger_history_cart", "ledger_history", ["cart"])


def _guard_sqlite() -> None:
    moves = ", ".join(f"'{before}>{after}'" for before, after in MOVES)
    _sqlite_refuses("ledger_carts", "INSERT", "NEW.state <> 'recorded'", FIRST_IS_RECORDED)
    _sqlite_refuses(
        "ledger_carts",
        "UPDATE",
        f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({moves})",
        NO_SUCH_MOVE,
    )
    _sqlite_refuses("ledger_carts", "UPDATE", CART_IDENTITY, IDENTITY, name="identity")
    _sqlite_refuses("ledger_attempts", "UPDATE", ATTEMPT_IDENTITY, IDENTITY)
    for table in ("ledger_carts", "ledger_attempts", "ledger_history"):
        _sqlite_refuses(table, "DELETE", "1", ONLY_APPENDED)
    _sqlite_refuses("ledger_history", "UPDATE", "1", ONLY_APPENDED)
    op.execute(
        "CREATE TRIGGER ledger_carts_first_history AFTER INSERT ON ledger_carts"
        f" BEGIN {WRITE_HISTORY.format(before='NULL')}; END"
    )
    op.execute(
        "CREATE TRIGGER ledger_carts_history AFTER UPDATE ON ledger_carts WHEN OLD.state <> NEW.state"
        f" BEGIN {WRITE_HISTORY.format(before='OLD.state')}; END"
    )


def _sqlite_refuses(table: str, event: str, when: str, words: str, *, name: str = "guard") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{event.lower()}_{name} BEFORE {event} ON {table} WHEN {when}"
        f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def _guard_postgresql() -> None:
    moves = ", ".join(f"'{before}>{after}'" for before, after in MOVES)
    op.execute(
        f"""
        CREATE FUNCTION ledger_guard_cart() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.state <> 'recorded' THEN
                    RAISE EXCEPTION '{FIRST_IS_RECORDED}' USING ERRCODE = 'check_violation';
                END IF;
            ELSIF OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({moves}) THEN
                RAISE EXCEPTION '{NO_SUCH_MOVE}' USING ERRCODE = 'check_violation';
            ELSIF {CART_IDENTITY} THEN
                RAISE EXCEPTION '{IDENTITY}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION ledger_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {ATTEMPT_IDENTITY} THEN
                RAISE EXCEPTION '{IDENTITY}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION ledger_only_appended() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{ONLY_APPENDED}' USING ERRCODE = 'check_violation';
        END $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION ledger_write_history() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {WRITE_HISTORY.format(before="NULL")};
            ELSIF OLD.state <> NEW.state THEN
                {WRITE_HISTORY.format(before="OLD.state")};
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for trigger, function in (
        ("ledger_carts_guard BEFORE INSERT OR UPDATE ON ledger_carts FOR EACH ROW", "ledger_guard_cart"),
        ("ledger_attempts_guard BEFORE UPDATE ON ledger_attempts FOR EACH ROW", "ledger_guard_attempt"),
        ("ledger_carts_history AFTER INSERT OR UPDATE ON ledger_carts FOR EACH ROW", "ledger_write_history"),
        ("ledger_carts_kept BEFORE DELETE OR TRUNCATE ON ledger_carts", "ledger_only_appended"),
        ("ledger_attempts_kept BEFORE DELETE OR TRUNCATE ON ledger_attempts", "ledger_only_appended"),
        ("ledger_history_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_history", "ledger_only_appended"),
    ):
        op.execute(f"CREATE TRIGGER {trigger} EXECUTE FUNCTION {function}()")
