"""A telephone line keeps the rules of places: the shared contract and more, on a PJSIP in a process of its own."""

import asyncio
import re
import sys

from voicebot.settings import ROOT

WITHIN_S = 300


async def test_the_line_keeps_the_contract() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", "-p", "tests.sip.child_conftest", "-p", "no:cacheprovider",
        "-p", "no:xdist", "tests/sip/child_contract.py",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WITHIN_S):
            said = (await child.communicate())[0].decode()
    finally:
        if child.returncode is None:
            child.kill()
    assert child.returncode == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said
    assert int(passed[1]) > 20, said
