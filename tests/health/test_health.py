"""Liveness, readiness and figures over real HTTP, of a house with real parts."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from tests.calls.calling import OneCall
from tests.calls.conftest import Line, caller
from tests.patience import PATIENCE_S
from voicebot.audio import IncomingCall, PlaceError, ScriptedPlace
from voicebot.call import HeldCall
from voicebot.cli.furnish import furnished
from voicebot.health import HealthServer, Metrics, Readiness, house_checks
from voicebot.ledger import Ledger
from voicebot.settings import Settings
from voicebot.speech import Voice


@contextlib.asynccontextmanager
async def asked(readiness: Readiness, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        HealthServer("127.0.0.1", 0, readiness, metrics.text) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=PATIENCE_S) as client,
    ):
        yield client


def figure(text: str, name: str) -> float:
    """The value of one figure, labels included in the name."""
    (value,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, flags=re.MULTILINE)
    return float(value)


async def test_ready_from_the_first_call_to_the_drain(line: Line) -> None:
    assert line.house.voice is not None
    await line.house.voice.say("warm", cacheable=False)
    readiness, metrics = Readiness(house_checks(line.house)), Metrics(line.house, overdue_s=3600)
    async with asked(readiness, metrics) as client:
        early = await client.get("/readyz")
        assert (early.status_code, early.json()["checks"]["line"]) == (503, "not yet listening")
        readiness.open()
        ready = await client.get("/readyz")
        parts = dict.fromkeys(("line", "model", "voice", "ledger", "payments"), "ok")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "checks": parts})
        readiness.drain()
        drained = await client.get("/readyz")
        assert (drained.status_code, drained.json()["checks"]["line"]) == (503, "draining")
        alive = await client.get("/livez")
        assert (alive.status_code, alive.text) == (200, "alive\n")


async def test_each_part_that_is_missing_is_named(line: Line, house_settings: Settings) -> None:
    class Hangs(Voice):
        def __init__(self) -> None:
            """Nothing is needed."""

        async def say(  # type: ignore[override]
            self, text: str, *, cacheable: bool, rate_hz: int | None = None, careful: bool = False
        ) -> None:
            del text, cacheable, rate_hz, careful
            raise TimeoutError  # as the check's own deadline ends it

    ledger = Ledger.open(house_settings.database)
    ledger.close()
    house = replace(line.house, recognizer=None, voice=Hangs(), ledger=ledger)
    async with asked(Readiness(house_checks(house)), Metrics(house, overdue_s=3600)) as client:
        checks = (await client.get("/readyz")).json()["checks"]
    assert checks["model"] == "not loaded"
    assert checks["voice"] == "no answer in 5 s"


async def test_an_api_that_is_down_makes_it_not_ready(house_settings: Settings) -> None:
    async with furnished(house_settings, sound=False) as (house, sandbox):
        assert sandbox is not None
        await sandbox.stop()
        readiness = Readiness(house_checks(house))
        async with asyncio.timeout(PATIENCE_S):
            while house.payments.available:
                await house.payments.health()
        found = {check.name: check.problem for check in await readiness.checks()}
        text = (await Metrics(house, overdue_s=3600).text()).decode()
    assert "taken to be down" in found["payments"]
    assert figure(text, "voicebot_api_up") == 0


async def test_figures_of_a_paid_and_a_missed_call(line: Line) -> None:
    metrics = Metrics(line.house, overdue_s=3600)
    script = caller("card")
    call = OneCall()
    held = HeldCall(1, IncomingCall(ScriptedPlace([])))
    held.report = await line.call(script, rate_hz=8_000, watcher=metrics.watch(call.listening))
    metrics.watch(call.listening)
    missed = HeldCall(2, IncomingCall(ScriptedPlace([])))
    text = (await metrics.text()).decode()
    assert figure(text, "voicebot_calls_now") == 2
    metrics.ended(held)
    metrics.ended(missed)
    text = (await metrics.text()).decode()
    assert figure(text, 'voicebot_calls_total{outcome="paid"}') == 1
    assert figure(text, 'voicebot_calls_total{outcome="missed"}') == 1
    assert figure(text, 'voicebot_calls_total{outcome="failed"}') == 0
    assert figure(text, "voicebot_calls_now") == 0
    assert figure(text, "voicebot_answer_seconds_count") == len(held.report.turns)
    assert 0 < figure(text, "voicebot_answer_seconds_sum") < 3 * len(held.report.turns)
    assert figure(text, 'voicebot_carts{state="paid"}') == 1
    assert figure(text, "voicebot_carts_attention") == 0
    assert figure(text, "voicebot_ledger_up") == 1
    assert figure(text, "voicebot_resident_memory_bytes") > 1e7
    assert "2890345" not in text
    assert call.listening.questions.qsize() == len(held.report.turns), "its own watcher is told as before"


async def test_frames_that_wait_are_counted(line: Line) -> None:
    blocked, pool = asyncio.Event(), ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    pool.submit(lambda: asyncio.run_coroutine_threadsafe(blocked.wait(), loop).result())
    for _ in range(3):
        pool.submit(int)
    text = (await Metrics(replace(line.house, decoding=pool), overdue_s=3600).text()).decode()
    assert figure(text, "voicebot_decoding_queue") == 3
    blocked.set()
    await asyncio.to_thread(pool.shutdown)


async def test_a_taken_port_is_named(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = HealthServer("127.0.0.1", port, Readiness({}), Metrics(line.house, overdue_s=3600).text)
        with pytest.raises(PlaceError, match=r"health\.port"):
            await server.__aenter__()
