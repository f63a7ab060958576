"""What an operator may be told of a call that is handed over, as a header of SIP.

Two ways: a header of the REFER itself, for the switch that carries it out, or one that the new call to the operator is
to have, named in the Refer-To address (RFC 3261, 19.1.5), which is how RFC 7433 sends `User-to-User` along.
"""

from typing import Literal, TypeAlias
from urllib.parse import quote

from voicebot.audio.place import Summary

USER_TO_USER = "user-to-user"
"""The header of RFC 7433, whose content is written in hexadecimal digits."""

Placed: TypeAlias = Literal["refer", "refer_to"]


def written(summary: Summary, header: str) -> str:
    """The summary as the header's value: `account=2890345;outcome=abandoned`, percent-encoded where SIP needs it.

    In `User-to-User` the same text stands in hexadecimal digits, with `;encoding=hex` behind it.
    """
    text = ";".join(f"{quote(name.replace(' ', '_'), safe='')}={quote(value, safe='')}" for name, value in summary)
    return f"{text.encode('ascii').hex()};encoding=hex" if header.lower() == USER_TO_USER else text


def refer_to(address: str, header: str, value: str) -> str:
    """The address to refer to, whose call is to have this header. In angle brackets, as the `?` is the address's."""
    between = "&" if "?" in address else "?"
    return f"<{address}{between}{header}={quote(value, safe='')}>"
