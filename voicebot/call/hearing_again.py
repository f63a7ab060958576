"""What was said for one question, heard again by the second recogniser."""

import asyncio
from concurrent.futures import Executor

import structlog

from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment
from voicebot.speech import Ear, ModelError, SecondRecognizer

log = structlog.get_logger(__name__)


async def heard_again(
    action: do.HearAgain, ear: Ear | None, second: SecondRecognizer | None, decoding: Executor
) -> on.HeardAgain:
    """Let the second recogniser hear what the ear has kept; where it cannot, there is nothing, and the call goes on.

    Args:
        action: from when to when, and what for.
        ear: the one that listens; None where nobody listens any more.
        second: None where there is none.
        decoding: where it runs, as it blocks.
    """
    hypotheses: tuple[Hypothesis, ...] = ()
    if ear is not None and second is not None:
        try:
            loop = asyncio.get_running_loop()
            kept = ear.kept(action.since_s, action.until_s)
            hypotheses = await loop.run_in_executor(decoding, second.hear_again, kept, action.words, action.hints)
        except ModelError:
            log.warning("the second recogniser failed; run: python run_bot.py doctor")
    segment = Segment(hypotheses, action.since_s, action.since_s)
    return on.HeardAgain(action.listen_id, action.hearing_id, segment)
