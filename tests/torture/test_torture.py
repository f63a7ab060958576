"""A small part of `make torture`: the moments that matter most, every kind of fault, and each guard taken out once."""

from collections.abc import Iterator, Sequence

import pytest

from bench.torture import guards, plan
from bench.torture.arena import Arena
from bench.torture.callers import CALLERS
from bench.torture.trial import Outcome, Trial
from bench.torture.verdict import Violation
from voicebot.cli.errors import BadInput
from voicebot.sandbox import Fault, FaultKind, RequestKind

LOST_BUT_CHARGED = plan.lost(RequestKind.CARD, charged=True)
ANSWERED = "request card: http11.receive_response_body.complete"


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    arena = Arena()
    yield arena
    arena.close()


@pytest.fixture(scope="module")
def steps(arena: Arena) -> dict[str, Sequence[str]]:
    """The steps of each caller's call when nothing goes wrong."""
    outcomes = {name: arena.hold(Trial("nothing goes wrong", name), count=True) for name in CALLERS}
    assert [outcome.findings for outcome in outcomes.values() if outcome.findings] == []
    assert {name: outcome.payments for name, outcome in outcomes.items()} == dict.fromkeys(CALLERS, 1) | {"stops": 0}
    return {name: outcome.steps for name, outcome in outcomes.items()}


def test_a_torture_that_would_try_nothing_is_refused() -> None:
    trials = [Trial("killed", "card", kill_at=number) for number in range(5)]
    assert [trial.kill_at for trial in plan.sample(trials, 2, "kill")] == [0, 2, 4]
    with pytest.raises(BadInput, match=r"no kind of trial has 'held' in its name; there are: killed"):
        plan.sample(trials, 1, "held")


def broken(outcomes: Sequence[Outcome]) -> list[str]:
    """What a person needs to see it again."""
    return [
        f"{outcome.trial.describe()} {outcome.killed}: {finding.violation}: {finding.what}"
        for outcome in outcomes
        for finding in outcome.findings
    ]


def test_a_bot_that_dies_while_money_moves(arena: Arena, steps: dict[str, Sequence[str]]) -> None:
    labels = steps["card"]
    pays = labels.index("action Pay") + 1
    outcomes = [
        arena.hold(Trial("killed", "card", kill_at=number, call_back="both", pays_once=number % 2 == 0))
        for number in range(pays, len(labels) + 1)
        if labels[number - 1].startswith(("ledger", "request", "event PaymentSettled"))
    ]
    assert broken(outcomes) == []
    assert all(outcome.struck for outcome in outcomes)
    assert {outcome.payments for outcome in outcomes} == {1}


def test_a_bot_that_dies_before(arena: Arena, steps: dict[str, Sequence[str]]) -> None:
    trials = [trial for trial in plan.kills(steps) if trial.kill_at < steps[trial.caller].index("action Pay")]
    outcomes = [arena.hold(trial) for trial in trials[::80]]
    assert broken(outcomes) == []


def test_every_kind_of_fault_at_a_payment(arena: Arena) -> None:
    trials = [
        Trial(f"fault: {fault.kind}", caller, faults=(plan.at(request, fault),))
        for number, fault in enumerate(plan.kinds_of_fault())
        for request, caller in [list(plan.PAYING_CALLERS.items())[number % 2]]
    ]
    outcomes = [arena.hold(trial) for trial in trials]
    assert broken(outcomes) == []
    assert all(outcome.struck for outcome in outcomes)


