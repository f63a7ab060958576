"""Tables of (spoken or pressed, value, decision); rows that must be refused stand beside those that must not."""

import pickle
from dataclasses import replace

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment, spoken
from voicebot.capture import MASK, SENSITIVE_KINDS, Answer, Decision, Sensitive, Verdict, decide
from voicebot.capture.thresholds import SECOND_PRESS_S

VISA, AMEX, MASTERCARD = "4111111111111111", "378282246310005", "5555555555554444"
KNOWN = frozenset({"2890345", "2890346", "5550001234"})


def outcome(decision: Decision) -> tuple[str, str, str]:
    return decision.verdict.value, content_of(decision.value), decision.reason


@pytest.mark.parametrize(
    ("kind", "said", "verdict", "content"),
    [
        ("card_number", spoken(VISA), "accept", VISA),
        ("card_number", spoken(AMEX), "accept", AMEX),
        ("card_number", "forty one one one one double one one one double one one one one one one", "accept", VISA),
        (
            "card_number",
            "double five double five double five double five double five double five four four double four",
            "accept",
            MASTERCARD,
        ),
        ("routing_number", spoken("021000021"), "accept", "021000021"),
        ("routing_number", "oh one one four oh one five double three", "accept", "011401533"),
        ("account_number", "twenty eight ninety three four five", "accept", "2890345"),
        ("bank_account_number", spoken("000123456789"), "accept", "000123456789"),
        ("security_code", "nine nine nine", "accept", "999"),
        ("expiration", "oh five twenty seven", "accept", "2027-05"),
        ("expiration", "may twenty twenty seven", "accept", "2027-05"),
        ("yes_no", "yes", "accept", "yes"),
        ("yes_no", "no", "accept", "no"),
        ("tender", "credit card", "accept", "card"),
        ("tender", "electronic check", "accept", "echeck"),
        ("withdrawal_type", "savings", "accept", "Savings"),
        ("item_choice", "all", "accept", "all"),
        ("item_choice", "three and one", "accept", "1,3"),
        ("after_decline", "another one", "accept", "other"),
    ],
)
def test_spoken_values(kind: str, said: str, verdict: str, content: str) -> None:
    decision = decide(answer(said), expecting(kind, known=KNOWN if kind == "account_number" else None, choices=3))
    assert outcome(decision) == (verdict, content, "")


@pytest.mark.parametrize(
    ("kind", "said", "reason"),
    [
        ("card_number", spoken("411111"), "too_short"),
        ("card_number", spoken("41111111111111111111"), "too_long"),
        ("routing_number", spoken("02100002"), "too_short"),
        ("routing_number", spoken("990000000"), "no_match"),
        ("bank_account_number", "one two three", "too_short"),
        ("security_code", "one two", "too_short"),
        ("expiration", "oh five twenty five", "expired"),
        ("expiration", "one three twenty seven", "bad_date"),
        ("expiration", "twenty seven", "no_match"),
        ("item_choice", "two and three", "not_offered"),
        ("tender", "electronic check", "not_offered"),
        ("yes_no", "[unk]", "no_match"),
        ("yes_no", "yes [unk]", "no_match"),
        ("card_number", "yes", "no_match"),
    ],
)
def test_spoken_values_that_must_be_refused(kind: str, said: str, reason: str) -> None:
    decision = decide(answer(said), expecting(kind, choices=2, options=("card",)))
    assert (decision.verdict, decision.reason) == (Verdict.REJECT, reason)


