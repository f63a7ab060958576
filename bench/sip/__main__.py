"""Calls by SIP, measured: `python -m bench.sip --calls N`.

The bot runs as users start it, in a process of its own; callers are phones of `bench.sip.phone` in this one. Each
caller listens until the bot has finished, answers by recorded voice at the question's name, pays, and hangs up.
Measured at the callers' end, by the kernel's time stamps, so that a phone that is slow itself changes nothing: packets
that came more than 20 ms after their place in the stream, and the time from the last loud packet of an answer to the
bot's next sound. CPU and memory are the bot's own, children included; beside them is what the phones take, and the
share of their own packets that left late, which the bot hears as a bad line; and what decoding the same answers costs
by itself, afterwards. The sandbox is a third process.
"""

import argparse
import asyncio
import itertools
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bench.sip.bot import Bot, running_bot
from bench.sip.churn import churn
from bench.sip.clips import clip_for, questions
from bench.sip.phone import LOUD_DBFS, Heard, Phone
from bench.sip.recogniser import recogniser_cpu_s
from bench.sip.usage import Usage, usage_of
from bench.sip.vendor import running_sandbox
from voicebot.audio import Sound
from voicebot.audio.codec import TELEPHONE_HZ

LATE_S = 0.020
MOST_IN_ONE_PROCESS = 4
MOST_CALLS = 64
PATIENCE_S = 90.0
APART_S = 0.25
"""Callers ring one after the other: in the same instant, each step of a call would come in all of them at once, and the
figures would tell of that pile and not of so many calls. A call takes more than a minute: all are on the line."""


@dataclass(slots=True)
class Measured:
    """What one caller saw."""

    paid: bool = False
    lost: bool = False
    packets: int = 0
    late: int = 0
    latest_s: float = 0.0
    sent: int = 0
    sent_late: int = 0
    answers_s: list[float] = field(default_factory=list)
    talk_s: float = 0.0
    said_s: float = 0.0


def lateness_s(heard: list[Heard]) -> list[float]:
    """How long each packet came after its place in the stream.

    A packet's place is its time stamp after the earliest start that any packet before it allows, so that an early
    packet moves the rest and a late one does not.
    """
    late_s, start_s = [], float("inf")
    for packet in heard:
        began_s = packet.at_s - ((packet.timestamp - heard[0].timestamp) & 0xFFFFFFFF) / TELEPHONE_HZ
        start_s = min(start_s, began_s)
        late_s.append(began_s - start_s)
    return late_s


def first_sound_s(heard: Iterable[Heard], after_s: float) -> float | None:
    """When the bot was first heard after a time; None when it was not."""
    return next((each.at_s for each in heard if each.at_s > after_s and each.sound.level_dbfs > LOUD_DBFS), None)


@cache
def line_clip(question: str) -> Sound:
    """What a caller answers, as a telephone line carries it."""
    return clip_for(question).resampled(TELEPHONE_HZ)


async def hold(bot: Bot, number: int, account: str, apart_s: float = APART_S) -> Measured:
    """One caller, from INVITE to the bot's BYE; several workers are called in turn."""
    await asyncio.sleep(number * apart_s)
    measured = Measured()
    caller = f"{number % 100:02}"
    async with Phone(bot.lines[number % len(bot.lines)], f"+155501007{caller}") as phone:
        began_s = time.time()
        try:
            if await phone.call() != 200:
                measured.lost = True
                return measured
            async for question in bot.questions(caller, within_s=PATIENCE_S):
                if question == "account_number" and account:
                    phone.press(f"{account}#")
                    continue
                clip = line_clip(question)
                measured.said_s += clip.duration_s
                said_s = await phone.say(clip)
                await _answered(phone, said_s)
                sound_s = first_sound_s(reversed_after(phone.heard, said_s), said_s)
                if sound_s is not None:
                    measured.answers_s.append(sound_s - said_s)
            ended = await bot.report(caller)
            measured.paid = ended["outcome"] == "paid"
            measured.lost = ended["report"] is None or bool(ended["report"]["problem"])
        except (TimeoutError, EOFError):
            measured.lost = True
        measured.talk_s = time.time() - began_s
        late_s = lateness_s(phone.heard)
        measured.packets, measured.late = len(late_s), sum(each > LATE_S for each in late_s)
        measured.sent, measured.sent_late = phone.sent, phone.sent_late
        measured.latest_s = max(late_s, default=0.0)
    return measured


