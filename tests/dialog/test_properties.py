"""Random callers in a random world: every call ends, none is paid without the last yes, nothing sensitive is said."""

import re
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialog.talk import COSTS, ITEMS, Talk, World, script
from voicebot.dialog import Manners, State
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.dialog.events import LookupProblem
from voicebot.grammar.heard import Segment

CARD, BANK_ACCOUNT, ROUTING, CODE = "4012888888881881", "000123456789", "021000021", "9182"
SPOKEN = {word: str(digit) for digit, word in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
)}  # fmt: skip

WORDS = st.sampled_from(
    [
        "two eight nine zero three four five",
        "yes",
        "no",
        "card",
        "electronic check",
        "checking",
        "savings",
        "may twenty twenty nine",
        "oh two one oh oh oh oh two one",
        "four oh one two eight eight eight eight eight eight eight eight one eight eight one",
        "number one",
        "all",
        "try again",
        "another way",
        "stop",
        "repeat",
        "help",
        "go back",
        "start over",
        "operator",
        "goodbye",
        "[unk]",
        "nine one eight",
        "pay with my card",
        "savings account routing number oh two one oh oh oh oh two one",
        "my bank account number is oh oh oh one two three four five six seven eight nine",
        "change the card",
        "change the routing number",
        "i said e check",
        "no five not nine",
    ]
)
KEYS = st.one_of(
    st.sampled_from(["2890345#", f"{CARD}", f"{BANK_ACCOUNT}#", ROUTING, CODE, "918", "0529", "1", "2", "9", "*", "#"]),
    st.text("0123456789*#", min_size=1, max_size=20),
)


@dataclass(frozen=True)
class Move:
    """One thing that happens."""

    kind: str
    detail: str = ""


MOVES = st.lists(
    st.one_of(
        st.builds(Move, st.just("hear"), WORDS),
        st.builds(Move, st.just("keys"), KEYS),
        st.just(Move("silence")),
        st.just(Move("stale")),
        st.just(Move("cough")),
    ),
    max_size=60,
)
USUAL = ["2890345#", "1", "9", "1", CARD, "0529", "918", "1"]
WORLDS = st.builds(
    World,
    items=st.integers(0, 3).map(lambda count: ITEMS[:count]),
    problem=st.one_of(st.none(), st.none(), st.sampled_from(LookupProblem)),
    costs=st.sampled_from([COSTS, COSTS, COSTS[:1], COSTS[1:], ()]),
    record=st.sampled_from([True, True, True, False]),
    create=st.sampled_from([True, True, True, False]),
    pays=st.lists(
        st.sampled_from(["paid", "declined", "declined No.", "wrong security_code", "unknown", "not_sent"]),
        min_size=1,
        max_size=3,
    ),
    check=st.sampled_from(["paid", "unpaid", "not_found"]),
    transfer=st.booleans(),
)


def make(talk: Talk, move: Move) -> None:
    if talk.hung_up:
        return
    match move.kind:
        case "hear" if talk.listening is not None:
            talk.hear(move.detail)
        case "keys":
            talk.press(move.detail)
        case "silence" if talk.dialog.deadline_s is not None:
            talk.silence()
        case "stale":
            talk.send(on.PaymentSettled(999_999, "Z0"))
            talk.send(on.SpeechStarted(999_999))
        case "cough" if talk.listening is not None:
            listen_id = talk.listening.listen_id
            talk.send(on.SpeechStarted(listen_id))
            talk.send(on.WordsHeard(listen_id, Segment((), talk.now_s, talk.now_s + 0.2)))


def runs_of_digits(text: str) -> str:
    """The digits of a text, spoken ones too, one run for each stretch of nothing but digits."""
    tokens = re.findall(r"[a-z]+|[0-9]", text.lower())
    return "".join(SPOKEN.get(token, token if token.isdigit() else " ") for token in tokens)


def check_money(talk: Talk) -> None:
    """Each payment follows a yes to the last question, on a cart that was created, and none follows a success."""
    answers = [turn for turn in talk.dialog.turns if turn.question == State.CONFIRM_PAYMENT]
    agreed = [turn for turn in answers if turn.result == "accepted" and turn.heard in {"yes", "1"}]
    assert len(talk.world.paid) == len(agreed)
    requests = [action for action in talk.actions if isinstance(action, do.CreateCart | do.Pay | do.CheckCart)]
    for before, action in zip([None, *requests], requests, strict=False):
        assert not isinstance(action, do.Pay) or before is not None
    if talk.dialog.memory.uncertain and not talk.dialog.memory.payment_id:
        assert talk.dialog.memory.outcome == "unknown"
        assert not [said for said in talk.said[-2:] if "Nothing was charged" in said]


def check_secrets(talk: Talk) -> None:
    """Nothing that was said, shown or kept as text holds five digits in a row of anything sensitive, or the code."""
    texts = [*talk.said, *talk.spoken, repr(talk.actions), repr(talk.dialog.turns), repr(talk.dialog.memory)]
    for text in texts:
        runs = runs_of_digits(text.replace("Z8290409311", "").replace("97531086", "").replace("40017322", ""))
        for secret in (CARD, BANK_ACCOUNT):
            windows = {secret[at : at + 5] for at in range(len(secret) - 4)}
            assert not [window for window in windows if window in runs], text


@settings(max_examples=150, deadline=None)
@given(moves=MOVES, world=WORLDS, can_transfer=st.booleans(), hang_up=st.booleans(), ahead=st.booleans())
def test_any_call_ends_and_pays_only_what_was_agreed(
    moves: list[Move], world: World, can_transfer: bool, hang_up: bool, ahead: bool
) -> None:
    talk = Talk(world, script(frozenset({"2890345"}), Manners(ahead=ahead)), can_transfer=can_transfer)
    for move in [*moves[:3], *(Move("keys", keys) for keys in USUAL), *moves[3:]]:
        make(talk, move)
    if hang_up and not talk.hung_up:
        talk.hang_up()
    for _ in range(40):
        if talk.hung_up:
            break
        talk.silence()
    assert talk.hung_up
    assert talk.dialog.ended
    check_money(talk)
    check_secrets(talk)


@settings(max_examples=50, deadline=None)
@given(moves=MOVES)
def test_the_same_events_give_the_same_actions(moves: list[Move]) -> None:
    one, other = Talk(), Talk()
    for move in moves:
        make(one, move)
        make(other, move)
    assert one.said == other.said
    assert [type(action) for action in one.actions] == [type(action) for action in other.actions]


def test_a_secret_on_a_line_is_found() -> None:
    talk = Talk()
    talk.said.append("Your card is four zero one two eight, is that right?")
    try:
        check_secrets(talk)
    except AssertionError:
        return
    raise AssertionError("the check for secrets finds nothing")
