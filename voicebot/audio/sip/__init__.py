"""Calls by SIP, through PJSIP (`pjsua2-python`, an optional package).

`options` says how the bot is reached, `trunk` gives the callers' places, `place` is one call. `endpoint` and `line` are
PJSIP's side, `library` has the rules that keep it alive. Nothing here imports PJSIP before a trunk is opened.
"""

from voicebot.audio.sip.library import leave
from voicebot.audio.sip.options import SipAccount, SipOptions
from voicebot.audio.sip.place import SipPlace
from voicebot.audio.sip.trunk import SipTrunk

__all__ = ["SipAccount", "SipOptions", "SipPlace", "SipTrunk", "leave"]
