"""What others' work came to: each event becomes a signal for the table and the lines to say about it."""

from dataclasses import dataclass
from typing import TypeAlias

from voicebot.dialog import events as on
from voicebot.dialog.flow import Signal, State
from voicebot.dialog.lines import Line, Text
from voicebot.dialog.memory import Memory

WorkDone: TypeAlias = (
    on.ItemsFound
    | on.ItemsNotFound
    | on.CartRecorded
    | on.CartCreated
    | on.CartFailed
    | on.PaymentSettled
    | on.PaymentDeclined
    | on.PaymentNotSent
    | on.PaymentUnknown
    | on.CartFoundUnpaid
    | on.CartNotFound
    | on.TransferEnded
)
"""The events that answer a request of the dialog; each has its `request_id`."""


@dataclass(frozen=True, slots=True)
class Result:
    """Where the conversation goes, and what is said first."""

    signal: Signal
    lines: tuple[Line, ...] = ()


def take(memory: Memory, event: WorkDone) -> Result:
    """Write an event into the call's memory and say what it comes to."""
    match event:
        case on.ItemsFound():
            return _items_found(memory, event)
        case on.ItemsNotFound():
            return _items_not_found(memory, event)
        case on.CartRecorded(reference=reference):
            memory.reference = reference
            return Result(Signal.RECORDED)
        case on.CartCreated(costs=costs) if costs:
            memory.costs = costs
            return Result(Signal.CREATED)
        case on.CartCreated() | on.CartFailed():
            return Result(Signal.FAILED, _unavailable(memory))
        case on.TransferEnded(connected=connected):
            memory.transferred = connected
            if connected:
                return Result(Signal.CONNECTED)
            return Result(Signal.REFUSED, (memory.line("no_transfer"),))
        case _:
            return _payment_ended(memory, event)


def _items_found(memory: Memory, event: on.ItemsFound) -> Result:
    memory.name, memory.items, memory.chosen = event.name, event.items, ()
    memory.failures.pop(State.ACCOUNT_NUMBER.value, None)
    memory.earlier = memory.earlier or bool(event.earlier)
    memory.news = bool(event.earlier)
    news = tuple(memory.earlier_line(payment) for payment in event.earlier)
    match len(memory.items):
        case 0:
            return Result(Signal.NOTHING_OWED, (*news, memory.line("nothing_owed")))
        case 1:
            memory.choose("all")
            return Result(Signal.ONE_ITEM, news)
        case _:
            return Result(Signal.SEVERAL_ITEMS, news)


def _items_not_found(memory: Memory, event: on.ItemsNotFound) -> Result:
    match event.problem:
        case on.LookupProblem.UNKNOWN_ACCOUNT:
            memory.history.clear()
            lines = (memory.line("unknown_account"),)
            if memory.failed(State.ACCOUNT_NUMBER.value):
                return Result(Signal.GAVE_UP, (*lines, memory.line("call_us")))
            return Result(Signal.UNKNOWN_ACCOUNT, lines)
        case on.LookupProblem.PAYMENT_PENDING:
            memory.earlier = True
            return Result(Signal.FAILED, (memory.pending_line(event.reference),))
        case _:
            return Result(Signal.FAILED, _unavailable(memory))


def _payment_ended(
    memory: Memory,
    event: on.PaymentSettled
    | on.PaymentDeclined
    | on.PaymentNotSent
    | on.PaymentUnknown
    | on.CartFoundUnpaid
    | on.CartNotFound,
) -> Result:
    match event:
        case on.PaymentSettled(payment_id=payment_id):
            memory.payment_id = payment_id
            memory.forget_answers()
            memory.history.clear()
            return Result(Signal.PAID)
        case on.PaymentDeclined():
            return _declined(memory, event)
        case on.PaymentNotSent():
            memory.forget_answers()
            return Result(Signal.NOT_SENT, (memory.line("not_sent"),))
        case on.PaymentUnknown():
            memory.uncertain = True
            memory.forget_answers()
            return Result(Signal.UNKNOWN)
        case on.CartFoundUnpaid():
            memory.back_to(State.TENDER)
            return Result(Signal.NOT_PAID, (memory.line("not_paid"),))
        case on.CartNotFound():
            return Result(Signal.UNKNOWN)


def _declined(memory: Memory, event: on.PaymentDeclined) -> Result:
    """Keep what was not at fault, so that only the rest is asked for again."""
    memory.declined = True
    if event.field in memory.answers:
        memory.forget_answers(event.field)
    elif event.field != State.SECURITY_CODE.value:
        memory.forget_answers()
    memory.back_to(State.TENDER)
    said = [memory.line("declined")] if memory.chosen_language or not event.display_message else []
    if event.display_message:
        said.append(Text(event.display_message).line(memory.wording.formats))
    return Result(Signal.DECLINED, (*said, *memory.nothing_charged()))


def _unavailable(memory: Memory) -> tuple[Line, ...]:
    return memory.line("unavailable"), memory.line("call_us")
