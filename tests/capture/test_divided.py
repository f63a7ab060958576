"""One sentence with several answers in it: whose words are whose, and when they were said."""

from pathlib import Path

import pytest

from voicebot.capture import divided
from voicebot.grammar import Grammar, Hypothesis, Segment, load_grammars


@pytest.fixture(scope="module")
def naming() -> Grammar:
    return load_grammars(Path(__file__).parents[2] / "grammars" / "en-US")["ahead"]


def sentence(words: str, *, timed: bool = True) -> Segment:
    """Each word takes a second, from 10.0 s on."""
    said = tuple(words.split())
    times = tuple((10.0 + at, 11.0 + at) for at in range(len(said))) if timed else ()
    return Segment((Hypothesis(said, 0.0),), 9.9, 11.0 + len(said), times=times)


def test_each_answer_is_told_with_the_time_of_its_words(naming: Grammar) -> None:
    said = sentence("two eight pay with my card [unk] card number four one one security code nine nine")
    parts = divided(said, naming, "account_number")
    assert {name: (part.start_s, part.end_s) for name, part in parts.items()} == {
        "account_number": (10.0, 12.0),
        "tender": (12.0, 16.0),
        "card_number": (19.0, 22.0),
        "security_code": (24.0, 26.0),
    }
    assert parts["card_number"].hypotheses[0].words == ("four", "one", "one")


def test_where_nobody_knows_the_times_each_has_the_whole_segments(naming: Grammar) -> None:
    said = sentence("card number four one one security code nine nine", timed=False)
    spans = {(part.start_s, part.end_s) for part in divided(said, naming, "account_number").values()}
    assert spans == {(said.start_s, said.end_s)}


def test_one_answer_alone_is_the_segment_itself(naming: Grammar) -> None:
    said = sentence("two eight nine")
    assert divided(said, naming, "account_number") == {"account_number": said}


def test_where_the_likeliest_guess_is_no_word_the_segment_is_kept(naming: Grammar) -> None:
    soft = Segment((Hypothesis((), 0.0), Hypothesis(("card",), -0.5)), 10.0, 11.0)
    assert divided(soft, naming, "tender") == {"tender": soft}
