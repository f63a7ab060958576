"""What is asked for, and what came of it: the records that the dialog and `decide` exchange."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from voicebot.capture.answer import Answer
from voicebot.capture.groups import Group
from voicebot.capture.sensitive import Sensitive
from voicebot.grammar import Grammar
from voicebot.grammar.heard import Unpicklable

SENSITIVE_KINDS = frozenset({"card_number", "expiration", "security_code", "routing_number", "bank_account_number"})
"""Kinds whose content is a `Sensitive` from the moment it is decided."""


GROUPED_KINDS = frozenset({"card_number", "bank_account_number"})
"""Kinds of which one group may be asked for again by itself."""

MENUS = frozenset({"tender", "withdrawal_type", "item_choice", "after_decline", "language"})
"""Kinds whose answers are one of a few and cost nothing by themselves: half an answer, or none, weighs little there."""


class Verdict(StrEnum):
    """What to do with an answer."""

    ACCEPT = "accept"
    """Take it, without a question."""
    CONFIRM = "confirm"
    """Probably right, and what is read back would show if not: ask "ending in 1 2 3 4, is that right?" first."""
    AGAIN = "again"
    """Probably right, but what may be read back proves nothing: hear it once more; both hearings decide together."""
    REJECT = "reject"
    """Ask again; `Decision.reason` says why."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What may be answered here.

    Attributes:
        kind: one of `KINDS`.
        grammar: reads the words of this kind.
        commands: reads the words that always work ("repeat", "operator"); None where they do not.
        today: for dates that must not be past.
        known_accounts: account numbers that exist, for `account_number`; None when they cannot be known.
        choices: how many items were read out, for `item_choice`.
        options: what was offered, for `tender` (empty means all) and `language`.
        lengths: allowed numbers of digits; empty means the kind's own.
        earlier: earlier uncertain attempts at the same question: further evidence for the same value.
        keys_only: speech is not taken (an operator's demand).
        group: the only digits of the earlier attempts that were asked for again; the whole number may be answered too.
        refused: values that the caller said no to: they are not proposed again, unless they are heard for certain.
        twice: said numbers count only when two hearings agree, as nothing else would show a wrong digit.
    """

    kind: str
    grammar: Grammar
    commands: Grammar | None
    today: date
    known_accounts: Container[str] | None = field(default=None, repr=False)
    choices: int = 0
    options: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()
    earlier: tuple[Answer, ...] = ()
    group: Group | None = None
    keys_only: bool = False
    twice: bool = False
    refused: "tuple[Value, ...]" = ()

    def refuses(self, content: str) -> bool:
        """Whether the caller has said no to this value."""
        return any(plain(value.content) == content for value in self.refused)


@dataclass(frozen=True, slots=True)
class Value(Unpicklable):
    """One checked value.

    Attributes:
        kind: one of `KINDS`.
        content: the value itself: "yes", "1,3", digits, "2027-05"; wrapped for each of `SENSITIVE_KINDS`.
        last_four: what may be spoken of it to have it confirmed, which may be all; empty where nothing may.
    """

    kind: str
    content: str | Sensitive = field(repr=False)
    last_four: str = field(default="", repr=False)

    @property
    def read_whole(self) -> bool:
        """Whether all of it is spoken to have it confirmed, so that a yes proves it."""
        return not isinstance(self.content, Sensitive) or self.last_four == plain(self.content)


def plain(content: str | Sensitive) -> str:
    """A content unwrapped, to be compared within this room."""
    return content.get_secret_value() if isinstance(content, Sensitive) else content


@dataclass(frozen=True, slots=True)
class Decision:
    """What an answer comes to, so far.

    Attributes:
        verdict: accept, confirm, again or reject.
        value: the value, for accept, confirm and again; for reject what it would have been, or None.
        command: repeat, help, go_back or another of the grammar `commands`, when that was said or pressed instead; with
            the verdict confirm where it would end the call and is not clear.
        score: distance to the runner-up in nats; 0 for what was only pressed.
        reason: why it was not accepted; empty for accept. One of `REASONS`.
        wait_s: silence since the end of the answer's last part after which this decision stands; 0 is at once.
        group: where not accepted, the digits that alone are in doubt, so that only they need to be heard again.
        only_group: the answer was nothing but the group that was asked for, and no evidence for a whole number.
        said: the words that the value was found in, where the likeliest ones may be others; only of a yes or no.
    """

    verdict: Verdict
    value: Value | None = None
    command: str | None = None
    score: float = 0.0
    reason: str = ""
    wait_s: float = 0.0
    group: Group | None = None
    only_group: bool = False
    said: str = ""


REASONS = frozenset(
    {
        "no_input",  # nothing was said or pressed
        "no_match",  # words or keys that mean nothing here
        "cleared",  # the caller pressed * and starts anew
        "too_short",  # fewer digits than the shortest value has
        "too_long",  # more digits than the longest value has
        "checksum",  # right length, but no reading of it passes the check
        "bad_date",  # a month or year that cannot be
        "expired",  # a date that is past
        "unknown_account",  # no such account
        "not_offered",  # understood, but not among what was offered
        "not_sure",  # two values are too close to one another
        "once_more",  # nothing checks it, so it must be heard twice the same
        "repaired",  # a digit was supplied or dropped to make it valid
    }
)