@pytest.mark.parametrize(
    ("kind", "keys", "verdict", "content", "wait_s"),
    [
        ("card_number", VISA, "accept", VISA, 0.0),
        ("card_number", AMEX, "accept", AMEX, 0.0),
        ("routing_number", "021000021", "accept", "021000021", 0.0),
        ("security_code", "9999", "accept", "9999", 0.0),
        ("expiration", "0527", "accept", "2027-05", 0.0),
        ("expiration", "052027", "accept", "2027-05", 0.0),
        ("bank_account_number", "12345", "accept", "12345", 3.0),
        ("bank_account_number", "12345#", "accept", "12345", 0.0),
        ("account_number", "2890345#", "accept", "2890345", 0.0),
        ("card_number", "4111*" + VISA, "accept", VISA, 0.0),
        ("yes_no", "1", "accept", "yes", 0.0),
        ("yes_no", "2", "accept", "no", 0.0),
        ("tender", "1", "accept", "card", 0.0),
        ("withdrawal_type", "1", "accept", "Checking", 0.0),
        ("item_choice", "3", "accept", "3", 3.0),
        ("item_choice", "31#", "accept", "1,3", 0.0),
        ("item_choice", "9", "accept", "all", 0.0),
        ("after_decline", "3", "accept", "stop", 0.0),
    ],
)
def test_pressed_values(kind: str, keys: str, verdict: str, content: str, wait_s: float) -> None:
    decision = decide(
        answer(f"keys:{keys}"), expecting(kind, choices=3, lengths=(4,) if kind == "security_code" else ())
    )
    assert (*outcome(decision), decision.wait_s) == (verdict, content, "", wait_s)


@pytest.mark.parametrize(
    ("kind", "keys", "reason", "wait_s"),
    [
        ("card_number", "4111111111111112", "checksum", 3.0),
        ("card_number", "4111#", "too_short", 0.0),
        ("card_number", "9111111111111111#", "no_match", 0.0),
        ("routing_number", "021000022#", "checksum", 0.0),
        ("expiration", "0520", "expired", 3.0),
        ("expiration", "1327", "bad_date", 3.0),
        ("account_number", "1111111#", "unknown_account", 0.0),
        ("card_number", "4111*", "cleared", 0.0),
        ("card_number", "#", "no_input", 0.0),
        ("tender", "7", "no_match", 0.0),
        ("tender", "2", "not_offered", 0.0),
        ("item_choice", "#", "no_input", 0.0),
    ],
)
def test_pressed_values_that_must_be_refused(kind: str, keys: str, reason: str, wait_s: float) -> None:
    expected = expecting(kind, known=KNOWN, choices=3, options=("card",))
    decision = decide(answer(f"keys:{keys}"), expected)
    assert (decision.verdict, decision.reason, decision.wait_s) == (Verdict.REJECT, reason, wait_s)


@pytest.mark.parametrize(
    ("kind", "part", "command"),
    [
        ("card_number", "operator", "operator"),
        ("yes_no", "repeat", "repeat"),
        ("tender", "help", "help"),
        ("tender", "keys:0", "operator"),
        ("yes_no", "keys:*", "repeat"),
        ("card_number", "keys:*", "repeat"),
        ("card_number", "keys:**", "go_back"),
        ("tender", "keys:**", "go_back"),
    ],
)
def test_commands(kind: str, part: str, command: str) -> None:
    assert decide(answer(part), expecting(kind)).command == command


def test_star_twice_is_one_gesture_only_when_it_is_quick() -> None:
    once = Answer().pressed("*", 1.0)
    assert decide(once, expecting("card_number")).wait_s == SECOND_PRESS_S
    assert decide(once.pressed("*", 0.9 + SECOND_PRESS_S), expecting("card_number")).command == "go_back"
    assert decide(once.pressed("*", 1.1 + SECOND_PRESS_S), expecting("card_number")).command == "repeat"


def test_a_command_in_the_middle_of_a_number_gives_the_number_up() -> None:
    assert decide(answer("four one one one", "start over"), expecting("card_number")).command == "start_over"


def test_nothing_at_all_is_no_input() -> None:
    assert decide(Answer(), expecting("yes_no")) == Decision(Verdict.REJECT, reason="no_input")


@pytest.mark.parametrize(
    ("kind", "parts", "content"),
    [
        ("card_number", ("four one one one", "keys:111111111111"), VISA),
        ("card_number", ("keys:4111", spoken("11111111"), "keys:1111"), VISA),
        ("card_number", ("four one one one",) + ("one one one one",) * 3, VISA),
        ("routing_number", ("oh two one double", "oh oh oh two one"), "021000021"),
        ("account_number", ("twenty eight ninety", "three forty", "five"), "2890345"),
        ("expiration", ("may", "twenty twenty seven"), "2027-05"),
        ("expiration", ("three", "oh five twenty seven"), "2027-05"),
        ("tender", ("credit", "card"), "card"),
        ("tender", ("five", "card"), "card"),
        ("item_choice", ("one", "and three"), "1,3"),
    ],
)
def test_an_answer_in_parts_is_one_answer(kind: str, parts: tuple[str, ...], content: str) -> None:
    decision = decide(answer(*parts), expecting(kind, known=KNOWN, choices=3))
    assert outcome(decision) == ("accept", content, "")


