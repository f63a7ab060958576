"""A second opinion on a segment: what it can and cannot change."""

import pytest

from tests.capture.speaking import GRAMMARS
from voicebot.capture.opinions import weighed
from voicebot.capture.thresholds import EDIT_NATS, NETWORK_LEAST, NETWORK_WEIGHT, UNLIKELY_WORDS
from voicebot.grammar import Hypothesis, Segment

GRAMMAR = GRAMMARS["card_number"]


def guesses(*texts: tuple[str, float]) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(tuple(text.split()), score) for text, score in texts)


def heard(first: tuple[Hypothesis, ...], second: tuple[Hypothesis, ...] = ()) -> dict[str, float]:
    return {found.text: found.score for found in weighed(Segment(first, 0.0, 1.0, second), GRAMMAR)}


def test_without_one_the_segment_stands_as_it_was_heard() -> None:
    assert heard(guesses(("four one", 50.0), ("four nine", 48.0))) == {"41": 50.0, "49": 48.0}


def test_what_both_think_is_added_up() -> None:
    found = heard(guesses(("four one", 50.0), ("four nine", 48.0)), guesses(("four nine", -0.1), ("four one", -9.1)))
    assert list(found) == ["49", "41"]
    assert found["49"] - found["41"] == pytest.approx(9.0 * NETWORK_WEIGHT - 2.0)


def test_a_text_that_only_the_second_thought_of_costs_its_distance_from_what_was_heard() -> None:
    found = heard(
        guesses(("four one", 50.0), ("four nine", 48.0)), guesses(("four one one", -0.1), ("four one", -20.1))
    )
    assert next(iter(found)) == "411"
    assert found["411"] - found["41"] == pytest.approx(20.0 * NETWORK_WEIGHT - EDIT_NATS)


def test_a_text_that_the_second_did_not_think_of_costs_its_distance_from_what_it_did() -> None:
    found = heard(guesses(("forty one", 50.0), ("four one", 49.0)), guesses(("four one", 0.0), ("four", -9.0)))
    assert "41" in found
    found = heard(guesses(("four one", 50.0), ("forty", 48.0)), guesses(("four one", 0.0)))
    assert found["41"] - found["40"] == pytest.approx(2.0 + EDIT_NATS * NETWORK_WEIGHT)


def test_nothing_at_all_is_a_text_too() -> None:
    found = heard(guesses(("four", 50.0), ("", 49.0)), guesses(("", 0.0), ("four", -5.0)))
    assert next(iter(found)) == ""


def test_it_can_be_only_so_sure() -> None:
    found = heard(guesses(("four", 50.0), ("five", 49.0)), guesses(("four", 0.0), ("five", -900.0)))
    assert found["4"] - found["5"] == pytest.approx(1.0 - NETWORK_LEAST * NETWORK_WEIGHT)


def test_oh_costs_the_recogniser_and_not_the_second() -> None:
    found = heard(guesses(("four oh", 50.0), ("four", 48.0)), guesses(("four oh", 0.0), ("four", -5.0)))
    assert found["4"] - found["40"] == pytest.approx(UNLIKELY_WORDS["oh"] - 2.0 - 5.0 * NETWORK_WEIGHT)


def test_where_oh_has_no_price_the_second_does_not_speak_against_it() -> None:
    segment = Segment(
        guesses(("four oh", 50.0), ("four nine", 48.0)), 0.0, 1.0, guesses(("four nine", 0.0), ("four oh", -9.0))
    )
    priced = {found.text: found.score for found in weighed(segment, GRAMMAR)}
    unpriced = {found.text: found.score for found in weighed(segment, GRAMMAR, priced=False)}
    assert priced["49"] - priced["40"] == pytest.approx(9.0 * NETWORK_WEIGHT - 2.0 + UNLIKELY_WORDS["oh"])
    assert unpriced["40"] - unpriced["49"] == pytest.approx(2.0)