@pytest.mark.parametrize(
    "trial",
    [
        Trial("held", "card", hold=True, call_back="both"),
        Trial("two calls", "card", hold=True, another="neighbour", call_back="never"),
        Trial("in turn", "card", another="neighbour", in_turn=True, call_back="never"),
        Trial("an hour", "echeck", hold=True, for_an_hour=True, call_back="never"),
        Trial("held, then silent", "card", hold=True, faults=(Fault(kind=FaultKind.SILENT, request=RequestKind.CARD),)),
        Trial("beside", "declined", beside=True, call_back="never"),
        Trial("status", "card", faults=(LOST_BUT_CHARGED, Fault(kind=FaultKind.HTML, request=RequestKind.STATUS))),
    ],
    ids=lambda trial: trial.kind,
)
def test_a_payment_that_nobody_knows_of(arena: Arena, trial: Trial) -> None:
    outcome = arena.hold(trial)
    assert broken([outcome]) == []
    assert outcome.payments == 1


def test_a_settling_bot_that_dies(arena: Arena, steps: dict[str, Sequence[str]]) -> None:
    answered = steps["card"].index(ANSWERED) + 1
    outcomes = [arena.hold(Trial("settling", "card", kill_at=answered, settle_kill_at=at)) for at in range(1, 40, 8)]
    assert broken(outcomes) == []
    assert any(len(outcome.killed) > 1 for outcome in outcomes)


def test_pairs_by_chance_are_the_same_each_time(arena: Arena, steps: dict[str, Sequence[str]]) -> None:
    pairs = list(plan.pairs(steps, 6, seed=4))
    assert pairs == list(plan.pairs(steps, 6, seed=4))
    assert broken([arena.hold(trial) for trial in pairs]) == []


SEEN_BY = {
    "cart-recorded-first": ("request cart: http11.receive_response_headers.complete", Violation.LOST),
    "cart-id-kept-first": ("event CartCreated", Violation.LOST),
    "attempt-written-first": (ANSWERED, Violation.WRONG),
    "lost-is-unknown": (LOST_BUT_CHARGED, Violation.UNTRUE),
    "sent-once": (LOST_BUT_CHARGED, Violation.DOUBLE),
    "status-asked": (LOST_BUT_CHARGED, Violation.UNTRUE),
    "quiet-time": ("held", Violation.UNTRUE),
    "looked-at-again": ("held for an hour", Violation.WRONG),
    "news-until-told": ("event PaymentSettled", Violation.DOUBLE),
    "doubt-ends-calls": (ANSWERED, Violation.DOUBLE),
    "one-doubt-an-account": ("two calls", Violation.DOUBLE),
    "one-payment-a-bill": ("in turn", Violation.DOUBLE),
    "doubt-remembered": ("held", Violation.UNTRUE),
    "calls-hold-carts": ("beside", Violation.UNSERVED),
    "vault-only": ("", Violation.INCIDENT),
}
"""For each guard, what goes wrong without it and which promise is broken.

What goes wrong is a fault, a trial, or the step at which the bot dies; without the guard the same number may mean a
step a little further on.
"""


def test_every_guard_is_proved() -> None:
    assert set(SEEN_BY) == set(guards.GUARDS)


@pytest.mark.parametrize("guard", SEEN_BY)
def test_without_a_guard_a_promise_is_broken(arena: Arena, steps: dict[str, Sequence[str]], guard: str) -> None:
    what, violation = SEEN_BY[guard]
    trials = {
        "held": Trial("held", "card", hold=True, without=guard),
        "held for an hour": Trial("hour", "card", hold=True, for_an_hour=True, call_back="never", without=guard),
        "two calls": Trial("two calls", "card", hold=True, another="neighbour", call_back="never", without=guard),
        "in turn": Trial("in turn", "card", another="neighbour", in_turn=True, call_back="never", without=guard),
        "beside": Trial("beside", "card", beside=True, call_back="never", without=guard),
        "": Trial("nothing", "card", call_back="never", without=guard),
    }
    if isinstance(what, Fault):
        trial = Trial("lost", "card", faults=(what,), without=guard)
    elif what in trials:
        trial = trials[what]
    else:
        trial = Trial("killed", "card", kill_at=steps["card"].index(what) + 1, without=guard)
    assert violation in {finding.violation for finding in arena.hold(trial).findings}
