"""What is tried: every single fault and every moment of dying, then pairs of them by chance."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bench.torture.bot import PAYMENT_BUDGET_S
from bench.torture.callers import CALLERS
from bench.torture.trial import Trial
from voicebot.cli.errors import BadInput
from voicebot.sandbox import Fault, FaultKind, RequestKind

TOO_LATE_S: Final = PAYMENT_BUDGET_S + 0.15
"""An answer, or a charge, that comes when nobody waits for it any more."""
IN_TIME_S: Final = 0.05

REFUSALS: Final = (400, 401, 403, 404, 409, 429)
SERVER_FAULTS: Final = (408, 500, 502, 503, 504)

PAYING_CALLERS: Final = {RequestKind.CARD: "card", RequestKind.ECHECK: "echeck"}


def kinds_of_fault() -> Iterator[Fault]:
    """Every way in which an answer can go wrong, not tied to a request yet.

    Refusals are not carried out, but for 409 and for pages of HTML: a vendor that charges and says with all forms
    kept that it refused cannot be found out by anybody.
    """
    for done in (False, True):
        for kind in (FaultKind.SILENT, FaultKind.CLOSE, FaultKind.RESET):
            yield Fault(kind=kind, carried_out=done)
        for for_s in (IN_TIME_S, TOO_LATE_S):
            yield Fault(kind=FaultKind.LATE, carried_out=done, for_s=for_s)
        for status in SERVER_FAULTS:
            yield Fault(kind=FaultKind.STATUS, status=status, carried_out=done)
        for status in (400, 404, 502):
            yield Fault(kind=FaultKind.HTML, status=status, carried_out=done)
    for status in REFUSALS:
        yield Fault(kind=FaultKind.STATUS, status=status)
    yield Fault(kind=FaultKind.STATUS, status=409, carried_out=True)
    yield Fault(kind=FaultKind.STATUS, status=429, retry_after_s=1)
    yield Fault(kind=FaultKind.REFUSE, for_s=IN_TIME_S)
    yield Fault(kind=FaultKind.REFUSE, times=0)
    for kind in (
        FaultKind.HALF_BODY,
        FaultKind.INVALID_JSON,
        FaultKind.WRONG_CONTENT_TYPE,
        FaultKind.NO_ID,
        FaultKind.DUPLICATE,
        FaultKind.NO_DISPLAY_MESSAGE,
        FaultKind.EXPIRE_TOKEN,
    ):
        yield Fault.model_validate({"kind": kind})


def at(request: RequestKind, fault: Fault, **changes: object) -> Fault:
    """The same fault, at this request."""
    return fault.model_copy(update={"request": request, **changes})


def lost(request: RequestKind, *, charged: bool) -> Fault:
    """The answer of a payment that is lost, with or without the charge."""
    return Fault(kind=FaultKind.CLOSE, request=request, carried_out=charged)


def faults() -> Iterator[Trial]:
    """Every fault at every request. The cart's status is asked only where a payment's answer was lost."""
    for fault in kinds_of_fault():
        name = f"fault: {fault.kind}"
        for request, caller in PAYING_CALLERS.items():
            yield Trial(name, caller, faults=(at(request, fault),), call_back="both")
            for charged in (False, True):
                asked = at(RequestKind.STATUS, fault, times=0 if fault.kind is not FaultKind.REFUSE else fault.times)
                if fault.kind is not FaultKind.REFUSE:  # the host that refuses would refuse the cart too
                    yield Trial(name, caller, faults=(lost(request, charged=charged), asked), call_back="both")
        for request in (RequestKind.TOKEN, RequestKind.CART):
            yield Trial(name, "card", faults=(at(request, fault),))


def kills(steps: Mapping[str, Sequence[str]]) -> Iterator[Trial]:
    """A bot that dies at every step of every caller's call. Before any payment a second call teaches nothing."""
    for caller in sorted(CALLERS.keys() - {"neighbour"}):
        labels = steps[caller]
        pays = labels.index("action Pay") if "action Pay" in labels else len(labels)
        for number, label in enumerate(labels, 1):
            call_back = "both" if number > pays else "when settled"
            yield Trial(
                f"killed at: {label.split()[0]}",
                caller,
                kill_at=number,
                call_back=call_back,  # type: ignore[arg-type]  # one of the two, as written above
                pays_once=number % 2 == 0,
            )


