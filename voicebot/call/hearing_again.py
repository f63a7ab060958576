"""What was said for one question, heard again: by the second recogniser, or by the first one with other words."""

import asyncio
from concurrent.futures import Executor

import structlog

from voicebot.call.house import Tongue
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment
from voicebot.speech import Ear, ModelError

log = structlog.get_logger(__name__)


async def heard_again(
    action: do.HearAgain | do.HearOver, ear: Ear | None, tongue: Tongue, decoding: Executor
) -> on.HeardAgain | on.HeardOver:
    """Hear what the ear has kept once more; where nobody can, there is nothing, and the call goes on.

    Args:
        action: from when on, by whom, and what for.
        ear: the one that listens; None where nobody listens any more.
        tongue: what hears the language that is spoken.
        decoding: where it runs, as it blocks.
    """
    if isinstance(action, do.HearOver):
        return on.HeardOver(action.listen_id, action.hearing_id, await _heard_over(action, ear, tongue, decoding))
    hypotheses: tuple[Hypothesis, ...] = ()
    if ear is not None and tongue.second is not None:
        hear = tongue.second.hear_again
        try:
            loop = asyncio.get_running_loop()
            kept = ear.kept(action.since_s, action.until_s)
            hypotheses = await loop.run_in_executor(decoding, hear, kept, action.words, action.hints)
        except ModelError:
            log.warning("the second recogniser failed; run: python run_bot.py doctor")
    segment = Segment(hypotheses, action.since_s, action.since_s)
    return on.HeardAgain(action.listen_id, action.hearing_id, segment)


async def _heard_over(action: do.HearOver, ear: Ear | None, tongue: Tongue, decoding: Executor) -> tuple[Segment, ...]:
    if ear is None or tongue.recognizer is None:
        return ()
    loop = asyncio.get_running_loop()
    stretches, phrases = ear.stretches(action.since_s), tongue.phrases[action.grammar]
    return await loop.run_in_executor(decoding, tongue.recognizer.hear_over, phrases, stretches)
