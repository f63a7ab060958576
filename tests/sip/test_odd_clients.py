"""Clients that do something odd end their own call cleanly; a call that lasts beside them hears nothing of it."""

import asyncio
import os
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bench.sip.bot import Bot
from bench.sip.phone import Phone
from tests.audio.sounds import hum
from tests.patience import PATIENCE_S
from tests.sip.conftest import needs_sipp
from tests.sip.waiting import becomes_true

SIP = {"lost_after_s": 5, "longest_hold_s": 60}

NUMBERS = b"""INVITE sip:bot@127.0.0.1 SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r
From: <sip:a@b>;tag=1\r
To: <sip:c@d>\r
Call-ID: odd\r
CSeq: 99999999999999999999 INVITE\r
Content-Length: -5\r
\r
"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def neighbour(bot: Bot) -> AsyncIterator[Phone]:
    """A caller who stays on the line through all of this, keeps the bot waiting by a key now and then, and hears it."""
    async with Phone(bot.address, "+15550100199") as phone:
        assert await phone.call() == 200
        pressing = asyncio.create_task(_stays(bot, phone))
        yield phone
        pressing.cancel()
        assert not phone.ended.is_set(), bot.events
        assert await phone.hang_up() == 200
        assert (await bot.report("99"))["report"]["problem"] == ""


async def _stays(bot: Bot, phone: Phone) -> None:
    """`0` is a first digit that the bot waits behind; `*` takes it back: a call that would never end by itself."""
    async for _ in bot.questions("99"):
        while not phone.ended.is_set():
            phone.press("0*")
            await phone.say(hum(0.02, 8_000))


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def undisturbed(neighbour: Phone) -> AsyncIterator[None]:
    """While a test runs, the neighbour keeps getting a packet for each 20 ms that pass, in order."""
    first = len(neighbour.heard)
    yield
    await becomes_true(lambda: len(neighbour.heard) > first + 5)
    packets = neighbour.heard[first:]
    assert not neighbour.ended.is_set()
    assert [packet.sequence & 0xFFFF for packet in packets] == [
        (packets[0].sequence + count) & 0xFFFF for count in range(len(packets))
    ]


async def test_a_caller_who_gives_up_before_the_answer_is_nobody(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100111") as phone:
        calling = asyncio.create_task(phone.call(ack=False))
        await asyncio.sleep(0)
        await phone.cancel()
        status = await calling
        assert status in {200, 487}
        if status == 200:  # the bot was quicker
            assert await phone.hang_up() == 200


async def test_hanging_up_at_any_stage(bot: Bot) -> None:
    keys = {"account_number": "2890345#", "tender": "1"}

    async def leaves_at(question: str, number: str) -> None:
        async with Phone(bot.address, f"+155501001{number}") as phone:
            assert await phone.call() == 200
            async for asked in bot.questions(number):
                if asked == question:
                    break
                phone.press(keys[asked])
            assert await phone.hang_up() == 200
            report = (await bot.report(number))["report"]
            assert (report["outcome"], report["problem"]) == ("abandoned", "")
            assert bool(report["cart_id"]) == (question != "account_number")

    await asyncio.gather(leaves_at("account_number", "21"), leaves_at("tender", "22"), leaves_at("card_number", "23"))


async def test_a_lost_bye_is_noticed_by_the_silence_on_the_line(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100131") as phone:
        assert await phone.call() == 200
        await bot.event(lambda event: event["event"] == "began" and event["caller"].endswith("31"))
    ended = await bot.report("31")  # the phone is gone without a word
    assert ended["report"]["problem"] == ""
    assert any("caller lost" in line for line in bot.log)


async def test_no_sound_at_all(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100132") as phone:
        phone.sends = False
        assert await phone.call() == 200
        await asyncio.wait_for(phone.ended.wait(), PATIENCE_S)
        assert phone.heard, "the bot speaks all the same"
        assert (await bot.report("32"))["outcome"] == "abandoned"


async def test_one_way_sound(bot: Bot) -> None:
    """The caller's sound comes, ours reaches nobody: its port is closed."""
    async with Phone(bot.address, "+15550100133") as phone:
        sdp = re.sub(r"m=audio \d+", "m=audio 9", phone.sdp())
        assert await phone.call(sdp=sdp) == 200
        await gives_account(bot, phone)


async def gives_account(bot: Bot, phone: Phone) -> None:
    """Keys in the middle of the greeting: the bot takes them, says what is owed, and the caller goes."""
    phone.press("2890345#")
    async for asked in bot.questions(phone.number[-2:]):
        if asked == "tender":
            break
    else:
        pytest.fail("the bot did not understand the keys")
    assert await phone.hang_up() == 200
    assert (await bot.report(phone.number[-2:]))["report"]["problem"] == ""


