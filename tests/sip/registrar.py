"""A registrar with digest authentication (RFC 3261, section 22; RFC 2617), which can go away and come back.

No PBX is small enough for a test. This one keeps the last contact of each user, checks every password, and counts.
"""

import asyncio
import hashlib
import re
import secrets
import socket
from typing import Self

from bench.sip.message import Message
from bench.sip.phone import LOOPBACK

REALM = "pbx.test"


class Registrar:
    """One server on UDP. `passwords` names who may register."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self.passwords = passwords
        self.contacts: dict[str, str] = {}
        self.accepted = 0
        self.refused = 0
        self.works = True
        self.longest_s = 3600
        self._nonces: set[str] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the socket's own
        self._socket.bind((LOOPBACK, 0))

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        data, source = self._socket.recvfrom(65_535)
        message = Message.read(data)
        if message.first.split()[0] != "REGISTER":
            return
        headers = message.headers
        if not self.works:
            self._respond(headers, source, "503 Out of order", "Retry-After: 1")
            return
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', headers.get("authorization", "")))
        if not self._proved(fields):
            self.refused += bool(fields)
            nonce = secrets.token_hex(8)
            self._nonces.add(nonce)
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5'
            self._respond(headers, source, "401 Unauthorized", challenge)
            return
        contact = re.search(r"<([^>]+)>", headers["contact"])
        asked = re.search(r"expires=(\d+)", headers["contact"]) or re.search(r"(\d+)", headers.get("expires", "3600"))
        assert contact is not None
        assert asked is not None
        expires_s = min(int(asked[1]), self.longest_s)
        if expires_s:
            self.contacts[fields["username"]] = contact[1]
        else:
            self.contacts.pop(fields["username"], None)
        self.accepted += 1
        self._respond(headers, source, "200 OK", f"Contact: <{contact[1]}>;expires={expires_s}")

    def _proved(self, fields: dict[str, str]) -> bool:
        password = self.passwords.get(fields.get("username", ""))
        if password is None or fields.get("nonce") not in self._nonces:
            return False
        first = _md5(f"{fields['username']}:{REALM}:{password}")
        second = _md5(f"REGISTER:{fields['uri']}")
        return fields.get("response") == _md5(f"{first}:{fields['nonce']}:{second}")

    def _respond(self, headers: dict[str, str], source: tuple[str, int], status: str, more: str) -> None:
        kept = [f"{name}: {headers[name]}" for name in ("via", "from", "call-id", "cseq")]
        lines = [f"SIP/2.0 {status}", *kept, f"to: {headers['to']};tag=r", more, "Content-Length: 0", "", ""]
        self._socket.sendto("\r\n".join(lines).encode(), source)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
