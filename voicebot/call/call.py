"""One call, one task: events go to the dialog one by one, its actions are carried out in order.

Sound is decoded in threads, prompts are spoken in another process, money is moved in tasks; all of them report back to
the one inbox. On a place with virtual time the clock stands still while such work is under way, so that a recorded
call is the same every time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine

import structlog

from voicebot.audio import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    Place,
    PlaceEvent,
    PromptFinished,
    Sound,
    StereoRecorder,
    TextTyped,
)
from voicebot.call.cashier import Cashier
from voicebot.call.hearing_again import heard_again
from voicebot.call.house import House
from voicebot.call.playing import Playing
from voicebot.call.recording import Recording
from voicebot.call.report import CallReport, Silent, Watcher, where
from voicebot.capture import opinion_on
from voicebot.dialog import QUESTIONS, Dialog
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment
from voicebot.speech import TRAILING_SILENCE_S, Ear, SegmentHeard, SpeechStarted, WordsComing

log = structlog.get_logger(__name__)

BETWEEN_PROMPTS_S = 0.22
"""The pause before a prompt that follows another at once."""

SPELLED_SILENCE_S = 0.4
"""Silence that ends a stretch of digits said one by one. A number that must be heard twice is so cut otherwise the
second time: what was misheard by a cut alone is heard differently."""

LONGEST_CALL_S = 1800.0
"""No call is longer, whatever happens in it."""


class Call:
    """One call at one place, from `run` to its report."""

    def __init__(
        self, house: House, place: Place, *, watcher: Watcher | None = None, recorder: StereoRecorder | None = None
    ) -> None:
        self._house = house
        self._place = place
        self._watcher = watcher or Silent()
        self._recording = Recording(recorder)
        self._dialog = Dialog(house.script)
        self._cashier = Cashier(house.ledger, house.billing, house.payments, house.terms)
        self._inbox: deque[on.Event] = deque()
        self._work: set[asyncio.Task[None]] = set()
        self._cart_work = asyncio.Lock()
        self._to_say: deque[do.Say] = deque()
        self._speaking: asyncio.Task[None] | None = None
        self._playing = Playing()
        self._asked_for: do.Listen | None = None  # the one that the watcher was told of, until it is answered
        self._expected: do.Listen | None = None  # the one that the place was told of
        self._listen: do.Listen | None = None
        self._ear: Ear | None = None
        self._turns_told = 0
        self._caller_gone = False
        self._clock_s = 0.0  # the dialog's: when the latest of what it knows happened

    async def run(self) -> CallReport:
        """Hold the call to its end. A failure of ours ends this call only, with its outcome in the report.

        Raises:
            PlaceError: the line cannot be had; nothing has begun.
        """
        began_s, problem = time.monotonic(), ""
        await self._place.open()
        try:
            self._handle(on.CallAnswered(self._house.today(), self._can_transfer))
            while not self._dialog.ended or self._work:
                await self._step()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the line is given back and the cart let go
            problem = type(failure).__name__
            log.error("call failed", problem=problem, where=where(failure))
        finally:
            await self._end()
        return self._report(time.monotonic() - began_s, problem)

    async def _step(self) -> None:
        """Take the next event and hand it to the dialog."""
        if self._inbox:
            self._handle(self._inbox.popleft())
        elif self._work and (self._place.virtual_time or self._caller_gone or self._dialog.ended):
            await asyncio.wait(self._work, return_when=asyncio.FIRST_COMPLETED)
            self._raise_failures()
        else:
            await self._wait_for_place()

    async def _wait_for_place(self) -> None:
        """Whatever comes first: the place's next event, the dialog's deadline, or the end of some work."""
        deadline_s = self._dialog.deadline_s
        if self._place.now_s() > LONGEST_CALL_S:
            self._hang_up()
            return
        if not self._work and not self._place.virtual_time:  # nothing else can come first
            event = await self._place.next(deadline_s)
        else:
            waiting = asyncio.ensure_future(self._place.next(deadline_s))
            try:
                await asyncio.wait({waiting, *self._work}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not waiting.done():
                    waiting.cancel()
            self._raise_failures()
            if waiting.cancelled() or not waiting.done():
                return
            event = waiting.result()
        await self._happened(event)

    async def _happened(self, event: PlaceEvent | None) -> None:
        """What the place told; None when the deadline came first."""
        if event is not None:
            self._recording.happened(event)
        match event:
            case None:
                self._handle(on.TimePassed())
            case FrameHeard() as frame:
                await self._hear(frame)
            case KeyPressed(key=key, at_s=at_s):
                self._handle(on.KeyPressed(key, at_s), at_s)
            case TextTyped(text=text, at_s=at_s):
                self._typed(text, at_s)
            case PromptFinished(prompt_id=prompt_id, at_s=at_s):
                self._playing.happened(event)
                self._handle(on.PromptFinished(prompt_id), at_s)
                self._tell_asked()
            case CallerHungUp():
                self._hang_up()

    def _hang_up(self) -> None:
        """The caller is gone; from now on only work under way is waited for."""
        self._caller_gone = True
        self._handle(on.CallerHungUp())

    def _raise_failures(self) -> None:
        for task in [task for task in self._work if task.done()]:
            self._work.discard(task)
            task.result()

    def _handle(self, event: on.Event, at_s: float | None = None) -> None:
        """Tell the dialog of an event, and when it happened; now, if that is not said.

        Behind a stall of the machine, what the caller did meanwhile is told late: it is judged by its own time.
        """
        now_s = self._place.now_s()
        self._clock_s = max(self._clock_s, now_s if at_s is None else at_s)
        actions = self._dialog.handle(event, self._clock_s)
        self._recording.follow(now_s, sensitive=self._dialog.sensitive, consenting=self._dialog.asks_consent)
        for action in actions:
            self._carry_out(action)
        self._tell_expected()
        for turn in self._dialog.turns[self._turns_told :]:
            self._watcher.turned(turn, now_s)
            self._asked_for = None
        self._turns_told = len(self._dialog.turns)

    # Actions -------------------------------------------------------------------------------------------------------

    def _carry_out(self, action: do.Action) -> None:
        match action:
            case do.Say():
                self._say(action)
            case do.StopSaying():
                self._stop_saying()
            case do.Listen():
                self._start_listening(action)
                self._news_heard()
            case do.HearAgain() | do.HearOver():
                self._start(self._hear_again(action))
            case do.StopListening():
                self._stop_listening()
            case do.HangUp():
                self._stop_listening()
                self._news_heard()
            case do.Transfer():
                self._start(self._transfer(action))
            case do.AbandonCart():
                self._start(self._with_cart(self._cashier.leave_cart()))
            case _:
                self._start(self._with_cart(self._cart_step(action)))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._work.add(asyncio.ensure_future(work))

    def _news_heard(self) -> None:
        """All that was said has been heard, unless nobody was there any more."""
        if self._cashier.has_news and not self._caller_gone:
            self._start(self._with_cart(self._cashier.told()))

    async def _with_cart(self, work: Coroutine[None, None, None]) -> None:
        """One step with the cart at a time, in the order asked for (asyncio locks are fair)."""
        async with self._cart_work:
            await work

    async def _cart_step(self, action: do.Action) -> None:
        match action:
            case do.FindItems():
                event = await self._cashier.find_items(action)
            case do.RecordCart():
                event = await self._cashier.record_cart(action)
            case do.CreateCart():
                event = await self._cashier.create_cart(action)
            case do.Pay():
                event = await self._cashier.pay(action, self._recording.consent)
            case do.CheckCart():
                event = await self._cashier.check_cart(action)
            case _:
                raise TypeError(f"{type(action).__name__} is not a step with the cart")
        self._watcher.happened(type(event).__name__, self._place.now_s())
        self._inbox.append(event)

    async def _transfer(self, action: do.Transfer) -> None:
        log.info("transfer to an operator", **{name.replace(" ", "_"): value for name, value in action.summary})
        connected = await self._place.transfer(self._house.operator, action.summary)
        self._inbox.append(on.TransferEnded(action.request_id, connected))

    @property
    def _can_transfer(self) -> bool:
        return self._place.can_transfer and bool(self._house.operator)

    # Speaking ------------------------------------------------------------------------------------------------------

    def _say(self, action: do.Say) -> None:
        self._to_say.append(action)
        if self._speaking is None or self._speaking.done():
            self._speaking = asyncio.ensure_future(self._speak())
            self._work.add(self._speaking)

    async def _speak(self) -> None:
        """Give the waiting prompts to the place, in order."""
        while self._to_say:
            action = self._to_say[0]
            sound = None
            voice = self._house.tongue(action.line.language).voice
            if self._place.has_sound and voice is not None:
                line = action.line
                sound = await voice.say(
                    line.spoken, cacheable=line.fixed, rate_hz=self._place.rate_hz, careful=line.careful
                )
            if not self._to_say or self._to_say[0] is not action:
                continue  # stopped while it was being spoken
            self._to_say.popleft()
            if sound is not None and not self._playing.is_silent:
                sound = Sound.silence(BETWEEN_PROMPTS_S, sound.rate_hz) + sound
            now_s = self._place.now_s()
            self._watcher.said(action.line.for_the_record, now_s)
            if sound is not None:
                self._recording.played(action.prompt_id, sound, now_s)
            self._playing.played(action.prompt_id, sound, now_s)
            self._place.play(action.prompt_id, sound, action.line.shown)

    def _stop_saying(self) -> None:
        while self._to_say:
            self._inbox.append(on.PromptFinished(self._to_say.popleft().prompt_id))
        self._place.stop()
        self._tell_asked(cut=True)

    # Listening -----------------------------------------------------------------------------------------------------

    def _start_listening(self, action: do.Listen) -> None:
        self._listen = action
        if not action.over:
            self._tell_asked()
        self._recording.listens(self._place.now_s(), unmutes=not (action.sensitive or action.over))
        tongue = self._house.tongue(action.language)
        if self._place.has_sound and tongue.recognizer is not None and not action.keys_only:
            self._ear = tongue.recognizer.listen(
                tongue.phrases[action.grammar],
                rate_hz=self._place.rate_hz,
                start_s=self._clock_s,
                trailing_silence_s=SPELLED_SILENCE_S if action.spelled else TRAILING_SILENCE_S,
                over=action.over,
                keeps=action.ahead or tongue.second is not None,
                opinion=opinion_on(QUESTIONS[action.question].kind),
            )

    async def _hear_again(self, action: do.HearAgain | do.HearOver) -> None:
        tongue = self._house.tongue(self._listen.language if self._listen is not None else "")
        self._inbox.append(await heard_again(action, self._ear, tongue, self._house.decoding))

    def _tell_asked(self, *, cut: bool = False) -> None:
        """Who watches is told of a question when it has been asked, or was cut short."""
        listen = self._listen
        waits = bool(self._to_say) or not self._playing.is_silent
        if listen is None or (listen.over and waits and not cut):
            return
        told, self._asked_for = self._asked_for, listen
        if told is None or told.question != listen.question:
            self._watcher.asked(listen.question, self._place.now_s())

    def _stop_listening(self) -> None:
        if self._ear is not None:
            self._ear.close()
        self._ear = self._listen = None

    def _tell_expected(self) -> None:
        """Tell the place what is listened for; to listen on after the question was asked is nothing new."""
        told, now = self._expected, self._listen
        self._expected = now
        goes_on = told is not None and now is not None and told.over and not now.over and told.question == now.question
        if told is not now and not goes_on:
            self._place.expect(None if now is None else now.question)

    async def _hear(self, frame: FrameHeard) -> None:
        ear, listen = self._ear, self._listen
        if ear is None or listen is None or frame.at_s <= ear.start_s:  # heard before anybody listened
            self._handle_deadline(frame.at_s)
            return
        played = self._playing.until(frame.at_s, frame.sound.duration_s) if listen.over else None
        if ear.is_hearing:
            loop = asyncio.get_running_loop()
            events = await loop.run_in_executor(self._house.decoding, ear.feed, frame.sound, played)
        else:  # nothing to decode: looking for speech takes less than the way to a thread and back
            events = ear.feed(frame.sound, played)
        for heard in events:
            match heard:
                case SpeechStarted(echo=echo):
                    self._handle(on.SpeechStarted(listen.listen_id, echo), frame.at_s)
                case WordsComing(words=words, echo=echo):
                    self._handle(on.WordsComing(listen.listen_id, words, echo), frame.at_s)
                case SegmentHeard(segment=segment, echo=echo):
                    self._watcher.heard(segment.end_s, self._place.now_s())
                    self._handle(on.WordsHeard(listen.listen_id, segment, echo), frame.at_s)
        self._handle_deadline(frame.at_s)

    def _handle_deadline(self, at_s: float) -> None:
        """Frames come without pause, so the deadline is looked at with each, by where the caller was heard up to."""
        deadline_s = self._dialog.deadline_s
        if deadline_s is not None and at_s >= deadline_s:
            self._handle(on.TimePassed(), at_s)

    def _typed(self, text: str, at_s: float) -> None:
        if self._listen is not None:
            words = Hypothesis(tuple(text.split()))
            listen_id = self._listen.listen_id
            self._handle(on.WordsHeard(listen_id, Segment((words,), at_s, at_s)), at_s)

    # The end -------------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        """Give everything back, whatever state it is in."""
        if self._speaking is not None:
            self._speaking.cancel()
        if self._work:
            await asyncio.wait(self._work)
        await self._cashier.leave_cart()
        if self._ear is not None:
            self._ear.close()
        await self._place.close()
        self._recording.close(self._place.now_s())

    def _report(self, wall_s: float, problem: str) -> CallReport:
        memory, cart = self._dialog.memory, self._cashier.cart
        outcome = memory.outcome
        if problem and cart is not None and cart.in_doubt:
            outcome = "unknown"
        return CallReport(
            outcome=outcome,
            payment_id=memory.payment_id,
            cart_id=cart.cart_id if cart else "",
            reference=cart.reference if cart else "",
            totals=memory.costs,
            tender=memory.tender,
            turns=tuple(self._dialog.turns),
            duration_s=self._place.now_s(),
            wall_s=wall_s,
            problem=problem,
        )
