"""Who calls back must hear how their payment ended before they can pay again, however fast they press keys."""

from collections.abc import Iterable

from tests.dialog.talk import COSTS, ITEMS, TODAY, script
from voicebot.dialog import Dialog, State
from voicebot.dialog import actions as do
from voicebot.dialog import events as on


def _answer(
    dialog: Dialog, actions: tuple[do.Action, ...], *, earlier: tuple[on.EarlierPayment, ...]
) -> list[do.Action]:
    """Do the work that is asked for, at once, while nothing of what is said has been heard."""
    seen, waiting = list(actions), list(actions)
    while waiting:
        match waiting.pop(0):
            case do.FindItems(request_id=number):
                event: on.Event = on.ItemsFound(number, "Pat Example", ITEMS[:1], earlier)
            case do.RecordCart(request_id=number):
                event = on.CartRecorded(number, "12345678")
            case do.CreateCart(request_id=number):
                event = on.CartCreated(number, COSTS)
            case _:
                continue
        more = dialog.handle(event, 0.0)
        seen += more
        waiting += more
    return seen


def _prompts(actions: Iterable[do.Action]) -> list[int]:
    return [action.prompt_id for action in actions if isinstance(action, do.Say)]


def _called(*, earlier: tuple[on.EarlierPayment, ...]) -> tuple[Dialog, list[int]]:
    """A call up to the choice of tender, and the prompts of it that have not been heard yet."""
    dialog = Dialog(script())
    events: list[on.Event] = [on.CallAnswered(TODAY), *(on.KeyPressed(key, 0.0) for key in "2890345#")]
    for event in events:
        for prompt in _prompts(dialog.handle(event, 0.0)):
            dialog.handle(on.PromptFinished(prompt), 0.0)
    return dialog, _prompts(_answer(dialog, dialog.handle(on.KeyPressed("1", 0.5), 0.5), earlier=earlier))


def test_a_key_does_not_cut_news_of_an_earlier_payment_short() -> None:
    dialog, prompts = _called(earlier=(on.EarlierPayment("40017322", "Z8290409311"),))
    assert dialog.state is State.TENDER
    assert dialog.handle(on.KeyPressed("1", 1.0), 1.0) == ()
    for prompt in prompts:
        dialog.handle(on.PromptFinished(prompt), 9.0)
    dialog.handle(on.KeyPressed("1", 9.5), 9.5)
    assert dialog.state.value == "card_number"


def test_without_news_a_key_cuts_the_question_short() -> None:
    dialog, _ = _called(earlier=())
    assert do.StopSaying() in dialog.handle(on.KeyPressed("1", 1.0), 1.0)
    assert dialog.state is State.CARD_NUMBER
