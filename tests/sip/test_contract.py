"""A telephone line keeps the rules of places: the shared contract and more, on a PJSIP in a process of its own."""

import asyncio
import re
import subprocess
import sys

from voicebot.settings import ROOT

WITHIN_S = 300

FORGETS_ITS_LINE = """
import asyncio, gc
from voicebot.audio.sip import SipOptions, SipTrunk, leave

async def come_and_go():
    trunk = SipTrunk(SipOptions(listen="127.0.0.1", port=0, rtp_port=13_000))
    await trunk.open()
    await trunk.close()

asyncio.run(come_and_go())
gc.collect()
print("still here")
leave(0)
"""


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


def test_a_line_that_is_gone_and_forgotten_does_not_end_the_process() -> None:
    """PJSIP aborts it when ports are collected after the library: a bot would die while it still settles a cart."""
    child = subprocess.run(
        [sys.executable, "-c", FORGETS_ITS_LINE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert (child.returncode, child.stdout) == (0, "still here\n"), child.stderr
