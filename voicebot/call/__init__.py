"""One call: feeds the dialog with what happens and carries out what it asks for, with the rooms' help.

`House` holds what all calls share, `Call` runs one of them, `Cashier` does its cart work, `CallReport` is what is left.
`Switchboard` holds many calls at once, from any number of trunks.
"""

from voicebot.call.call import Call
from voicebot.call.cashier import CartTerms, Cashier
from voicebot.call.house import House, Tongue
from voicebot.call.report import CallReport, Silent, Watcher
from voicebot.call.switchboard import HeldCall, Switchboard

__all__ = [
    "Call",
    "CallReport",
    "CartTerms",
    "Cashier",
    "HeldCall",
    "House",
    "Silent",
    "Switchboard",
    "Tongue",
    "Watcher",
]
