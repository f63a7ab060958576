"""Run by Alembic for each upgrade, on the connection and inside the transaction that `store.py` opened and locked."""

from alembic import context

from voicebot.billing.models import Base
from voicebot.billing.store import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