def held(steps: Mapping[str, Sequence[str]]) -> Iterator[Trial]:
    """A payment that is still on its way: while its bot waits, when it is killed, and when two call at once."""
    for caller in PAYING_CALLERS.values():
        labels = steps[caller]
        yield Trial("payment held on its way", caller, hold=True, call_back="both")
        yield Trial("two calls at once, one held", caller, hold=True, another="neighbour", call_back="never")
        yield Trial("two calls at once", caller, another="neighbour", in_turn=True, call_back="never")
        yield Trial("payment held for an hour", caller, hold=True, for_an_hour=True, call_back="never")
        for number in range(labels.index("action Pay") + 1, len(labels) + 1):
            yield Trial("payment held, bot killed", caller, kill_at=number, hold=True, call_back="both")


def lost_and_killed(steps: Mapping[str, Sequence[str]]) -> Iterator[Trial]:
    """A payment whose answer is lost, and a bot that is killed while it asks how it ended."""
    for request, caller in PAYING_CALLERS.items():
        first = steps[caller].index("action Pay") + 1
        for number in range(first, first + 90):
            yield Trial(
                "answer lost, bot killed",
                caller,
                kill_at=number,
                faults=(lost(request, charged=number % 2 == 0),),
                call_back="both",
            )


def settling_killed(steps: Sequence[str], caller: str, pay_step: int) -> Iterator[Trial]:
    """A settling bot that dies at every step, with and without a charge to be found."""
    for number in range(1, len(steps) + 1):
        for kill_at in (pay_step - 1, pay_step):
            yield Trial("settling killed", caller, kill_at=kill_at, settle_kill_at=number)


def beside() -> Iterator[Trial]:
    """A settler that never rests beside a call that goes well."""
    for caller in sorted(CALLERS.keys() - {"leaves", "neighbour"}):
        yield Trial("settling beside a call", caller, beside=True, call_back="never")


def pairs(steps: Mapping[str, Sequence[str]], number: int, seed: int) -> Iterator[Trial]:
    """Two things that go wrong in one call, by chance; the same seed gives the same pairs."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    every_fault = list(kinds_of_fault())
    for _ in range(number):
        caller = chance.choice(sorted(CALLERS.keys() - {"neighbour"}))
        wrong = chance.sample(["kill", "fault", "fault again", "hold", "settling"], 2)
        armed = [_some_fault(chance, every_fault) for each in wrong if each.startswith("fault")]
        yield Trial(
            "pairs",
            caller,
            kill_at=chance.randint(1, len(steps[caller]) + 40) if "kill" in wrong else 0,
            faults=tuple(armed),
            hold="hold" in wrong,
            settle_kill_at=chance.randint(1, 45) if "settling" in wrong else 0,
            call_back=chance.choice(["at once", "when settled", "both"]),
            pays_once=chance.random() < 0.5,
        )


def _some_fault(chance: random.Random, every_fault: Sequence[Fault]) -> Fault:
    request = chance.choice(
        [RequestKind.CARD, RequestKind.ECHECK, RequestKind.STATUS, RequestKind.CART, RequestKind.TOKEN]
    )
    fault = at(request, chance.choice(every_fault), skip=chance.choice([0, 0, 0, 1]))
    return fault.model_copy(update={"skip": 0}) if fault.kind is FaultKind.REFUSE else fault


def sample(trials: Iterable[Trial], every: int, only: str = "") -> list[Trial]:
    """Each n-th of every kind, the first one always.

    Args:
        trials: all of them.
        every: n.
        only: what a kind must have in its name.

    Raises:
        BadInput: no kind has; a torture that tries nothing would keep every promise.
    """
    kinds: dict[str, list[Trial]] = {}
    for trial in trials:
        kinds.setdefault(trial.kind, []).append(trial)
    chosen = {name: kind for name, kind in kinds.items() if only in name}
    if not chosen:
        raise BadInput(f"no kind of trial has {only!r} in its name; there are: {', '.join(sorted(kinds))}")
    return [trial for kind in chosen.values() for trial in kind[::every]]
