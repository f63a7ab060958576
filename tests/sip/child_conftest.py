"""Plugin of the child process: leaves as PJSIP wants it, with pytest's own exit code."""

import sys

import pytest

from voicebot.audio.sip import leave

pytest.register_assert_rewrite("tests.audio.contract")


def pytest_unconfigure(config: pytest.Config) -> None:
    code = getattr(config, "exit_code", None)
    if code is not None:
        sys.stdout.flush()
        leave(int(code))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.exit_code = exitstatus  # type: ignore[attr-defined]  # kept for pytest_unconfigure
