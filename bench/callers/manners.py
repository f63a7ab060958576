"""Manners of callers, one record each: how they speak, and what they do that makes a call difficult."""

from dataclasses import dataclass

from bench.callers.wants import Goal

Span = tuple[float, float]
"""Seconds, from and to; drawn evenly between."""


@dataclass(frozen=True, slots=True)
class Manner:
    """One manner. Shares are chances from 0 to 1, drawn for each question.

    Attributes:
        name: as the report calls it.
        goal: how such a caller wants the call to end.
        think_s: from the end of a question to the answer.
        pause_s: between the groups of a number.
        rate: words a minute of a synthesized voice.
        hums: share of groups with "um" or "uh" before them.
        gain_db: louder or softer than others.
        muffled_hz: nothing above this frequency is left of the voice; 0: nothing is taken away.
        keys: share of questions answered on the keypad.
        switches: share of numbers begun by voice and finished on the keypad.
        talks_over: share of questions answered before they are over.
        coughs: share of prompts during which the caller coughs, without meaning anything.
        slips: share of numbers with a wrong group that is put right at once ("no, ..."), and of account numbers
            that are corrected where they are read back wrong ("no, five not nine").
        wrong_first: share of numbers and choices that are wrong at first and put right when asked again.
        asks: what may be asked before a question is answered: "help", "repeat".
        asks_share: how often it is.
        holds: asks to wait while the card or the check is fetched.
        declined: the first tender is refused.
        changes_tender: takes one way of paying, then the other.
    """

    name: str
    goal: Goal = Goal.PAY
    think_s: Span = (0.3, 1.2)
    pause_s: Span = (0.15, 0.5)
    rate: int = 160
    hums: float = 0.0
    gain_db: float = 0.0
    muffled_hz: int = 0
    keys: float = 0.0
    switches: float = 0.0
    talks_over: float = 0.0
    coughs: float = 0.0
    slips: float = 0.0
    wrong_first: float = 0.0
    asks: tuple[str, ...] = ()
    asks_share: float = 0.0
    holds: bool = False
    declined: bool = False
    changes_tender: bool = False


MANNERS = (
    Manner("everyday"),
    Manner("brisk", think_s=(0.1, 0.4), pause_s=(0.02, 0.12), rate=200),
    Manner("slow", think_s=(1.0, 3.0), pause_s=(0.5, 2.0), rate=120),
    Manner("hesitant", think_s=(0.8, 3.0), pause_s=(0.3, 1.2), rate=140, hums=0.35),
    Manner("mumbling", gain_db=-12.0, muffled_hz=1_800),
    Manner("corrects themself", slips=0.6, wrong_first=0.15),
    Manner("wrong at first", wrong_first=0.4),
    Manner("asks for help", asks=("help", "repeat"), asks_share=0.4),
    Manner("asks to hold", think_s=(0.5, 2.0), holds=True),
    Manner("talks over prompts", think_s=(0.2, 0.6), rate=180, talks_over=0.8),
    Manner("coughs", coughs=0.5),
    Manner("keypad only", think_s=(0.3, 1.0), keys=1.0, talks_over=0.3),
    Manner("mixes keys and speech", keys=0.4, switches=0.15),
    Manner("declined, pays otherwise", declined=True),
    Manner("changes tender", changes_tender=True),
    Manner("wants an operator", goal=Goal.OPERATOR),
    Manner("says goodbye", goal=Goal.LEAVE),
    Manner("hangs up", goal=Goal.HANG_UP),
)
"""Every manner, in the order in which callers come."""