def reversed_after(heard: list[Heard], after_s: float) -> list[Heard]:
    """The packets after a time, oldest first, without walking through the whole call."""
    return list(itertools.takewhile(lambda each: each.at_s > after_s, reversed(heard)))[::-1]


async def _answered(phone: Phone, said_s: float) -> None:
    """Until the bot is heard, or the call is over, or patience is."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s and not phone.ended.is_set():
        if first_sound_s(reversed_after(phone.heard, said_s), said_s) is not None:
            return
        await asyncio.sleep(LATE_S)


def accounts_file(folder: Path, count: int) -> tuple[str, list[str]]:
    """Invented accounts, one for each caller: nobody pays the same bill twice at once. The first is the clips' own."""
    numbers = ["2890345", *(f"5{row:06}" for row in range(1, count))]
    head = "account_number,name,item_id,description,amount,type,fund_category,department,limit_tenders"
    rows = [f"{number},Pat Example,{100_000 + row},Water,{20 + row}.00,,,," for row, number in enumerate(numbers)]
    path = folder / "accounts.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return str(path), numbers


async def measure(calls: int, apart_s: float) -> dict[str, float]:
    """So many callers at once, once; with more than four, over as many workers as it takes."""
    workers = -(-calls // MOST_IN_ONE_PROCESS)
    async with running_sandbox() as sandbox:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            accounts, numbers = accounts_file(folder, calls)
            cache = {"speech": {"prompt_cache": str(folder / "prompts")}}
            async with running_bot(folder, sandbox, {}, workers, accounts=accounts, **cache) as bot:
                before, phones_s = usage_of(bot.process.pid), own_cpu_s()
                held = await asyncio.gather(
                    *(hold(bot, number, account if number else "", apart_s) for number, account in enumerate(numbers))
                )
                after, phones_s = usage_of(bot.process.pid), own_cpu_s() - phones_s
                await bot.stop()
    return figures(
        held, before, after, phones_s, recogniser_cpu_s({question: line_clip(question) for question in questions()})
    )


def own_cpu_s() -> float:
    """CPU of this process so far: the phones."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def figures(
    held: list[Measured], before: Usage, after: Usage, phones_s: float, recogniser_cpu_s: float
) -> dict[str, float]:
    """The object that `--json` prints; `recogniser_cpu_s` is for each second of a caller's sound."""
    answers = sorted(each for measured in held for each in measured.answers_s)
    packets = sum(measured.packets for measured in held)
    talk_s = sum(measured.talk_s for measured in held)
    return {
        "calls": len(held),
        "calls_lost": sum(measured.lost for measured in held),
        "calls_paid": sum(measured.paid for measured in held),
        "late_frame_share": sum(measured.late for measured in held) / max(1, packets),
        "phones_late_share": sum(measured.sent_late for measured in held)
        / max(1, sum(measured.sent for measured in held)),
        "latest_frame_s": round(max((measured.latest_s for measured in held), default=0.0), 3),
        "answer_p50_s": round(statistics.median(answers), 3) if answers else 0.0,
        "answer_p95_s": round(answers[min(len(answers) - 1, int(0.95 * len(answers)))], 3) if answers else 0.0,
        "cpu_s_per_call_s": round((after.cpu_s - before.cpu_s) / max(1.0, talk_s), 4),
        "recogniser_cpu_s_per_call_s": round(
            recogniser_cpu_s * sum(measured.said_s for measured in held) / max(1.0, talk_s), 4
        ),
        "phones_cpu_s_per_call_s": round(phones_s / max(1.0, talk_s), 4),
        "rss_mb": round(after.rss_mb, 1),
        "pss_mb": round(after.pss_mb, 1),
        "answers": len(answers),
        "packets": packets,
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.sip", description=__doc__)
    parser.add_argument("--calls", type=int, default=1, help="callers at once; above four over workers, four each")
    parser.add_argument("--apart-s", type=float, default=APART_S, help="between two rings; 0: all in the same instant")
    parser.add_argument("--soak-s", type=float, default=0.0, help="instead: short calls one after the other, so long")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    wanted = parser.parse_args()
    most = MOST_IN_ONE_PROCESS if wanted.soak_s else MOST_CALLS
    if not 1 <= wanted.calls <= most:
        parser.error(f"--calls is 1 to {most}")
    found = asyncio.run(churn(wanted.calls, wanted.soak_s) if wanted.soak_s else measure(wanted.calls, wanted.apart_s))
    if wanted.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:20} {value:g}")


if __name__ == "__main__":
    main()
