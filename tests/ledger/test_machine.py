"""The stateful test, at a size for every run."""

from hypothesis import HealthCheck, settings

from tests.ledger.machine import LedgerMachine

TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # each step is a disk sync
)
