"""Talks with a second recogniser at hand: what the first one heard, and what the second one is asked."""

from dataclasses import replace

from tests.dialog.talk import Talk, script
from voicebot.dialog import Manners
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment

CARD = "four one one one one one one one one one one one one one one one"
LOST = CARD.removeprefix("four ")
OTHER = "four zero one two eight eight eight eight eight eight eight eight one eight eight one"


def hypotheses(*words: str, apart: float = 8.0, at_s: float = 0.0) -> Segment:
    return Segment(tuple(Hypothesis(tuple(each.split()), -apart * n) for n, each in enumerate(words)), at_s, at_s + 1)


def at_the_card(*, second: bool = True, manners: Manners | None = None) -> Talk:
    talk = Talk(used_script=replace(script(manners=manners), second=second))
    for words in ("one two three four five six seven", "yes", "yes", "card"):
        if talk.question == "card_number":
            break
        talk.hear(words)
    assert talk.question == "card_number"
    talk.actions.clear()
    return talk


def says(talk: Talk, segment: Segment) -> int:
    assert talk.listening is not None
    listen_id = talk.listening.listen_id
    talk.send(on.SpeechStarted(listen_id))
    talk.now_s += 1.0
    talk.send(on.WordsHeard(listen_id, segment))
    return listen_id


def unsure(talk: Talk) -> int:
    """The caller says a card that the first recogniser takes for either of two."""
    return says(talk, hypotheses(CARD, OTHER, apart=1.0, at_s=talk.now_s))


def wait(talk: Talk) -> None:
    """Until the dialog does something by itself."""
    deadline_s = talk.dialog.deadline_s
    assert deadline_s is not None
    talk.now_s = max(talk.now_s, deadline_s)
    talk.send(on.TimePassed())


def asked(talk: Talk) -> list[do.HearAgain]:
    return [action for action in talk.actions if isinstance(action, do.HearAgain)]
