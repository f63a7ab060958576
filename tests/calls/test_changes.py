"""What was said before is put right by voice, at the last question."""

from tests.calls.conftest import Line, agree, caller
from voicebot.cli.caller_script import Entry


async def test_who_says_change_the_date_is_asked_for_it_again_and_pays(line: Line) -> None:
    script = caller("card")
    (place,) = [at for at, entry in enumerate(script.caller) if entry.when == "confirm_payment"]
    again = [entry for entry in script.caller if entry.when in {"expiration", "security_code"}]
    change = Entry(when="confirm_payment", say="change the date")
    script = script.model_copy(update={"caller": (*script.caller[:place], change, *again, *script.caller[place:])})
    report = await line.call(script, rate_hz=8_000)
    turns = [(turn.question, turn.result) for turn in report.turns]
    assert turns.count(("confirm_payment", "command change_expiration")) == 1
    questions = [question for question, _ in turns]
    assert [questions.count(name) for name in ("card_number", "expiration", "security_code")] == [1, 2, 2]
    assert report.outcome == "paid"
    agree(line, report)
