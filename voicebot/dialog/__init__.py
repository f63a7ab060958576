"""The conversation: events in, actions out. Pure: no clock, no I/O, no thread, no randomness.

`Dialog` is the core, `flow` its table, `questions` its records, `Wording` what it says.
"""

from voicebot.dialog.actions import Action
from voicebot.dialog.ahead import HEARD_AT, LISTENED
from voicebot.dialog.consent import CONSENTS, Consent
from voicebot.dialog.dialog import Dialog
from voicebot.dialog.events import Event, OwedItem, TenderCost
from voicebot.dialog.flow import ASIDES, TRANSITIONS, Signal, State, UnexpectedSignalError, mermaid
from voicebot.dialog.lines import Line
from voicebot.dialog.memory import Agency
from voicebot.dialog.questions import QUESTIONS, Confirm, Question
from voicebot.dialog.script import AHEAD, COMMANDS, NUMBERS, SPELLED, Manners, Script, Turn, spelled, with_others
from voicebot.dialog.wording import Wording, WordingError, read_wording

__all__ = [
    "AHEAD",
    "ASIDES",
    "COMMANDS",
    "CONSENTS",
    "HEARD_AT",
    "LISTENED",
    "NUMBERS",
    "QUESTIONS",
    "SPELLED",
    "TRANSITIONS",
    "Action",
    "Agency",
    "Confirm",
    "Consent",
    "Dialog",
    "Event",
    "Line",
    "Manners",
    "OwedItem",
    "Question",
    "Script",
    "Signal",
    "State",
    "TenderCost",
    "Turn",
    "UnexpectedSignalError",
    "Wording",
    "WordingError",
    "mermaid",
    "read_wording",
    "spelled",
    "with_others",
]