async def test_garbage_among_the_sound(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100134") as phone:
        assert await phone.call() == 200
        for size in (0, 1, 11, 12, 13, 100, 1500, 9000):
            for _ in range(20):
                phone.send_raw(os.urandom(size), media=True)
                phone.send_raw(bytes([0x80, 0x00]) + os.urandom(max(0, size - 2)), media=True)
        await gives_account(bot, phone)


async def test_reordered_lost_and_doubled_packets(bot: Bot) -> None:
    """Keys get through a line with jitter: its events are sent three times, and their time stamps tell them apart."""
    async with Phone(bot.address, "+15550100135") as phone:
        phone.disorder = True
        assert await phone.call() == 200
        await gives_account(bot, phone)
        assert phone.shuffled > 20


async def test_renegotiations_in_the_middle(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100136") as phone:
        assert await phone.call() == 200
        for payload in (8, 0, 8, 0):
            phone.payload = payload
            assert await phone.change() == 200
        await gives_account(bot, phone)


@pytest.mark.parametrize(
    "text",
    [
        b"\0" * 50,
        b"INVITE sip:bot SIP/2.0\r\n\r\n",
        b"INVITE " + b"a" * 5000 + b" SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: nothing\r\n\r\n",
        NUMBERS,
    ],
    ids=["zeros", "bare", "long", "answer", "numbers"],
)
async def test_malformed_messages(bot: Bot, text: bytes) -> None:
    async with Phone(bot.address, "+15550100141") as phone:
        for end in range(0, len(text), max(1, len(text) // 40)):
            phone.send_raw(text[:end])
            phone.send_raw(text[end:] + os.urandom(40))
        phone.send_raw(text)
        assert await phone.call(sdp="v=0\r\nthis is no session\r\n") >= 400
    await still_answers(bot)


async def test_an_offer_without_any_codec_of_ours(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100142") as phone:
        sdp = phone.sdp().replace("RTP/AVP 0 101", "RTP/AVP 18").replace("rtpmap:0 PCMU", "rtpmap:18 G729")
        assert await phone.call(sdp=sdp) == 488


async def test_encrypted_sound_where_it_is_off(bot: Bot) -> None:
    async with Phone(bot.address, "+15550100143") as phone:
        crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n"
        assert await phone.call(sdp=phone.sdp().replace("RTP/AVP", "RTP/SAVP") + crypto) in {406, 488}


@needs_sipp
@pytest.mark.parametrize(("rate", "calls", "holds_ms"), [("30", 60, "100"), ("300", 600, "0")], ids=["busy", "storm"])
async def test_a_flood_of_invites(bot: Bot, rate: str, calls: int, holds_ms: str) -> None:
    """sipp rings for two seconds and hangs up each call that is taken; the others hear that all lines are busy."""
    sipp = await asyncio.create_subprocess_exec(
        "sipp", f"{bot.address[0]}:{bot.address[1]}", "-sn", "uac", "-i", "127.0.0.1", "-r", rate, "-m", str(calls),
        "-d", holds_ms, "-nostdin", "-timeout", "60s",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        cwd=bot.folder,
    )  # fmt: skip
    said = (await asyncio.wait_for(sipp.communicate(), PATIENCE_S))[0].decode("utf-8", "replace")
    counts = re.findall(r"(Successful|Failed) call\s*\|\s*\d+\s*\|\s*(\d+)", said)[-2:]
    taken, refused = (int(count) for _, count in counts)
    assert taken + refused == calls, said[-2000:]
    assert taken, "lines were free"
    await still_answers(bot)


async def test_a_storm_of_callers_who_give_up_at_once(bot: Bot) -> None:
    """PJSIP makes sockets for each, gives them back half a second later, and has room for 32 calls' at a time."""

    async def gives_up() -> int:
        async with Phone(bot.address, "+15550100151") as phone:
            calling = asyncio.create_task(phone.call(within_s=50))
            await asyncio.sleep(0)
            await phone.cancel()
            status = await calling
            if status == 200:
                assert await phone.hang_up() == 200
            return status

    statuses = [status for _ in range(25) for status in await asyncio.gather(*(gives_up() for _ in range(4)))]
    assert set(statuses) <= {200, 486, 487}
    assert 487 in statuses
    await still_answers(bot)


async def still_answers(bot: Bot) -> None:
    """A new caller is answered; the line may need a moment to be free."""

    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with Phone(bot.address, "+15550100150") as phone:
                if await phone.call(within_s=50) == 200:
                    assert await phone.hang_up() == 200
                    return
