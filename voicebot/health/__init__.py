"""What a running bot tells those who run it: whether it lives, whether it takes calls, and figures for Prometheus.

Nothing here names a caller, a card or an amount: labels are outcomes and states.
"""

from voicebot.health.metrics import Metrics
from voicebot.health.readiness import Check, Readiness, house_checks
from voicebot.health.server import HealthServer

__all__ = ["Check", "HealthServer", "Metrics", "Readiness", "house_checks"]