def test_speech_does_not_count_where_keys_are_demanded() -> None:
    expected = expecting("card_number", keys_only=True)
    assert decide(answer(spoken(VISA)), expected).reason == "no_input"
    assert outcome(decide(answer("nine", f"keys:{VISA}"), expected)) == ("accept", VISA, "")


@pytest.mark.parametrize(
    ("kind", "said", "at_least_s", "at_most_s"),
    [
        ("card_number", spoken(VISA), 0.2, 0.3),
        ("card_number", spoken(VISA[:12]), 3.0, 5.0),
        ("routing_number", spoken("0210"), 3.0, 5.0),
        ("yes_no", "yes", 0.2, 0.3),
        ("bank_account_number", spoken("123456"), 0.5, 2.0),
        ("account_number", spoken("289"), 2.5, 5.0),
    ],
)
def test_silence_is_waited_for_as_the_answer_needs(kind: str, said: str, at_least_s: float, at_most_s: float) -> None:
    assert at_least_s <= decide(answer(said), expecting(kind)).wait_s <= at_most_s


@pytest.mark.parametrize("kind", sorted(SENSITIVE_KINDS))
def test_sensitive_values_are_wrapped(kind: str) -> None:
    pressed = {
        "card_number": VISA,
        "expiration": "0527",
        "security_code": "999",
        "routing_number": "021000021",
        "bank_account_number": "12345678",
    }[kind]
    said = answer(f"keys:{pressed}#")
    decision = decide(said, expecting(kind))
    assert decision.value is not None
    assert isinstance(decision.value.content, Sensitive)
    assert str(decision.value.content) == MASK
    assert pressed not in f"{said!r} {said.parts[:1]!r} {decision.value!r}"
    for secret in (decision.value, said, said.parts[0]):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(secret)


@pytest.mark.parametrize(
    ("kind", "pressed", "spoken_back"),
    [
        ("card_number", VISA, "1111"),
        ("bank_account_number", "123456#", "3456"),
        ("routing_number", "021000021", "021000021"),
        ("security_code", "999#", ""),
        ("expiration", "0527", "2027-05"),
    ],
)
def test_what_may_be_spoken_back(kind: str, pressed: str, spoken_back: str) -> None:
    value = decide(answer(f"keys:{pressed}"), expecting(kind)).value
    assert value is not None
    assert value.last_four == spoken_back


def test_an_unknown_kind_says_which_there_are() -> None:
    with pytest.raises(ValueError, match="yes_no"):
        decide(answer("yes"), replace(expecting("yes_no"), kind="shoe_size"))


def test_a_key_told_twice_is_one_press_and_a_quick_second_press_is_another() -> None:
    said = Answer().pressed("5", 1.0).pressed("5", 1.05).pressed("5", 1.2)
    assert len(said.parts) == 2


def test_parts_are_ordered_by_time() -> None:
    late_words = answer("keys:4111")
    assert [getattr(part, "key", "words") for part in late_words.heard(segment("one", at_s=1.3)).parts] == [
        "4",
        "1",
        "words",
        "1",
        "1",
    ]


@pytest.mark.parametrize("key", ["", "12", "A", " "])
def test_what_is_not_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="a key is one of"):
        Answer().pressed(key, 1.0)


def test_a_word_said_twice_is_one_answer() -> None:
    """The first may be noise, but not much of it: neither "no no" nor half of it stands against "no"."""
    parts = ((("no", 0.0), ("", -3.0)), (("no", 0.0), ("", -4.9)))
    assert outcome(decide(answer(*parts), expecting("yes_no"))) == ("accept", "no", "")
